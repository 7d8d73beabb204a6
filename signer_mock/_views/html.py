"""The HTML that all views are made of: escaped text, status badges, tables, one style sheet."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from signer_mock._views.text import cut, plain

# The colours are set for all text and grounds, so that they hold on any page: the second set is for
# dark systems, and for JupyterLab and VS Code where they are dark on a light system.
_LIGHT = (
    "--ground:#fff;--text:#1f2328;--faint:#59636e;--line:#d1d9e0;--head:#f6f8fa;"
    "--good:#116329;--good-ground:#dafbe1;--bad:#a40e26;--bad-ground:#ffebe9;"
    "--wait:#7d4e00;--wait-ground:#fff8c5"
)
_DARK = (
    "--ground:#0d1117;--text:#e6edf3;--faint:#9198a1;--line:#3d444d;--head:#151b23;"
    "--good:#7ee787;--good-ground:#12361f;--bad:#ffa198;--bad-ground:#4b1113;"
    "--wait:#f2cc60;--wait-ground:#3b2a04"
)
_STYLE = f"""
.signer-mock{{{_LIGHT};color-scheme:light dark;background:var(--ground);color:var(--text);
font:14px/1.5 system-ui,sans-serif;border:1px solid var(--line);border-radius:6px;
padding:8px 12px;max-width:100%;box-sizing:border-box;overflow-x:auto;text-align:left}}
@media(prefers-color-scheme:dark){{.signer-mock{{{_DARK}}}}}
[data-jp-theme-light=true] .signer-mock,.vscode-light .signer-mock{{{_LIGHT}}}
[data-jp-theme-light=false] .signer-mock,.vscode-dark .signer-mock{{{_DARK}}}
.signer-mock h3{{font-size:16px;margin:4px 0 8px;color:inherit}}
.signer-mock h4{{font-size:14px;margin:14px 0 4px;color:inherit}}
.signer-mock style+h4{{margin-top:4px}}
.signer-mock p{{margin:4px 0;color:var(--faint)}}
.signer-mock table{{border-collapse:collapse;width:100%;margin:0;font-size:13px;color:inherit;
background:transparent;border:0}}
.signer-mock tr{{background:transparent!important;border:0}}
.signer-mock th,.signer-mock td{{text-align:left;vertical-align:top;padding:4px 10px 4px 0;
border:0;border-top:1px solid var(--line);overflow-wrap:break-word;min-width:7em;max-width:36em;
white-space:normal}}
.signer-mock th{{color:var(--faint);font-weight:600;overflow-wrap:normal}}
.signer-mock .badge{{display:inline-block;border-radius:9px;padding:0 8px;font-weight:600;
background:var(--head);border:1px solid currentColor;overflow-wrap:normal}}
.signer-mock h3 .badge{{font-size:13px;vertical-align:1px;margin-left:4px}}
@media(max-width:700px){{.signer-mock thead{{display:none}}
.signer-mock td .badge{{overflow-wrap:anywhere}}
.signer-mock tr,.signer-mock td{{display:block;max-width:none}}
.signer-mock tr{{border-top:1px solid var(--line);padding:4px 0}}
.signer-mock td{{border:0;padding:1px 0}}.signer-mock td:empty{{display:none}}
.signer-mock td[data-label]{{position:relative;padding-left:125px}}
.signer-mock td[data-label]::before{{content:attr(data-label);position:absolute;left:0;
color:var(--faint);font-size:11px}}}}
.signer-mock .good{{color:var(--good);background:var(--good-ground)}}
.signer-mock .bad{{color:var(--bad);background:var(--bad-ground)}}
.signer-mock .wait{{color:var(--wait);background:var(--wait-ground)}}
"""

_KINDS = {
    **dict.fromkeys(("Active", "active", "Succeeded", "Valid", "VALID", "Verified"), "good"),
    **dict.fromkeys(
        ("Failed", "Revoked", "Expired", "Not yet valid", "EXPIRED", "REVOKED", "CORRUPT"), "bad"
    ),
    **dict.fromkeys(("InProgress", "Canceled", "MISMATCH", "Let pass", "stopped"), "wait"),
}


class Markup(str):
    """HTML that is safe to show as it stands."""

    __slots__ = ()


def escape(value: object) -> str:
    """Return a value's text as HTML; ``Markup`` stays what it is, None is nothing."""
    if isinstance(value, Markup):
        return value
    return "" if value is None else html.escape(cut(plain(value)))


def badge(word: str, kind: str | None = None) -> Markup:
    """Show a status as a coloured word.

    Args:
        word: The status.
        kind: ``good``, ``bad`` or ``wait``; None goes by the word.
    """
    return Markup(f'<span class="badge {kind or _KINDS.get(word, "")}">{escape(word)}</span>')


def stacked(*values: object) -> Markup:
    """Show values below each other; None is left out."""
    return Markup("<br>".join(escape(value) for value in values if value is not None))


def heading(text: str, status: Markup | None = None) -> Markup:
    """Return the first line of a view."""
    return Markup(f"<h3>{escape(text)} {status or ''}</h3>")


def paragraph(text: object) -> Markup:
    """Return a line of explanation."""
    return Markup(f"<p>{escape(text)}</p>")


def table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], note: str = ""
) -> Markup:
    """Return a titled table, or the title alone where there are no rows.

    Args:
        title: What the rows are.
        columns: The columns' heads; empty ones where a cell needs none.
        rows: The cells of each row.
        note: What is left out.
    """
    labels = [f' data-label="{escape(name)}"' if name else "" for name in columns]
    body = "".join(f"<tr>{''.join(map(_cell, labels, row))}</tr>" for row in rows)
    top = f"<h4>{escape(title)}</h4>" + (f"<p>{escape(note)}</p>" if note else "")
    if not body:
        return Markup(top)
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    if any(columns):
        body = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return Markup(f"{top}<table>{body}</table>")


def _cell(label: str, value: object) -> str:
    return f"<td{label}>{escape(value)}</td>"


def view(*parts: str) -> str:
    """Return a complete view, with its style sheet."""
    return f'<div class="signer-mock"><style>{_STYLE}</style>{"".join(parts)}</div>'
