"""The record of calls that a test author can look at."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from signer_mock._service.log import Log

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


class CallLog(Log[Call]):
    """The calls in the order in which they were answered."""

    def record(self, record: Call) -> None:
        """Add a call."""
        super().record(record)
        recent.append(record)

    def __repr__(self) -> str:
        return "\n".join(map(str, self)) or "(no calls)"
