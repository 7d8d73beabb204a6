"""The mock's clock."""

from __future__ import annotations

import datetime as dt

from signer_mock.errors import SignerMockError

# Use the module's attributes: freezegun and time-machine replace ``datetime.datetime``.


_EARLIEST = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_LATEST = dt.datetime(2900, 1, 1, tzinfo=dt.timezone.utc)


class Clock:
    """The mock's clock: the machine's time, unless frozen or moved.

    All times are timezone-aware UTC. freezegun and time-machine are followed, because the
    machine's time is read anew on each call.
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
            at: the time to stop at: a datetime (a naive one is read as UTC), an ISO 8601
                string, or None for the current time of the mock.

        Returns:
            The time at which it stands.

        Raises:
            SignerMockError: the time is outside 1970 to 2900, where certificates can be made.
        """
        if isinstance(at, str):
            at = dt.datetime.fromisoformat(at.replace("Z", "+00:00"))
        if at is not None and at.tzinfo is None:
            at = at.replace(tzinfo=dt.timezone.utc)
        self._frozen = _checked(self.now() if at is None else at.astimezone(dt.timezone.utc))
        return self._frozen

    def advance(self, **duration: float) -> dt.datetime:
        """Move the clock, frozen or running.

        Args:
            **duration: ``datetime.timedelta``'s own arguments: ``days=1``, ``hours=-2``.

        Returns:
            The new current time.

        Raises:
            SignerMockError: that would be outside 1970 to 2900.
        """
        step = dt.timedelta(**duration)
        try:
            _checked(self.now() + step)
        except OverflowError as error:
            msg = f"The mock's clock cannot be moved by {step}: it goes from 1970 to 2900."
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
