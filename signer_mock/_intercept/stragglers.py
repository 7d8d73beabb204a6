"""Threads that were started while a mock was active, and that outlive it."""

from __future__ import annotations

import functools
import threading
import weakref
from collections.abc import Collection
from typing import Any

_stragglers: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
_MARK = "_signer_mock_follows_threads"


def mark_stragglers(before: Collection[threading.Thread]) -> None:
    """Mark all running threads but the current one, and those that were running before.

    Idempotent. Threads that a straggler starts are stragglers as well.
    """
    for thread in threading.enumerate():
        if thread not in before and thread is not threading.current_thread():
            _stragglers.add(thread)
            _follow_threads()


def is_straggler() -> bool:
    """Tell whether the current thread is one."""
    return bool(_stragglers) and threading.current_thread() in _stragglers


def _follow_threads() -> None:
    original: Any = threading.Thread.start
    if getattr(original, _MARK, None) is True:
        return

    @functools.wraps(original)
    def start(self: threading.Thread) -> None:
        if is_straggler():
            _stragglers.add(self)
        original(self)

    setattr(start, _MARK, True)
    threading.Thread.start = start  # type: ignore[method-assign]  # only where threads outlive mocks
