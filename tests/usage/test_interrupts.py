"""KeyboardInterrupt at any line of a start or a stop leaves a started or a stopped mock.

Each point costs a process, about 20 ms, so only a part of most is tried here.
``python -m tests.helpers.interrupts "own moto"`` tries all of one kind.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, for speed")

# With the stride: only each so many points.
KINDS = {
    "plain": 7,
    "keep": 9,
    "nested": 1,
    "same mock twice": 1,
    "own moto": 13,
    "inside moto": 13,
    "around moto": 7,
    "own moto inside moto": 13,
}


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


@pytest.mark.parametrize(("kind", "stride"), KINDS.items())
def test_an_interrupt_leaves_a_started_or_a_stopped_mock(kind, stride):
    assert attack(kind, str(stride)) >= 15


def test_an_interrupt_of_the_first_start_of_a_process_does_too():
    assert attack("plain", "cold", "11") > 25


def test_it_may_come_in_any_library_too():
    assert attack("plain", "everywhere", "13") > 50
