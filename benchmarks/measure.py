"""Timing two things in turn, so that their ratio holds while the machine's speed drifts."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable


def seconds(action: Callable[[], object], repeat: int) -> float:
    """The time of one call, over ``repeat`` of them."""
    started = time.perf_counter()
    for _ in range(repeat):
        action()
    return (time.perf_counter() - started) / repeat


def compare(
    first: Callable[[], object], second: Callable[[], object], repeat: int = 100, rounds: int = 15
) -> tuple[float, float, float]:
    """Median seconds of each, and the median of their ratios, taken pair by pair."""
    first(), second()
    pairs = [(seconds(first, repeat), seconds(second, repeat)) for _ in range(rounds)]
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )


def in_fresh_process(code: str, rounds: int = 7) -> float:
    """The median of what ``code`` prints as its last line, each time in a process of its own."""
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(rounds)
    ]
    return statistics.median(float(run.stdout.splitlines()[-1]) for run in runs)
