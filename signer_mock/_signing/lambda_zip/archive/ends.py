"""Find a zip archive's central directory, where every reader finds the same one.

Readers look for the end record from the end of the file, and differ in what they do about a comment
of another length, a zip64 record that contradicts the end record, and data before the archive.
An archive is refused if zipfile, unzip, Go's archive/zip or Java's ZipFile would find another one.
"""

from __future__ import annotations

from signer_mock._signing.lambda_zip.archive.records import (
    CENTRAL_SIGNATURE,
    END64_RECORD,
    END64_SIGNATURE,
    END_RECORD,
    END_SIGNATURE,
    LOCAL_SIGNATURE,
    LOCATOR_RECORD,
    LOCATOR_SIGNATURE,
    MAX16,
    MAX32,
    MAX_ENTRIES,
    Ends,
    ZipFormatError,
)

# Readers search at least the longest comment, and at most a little more.
_SEARCHED = 2 * MAX16
_END64_LENGTH = END64_RECORD.size - 12  # without its signature and this field


def read_ends(data: bytes) -> Ends:
    """Return what the end records say. Raises ZipFormatError."""
    end = _find_end(data)
    _, *disks, here, count, size, offset, _ = END_RECORD.unpack_from(data, end)
    end64 = _find_end64(data, end)
    if end64 is None:
        directory_end = end
    else:
        directory_end = end64
        classic = (*disks, here, count, size, offset)
        *disks, here, count, size, offset = END64_RECORD.unpack_from(data, end64)[4:]
        _check_agreement(classic, (*disks, here, count, size, offset))
    if any(disks):
        msg = "the archive is split over several disks"
        raise ZipFormatError(msg)
    if here != count:
        msg = f"the archive promises {count} entries in all and {here} on its only disk"
        raise ZipFormatError(msg)
    start = directory_end - size
    base = start - offset
    if base < 0:
        msg = "the archive is truncated: its central directory is not all there"
        raise ZipFormatError(msg)
    if count > MAX_ENTRIES:
        msg = f"the archive has {count} entries; at most {MAX_ENTRIES} are read"
        raise ZipFormatError(msg)
    if base and data.startswith(CENTRAL_SIGNATURE, offset):
        # Go takes it for the central directory.
        raise _ambiguous("a directory header stands where its offset leads without the data before")
    if end64 is not None:
        _check_locator(data, end, end64, base)
    return Ends(count, base, start, directory_end, end, end64)


def _find_end(data: bytes) -> int:
    if not data:
        msg = "the object is empty"
        raise ZipFormatError(msg)
    # Some readers take the last signature for the end record without a check, so it must be one.
    end = data.rfind(END_SIGNATURE, max(0, len(data) - END_RECORD.size - MAX16))
    if end < 0:
        if data.startswith(LOCAL_SIGNATURE):
            msg = "the archive is truncated: its end is missing"
        else:
            msg = "the object is not a zip archive"
        raise ZipFormatError(msg)
    comment = end + END_RECORD.size
    if comment > len(data):
        msg = "the archive is truncated: its end is missing, or the start of another end follows it"
        raise ZipFormatError(msg)
    *_, size, offset, length = END_RECORD.unpack_from(data, end)
    if comment + length > len(data):
        msg = "the archive is truncated: its end is missing, or another end record follows it"
        raise ZipFormatError(msg)
    if (
        comment + length < len(data)
        and not _starts_with_an_entry(data, end - size, offset)
        and data.find(END_SIGNATURE, max(0, len(data) - _SEARCHED), end) >= 0
    ):
        # With bytes after the comment, Java goes on searching unless these two headers are there.
        raise _ambiguous("bytes follow its end, and another end record precedes it")
    return end


def _starts_with_an_entry(data: bytes, directory: int, offset: int) -> bool:
    first = directory - offset
    return (
        first >= 0
        and data.startswith(CENTRAL_SIGNATURE, directory)
        and data.startswith(LOCAL_SIGNATURE, first)
    )


def _find_end64(data: bytes, end: int) -> int | None:
    locator = end - LOCATOR_RECORD.size
    if locator < 0 or not data.startswith(LOCATOR_SIGNATURE, locator):
        return None
    position = locator - END64_RECORD.size
    if position < 0 or not data.startswith(END64_SIGNATURE, position):
        msg = "the archive's zip64 end record is missing, or not right before its locator"
        raise ZipFormatError(msg)
    if END64_RECORD.unpack_from(data, position)[1] != _END64_LENGTH:
        raise _ambiguous("its zip64 end record has an extensible data sector")
    return position


def _check_agreement(classic: tuple[int, ...], wide: tuple[int, ...]) -> None:
    limits = (MAX16, MAX16, MAX16, MAX16, MAX32, MAX32)
    for narrow, value, limit in zip(classic, wide, limits, strict=True):
        if narrow not in {value, limit}:
            raise _ambiguous("its end record and its zip64 end record disagree")


def _check_locator(data: bytes, end: int, end64: int, base: int) -> None:
    _, disk, offset, disks = LOCATOR_RECORD.unpack_from(data, end - LOCATOR_RECORD.size)
    if disk != 0 or disks > 1:
        msg = "the archive is split over several disks"
        raise ZipFormatError(msg)
    if offset + base != end64 or (base and data.startswith(END64_SIGNATURE, offset)):
        raise _ambiguous("its zip64 locator leads elsewhere than to its zip64 end record")


def _ambiguous(why: str) -> ZipFormatError:
    return ZipFormatError(f"the archive can be read in two ways: {why}")
