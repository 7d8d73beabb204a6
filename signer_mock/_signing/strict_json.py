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

_SURROGATE = "[\ud800-\udfff]"
_DEEPEST = 500  # readers have limits of their own; Python's depends on its version


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
        raise _too_deep() from None
    _check_values(value)
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
        folded = name.casefold()
        if folded in seen:
            other = seen[folded]
            msg = f"its members {other!r} and {name!r} differ by case only"
            if other == name:
                msg = f"it has the member {name!r} twice"
            raise ValueError(msg)
        seen[folded] = name
    return dict(pairs)


def _check_values(value: object) -> None:
    """Reject lone surrogates, which only escapes can spell, and what is nested too deeply."""
    level = [value]
    for _ in range(_DEEPEST):
        below: list[object] = []
        for one in level:
            if isinstance(one, str) and not one.isascii() and re.search(_SURROGATE, one):
                msg = f"the text {one[:40]!r} has a lone surrogate"
                raise ValueError(msg)
            if isinstance(one, (dict, list)):
                below.extend(one)
            if isinstance(one, dict):
                below.extend(one.values())
        if not below:
            return
        level = below
    raise _too_deep()


def _too_deep() -> ValueError:
    return ValueError("it is nested too deeply")


def _integer(text: str) -> int:
    if math.isinf(float(text)):
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
