"""The pictures of the documentation show what the code does today."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest

from docs import drawing, pictures
from tests.helpers.doc_blocks import plain

IMAGES = Path(__file__).parents[2] / "docs" / "images"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_drawing_of_the_architecture_is_up_to_date(theme: str) -> None:
    shown = (IMAGES / f"architecture-{theme}.svg").read_text()
    assert shown == drawing.draw(theme), "run: python docs/drawing.py"


def test_arrows_that_others_imply_are_left_out() -> None:
    graph = {"a": {"b", "c"}, "b": {"c"}, "c": set[str]()}
    assert drawing.reduced(graph) == {"a": {"b"}, "b": {"c"}, "c": set()}
    assert drawing.rows_of(graph) == [["a"], ["b"], ["c"]]
    twins = {"a": {"b"}, "b": {"c", "d"}, "c": {"b", "d"}, "d": set[str]()}
    assert drawing.reduced(twins)["b"] >= {"c"}
    assert drawing.rows_of(twins) == [["a"], ["b", "c"], ["d"]]


def test_the_report_of_a_failed_test_is_up_to_date(monkeypatch: Any) -> None:
    svg = (IMAGES / "failed-test.svg").read_text()
    shown = [html.unescape(text) for text in re.findall(r">([^<>]*)</text>", svg)]
    now = pictures.terminal(pictures.report())
    printed = [html.unescape(text) for text in re.findall(r">([^<>]*)</text>", now)]
    assert plain("\n".join(shown)) == plain("\n".join(printed)), "run: python docs/pictures.py"
