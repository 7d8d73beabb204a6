"""Look up profiles and decide whether a caller may use them.

Within an account identity policies decide (see ``authorization``); across accounts the owner's
profile permissions decide too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signer_mock._service import arns
from signer_mock._service.records import RETENTION_MONTHS, Profile, add_months
from signer_mock._wire.exceptions import NotAuthorizedByPolicy, ResourceNotFoundException

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from signer_mock._service.callers import Caller
    from signer_mock._service.context import Context
    from signer_mock._service.world import World


_MONTHS_AFTER_EXPIRY = 6


def is_kept(world: World, profile: Profile, now: dt.datetime) -> bool:
    """Tell whether a profile still exists.

    Canceled and revoked profiles end after two years (API reference, CancelSigningProfile), or
    six months after their last signature has expired (developer guide, "Create a signing
    profile"), as ``mock.profile_retention`` says.
    """
    if profile.retired_at is None:
        return True
    if world.profile_retention == "two years":
        return now < add_months(profile.retired_at, RETENTION_MONTHS)
    expiries = (
        job.signature_expires_at
        for job in world.look_into(profile.owner, profile.region).jobs
        if job.profile is profile and job.signature_expires_at is not None
    )
    return now < add_months(max(expiries, default=profile.retired_at), _MONTHS_AFTER_EXPIRY)


def own_profile(
    ctx: Context, name: str, message: str = "Signing Profile with name {} does not exist."
) -> Profile:
    """Return a profile of the caller's account.

    Args:
        ctx: The call.
        name: The profile's name.
        message: The error message for an unknown profile; the live service has several.

    Raises:
        ResourceNotFoundException: The account has no such profile.
    """
    profile = ctx.store.profiles.get(name)
    if profile is None or not is_kept(ctx.world, profile, ctx.now):
        raise ResourceNotFoundException(message.format(name), "ProfileNotFound")
    return profile


def usable_profile(
    ctx: Context,
    name: str,
    owner: str | None,
    action: str,
    message: str = "Signing Profile with name {} does not exist.",
) -> Profile:
    """Return a profile that the caller may use for an action.

    Args:
        ctx: The call.
        name: The profile's name.
        owner: ``profileOwner`` of the request; None is the caller's own account.
        action: The IAM action, e.g. ``signer:SignPayload``.
        message: The error message for an unknown profile of the caller's account.

    Raises:
        ResourceNotFoundException: The caller's account has no such profile.
        AccessDeniedException: The profile belongs to another account and no permission allows
            the call. An unknown profile of another account gives the same answer, so that
            names do not leak.
    """
    if owner is None or owner == ctx.account_id:
        return own_profile(ctx, name, message)
    profile = ctx.world.look_into(owner, ctx.region).profiles.get(name)
    if (
        profile is None
        or not is_kept(ctx.world, profile, ctx.now)
        or not allows(profile, ctx.caller, action)
    ):
        raise not_authorized(ctx, action, arns.profile_arn(ctx.region, owner, name))
    return profile


def allows(profile: Profile, caller: Caller, action: str) -> bool:
    """Tell whether a profile's permissions allow an action to a caller of another account."""
    # An account id, or the account's root, stands for all principals of the account.
    root = f"arn:{arns.partition_of(profile.region)}:iam::{caller.account_id}:root"
    return names_one_of(profile, action, {caller.account_id, root, caller.arn, caller.role_arn})


def names_one_of(profile: Profile, action: str, principals: Collection[str | None]) -> bool:
    """Tell whether a permission of a profile allows an action to one of these principals."""
    return profile.policy is not None and any(
        statement.action == action
        and statement.principal in principals
        and statement.profile_version in (None, profile.version)
        for statement in profile.policy.statements
    )


def not_authorized(ctx: Context, action: str, resource: str) -> NotAuthorizedByPolicy:
    """Return the error with which IAM refuses a call."""
    return NotAuthorizedByPolicy(
        f"User: {ctx.caller.arn} is not authorized to perform: {action} on resource: {resource}"
    )
