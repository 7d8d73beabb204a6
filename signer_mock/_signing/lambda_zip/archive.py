"""Reads a zip archive as a signature sees it: its entries' names and bodies, in order.

The standard library's `zipfile` is not exact enough: it decodes and normalises names, and hides
where things stand, which `zip_append` needs in order to leave them alone. Source of the layout:
PKWARE's APPNOTE 6.3.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

END_RECORD = struct.Struct("<4s4H2IH")
END_SIGNATURE = b"PK\x05\x06"
END64_RECORD = struct.Struct("<4sQ2H2I4Q")
END64_SIGNATURE = b"PK\x06\x06"
LOCATOR_RECORD = struct.Struct("<4sIQI")
LOCATOR_SIGNATURE = b"PK\x06\x07"
CENTRAL_RECORD = struct.Struct("<4s6H3I5H2I")
CENTRAL_SIGNATURE = b"PK\x01\x02"
LOCAL_RECORD = struct.Struct("<4s5H3I2H")
LOCAL_SIGNATURE = b"PK\x03\x04"

STORED = 0
DEFLATED = 8
_FLAG_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_FLAG_UTF8 = 0x0800
_ZIP64_EXTRA = 0x0001
MAX16 = 0xFFFF
MAX32 = 0xFFFFFFFF
_LONGEST_COMMENT = 0xFFFF
_BEFORE_END = {CENTRAL_SIGNATURE, END_SIGNATURE, LOCATOR_SIGNATURE}

_INPUT_CHUNK = 256 * 1024
_OUTPUT_CHUNK = 4 * 1024 * 1024


class ZipFormatError(Exception):
    """The bytes are not a zip archive that can be read. `str()` says why, for people."""


@dataclass(frozen=True)
class Entry:
    """One entry as the central directory describes it. `name` is UTF-8 (see `_utf8_name`)."""

    name: bytes
    raw_name: bytes
    flags: int
    method: int
    crc: int
    compressed_size: int
    size: int
    local_offset: int


@dataclass(frozen=True)
class ZipArchive:
    """A parsed archive. Offsets count from the start of `data`, prefix data included.

    `base` is how far the archive's own offsets are shifted by data that someone put before it
    (a self-extracting stub). `end64` is where the zip64 end record starts, if there is one.
    """

    data: bytes
    entries: tuple[Entry, ...]
    base: int
    directory_start: int
    directory_end: int
    end: int
    end64: int | None


def read_archive(data: bytes) -> ZipArchive:
    """Parses the end record(s) and the central directory. Raises ZipFormatError.

    Entries come in the central directory's order, which is what the archive's readers see.
    """
    end = _find_end(data)
    _, disk, directory_disk, _, count, size, offset, _ = END_RECORD.unpack_from(data, end)
    end64 = _find_end64(data, end)
    if end64 is not None:
        fields = END64_RECORD.unpack_from(data, end64)
        disk, directory_disk, _, count, size, offset = fields[4:]
    if disk != 0 or directory_disk != 0:
        raise ZipFormatError("the archive is split over several disks")
    directory_end = end if end64 is None else end64
    directory_start = directory_end - size
    base = directory_start - offset
    if directory_start < 0 or base < 0:
        raise ZipFormatError("the archive is truncated: its central directory is not all there")
    entries = tuple(_read_directory(data, directory_start, directory_end, base))
    # archives older than zip64 count their entries modulo 65536
    if count != len(entries) and (end64 is not None or count != len(entries) & MAX16):
        raise ZipFormatError(
            f"the archive promises {count} entries and its central directory has {len(entries)}"
        )
    return ZipArchive(data, entries, base, directory_start, directory_end, end, end64)


def read_body(archive: ZipArchive, entry: Entry) -> Iterator[bytes | memoryview]:
    """The uncompressed body of an entry, in pieces of at most 4 MiB.

    Raises ZipFormatError, if need be after the last piece, when the entry is encrypted, of an
    unknown compression method, out of the archive's bounds, or not what its CRC-32 and its size
    promise.
    """
    start = _body_start(archive, entry)
    body = memoryview(archive.data)[start : start + entry.compressed_size]
    if entry.method == STORED:
        pieces: Iterator[bytes | memoryview] = _slices(body, _OUTPUT_CHUNK)
    elif entry.method == DEFLATED:
        pieces = _inflate(body, entry)
    else:
        raise _corrupt(entry, f"uses compression method {entry.method}, not stored or deflated")
    crc = 0
    size = 0
    for piece in pieces:
        crc = zlib.crc32(piece, crc)
        size += len(piece)
        if size > entry.size:
            break
        yield piece
    if size != entry.size:
        raise _corrupt(entry, "does not have the size that the archive promises")
    if crc != entry.crc:
        raise _corrupt(entry, "is damaged: its CRC-32 is wrong")


def _find_end(data: bytes) -> int:
    if not data:
        raise ZipFormatError("the object is empty")
    lowest = max(0, len(data) - END_RECORD.size - _LONGEST_COMMENT)
    position = len(data)
    while (position := data.rfind(END_SIGNATURE, lowest, position + 3)) >= 0:
        # the same four bytes can also stand in a comment: the fields tell
        if position + END_RECORD.size <= len(data):
            *_, size, _, comment = END_RECORD.unpack_from(data, position)
            before = {
                _four_bytes(data, position - size),  # the central directory, or nothing
                _four_bytes(data, position - LOCATOR_RECORD.size),
            }
            if position + END_RECORD.size + comment <= len(data) and before & _BEFORE_END:
                return position
    if data.startswith(LOCAL_SIGNATURE):
        raise ZipFormatError("the archive is truncated: its end is missing")
    raise ZipFormatError("the object is not a zip archive")


def _four_bytes(data: bytes, start: int) -> bytes:
    return data[start : start + 4] if start >= 0 else b""


def _find_end64(data: bytes, end: int) -> int | None:
    locator = end - LOCATOR_RECORD.size
    if locator < 0 or data[locator : locator + 4] != LOCATOR_SIGNATURE:
        return None
    _, _, offset, _ = LOCATOR_RECORD.unpack_from(data, locator)
    # the offset is off by the length of any prefix data; then only a record without an
    # extensible data sector can be found, just before the locator
    for position in (offset, locator - END64_RECORD.size):
        if 0 <= position <= locator - END64_RECORD.size and data[position : position + 4] == (
            END64_SIGNATURE
        ):
            (length,) = struct.unpack_from("<Q", data, position + 4)
            if position + 12 + length == locator:
                return int(position)
    raise ZipFormatError("the archive is truncated: its zip64 end record is missing")


def _read_directory(data: bytes, start: int, end: int, base: int) -> Iterator[Entry]:
    position = start
    while position < end:
        if (
            position + CENTRAL_RECORD.size > end
            or data[position : position + 4] != CENTRAL_SIGNATURE
        ):
            raise ZipFormatError("the archive's central directory is damaged")
        fields = CENTRAL_RECORD.unpack_from(data, position)
        flags, method, crc = fields[3], fields[4], fields[7]
        compressed_size, size, offset = fields[8], fields[9], fields[16]
        name_length, extra_length, comment_length = fields[10:13]
        name_start = position + CENTRAL_RECORD.size
        extra_start = name_start + name_length
        position = extra_start + extra_length + comment_length
        if position > end:
            raise ZipFormatError("the archive's central directory is damaged")
        name = data[name_start:extra_start]
        if MAX32 in (size, compressed_size, offset):
            extra = data[extra_start : extra_start + extra_length]
            size, compressed_size, offset = _zip64_values(extra, size, compressed_size, offset)
        yield Entry(
            _utf8_name(name, flags), name, flags, method, crc, compressed_size, size, base + offset
        )


def _zip64_values(extra: bytes, *values: int) -> Iterator[int]:
    position = 0
    wide: list[int] = []
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        if kind == _ZIP64_EXTRA:
            body = extra[position + 4 : position + 4 + length]
            wide = [value for (value,) in struct.iter_unpack("<Q", body[: len(body) // 8 * 8])]
            break
        position += 4 + length
    # only the values that do not fit are there, in this order
    missing = iter(wide)
    for value in values:
        yield next(missing, value) if value == MAX32 else value


def _utf8_name(raw: bytes, flags: int) -> bytes:
    """An entry's name in UTF-8, the encoding under which names are signed.

    Names without the UTF-8 flag are taken as UTF-8 all the same if they can be, as Java (which
    the service is written in) and Go do, and else as the format's old default, code page 437.
    """
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        if flags & _FLAG_UTF8:
            raise ZipFormatError(f"the entry name {raw!r} is not the UTF-8 it claims") from None
        return raw.decode("cp437").encode("utf-8")
    return raw


def _body_start(archive: ZipArchive, entry: Entry) -> int:
    data = archive.data
    start = entry.local_offset
    if (
        start + LOCAL_RECORD.size > archive.directory_start
        or data[start : start + 4] != LOCAL_SIGNATURE
    ):
        raise _corrupt(entry, "is not where the central directory says")
    fields = LOCAL_RECORD.unpack_from(data, start)
    if (entry.flags | fields[2]) & _FLAG_ENCRYPTED:
        raise _corrupt(entry, "is encrypted")
    name_start = start + LOCAL_RECORD.size
    name_end = name_start + fields[9]
    if data[name_start:name_end] != entry.raw_name:
        raise _corrupt(entry, "has another name in its own header")
    body_start: int = name_end + fields[10]
    if body_start + entry.compressed_size > archive.directory_start:
        raise _corrupt(entry, "is truncated")
    return body_start


def _inflate(body: memoryview, entry: Entry) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        # small slices: what a bounded decompress() leaves over is copied on every call
        for piece in _slices(body, _INPUT_CHUNK):
            pending: bytes | memoryview = piece
            while pending and not inflater.eof:
                yield inflater.decompress(pending, _OUTPUT_CHUNK)
                pending = inflater.unconsumed_tail
        if not inflater.eof:
            yield inflater.flush()
    except zlib.error:
        raise _corrupt(entry, "is damaged: it cannot be inflated") from None
    if not inflater.eof:
        raise _corrupt(entry, "is damaged: its compressed data ends too early")


def _slices(body: memoryview, length: int) -> Iterator[memoryview]:
    return (body[start : start + length] for start in range(0, len(body), length))


def _corrupt(entry: Entry, what: str) -> ZipFormatError:
    return ZipFormatError(f"the entry {entry.name.decode('utf-8')!r} {what}")
