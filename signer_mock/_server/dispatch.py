"""Decide who answers a request: Signer, the control surface, or moto's services."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

from signer_mock._intercept.guard import SIGNER_SCOPE
from signer_mock._moto.backends import backends
from signer_mock._server.browsers import BrowserGuard
from signer_mock._server.control import PREFIX
from signer_mock._server.refusals import NotImplementedException, defect, unsupported
from signer_mock._server.service_errors import service_refusal
from signer_mock._server.state import Saver
from signer_mock._service.fault import ConnectionFault
from signer_mock._wire.exceptions import ServiceError, UnknownOperationException
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock._wire.model import load_protocol
from signer_mock._wire.sigv4 import request_scope
from signer_mock.errors import SignerMockError

Respond = Callable[[HttpRequest], HttpResponse]

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OBJECTS = f"{PREFIX}objects/"


class Dispatcher:
    """Sends each request to the function that answers it.

    Args:
        signer: Answers AWS Signer's operations.
        control: Answers the paths of the control surface.
        moto: Answers all other services of AWS; None refuses them.
        guard: Refuses requests of foreign pages.
        saver: Saves the state after a change; None saves nothing.
        body: The largest body of an operation and of an order to the control surface, in bytes.
        object_body: The largest body that carries an object.
    """

    def __init__(
        self,
        signer: Respond,
        control: Respond,
        moto: Respond | None,
        *,
        guard: BrowserGuard,
        saver: Saver | None,
        body: int,
        object_body: int,
    ) -> None:
        self._signer = signer
        self._control = control
        self._moto = moto
        self._guard = guard
        self._saver = saver
        self._body = body
        self._object_body = object_body

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer a request; safe to call from many threads.

        Raises:
            ConnectionFault: A test wants the connection to fail.
        """
        try:
            response = self._guard.check(request) or self._respond(request)
        except ServiceError as error:
            response = service_refusal(request, error)
        except SignerMockError as error:
            response = service_refusal(request, unsupported(error))
        except ConnectionFault:
            raise
        except Exception as error:  # noqa: BLE001 - one bad request must not end the server
            traceback.print_exc(file=sys.stderr)
            response = service_refusal(request, defect(error))
        return self._guard.finish(request, response)

    def _respond(self, request: HttpRequest) -> HttpResponse:
        response = self._find(request)(request)
        if self._saver is not None:
            self._saver.changed(by_reading=request.method in _READING)
        return response

    def body_limit(self, request: HttpRequest) -> int:
        """Return the largest body for a request of which the head is known, in bytes."""
        if request.path.startswith(_OBJECTS) or self._find(request) is self._moto:
            return self._object_body
        return self._body

    def is_reading(self, request: HttpRequest) -> bool:
        """Return whether a request only reads Signer's state."""
        return request.method == "GET" and self._find(request) is self._signer

    def _find(self, request: HttpRequest) -> Respond:
        # Most requests are signed for Signer, so this way is the shortest.
        if request.path.startswith(PREFIX):
            return self._control
        scope = request_scope(request)
        if scope is not None and scope.service == SIGNER_SCOPE:
            return self._signer
        if self._moto is not None and not (scope is None and _is_signers_path(request)):
            return self._moto
        if scope is None:
            return _refuse_the_root if request.path == "/" else self._signer
        return _refuse_other_service


def _is_signers_path(request: HttpRequest) -> bool:
    """Return whether an unsigned request is for Signer, and not for an object that is public."""
    try:
        load_protocol().router.match(request.method, request.path)
    except UnknownOperationException:
        return False
    bucket = request.path.split("/")[1]
    return not any(bucket in backend.state.buckets for backend in backends("s3"))


def _refuse_the_root(request: HttpRequest) -> HttpResponse:
    """Lead those who open the server's address in a browser to its page."""
    msg = f"No operation of AWS Signer answers {request.method} /. For the page see {PREFIX}."
    raise UnknownOperationException(msg)


def _refuse_other_service(request: HttpRequest) -> HttpResponse:
    scope = request_scope(request)
    service = scope.service if scope else "?"
    msg = (
        f"This server answers AWS Signer only, and the request is signed for {service}. "
        "Serve with --with-moto to have moto's services on the same port."
    )
    raise NotImplementedException(msg)
