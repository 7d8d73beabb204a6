"""Logs of what has happened: read-only for tests."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar, overload

_T = TypeVar("_T")


class Log(Sequence[_T]):
    """Records, oldest first; read-only for everyone but the mock.

    Args:
        limit: How many of the newest are kept; None keeps all.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._records: deque[_T] = deque(maxlen=limit)

    def record(self, record: _T) -> None:
        """Add a record."""
        self._records.append(record)

    def clear(self) -> None:
        """Forget all records."""
        self._records.clear()

    def restore(self, records: Sequence[_T]) -> None:
        """Replace the log with these records."""
        self._records.clear()
        self._records.extend(records)

    def __len__(self) -> int:
        return len(self._records)

    @overload
    def __getitem__(self, index: int) -> _T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[_T]: ...
    def __getitem__(self, index: int | slice) -> _T | Sequence[_T]:
        if isinstance(index, slice):
            from signer_mock.records import Records

            return Records(tuple(self._records)[index])
        return self._records[index]

    def __iter__(self) -> Iterator[_T]:
        return iter(tuple(self._records))

    def __repr__(self) -> str:
        from signer_mock._views.text import log_lines

        return log_lines(tuple(self._records), self._describe)

    def _repr_html_(self) -> str:
        from signer_mock._views.tables import records_view

        return records_view(tuple(self._records))

    def _describe(self, record: _T) -> str:
        return repr(record)


class EventLog(Log[Mapping[str, Any]]):
    """``mock.events``: the events in the order in which they were sent; read-only."""

    def _describe(self, record: Mapping[str, Any]) -> str:
        from signer_mock._views.text import event_line

        return event_line(record)
