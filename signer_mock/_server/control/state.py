"""Health, reset, and what the server holds: profiles, calls, trust roots."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from signer_mock._server.control.surface import Routes, Surface, json_answer, newest
from signer_mock._service.arns import is_account_id
from signer_mock._wire.exceptions import ValidationException
from signer_mock._wire.http import HttpRequest, HttpResponse


def _health(surface: Surface, _request: HttpRequest, _rest: str) -> HttpResponse:
    return json_answer(
        {
            "status": "ok",
            "version": version("signer-mock"),
            "account_id": surface.world.account_id,
            "region": surface.world.region,
            "with_moto": surface.reset_moto is not None,
        }
    )


def _reset(surface: Surface, _request: HttpRequest, _rest: str) -> HttpResponse:
    with surface.world.lock:
        surface.world.reset(keep_keys=True)
        if surface.reset_moto is not None:
            surface.reset_moto()
    return json_answer({"status": "ok"})


def _state(surface: Surface, _request: HttpRequest, _rest: str) -> HttpResponse:
    world = surface.world
    with world.lock:
        accounts: dict[str, dict[str, Any]] = {}
        for (account_id, region), store in world.stores().items():
            if store.profile_history or store.jobs:
                accounts.setdefault(account_id, {})[region] = {
                    "profiles": [profile.summary() for profile in store.profile_history],
                    "jobs": len(store.jobs),
                }
        return json_answer({"accounts": accounts, "calls": len(world.calls)})


def _calls(surface: Surface, request: HttpRequest, _rest: str) -> HttpResponse:
    calls = [
        {
            "operation": call.operation,
            "account_id": call.account_id,
            "region": call.region,
            "principal": call.principal,
            "params": call.params,
            "status": call.status,
            "error": call.error,
            "time": call.time,
        }
        for call in newest(request, tuple(surface.world.calls))
    ]
    return json_answer({"calls": calls})


def _trust_roots(surface: Surface, _request: HttpRequest, _rest: str) -> HttpResponse:
    world = surface.world
    _ = world.account(world.account_id).authority  # makes it
    roots = {account: pem.decode("ascii") for account, pem in sorted(world.trust_roots().items())}
    return json_answer({"trust_roots": roots})


def _trust_root(surface: Surface, _request: HttpRequest, name: str) -> HttpResponse:
    account_id = name.removesuffix(".pem")
    if not is_account_id(account_id):
        msg = f"{account_id!r} is not an account id of twelve digits."
        raise ValidationException(msg)
    pem = surface.world.account(account_id).authority.trust_root_pem
    if name.endswith(".pem"):
        return HttpResponse(200, {"Content-Type": "application/x-pem-file"}, pem)
    return json_answer({"trust_roots": {account_id: pem.decode("ascii")}})


ROUTES: Routes = {
    "health": {"GET": _health},
    "reset": {"POST": _reset},
    "state": {"GET": _state},
    "calls": {"GET": _calls},
    "trust-roots": {"GET": _trust_roots},
    "trust-roots/": {"GET": _trust_root},
}
