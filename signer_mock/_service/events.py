"""The events that AWS Signer sends to EventBridge when a job's status changes.

Their form is EventBridge's reference, "AWS Signer events": camel case and snake case are mixed in
it as they are here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from signer_mock._service.records import Job
    from signer_mock._service.world import Context

Event = Mapping[str, Any]

#: Takes an event to where it is delivered; returns the id that it got there, or None.
Bus = Callable[[Event], "str | None"]

_log = logging.getLogger("signer_mock")


class JobEvents(Sequence[Event]):
    """``mock.events``: the events so far, oldest first; read-only for everyone but the mock.

    Every job that ends is one event for its owner's account, and one for its invoker's where
    that is another account.
    """

    def __init__(self) -> None:
        self._events: list[Event] = []
        #: Where the events go besides.
        self.buses: list[Bus] = []

    def job_ended(self, ctx: Context, job: Job) -> None:
        """Record and deliver a job's end; for ``World.job_listeners``."""
        for account_id in dict.fromkeys((job.owner, job.invoker)):
            event = _event(ctx, job, account_id)
            for bus in self.buses:
                event["id"] = _deliver(bus, event) or event["id"]
            self._events.append(event)

    def clear(self) -> None:
        """Forget all events."""
        self._events.clear()

    def restore(self, events: Sequence[Event]) -> None:
        """Have had these events, and no others."""
        self._events[:] = events

    def __len__(self) -> int:
        return len(self._events)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | Sequence[Event]:
        return self._events[index]

    def __iter__(self) -> Iterator[Event]:
        return iter(tuple(self._events))

    def __repr__(self) -> str:
        return repr(self._events)


def _deliver(bus: Bus, event: Event) -> str | None:
    try:
        return bus(event)
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
        "time": ctx.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
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
