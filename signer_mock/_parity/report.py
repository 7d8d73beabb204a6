"""What a run has found, row by row: for people, as JSON, and as Markdown."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from signer_mock._parity.compare import MARKS, TIERS
from signer_mock._parity.records import NOT_RUN, Outcome
from signer_mock._parity.redact import Redactor
from signer_mock._parity.run import Run

#: In the order in which a report counts them.
RESULTS = (*TIERS, NOT_RUN)


def make_report(run: Run, *, captures: bool = False) -> dict[str, Any]:
    """Collect what a run has found; everything in it is redacted.

    Args:
        run: Played.
        captures: Whether every call of its probes is part of it, as in a recording.

    Returns:
        A JSON document.
    """
    target = run.sender.target
    redactor = Redactor(target)
    recorded: list[dict[str, Any]] = []
    # The second time it knows the values that come later, too.
    for _ in range(2):
        recorded = _recorded(run, redactor)
    by_row: dict[str, list[Outcome]] = {}
    absent = run.never_succeeded()
    for one in run.outcomes:
        outcome = one
        if one.operation in absent and one.tier != "status":
            reason = one.reason or f"{one.operation} never succeeds, so its refusals show nothing"
            outcome = replace(one, tier=NOT_RUN, differences=(), reason=reason)
        by_row.setdefault(outcome.row, []).append(outcome)
    partly = {
        row
        for probe in run.probes
        for step in probe.steps
        for check in step.checks
        for row in check.partly
    }
    rows = {
        row: {**_row(outcomes, redactor), "partly": row in partly}
        for row, outcomes in by_row.items()
    }
    report = {
        "format": 1,
        "signer_mock": version("signer-mock"),
        "botocore": version("botocore"),
        "date": dt.datetime.now(dt.timezone.utc).date().isoformat(),
        "live": target.live,
        "endpoint": target.endpoint_url,
        "counts": {result: _count(rows, result) for result in RESULTS},
        "rows": rows,
        "problems": redactor.redact(run.problems),
        "remains": redactor.redact(_remains(run)),
        "calls": run.sender.sent,
        "succeeded": sorted(run.sender.succeeded),
        "complete": not run.failed,
    }
    return {**report, "captures": recorded} if captures else report


def _recorded(run: Run, redactor: Redactor) -> list[dict[str, Any]]:
    return [
        {
            "probe": one.probe,
            "operation": one.operation,
            "params": redactor.redact(one.params),
            "status": one.answer.status,
            "error": redactor.redact(one.answer.error),
            "body": redactor.redact(one.answer.body),
        }
        for one in run.captures
    ]


def exit_status(report: Mapping[str, Any]) -> int:
    """Return 0 if all rows that were checked are the same, 1 if not, 2 if the run broke off."""
    if not report["complete"]:
        return 2
    counts = report["counts"]
    return int(any(counts[tier] for tier in TIERS if tier != "same"))


def _row(outcomes: Sequence[Outcome], redactor: Redactor) -> dict[str, Any]:
    tiers = {one.tier for one in outcomes}
    result = max(tiers & set(TIERS), key=TIERS.index, default="same")
    if result == "same" and NOT_RUN in tiers:
        # The same only if every part of the row was looked at.
        result = NOT_RUN
    return {
        "result": result,
        "differences": [
            {
                "probe": one.probe,
                "operation": one.operation,
                "tier": difference.tier,
                "where": difference.where,
                "expected": _shown(difference.expected, difference.member, redactor),
                "found": _shown(difference.found, difference.member, redactor),
            }
            for one in outcomes
            for difference in one.differences
        ],
        "reasons": list(dict.fromkeys(redactor.redact(o.reason) for o in outcomes if o.reason)),
    }


def _shown(value: Any, member: str, redactor: Redactor) -> Any:
    if value in MARKS:
        return value
    if isinstance(value, Mapping) and list(value) == ["$only"]:
        value = value["$only"]
    return redactor.redact(value, member)


def _count(rows: Mapping[str, Any], result: str) -> int:
    return sum(row["result"] == result for row in rows.values())


def _remains(run: Run) -> list[str]:
    found = [
        f"the profile {run.name_of(name)}, {state}" for name, state in run.states.items() if state
    ]
    if run.jobs:
        found.append(f"{run.jobs} signing jobs in the list of jobs")
    if run.sender.effects.objects:
        keys = ", ".join(key for key, _ in run.sender.effects.objects)
        found.append(f"objects in the bucket: {keys}")
    if run.sender.effects.permitted or run.sender.effects.tagged:
        found.append("permissions and tags of the last probe's profile")
    return found


def report_text(report: Mapping[str, Any]) -> str:
    """Write a report for people."""
    lines: list[str] = []
    for row, found in report["rows"].items():
        if found["result"] == "same":
            continue
        lines.append(f"{found['result']:8} {row}")
        for one in found["differences"]:
            lines.append(f"           {one['operation']}, {one['where']}")
            lines.append(f"             expected {_short(one['expected'])}")
            lines.append(f"             found    {_short(one['found'])}")
        lines += [f"           {reason}" for reason in found["reasons"]]
    counts = ", ".join(f"{report['counts'][result]} {result}" for result in RESULTS)
    lines += ["", f"{len(report['rows'])} rows: {counts}. {report['calls']} calls."]
    if report["problems"]:
        lines += ["", "Look at this:", *(f"  {one}" for one in report["problems"])]
    lines += ["", "What remains:", *(f"  {one}" for one in report["remains"] or ["nothing"])]
    return "\n".join(lines)


def report_markdown(report: Mapping[str, Any]) -> str:
    """Write a report as Markdown: the counts, and a table of the rows that differ."""
    where = "AWS Signer" if report["live"] else report["endpoint"]
    lines = [
        f"# Parity with {where}",
        "",
        f"{report['date']}, signer-mock {report['signer_mock']}, botocore {report['botocore']}.",
        "",
        f"| {' | '.join(RESULTS)} |",
        f"|{'--:|' * len(RESULTS)}",
        f"| {' | '.join(str(report['counts'][result]) for result in RESULTS)} |",
        "",
        "| Row | Result | Where | Expected | Found |",
        "|---|---|---|---|---|",
    ]
    lines += difference_rows(report["rows"])
    return "\n".join(lines)


def difference_rows(rows: Mapping[str, Any]) -> Iterable[str]:
    """Yield the lines of a Markdown table: a row of the ledger each, with its worst difference."""
    for row, found in rows.items():
        if found["result"] in ("same", NOT_RUN):
            continue
        one = max(found["differences"], key=lambda one: TIERS.index(one["tier"]))
        where = f"{one['operation']}, {one['where']}"
        cells = [row, found["result"], where, _code(one["expected"]), _code(one["found"])]
        yield f"| {' | '.join(cells)} |"


def _short(value: Any, limit: int = 160) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _code(value: Any) -> str:
    text = _short(value, 100).replace("|", "\\|").replace("\n", " ").replace("`", "'")
    return f"`{text}`" if text.strip() else "(empty)"
