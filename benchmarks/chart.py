"""The chart of the figures: how far each is from its target, before and now."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.targets import TARGETS, Target

_WIDTH, _LABELS, _FIGURES = 960, 470, 110
_ROW, _TOP, _BOTTOM = 22, 86, 34
_LEAST, _MOST = 1 / 20, 20.0
_TICKS = {0.1: "10 times better", 1.0: "target", 10.0: "10 times worse"}

_STYLE = """
text { font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.title { font-size: 16px; font-weight: 600 }
.soft { fill: #59636e; font-size: 12px }
.grid { stroke: #d1d9e0 }
.target { stroke: #59636e }
.way { stroke: #b7bfc8; stroke-width: 3 }
.before { fill: #ffffff; stroke: #818b98; stroke-width: 2 }
.met { fill: #0969da }
.missed { fill: #bc4c00 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .soft { fill: #9198a1 }
  .grid { stroke: #3d444d }
  .target { stroke: #9198a1 }
  .way { stroke: #4a525c }
  .before { fill: #0d1117; stroke: #9198a1 }
  .met { fill: #4493f8 }
  .missed { fill: #f0883e }
}
"""

Rows = Mapping[str, Mapping[str, Any]]


def draw(results: Rows, before: Rows) -> str:
    """Draw the rows that have a figure now; a row without an earlier figure has one dot."""
    rows = {key: target for key, target in TARGETS.items() if key in results}
    height = _TOP + _ROW * len(rows) + _BOTTOM
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title">',
        f'<title id="title">{escape(_summary(rows, results))}</title>',
        f"<style>{_STYLE}</style>",
        '<text class="title" x="0" y="20">How far each figure is from its target</text>',
        *_legend(),
        *_grid(height),
    ]
    for number, (key, target) in enumerate(rows.items()):
        y = _TOP + _ROW * number + _ROW / 2
        value = float(results[key]["value"])
        earlier = before.get(key)
        parts += _row(target, y, value, float(earlier["value"]) if earlier else None)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _summary(rows: Mapping[str, Target], results: Rows) -> str:
    met = sum(target.is_met(float(results[key]["value"])) for key, target in rows.items())
    return f"{met} of {len(rows)} figures meet their target"


def _legend() -> Iterator[str]:
    for x, mark, text in (
        (6, "before", "before"),
        (86, "met", "now, target met"),
        (226, "missed", "now, target not met"),
    ):
        yield f'<circle class="{mark}" cx="{x}" cy="43" r="5"/>'
        yield f'<text class="soft" x="{x + 12}" y="47">{text}</text>'


def _grid(height: int) -> Iterator[str]:
    for place, text in _TICKS.items():
        x, kind = _x(place), "target" if place == 1 else "grid"
        yield f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 6}" y2="{height - 26}"/>'
        yield f'<text class="soft" x="{x:.1f}" y="{_TOP - 14}" text-anchor="middle">{text}</text>'


def _row(target: Target, y: float, value: float, earlier: float | None) -> Iterator[str]:
    now = _x(_distance(target, value))
    yield f'<text x="0" y="{y + 4:.1f}">{escape(_short(target.what))}</text>'
    if earlier is not None:
        then = _x(_distance(target, earlier))
        yield f'<line class="way" x1="{then:.1f}" x2="{now:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<circle class="before" cx="{then:.1f}" cy="{y:.1f}" r="5"/>'
    kind = "met" if target.is_met(value) else "missed"
    yield f'<circle class="{kind}" cx="{now:.1f}" cy="{y:.1f}" r="6"/>'
    figure = escape(target.figure(value))
    yield f'<text x="{_WIDTH}" y="{y + 4:.1f}" text-anchor="end">{figure}</text>'


def _distance(target: Target, value: float) -> float:
    """How many times the target: below 1 is better."""
    value = max(value, 1e-6)
    return target.limit / value if target.at_least else value / target.limit


def _x(distance: float) -> float:
    shown = min(max(distance, _LEAST), _MOST)
    share = math.log(shown / _LEAST) / math.log(_MOST / _LEAST)
    return _LABELS + share * (_WIDTH - _LABELS - _FIGURES)


def _short(text: str) -> str:
    text = text.replace("`", "")
    return text if len(text) <= 66 else re.split(r", beyond | / with ", text)[0]
