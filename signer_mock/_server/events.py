"""A response in the form that h11 sends."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator

import h11

from signer_mock._wire.http import HttpResponse

_NO_BODY = frozenset({204, 304})
#: h11 and the connection decide on framing.
_FRAMING = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive"})


def response_events(response: HttpResponse, *, is_head: bool, close: bool) -> Iterator[h11.Event]:
    """Yield the head, the body if there is one, and the end of a response.

    Args:
        response: The response; its headers on framing are replaced.
        is_head: It answers HEAD, so it has the length of a body but no body.
        close: The connection is closed after it.
    """
    has_body = response.status not in _NO_BODY
    headers = [(k, v) for k, v in response.headers.items() if k.lower() not in _FRAMING]
    if has_body:
        length = str(len(response.body))
        if is_head:
            given = {name.lower(): value for name, value in response.headers.items()}
            length = given.get("content-length", length)
        headers.append(("Content-Length", length))
    if close:
        headers.append(("Connection", "close"))
    yield h11.Response(
        status_code=response.status,
        headers=[(name.encode("latin-1"), _one_line(value)) for name, value in headers],
        reason=_reason(response.status),
    )
    if has_body and not is_head:
        yield h11.Data(data=response.body)
    yield h11.EndOfMessage()


def _reason(status: int) -> bytes:
    return http.client.responses.get(status, "").encode("ascii")


def _one_line(value: str) -> bytes:
    return re.sub(r"[\r\n\0]+", " ", value).strip().encode("latin-1", "replace")
