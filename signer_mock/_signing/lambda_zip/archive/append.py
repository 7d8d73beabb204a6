"""Append entries to a zip archive without touching anything that is there.

`zipfile`'s append mode re-encodes names and drops what it does not know. A signature is over
names, bodies and their order, and people compare the signed object with what they uploaded, so
everything before the central directory, and every central record, is kept byte for byte.
"""

from __future__ import annotations

import datetime as dt
import struct
import zlib
from typing import TYPE_CHECKING

from signer_mock._signing.lambda_zip.archive.records import (
    CENTRAL_RECORD,
    CENTRAL_SIGNATURE,
    DEFLATED,
    END64_RECORD,
    END64_SIGNATURE,
    END_RECORD,
    LOCAL_RECORD,
    LOCAL_SIGNATURE,
    LOCATOR_RECORD,
    LOCATOR_SIGNATURE,
    MAX16,
    MAX32,
    STORED,
    ZipArchive,
)
from signer_mock._signing.times import in_utc

if TYPE_CHECKING:
    from collections.abc import Sequence

_DOS_START = dt.datetime(1980, 1, 1, tzinfo=dt.timezone.utc)
_DOS_END = dt.datetime(2107, 12, 31, 23, 59, 58, tzinfo=dt.timezone.utc)


def append_entries(
    archive: ZipArchive, additions: Sequence[tuple[bytes, bytes, bool]], moment: dt.datetime
) -> bytes:
    """Return the archive with entries added after its last.

    Everything that was there stays as it is: prefix, local entries, gaps, central records,
    comment, trailing bytes. A zip64 archive stays one, and an archive that outgrows 65,534 entries
    becomes one.

    Args:
        archive: What `read_archive` returned, far smaller than 4 GiB.
        additions: Name (ASCII), body, and whether to deflate it, for each new entry.
        moment: The date of the new entries (aware), written in UTC.
    """
    ends = archive.ends
    offset = ends.directory_start - ends.base
    local_parts: list[bytes] = []
    central_parts: list[bytes] = []
    for name, body, deflate in additions:
        local, central = _encode_entry(name, body, deflate, offset, moment)
        local_parts.append(local)
        central_parts.append(central)
        offset += len(local)
    central_size = ends.directory_end - ends.directory_start
    central_size += sum(map(len, central_parts))
    count = len(archive.entries) + len(additions)
    view = memoryview(archive.data)
    return b"".join(
        (
            view[: ends.directory_start],
            *local_parts,
            view[ends.directory_start : ends.directory_end],
            *central_parts,
            _encode_ends(archive, count, central_size, offset),
            view[ends.end + END_RECORD.size :],  # comment and trailing bytes
        )
    )


def _encode_entry(
    name: bytes, body: bytes, deflate: bool, offset: int, moment: dt.datetime
) -> tuple[bytes, bytes]:
    stored = body
    if deflate:
        # A window of 8 KiB, which a signature fits in; zlib takes long to clear one of 32.
        deflater = zlib.compressobj(wbits=-13)
        stored = deflater.compress(body) + deflater.flush()
    common = (
        20,  # version 2.0 can extract it
        0,
        DEFLATED if deflate else STORED,
        *_dos_time(moment),
        zlib.crc32(body),
        len(stored),
        len(body),
        len(name),
        0,
    )
    attributes = 0x10 if name.endswith(b"/") else 0  # MS-DOS: is a directory
    local = LOCAL_RECORD.pack(LOCAL_SIGNATURE, *common) + name + stored
    central = (
        CENTRAL_RECORD.pack(CENTRAL_SIGNATURE, 20, *common, 0, 0, 0, attributes, offset) + name
    )
    return local, central


def _encode_ends(archive: ZipArchive, count: int, size: int, offset: int) -> bytes:
    ends = archive.ends
    fields = list(END_RECORD.unpack_from(archive.data, ends.end))
    if ends.end64 is None and count < MAX16:
        fields[3:7] = count, count, size, offset
        return END_RECORD.pack(*fields)
    if ends.end64 is None:
        record = bytearray(
            END64_RECORD.pack(END64_SIGNATURE, END64_RECORD.size - 12, 45, 45, 0, 0, 0, 0, 0, 0)
        )
        fields[3:5] = MAX16, MAX16
    else:
        record = bytearray(archive.data[ends.end64 : ends.end - LOCATOR_RECORD.size])
    struct.pack_into("<4Q", record, 24, count, count, size, offset)
    locator = LOCATOR_RECORD.pack(LOCATOR_SIGNATURE, 0, offset + size, 1)
    # A field that refers the reader to the zip64 record goes on doing so.
    values = (count, count, min(size, MAX32), min(offset, MAX32))
    limits = (MAX16, MAX16, MAX32, MAX32)
    for index, (value, limit) in enumerate(zip(values, limits, strict=True), start=3):
        fields[index] = limit if fields[index] == limit else min(value, limit)
    return bytes(record) + locator + END_RECORD.pack(*fields)


def _dos_time(moment: dt.datetime) -> tuple[int, int]:
    """Return MS-DOS's (time, date), in steps of two seconds, clamped to its years 1980 to 2107."""
    moment = in_utc(moment)
    moment = min(max(moment, _DOS_START), _DOS_END)
    time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
    return time, (moment.year - 1980) << 9 | moment.month << 5 | moment.day
