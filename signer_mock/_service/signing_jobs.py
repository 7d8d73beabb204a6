"""Make signatures: StartSigningJob for objects, SignPayload for payloads."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from signer_mock._service import signatures
from signer_mock._service.access import usable_profile
from signer_mock._service.calls import hints
from signer_mock._service.context import Context
from signer_mock._service.events import record_job_end
from signer_mock._service.jobs import add_job
from signer_mock._service.platforms import LAMBDA, NOTATION
from signer_mock._service.records import Job, Profile
from signer_mock._wire.exceptions import AccessDeniedException, ValidationException
from signer_mock.errors import SignerMockError
from signer_mock.objects import NotAccessibleError, ObjectStore, SourceObject, StorageCaller

if TYPE_CHECKING:
    from signer_mock._service.job_controls import HeldJob
    from signer_mock._service.world import World

_log = logging.getLogger("signer_mock")

#: The only payload format there is (API reference, SignPayload).
NOTARY_PAYLOAD = "application/vnd.cncf.notary.payload.v1+json"

SUCCEEDED_REASON = "Signing Succeeded"

_INVALID_JOB = "InvalidJobParameters"
_UNKNOWN_PROFILE = "profile with name {} does not exist"


def start_signing_job(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Perform StartSigningJob: access is checked at once, content while the job runs."""
    token = params["clientRequestToken"]
    with ctx.world.one_at_a_time((ctx.account_id, ctx.region, token)):
        earlier = ctx.store.request_tokens.get(token)
        if earlier is not None and earlier.is_kept(ctx.now):
            # The other parameters do not matter (API reference, StartSigningJob).
            return _answer(earlier)
        return _answer(_start(ctx, params, token))


def _answer(job: Job) -> dict[str, Any]:
    return {"jobId": job.job_id, "jobOwner": job.owner}


def _start(ctx: Context, params: Mapping[str, Any], token: str) -> Job:
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
    world, storage = ctx.world, _storage_caller(ctx)
    objects, epoch = world.object_store(), world.epoch
    with world.released():
        content = _open_source(objects, storage, profile, source)
        _check_destination(objects, storage, destination)

    job = _new_job(ctx, profile, source=source, destination=destination)
    stays_under_way, failure = world.job_controls.take(job.job_id, ctx.caller, ctx.region, ctx.now)
    if not stays_under_way and failure is None:
        with world.released():
            failure = _sign_and_write(ctx, job, objects, storage, content)
    _require_same_state(world, epoch)
    # Only now, so that a failing store leaves neither a job nor a used token behind.
    add_job(ctx, job)
    ctx.store.request_tokens[token] = job
    if not stays_under_way:
        _finish(ctx, job, failure)
    return job


def finish_held(world: World, held: HeldJob, failure: str | None) -> None:
    """End a job that was under way: sign and write it, or fail it for a reason.

    The caller holds the lock, once, so that it is free while the job runs.
    """
    finish_image = world.image_signing.pending.get(held.job_id)
    if finish_image is not None:
        finish_image(failure)
        del world.image_signing.pending[held.job_id]
        return
    ctx = Context(world, held.caller, held.region, world.clock.now())
    job = ctx.store.jobs_by_id[held.job_id]
    objects, storage, epoch = world.object_store(), _storage_caller(ctx), world.epoch
    if failure is None:
        with world.released():
            failure = _open_sign_and_write(ctx, job, objects, storage)
    _require_same_state(world, epoch)
    _finish(ctx, job, failure)


def _require_same_state(world: World, epoch: int) -> None:
    if world.epoch != epoch:
        msg = (
            "The mock was reset or restored while a signing job ran, so the job is gone. "
            "Let jobs end before mock.reset() and mock.restore()."
        )
        raise SignerMockError(msg)


def sign_payload(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Perform SignPayload, which signs the payload's bytes as they are."""
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
    _require_one_meaning(params["payload"])
    job = _new_job(ctx, profile)
    world, epoch = ctx.world, ctx.world.epoch
    with world.released():
        envelope = signatures.sign_payload(world, job, params["payload"])
    _require_same_state(world, epoch)
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


def _require_one_meaning(payload: bytes) -> None:
    from signer_mock._signing.notation.payload import check_signable

    try:
        check_signable(payload)
    except ValueError as error:
        msg = f"The payload is a JSON object that cannot be verified once signed: {error}."
        raise ValidationException(msg, _INVALID_JOB) from None


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
        size = content.size
    except NotAccessibleError as error:
        raise _not_accessible(error) from error
    platform = profile.platform
    if size > platform.max_size_bytes:
        msg = (
            f"S3 object {key} of {size} bytes exceeds the maximum of "
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
    if error.hint is not None:
        _log.info("%s", error.hint)
        hints.append(error.hint)
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


def _storage_caller(ctx: Context) -> StorageCaller:
    caller = ctx.caller
    return StorageCaller(caller.account_id, caller.access_key, caller.session_token, ctx.region)


def _open_sign_and_write(
    ctx: Context, job: Job, objects: ObjectStore, storage: StorageCaller
) -> str | None:
    source = dict(job.source or {})
    try:
        content = objects.open(source["bucketName"], source["key"], source["version"], storage)
    except NotAccessibleError as error:
        return _not_accessible(error).message
    return _sign_and_write(ctx, job, objects, storage, content)


def _sign_and_write(
    ctx: Context, job: Job, objects: ObjectStore, storage: StorageCaller, content: SourceObject
) -> str | None:
    """Sign and write an object; return what the service finds wrong with the content, or None.

    Called without the lock: it takes as long as the object is large.
    """
    from signer_mock._signing.errors import UnsignableObjectError

    bucket, key = (job.destination or {})["bucketName"], _signed_key(job)
    try:
        signed = signatures.sign_object(ctx.world, job, content, ctx.now)
        objects.write(bucket, key, signed, "application/octet-stream", storage)
    except UnsignableObjectError as error:
        return error.reason
    except NotAccessibleError as error:
        return _not_accessible(error).message
    job.signed_object = {"bucketName": bucket, "key": key}
    return None


def _signed_key(job: Job) -> str:
    """Return prefix and job id, with ``.zip`` if a Lambda source has it (seen live)."""
    source, destination = job.source or {}, job.destination or {}
    is_zip = job.profile.platform.platform_id == LAMBDA and source["key"].endswith(".zip")
    return f"{destination.get('prefix', '')}{job.job_id}{'.zip' if is_zip else ''}"


def _finish(ctx: Context, job: Job, failure: str | None = None) -> None:
    job.status = "Failed" if failure else "Succeeded"
    job.status_reason = failure or SUCCEEDED_REASON
    job.completed_at = ctx.now.replace(microsecond=0)
    job.signature_expires_at = None if failure else signatures.expiry(job, job.completed_at)
    record_job_end(ctx, job)
