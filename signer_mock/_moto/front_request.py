"""A request on its way to moto, and the response that replaces moto's."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from signer_mock._wire.http import HttpResponse

if TYPE_CHECKING:
    from signer_mock._service.callers import Caller
    from signer_mock._service.world import World
    from signer_mock._wire.http import HttpRequest


@dataclass(frozen=True, slots=True)
class FrontRequest:
    """A request on its way to moto.

    Attributes:
        world: The state of the mock.
        request: The request.
        caller: Who sent it.
        region: The region called.
        forward: Sends a request, this or a changed one, on to moto; None means that moto lets it
            through to AWS.
    """

    world: World
    request: HttpRequest
    caller: Caller
    region: str
    forward: Callable[[HttpRequest], HttpResponse | None]


def respond(
    status: int, body: Any, media_type: str = "application/json", **headers: str
) -> HttpResponse:
    """Return a response with a JSON body; None is an empty one."""
    content = b"" if body is None else json.dumps(body).encode()
    common = {
        "Content-Type": media_type,
        "Content-Length": str(len(content)),
        "x-amzn-RequestId": str(uuid.uuid4()),
    }
    return HttpResponse(status, common | headers, content)
