"""The probes as data: well formed, about rows that exist, and refused when they are not."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest

from signer_mock._parity.guard import ALLOWED
from signer_mock._parity.probes import ProbeError, load_probes, parse_probes
from signer_mock._wire.model import service_model
from tests.helpers.constants import ROOT

LEDGER = (ROOT / "docs" / "fidelity.md").read_text()
LEDGER_ROWS = set(re.findall(r"^\| ([a-z-]+\.[a-z0-9-]+) \|", LEDGER, re.MULTILINE))

GOOD: dict[str, Any] = {
    "name": "one",
    "about": "A probe",
    "steps": [{"call": "ListSigningPlatforms", "rows": ["platforms.pages-maxresults-items"]}],
}


def changed(**members: Any) -> dict[str, Any]:
    return {**copy.deepcopy(GOOD), **members}


@pytest.mark.parametrize("probe", load_probes(), ids=lambda probe: probe.name)
def test_a_probe_names_rows_of_the_ledger_and_calls_allowed_operations(probe: Any) -> None:
    assert set(probe.rows) <= LEDGER_ROWS, "run: python docs/ledger.py, and compare the ids"
    assert probe.rows
    for step in probe.steps:
        assert step.operation in ALLOWED[step.service]


def test_every_operation_is_probed() -> None:
    called = {step.operation for probe in load_probes() for step in probe.steps}
    assert set(service_model("signer").operation_names) <= called


def test_the_allowed_operations_are_those_of_the_model() -> None:
    assert ALLOWED["signer"] == set(service_model("signer").operation_names)


def test_a_good_probe_is_taken() -> None:
    assert [probe.name for probe in parse_probes([GOOD])] == ["one"]


@pytest.mark.parametrize(
    ("probes", "complaint"),
    [
        ([changed(steps=[{"call": "ListSigningPlatforms"}])], "names no row"),
        ([changed(colour="red")], "unknown members: \\['colour'\\]"),
        ([changed(needs=["money"])], "unknown needs"),
        ([changed(leaves=["a mess"])], "unknown leaves"),
        ([changed(uses=["nothing"])], "no probe makes the profile nothing"),
        ([GOOD, GOOD], "not unique"),
        ([{"name": "one"}], "about or steps is missing"),
        ([changed(steps=[{"rows": ["a.b"]}])], "one of call, s3 and data"),
        ([changed(steps=[{"call": "X", "s3": "Y", "rows": ["a.b"]}])], "one of call, s3 and data"),
        ([changed(steps=[{"call": "X", "body": {}}])], "without rows"),
        ([changed(steps=[{"call": "X", "checks": [{"body": {}}]}])], "names no row"),
        ([changed(steps=[{"call": "X", "rows": ["a.b"], "colour": 1}])], "unknown members"),
    ],
)
def test_a_malformed_probe_is_refused(probes: list[Any], complaint: str) -> None:
    with pytest.raises(ProbeError, match=complaint):
        parse_probes(probes)


def test_every_file_of_probes_is_written_with_names_only_once() -> None:
    files = list((ROOT / "signer_mock" / "_parity" / "probes").glob("*.json"))
    assert files
    for file in files:
        json.loads(file.read_text(), object_pairs_hook=without_repetition)


def without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len({name for name, _ in pairs}) == len(pairs), pairs
    return dict(pairs)
