"""Whose request is it: Signer's, the control surface's, or a neighbour's on the same port."""

from __future__ import annotations

from collections.abc import Callable

from signer_mock._intercept.guard import SIGNER_SCOPE
from signer_mock._server.control import PREFIX
from signer_mock._server.refusals import NotImplementedException, refusal
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock._wire.sigv4 import request_scope

Respond = Callable[[HttpRequest], HttpResponse]

_OBJECTS = f"{PREFIX}objects/"


class Dispatcher:
    """Sends each request to the one that answers it.

    Args:
        signer: answers AWS Signer's operations.
        control: answers the paths of the control surface.
        neighbours: answers all other services of AWS; None refuses them.
        body: the largest body of an operation and of an order to the control surface, in bytes.
        object_body: the largest body that carries an object.
    """

    def __init__(
        self,
        signer: Respond,
        control: Respond,
        neighbours: Respond | None,
        *,
        body: int,
        object_body: int,
    ) -> None:
        self._signer = signer
        self._control = control
        self._neighbours = neighbours
        self._body = body
        self._object_body = object_body

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer a request; safe to call from many threads."""
        return self._find(request)(request)

    def body_limit(self, request: HttpRequest) -> int:
        """The largest body for a request of which the head is known, in bytes."""
        if request.path.startswith(_OBJECTS) or self._find(request) is self._neighbours:
            return self._object_body
        return self._body

    def _find(self, request: HttpRequest) -> Respond:
        # The shortest way is for most requests: signed, for Signer.
        if request.path.startswith(PREFIX):
            return self._control
        scope = request_scope(request)
        if scope is not None and scope.service == SIGNER_SCOPE:
            return self._signer
        if self._neighbours is not None:
            return self._neighbours
        return self._signer if scope is None else _refuse_neighbour


def _refuse_neighbour(request: HttpRequest) -> HttpResponse:
    scope = request_scope(request)
    service = scope.service if scope else "?"
    return refusal(
        NotImplementedException(
            f"This server answers AWS Signer only, and the request is signed for {service}. "
            "Serve with --with-s3 to have moto's services on the same port."
        )
    )
