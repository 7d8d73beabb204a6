"""Revoke signatures by job and by profile, and report what is revoked.

A revocation is permanent: it outlives the retention of its job or profile.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from signer_mock._service import arns
from signer_mock._service.access import allows, not_authorized, own_profile
from signer_mock._service.jobs import unknown_job
from signer_mock._service.permissions import renew_revision, require_version
from signer_mock._service.platforms import PLATFORMS, Platform, known_platform
from signer_mock._service.records import Job, JobRevocation, Profile, ProfileRevocation
from signer_mock._wire.exceptions import ValidationException

if TYPE_CHECKING:
    from signer_mock._service.context import Context
    from signer_mock._service.world import World

_PROFILE_VERSION = re.compile(r"/signing-profiles/[A-Za-z0-9_]{2,64}/([A-Za-z0-9]{10})")
_JOB = re.compile(r"/signing-jobs/([^/]+)")
#: Two SHA-384 digests in hex: of a certificate's TBSCertificate, and of its issuer's.
_CERTIFICATE_HASH = re.compile(r"[0-9a-f]{192}")
_DIGEST_LENGTH = 96


def revoke_signature(ctx: Context, params: Mapping[str, Any]) -> None:
    """Perform RevokeSignature on a succeeded job; a repeat changes nothing."""
    job = _owned_job(ctx, params["jobId"], params.get("jobOwner"))
    _require_revocable(job.profile.platform)
    if job.status != "Succeeded":
        msg = f"Cannot revoke the signature of a signing job in {job.status} state"
        raise ValidationException(msg)
    if job.revocation is None:
        job.revocation = JobRevocation(params["reason"], _whole_second(ctx), ctx.caller.arn)


def revoke_signing_profile(ctx: Context, params: Mapping[str, Any]) -> None:
    """Perform RevokeSigningProfile from a past time on, which may later move to an earlier one."""
    profile = own_profile(ctx, params["profileName"])
    require_version(profile, params["profileVersion"])
    _require_revocable(profile.platform)
    effective_from = params["effectiveTime"]
    if effective_from > ctx.now:
        msg = "The effective time of a revocation must be in the past"
        raise ValidationException(msg)
    if profile.revocation is not None and effective_from > profile.revocation.effective_from:
        msg = (
            f"Signing profile {profile.name} is already revoked. Its effective time can only be "
            "changed to an earlier one"
        )
        raise ValidationException(msg)

    profile.revocation = ProfileRevocation(
        effective_from=effective_from,
        revoked_at=_whole_second(ctx),
        revoked_by=ctx.caller.arn,
        reason=params["reason"],
    )
    profile.status_reason = params["reason"]
    if profile.status != "Revoked":
        profile.status = "Revoked"
        profile.retired_at = profile.retired_at or ctx.now
        renew_revision(ctx, profile)


def get_revocation_status(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Perform GetRevocationStatus, for any account and any region of the partition."""
    _require_revocable(known_platform(ctx.region, params["platformId"]))
    _require_arn(ctx, params["profileVersionArn"], "profileVersionArn", _PROFILE_VERSION)
    _require_arn(ctx, params["jobArn"], "jobArn", _JOB)
    for text in params["certificateHashes"]:
        if not _CERTIFICATE_HASH.fullmatch(text):
            msg = (
                f"Invalid certificate hash: {text}. Expected two SHA-384 hashes in lower-case "
                "hexadecimal, 192 characters"
            )
            raise ValidationException(msg)
    revoked = revoked_entities(
        ctx.world,
        platform_id=params["platformId"],
        profile_version_arn=params["profileVersionArn"],
        job_arn=params["jobArn"],
        signature_timestamp=params["signatureTimestamp"],
        certificate_hashes=params["certificateHashes"],
    )
    return {"revokedEntities": revoked}


def revoked_entities(
    world: World,
    *,
    platform_id: str,
    profile_version_arn: str,
    job_arn: str,
    signature_timestamp: dt.datetime,
    certificate_hashes: Sequence[str],
) -> list[str]:
    """Return which of a signature's entities are revoked; GetRevocationStatus and verifiers ask.

    Args:
        world: The state.
        platform_id: On a platform without revocation nothing is revoked.
        profile_version_arn: The profile, revoked for signatures made after its effective time.
        job_arn: The job, revoked for all times.
        signature_timestamp: When the signature was made; timezone-aware.
        certificate_hashes: 192 hex digits for each certificate, as GetRevocationStatus takes them.

    Returns:
        The revoked entities as given, in this order and without duplicates. Unknown entities are
        not revoked.
    """
    platform = PLATFORMS.get(platform_id)
    if platform is None or not platform.revocation_supported:
        return []
    revoked = []
    with world.lock:
        profile = _find_profile(world, profile_version_arn)
        if (
            profile is not None
            and profile.revocation is not None
            and signature_timestamp > profile.revocation.effective_from
        ):
            revoked.append(profile_version_arn)
        job = _find_job(world, job_arn)
        if job is not None and job.revocation is not None:
            revoked.append(job_arn)
        certificates = world.revoked_certificates
        revoked += [
            text for text in certificate_hashes if {text, text[:_DIGEST_LENGTH]} & certificates
        ]
    return list(dict.fromkeys(revoked))


def _owned_job(ctx: Context, job_id: str, owner: str | None) -> Job:
    """Return a job by its owner; None is the caller's account.

    Raises:
        ResourceNotFoundException: The caller's account owns no such job.
        AccessDeniedException: The owner is another account and no permission of the job's profile
            allows the call. An unknown job of another account gives the same answer.
    """
    owner = owner or ctx.account_id
    job = ctx.world.look_into(owner, ctx.region).jobs_by_id.get(job_id)
    if job is not None and (job.owner != owner or not job.is_kept(ctx.now)):
        job = None
    if owner == ctx.account_id:
        if job is None:
            raise unknown_job(job_id)
        return job
    action = "signer:RevokeSignature"
    if job is None or not allows(job.profile, ctx.caller, action):
        raise not_authorized(ctx, action, arns.job_arn(ctx.region, owner, job_id))
    return job


def _require_revocable(platform: Platform) -> None:
    if not platform.revocation_supported:
        msg = f"Revocation is not supported for platform {platform.platform_id}"
        raise ValidationException(msg)


def _require_arn(ctx: Context, text: str, member: str, resource: re.Pattern[str]) -> None:
    arn = arns.parse_arn(text)
    if (
        arn is None
        or (arn.partition, arn.service) != (arns.partition_of(ctx.region), "signer")
        or not resource.fullmatch(arn.resource)
    ):
        msg = f"Invalid {member}: {text}"
        raise ValidationException(msg)


def _find_profile(world: World, version_arn: str) -> Profile | None:
    arn = arns.parse_arn(version_arn)
    match = _PROFILE_VERSION.fullmatch(arn.resource) if arn else None
    if arn is None or match is None:
        return None
    # Search the history: the name may belong to a newer profile by now.
    history = world.look_into(arn.account_id, arn.region).profile_history
    found = (one for one in history if one.version == match[1] and one.version_arn == version_arn)
    return next(found, None)


def _find_job(world: World, job_arn: str) -> Job | None:
    arn = arns.parse_arn(job_arn)
    match = _JOB.fullmatch(arn.resource) if arn else None
    if arn is None or match is None:
        return None
    job = world.look_into(arn.account_id, arn.region).jobs_by_id.get(match[1])
    return job if job is not None and job.arn == job_arn else None


def _whole_second(ctx: Context) -> dt.datetime:
    return ctx.now.replace(microsecond=0)
