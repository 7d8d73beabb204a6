"""The events that AWS Signer sends to EventBridge when a job's status changes.

Their form is EventBridge's reference, "AWS Signer events": camel case and snake case are mixed in
it as they are here.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signer_mock._service.context import Context
    from signer_mock._service.other_services import OtherServices
    from signer_mock._service.records import Job

Event = Mapping[str, Any]

_log = logging.getLogger("signer_mock")


def record_job_end(ctx: Context, job: Job) -> None:
    """Record and deliver the end of a job.

    It is one event for its owner's account, and one for its invoker's where that is another.
    """
    for account_id in dict.fromkeys((job.owner, job.invoker)):
        event = _event(ctx, job, account_id)
        event["id"] = _deliver(ctx.world.others, event) or event["id"]
        ctx.world.events.record(event)


def _deliver(others: OtherServices, event: Event) -> str | None:
    try:
        return others.deliver(event)
    except Exception:  # noqa: BLE001 - best effort, as AWS's: no job fails for its event
        _log.warning("EventBridge did not take %s", event, exc_info=True)
        return None


def _event(ctx: Context, job: Job, account_id: str) -> dict[str, Any]:
    return {
        "version": "0",
        "id": ctx.world.ids.uuid(),
        "detail-type": "Signer Job Status Change",
        "source": "aws.signer",
        "account": account_id,
        "time": f"{ctx.now.replace(microsecond=0, tzinfo=None).isoformat()}Z",
        "region": job.region,
        "resources": [job.arn],
        "detail": _detail(job),
    }


def _detail(job: Job) -> dict[str, Any]:
    destination = job.signed_object
    if destination is None and job.destination is not None:
        # Nothing was written: there is a bucket, but no key in it.
        destination = {"bucketName": job.destination["bucketName"]}
    detail = {
        "certificate_arn": job.profile.certificate_arn,
        "job_id": job.job_id,
        "destination": dict(destination) if destination else None,
        "source": dict(job.source) if job.source else None,
        "platform": job.profile.platform.platform_id,
        "status": job.status,
    }
    return {name: value for name, value in detail.items() if value is not None}
