"""Find the handler of a control request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from signer_mock._server.control import certificates, clock, faults, jobs, objects, page, state
from signer_mock._server.control.surface import PREFIX, Routes, Surface
from signer_mock._server.refusals import MethodNotAllowedException
from signer_mock._wire.exceptions import UnknownOperationException
from signer_mock._wire.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from signer_mock._service.world import World

#: A new subject is a module with its own ROUTES, and its name here.
ROUTES: Routes = {
    **state.ROUTES,
    **clock.ROUTES,
    **objects.ROUTES,
    **faults.ROUTES,
    **jobs.ROUTES,
    **certificates.ROUTES,
    **page.ROUTES,
}


class Control:
    """Answers the paths below ``/_signer_mock/``.

    Args:
        world: What is controlled.
        reset_moto: Empties moto's services on this port; None if there are none.
    """

    def __init__(self, world: World, reset_moto: Callable[[], None] | None = None) -> None:
        self._surface = Surface(world, reset_moto)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request.

        Raises:
            ServiceError: The path, the method or the body is wrong.
        """
        name, slash, rest = request.path.removeprefix(PREFIX).rstrip("/").partition("/")
        methods = ROUTES.get(name + slash)
        if methods is None:
            known = ", ".join(sorted({route.rstrip("/") for route in ROUTES if route}))
            msg = f"There is no {request.path}; below {PREFIX} there are: {known}."
            raise UnknownOperationException(msg)
        handler = methods.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            msg = f"{PREFIX}{name} takes {', '.join(methods)}, not {request.method}."
            raise MethodNotAllowedException(msg)
        return handler(self._surface, request, rest)
