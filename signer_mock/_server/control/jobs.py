"""When and how signing jobs end: hold, release, fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from signer_mock._server.control.surface import Routes, Surface, json_answer, read_verb
from signer_mock._service.job_controls import JobControls
from signer_mock._wire.exceptions import ValidationException
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock.errors import SignerMockError

# Their members are the arguments of the methods of ``mock.jobs``.
_VERBS: dict[str, Callable[..., Any]] = {
    "hold": JobControls.hold,
    "release": JobControls.release,
    "fail_next": JobControls.fail_next,
    "finish_after": JobControls.finish_after,
}
_EXAMPLE = (
    '{"hold": {}}, {"release": {"job_id": null, "status": "Succeeded"}}, '
    '{"fail_next": {"reason": "..."}}, {"finish_after": {"describes": 2}}'
)


def _order(surface: Surface, request: HttpRequest, _rest: str) -> HttpResponse:
    verb, arguments = read_verb(request.body, _EXAMPLE)
    act = _VERBS.get(verb)
    if act is None or not isinstance(arguments, dict):
        msg = f"Jobs cannot be told {verb!r} {arguments!r}; give one of {_EXAMPLE}."
        raise ValidationException(msg)
    try:
        act(surface.world.job_controls, **arguments)
    except (SignerMockError, TypeError) as error:
        raise ValidationException(str(error)) from error
    return json_answer({"status": "ok"})


ROUTES: Routes = {"jobs": {"POST": _order}}
