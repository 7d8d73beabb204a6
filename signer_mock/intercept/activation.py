"""What is in force while a mock is active, and what becomes of each request then.

The adapters in this folder catch requests of one HTTP library each and ask the rules here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from signer_mock.errors import UnmockedCallError
from signer_mock.intercept.hosts import is_aws_host, is_metadata_host, is_signer_host
from signer_mock.service.callers import is_issued_key
from signer_mock.wire.http import HttpRequest, HttpResponse
from signer_mock.wire.sigv4 import scope_of

SIGNER_SCOPE = "signer"


@dataclass(frozen=True, slots=True)
class Activation:
    """A started mock as the adapters see it.

    Attributes:
        handle: answers a Signer request.
        block_other_aws: refuse requests to other AWS hosts.
    """

    handle: Callable[[HttpRequest], HttpResponse]
    block_other_aws: bool


@dataclass(slots=True)
class _State:
    activation: Activation | None = None


_state = _State()


def activate(activation: Activation | None) -> None:
    """Put an activation in force; None ends it."""
    _state.activation = activation


def current() -> Activation | None:
    """The activation in force."""
    return _state.activation


def answer(
    method: str,
    url: str,
    authorization: str | None,
    load: Callable[[], HttpRequest],
) -> HttpResponse | None:
    """Decide what becomes of a request.

    Args:
        method: the HTTP method, for messages.
        url: the absolute URL.
        authorization: the header of that name, if there is one.
        load: makes the whole request; called only if it is Signer's.

    Returns:
        The mock's answer, or None for a request that may go its own way.

    Raises:
        UnmockedCallError: the request would reach AWS.
    """
    activation = _state.activation
    if activation is not None and authorization and f"/{SIGNER_SCOPE}/aws4" in authorization:
        return activation.handle(load())  # the short way, for nearly every call
    parts = urlsplit(url)
    host = parts.hostname or ""
    scope = scope_of(authorization, parts.query)
    is_signer = scope.service == SIGNER_SCOPE if scope else is_signer_host(host)
    if activation is None:
        if scope and is_issued_key(scope.access_key) and (is_signer or is_aws_host(host)):
            raise _after_stop(method, host)
        return None
    if is_signer:
        return activation.handle(load())
    if is_metadata_host(host):
        # "No credentials here" ends a look-up at once; an exception would break it.
        return HttpResponse(404, {"Content-Type": "text/plain"}, b"")
    if activation.block_other_aws and is_aws_host(host):
        raise _other_aws(method, host)
    return None


def _after_stop(method: str, host: str) -> UnmockedCallError:
    return UnmockedCallError(
        f"{method} {host} was sent with credentials that signer_mock issued, after the mock had "
        "stopped; it was not let out. Keep the mock active for as long as the client is used "
        "(a thread may still be running), or make a new client outside of it."
    )


def _other_aws(method: str, host: str) -> UnmockedCallError:
    return UnmockedCallError(
        f"{method} {host} would reach real AWS: signer_mock answers AWS Signer only, and nothing "
        "else mocks this service. Mock it (moto's mock_aws; for S3 also mock_signer(s3='moto')), "
        "or let such calls out with mock_signer(block_other_aws=False)."
    )
