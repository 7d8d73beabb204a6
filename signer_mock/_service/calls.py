"""The record of calls that a test author can look at."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

if TYPE_CHECKING:
    import datetime as dt


class Call(NamedTuple):
    """One request that reached the mock.

    Attributes:
        operation: the operation's name, or None where no operation has such a path.
        account_id: the caller's account.
        region: the region called.
        params: the parsed input, as boto3 was given it; empty where it could not be read.
        status: the HTTP status answered.
        error: the exception's name (``"ValidationException"``), or None.
        principal: the caller's ARN.
        time: when it came, by the mock's clock.
    """

    operation: str | None
    account_id: str
    region: str
    params: Mapping[str, Any]
    status: int
    error: str | None
    principal: str
    time: dt.datetime

    def __str__(self) -> str:
        outcome = f"{self.status} {self.error}" if self.error else str(self.status)
        operation = self.operation or "(unknown operation)"
        return f"{operation} [{self.account_id} {self.region}] -> {outcome}"


#: The newest calls of all mocks of this process, for the report of a failed test.
recent: deque[Call] = deque(maxlen=50)


class CallLog(Sequence[Call]):
    """The calls in the order in which they were answered; read-only for everyone but the app.

    Args:
        limit: how many of the newest are kept; None keeps all.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._calls: deque[Call] = deque(maxlen=limit)

    def record(self, call: Call) -> None:
        """Append a call."""
        self._calls.append(call)
        recent.append(call)

    def clear(self) -> None:
        """Forget all calls."""
        self._calls.clear()

    def restore(self, calls: Sequence[Call]) -> None:
        """Have had these calls, and no others."""
        self._calls.clear()
        self._calls.extend(calls)

    def __len__(self) -> int:
        return len(self._calls)

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Call]: ...
    def __getitem__(self, index: int | slice) -> Call | Sequence[Call]:
        if isinstance(index, slice):
            return tuple(self._calls)[index]
        return self._calls[index]

    def __iter__(self) -> Iterator[Call]:
        return iter(tuple(self._calls))

    def __repr__(self) -> str:
        return "\n".join(map(str, self._calls)) or "(no calls)"
