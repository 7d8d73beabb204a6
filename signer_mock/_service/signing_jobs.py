"""Making signatures: StartSigningJob for objects, SignPayload for payloads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from signer_mock._service import signatures
from signer_mock._service.access import usable_profile
from signer_mock._service.events import record_job_end
from signer_mock._service.jobs import add_job
from signer_mock._service.platforms import LAMBDA, NOTATION
from signer_mock._service.records import Job, Profile
from signer_mock._wire.exceptions import AccessDeniedException, ValidationException
from signer_mock.objects import NotAccessibleError, ObjectStore, SourceObject, StorageCaller

if TYPE_CHECKING:
    from signer_mock._service.world import Context

#: The only payload format there is (API reference, SignPayload).
NOTARY_PAYLOAD = "application/vnd.cncf.notary.payload.v1+json"

SUCCEEDED_REASON = "Signing Succeeded"

_INVALID_JOB = "InvalidJobParameters"
_UNKNOWN_PROFILE = "profile with name {} does not exist"


def start_signing_job(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """StartSigningJob: access is checked at once, content while the job runs."""
    token = params["clientRequestToken"]
    request = _meaning(ctx, params)
    earlier = ctx.store.request_tokens.get(token)
    if earlier is not None and earlier[1].is_kept(ctx.now):
        return _answer_again(token, request, *earlier)

    profile = usable_profile(
        ctx,
        params["profileName"],
        params.get("profileOwner"),
        "signer:StartSigningJob",
        _UNKNOWN_PROFILE,
    )
    _require_active(profile)
    if profile.platform.platform_id == NOTATION:
        msg = f"StartSigningJob is not supported for platform {NOTATION}. Use SignPayload."
        raise ValidationException(msg, _INVALID_JOB)
    source = _source(params["source"])
    destination = _destination(params["destination"])
    objects = ctx.world.object_store()
    storage = StorageCaller(
        ctx.account_id, ctx.caller.access_key, ctx.caller.session_token, ctx.region
    )
    content = _open_source(objects, storage, profile, source)
    _check_destination(objects, storage, destination)

    job = _new_job(ctx, profile, source=source, destination=destination)
    failure = _run(ctx, job, objects, storage, content)
    # Only now, so that a store that breaks leaves neither a job nor a used token behind.
    add_job(ctx, job)
    ctx.store.request_tokens[token] = (request, job)
    _finish(ctx, job, failure)
    return {"jobId": job.job_id, "jobOwner": job.owner}


def sign_payload(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """SignPayload: signs the payload's bytes as they are and answers with the envelope."""
    profile = usable_profile(
        ctx,
        params["profileName"],
        params.get("profileOwner"),
        "signer:SignPayload",
        _UNKNOWN_PROFILE,
    )
    _require_active(profile)
    if profile.platform.platform_id != NOTATION:
        msg = (
            f"SignPayload is not supported for platform {profile.platform.platform_id}. "
            "Use StartSigningJob."
        )
        raise ValidationException(msg, _INVALID_JOB)
    if params["payloadFormat"] != NOTARY_PAYLOAD:
        msg = f"Payload format {params['payloadFormat']} is not supported. Use {NOTARY_PAYLOAD}."
        raise ValidationException(msg, _INVALID_JOB)
    job = _new_job(ctx, profile)
    envelope = signatures.sign_payload(ctx.world, job, params["payload"])
    add_job(ctx, job)
    _finish(ctx, job)
    return {
        "jobId": job.job_id,
        "jobOwner": job.owner,
        "metadata": {
            "com.amazonaws.signer.signingJob": job.arn,
            "com.amazonaws.signer.signingProfileVersion": profile.version_arn,
        },
        "signature": envelope,
    }


def _meaning(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """What a request asks for, alike for the two ways to leave something out.

    Tools send an empty prefix, and the caller's own account as owner, or neither.
    """
    destination = (params["destination"].get("s3") or {}).items()
    return {
        "source": dict(params["source"].get("s3") or {}),
        "destination": {name: value for name, value in destination if value},
        "profileName": params["profileName"],
        "profileOwner": params.get("profileOwner", ctx.account_id),
    }


def _answer_again(
    token: str, request: Mapping[str, Any], first: Mapping[str, Any], job: Job
) -> dict[str, Any]:
    if request != first:
        msg = f"clientRequestToken {token} was already used for a request with other parameters"
        raise ValidationException(msg, _INVALID_JOB)
    return {"jobId": job.job_id, "jobOwner": job.owner}


def _require_active(profile: Profile) -> None:
    if profile.status != "Active":
        msg = f"Cannot sign with a profile in {profile.status} state"
        raise ValidationException(msg, "ProfileNotActive")


def _source(given: Mapping[str, Any]) -> dict[str, str]:
    source = dict(given.get("s3") or {})
    for member in ("bucketName", "key", "version"):
        _require_text(source.get(member), f"source:{member}")
    return source


def _destination(given: Mapping[str, Any]) -> dict[str, str]:
    destination = given.get("s3") or {}
    _require_text(destination.get("bucketName"), "destination:bucketName")
    return dict(destination)


def _require_text(value: str | None, member: str) -> None:
    if not value:
        msg = f"StartSigningJobRequest:{member} should not be empty"
        raise ValidationException(msg, _INVALID_JOB)


def _open_source(
    objects: ObjectStore, caller: StorageCaller, profile: Profile, source: Mapping[str, str]
) -> SourceObject:
    bucket, key = source["bucketName"], source["key"]
    try:
        info = objects.bucket(bucket, caller)
        _require_region(bucket, info.region, caller.region)
        if not info.versioning:
            msg = f"S3 bucket {bucket} must have versioning enabled"
            raise ValidationException(msg, _INVALID_JOB)
        content = objects.open(bucket, key, source["version"], caller)
    except NotAccessibleError as error:
        raise _not_accessible(error) from error
    platform = profile.platform
    if content.size > platform.max_size_bytes:
        msg = (
            f"S3 object {key} of {content.size} bytes exceeds the maximum of "
            f"{platform.max_size_mb} MB for platform {platform.platform_id}"
        )
        raise ValidationException(msg, _INVALID_JOB)
    return content


def _check_destination(
    objects: ObjectStore, caller: StorageCaller, destination: Mapping[str, str]
) -> None:
    try:
        info = objects.bucket(destination["bucketName"], caller)
    except NotAccessibleError as error:
        raise _not_accessible(error) from error
    _require_region(destination["bucketName"], info.region, caller.region)


def _require_region(bucket: str, found: str | None, expected: str) -> None:
    if found is not None and found != expected:
        msg = (
            f"S3 bucket {bucket} is in region {found}, but the signing profile is in {expected}. "
            "Cross-Region signing is not supported."
        )
        raise ValidationException(msg, _INVALID_JOB)


def _not_accessible(error: NotAccessibleError) -> AccessDeniedException:
    return AccessDeniedException(
        f"S3 {error.kind} {error.name} not accessible. Please check your permissions"
    )


def _new_job(
    ctx: Context,
    profile: Profile,
    source: Mapping[str, str] | None = None,
    destination: Mapping[str, str] | None = None,
) -> Job:
    return Job(
        job_id=ctx.world.ids.uuid(),
        profile=profile,
        owner=profile.owner,
        invoker=ctx.account_id,
        region=ctx.region,
        requested_by=ctx.caller.arn,
        # The service keeps whole seconds.
        created_at=ctx.now.replace(microsecond=0),
        source=source,
        destination=destination,
    )


def _run(
    ctx: Context, job: Job, objects: ObjectStore, caller: StorageCaller, content: SourceObject
) -> str | None:
    """Sign and write; what the service finds wrong with the content is returned, not raised."""
    from signer_mock._signing.errors import UnsignableObjectError

    bucket, key = (job.destination or {})["bucketName"], _signed_key(job)
    try:
        signed = signatures.sign_object(ctx.world, job, content, ctx.now)
        objects.write(bucket, key, signed, "application/octet-stream", caller)
    except UnsignableObjectError as error:
        return error.reason
    except NotAccessibleError as error:
        return _not_accessible(error).message
    job.signed_object = {"bucketName": bucket, "key": key}
    return None


def _signed_key(job: Job) -> str:
    """``prefix + jobId``, and ``.zip`` where a Lambda source has it (seen live)."""
    source, destination = job.source or {}, job.destination or {}
    is_zip = job.profile.platform.platform_id == LAMBDA and source["key"].endswith(".zip")
    return f"{destination.get('prefix', '')}{job.job_id}{'.zip' if is_zip else ''}"


def _finish(ctx: Context, job: Job, failure: str | None = None) -> None:
    job.status = "Failed" if failure else "Succeeded"
    job.status_reason = failure or SUCCEEDED_REASON
    job.completed_at = job.created_at
    job.signature_expires_at = None if failure else signatures.expiry(job)
    record_job_end(ctx, job)
