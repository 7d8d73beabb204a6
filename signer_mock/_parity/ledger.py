"""A recording of the live service, turned into a patch of the ledger."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from typing import Any

from signer_mock._parity.compare import TIERS
from signer_mock.errors import SignerMockError

#: A row: its id comes first.
_ROW = re.compile(r"\| [a-z-]+\.[a-z0-9-]+ \|")
_SOURCES = "| name | what |"
_SOURCE = "LIVE"
_ABOUT = f"| {_SOURCE} | a run of `signer-mock parity --live`; the date stands beside it |"


class RecordingError(SignerMockError):
    """A recording, or the ledger, cannot be used."""


def propose(recording: Mapping[str, Any], ledger: str, name: str) -> str:
    """Return the ledger's changed rows as a patch.

    An assumed row that is the same live becomes *seen live*. If the probes show only a part of
    the row, it stays assumed, and its source says so. A row that differs becomes *assumed*, with
    the live answer in its source: someone has to correct the rule by hand.

    Args:
        recording: What ``--record`` wrote.
        ledger: The text of ``docs/fidelity.md``.
        name: Of that file, for the patch.

    Returns:
        A unified diff; empty if nothing changes.

    Raises:
        RecordingError: The recording is not one of the live service, or names rows that the
            ledger does not have.
    """
    rows = _rows(recording)
    lines = ledger.splitlines()
    changed = list(lines)
    known = set()
    for number, line in enumerate(lines):
        if not _ROW.match(line):
            continue
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        known.add(cells[0])
        if cells[0] in rows:
            confidence, source = _judged(rows[cells[0]], cells[3], cells[4], recording["date"])
            if (confidence, source) != (cells[3], cells[4]):
                cells[3:5] = confidence, source
                changed[number] = f"| {' | '.join(cells)} |"
    unknown = sorted(rows.keys() - known)
    if unknown:
        msg = f"{name} has no rows {', '.join(unknown)}: use the release that made the recording."
        raise RecordingError(msg)
    if changed != lines and not any(line.startswith(f"| {_SOURCE} |") for line in lines):
        changed.insert(_sources(lines), _ABOUT)
    ends = {"lineterm": ""}
    patch = difflib.unified_diff(lines, changed, f"a/{name}", f"b/{name}", n=1, **ends)
    return "\n".join(patch)


def _rows(recording: Mapping[str, Any]) -> Mapping[str, Any]:
    if recording.get("format") != 1 or not isinstance(recording.get("rows"), Mapping):
        msg = "This is not a recording of this version of signer-mock parity."
        raise RecordingError(msg)
    if recording.get("live") is not True:
        msg = (
            f"This recording is of {recording.get('endpoint')}, not of AWS. Only a recording that "
            "was made with --live says something about the ledger."
        )
        raise RecordingError(msg)
    rows: Mapping[str, Any] = recording["rows"]
    return rows


def _judged(found: Mapping[str, Any], confidence: str, source: str, date: str) -> tuple[str, str]:
    live = f"{_SOURCE}, {date}"
    if found["result"] == "same" and found["partly"]:
        return confidence, source if confidence != "assumed" else f"{source}; {live}, in part"
    if found["result"] == "same":
        return ("seen live", live) if confidence == "assumed" else (confidence, source)
    if found["result"] not in TIERS:
        return confidence, source
    worst = max(found["differences"], key=lambda one: TIERS.index(one["tier"]))
    text = worst["found"]
    answer = text if isinstance(text, str) else json.dumps(text)
    answer = " ".join(answer.split()).replace("|", "/").replace("`", "'")[:300]
    return "assumed", f"{live}: differs, {worst['where']} is `{answer}`"


def _sources(lines: list[str]) -> int:
    """Return the index of the first row of the table of sources."""
    if _SOURCES not in lines:
        msg = f"The ledger has no table that begins with {_SOURCES}"
        raise RecordingError(msg)
    return lines.index(_SOURCES) + 2
