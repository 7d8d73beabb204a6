"""Patch ``botocore.httpsession.URLLib3Session.send``, on the class, once.

This intercepts every client, whenever it was made, and credential look-ups too. The patch stays in
place after the last mock has stopped. It then lets everything through, except what belongs to a
stopped mock: a thread that outlives its test, or a client that was kept, must not reach AWS.
"""

from __future__ import annotations

import functools
import inspect
import io
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import botocore
from botocore.awsrequest import AWSResponse

from signer_mock._intercept.connection_faults import note_fault, to_botocore_error
from signer_mock._intercept.guard import answer
from signer_mock._intercept.moto_state import ask_moto
from signer_mock._service.fault import ConnectionFault
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock.errors import ActivationError

MARK = "_signer_mock_patched"

_TOKEN = "x-amz-security-token"  # noqa: S105 - a header's name


def install() -> None:
    """Patch the class, unless it is patched already.

    Raises:
        ActivationError: This botocore does not send its requests there.
    """
    session_class = _session_class()
    original = getattr(session_class, "send", None)
    if not callable(original):
        raise _cannot_patch("URLLib3Session.send is missing")
    # A unittest.mock has every attribute, so compare with True.
    if getattr(original, MARK, None) is not True:
        session_class.send = _wrap(original)


@functools.cache
def _session_class() -> Any:
    try:
        from botocore.endpoint import EndpointCreator
        from botocore.httpsession import URLLib3Session

        parameters = inspect.signature(EndpointCreator.create_endpoint).parameters
        used = parameters["http_session_cls"].default
    except (ImportError, AttributeError, KeyError, ValueError) as error:
        raise _cannot_patch(str(error)) from error
    if used is not URLLib3Session:
        raise _cannot_patch(f"clients send through {used!r}")
    return URLLib3Session


def _cannot_patch(found: str) -> ActivationError:
    try:
        own = version("signer-mock")
    except PackageNotFoundError:  # pragma: no cover - a source tree on the path
        own = "(not installed)"
    return ActivationError(
        f"signer_mock {own} catches calls at URLLib3Session.send, and botocore "
        f"{botocore.__version__} does not send its requests there ({found}). The mock was not "
        "started, because calls would reach real AWS. Install a botocore that this signer_mock "
        "supports (1.35 or newer; see its README), or a newer signer_mock."
    )


def _wrap(original: Callable[..., Any]) -> Callable[..., Any]:
    # Each patch keeps the function that it replaced, so that others can patch before and after it.
    @functools.wraps(original)
    def send(self: Any, request: Any) -> Any:
        authorization = header_text(request.headers.get("Authorization"))
        try:
            response = answer(
                request.method,
                request.url,
                authorization,
                functools.partial(to_request, request, authorization),
                functools.partial(ask_moto, request),
            )
        except ConnectionFault as fault:
            note_fault(injected=True)
            time.sleep(fault.delay)
            raise to_botocore_error(fault, request.url) from None
        if response is None:
            note_fault(injected=False)
            return bind(original, self)(request)
        note_fault(injected=response.is_injected)
        if response.delay:
            time.sleep(response.delay)
        return to_aws_response(request.url, response)

    setattr(send, MARK, True)
    return send


def bind(function: Any, instance: Any) -> Any:
    """Bind a class's attribute to an instance; a unittest.mock gets no ``self``."""
    descriptor_get = getattr(type(function), "__get__", None)
    return descriptor_get(function, instance, type(instance)) if descriptor_get else function


def header_text(value: bytes | str | None) -> str | None:
    """Return a header's value as text; botocore's signers leave some as bytes."""
    return value.decode("latin-1") if isinstance(value, bytes) else value


def to_request(request: Any, authorization: str | None = None) -> HttpRequest:
    """Convert a prepared request of botocore or requests.

    Args:
        request: the request.
        authorization: its header of that name, where that has been read already.
    """
    headers = _Headers(request.headers, authorization)
    return HttpRequest.from_url(request.method, request.url, headers, _body(request.body))


class _Headers(Mapping[str, str]):
    """A request's headers, case-insensitive; converted when read, because few are."""

    __slots__ = ("_authorization", "_headers")

    def __init__(self, headers: Any, authorization: str | None) -> None:
        self._headers = headers
        self._authorization = authorization

    def get(self, name: str, default: Any = None) -> Any:
        # botocore signs the session token, so its absence needs no look-up.
        if self._authorization is not None:
            if name == "authorization":
                return self._authorization
            if name == _TOKEN and name not in self._authorization:
                return default
        value = self._headers.get(name)
        return default if value is None else header_text(value)

    def __getitem__(self, name: str) -> str:
        return header_text(self._headers[name]) or ""

    def __iter__(self) -> Iterator[str]:
        return (name.lower() for name in self._headers)

    def __len__(self) -> int:  # pragma: no cover - a mapping must have it
        return len(self._headers)


def _body(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    if hasattr(body, "read"):
        return bytes(body.read())
    return b"".join(body)


class _Raw(io.BytesIO):
    """The part of urllib3's response that botocore reads."""

    def stream(self, **_options: Any) -> Iterator[bytes]:
        yield self.read()


def to_aws_response(url: str, response: HttpResponse) -> AWSResponse:
    """Convert a response to botocore's."""
    return AWSResponse(url, response.status, response.headers, _Raw(response.body))
