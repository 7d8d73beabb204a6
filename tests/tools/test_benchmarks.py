"""The benchmarks run, and report every row; how fast anything is, is not tested."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.__main__ import GROUPS
from benchmarks.targets import TARGETS

ROOT = Path(report.__file__).parents[1]


def test_every_row_belongs_to_a_group():
    assert {target.group for target in TARGETS.values()} == set(GROUPS)


@pytest.mark.timeout(300)  # each starts several processes, and a busy machine has other ones
@pytest.mark.parametrize("group", GROUPS)
def test_a_quick_run_has_a_number_for_every_row(group, tmp_path):
    file = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--only", group, "--json", str(file)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads(file.read_text())["rows"]
    assert set(rows) == {key for key, target in TARGETS.items() if target.group == group}
    for key, row in rows.items():
        assert math.isfinite(row["value"]), key


def test_the_published_tables_and_the_chart_are_those_of_the_published_run():
    for path, content in report.pages().items():
        assert path.read_text() == content, f"{path.name}: run python -m benchmarks.report"
