"""Zip archives of every kind, for tests that sign them."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable
from functools import cache

import pytest

from tests.helpers.signing import make_zip

ENTRIES = {"app.py": b"print('hello')\n" * 20, "lib/": b"", "lib/data.bin": bytes(range(256))}


@cache
def code_zip() -> bytes:
    """A small Lambda package, the same bytes each time."""
    handler = b"def handler(event, context):\n    return 'hello'\n"
    return make_zip({"app.py": handler * 20, "lib/": b"", "lib/tool.py": b"ANSWER = 42\n"})


class Unseekable(io.BytesIO):
    """Makes `zipfile` write data descriptors: it cannot go back to fill in the sizes."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise OSError("not seekable")


class LegacyName(zipfile.ZipInfo):
    """An entry whose name is in code page 437, without the UTF-8 flag."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile's own name
        return self.filename.encode("cp437"), self.flag_bits


def plain(compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    return make_zip(ENTRIES, compression)


def with_data_descriptors() -> bytes:
    buffer = Unseekable()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in ENTRIES.items():
            archive.writestr(name, body)
    assert b"PK\x07\x08" in buffer.getvalue()
    return buffer.getvalue()


def with_zip64_entries() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, body in ENTRIES.items():
            with archive.open(name, "w", force_zip64=True) as entry:
                entry.write(body)
    return buffer.getvalue()


def with_zip64_end() -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
        data = plain()
    assert b"PK\x06\x06" in data
    return data


def with_zip64_central_sizes() -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zipfile, "ZIP64_LIMIT", 100)
        data = plain()
    assert struct.pack("<HH", 1, 16) in data
    return data


def with_extra_fields_and_comments() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = b"comment"
        for number, (name, body) in enumerate(ENTRIES.items()):
            info = zipfile.ZipInfo(name)
            info.extra = struct.pack("<HH4s", 0x7875, 4, b"abcd") * number
            info.comment = b"entry comment" * number
            archive.writestr(info, body)
    return buffer.getvalue()


def with_names(*names: str, kind: type[zipfile.ZipInfo] = zipfile.ZipInfo) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(kind(name), name.encode())
    return buffer.getvalue()


def with_absolute_prefix() -> bytes:
    buffer = io.BytesIO(b"#!/usr/bin/env python3\n")
    with zipfile.ZipFile(buffer, "a") as archive:
        for name, body in ENTRIES.items():
            archive.writestr(name, body)
    assert buffer.getvalue().startswith(b"#!")
    return buffer.getvalue()


def with_signature_directory() -> bytes:
    return make_zip({"META_INF/": b"", "META_INF/notes.txt": b"mine", **ENTRIES})


def with_twins() -> bytes:
    return make_zip({"a.txt": b"first", "b.txt": b"second"}).replace(b"b.txt", b"a.txt")


ARCHIVES: dict[str, Callable[[], bytes]] = {
    "deflated": plain,
    "stored": lambda: plain(zipfile.ZIP_STORED),
    "data descriptors": with_data_descriptors,
    "zip64 entries": with_zip64_entries,
    "zip64 end": with_zip64_end,
    "zip64 sizes": with_zip64_central_sizes,
    "zip64 end after a prefix": lambda: b"prefix" + with_zip64_end(),
    "extra fields and comments": with_extra_fields_and_comments,
    "unicode names": lambda: with_names("ünïcode.txt", "日本/語.py", "☃"),
    "cp437 names": lambda: with_names("caf\u00e9.txt", "\u00df\u2592", kind=LegacyName),
    "a script before it": with_absolute_prefix,
    "unaccounted bytes before it": lambda: b"MZ stub" * 9 + plain(),
    "META_INF/ there already": with_signature_directory,
    "two entries of one name": with_twins,
    "only a directory": lambda: make_zip({"empty/": b""}),
    "only an empty file": lambda: make_zip({"empty": b""}),
    "an entry in several pieces": lambda: make_zip(
        {"big": random.Random(1).randbytes(5_000_000), "zeros": bytes(9_000_000)}
    ),
    "a stored entry in several pieces": lambda: make_zip(
        {"big": bytes(9_000_000)}, zipfile.ZIP_STORED
    ),
    "an archive comment": lambda: make_zip(ENTRIES, comment=b"hello"),
    "the longest comment": lambda: make_zip(ENTRIES, comment=b"x" * 65535),
    "many entries": lambda: make_zip({f"f{number}": b"" for number in range(3000)}),
}
