"""Read JSON that every reader understands alike, and reject the rest.

Readers disagree about some documents: of repeated members, most keep the last and cJSON the first;
Go's structs and cJSON match names regardless of case; C strings end at a NUL; and what becomes of
invalid UTF-8, lone surrogates and numbers that fit no float differs from one to the next. A
signature over such a document could be shown to one reader and mean something else to another.
"""

from __future__ import annotations

import json
import math
import re
from typing import NoReturn

_WHITESPACE = " \t\n\r"
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST_INTEGER = 309  # digits, and a sign; a longer one fits no float


def read_json(data: bytes) -> object:
    """Parse one JSON document; objects become dicts.

    Raises:
        ValueError: It is not JSON, or readers disagree about it.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        msg = f"it is not UTF-8 at byte {error.start}"
        raise ValueError(msg) from None
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        msg = "it is nested too deeply"
        raise ValueError(msg) from None
    if "\\u" in text:
        _check_text(value)
    return value


def member(holder: dict[str, object], name: str) -> object:
    """Return a member of an object; None if it is absent.

    Raises:
        ValueError: The object has one whose name differs by case only, which some readers take
            for it.
    """
    if name not in holder:
        folded = name.casefold()
        for other in holder:
            if other.casefold() == folded:
                msg = f"its member {other!r} differs from {name!r} by case only"
                raise ValueError(msg)
    return holder.get(name)


def text_member(holder: dict[str, object], name: str) -> str:
    """Return a member that is a string; "" if it is absent or null.

    Raises:
        ValueError: It is of another type, or as for ``member``.
    """
    value = member(holder, name)
    if value is None:
        return ""
    if not isinstance(value, str):
        msg = f"{name!r} is not a string"
        raise ValueError(msg)  # noqa: TRY004 - the document is wrong, not an argument
    return value


def texts_member(holder: dict[str, object], name: str) -> list[str]:
    """Return a member that is a list of strings; empty if it is absent or null.

    A null in the list reads as "", as in Go.

    Raises:
        ValueError: It is of another type, or as for ``member``.
    """
    values = member(holder, name)
    if values is None:
        return []
    if not isinstance(values, list):
        msg = f"{name!r} is not a list"
        raise ValueError(msg)  # noqa: TRY004 - the document is wrong, not an argument
    if not all(value is None or isinstance(value, str) for value in values):
        msg = f"{name!r} holds something else than strings"
        raise ValueError(msg)
    return [value or "" for value in values]


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    seen: dict[str, str] = {}
    for name, _ in pairs:
        if "\0" in name:
            msg = f"its member {name!r} has a NUL in its name"
            raise ValueError(msg)
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            msg = f"its members {other!r} and {name!r} differ by case only"
            raise ValueError(msg)
    if len(seen) != len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        msg = f"it has the member {repeated!r} twice"
        raise ValueError(msg)
    return dict(pairs)


def _check_text(value: object) -> None:
    """Reject lone surrogates, which only escapes can spell."""
    if isinstance(value, str):
        if _SURROGATE.search(value):
            msg = f"the text {value[:40]!r} has a lone surrogate"
            raise ValueError(msg)
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_text(name)
            _check_text(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_text(inner)


def _integer(text: str) -> int:
    if len(text) > _LONGEST_INTEGER + 1 or math.isinf(float(text)):
        msg = f"the number {text[:20]}... is out of range"
        raise ValueError(msg)
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        msg = f"the number {text[:20]} is out of range"
        raise ValueError(msg)
    return number


def _no_constant(name: str) -> NoReturn:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_no_constant
)
