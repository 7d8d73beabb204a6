"""The records of a zip archive: their layout, their signatures, and the model of what was read."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

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
DESCRIPTOR_SIGNATURE = b"PK\x07\x08"

STORED = 0
DEFLATED = 8
FLAG_ENCRYPTED = 0x2041  # encrypted, strongly encrypted, directory encrypted
FLAG_DESCRIPTOR = 0x0008
FLAG_UTF8 = 0x0800
MAX16 = 0xFFFF
MAX32 = 0xFFFFFFFF

#: Entries of an archive. AWS documents no limit; this one bounds the work on a hostile archive.
MAX_ENTRIES = 100_000


class ZipFormatError(Exception):
    """The bytes are not a zip archive that every reader reads alike. `str()` says why."""


class Entry(NamedTuple):
    """One entry as the central directory describes it.

    `name` is UTF-8, as it is signed; `raw_name` is what the archive has. Offsets count from the
    start of the data.
    """

    name: bytes
    raw_name: bytes
    flags: int
    method: int
    crc: int
    compressed_size: int
    size: int
    local_offset: int


@dataclass(frozen=True)
class Ends:
    """What the end records say. Offsets count from the start of the data.

    `base` is how far the archive's own offsets are shifted by data that someone put before it
    (a self-extracting stub). `end` and `end64` are where the end records start; `end64` is None
    unless the archive has a zip64 end record.
    """

    count: int
    base: int
    directory_start: int
    directory_end: int
    end: int
    end64: int | None


@dataclass(frozen=True)
class ZipArchive:
    """An archive whose headers have been read and checked.

    `entries` are in the order of the central directory. `body_starts` says where the body of the
    entry with a given `local_offset` starts.
    """

    data: bytes
    ends: Ends
    entries: tuple[Entry, ...]
    body_starts: dict[int, int]


def corrupt(name: bytes, what: str) -> ZipFormatError:
    """Return the error about one entry."""
    return ZipFormatError(f"the entry {name.decode('utf-8')!r} {what}")
