"""Let moto answer everything but AWS Signer, in whatever order the two are started.

moto answers requests in botocore's ``before-send`` event, before ``URLLib3Session.send``, and it
answers Signer with its own few operations. While this mock is active, moto's handler is patched to
ignore Signer, and to answer every other service in the account that AWS Signer would use. moto's
starts and stops are followed too, because they change the environment. moto is never imported
here: the patch waits until something else has loaded it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any, Literal
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest

from signer_mock._intercept.botocore_session import header_text, to_aws_response, to_request
from signer_mock._intercept.guard import SERVICES_WITH_FRONT, current, is_signers
from signer_mock._intercept.moto_state import (
    ACCOUNT_HEADER,
    AWAITED,
    MODELS,
    moto_is_active,
)
from signer_mock._intercept.when_loaded import when_loaded
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock._wire.sigv4 import scope_of

__all__ = ["Event", "Listener", "install", "listeners", "moto_is_active"]

_STUBBER = "moto.core.botocore_stubber"
_MARK = "_signer_mock_patched"

Event = Literal["starting", "started", "stopping", "stopped"]
#: Called before and after each start and each stop of a moto mock.
Listener = Callable[[Event, Any], None]
listeners: list[Listener] = []


def install() -> None:
    """Patch moto: now if it is loaded, else as soon as it is."""
    when_loaded(_STUBBER, _leave_signer_out)
    when_loaded(MODELS, _report_starts_and_stops)


def _leave_signer_out(module: ModuleType) -> None:
    stubber = getattr(module, "BotocoreStubber", None)
    original: Any = getattr(stubber, "__call__", None)  # noqa: B004 - not a test for callables
    if stubber is None or hasattr(original, _MARK):
        return

    @functools.wraps(original)
    def call(self: Any, event_name: str, request: Any, **kwargs: Any) -> Any:
        active = current()
        if active is None or not self.enabled:
            return original(self, event_name, request, **kwargs)
        if hasattr(request, AWAITED):
            return None  # aiobotocore cannot await moto's answer: its session asks and converts
        parts = urlsplit(request.url)
        scope = scope_of(header_text(request.headers.get("Authorization")), parts.query)
        if is_signers(scope, parts.hostname or ""):
            return None
        if scope is None or ACCOUNT_HEADER in request.headers:
            return original(self, event_name, request, **kwargs)
        # The caller's account is the same for all services; moto knows only its own keys.
        request.headers[ACCOUNT_HEADER] = active.account_of(scope.access_key)
        try:
            if scope.service in SERVICES_WITH_FRONT:
                forward = functools.partial(
                    _forward, functools.partial(original, self, event_name, **kwargs), request
                )
                answer = active.answer_in_front(to_request(request), scope, forward)
                if answer is not None:
                    return to_aws_response(request.url, answer)
            return original(self, event_name, request, **kwargs)
        finally:
            del request.headers[ACCOUNT_HEADER]  # must not be sent if moto lets the request through

    setattr(call, _MARK, True)
    stubber.__call__ = call


def _forward(
    original: Callable[[Any], Any], request: Any, changed: HttpRequest
) -> HttpResponse | None:
    """Have moto answer a request with another path, body or other headers."""
    headers = request.headers.copy()
    for name, value in changed.headers.items():
        headers[name] = value
    if "Content-Length" in headers:
        headers["Content-Length"] = str(len(changed.body))
    parts = urlsplit(request.url)
    url = parts._replace(path=changed.path, query=changed.query).geturl()
    response = original(
        AWSPreparedRequest(request.method, url, headers, changed.body, stream_output=False)
    )
    if response is None:
        return None  # pragma: no cover - moto knows all addresses that a front asks for
    return HttpResponse(response.status_code, dict(response.headers), response.content)


def _report_starts_and_stops(module: ModuleType) -> None:
    mock_aws = getattr(module, "MockAWS", None)
    if mock_aws is None or hasattr(mock_aws.start, _MARK):
        return
    original_start, original_stop = mock_aws.start, mock_aws.stop

    @functools.wraps(original_start)
    def start(self: Any, *args: Any, **kwargs: Any) -> Any:
        _tell("starting", self)
        result = original_start(self, *args, **kwargs)
        _tell("started", self)
        return result

    @functools.wraps(original_stop)
    def stop(self: Any, *args: Any, **kwargs: Any) -> Any:
        _tell("stopping", self)
        try:
            return original_stop(self, *args, **kwargs)
        finally:
            _tell("stopped", self)

    setattr(start, _MARK, True)
    mock_aws.start, mock_aws.stop = start, stop


def _tell(event: Event, mock: Any) -> None:
    for listener in listeners:
        listener(event, mock)
