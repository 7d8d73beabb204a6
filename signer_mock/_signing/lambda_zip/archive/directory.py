"""List the entries of a zip archive's central directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signer_mock._signing.lambda_zip.archive.extra import check_unicode_path, wide_values
from signer_mock._signing.lambda_zip.archive.records import (
    CENTRAL_RECORD,
    CENTRAL_SIGNATURE,
    END64_RECORD,
    FLAG_UTF8,
    LOCATOR_RECORD,
    MAX16,
    MAX32,
    MAX_ENTRIES,
    Ends,
    Entry,
    ZipFormatError,
    corrupt,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_directory(data: bytes, ends: Ends) -> tuple[Entry, ...]:
    """Return the entries in the directory's order. Raises ZipFormatError."""
    entries: list[Entry] = []
    # Java and Go look here if they do not find the zip64 records for the data before the archive.
    shifted = ends.directory_start + END64_RECORD.size + LOCATOR_RECORD.size
    ambiguous = (
        ends.end64 is not None and ends.base > 0 and data.startswith(CENTRAL_SIGNATURE, shifted)
    )
    for position, entry in _read_headers(data, ends):
        entries.append(entry)
        if position == shifted:
            ambiguous = (
                False  # the directory's own header: what follows does not fit, and they fail
            )
        if len(entries) > MAX_ENTRIES:
            msg = f"the archive has more than {MAX_ENTRIES} entries"
            raise ZipFormatError(msg)
    # Archives from before zip64 count their entries modulo 65536.
    if ends.count != (len(entries) if ends.end64 is not None else len(entries) & MAX16):
        msg = (
            f"the archive promises {ends.count} entries and its central directory has "
            f"{len(entries)}"
        )
        raise ZipFormatError(msg)
    if ambiguous:
        msg = "the archive can be read in two ways: a directory is hidden in its directory"
        raise ZipFormatError(msg)
    return tuple(entries)


def _read_headers(data: bytes, ends: Ends) -> Iterator[tuple[int, Entry]]:
    position = ends.directory_start
    while position < ends.directory_end:
        name_start = position + CENTRAL_RECORD.size
        if name_start > ends.directory_end or not data.startswith(CENTRAL_SIGNATURE, position):
            raise _damaged()
        fields = CENTRAL_RECORD.unpack_from(data, position)
        flags, method = fields[3:5]
        crc, *numbers, name_length, extra_length, comment_length, disk = fields[7:14]
        numbers += [fields[16], disk]
        extra_start = name_start + name_length
        comment_start = extra_start + extra_length
        following = comment_start + comment_length
        if following > ends.directory_end:
            raise _damaged()
        raw_name = data[name_start:extra_start]
        name = _utf8_name(raw_name, flags)
        if extra_length:
            extra = data[extra_start:comment_start]
            check_unicode_path(extra, raw_name, name)
            limits = (MAX32, MAX32, MAX32, MAX16)
            size, compressed_size, offset, disk = wide_values(
                extra, (numbers[1], numbers[0], *numbers[2:]), limits, name
            )
        else:
            compressed_size, size, offset, disk = numbers
        if disk:
            msg = "the archive is split over several disks"
            raise ZipFormatError(msg)
        if name.endswith(b"/") and size:
            raise corrupt(name, "is a directory and has a body")
        yield (
            position,
            Entry(*(name, raw_name, flags, method, crc, compressed_size, size, ends.base + offset)),
        )
        position = following


def _utf8_name(raw: bytes, flags: int) -> bytes:
    """Return an entry's name in UTF-8, the encoding under which names are signed.

    Names without the UTF-8 flag are taken as UTF-8 all the same if they can be, as Java (which
    the service is written in) and Go do, and else as the format's old default, code page 437.
    """
    if b"\0" in raw:
        msg = f"the entry name {raw!r} has a NUL, at which some readers cut it off"
        raise ZipFormatError(msg)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        if flags & FLAG_UTF8:
            msg = f"the entry name {raw!r} is not the UTF-8 it claims"
            raise ZipFormatError(msg) from None
        return raw.decode("cp437").encode("utf-8")
    return raw


def _damaged() -> ZipFormatError:
    return ZipFormatError("the archive's central directory is damaged")
