"""The signing jobs, and when and how they end: hold, release, fail."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from signer_mock._server.control.surface import Routes, Surface, json_answer, newest, read_verb
from signer_mock._service import inspection
from signer_mock._service.job_controls import JobControls
from signer_mock._wire.exceptions import ValidationException
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock.errors import SignerMockError
from signer_mock.records import SigningJob

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


def _show(surface: Surface, request: HttpRequest, _rest: str) -> HttpResponse:
    world = surface.world
    world.settle()
    with world.lock:
        jobs, controls = inspection.jobs(world), world.job_controls.export()
    shown = [_describe(job, controls.held) for job in newest(request, jobs)]
    return json_answer({"jobs": shown, "total": len(jobs), "holding": controls.holding})


def _describe(job: SigningJob, held: Collection[str]) -> dict[str, Any]:
    return {
        "job_id": job.job_id,
        "account_id": job.account_id,
        "region": job.region,
        "profile_name": job.profile_name,
        "profile_version": job.profile_version,
        "platform_id": job.platform_id,
        "status": job.status,
        "status_reason": job.status_reason,
        "held": job.job_id in held,
        "revoked": job.revocation is not None,
        "created_at": job.created_at,
        "completed_at": job.completed_at,
        "source": dict(job.source),
        "signed_object": dict(job.signed_object),
    }


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


ROUTES: Routes = {"jobs": {"GET": _show, "POST": _order}}
