"""Timing things in turn, so that their ratio holds while the machine's speed drifts.

Times are CPU times of the process unless said otherwise: what else the machine does is not counted.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import signer_mock

#: Where the measured package and these benchmarks are. They differ when another version of the
#: package is measured with these benchmarks.
PACKAGE = Path(signer_mock.__file__).parents[1]
BENCHMARKS = Path(__file__).parents[1]

Times = dict[str, list[float]]


def cpu_seconds(action: Callable[[], object], repeat: int = 1) -> float:
    """Return the CPU time of one call, over ``repeat`` of them."""
    started = time.process_time()
    for _ in range(repeat):
        action()
    return (time.process_time() - started) / repeat


def wall_seconds(action: Callable[[], object]) -> float:
    """Return the wall time of one call."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def in_turn(
    actions: dict[str, Callable[[], object]],
    rounds: int,
    repeat: int = 1,
    timer: Callable[..., float] = cpu_seconds,
) -> Times:
    """Time several things, in turn and in alternating order, after one call of each."""
    for action in actions.values():
        action()
    times: Times = {name: [] for name in actions}
    for number in range(rounds):
        order = list(actions) if number % 2 == 0 else list(reversed(actions))
        for name in order:
            options = (repeat,) if timer is cpu_seconds else ()
            times[name].append(timer(actions[name], *options))
    return times


def environment() -> dict[str, str]:
    """Return the environment of a measured process: the right package, and no settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "PYTHON", "PYTEST"))
    }
    path = os.pathsep.join(map(str, (PACKAGE, BENCHMARKS)))
    return {**kept, "PYTHONPATH": path, "PYTHONHASHSEED": "0", "AWS_EC2_METADATA_DISABLED": "true"}


def fresh(function: str, *args: Any) -> Any:
    """Call ``module:function`` of these benchmarks in a process of its own; return its JSON."""
    module, name = function.split(":")
    code = (
        f"import json; from benchmarks.{module} import {name}; print(json.dumps({name}(*{args})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(),
        cwd=BENCHMARKS,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{function} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def fresh_in_turn(functions: dict[str, str], rounds: int) -> Times:
    """Let each function measure itself in fresh processes, in turn."""
    times: Times = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            times[name].append(fresh(function))
    return times


def cpu_of_command(command: list[str], folder: Path) -> float:
    """Return the CPU seconds of a command that must succeed."""
    with subprocess.Popen(
        command,
        env={**environment(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} failed:\n{output}")
    return usage.ru_utime + usage.ru_stime


def median_ratio(first: list[float], second: list[float]) -> float:
    """Return the median of the ratios, taken pair by pair."""
    return statistics.median(a / b for a, b in zip(first, second, strict=True))


def beyond(first: list[float], second: list[float]) -> float:
    """Return how much more the first takes than the second, by their medians."""
    return statistics.median(first) - statistics.median(second)
