"""Reads JSON and base64 as Go's standard library does, because Notation is written in Go.

A verifier that disagrees with Notation about what a document says is worse than none. Where Go
differs from Python's ``json``: a struct's members match whatever their case, of repeated members
the last one counts, a repeated inner object adds to the first one, invalid UTF-8 is replaced, and
numbers must fit a float when they are read at all.

Not followed, because no signer writes such things: a byte string spelled as an array of numbers,
documents nested more than about a thousand deep, and escapes inside a time.
"""

from __future__ import annotations

import binascii
import json
import math
import re
from typing import NoReturn

_RAW_URL = re.compile(r"[A-Za-z0-9_-]*")
_STANDARD = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_WHITESPACE = " \t\n\r"
# Unicode case folding takes two letters from outside ASCII to ASCII ones; Go folds them, too
_FOLD_TO_ASCII = str.maketrans({"\u017f": "s", "\u212a": "k"})


class JSONObject(list[tuple[str, object]]):
    """A JSON object as its members in the order of the text, repeated ones included."""

    def last(self) -> dict[str, object]:
        """As a Go map: the last of repeated members counts, names are exact."""
        return dict(self)

    def field(self, name: str) -> list[object]:
        """As a Go struct: the values of all members of that name, in any case of letters."""
        wanted = name.lower()
        return [value for key, value in self if key.translate(_FOLD_TO_ASCII).lower() == wanted]

    def text(self, name: str) -> str:
        """A struct's string member; "" if absent. Raises ValueError for another type.

        A null does not count, not even as the last of several.
        """
        values = [value for value in self.field(name) if value is not None]
        texts = [value for value in values if isinstance(value, str)]
        if texts != values:
            msg = f"{name!r} is not a string"
            raise ValueError(msg)
        return texts[-1] if texts else ""


def read_document(data: bytes, *, checked_numbers: bool = True) -> object:
    """The one JSON value that ``data`` is; objects come as JSONObject. Raises ValueError.

    ``checked_numbers`` refuses numbers that do not fit a float, as Go does wherever it stores them
    in an untyped value.
    """
    value, rest = _read(data, checked_numbers)
    if rest.strip(_WHITESPACE):
        msg = "there is more text after the JSON document"
        raise ValueError(msg)
    return value


def read_first_value(data: bytes) -> object:
    """The first JSON value of a stream: what follows it is not looked at. Raises ValueError."""
    return _read(data, checked_numbers=False)[0]


def decode_base64url(text: str) -> bytes:
    """base64url without padding. Raises ValueError. Line breaks are skipped, as Go does."""
    text = _without_line_breaks(text)
    if not _RAW_URL.fullmatch(text) or len(text) % 4 == 1:
        msg = "illegal base64url data (it must have no padding)"
        raise ValueError(msg)
    return _decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4))


def decode_base64(text: str) -> bytes:
    """Standard base64 with padding. Raises ValueError. Line breaks are skipped, as Go does."""
    text = _without_line_breaks(text)
    if not _STANDARD.fullmatch(text) or len(text) % 4:
        msg = "illegal base64 data"
        raise ValueError(msg)
    return _decode(text)


def _decode(text: str) -> bytes:
    return binascii.a2b_base64(text)


def _without_line_breaks(text: str) -> str:
    return text.replace("\r", "").replace("\n", "")


def _read(data: bytes, checked_numbers: bool) -> tuple[object, str]:
    text = data.decode("utf-8", "replace").lstrip(_WHITESPACE)
    decoder = _CHECKED if checked_numbers else _UNCHECKED
    try:
        value, end = decoder.raw_decode(text)
    except RecursionError:
        msg = "the JSON document is nested too deeply"
        raise ValueError(msg) from None
    return value, text[end:]


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        msg = f"the number {number[:20]} is out of range"
        raise ValueError(msg)
    return value


def _no_constant(name: str) -> NoReturn:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


_CHECKED = json.JSONDecoder(
    object_pairs_hook=JSONObject,
    parse_int=_finite,
    parse_float=_finite,
    parse_constant=_no_constant,
)
# some are too long for Python to convert; as bytes they are not taken for strings
_UNCHECKED = json.JSONDecoder(
    object_pairs_hook=JSONObject,
    parse_int=str.encode,
    parse_float=str.encode,
    parse_constant=_no_constant,
)
