"""The notebook runs from its first cell to its last, and shows what its text says."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from signer_mock import SignerMock
from signer_mock.records import Records, SigningJob
from signer_mock.verify import RevokedError, VerifiedSignature

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"


def cells() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in found if cell["cell_type"] == "code"]


def run(source: str, names: dict[str, Any], number: int) -> Any:
    """Run a cell, and return the value of the expression at its end, as a notebook does."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    name = f"<cell {number}>"
    exec(compile(tree, name, "exec"), names)
    if last is None:
        return None
    assert isinstance(last, ast.Expr)
    return eval(compile(ast.Expression(last.value), name, "eval"), names)


def test_the_notebook_tells_the_whole_story() -> None:
    names: dict[str, Any] = {}
    shown: list[tuple[Any, str]] = []
    try:
        for number, cell in enumerate(cells()):
            value = run("".join(cell["source"]), names, number)
            html = getattr(value, "_repr_html_", lambda: None)()
            shown.append((value, html or repr(value)))
    finally:
        if "mock" in names and names["mock"]._activation.holders:
            names["mock"].stop()

    values = [value for value, _ in shown]
    text = [text for _, text in shown]
    assert isinstance(values[0], SignerMock)
    assert any(isinstance(value, VerifiedSignature) for value in values)
    assert any(isinstance(value, RevokedError) for value in values)
    assert sum("TooManyRequestsException" in one for one in text) >= 2
    for part in ("Verified", "InProgress", "The build was withdrawn", "root", "AccessDenied"):
        assert any(part in one for one in text), part
    assert ">stopped</span>" in text[-1]
    for value, shown_text in shown:
        assert "object at 0x" not in repr(value)
        assert "<script" not in shown_text
    jobs: Records[SigningJob] = Records(names["mock"].jobs)
    assert [job.status for job in jobs] == ["Succeeded", "Failed"]


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: cell["id"])
def test_no_output_is_committed(cell: dict[str, Any]) -> None:
    assert cell["outputs"] == []
    assert cell["execution_count"] is None
