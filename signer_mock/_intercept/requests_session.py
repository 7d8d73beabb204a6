"""Patch ``requests``: answer calls to Signer, presigned URLs included.

Two places are patched, on classes, once ``requests`` is in use. ``Session.send`` is above all that
``responses`` (the user's own, or moto's) puts in place, so Signer's calls are answered whichever
was started first. ``HTTPAdapter.add_headers`` is below it: what comes there is about to leave, so
nothing that ``responses`` or moto answers is refused. ``responses`` is imported with the first
answer, which it puts into the form of ``requests``.
"""

from __future__ import annotations

import functools
import time
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from signer_mock._intercept.botocore_session import MARK, bind, header_text, to_request
from signer_mock._intercept.guard import answer, current, is_signers
from signer_mock._intercept.when_loaded import when_loaded
from signer_mock._service.fault import ConnectionFault
from signer_mock._wire.sigv4 import scope_of
from signer_mock.errors import UnmockedCallError

if TYPE_CHECKING:
    from signer_mock._wire.http import HttpResponse


def install() -> None:
    """Patch requests: now if it is loaded, else as soon as it is."""
    when_loaded("requests.sessions", _patch_session)
    when_loaded("requests.adapters", _patch_adapter)


def _patch_session(module: ModuleType) -> None:
    session_class: Any = getattr(module, "Session", None)
    original = getattr(session_class, "send", None)
    if original is None or getattr(original, MARK, None) is True:
        return

    @functools.wraps(original)
    def send(self: Any, request: Any, **options: Any) -> Any:
        if current() is None or not _is_signers(request):
            return bind(original, self)(request, **options)
        response = _answer(request)
        if response is None:  # pragma: no cover - the mock has stopped meanwhile
            return bind(original, self)(request, **options)
        return _finish(self, request, _to_requests(request, response), options)

    setattr(send, MARK, True)
    session_class.send = send


def _patch_adapter(module: ModuleType) -> None:
    adapter_class: Any = getattr(module, "HTTPAdapter", None)
    original = getattr(adapter_class, "add_headers", None)
    if original is None or getattr(original, MARK, None) is True:
        return

    @functools.wraps(original)
    def add_headers(self: Any, request: Any, **options: Any) -> Any:
        if current() is not None and _is_signers(request):
            msg = (
                f"{request.method} {request.url} was about to leave: it did not come through "
                "requests.Session.send, where signer_mock answers. Send it through a Session."
            )
            raise UnmockedCallError(msg)
        if _answer(request) is not None:
            msg = (
                f"{request.method} {request.url} was about to leave for the metadata service of "
                "the machine, which nothing mocks. Answer it with responses, or let such calls "
                "out with mock_signer(block_other_aws=False)."
            )
            raise UnmockedCallError(msg)
        return bind(original, self)(request, **options)

    setattr(add_headers, MARK, True)
    adapter_class.add_headers = add_headers


def _is_signers(request: Any) -> bool:
    parts = urlsplit(request.url)
    authorization = header_text(request.headers.get("Authorization"))
    return is_signers(scope_of(authorization, parts.query), parts.hostname or "")


def _answer(request: Any) -> HttpResponse | None:
    authorization = header_text(request.headers.get("Authorization"))
    load = functools.partial(to_request, request)
    try:
        response = answer(request.method, request.url, authorization, load)
    except ConnectionFault as fault:
        time.sleep(fault.delay)
        raise _to_requests_error(fault, request) from None
    if response is not None and response.delay:
        time.sleep(response.delay)
    return response


def _to_requests_error(fault: ConnectionFault, request: Any) -> Exception:
    from requests import exceptions

    errors = {
        "read timeout": exceptions.ReadTimeout,
        "connect timeout": exceptions.ConnectTimeout,
    }
    error = errors.get(fault.kind, exceptions.ConnectionError)
    return error("injected by mock.faults", request=request)


def _to_requests(request: Any, response: HttpResponse) -> Any:
    import responses
    from requests.adapters import HTTPAdapter

    # The content type is among the headers already.
    canned = responses.Response(
        request.method,
        request.url,
        body=response.body,
        status=response.status,
        headers=response.headers,
        content_type=None,
    )
    return HTTPAdapter().build_response(request, canned.get_response(request))


def _finish(session: Any, request: Any, answered: Any, options: dict[str, Any]) -> Any:
    """Do what Session.send does with its adapter's response; Signer sets no cookies."""
    from requests.hooks import dispatch_hook

    options = {name: value for name, value in options.items() if name != "allow_redirects"}
    answered = dispatch_hook("response", request.hooks, answered, **options)
    if not options.get("stream", session.stream):
        _ = answered.content  # read now, as Session.send does
    return answered
