"""Decode base64 as Go's standard library does, because Notation is written in Go."""

from __future__ import annotations

import binascii
import re

_RAW_URL = r"[A-Za-z0-9_-]*"
_STANDARD = r"[A-Za-z0-9+/]*={0,2}"


def decode_base64url(text: str) -> bytes:
    """Decode base64url without padding. Like Go, skip line breaks.

    Raises:
        ValueError: ``text`` is something else.
    """
    text = _without_line_breaks(text)
    if not re.fullmatch(_RAW_URL, text) or len(text) % 4 == 1:
        msg = "illegal base64url data (it must have no padding)"
        raise ValueError(msg)
    return binascii.a2b_base64(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4))


def decode_base64(text: str) -> bytes:
    """Decode standard base64 with padding. Like Go, skip line breaks.

    Raises:
        ValueError: ``text`` is something else.
    """
    text = _without_line_breaks(text)
    if not re.fullmatch(_STANDARD, text) or len(text) % 4:
        msg = "illegal base64 data"
        raise ValueError(msg)
    return binascii.a2b_base64(text)


def _without_line_breaks(text: str) -> str:
    return text.replace("\r", "").replace("\n", "")
