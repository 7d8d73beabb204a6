"""Whether the caller's own policies allow a call: one table for all operations.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Signer".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from signer_mock._service import arns
from signer_mock._service.access import names_one_of
from signer_mock._service.identity_policy import AuthorizationRequest, IdentityPolicies
from signer_mock._wire.exceptions import NotAuthorizedByPolicy

if TYPE_CHECKING:
    from signer_mock._service.context import Context
    from signer_mock._service.records import Profile

_Resources = Callable[["Context", Mapping[str, Any]], Iterable[str]]


def _none(_ctx: Context, _params: Mapping[str, Any]) -> Iterable[str]:
    return ("*",)


def _profile(ctx: Context, params: Mapping[str, Any]) -> Iterable[str]:
    owner = params.get("profileOwner") or ctx.account_id
    return (arns.profile_arn(ctx.region, owner, params["profileName"]),)


def _job(ctx: Context, params: Mapping[str, Any]) -> Iterable[str]:
    job = ctx.store.jobs_by_id.get(params["jobId"])
    owner = params.get("jobOwner") or (job.owner if job else ctx.account_id)
    return (arns.job_arn(ctx.region, owner, params["jobId"]),)


def _tagged(_ctx: Context, params: Mapping[str, Any]) -> Iterable[str]:
    return (params["resourceArn"],)


def _signature(_ctx: Context, params: Mapping[str, Any]) -> Iterable[str]:
    # The profile, of which the request names a version.
    return (params["jobArn"], params["profileVersionArn"].rpartition("/")[0])


#: Operation -> the resources that its action of the same name is authorized on.
RESOURCES: Mapping[str, _Resources] = {
    "ListSigningPlatforms": _none,
    "GetSigningPlatform": _none,
    "PutSigningProfile": _none,
    "ListSigningProfiles": _none,
    "ListSigningJobs": _none,
    "GetSigningProfile": _profile,
    "CancelSigningProfile": _profile,
    "AddProfilePermission": _profile,
    "ListProfilePermissions": _profile,
    "RemoveProfilePermission": _profile,
    "StartSigningJob": _profile,
    "SignPayload": _profile,
    "RevokeSigningProfile": _profile,
    "DescribeSigningJob": _job,
    "RevokeSignature": _job,
    "GetRevocationStatus": _signature,
    "TagResource": _tagged,
    "UntagResource": _tagged,
    "ListTagsForResource": _tagged,
}

#: The actions that know the condition key ``signer:ProfileVersion``.
_WITH_VERSION = frozenset(
    {
        "StartSigningJob",
        "SignPayload",
        "GetSigningProfile",
        "CancelSigningProfile",
        "RevokeSigningProfile",
        "RevokeSignature",
    }
)


def authorize(ctx: Context, operation: str, params: Mapping[str, Any]) -> None:
    """Refuse a call that the caller's own policies do not allow.

    A principal without policies may do everything within its account. Within an account, a
    permission of the profile that names the caller allows as well.

    Raises:
        AccessDeniedException: An explicit deny, or no statement that allows it.
        SignerMockError: A policy of moto's IAM has something that the mock does not support.
    """
    policies = ctx.world.policies_of(ctx.caller)
    if policies is None:
        return
    for resource in RESOURCES[operation](ctx, params):
        _require(ctx, policies, operation, resource, params)
    if operation == "PutSigningProfile" and params.get("tags"):
        resource = arns.profile_arn(ctx.region, ctx.account_id, params["profileName"])
        _require(ctx, policies, "TagResource", resource, params)


def _require(
    ctx: Context,
    policies: IdentityPolicies,
    operation: str,
    resource: str,
    params: Mapping[str, Any],
) -> None:
    action = f"signer:{operation}"
    profile = _known_profile(ctx, resource, params)
    verdict = policies.decide(
        AuthorizationRequest(action, resource, _keys(ctx, operation, resource, profile, params))
    )
    if verdict == "allowed":
        return
    if verdict == "implicit deny" and profile is not None and _names_caller(ctx, profile, action):
        return
    reason = (
        "with an explicit deny in an identity-based policy"
        if verdict == "explicit deny"
        else f"because no identity-based policy allows the {action} action"
    )
    msg = (
        f"User: {ctx.caller.arn} is not authorized to perform: {action} on resource: {resource} "
        f"{reason}"
    )
    raise NotAuthorizedByPolicy(msg)


def _known_profile(ctx: Context, resource: str, params: Mapping[str, Any]) -> Profile | None:
    arn = arns.parse_arn(resource)
    if arn is None:
        return None
    store = ctx.world.look_into(arn.account_id, arn.region)
    if arn.resource.startswith("/signing-jobs/"):
        job = store.jobs_by_id.get(str(params.get("jobId")))
        return job.profile if job else None
    return store.profiles.get(arn.resource.removeprefix("/signing-profiles/"))


def _names_caller(ctx: Context, profile: Profile, action: str) -> bool:
    """Tell whether a permission of a profile of the caller's own account names it.

    A permission for the whole account leaves it to the identity policies (IAM user guide).
    """
    return profile.owner == ctx.account_id and names_one_of(
        profile, action, {ctx.caller.arn, ctx.caller.role_arn}
    )


def _keys(
    ctx: Context,
    operation: str,
    resource: str,
    profile: Profile | None,
    params: Mapping[str, Any],
) -> dict[str, tuple[str, ...]]:
    arn = arns.parse_arn(resource)
    keys: dict[str, tuple[str, ...]] = {
        "aws:requestedregion": (ctx.region,),
        "aws:principalaccount": (ctx.account_id,),
        "aws:principalarn": (ctx.caller.role_arn or ctx.caller.arn,),
    }
    if arn is not None:
        keys["aws:resourceaccount"] = (arn.account_id,)
    is_job = resource.partition(":/")[2].startswith("signing-jobs/")
    if profile is not None and operation in _WITH_VERSION:
        keys["signer:profileversion"] = (profile.version,)
    if profile is not None and not is_job:
        for key, value in profile.tags.items():
            keys[f"aws:resourcetag/{key.lower()}"] = (value,)
    tags = params.get("tags") if operation in ("PutSigningProfile", "TagResource") else None
    for key, value in (tags or {}).items():
        keys[f"aws:requesttag/{key.lower()}"] = (value,)
    named = tags or params.get("tagKeys")
    if named:
        keys["aws:tagkeys"] = tuple(named)
    return keys
