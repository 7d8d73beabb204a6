"""Show text of any origin in a terminal or a page without harm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

#: How many records of a list are shown; the newest of a log, the first of other lists.
SHOWN = 50


def plain(value: object) -> str:
    r"""Return a value's text as one line without control characters.

    What does not print (escape codes, line ends, marks that change the direction of writing) is
    shown as Python writes it in a string: ``\x1b``, ``\n``, ``\u202e``.
    """
    text = str(value)
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def cut(text: str, width: int = 400) -> str:
    """Shorten a long text, and tell how long it is."""
    return text if len(text) <= width else f"{text[:width]}… ({len(text):,} characters)"


def log_lines(
    records: Sequence[Any], describe: Callable[[Any], str] = str, empty: str = "(nothing)"
) -> str:
    """Return the newest records of a log, one a line, and how many came before."""
    hidden = len(records) - SHOWN
    first = [f"({hidden:,} earlier ones are not shown)"] if hidden > 0 else []
    shown = records[-SHOWN:] if hidden > 0 else records
    return "\n".join([*first, *(plain(describe(one)) for one in shown)]) or empty


def listed(records: Iterable[object]) -> str:
    """Return the first records of a list, one a line in brackets, and how many follow."""
    found = list(records)
    lines = [f"  {plain(repr(one))},\n" for one in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(f"  ({len(found) - SHOWN:,} more are not shown)\n")
    return "[\n{}]".format("".join(lines)) if lines else "[]"


def event_line(event: Mapping[str, Any]) -> str:
    """Return an event in one line."""
    detail = event.get("detail", {})
    return (
        f"{event.get('time')} {event.get('detail-type')} [{event.get('account')} "
        f"{event.get('region')}] job {detail.get('job_id')}: {detail.get('status')}"
    )
