"""Profile permissions: add, list, remove. A profile's permissions form its policy.

The order of the checks, the messages and the codes are those measured on the live service
(ministack pull request 1663).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from signer_mock._service import arns
from signer_mock._service.access import own_profile
from signer_mock._service.platforms import NOTATION, Platform
from signer_mock._service.records import Policy, Profile, Statement
from signer_mock._wire.exceptions import (
    ConflictException,
    ResourceNotFoundException,
    ServiceLimitExceededException,
    ValidationException,
)

if TYPE_CHECKING:
    from signer_mock._service.context import Context

MAX_POLICY_BYTES = 2000

# The error message says "less than 64", but the service accepts 64.
_MAX_STATEMENT_ID = 64
_STATEMENT_ID = re.compile(r"[A-Za-z0-9_-]+")
# A role's name, after a path of at most 512 characters with the slashes at both its ends.
_ROLE = re.compile(r"role/(?!.{511,}/)(?:[!-.0-~]+/)*[\w+=,.@-]{1,64}", re.ASCII)

_INVALID_STATEMENT = "InvalidPermissionStatement"
_UNKNOWN_PROFILE = "SigningProfile with name {} does not exist"


def add_profile_permission(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Perform AddProfilePermission; an exact repeat changes nothing and needs no revision."""
    profile = own_profile(ctx, params["profileName"], _UNKNOWN_PROFILE)
    _require_active(profile, "add permission to")
    statement = Statement(
        statement_id=params["statementId"],
        action=params["action"],
        principal=params["principal"],
        profile_version=params.get("profileVersion"),
    )
    _check_statement_id(statement.statement_id)
    _check_principal(ctx, statement.principal)
    _check_action(profile.platform, statement.action)
    require_version(profile, statement.profile_version)

    policy = profile.policy
    if policy is not None and statement in policy.statements:
        return {"revisionId": policy.revision_id}
    statements = [*(policy.statements if policy else ()), statement]
    if len({one.statement_id for one in statements}) < len(statements):
        msg = f"Statement with statementId {statement.statement_id} is already in the policy"
        raise ValidationException(msg, _INVALID_STATEMENT)
    # Terraform sends an empty revisionId with the first statement.
    _check_revision(profile, params.get("revisionId") or None)
    if len(_policy_document(profile, statements)) > MAX_POLICY_BYTES:
        msg = f"Policy cannot exceed maximum size of {MAX_POLICY_BYTES} bytes"
        raise ServiceLimitExceededException(msg, "ServiceLimitExceeded")

    profile.policy = Policy(ctx.world.ids.uuid(), statements)
    return {"revisionId": profile.policy.revision_id}


def list_profile_permissions(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Perform ListProfilePermissions, which also works on canceled profiles."""
    profile = own_profile(ctx, params["profileName"], _UNKNOWN_PROFILE)
    policy = _existing_policy(profile)
    # Statements of a policy of 2000 bytes always fit on one page, so there is no next one.
    page, _ = ctx.paginate(
        policy.statements, "ListProfilePermissions", params, lambda _statement: True
    )
    iam = f"arn:{arns.partition_of(profile.region)}:iam::"
    expanded = [
        Statement(one.statement_id, one.action, f"{iam}{one.principal}:root", one.profile_version)
        if arns.is_account_id(one.principal)
        else one
        for one in policy.statements
    ]
    return {
        "revisionId": policy.revision_id,
        "policySizeBytes": len(_policy_document(profile, expanded)),
        "permissions": [statement.describe() for statement in page],
    }


def remove_profile_permission(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Perform RemoveProfilePermission; removing the last statement deletes the policy."""
    profile = own_profile(ctx, params["profileName"], _UNKNOWN_PROFILE)
    _require_active(profile, "remove permission from")
    policy = _existing_policy(profile)
    _check_revision(profile, params["revisionId"])
    statement_id = params["statementId"]
    remaining = [one for one in policy.statements if one.statement_id != statement_id]
    if len(remaining) == len(policy.statements):
        msg = f"No policy named {statement_id} associated with {profile.name} profile"
        raise ResourceNotFoundException(msg, "PolicyNotFound")

    revision_id = ctx.world.ids.uuid()
    profile.policy = Policy(revision_id, remaining) if remaining else None
    return {"revisionId": revision_id}


def renew_revision(ctx: Context, profile: Profile) -> None:
    """Give the policy of a profile that is no longer active a new revision.

    Seen on the live service: the policy stays listable, under a new revision.
    """
    if profile.policy is not None:
        profile.policy.revision_id = ctx.world.ids.uuid()


def require_version(profile: Profile, version: str | None) -> None:
    """Check a profile version; None matches any.

    Raises:
        ResourceNotFoundException: The profile has another version.
    """
    if version not in (None, profile.version):
        msg = f"Version {version} does not exist for SigningProfile {profile.name}."
        raise ResourceNotFoundException(msg, "ProfileVersionNotFound")


def _require_active(profile: Profile, what: str) -> None:
    if profile.status != "Active":
        msg = f"Cannot {what} a profile in {profile.status} state"
        raise ValidationException(msg, "ProfileNotActive")


def _check_statement_id(statement_id: str) -> None:
    if not statement_id:
        msg = "statementId cannot be empty."
        raise ValidationException(msg)
    if not _STATEMENT_ID.fullmatch(statement_id):
        msg = "Statement ID must contain only alphanumeric characters, underscores, and dashes"
        raise ValidationException(msg, _INVALID_STATEMENT)
    if len(statement_id) > _MAX_STATEMENT_ID:
        msg = f"Statement ID must be less than {_MAX_STATEMENT_ID} characters length"
        raise ValidationException(msg, _INVALID_STATEMENT)


def _check_principal(ctx: Context, principal: str) -> None:
    if not arns.is_account_id(principal):
        arn = arns.parse_arn(principal)
        if (
            arn is None
            or (arn.partition, arn.service) != (arns.partition_of(ctx.region), "iam")
            or arn.region
            or not arns.is_account_id(arn.account_id)
            or not _ROLE.fullmatch(arn.resource)
        ):
            msg = "Principal is not a valid AWS account id or IAM Role Arn"
            raise ValidationException(msg, "InvalidPrincipal")
    if ctx.world.others.knows_principal(principal) is False:
        msg = "Principal not found"
        raise ResourceNotFoundException(msg)


def _check_action(platform: Platform, action: str) -> None:
    sign = "signer:SignPayload" if platform.platform_id == NOTATION else "signer:StartSigningJob"
    allowed = [sign, "signer:GetSigningProfile", "signer:RevokeSignature"]
    if action not in allowed:
        msg = (
            f"Action {action} not supported for platform {platform.platform_id}. "
            f"Action must be one of [{', '.join(allowed)}]"
        )
        raise ValidationException(msg)


def _check_revision(profile: Profile, given: str | None) -> None:
    policy = profile.policy
    if policy is None:
        if given is not None:
            msg = "Resource Policy does not exist but revisionId was specified in the request"
            raise ValidationException(msg)
        return
    if given is None:
        msg = (
            f"Resource Policy exists for Profile Name {profile.name}. "
            "But no revisionId was provided in the request"
        )
        raise ValidationException(msg)
    if given != policy.revision_id:
        msg = (
            f"Specified revisionId ({given}) does not match the revisionId of the existing "
            f"policy ({policy.revision_id})"
        )
        raise ConflictException(msg, "PolicyRevisionIdMismatch")


def _existing_policy(profile: Profile) -> Policy:
    if profile.policy is None:
        msg = f"No policies associated with profile {profile.name}"
        raise ResourceNotFoundException(msg, "PolicyNotFound")
    return profile.policy


def _policy_document(profile: Profile, statements: Sequence[Statement]) -> bytes:
    """Return the policy as compact JSON, on which its size is measured."""
    document: list[dict[str, Any]] = []
    for statement in statements:
        entry: dict[str, Any] = {
            "Sid": statement.statement_id,
            "Effect": "Allow",
            "Principal": {"AWS": statement.principal},
            "Action": statement.action,
            "Resource": profile.arn,
        }
        if statement.profile_version is not None:
            version = {"signer:ProfileVersion": statement.profile_version}
            entry["Condition"] = {"StringEquals": version}
        document.append(entry)
    return json.dumps(document, separators=(",", ":")).encode()
