"""Write the published figures from ``results.json``: ``python -m benchmarks.report``.

It fills in the tables of ``benchmarks/README.md`` and ``docs/explanation/speed.md``, and draws
``docs/images/speed.svg``. ``before.json`` has the figures of an earlier version, for comparison.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from benchmarks.chart import draw
from benchmarks.targets import TARGETS

HERE = Path(__file__).parent
ROOT = HERE.parent
README = HERE / "README.md"
DOCS = ROOT / "docs" / "explanation" / "speed.md"
CHART = ROOT / "docs" / "images" / "speed.svg"

_SECTION = "<!-- {name}: made by python -m benchmarks.report -->\n"
_END = "<!-- end -->"


def load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / name).read_text())
    return found


def table(results: dict[str, Any], before: dict[str, Any]) -> str:
    """All rows: target, before, now, at best, and moto's figure where it has one."""
    lines = ["| | target | before | now | | at best | moto |", "|---|---|---|---|---|---|---|"]
    for key, target in TARGETS.items():
        row, earlier = results["rows"].get(key), before["rows"].get(key)
        if row is None:
            continue
        cells = [
            target.what,
            target.reach,
            target.figure(earlier["value"]) if earlier else "",
            f"**{target.figure(row['value'])}**",
            "met" if target.is_met(row["value"]) else "not met",
            *(target.figure(row[name]) if name in row else "" for name in ("at best", "moto")),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def machine(results: dict[str, Any]) -> str:
    """Where and when the figures were measured."""
    found = results["machine"]
    parts = ", ".join(
        f"{name} {found[name]}" for name in ("botocore", "moto", "cryptography", "pytest")
    )
    return (
        f"Measured on {results['date']}: {found['cores']} cores, {found['system']}, Python "
        f"{found['python']}, {parts}."
    )


def server_table(results: dict[str, Any]) -> str:
    """The server's rows, as the documentation shows them."""
    lines = ["| | requests per second | ministack's | ratio |", "|---|---|---|---|"]
    for key, target in TARGETS.items():
        row = results["rows"].get(key)
        if target.group != "server" or row is None:
            continue
        name = target.what.removeprefix("server, ").replace(" / ministack", "", 1)
        name = name.replace("'s StartSigningJob", "; ministack's StartSigningJob")
        lines.append(
            f"| {name} | {row['requests/s']:.0f} | {row['ministack requests/s']:.0f} "
            f"| {target.figure(row['value'])} |"
        )
    return "\n".join(lines) if len(lines) > 2 else "This run did not measure the server."


def fill(text: str, name: str, content: str) -> str:
    """Put content between the marks of a section.

    Raises:
        ValueError: There is no such section.
    """
    start = _SECTION.format(name=name)
    pattern = re.compile(f"{re.escape(start)}.*?{re.escape(_END)}", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"no section {name!r}")
    return pattern.sub(lambda _: f"{start}\n{content}\n\n{_END}", text)


def pages() -> dict[Path, str]:
    """Every file that is made from the figures, with its content."""
    results, before = load("results.json"), load("before.json")
    where = machine(results)
    readme = fill(README.read_text(), "table", f"{where}\n\n{table(results, before)}")
    return {
        README: readme,
        DOCS: fill(DOCS.read_text(), "server", f"{where}\n\n{server_table(results)}"),
        CHART: draw(results["rows"], before["rows"]),
    }


def main() -> None:
    for path, content in pages().items():
        path.write_text(content)
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
