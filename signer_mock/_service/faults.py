"""``mock.faults``: inject errors, delays, timeouts and lost responses."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from signer_mock._service.callers import Caller
from signer_mock._service.calls import is_positive_int, is_seconds, unknown_name
from signer_mock._service.fault import (
    COMMON_ERRORS,
    EVERY_OPERATION,
    MODELLED_ERRORS,
    USUAL_MESSAGES,
    Fault,
    Kind,
)
from signer_mock._wire.exceptions import TooManyRequestsException
from signer_mock.errors import SignerMockError


@dataclass(slots=True, repr=False, eq=False)
class _Rate:
    operation: str
    per_second: int
    #: When each call of the last second came, by account and region.
    recent: dict[tuple[str, str, str], deque[dt.datetime]] = field(default_factory=dict)


class Faults:
    """``mock.faults``: what goes wrong in the next calls.

    Faults fire in the order in which they were added. A call meets at most one fault that fails
    it; delays add to it.

    Args:
        operations: The names of all operations.
    """

    def __init__(self, operations: Iterable[str]) -> None:
        self._operations = tuple(operations)
        self._pending: list[Fault] = []
        self._fired: list[Fault] = []
        self._rates: list[_Rate] = []

    # What a test author asks for

    def fail(
        self,
        operation: str,
        error: str,
        *,
        times: int | None = 1,
        message: str | None = None,
        code: str | None = None,
        retry_after: float | None = None,
        account_id: str | None = None,
        principal: str | None = None,
    ) -> None:
        """Answer the next calls with an error, without any effect.

        Args:
            operation: The operation's name, or ``"*"`` for every operation.
            error: An error that AWS Signer's model has (``"TooManyRequestsException"``), or one
                of AWS's common errors (``"ExpiredTokenException"``, ``"ServiceUnavailable"``).
            times: How many calls fail; None is every call until ``clear()``. botocore's retries
                count as calls.
            message: The error's message; None is a usual one.
            code: The body's ``code``; None is the error's name.
            retry_after: Seconds for the headers ``Retry-After`` and ``x-amz-retry-after``.
            account_id: Only calls of this account.
            principal: Only calls of the principal with this ARN.

        Raises:
            SignerMockError: The operation or the error does not exist, ``times`` is no positive
                number, or ``retry_after`` is negative.
        """
        if retry_after is not None:
            _require_seconds("fail", "retry_after", retry_after)
        usual = self._usual_message(error)
        self._add(
            "error",
            operation,
            times,
            account_id,
            principal,
            error=error,
            message=usual if message is None else message,
            code=code,
            retry_after=retry_after,
        )

    def delay(
        self,
        operation: str,
        seconds: float,
        *,
        times: int | None = 1,
        account_id: str | None = None,
        principal: str | None = None,
    ) -> None:
        """Answer the next calls late.

        Args:
            operation: The operation's name, or ``"*"``.
            seconds: How long, in real time; other calls are not held up.
            times: How many calls; None is every call until ``clear()``.
            account_id: Only calls of this account.
            principal: Only calls of the principal with this ARN.

        Raises:
            SignerMockError: As for ``fail``; or ``seconds`` is negative.
        """
        _require_seconds("delay", "seconds", seconds)
        self._add("delay", operation, times, account_id, principal, seconds=float(seconds))

    def timeout(
        self,
        operation: str,
        *,
        times: int | None = 1,
        connect: bool = False,
        account_id: str | None = None,
        principal: str | None = None,
    ) -> None:
        """Let the next calls time out at once, without any effect.

        The client raises what it raises for a real timeout: botocore's ``ReadTimeoutError``, after
        its retries.

        Args:
            operation: The operation's name, or ``"*"``.
            times: How many calls; None is every call until ``clear()``.
            connect: Time out while connecting (``ConnectTimeoutError``).
            account_id: Only calls of this account.
            principal: Only calls of the principal with this ARN.

        Raises:
            SignerMockError: As for ``fail``.
        """
        kind: Kind = "connect timeout" if connect else "read timeout"
        self._add(kind, operation, times, account_id, principal)

    def disconnect(
        self,
        operation: str,
        *,
        times: int | None = 1,
        account_id: str | None = None,
        principal: str | None = None,
    ) -> None:
        """Let the next calls find no server: botocore's ``EndpointConnectionError``.

        Args:
            operation: The operation's name, or ``"*"``.
            times: How many calls; None is every call until ``clear()``.
            account_id: Only calls of this account.
            principal: Only calls of the principal with this ARN.

        Raises:
            SignerMockError: As for ``fail``.
        """
        self._add("disconnect", operation, times, account_id, principal)

    def drop_response(
        self,
        operation: str,
        *,
        times: int | None = 1,
        account_id: str | None = None,
        principal: str | None = None,
    ) -> None:
        """Perform the next calls and lose their responses: botocore's ``ConnectionClosedError``.

        Args:
            operation: The operation's name, or ``"*"``.
            times: How many calls; None is every call until ``clear()``.
            account_id: Only calls of this account.
            principal: Only calls of the principal with this ARN.

        Raises:
            SignerMockError: As for ``fail``.
        """
        self._add("drop response", operation, times, account_id, principal)

    def rate(self, operation: str, *, per_second: int) -> None:
        """Answer 429 ``TooManyRequestsException`` to calls beyond a rate, until ``clear()``.

        AWS publishes no rates for AWS Signer, so there is no default. Each account has its own
        allowance in each region, measured by the mock's clock: a frozen clock never refills it.

        Args:
            operation: The operation's name, or ``"*"`` for a rate that each operation has.
            per_second: How many calls are answered within any one second.

        Raises:
            SignerMockError: The operation does not exist, or ``per_second`` is no positive int.
        """
        self._require_operation(operation)
        if not is_positive_int(per_second):
            msg = f"mock.faults.rate(per_second={per_second!r}): expected a positive int."
            raise SignerMockError(msg)
        self._rates.append(_Rate(operation, per_second))

    @property
    def pending(self) -> Sequence[Fault]:
        """The faults that have not fired as often as asked, oldest first."""
        return tuple(self._pending)

    @property
    def fired(self) -> Sequence[Fault]:
        """One entry for each time that a fault fired, oldest first."""
        return tuple(self._fired)

    def clear(self) -> None:
        """Remove all faults and rates; ``fired`` stays."""
        self._pending.clear()
        self._rates.clear()

    def __repr__(self) -> str:
        lines = [*map(str, self._pending), *(_describe_rate(rate) for rate in self._rates)]
        return "\n".join(lines) or "(no faults)"

    # What the mock asks

    @property
    def is_idle(self) -> bool:
        """Whether there are no faults and no rates, which is nearly always."""
        return not self._pending and not self._rates

    def next_for(self, operation: str, caller: Caller) -> tuple[float, Fault | None]:
        """Take the faults that hit a call.

        Returns:
            By how many seconds the call is delayed, and the fault that fails it, or None.
        """
        delay = 0.0
        for fault in tuple(self._pending):
            if not fault.hits(operation, caller):
                continue
            self._fire(fault)
            if fault.kind != "delay":
                return delay, fault
            delay += fault.seconds
        return delay, None

    def check_rate(self, operation: str, account_id: str, region: str, now: dt.datetime) -> None:
        """Count a call.

        Raises:
            TooManyRequestsException: There were too many in the last second.
        """
        for rate in self._rates:
            if rate.operation not in (EVERY_OPERATION, operation):
                continue
            calls = rate.recent.setdefault((operation, account_id, region), deque())
            while calls and not 0 <= (now - calls[0]).total_seconds() < 1:
                calls.popleft()
            if len(calls) >= rate.per_second:
                raise TooManyRequestsException(USUAL_MESSAGES["TooManyRequestsException"])
            calls.append(now)

    def reset(self) -> None:
        """Forget everything, ``fired`` included."""
        self.clear()
        self._fired.clear()

    def _fire(self, fault: Fault) -> None:
        self._fired.append(fault)
        if fault.times is None:
            return
        place = next(i for i, other in enumerate(self._pending) if other is fault)
        if fault.times == 1:
            del self._pending[place]
        else:
            self._pending[place] = fault._replace(times=fault.times - 1)

    def _add(
        self,
        kind: Kind,
        operation: str,
        times: int | None,
        account_id: str | None,
        principal: str | None,
        **details: Any,
    ) -> None:
        self._require_operation(operation)
        if times is not None and not is_positive_int(times):
            msg = f"times={times!r}: expected a positive int, or None for every call until clear()."
            raise SignerMockError(msg)
        self._pending.append(Fault(operation, kind, times, account_id, principal, **details))

    def _require_operation(self, operation: object) -> None:
        if operation != EVERY_OPERATION and operation not in self._operations:
            known = (*self._operations, EVERY_OPERATION)
            raise unknown_name("mock.faults", "operation", operation, known)

    def _usual_message(self, error: str) -> str:
        if error in MODELLED_ERRORS:
            return USUAL_MESSAGES.get(error, f"{error} was injected")
        if error in COMMON_ERRORS:
            return COMMON_ERRORS[error][1]
        raise unknown_name("mock.faults", "error", error, (*MODELLED_ERRORS, *COMMON_ERRORS))


def _require_seconds(method: str, argument: str, given: object) -> None:
    if not is_seconds(given):
        msg = (
            f"mock.faults.{method}({argument}={given!r}): expected a number of seconds, 0 or more."
        )
        raise SignerMockError(msg)


def _describe_rate(rate: _Rate) -> str:
    return f"{rate.operation}: at most {rate.per_second} a second"
