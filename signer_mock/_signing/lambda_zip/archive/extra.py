"""The two extra fields that change what a header says: zip64 and Info-ZIP's Unicode path."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from signer_mock._signing.lambda_zip.archive.records import MAX16, corrupt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ZIP64 = 0x0001
_UNICODE_PATH = 0x7075
_FIELD = struct.Struct("<2H")
_UNICODE_PATH_START = struct.Struct("<BI")  # version, CRC-32 of the header's own name


def zip64_field(extra: bytes, name: bytes) -> bytes | None:
    """Return the zip64 field's content, None if there is none. Raises ZipFormatError."""
    found = [body for kind, body in _fields(extra) if kind == _ZIP64]
    if len(found) > 1:
        raise corrupt(name, "has more than one zip64 field")
    return found[0] if found else None


def wide_values(
    extra: bytes, values: Sequence[int], limits: Sequence[int], name: bytes
) -> Iterator[int]:
    """Yield the values, those at their limit replaced by what the zip64 field says.

    The field has only the values that do not fit, in this order; a disk number takes four bytes.

    Raises:
        ZipFormatError: A value at its limit is not in the field.
    """
    field = zip64_field(extra, name)
    position = 0
    for value, limit in zip(values, limits, strict=True):
        if value != limit:
            yield value
            continue
        kind = "<I" if limit == MAX16 else "<Q"
        if field is None or position + struct.calcsize(kind) > len(field):
            raise corrupt(name, "lacks a size or an offset in its zip64 field")
        (wide,) = struct.unpack_from(kind, field, position)
        position += struct.calcsize(kind)
        yield wide


def check_unicode_path(extra: bytes, raw_name: bytes, name: bytes) -> None:
    """Raise ZipFormatError if a Unicode path field gives the entry another name than `name`.

    A field for another name than `raw_name` is ignored: it was left behind by a renaming.
    """
    for kind, body in _fields(extra):
        if kind == _UNICODE_PATH and len(body) >= _UNICODE_PATH_START.size:
            version, crc = _UNICODE_PATH_START.unpack_from(body)
            path = body[_UNICODE_PATH_START.size :]
            if version == 1 and crc == zlib.crc32(raw_name) and path != name:
                raise corrupt(name, f"has another name, {path!r}, in its Unicode path field")


def _fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield kind and content of each field, up to the first that is cut off."""
    position = 0
    while position + _FIELD.size <= len(extra):
        kind, length = _FIELD.unpack_from(extra, position)
        position += _FIELD.size
        if position + length > len(extra):
            return
        yield kind, extra[position : position + length]
        position += length
