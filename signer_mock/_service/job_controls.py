"""``mock.jobs``: hold signing jobs, let them end, make them fail."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, NamedTuple, overload

from signer_mock._service.calls import is_positive_int, is_seconds
from signer_mock.errors import SignerMockError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from signer_mock._service.callers import Caller
    from signer_mock.records import Records, SigningJob

Outcome = Literal["Succeeded", "Failed"]


class HeldJob(NamedTuple):
    """A job that is under way.

    Attributes:
        job_id: The job.
        caller: Who started it, and reads and writes the objects.
        region: Where it runs.
        describes: After how many DescribeSigningJob calls it ends; None is not by calls.
        ends_at: When it ends, by the mock's clock; None is not by time.
        failure: Why it fails; None is not by request.
    """

    job_id: str
    caller: Caller
    region: str
    describes: int | None = None
    ends_at: dt.datetime | None = None
    failure: str | None = None

    def is_due(self, now: dt.datetime) -> bool:
        """Return whether the job has to end now."""
        return self.describes == 0 or (self.ends_at is not None and self.ends_at <= now)


@dataclass(slots=True, repr=False, eq=False)
class JobControlsState:
    """What was asked for, and the jobs under way, oldest first."""

    held: dict[str, HeldJob] = field(default_factory=dict)
    holding: bool = False
    describes: int | None = None
    seconds: float | None = None
    failures: list[str] = field(default_factory=list)


class JobControls(Sequence["SigningJob"]):
    """All signing jobs, oldest first, and when and how they end: at once, unless told otherwise.

    Args:
        lock: That of the mock's state.
        finish: Signs and writes a job, or fails it for a reason, and records its end.
        jobs: The records of all jobs.
    """

    def __init__(
        self,
        lock: threading.RLock,
        finish: Callable[[HeldJob, str | None], None],
        jobs: Callable[[], Records[SigningJob]],
    ) -> None:
        self._lock = lock
        self._jobs = jobs
        self._finish = finish
        self._state = JobControlsState()

    def __len__(self) -> int:
        return len(self._jobs())

    @overload
    def __getitem__(self, index: int) -> SigningJob: ...
    @overload
    def __getitem__(self, index: slice) -> Records[SigningJob]: ...
    def __getitem__(self, index: int | slice) -> SigningJob | Records[SigningJob]:
        jobs = self._jobs()
        return type(jobs)(jobs[index]) if isinstance(index, slice) else jobs[index]

    def __iter__(self) -> Iterator[SigningJob]:
        return iter(self._jobs())

    def __repr__(self) -> str:
        return repr(self._jobs())

    def _repr_html_(self) -> str:
        from signer_mock._views.tables import records_view

        return records_view(self._jobs(), "SigningJob")

    # What a test author asks for

    def hold(self) -> AbstractContextManager[None]:
        """Leave every new job ``InProgress`` until it is released.

        Works as a statement and as a context manager; leaving the block releases the jobs that
        are held.
        """
        self._state.holding = True
        return self._until_released()

    def release(
        self,
        job_id: str | None = None,
        status: Outcome = "Succeeded",
        reason: str | None = None,
    ) -> None:
        """End a held job, or all of them, and hold no new ones in the second case.

        Args:
            job_id: The job; None is every held job, oldest first.
            status: ``"Succeeded"`` signs and writes the object, unless its content is at fault;
                ``"Failed"`` writes nothing.
            reason: The ``statusReason`` of a failed job.

        Raises:
            SignerMockError: No such job is held, or the status is another one.
        """
        if status not in ("Succeeded", "Failed"):
            msg = f"mock.jobs.release(status={status!r}): expected 'Succeeded' or 'Failed'."
            raise SignerMockError(msg)
        if reason is not None and status != "Failed":
            msg = "mock.jobs.release(reason=...) belongs to status='Failed'."
            raise SignerMockError(msg)
        if job_id is not None and job_id not in self._state.held:
            held = ", ".join(self._state.held) or "none"
            msg = f"mock.jobs.release({job_id!r}): that job is not held. Held jobs: {held}."
            raise SignerMockError(msg)
        failure = (reason or "Signing Failed") if status == "Failed" else None
        with self._lock:
            if job_id is None:
                self._state.holding = False
            for one in [job_id] if job_id is not None else list(self._state.held):
                self._end(one, failure)

    def fail_next(self, reason: str, times: int = 1) -> None:
        """Let the next jobs that start end as ``Failed``, with nothing written.

        Args:
            reason: Their ``statusReason``.
            times: How many jobs.

        Raises:
            SignerMockError: ``times`` is no positive int, or ``reason`` no text.
        """
        if not reason:
            msg = f"mock.jobs.fail_next({reason!r}): expected the statusReason, a text."
            raise SignerMockError(msg)
        if not is_positive_int(times):
            msg = f"mock.jobs.fail_next(times={times!r}): expected a positive int."
            raise SignerMockError(msg)
        self._state.failures += [reason] * times

    def finish_after(self, *, describes: int | None = None, seconds: float | None = None) -> None:
        """Let new jobs end by themselves, after a while.

        Args:
            describes: A job ends with this DescribeSigningJob call of it, which shows it ended;
                the calls before show ``InProgress``.
            seconds: A job ends when the mock's clock has moved on by so much.

        Raises:
            SignerMockError: Not exactly one of the two is given, or it is not positive.
        """
        is_right = (
            is_positive_int(describes)
            if seconds is None
            else describes is None and is_seconds(seconds) and seconds > 0
        )
        if not is_right:
            msg = (
                f"mock.jobs.finish_after(describes={describes!r}, seconds={seconds!r}): expected "
                "one of the two, a positive number."
            )
            raise SignerMockError(msg)
        self._state.describes, self._state.seconds = describes, seconds

    # What the mock asks

    def take(
        self, job_id: str, caller: Caller, region: str, now: dt.datetime
    ) -> tuple[bool, str | None]:
        """Decide about a new job.

        Returns:
            Whether it stays under way, and for which reason it fails now, or None.
        """
        state = self._state
        failure = state.failures.pop(0) if state.failures else None
        ends_at = (
            None if self._state.seconds is None else now + dt.timedelta(seconds=self._state.seconds)
        )
        if not self._state.holding and self._state.describes is None and ends_at is None:
            return False, failure
        self._state.held[job_id] = HeldJob(
            job_id,
            caller,
            region,
            describes=None if self._state.holding else self._state.describes,
            ends_at=None if self._state.holding else ends_at,
            failure=failure,
        )
        return True, None

    @property
    def is_idle(self) -> bool:
        """Whether no job is held, so that none can end with the next call."""
        return not self._state.held

    def described(self, job_id: str) -> None:
        """Count a DescribeSigningJob call, and end the job if it is time."""
        held = self._state.held.get(job_id)
        if held is not None and held.describes is not None:
            self._state.held[job_id] = held._replace(describes=held.describes - 1)
            if held.describes <= 1:
                self._end(job_id, None)

    def settle(self, now: dt.datetime) -> None:
        """End the jobs whose time has come."""
        if self._state.held:
            for job_id in [one for one, held in self._state.held.items() if held.is_due(now)]:
                self._end(job_id, None)

    def reset(self) -> None:
        """Forget what was asked for, and every held job."""
        self._state = JobControlsState()

    def export(self) -> JobControlsState:
        """Copy the state, for ``restore``."""
        state = self._state
        return replace(state, held=dict(state.held), failures=list(state.failures))

    def restore(self, state: JobControlsState) -> None:
        """Replace the state by what ``export`` gave."""
        self._state = replace(state, held=dict(state.held), failures=list(state.failures))

    @contextmanager
    def _until_released(self) -> Iterator[None]:
        try:
            yield
        finally:
            self.release()

    def _end(self, job_id: str, failure: str | None) -> None:
        state = self._state
        held = state.held.pop(job_id, None)
        if held is None:
            return  # pragma: no cover - another thread was faster
        try:
            self._finish(held, failure or held.failure)
        except BaseException:
            state.held[job_id] = held  # an object store that breaks ends no job
            raise
