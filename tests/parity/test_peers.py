"""docs/comparison.md is what the other emulators answer, each on the loopback interface."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from docs import comparison
from signer_mock._parity.records import NOT_RUN

PAGE = (Path(__file__).parents[2] / "docs" / "comparison.md").read_text()


@pytest.fixture(scope="module")
def recordings() -> dict[str, Any]:
    if "SIGNER_MOCK_PEERS" not in os.environ:
        pytest.skip("no other emulators: ./run test installs them and sets SIGNER_MOCK_PEERS")
    return comparison.compare_all()


# Two emulators start, and each gets some 300 calls: about 30 seconds on two cores.
@pytest.mark.timeout(300)
def test_the_page_has_each_emulators_result_of_each_row(recordings: dict[str, Any]) -> None:
    hint = "run: python docs/comparison.py"
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    assert [section.splitlines()[0] for section in sections] == list(recordings), hint
    for section, recording in zip(sections, recordings.values(), strict=True):
        shown = dict(re.findall(r"^\| ([a-z-]+\.\S+) \| (\w+) \|", section, re.MULTILINE))
        unseen = set(re.findall(r"`([a-z-]+\.[a-z0-9-]+)`", section.partition("Not run")[2]))
        found = comparison.results(recording)
        assert shown == {r: o for r, o in found.items() if o not in ("same", NOT_RUN)}, hint
        assert unseen == {row for row, result in found.items() if result == NOT_RUN}, hint


@pytest.mark.timeout(300)
def test_no_emulator_is_asked_for_more_than_probes_may_ask(recordings: dict[str, Any]) -> None:
    for recording in recordings.values():
        assert recording["live"] is False
        assert recording["complete"] is True
