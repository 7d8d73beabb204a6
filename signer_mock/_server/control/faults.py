"""Faults in the next calls: errors, delays, timeouts, lost responses, rates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from signer_mock._server.control.surface import Routes, Surface, json_answer, read_verb
from signer_mock._service.fault import Fault
from signer_mock._service.faults import Faults
from signer_mock._wire.exceptions import ValidationException
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock.errors import SignerMockError

# Their members are the arguments of the methods of ``mock.faults``.
_VERBS: dict[str, Callable[..., None]] = {
    "fail": Faults.fail,
    "delay": Faults.delay,
    "timeout": Faults.timeout,
    "disconnect": Faults.disconnect,
    "drop_response": Faults.drop_response,
    "rate": Faults.rate,
}
_EXAMPLE = '{"fail": {"operation": "SignPayload", "error": "TooManyRequestsException"}}' + "".join(
    f', {{"{verb}": ...}}' for verb in _VERBS if verb != "fail"
)


def _show(surface: Surface, _request: HttpRequest, _rest: str) -> HttpResponse:
    faults = surface.world.faults
    with surface.world.lock:
        return json_answer(
            {
                "pending": [_describe(fault) for fault in faults.pending],
                "fired": [_describe(fault) for fault in faults.fired],
            }
        )


def _describe(fault: Fault) -> dict[str, Any]:
    return {name: value for name, value in fault._asdict().items() if value is not None}


def _add(surface: Surface, request: HttpRequest, rest: str) -> HttpResponse:
    verb, arguments = read_verb(request.body, _EXAMPLE)
    add = _VERBS.get(verb)
    if add is None or not isinstance(arguments, dict):
        msg = f"There is no fault {verb!r} with {arguments!r}; give one of {_EXAMPLE}."
        raise ValidationException(msg)
    with surface.world.lock:
        try:
            add(surface.world.faults, **arguments)
        except (SignerMockError, TypeError) as error:
            raise ValidationException(str(error)) from error
    return _show(surface, request, rest)


def _clear(surface: Surface, request: HttpRequest, rest: str) -> HttpResponse:
    with surface.world.lock:
        surface.world.faults.clear()
    return _show(surface, request, rest)


ROUTES: Routes = {"faults": {"GET": _show, "POST": _add, "DELETE": _clear}}
