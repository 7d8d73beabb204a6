"""A request on its way to moto."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signer_mock._service.callers import Caller
    from signer_mock._service.world import World
    from signer_mock._wire.http import HttpRequest, HttpResponse


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
