"""Finding a profile, one's own or another account's, and whether the caller may use it.

Within an account everything is allowed: the mock knows no identity policies. Across accounts
the owner's profile permissions decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signer_mock._service import arns
from signer_mock._service.records import Profile
from signer_mock._wire.exceptions import NotAuthorizedByPolicy, ResourceNotFoundException

if TYPE_CHECKING:
    from signer_mock._service.callers import Caller
    from signer_mock._service.world import Context


def own_profile(
    ctx: Context, name: str, message: str = "Signing Profile with name {} does not exist."
) -> Profile:
    """A profile of the caller's account.

    Args:
        ctx: the call.
        name: the profile's name.
        message: the sentence for an unknown one; the live service has a few.

    Raises:
        ResourceNotFoundException: there is no such profile.
    """
    profile = ctx.store.profiles.get(name)
    if profile is None or not profile.is_kept(ctx.now):
        raise ResourceNotFoundException(message.format(name), "ProfileNotFound")
    return profile


def usable_profile(
    ctx: Context,
    name: str,
    owner: str | None,
    action: str,
    message: str = "Signing Profile with name {} does not exist.",
) -> Profile:
    """A profile that the caller may use for an action.

    Args:
        ctx: the call.
        name: the profile's name.
        owner: ``profileOwner`` of the request; None is the caller's own account.
        action: the IAM action, e.g. ``signer:SignPayload``.
        message: the sentence for an unknown profile of the caller's own.

    Raises:
        ResourceNotFoundException: the caller's account has no such profile.
        AccessDeniedException: it is another account's, and no permission allows the call. An
            unknown profile of another account answers the same, so that names do not leak.
    """
    if owner is None or owner == ctx.account_id:
        return own_profile(ctx, name, message)
    profile = ctx.world.look_into(owner, ctx.region).profiles.get(name)
    if profile is None or not profile.is_kept(ctx.now) or not allows(profile, ctx.caller, action):
        raise not_authorized(ctx, action, arns.profile_arn(ctx.region, owner, name))
    return profile


def allows(profile: Profile, caller: Caller, action: str) -> bool:
    """Whether the permissions of another account's profile let the caller do this."""
    if profile.policy is None:
        return False
    # An account's number, or its root, stands for every principal of it.
    root = f"arn:{arns.partition_of(profile.region)}:iam::{caller.account_id}:root"
    principals = {caller.account_id, root, caller.arn, caller.role_arn}
    return any(
        statement.action == action
        and statement.principal in principals
        and statement.profile_version in (None, profile.version)
        for statement in profile.policy.statements
    )


def not_authorized(ctx: Context, action: str, resource: str) -> NotAuthorizedByPolicy:
    """IAM's refusal of a call."""
    return NotAuthorizedByPolicy(
        f"User: {ctx.caller.arn} is not authorized to perform: {action} on resource: {resource}"
    )
