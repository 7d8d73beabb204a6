"""What a hostile archive can cost: little, because its headers are added up first."""

from __future__ import annotations

import struct
import time

import pytest

from signer_mock._signing.errors import UnsignableObjectError
from signer_mock._signing.lambda_zip import sign
from signer_mock._signing.lambda_zip.archive.records import MAX_ENTRIES
from signer_mock._signing.lambda_zip.sign import MAX_UNCOMPRESSED_SIZE, sign_zip
from signer_mock.verify import IntegrityError, verify_lambda_zip
from tests.helpers.signing import NOW, SIGNATURE_ENTRY, authority, make_zip, signing_arguments
from tests.helpers.zip_forge import Item, Recipe


def listed(body: int, times: int) -> bytes:
    """An archive with one entry of zeros that its directory lists many times."""
    data = Recipe([Item(b"a", bytes(body))]).build()
    start, end = data.index(b"PK\1\2"), data.rindex(b"PK\5\6")
    directory = data[start:end] * times
    count = times & 0xFFFF
    fields = (b"PK\5\6", 0, 0, count, count, len(directory), start, 0)
    return data[:start] + directory + struct.pack("<4s4H2IH", *fields)


@pytest.mark.parametrize(
    ("body", "times"), [(20_000_000, 900), (MAX_UNCOMPRESSED_SIZE // 10 + 1, 10)]
)
def test_a_bomb_is_refused_before_anything_is_inflated(body: int, times: int) -> None:
    bomb = listed(body, times)
    assert len(bomb) < 300_000

    started = time.process_time()
    with pytest.raises(UnsignableObjectError) as failure:
        sign_zip(bomb, **signing_arguments())

    assert time.process_time() - started < 0.5
    assert f"{body * times} bytes uncompressed; Lambda deploys at most" in failure.value.reason


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


@pytest.mark.parametrize("length", [40_000, 200_000])
def test_a_signature_entry_of_spaces_takes_no_time(length: int) -> None:
    entry = b"-----BEGIN PKCS7-----\n" + b" " * length

    started = time.process_time()
    with pytest.raises(IntegrityError, match="signature entry"):
        verify_lambda_zip(
            make_zip({"a": b"", SIGNATURE_ENTRY: entry}), authority().trust_root_pem, at=NOW
        )

    assert time.process_time() - started < 0.5
