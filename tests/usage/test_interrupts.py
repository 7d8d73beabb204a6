"""KeyboardInterrupt at any line of a start or a stop leaves a started or a stopped mock.

Each point costs a process, about 20 ms; so of the longer scenarios a part is tried here.
``python -m tests.helpers.interrupts "own moto start"`` tries all of one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, for speed")

KINDS = [
    "plain",
    "keep",
    "nested",
    "same mock twice",
    "own moto",
    "inside moto",
    "around moto",
    "own moto inside moto",
]
SCENARIOS = [f"{kind} {verb}" for kind in KINDS for verb in ("start", "stop")]
SCENARIOS.remove("around moto start")


def attack(*arguments: str) -> int:
    """Interrupt at each point; returns how many there were."""
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "own", "AWS_SECRET_ACCESS_KEY": "own"}
    environment.pop("AWS_DEFAULT_REGION", None)
    done = subprocess.run(
        [sys.executable, "-m", "tests.helpers.interrupts", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["wrong"] == []
    points: int = result["points"]
    return points


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_interrupt_leaves_a_started_or_a_stopped_mock(scenario):
    stride = "5" if "moto" in scenario or scenario in {"plain start", "keep start"} else "1"
    assert attack(scenario, stride) >= 5


def test_an_interrupt_of_the_first_start_of_a_process_does_too():
    assert attack("plain start", "cold", "3") > 100


@pytest.mark.parametrize(("scenario", "stride"), [("plain start", "9"), ("plain stop", "5")])
def test_it_may_come_in_any_library_too(scenario, stride):
    assert attack(scenario, "everywhere", stride) > 50
