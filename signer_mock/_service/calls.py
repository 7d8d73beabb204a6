"""``mock.calls``: the record of calls, and what a strict test expects of them."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from signer_mock._service.log import Log
from signer_mock.errors import InvalidArgumentError, StrictError

if TYPE_CHECKING:
    import datetime as dt


class Call(NamedTuple):
    """One request that reached the mock.

    Attributes:
        operation: The operation's name, or None where no operation has such a path.
        account_id: The caller's account.
        region: The region called.
        params: The parsed input, as boto3 was given it; empty where it could not be read.
        status: The HTTP status answered.
        error: The exception's name (``"ValidationException"``), or None.
        principal: The caller's ARN.
        time: When it came, by the mock's clock.
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
        from signer_mock._views.text import plain

        outcome = f"{self.status} {self.error}" if self.error else str(self.status)
        operation = self.operation or "(unknown operation)"
        return plain(f"{operation} [{self.account_id} {self.region}] -> {outcome}")

    def __repr__(self) -> str:
        return f"<Call {self}>"

    def _repr_html_(self) -> str:
        from signer_mock._views.tables import records_view

        return records_view((self,))


#: The newest calls of all mocks of this process, for the report of a failed test.
recent: deque[Call] = deque(maxlen=50)
#: Hints for the author of a failed test; for the same report.
hints: deque[str] = deque(maxlen=10)


class CallLog(Log[Call]):
    """``mock.calls``: the calls in the order in which they were answered; read-only.

    Args:
        operations: The names of all operations, to tell a misspelled one.
        limit: How many of the newest calls to keep; None keeps all.
    """

    def __init__(self, operations: Iterable[str] = (), limit: int | None = None) -> None:
        super().__init__(limit)
        self._operations = tuple(operations)
        self._expected: list[_Expectation] = []
        self._unexpected: list[str] = []
        #: Whether a call that no ``expect()`` names is an error, even if nothing is expected.
        self.always_strict = False

    def of(self, operation: str, **params: Any) -> Sequence[Call]:
        """Return the calls of one operation, oldest first.

        Args:
            operation: The operation's name.
            **params: Parameters that the calls must have been given. Nested ones are compared in
                part: ``source={"s3": {"bucketName": "code"}}``.

        Raises:
            SignerMockError: There is no such operation.
        """
        from signer_mock.records import Records

        self._require_operation(operation)
        return Records(
            call
            for call in tuple(self)
            if call.operation == operation and _includes(call.params, params)
        )

    def assert_called(
        self, operation: str, *, times: int | None = None, **params: Any
    ) -> Sequence[Call]:
        """Assert that an operation was called, every attempt counted.

        Args:
            operation: The operation's name.
            times: How often exactly; None is at least once.
            **params: As for ``of``.

        Returns:
            The calls that match.

        Raises:
            AssertionError: There is no such call, or not that many; the message shows the calls.
            SignerMockError: There is no such operation.
        """
        found = self.of(operation, **params)
        if (times is None and found) or len(found) == times:
            return found
        wanted = f"{operation}{_describe(params)}"
        often = "at least once" if times is None else _often(times)
        happened = f"called {_often(len(found))}" if found else "never called"
        msg = f"Expected {wanted} {often}, but it was {happened}.{self._report()}"
        raise AssertionError(msg)

    def assert_not_called(self, operation: str | None = None, **params: Any) -> None:
        """Assert that an operation was not called.

        Args:
            operation: The operation's name; None is any call at all.
            **params: As for ``of``.

        Raises:
            AssertionError: It was called; the message shows the calls.
            SignerMockError: There is no such operation.
        """
        found = tuple(self) if operation is None else self.of(operation, **params)
        if found:
            wanted = "call" if operation is None else f"call of {operation}{_describe(params)}"
            msg = f"Expected no {wanted}, but there was: {found[0]}.{self._report()}"
            raise AssertionError(msg)

    def expect(self, operation: str, *, times: int | None = None, **params: Any) -> None:
        """Expect calls of an operation; every other call is an error from now on.

        Args:
            operation: The operation's name.
            times: How often exactly; None is any number of times, but at least once.
            **params: As for ``of``.

        Raises:
            SignerMockError: There is no such operation.
        """
        self._require_operation(operation)
        self._expected.append(_Expectation(operation, params, times))

    @property
    def is_strict(self) -> bool:
        """Whether a call that no ``expect()`` names is an error."""
        return self.always_strict or bool(self._expected)

    def require_expected(self, operation: str, params: Mapping[str, Any]) -> None:
        """Count a call of a strict test against what it expects.

        Raises:
            StrictError: It is not expected.
        """
        for expectation in self._expected:
            if expectation.takes(operation, params):
                expectation.seen += 1
                return
        known = "; ".join(map(str, self._expected)) or "nothing"
        msg = (
            f"{operation}{_describe(params)} was not expected. Expected: {known}. Announce it "
            f"with mock.calls.expect({operation!r}), or leave strict=True out."
        )
        self._unexpected.append(msg)
        raise StrictError(msg)

    def take_problems(self) -> list[str]:
        """Return what a strict test reports at its end, and expect nothing any more."""
        missing = [
            f"{one} was expected, but called {_often(one.seen)}"
            for one in self._expected
            if one.seen != one.times and (one.times is not None or not one.seen)
        ]
        problems = [*self._unexpected, *missing]
        self._forget_expected()
        return problems

    def record(self, record: Call) -> None:
        """Add a call."""
        self._records.append(record)
        recent.append(record)

    def clear(self) -> None:
        """Forget all calls and expectations."""
        super().clear()
        self._forget_expected()

    def __repr__(self) -> str:
        from signer_mock._views.text import log_lines

        return log_lines(tuple(self), str, "(no calls)")

    def _repr_html_(self) -> str:
        from signer_mock._views.tables import records_view

        return records_view(tuple(self), "Call")

    def _forget_expected(self) -> None:
        self._expected.clear()
        self._unexpected.clear()

    def _require_operation(self, operation: object) -> None:
        if self._operations and operation not in self._operations:
            raise unknown_name("mock.calls", "operation", operation, self._operations)

    def _report(self) -> str:
        if not len(self):
            return " There was no call at all."
        return "\nCalls:\n" + "\n".join(f"  {call}{_describe(call.params)}" for call in self)


@dataclass(slots=True, repr=False, eq=False)
class _Expectation:
    operation: str
    params: Mapping[str, Any]
    times: int | None
    seen: int = 0

    def takes(self, operation: str | None, params: Mapping[str, Any]) -> bool:
        return (
            operation == self.operation
            and self.seen != self.times
            and _includes(params, self.params)
        )

    def __str__(self) -> str:
        often = "" if self.times is None else f" {_often(self.times)}"
        return f"{self.operation}{_describe(self.params)}{often}"


def _includes(given: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping) and isinstance(given, Mapping):
        return all(
            name in given and _includes(given[name], value) for name, value in wanted.items()
        )
    return bool(given == wanted)


def _describe(params: Mapping[str, Any]) -> str:
    shown = ", ".join(f"{name}={shorten(repr(value))}" for name, value in params.items())
    return f"({shown})" if shown else ""


def shorten(text: str, width: int = 120) -> str:
    """Cut a long text."""
    return text if len(text) <= width else f"{text[:width]}..."


def _often(times: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(times, f"{times} times")


def unknown_name(
    where: str, kind: str, given: object, known: Sequence[str]
) -> InvalidArgumentError:
    """Return the error for a name that does not exist, with the nearest one that does."""
    import difflib

    near = difflib.get_close_matches(str(given), known, cutoff=0.4)
    advice = f"did you mean {near[0]!r}?" if near else f"it is one of {', '.join(sorted(known))}."
    msg = f"{where}: there is no {kind} {given!r}; {advice}"
    return InvalidArgumentError(msg)


def is_positive_int(value: object) -> bool:
    """Return whether a test gave a number of times."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def is_seconds(value: object) -> bool:
    """Return whether a test gave a number of seconds, 0 or more."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf
