"""Mutate the rule of each row of the ledger, and expect the row's test to fail.

``python -m tests.tools.ledger_mutation`` runs all; ids of rows, or their beginnings, choose some.
Where each rule stands is in ``ledger_rules.txt``: an edit for each row of ``docs/fidelity.md`` that
removes or changes what the row says. A row whose test still passes is printed, and so is one that
has no edit yet.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL
from typing import NamedTuple

from tests.tools.mutation import ROOT, run_in_child, warm_up

RULES = Path(__file__).with_name("ledger_rules.txt")
LEDGER = ROOT / "docs" / "fidelity.md"
JOBS = os.cpu_count() or 1


class Rule(NamedTuple):
    """Where a rule stands, and what removes or changes it."""

    rows: tuple[str, ...]
    path: Path
    old: str
    new: str

    def source(self) -> str:
        """The file without the rule.

        Raises:
            ValueError: the lines to find do not stand in the file exactly once.
        """
        text = (ROOT / self.path).read_text()
        if text.count(self.old) != 1:
            msg = (
                f"{self.path} has these lines {text.count(self.old)} times; adapt the edit for "
                f"{', '.join(self.rows)} in {RULES.name}:\n{self.old}"
            )
            raise ValueError(msg)
        return text.replace(self.old, self.new)


def rules() -> Iterator[Rule]:
    """The edits of ``ledger_rules.txt``."""
    for block in RULES.read_text().split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        if lines:
            old = [line[2:] for line in lines[2:] if line.startswith("- ")]
            new = [line[2:] for line in lines[2:] if line.startswith("+ ")]
            path = Path("signer_mock") / lines[1]
            yield Rule(tuple(lines[0].split()), path, "\n".join(old), "\n".join(new))


def row_tests() -> dict[str, str]:
    """The test of each row, by its id."""
    rows = [line.strip("|").split("|") for line in LEDGER.read_text().splitlines() if "::" in line]
    return {row[0].strip(): row[5].strip(" `") for row in rows if len(row) == 6}


def failing(cases: Sequence[tuple[str, str, Path, str]]) -> Iterator[tuple[str, bool]]:
    """Each case's name with whether its test fails against a module's source."""
    waiting, running = list(reversed(cases)), dict[int, str]()
    while waiting or running:
        while waiting and len(running) < JOBS:
            name, test, path, source = waiting.pop()
            running[run_in_child(path, source, [test])] = name
        child, status = os.wait()
        with suppress(ProcessLookupError):
            os.killpg(child, SIGKILL)  # what its test has left running
        yield running.pop(child), status != 0


def main(chosen: Sequence[str]) -> int:
    """Run the rows chosen, print what survived and the score."""
    os.chdir(ROOT)
    tests = row_tests()
    by_row: Mapping[str, Rule] = {row: rule for rule in rules() for row in rule.rows}
    rows = [row for row in tests if not chosen or row.startswith(tuple(chosen))]
    edited = [row for row in rows if row in by_row]
    cases = [(row, tests[row], by_row[row].path, by_row[row].source()) for row in edited]
    warm_up()
    started, outcome = time.monotonic(), Counter[bool]()
    # Without any edit each test passes: else no score would mean anything.
    module = Path("signer_mock/errors.py")
    unedited = [(one, one, module, module.read_text()) for one in {tests[row] for row in edited}]
    if broken := [test for test, fails in failing(unedited) if fails]:
        print("These tests fail without any edit:", *sorted(broken), sep="\n  ")
        return 2
    for row, noticed in failing(cases):
        outcome[noticed] += 1
        if not noticed:
            print(f"survived: {row}\n  {tests[row]}", flush=True)
    for row in rows:
        if row not in by_row:
            print(f"no edit: {row}")
    killed, seconds = outcome[True], time.monotonic() - started
    print(f"{killed} of {len(cases)} killed, {len(rows) - len(cases)} rows without an edit")
    print(f"{killed / max(len(cases), 1):.1%} in {seconds:.0f} seconds")
    return int(killed < len(cases))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
