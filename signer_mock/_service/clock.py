"""The mock's clock."""

from __future__ import annotations

import datetime as dt
import math

from signer_mock._service.calls import unknown_name
from signer_mock.errors import InvalidArgumentError, SignerMockError

# Use the module's attributes: freezegun and time-machine replace ``datetime.datetime``.


_EARLIEST = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_LATEST = dt.datetime(2900, 1, 1, tzinfo=dt.timezone.utc)
_UNITS = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")


class Clock:
    """The mock's clock: the machine's time, unless frozen or moved.

    All times are timezone-aware UTC. The machine's time is read on each call, so freezegun and
    time-machine take effect.
    """

    def __init__(self) -> None:
        self._offset = dt.timedelta(0)
        self._frozen: dt.datetime | None = None

    def now(self) -> dt.datetime:
        """Return the mock's current time."""
        if self._frozen is not None:
            return self._frozen
        return dt.datetime.now(dt.timezone.utc) + self._offset

    def freeze(self, at: dt.datetime | str | None = None) -> dt.datetime:
        """Stop the clock.

        Args:
            at: The time to stop at: a datetime (a naive one is read as UTC), an ISO 8601
                string, or None for the current time of the mock.

        Returns:
            The time at which it stands.

        Raises:
            InvalidArgumentError: That is no time.
            SignerMockError: The time is outside 1970 to 2900, where certificates can be made.
        """
        self._frozen = _checked(self.now() if at is None else _moment(at))
        return self._frozen

    def advance(self, by: dt.timedelta | None = None, /, **duration: float) -> dt.datetime:
        """Move the clock, frozen or running.

        Args:
            by: How far.
            **duration: Instead of it, ``datetime.timedelta``'s own arguments: ``days=1``,
                ``hours=-2``.

        Returns:
            The new current time.

        Raises:
            InvalidArgumentError: That is no duration.
            SignerMockError: That would be outside 1970 to 2900.
        """
        try:
            step = _step(by, duration)
            _checked(self.now() + step)
        except OverflowError as error:
            far = by if by is not None else _written(duration)
            msg = f"The mock's clock cannot be moved by {far}: it goes from 1970 to 2900."
            raise SignerMockError(msg) from error
        if self._frozen is not None:
            self._frozen += step
        else:
            self._offset += step
        return self.now()

    def resume(self) -> None:
        """Follow the machine's time again; forget every freeze and move."""
        self._frozen = None
        self._offset = dt.timedelta(0)

    def __repr__(self) -> str:
        state = "frozen" if self._frozen is not None else "running"
        return f"<Clock {self.now():%Y-%m-%d %H:%M:%S} UTC, {state}>"


def _checked(time: dt.datetime) -> dt.datetime:
    if not _EARLIEST <= time < _LATEST:
        msg = f"The mock's clock cannot be set to {time}: it goes from 1970 to 2900."
        raise SignerMockError(msg)
    return time


def _moment(at: object) -> dt.datetime:
    if isinstance(at, str):
        try:
            at = dt.datetime.fromisoformat(at.replace("Z", "+00:00"))
        except ValueError:
            msg = f"mock.clock.freeze: {at!r} is no ISO 8601 time, such as '2030-01-31T12:00:00Z'."
            raise InvalidArgumentError(msg) from None
    if not isinstance(at, dt.datetime):
        msg = (
            "mock.clock.freeze takes a datetime, an ISO 8601 string, or nothing for the mock's "
            f"present time, not {at!r:.80} ({type(at).__name__}){_time_hint(at)}."
        )
        raise InvalidArgumentError(msg)
    if at.tzinfo is None:
        return at.replace(tzinfo=dt.timezone.utc)
    try:
        return at.astimezone(dt.timezone.utc)
    except OverflowError as error:
        msg = f"The mock's clock cannot be set to {at}: it goes from 1970 to 2900."
        raise SignerMockError(msg) from error


def _time_hint(at: object) -> str:
    if isinstance(at, dt.date):
        return f": a date has no time of day; pass '{at}T00:00:00Z'"
    if isinstance(at, dt.timedelta):
        return ": to move by a timedelta, call mock.clock.advance"
    if isinstance(at, (int, float)) and not isinstance(at, bool):
        return f": for seconds since 1970, pass datetime.fromtimestamp({at!r:.80}, timezone.utc)"
    return ""


def _step(by: object, duration: dict[str, float]) -> dt.timedelta:
    if by is not None and duration:
        msg = "mock.clock.advance takes a timedelta or its arguments, as in days=1, but not both."
        raise InvalidArgumentError(msg)
    if by is None and not duration:
        msg = "mock.clock.advance was not told how far: call mock.clock.advance(days=1)."
        raise InvalidArgumentError(msg)
    if by is not None and not isinstance(by, dt.timedelta):
        example = f"{by!r:.80}" if isinstance(by, (int, float)) else "90"
        msg = (
            f"mock.clock.advance takes a timedelta, not {by!r:.80} ({type(by).__name__}); say "
            f"what is counted, as in mock.clock.advance(seconds={example})."
        )
        raise InvalidArgumentError(msg)
    if by is not None:
        return by
    for unit, number in duration.items():
        if unit not in _UNITS:
            raise unknown_name("mock.clock.advance", "unit", unit, _UNITS)
        given: object = number
        if not isinstance(given, (int, float)) or math.isnan(given):
            msg = f"mock.clock.advance({unit}={number!r:.80}): expected a number."
            raise InvalidArgumentError(msg)
    return dt.timedelta(**duration)


def _written(duration: dict[str, float]) -> str:
    return ", ".join(f"{unit}={number!r:.40}" for unit, number in duration.items())
