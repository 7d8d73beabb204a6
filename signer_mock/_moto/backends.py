"""Read moto's state without creating any.

A service of moto's that no test has called is not even imported, so it holds nothing. If a version
of moto keeps its state elsewhere, nothing is found, and the mock behaves as without moto.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from signer_mock._intercept.moto_stubber import moto_is_active

#: Where moto's package is not called as the service.
_PACKAGES = {"lambda": "awslambda", "lambda_simple": "awslambda_simple"}


class Backend(NamedTuple):
    """One backend of moto's.

    Attributes:
        account_id: Whose it is.
        place: Its region; its partition for services without regions (IAM, STS).
        state: moto's own object.
    """

    account_id: str
    place: str
    state: Any


def moto_answers(service: str) -> bool:
    """Tell whether moto is active and answers a service; its settings can exclude some.

    Args:
        service: moto's name of it: ``iam``, ``sts``, ``s3``, ``acm``, ``events``.
    """
    if not moto_is_active():
        return False
    core = _settings().get("core") or {}
    allowed = core.get("service_whitelist")
    let_through = (core.get("passthrough") or {}).get("services") or ()
    return (allowed is None or service in allowed) and service not in let_through


def backends(service: str) -> Iterator[Backend]:
    """Yield each backend of a service that was called since moto was started."""
    for account_id, places in _items(_all_of(service)):
        for place, state in _items(places):
            yield Backend(account_id, place, state)


def find_backend(service: str, account_id: str, place: str) -> Any | None:
    """Return the backend of an account in a region or partition; None if it was never called."""
    for backend in backends(service):
        if (backend.account_id, backend.place) == (account_id, place):
            return backend.state
    return None


def can_be_read(service: str) -> bool:
    """Tell whether ``backends`` finds everything; False if this moto keeps it elsewhere."""
    module = f"moto.{_PACKAGES.get(service, service)}.models"
    return module not in sys.modules or isinstance(_all_of(service), dict)


def _all_of(service: str) -> Any:
    if service == "lambda" and (_settings().get("lambda") or {}).get("use_docker") is False:
        service = "lambda_simple"  # moto keeps functions that no container runs apart
    module = sys.modules.get(f"moto.{_PACKAGES.get(service, service)}.models")
    return getattr(module, f"{service}_backends", None)


def _settings() -> dict[str, Any]:
    return getattr(sys.modules.get("moto.core.config"), "default_user_config", None) or {}


def _items(mapping: Any) -> list[tuple[str, Any]]:
    # Copy, because other threads may be calling moto. Never subscript: moto's dictionaries create
    # missing keys.
    return list(mapping.items()) if isinstance(mapping, dict) else []
