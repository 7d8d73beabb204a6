"""The ledger is true of the tests: docs/fidelity.md, and the numbers drawn from it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from signer_mock._service.operations import OPERATIONS
from tests.helpers.constants import ROOT

LEDGER = (ROOT / "docs" / "fidelity.md").read_text()
SUMMARY = (ROOT / "docs" / "reference" / "operations.md").read_text()
README = (ROOT / "README.md").read_text()

#: Where rows stand that are of no single operation.
TOPICS = (
    "All operations",
    "Identity policies",
    "Lambda deployments",
    "CloudFormation stacks",
    "Managed signing in ECR",
)
CONFIDENCES = ("documented", "seen live", "assumed")


class Row(NamedTuple):
    id: str
    operation: str
    behaviour: str
    confidence: str
    source: str
    test: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.behaviour[:50]}"


def table(text: str, header: str) -> list[list[str]]:
    """The cells of the table under a header line."""
    lines = iter(text.splitlines())
    for line in lines:
        if line == header:
            break
    next(lines)
    cells = []
    for line in lines:
        if not line.startswith("|"):
            break
        cells.append([cell.strip() for cell in line.strip("|").split("|")])
    return cells


SECTIONS = re.split(r"^### ", LEDGER, flags=re.MULTILINE)[1:]
HEADER = "| Id | Operation | Behaviour | Confidence | Source | Test |"
ROWS = [Row(*cells) for section in SECTIONS for cells in table(section, HEADER)]


@cache
def names_of_tests(path: Path) -> frozenset[str]:
    """The tests in a file: ``test_name``, or ``Class::test_name``."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        holder = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        found |= {
            prefix + one.name
            for one in holder
            if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))
            and one.name.startswith("test")
        }
    return frozenset(found)


def is_a_test(node_id: str) -> bool:
    path, _, name = node_id.partition("::")
    return (ROOT / path).is_file() and name in names_of_tests(ROOT / path)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_names_an_operation_a_confidence_a_source_and_a_test_that_exists(row):
    assert row.operation in {*OPERATIONS, *TOPICS}
    assert row.confidence in CONFIDENCES
    assert row.behaviour
    assert row.source
    assert re.fullmatch(r"`[^`]+`", row.test)
    assert is_a_test(row.test.strip("`")), f"{row.test} does not exist"


def test_a_test_that_does_not_exist_is_noticed():
    here = "tests/docs/test_ledger.py::"
    assert is_a_test(here + "test_a_test_that_does_not_exist_is_noticed")
    assert not is_a_test(here + "test_nothing")
    assert not is_a_test(here)
    assert not is_a_test("tests/test_nowhere.py::test_nothing")


def test_every_row_has_an_id_of_its_own():
    form = re.compile(r"[a-z-]+\.[a-z0-9]+(-[a-z0-9]+)*")
    assert all(form.fullmatch(row.id) for row in ROWS), "run: python docs/ledger.py"
    times = Counter(row.id for row in ROWS)
    assert [name for name, count in times.items() if count > 1] == []


def test_every_operation_has_rows():
    assert {row.operation for row in ROWS} == {*OPERATIONS, *TOPICS}


def test_no_behaviour_is_listed_twice():
    told = Counter((row.operation, row.behaviour) for row in ROWS)
    assert [behaviour for behaviour, times in told.items() if times > 1] == []


def test_what_is_not_assumed_has_a_source():
    assert [
        str(row) for row in ROWS if "no source" in row.source and row.confidence != "assumed"
    ] == []


def test_every_source_is_explained():
    explained = {
        name for cells in table(LEDGER, "| name | what |") for name in cells[0].split(", ")
    }
    for row in ROWS:
        # What follows a colon or semicolon is a remark.
        named = set(re.findall(r"\b[A-Z][A-Z0-9]+\b", re.split("[:;]", row.source)[0]))
        assert named - {"ACTIVE", "ARN", "AWS", "JSON"} <= explained, row


def test_the_numbers_by_operation_are_those_of_the_ledger():
    header = "| Operation | What it does | How complete | documented | seen live | assumed |"
    counted = Counter((row.operation, row.confidence) for row in ROWS)
    shown = {
        re.sub(r"\[(.*)\]\(.*\)", r"\1", cells[0]): [int(number) for number in cells[3:]]
        for cells in table(SUMMARY, header)
        if cells[3]
    }
    total = [sum(row.confidence == confidence for row in ROWS) for confidence in CONFIDENCES]
    assert shown == {
        **{
            operation: [counted[operation, confidence] for confidence in CONFIDENCES]
            for operation in [*OPERATIONS, *TOPICS]
        },
        "Total": total,
    }


def test_each_operation_links_to_its_rows():
    header = "| Operation | What it does | How complete | documented | seen live | assumed |"
    linked = {}
    for cells in table(SUMMARY, header):
        if match := re.fullmatch(r"\[(.*)\]\(\.\./fidelity\.md#(.*)\)", cells[0]):
            linked[match[1]] = match[2]
    assert set(linked) == {*OPERATIONS, *TOPICS}
    for operation, anchor in linked.items():
        # As GitHub and MyST make an anchor of a heading.
        assert anchor == operation.lower().replace(" ", "-")
        (section,) = [one for one in SECTIONS if one.startswith(f"{operation}\n")]
        assert {cells[1] for cells in table(section, HEADER)} == {operation}


def test_the_ledger_opens_with_the_numbers_and_what_each_confidence_means():
    opening = LEDGER.partition("\n## ")[0]
    assert re.match(r"# .*\n\nThe mock has \d+ behaviours: \d+ are documented", opening)
    meanings = table(opening, "| Confidence | What it means | What it means for a test of yours |")
    assert [cells[0].strip("*") for cells in meanings] == list(CONFIDENCES)
    assert all(cells[1] and cells[2] for cells in meanings)


@pytest.mark.parametrize("name", ["docs/reference/operations.md", "docs/fidelity.md", "README.md"])
def test_a_sentence_that_counts_behaviours_counts_them_right(name):
    text = " ".join((ROOT / name).read_text().split())
    counted = Counter(row.confidence for row in ROWS)
    sentences = re.findall(
        r"(\d+) behaviours:? (\d+) are documented, (\d+) seen live, and (\d+) assumed", text
    )
    if name != "README.md":
        assert sentences, "the page lost its sentence"
    for sentence in sentences:
        assert [int(number) for number in sentence] == [
            len(ROWS),
            *(counted[confidence] for confidence in CONFIDENCES),
        ]


def test_the_code_on_the_page_of_operations_runs():
    blocks = re.findall(r"^```python\n(.*?)^```", SUMMARY, re.DOTALL | re.MULTILINE)
    assert blocks
    for code in blocks:
        exec(compile(code, "docs/reference/operations.md", "exec"), {})
