"""moto's IAM and STS: who is behind an access key, and which roles there are."""

from __future__ import annotations

from typing import Any

from signer_mock._moto.backends import Backend, backends, find_backend, moto_answers
from signer_mock._service.arns import parse_arn
from signer_mock._service.callers import Caller


def moto_caller(access_key: str) -> Caller | None:
    """Return the IAM user or role session that moto issued a key to, or None.

    If moto issued the key and its principal is unknown, return the account's root.
    """
    found = _find(access_key)
    if found is None:
        return None
    backend, key = found
    return (
        _session(access_key)
        or _user(backend, key)
        or Caller(backend.account_id, f"arn:{backend.place}:iam::{backend.account_id}:root")
    )


def moto_secret(access_key: str) -> str | None:
    """Return the secret of a key that moto issued; needed when moto checks signatures."""
    found = _find(access_key)
    return getattr(found[1], "secret_access_key", None) if found else None


def moto_knows_principal(principal: str) -> bool | None:
    """Tell whether moto's IAM has the role that a permission names.

    Returns:
        None if moto cannot tell: ``principal`` is not a role, or moto has no role in its account.
        Tests that create no role may name any.
    """
    arn = parse_arn(principal)
    if arn is None or not arn.resource.startswith("role/") or not moto_answers("iam"):
        return None
    backend = find_backend("iam", arn.account_id, arn.partition)
    roles = getattr(backend, "roles", None)
    if not isinstance(roles, dict) or not roles:
        return None
    return any(getattr(role, "arn", None) == principal for role in list(roles.values()))


def moto_policies(principal: str) -> list[Any]:
    """Return the identity policies of a role or user in moto's IAM, including its groups'."""
    arn = parse_arn(principal)
    backend = None if arn is None else find_backend("iam", arn.account_id, arn.partition)
    if backend is None:
        return []
    holders = [*backend.roles.values(), *backend.users.values()]
    found = [one for one in holders if getattr(one, "arn", None) == principal]
    names = {getattr(one, "name", None) for one in found}
    found += [
        group
        for group in backend.groups.values()
        if names & {getattr(user, "name", None) for user in group.users}
    ]
    documents: list[Any] = []
    for holder in found:
        documents += dict(holder.policies).values()
        for policy in dict(holder.managed_policies).values():
            documents += [one.document for one in policy.versions if one.is_default]
    return documents


def _find(access_key: str) -> tuple[Backend, Any] | None:
    for backend in backends("iam"):
        keys = getattr(backend.state, "access_keys", None)
        if isinstance(keys, dict) and access_key in keys:
            return backend, keys[access_key]
    return None


def _user(backend: Backend, key: Any) -> Caller | None:
    users = getattr(backend.state, "users", None)
    user = users.get(getattr(key, "user_name", None)) if isinstance(users, dict) else None
    arn = getattr(user, "arn", None)
    return Caller(backend.account_id, arn) if arn else None


def _session(access_key: str) -> Caller | None:
    for backend in backends("sts"):
        for session in list(getattr(backend.state, "assumed_roles", ())):
            if getattr(session, "access_key_id", None) == access_key:
                return Caller(session.account_id, session.arn, session.role_arn)
    return None
