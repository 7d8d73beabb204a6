"""Read the body of one entry of a zip archive."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from signer_mock._signing.lambda_zip.archive.records import (
    DEFLATED,
    STORED,
    Entry,
    ZipArchive,
    corrupt,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_INPUT_CHUNK = 256 * 1024
_OUTPUT_CHUNK = 4 * 1024 * 1024


def read_body(archive: ZipArchive, entry: Entry) -> Iterator[bytes | memoryview]:
    """Yield the uncompressed body of an entry, in pieces of at most 4 MiB.

    At most one piece more than the archive promises is inflated.

    Raises:
        ZipFormatError: If need be after the last piece, when the body is of an unknown
            compression method, or not what its sizes and its CRC-32 promise.
    """
    start = archive.body_starts[entry.local_offset]
    body = memoryview(archive.data)[start : start + entry.compressed_size]
    if entry.method == STORED:
        pieces: Iterator[bytes | memoryview] = _slices(body, _OUTPUT_CHUNK)
    elif entry.method == DEFLATED:
        pieces = _inflate(body, entry)
    else:
        what = f"uses compression method {entry.method}, not stored or deflated"
        raise corrupt(entry.name, what)
    crc = 0
    size = 0
    for piece in pieces:
        crc = zlib.crc32(piece, crc)
        size += len(piece)
        if size > entry.size:
            break
        yield piece
    if size != entry.size:
        raise corrupt(entry.name, "does not have the size that the archive promises")
    if crc != entry.crc:
        raise corrupt(entry.name, "is damaged: its CRC-32 is wrong")


def _inflate(body: memoryview, entry: Entry) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    used = 0
    try:
        # Small slices: what a bounded decompress() leaves over is copied on every call.
        for piece in _slices(body, _INPUT_CHUNK):
            pending: bytes | memoryview = piece
            while pending and not inflater.eof:
                yield inflater.decompress(pending, _OUTPUT_CHUNK)
                pending = inflater.unconsumed_tail
            used += len(piece)
            if inflater.eof:
                break
        else:
            yield inflater.flush()
    except zlib.error:
        raise corrupt(entry.name, "is damaged: it cannot be inflated") from None
    if not inflater.eof:
        raise corrupt(entry.name, "is damaged: its compressed data ends too early")
    if used - len(inflater.unused_data) != len(body):
        raise corrupt(entry.name, "has more bytes after its compressed data")


def _slices(body: memoryview, length: int) -> Iterator[memoryview]:
    return (body[start : start + length] for start in range(0, len(body), length))
