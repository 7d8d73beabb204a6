"""Decide about each request: answer it, refuse it or let it through.

The adapters in this package intercept one HTTP library each, and ask here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from signer_mock._intercept.hosts import is_aws_host, is_metadata_host, is_signer_host
from signer_mock._intercept.moto_state import moto_is_active
from signer_mock._intercept.stragglers import is_straggler, mark_stragglers
from signer_mock._service.callers import Credentials, is_issued_key
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock._wire.sigv4 import Scope, scope_of
from signer_mock.errors import UnmockedCallError

SIGNER_SCOPE = "signer"
#: Services that moto mocks, and of which some operations are answered in front of moto.
SERVICES_WITH_FRONT = frozenset({"cloudformation", "ecr", "lambda"})
_UNKNOWN_CLIENT = (
    "it was made with an HTTP client that neither signer_mock nor moto intercepts, as they do "
    "boto3, botocore, aiobotocore and requests"
)
_IN_SIGNER_SCOPE = f"/{SIGNER_SCOPE}/aws4"


_Forward = Callable[[HttpRequest], "HttpResponse | None"]
_Front = Callable[[HttpRequest, Scope, _Forward], "HttpResponse | None"]


def _nobody() -> HttpResponse | None:
    return None


@dataclass(slots=True, repr=False, eq=False)
class ActiveMock:
    """A started mock as the guard and the adapters see it.

    Attributes:
        handle: Answers a Signer request.
        block_other_aws: Refuse requests to other AWS hosts.
        account_of: Tells the account of an access key.
        own_credentials: What a client may sign with that has none; None leaves it without.
        answer_in_front: Answers a request that moto cannot answer alone, given its scope and
            what forwards it to moto; None is moto's alone.
    """

    handle: Callable[[HttpRequest], HttpResponse]
    block_other_aws: bool
    account_of: Callable[[str], str]
    answer_in_front: _Front
    own_credentials: Credentials | None = None
    #: Threads that were running at the start; None before it and after the end.
    _threads_before: frozenset[threading.Thread] | None = None

    def enter(self) -> None:
        """Answer and refuse requests from now on."""
        self._threads_before = frozenset(threading.enumerate())
        _state.active = self

    def leave(self) -> None:
        """Let requests through again, except those that belong to this mock.

        Idempotent; does nothing before ``enter``.
        """
        if self._threads_before is None:
            return
        _state.active = None
        if self.block_other_aws:  # otherwise the test allows calls to AWS
            mark_stragglers(self._threads_before)
        self._threads_before = None


class _State:
    def __init__(self) -> None:
        self.active: ActiveMock | None = None


_state = _State()


def current() -> ActiveMock | None:
    """Return the active mock."""
    return _state.active


def answer(
    method: str,
    url: str,
    authorization: str | None,
    load: Callable[[], HttpRequest],
    ask_moto: Callable[[], HttpResponse | None] = _nobody,
) -> HttpResponse | None:
    """Answer, refuse or let through a request.

    Args:
        method: The HTTP method, for messages.
        url: The absolute URL.
        authorization: The header of that name, if there is one.
        load: Makes the whole request; called only if it is Signer's.
        ask_moto: Has moto answer the request; called only if it is another service's.

    Returns:
        The mock's answer, or moto's; None lets the request through.

    Raises:
        UnmockedCallError: The request would reach AWS.
    """
    active = _state.active
    if active is not None and authorization and _IN_SIGNER_SCOPE in authorization:
        return active.handle(load())  # the short way, for nearly every call
    parts = urlsplit(url)
    host = parts.hostname or ""
    scope = scope_of(authorization, parts.query)
    is_signer = is_signers(scope, host)
    if active is None:
        if is_signer or is_aws_host(host):
            _refuse_what_belongs_to_a_stopped_mock(f"{method} {host}", scope)
        return None
    if is_signer:
        return active.handle(load())
    is_metadata = is_metadata_host(host)
    if not is_metadata and (answered := ask_moto()) is not None:
        return answered
    if not active.block_other_aws:
        return None
    if is_metadata:
        # "No credentials here" ends a look-up at once; an exception would break it.
        return HttpResponse(404, {"Content-Type": "text/plain"}, b"")
    if is_aws_host(host):
        raise _other_aws(method, host)
    return None


def check_look_up(host: Any) -> None:
    """Refuse to look up an AWS host for an HTTP client that no adapter intercepts.

    Args:
        host: As ``socket.getaddrinfo`` takes it.

    Raises:
        UnmockedCallError: The connection would reach AWS.
    """
    name = host.decode("latin-1") if isinstance(host, (bytes, bytearray)) else host
    if not isinstance(name, str) or not is_aws_host(name):
        return
    active = _state.active
    if active is None:
        _refuse_what_belongs_to_a_stopped_mock(f"A request to {name}", None)
    elif is_signer_host(name):
        msg = (
            f"A connection to {name} would reach real AWS: {_UNKNOWN_CLIENT}. Use one of those, "
            "or serve the mock over HTTP with mock.serve() and send the request there."
        )
        raise UnmockedCallError(msg)
    elif active.block_other_aws:
        msg = (
            f"A connection to {name} would reach real AWS: {_UNKNOWN_CLIENT}. Use one of those, or "
            "let such calls out with mock_signer(block_other_aws=False)."
        )
        raise UnmockedCallError(msg)


def is_signers(scope: Scope | None, host: str) -> bool:
    """Tell whether a request is meant for AWS Signer.

    Args:
        scope: That of its signature, which decides if there is one.
        host: The host that it goes to.
    """
    return scope.service == SIGNER_SCOPE if scope else is_signer_host(host)


def _refuse_what_belongs_to_a_stopped_mock(request: str, scope: Scope | None) -> None:
    if scope and is_issued_key(scope.access_key):
        msg = (
            f"{request} was sent with credentials that signer_mock issued, after the mock had "
            "stopped; it was not let out. Keep the mock active for as long as the client is used, "
            "or make a new client outside of it."
        )
        raise UnmockedCallError(msg)
    if is_straggler():
        msg = (
            f"{request} was sent by a thread that was started while signer_mock was active, after "
            "the mock had stopped; it was not let out. Join the thread (or shut its pool down) "
            "before the mock stops."
        )
        raise UnmockedCallError(msg)


def _other_aws(method: str, host: str) -> UnmockedCallError:
    if moto_is_active():
        advice = (
            "moto is active and did not answer: it was told to leave this service out, or does not "
            "know it. Put that right"
        )
    else:
        advice = (
            "signer_mock answers AWS Signer only, and nothing else mocks this service. Mock it "
            "(moto's mock_aws; for S3 also mock_signer(s3='moto'))"
        )
    return UnmockedCallError(
        f"{method} {host} would reach real AWS: {advice}, or let such calls out with "
        "mock_signer(block_other_aws=False)."
    )
