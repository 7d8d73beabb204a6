"""What a hostile archive can cost: little, because its headers are added up first."""

from __future__ import annotations

import struct
import time
import zlib
from types import SimpleNamespace
from typing import Any

import pytest

from signer_mock._signing.errors import UnsignableObjectError
from signer_mock._signing.lambda_zip import sign
from signer_mock._signing.lambda_zip.archive import body
from signer_mock._signing.lambda_zip.archive.records import MAX_ENTRIES
from signer_mock._signing.lambda_zip.sign import MAX_UNCOMPRESSED_SIZE, sign_zip
from signer_mock.verify import IntegrityError, verify_lambda_zip
from tests.helpers.signing import (
    NOW,
    SIGNATURE_ENTRY,
    authority,
    make_zip,
    signature_of,
    signing_arguments,
)
from tests.helpers.zip_forge import Item, Recipe, deflate


def listed(size: int, times: int) -> bytes:
    """An archive with one entry of zeros that its directory lists many times."""
    data = Recipe([Item(b"a", bytes(size))]).build()
    start, end = data.index(b"PK\1\2"), data.rindex(b"PK\5\6")
    directory = data[start:end] * times
    count = times & 0xFFFF
    fields = (b"PK\5\6", 0, 0, count, count, len(directory), start, 0)
    return data[:start] + directory + struct.pack("<4s4H2IH", *fields)


@pytest.mark.parametrize(
    ("size", "times"), [(20_000_000, 900), (MAX_UNCOMPRESSED_SIZE // 10 + 1, 10)]
)
def test_a_bomb_is_refused_before_anything_is_inflated(size: int, times: int) -> None:
    bomb = listed(size, times)
    assert len(bomb) < 300_000

    started = time.process_time()
    with pytest.raises(UnsignableObjectError) as failure:
        sign_zip(bomb, **signing_arguments())

    assert time.process_time() - started < 0.5
    assert f"{size * times} bytes uncompressed; Lambda deploys at most" in failure.value.reason


class Counted:
    """Inflates as zlib does, and counts what comes out."""

    total = 0

    def __init__(self, wbits: int) -> None:
        self._inflater = zlib.decompressobj(wbits)

    def decompress(self, data: bytes, length: int) -> bytes:
        piece = self._inflater.decompress(data, length)
        Counted.total += len(piece)
        return piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inflater, name)


def overlapping(count: int, size: int) -> bytes:
    """Bodies that begin with each other's headers, quoted, and end in one body of zeros."""
    zeros = deflate(bytes(size))
    names = [b"%03d" % number for number in range(count)]
    fields = (20, 0, 8, 0, 0x21, 0)
    data, bodies = b"", []
    for number, name in enumerate(reversed(names)):
        # A stored block of 33 bytes: the header that follows, which is no part of the stream then.
        packed = b"\0" + struct.pack("<2H", 33, 33 ^ 0xFFFF) + data if number else zeros
        sizes = (len(packed), size + 33 * number)
        data = struct.pack("<4s5H3I2H", b"PK\3\4", *fields, *sizes, 3, 0)[:30] + name + packed
        bodies.append(sizes)
    directory = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, *fields, *sizes, 3, 0, 0, 0, 0, 0, 38 * number)
        + name
        for number, (name, sizes) in enumerate(zip(names, reversed(bodies), strict=True))
    )
    end = (b"PK\5\6", 0, 0, count, count, len(directory), len(data), 0)
    return data + directory + struct.pack("<4s4H2IH", *end)


def liars(count: int, size: int) -> bytes:
    """Entries that promise one byte each."""
    lie = {"size": 1}
    names = [b"%03d" % number for number in range(count)]
    return Recipe([Item(name, bytes(size), local=lie, central=lie) for name in names]).build()


BOMBS = {
    "one body listed 700 times": listed(20_000_000, 700),
    "overlapping bodies": overlapping(250, 4_000_000),
    "sizes that lie": liars(50, 1_000_000),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_of_a_bomb_at_most_one_piece_is_inflated(
    bomb: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(bomb) < 66_000
    monkeypatch.setattr(body, "zlib", SimpleNamespace(**{**vars(zlib), "decompressobj": Counted}))
    monkeypatch.setattr(Counted, "total", 0)

    with pytest.raises(UnsignableObjectError):
        sign_zip(bomb, **signing_arguments())
    with pytest.raises(IntegrityError):
        verify_lambda_zip(with_a_signature(bomb), authority().trust_root_pem, at=NOW)

    assert Counted.total < 10_000_000


def with_a_signature(archive: bytes) -> bytes:
    """The archive with a signature entry appended to its directory."""
    signature = signature_of(sign_zip(make_zip({"a": b""}), **signing_arguments()))
    entry = Recipe([Item(SIGNATURE_ENTRY.encode(), signature)]).build()
    local, rest = entry[: entry.index(b"PK\1\2")], entry[entry.index(b"PK\1\2") :]
    header = bytearray(rest[: rest.rindex(b"PK\5\6")])
    end = archive.rindex(b"PK\5\6")
    *_, count, _, start, _ = struct.unpack("<4s4H2IH", archive[end:])
    struct.pack_into("<I", header, 42, start)
    directory = archive[start:end] + header
    fields = (b"PK\5\6", 0, 0, count + 1, count + 1, len(directory), start + len(local), 0)
    return archive[:start] + local + directory + struct.pack("<4s4H2IH", *fields)


def test_as_much_as_the_limit_is_signed_and_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_UNCOMPRESSED_SIZE == 250 * 1024 * 1024
    monkeypatch.setattr(sign, "MAX_UNCOMPRESSED_SIZE", 5000)  # the real one takes seconds

    signed = sign_zip(listed(500, 10), **signing_arguments())

    # The signature does not count: what was signed must also be verified.
    verify_lambda_zip(signed, authority().trust_root_pem, at=NOW)
    with pytest.raises(UnsignableObjectError, match="5010 bytes uncompressed"):
        sign_zip(listed(501, 10), **signing_arguments())


def test_a_body_that_is_larger_than_its_headers_say_is_not_inflated_further() -> None:
    sizes = {"size": 10}
    bomb = Recipe([Item(b"a", bytes(20_000_000), local=sizes, central=sizes)]).build()

    started = time.process_time()
    with pytest.raises(UnsignableObjectError, match="does not have the size"):
        sign_zip(bomb, **signing_arguments())

    assert time.process_time() - started < 0.5


def test_entries_are_limited() -> None:
    with pytest.raises(UnsignableObjectError, match=f"more than {MAX_ENTRIES} entries"):
        sign_zip(listed(0, MAX_ENTRIES + 1), **signing_arguments())
    with pytest.raises(UnsignableObjectError, match=f"at most {MAX_ENTRIES - 2} are signed"):
        sign_zip(listed(0, MAX_ENTRIES - 1), **signing_arguments())
    with pytest.raises(UnsignableObjectError, match=f"has {MAX_ENTRIES} entries; at most"):
        sign_zip(listed(0, MAX_ENTRIES), **signing_arguments())


@pytest.mark.parametrize(
    ("count", "reason"),
    [
        (
            MAX_ENTRIES,
            f"The archive promises {MAX_ENTRIES} entries and its central directory has 1.",
        ),
        (
            MAX_ENTRIES + 1,
            f"The archive has {MAX_ENTRIES + 1} entries; at most {MAX_ENTRIES} are read.",
        ),
    ],
)
def test_promised_entries_are_limited_before_the_directory_is_read(count: int, reason: str) -> None:
    archive = Recipe(
        [Item(b"a", b"b")],
        zip64=True,
        saturated=("here", "count"),
        end64={"here": count, "count": count},
    )

    with pytest.raises(UnsignableObjectError) as failure:
        sign_zip(archive.build(), **signing_arguments())

    assert failure.value.reason == reason


@pytest.mark.parametrize(
    ("length", "reason"),
    [
        (65536, "The signature entry is not a PEM block labelled PKCS7."),
        (65537, "The signature entry has 65537 bytes, more than 65536."),
    ],
)
def test_a_signature_entry_has_at_most_64_kib(length: int, reason: str) -> None:
    archive = make_zip({"a": b"", SIGNATURE_ENTRY: bytes(length)})

    with pytest.raises(IntegrityError) as refusal:
        verify_lambda_zip(archive, authority().trust_root_pem, at=NOW)

    assert f"({reason})" in str(refusal.value)


@pytest.mark.parametrize("length", [40_000, 200_000])
def test_a_signature_entry_of_spaces_takes_no_time(length: int) -> None:
    entry = b"-----BEGIN PKCS7-----\n" + b" " * length

    started = time.process_time()
    with pytest.raises(IntegrityError, match="signature entry"):
        verify_lambda_zip(
            make_zip({"a": b"", SIGNATURE_ENTRY: entry}), authority().trust_root_pem, at=NOW
        )

    assert time.process_time() - started < 0.5
