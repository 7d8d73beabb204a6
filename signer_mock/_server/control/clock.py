"""The server's clock: read, freeze, advance, resume."""

from __future__ import annotations

from signer_mock._server.control.surface import Routes, Surface, json_answer, read_verb
from signer_mock._wire.exceptions import ValidationException
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock.errors import SignerMockError

_EXAMPLE = '{"freeze": TIME or null}, {"advance": {"days": 1}}, {"resume": true}'


def _show(surface: Surface, _request: HttpRequest, _rest: str) -> HttpResponse:
    return json_answer({"now": surface.world.clock.now()})


def _set(surface: Surface, request: HttpRequest, rest: str) -> HttpResponse:
    verb, value = read_verb(request.body, _EXAMPLE)
    clock = surface.world.clock
    with surface.world.lock:
        try:
            if verb == "freeze" and (value is None or isinstance(value, str)):
                clock.freeze(value)
            elif verb == "advance" and isinstance(value, dict):
                clock.advance(**value)
            elif verb == "resume" and value is True:
                clock.resume()
            else:
                msg = f"The clock cannot be told {verb!r} {value!r}; give one of {_EXAMPLE}."
                raise ValidationException(msg)
        except (TypeError, ValueError, OverflowError, SignerMockError) as error:
            msg = f"The clock cannot be told {verb!r} {value!r}: {error}."
            raise ValidationException(msg) from error
    return _show(surface, request, rest)


ROUTES: Routes = {"clock": {"GET": _show, "POST": _set}}
