"""Look at signing jobs: DescribeSigningJob and ListSigningJobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from signer_mock._service.records import SHORTEST_RETENTION, Job
from signer_mock._wire.exceptions import ResourceNotFoundException

if TYPE_CHECKING:
    from signer_mock._service.context import Context


# By request parameter: a function from the wanted value to a test for jobs. The bounds on the
# expiry are exclusive, and a job whose signature does not expire passes neither.
_FILTERS: Mapping[str, Callable[[Any], Callable[[Job], bool]]] = {
    "status": lambda wanted: lambda job: job.status == wanted,
    "platformId": lambda wanted: lambda job: job.profile.platform.platform_id == wanted,
    "requestedBy": lambda wanted: lambda job: job.requested_by == wanted,
    "jobInvoker": lambda wanted: lambda job: job.invoker == wanted,
    "isRevoked": lambda wanted: lambda job: (job.revocation is not None) == wanted,
    "signatureExpiresBefore": lambda bound: (
        lambda job: job.signature_expires_at is not None and job.signature_expires_at < bound
    ),
    "signatureExpiresAfter": lambda bound: (
        lambda job: job.signature_expires_at is not None and job.signature_expires_at > bound
    ),
}


def visible_job(ctx: Context, job_id: str) -> Job:
    """Return a job that the caller's account owns or started.

    Raises:
        ResourceNotFoundException: There is none, or it is older than two years.
    """
    job = ctx.store.jobs_by_id.get(job_id)
    if job is None or not job.is_kept(ctx.now):
        raise unknown_job(job_id)
    return job


def unknown_job(job_id: str) -> ResourceNotFoundException:
    """Return the error for a job that does not exist or is not the caller's."""
    msg = f"Signing job with id {job_id} does not exist."
    return ResourceNotFoundException(msg, "JobNotFound")


def describe_signing_job(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Perform DescribeSigningJob."""
    job = visible_job(ctx, params["jobId"])
    ctx.world.job_controls.described(job.job_id)
    return job.describe()


def list_signing_jobs(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Perform ListSigningJobs, newest first, with all of its filters."""
    filters = [_FILTERS[name](wanted) for name, wanted in params.items() if name in _FILTERS]

    jobs = ctx.store.jobs
    surely_kept_after = ctx.now - SHORTEST_RETENTION

    def matches(job: Job) -> bool:
        if job.created_at <= surely_kept_after and not job.is_kept(ctx.now):
            return False
        for passes in filters:  # noqa: SIM110 - all() would cost as much as all else
            if not passes(job):
                return False
        return True

    page, token = ctx.paginate(
        jobs,
        "ListSigningJobs",
        params,
        matches,
        newest_first=True,
        candidates=lambda: jobs.candidates(params),
    )
    return {"jobs": [job.summary() for job in page], "nextToken": token}


def add_job(ctx: Context, job: Job) -> None:
    """Record a job for its owner and, where that is another account, for its invoker."""
    for account_id in {job.owner, job.invoker}:
        store = ctx.world.store(account_id, job.region)
        store.jobs.append(job)
        store.jobs_by_id[job.job_id] = job
