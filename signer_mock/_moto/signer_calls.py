"""Calls to AWS Signer that other services make on behalf of their callers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from signer_mock import _handle
from signer_mock._wire.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from signer_mock._service.callers import Caller
    from signer_mock._service.world import World


def call_signer(  # noqa: PLR0917 - what a request to Signer is made of
    world: World,
    caller: Caller,
    region: str,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Call AWS Signer with a caller's own credentials; permissions and faults count.

    Args:
        world: The state of the mock.
        caller: Whose credentials to use.
        region: The region to call.
        method: The HTTP method.
        path: The path, with a query if it has one, percent-encoded.
        body: The parameters that go in the body.

    Raises:
        ConnectionFault: A test wants the connection to fail.
    """
    day = f"{world.clock.now():%Y%m%d}"
    headers = {
        "content-type": "application/json",
        "authorization": (
            f"AWS4-HMAC-SHA256 Credential={caller.access_key}/{day}/{region}/signer/"
            "aws4_request, SignedHeaders=host, Signature=0"
        ),
    }
    if caller.session_token:
        headers["x-amz-security-token"] = caller.session_token
    path, _, query = path.partition("?")
    content = b"" if body is None else json.dumps(body).encode()
    host = f"signer.{region}.amazonaws.com"
    return _handle.handle(world, HttpRequest(method, host, path, query, headers, content))
