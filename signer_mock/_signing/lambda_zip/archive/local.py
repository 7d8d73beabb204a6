"""Check a zip archive's local headers against its directory, and what stands between its entries.

Streaming readers see only the local headers, and see all of them; others take some fields from
there. So they must say what the directory says, each must be listed, and none may be hidden.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from typing import TYPE_CHECKING

from signer_mock._signing.lambda_zip.archive.extra import (
    check_unicode_path,
    wide_values,
    zip64_field,
)
from signer_mock._signing.lambda_zip.archive.records import (
    CENTRAL_SIGNATURE,
    DESCRIPTOR_SIGNATURE,
    END64_SIGNATURE,
    END_SIGNATURE,
    FLAG_DESCRIPTOR,
    FLAG_ENCRYPTED,
    LOCAL_RECORD,
    LOCAL_SIGNATURE,
    LOCATOR_SIGNATURE,
    MAX32,
    Ends,
    Entry,
    ZipFormatError,
    corrupt,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_HIDDEN = {
    LOCAL_SIGNATURE: "a local header",
    CENTRAL_SIGNATURE: "a directory header",
    END_SIGNATURE: "an end record",
    END64_SIGNATURE: "a zip64 end record",
    LOCATOR_SIGNATURE: "a zip64 locator",
}
_ANY_HIDDEN = re.compile(b"|".join(map(re.escape, _HIDDEN)))


def check_local_headers(data: bytes, ends: Ends, entries: Sequence[Entry]) -> dict[int, int]:
    """Return where the body of the entry at each local offset starts. Raises ZipFormatError.

    The directory may list an entry twice, and in another order than that of the bodies.
    """
    listed: dict[int, Entry] = {}
    for entry in entries:
        if listed.setdefault(entry.local_offset, entry) != entry:
            raise corrupt(entry.name, "is listed twice, with different fields")
    body_starts = {
        offset: _check_header(data, ends, entry) for offset, entry in sorted(listed.items())
    }
    regions: dict[int, int] = {}
    gaps: list[tuple[int, int]] = []
    end = 0
    for offset, body_start in body_starts.items():
        entry = listed[offset]
        if offset < end:
            raise corrupt(entry.name, "overlaps the entry before it")
        gaps.append((end, offset))
        end = body_start + entry.compressed_size
        if entry.flags & FLAG_DESCRIPTOR:
            end += _descriptor_length(data, end, ends.directory_start, entry)
        regions[offset] = end
    gaps.append((end, ends.directory_start))
    _check_gaps(data, gaps, _Copies(data, entries, regions))
    return body_starts


class _Copies:
    """The copies that may stand unlisted: as many of an entry as it is listed beyond once.

    Ant writes these when it is told to add duplicates.
    """

    def __init__(self, data: bytes, entries: Sequence[Entry], regions: dict[int, int]) -> None:
        self._data = data
        self._left: dict[bytes, list[bytes]] = {}
        more = Counter(entry.local_offset for entry in entries) - Counter(regions.keys())
        for offset, count in more.items():
            self._left[self._name_at(offset)] = [data[offset : regions[offset]]] * count

    def skip(self, start: int, end: int) -> int:
        """Return where the copies end that start at ``start``."""
        while (
            # Or else something that is no name, and long, would be read at each gap.
            self._data.startswith(LOCAL_SIGNATURE, start)
            and (left := self._left.get(self._name_at(start)))
            and self._data.startswith(left[-1], start, end)
        ):
            start += len(left.pop())
        return start

    def _name_at(self, offset: int) -> bytes:
        """Return the name in the local header at an offset."""
        start = offset + LOCAL_RECORD.size
        length = int.from_bytes(self._data[start - 4 : start - 2], "little")
        return self._data[start : start + length]


def _check_header(data: bytes, ends: Ends, entry: Entry) -> int:
    """Return where the body starts."""
    name_start = entry.local_offset + LOCAL_RECORD.size
    if not data.startswith(LOCAL_SIGNATURE, entry.local_offset, ends.directory_start):
        raise corrupt(entry.name, "is not where the central directory says")
    fields = LOCAL_RECORD.unpack_from(data, entry.local_offset)
    flags, method, _, _, crc, compressed_size, size, name_length, extra_length = fields[2:]
    if (entry.flags | flags) & FLAG_ENCRYPTED:
        raise corrupt(entry.name, "is encrypted")
    extra_start = name_start + name_length
    body_start: int = extra_start + extra_length
    if data[name_start:extra_start] != entry.raw_name:
        raise corrupt(entry.name, "has another name in its own header")
    if (flags, method) != (entry.flags, entry.method):
        raise corrupt(entry.name, "has other flags or another method in its own header")
    if body_start + entry.compressed_size > ends.directory_start:
        raise corrupt(entry.name, "is truncated")
    sizes: tuple[int, ...] = (size, compressed_size)
    extra = data[extra_start:body_start]
    if extra:
        check_unicode_path(extra, entry.raw_name, entry.name)
    _check_sizes(entry, crc, sizes, extra)
    return body_start


def _check_sizes(entry: Entry, crc: int, sizes: tuple[int, ...], extra: bytes) -> None:
    true = (entry.size, entry.compressed_size)
    field = zip64_field(extra, entry.name) if extra else None
    # Some readers prefer the zip64 field even to sizes that fit.
    wide = struct.unpack_from("<2Q", field) if field is not None and len(field) >= 16 else true
    if entry.flags & FLAG_DESCRIPTOR:
        # The values follow the body; here each may be unknown.
        sizes = tuple(own if s in {0, MAX32} else s for s, own in zip(sizes, true, strict=True))
        wide = tuple(own if w == 0 else w for w, own in zip(wide, true, strict=True))
        crc = crc or entry.crc
    elif MAX32 in sizes:
        sizes = tuple(wide_values(extra, sizes, (MAX32, MAX32), entry.name))
    if crc != entry.crc or sizes != true or wide != true:
        raise corrupt(entry.name, "has another CRC-32 or other sizes in its own header")


def _descriptor_length(data: bytes, start: int, end: int, entry: Entry) -> int:
    """Return the length of the data descriptor: 32 or 64 bits wide, with or without signature."""
    sizes = (entry.compressed_size, entry.size)
    wide = struct.pack("<I2Q", entry.crc, *sizes)
    # What is cut off here is too large to be read anyhow.
    narrow = struct.pack("<3I", entry.crc, *(size & MAX32 for size in sizes))
    for descriptor in (DESCRIPTOR_SIGNATURE + narrow, DESCRIPTOR_SIGNATURE + wide, narrow, wide):
        if data.startswith(descriptor, start, end):
            return len(descriptor)
    raise corrupt(entry.name, "is not followed by a data descriptor that fits")


def _check_gaps(data: bytes, gaps: Sequence[tuple[int, int]], copies: _Copies) -> None:
    for start, end in gaps:
        if hidden := _ANY_HIDDEN.search(data, copies.skip(start, end), end):
            what = _HIDDEN[hidden[0]]
            msg = f"the archive has {what} outside of its entries and its directory"
            raise ZipFormatError(msg)
