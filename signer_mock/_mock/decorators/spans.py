"""Keep a mock active from a set-up to its tear-down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol


class Mock(Protocol):
    """What the decorators need of a mock; it may be entered more than once."""

    @property
    def owns_world(self) -> bool:
        """Whether no other mock shares its world."""

    def __enter__(self) -> Any: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def snapshot(self) -> Any:
        """Copy the present state."""

    def restore(self, snapshot: Any) -> None:
        """Replace the state."""


@dataclass(slots=True)
class _Span:
    owner: Any  # kept alive, so that its id is not reused
    owns_world: bool
    snapshot: Any = None
    depth: int = 0


class Spans:
    """The spans that one decorated class has open: for classes, and for single tests.

    Args:
        mock: What is active within each span.
    """

    def __init__(self, mock: Mock) -> None:
        self._mock = mock
        self._open: dict[int, _Span] = {}

    def is_open(self, owner: Any) -> bool:
        """Tell whether the owner's span has begun and not ended."""
        return id(owner) in self._open

    def open(self, owner: Any, *, undo: bool = False) -> bool:
        """Begin a span, unless it has begun.

        Args:
            owner: A class, or an instance for one test.
            undo: Make the world what it was, at the span's end.

        Returns:
            Whether it was begun by this call.
        """
        if self.is_open(owner):
            return False
        self._mock.__enter__()
        try:
            snapshot = self._mock.snapshot() if undo else None
            self._open[id(owner)] = _Span(owner, self._mock.owns_world, snapshot)
        except BaseException:
            self._mock.__exit__(None, None, None)
            raise
        return True

    def close(self, owner: Any) -> None:
        """End a span; does nothing where there is none."""
        span = self._open.pop(id(owner), None)
        if span is None:
            return
        try:
            if span.snapshot is not None:
                self._mock.restore(span.snapshot)
        finally:
            self._mock.__exit__(None, None, None)

    @contextmanager
    def beginning(self, owner: Any, *, undo: bool = False) -> Iterator[None]:
        """Wrap a set-up: the span stays open, unless the set-up fails."""
        began = self.open(owner, undo=undo)
        try:
            yield
        except BaseException:
            if began:
                self.close(owner)
            raise

    @contextmanager
    def ending(self, owner: Any) -> Iterator[None]:
        """Wrap a tear-down, which ends the span; if tear-downs nest, the outer one ends it."""
        self.open(owner)
        span = self._open[id(owner)]
        span.depth += 1
        try:
            yield
        finally:
            span.depth -= 1
            if span.depth == 0:
                self.close(owner)

    @contextmanager
    def around(self, owner: Any, *, undo: bool) -> Iterator[None]:
        """Wrap a whole test."""
        began = self.open(owner, undo=undo)
        try:
            yield
        finally:
            if began:
                self.close(owner)

    def test_shares_class_world(self, cls: type) -> bool:
        """Tell whether a test of the class runs in the state that its class's span has begun."""
        span = self._open.get(id(cls))
        return span is not None and span.owns_world
