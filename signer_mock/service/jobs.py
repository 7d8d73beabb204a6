"""Looking at signing jobs: describe and list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from signer_mock.errors import ResourceNotFoundException
from signer_mock.service.records import Job

if TYPE_CHECKING:
    from signer_mock.service.world import Context


def visible_job(ctx: Context, job_id: str) -> Job:
    """A job that the caller's account owns or started.

    Raises:
        ResourceNotFoundException: there is none, or it is older than two years.
    """
    job = ctx.store.jobs_by_id.get(job_id)
    if job is None or not job.is_kept(ctx.now):
        raise unknown_job(job_id)
    return job


def unknown_job(job_id: str) -> ResourceNotFoundException:
    """The refusal of a job that is not there, or not the caller's."""
    msg = f"Signing job with id {job_id} does not exist."
    return ResourceNotFoundException(msg, "JobNotFound")


def describe_signing_job(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """DescribeSigningJob."""
    return visible_job(ctx, params["jobId"]).describe()


def list_signing_jobs(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """ListSigningJobs, newest first, by all of its filters."""
    status = params.get("status")
    platform_id = params.get("platformId")
    requested_by = params.get("requestedBy")
    is_revoked = params.get("isRevoked")
    expires_before = params.get("signatureExpiresBefore")
    expires_after = params.get("signatureExpiresAfter")
    invoker = params.get("jobInvoker")

    def matches(job: Job) -> bool:
        if not job.is_kept(ctx.now):
            return False
        if status is not None and job.status != status:
            return False
        if platform_id is not None and job.profile.platform.platform_id != platform_id:
            return False
        if requested_by is not None and job.requested_by != requested_by:
            return False
        if is_revoked is not None and (job.revocation is not None) != is_revoked:
            return False
        if invoker is not None and job.invoker != invoker:
            return False
        expires = job.signature_expires_at
        if expires_before is not None and (expires is None or expires >= expires_before):
            return False
        return expires_after is None or (expires is not None and expires > expires_after)

    page, token = ctx.paginate(
        ctx.store.jobs, "ListSigningJobs", params, matches, newest_first=True
    )
    return {"jobs": [job.summary() for job in page], "nextToken": token}


def add_job(ctx: Context, job: Job) -> None:
    """Record a job for its owner and, where that is another account, for its invoker."""
    for account_id in {job.owner, job.invoker}:
        store = ctx.world.store(account_id, job.region)
        store.jobs.append(job)
        store.jobs_by_id[job.job_id] = job
