"""The seam: ``botocore.httpsession.URLLib3Session.send``, patched on the class, once.

Patching the class catches every client, whenever it was made, and credential look-ups too. The
patch stays in place after the last mock has stopped. It then lets everything through, except a
request signed with a key that a mock issued: a thread that outlives its test, or a client kept
for too long, must not reach AWS.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from typing import Any

import botocore
from botocore.awsrequest import AWSResponse
from botocore.httpsession import URLLib3Session

from signer_mock.errors import ActivationError
from signer_mock.intercept.activation import answer
from signer_mock.wire.http import HttpRequest, HttpResponse

_MARK = "_signer_mock_seam"


def install() -> None:
    """Patch the seam, unless it is patched already.

    Raises:
        ActivationError: this botocore has no such seam.
    """
    original = getattr(URLLib3Session, "send", None)
    if original is None or not callable(original):
        msg = (
            f"botocore {botocore.__version__} has no URLLib3Session.send, where signer_mock "
            "catches calls; it was not started, because calls would reach real AWS. Install a "
            "botocore that this signer_mock supports (see its README), or a newer signer_mock."
        )
        raise ActivationError(msg)
    if not hasattr(original, _MARK):
        URLLib3Session.send = _seam(original)


def _seam(original: Callable[..., Any]) -> Callable[..., Any]:
    # Each seam keeps the function that it replaced: patches of others may come and go around it.
    @functools.wraps(original)
    def send(self: Any, request: Any) -> Any:
        authorization = header_text(request.headers.get("Authorization"))
        response = answer(
            request.method, request.url, authorization, functools.partial(to_request, request)
        )
        if response is None:
            return original(self, request)
        return to_aws_response(request.url, response)

    setattr(send, _MARK, True)
    return send


def header_text(value: bytes | str | None) -> str | None:
    """A header's value as text; botocore's signers leave some as bytes."""
    return value.decode("latin-1") if isinstance(value, bytes) else value


def to_request(request: Any) -> HttpRequest:
    """The prepared request of botocore as the mock's own."""
    headers = {name.lower(): header_text(value) or "" for name, value in request.headers.items()}
    return HttpRequest.from_url(request.method, request.url, headers, _body(request.body))


def _body(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    return bytes(body.read())


class _Raw(io.BytesIO):
    """The part of urllib3's response that botocore reads."""

    def stream(self, **_options: Any) -> Iterator[bytes]:
        yield self.read()


def to_aws_response(url: str, response: HttpResponse) -> AWSResponse:
    """The mock's response as botocore's."""
    return AWSResponse(url, response.status, response.headers, _Raw(response.body))
