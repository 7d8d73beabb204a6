"""Signed deployment packages of every kind, checked by OpenSSL and `zipfile`."""

from __future__ import annotations

import base64
import struct
import zipfile
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest
from asn1crypto import cms

from signer_mock._signing.errors import UnsignableObjectError
from signer_mock._signing.lambda_zip.sign import sign_zip
from signer_mock.verify import verify_lambda_zip
from tests.helpers.signing import (
    JOB_ARN,
    NOW,
    SIGNATURE_ENTRY,
    authority,
    make_zip,
    open_zip,
    openssl_accepts,
    signing_arguments,
)
from tests.helpers.zip_archives import ARCHIVES, plain, with_names, with_zip64_end
from tests.helpers.zip_forge import Item, Recipe

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=list(ARCHIVES.values()), ids=list(ARCHIVES))
def source(request: pytest.FixtureRequest) -> bytes:
    data: bytes = request.param()
    return data


def sign(source: bytes, **changes: object) -> bytes:
    return sign_zip(source, **signing_arguments(**changes))


def test_openssl_and_our_own_verifier_accept_it(source: bytes, tmp_path: Path) -> None:
    signed = sign(source)

    assert openssl_accepts(signed, authority().trust_root_pem, tmp_path)
    verify_lambda_zip(signed, authority().trust_root_pem, at=NOW)


def test_the_original_is_kept_byte_for_byte(source: bytes) -> None:
    with open_zip(source) as archive:
        start = archive.start_dir
        before = archive.infolist()
        comment = archive.comment
    end = (
        source.rfind(b"PK\x06\x06") if b"PK\x06\x06" in source else len(source) - 22 - len(comment)
    )

    signed = sign(source)

    assert signed[:start] == source[:start]
    assert source[start:end] in signed[start:]
    assert signed.endswith(comment)
    with open_zip(signed) as archive:
        assert archive.testzip() is None
        assert archive.comment == comment
        for old, new in zip(before, archive.infolist(), strict=False):
            for field in zipfile.ZipInfo.__slots__:
                if field not in {"header_offset", "orig_filename", "_end_offset"}:
                    assert getattr(old, field, None) == getattr(new, field, None), field


def test_the_new_entries_come_last(source: bytes) -> None:
    with open_zip(source) as archive:
        names = archive.namelist()
    added = [] if "META_INF/" in names else ["META_INF/"]

    with open_zip(sign(source)) as archive:
        assert archive.namelist() == [*names, *added, SIGNATURE_ENTRY]
        info = archive.getinfo(SIGNATURE_ENTRY)
        assert info.compress_type == zipfile.ZIP_DEFLATED
        assert info.date_time == (2026, 11, 21, 20, 37, 58)
        assert (info.create_version, info.extract_version) == (20, 20)
        assert archive.getinfo("META_INF/").is_dir()
        assert archive.read("META_INF/") == b""
        if added:  # MS-DOS's attribute of a directory
            assert archive.getinfo("META_INF/").external_attr == 0x10
        assert archive.getinfo(SIGNATURE_ENTRY).external_attr == 0


def test_the_signature_entry_is_a_pem_block() -> None:
    with open_zip(sign(plain())) as archive:
        lines = archive.read(SIGNATURE_ENTRY).decode("ascii").splitlines()

    assert lines[0] == "-----BEGIN PKCS7-----"
    assert lines[-1] == "-----END PKCS7-----"
    assert {len(line) for line in lines[1:-2]} == {64}
    assert base64.b64decode("".join(lines[1:-1]), validate=True).startswith(b"\x30\x80")


def test_an_archive_that_outgrows_its_16_bit_count_becomes_zip64(tmp_path: Path) -> None:
    source = make_zip({f"{number}": b"" for number in range(65534)}, zipfile.ZIP_STORED)
    assert b"PK\x06\x06" not in source

    signed = sign(source)

    # The length of what follows, and the versions that made it and can read it (APPNOTE, 4.3.14).
    end64 = signed.rindex(b"PK\x06\x06")
    assert struct.unpack_from("<Q2H", signed, end64 + 4) == (44, 45, 45)
    with open_zip(signed) as archive:
        assert len(archive.infolist()) == 65536
    assert verify_lambda_zip(signed, authority().trust_root_pem, at=NOW).job_arn == JOB_ARN
    assert openssl_accepts(signed, authority().trust_root_pem, tmp_path)


def test_names_without_the_utf8_flag_that_are_utf8_are_signed_as_such() -> None:
    class JavaName(zipfile.ZipInfo):
        def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name in zipfile
            return self.filename.encode(), self.flag_bits

    flagged, unflagged = (
        with_names("ünïcode.txt", kind=kind) for kind in (zipfile.ZipInfo, JavaName)
    )
    assert flagged != unflagged

    assert signed_digest(sign(flagged)) == signed_digest(sign(unflagged))


def signed_digest(signed: bytes) -> bytes:
    with open_zip(signed) as archive:
        pem = archive.read(SIGNATURE_ENTRY)
    body = base64.b64decode(b"".join(pem.splitlines()[1:-1]))
    signer = cms.ContentInfo.load(body)["content"]["signer_infos"][0]
    digests = [
        one["values"] for one in signer["signed_attrs"] if one["type"].native == "message_digest"
    ]
    digest: bytes = digests[0][0].native
    return digest


def test_names_and_bodies_are_joined_without_a_separator() -> None:
    one = make_zip({"app.py": b"print(1)"})
    other = make_zip({"app.pyprint": b"(1)"})

    assert signed_digest(sign(one)) == signed_digest(sign(other))


def test_under_a_clock_frozen_in_2031(tmp_path: Path) -> None:
    at = datetime(2031, 1, 1, tzinfo=timezone.utc)
    signed = sign(plain(), signing_time=at, expiry=at.replace(year=2042))

    assert openssl_accepts(signed, authority().trust_root_pem, tmp_path, at)
    with open_zip(signed) as archive:
        assert archive.getinfo(SIGNATURE_ENTRY).date_time == (2031, 1, 1, 0, 0, 0)


@pytest.mark.parametrize(
    ("year", "shown"), [(1975, (1980, 1, 1, 0, 0, 0)), (2150, (2107, 12, 31, 23, 59, 58))]
)
def test_dates_that_a_zip_cannot_hold_are_clamped(year: int, shown: tuple[int, ...]) -> None:
    at = datetime(year, 6, 1, tzinfo=timezone.utc)

    with open_zip(sign(plain(), signing_time=at, expiry=at.replace(year=year + 1))) as archive:
        assert archive.getinfo(SIGNATURE_ENTRY).date_time == shown


def test_all_but_the_signature_is_determined_by_the_arguments() -> None:
    first, second = sign(plain()), sign(plain())

    position = first.index(SIGNATURE_ENTRY.encode()) - 30
    assert first[:position] == second[:position]


# --- what cannot be signed


def truncated(data: bytes, cut: int) -> bytes:
    return data[:cut]


def damaged(data: bytes, old: bytes, new: bytes) -> bytes:
    assert data.count(old) >= 1, old
    assert len(old) == len(new)
    return data.replace(old, new, 1)


def local_flag(data: bytes, flag: int) -> bytes:
    return data[:6] + struct.pack("<H", flag) + data[8:]


def central_field(data: bytes, offset: int, value: bytes) -> bytes:
    start = data.index(b"PK\x01\x02") + offset
    return data[:start] + value + data[start + len(value) :]


def end_field(data: bytes, offset: int, value: bytes) -> bytes:
    start = data.rindex(b"PK\x05\x06") + offset
    return data[:start] + value + data[start + len(value) :]


def lying(**fields: int) -> bytes:
    """An archive whose two headers say the same and not what the body is."""
    item = Item(b"app.py", b"print(1)\n" * 20, local=dict(fields), central=dict(fields))
    if "compressed" in fields:
        item.packed = item.compressed()[: fields["compressed"]]
    return Recipe([item]).build()


STORED = plain(zipfile.ZIP_STORED)
DEFLATED = plain()
UNSIGNABLE = {
    "nothing": (b"", "The object is empty."),
    "text": (b"just text", "The object is not a zip archive."),
    "a gzip file": (b"\x1f\x8b\x08" + bytes(100), "The object is not a zip archive."),
    "a tar of 10 kB": (b"app.py" + bytes(10234), "The object is not a zip archive."),
    "no entries": (make_zip({}), "The zip archive has no entries."),
    "half": (truncated(DEFLATED, len(DEFLATED) // 2), "its end is missing"),
    "without its last byte": (DEFLATED[:-1], "its end is missing"),
    "without its start": (DEFLATED[40:], "truncated"),
    "directory only": (DEFLATED[DEFLATED.index(b"PK\x01\x02") :], "truncated"),
    "a byte of a stored entry": (
        damaged(STORED, b"hello", b"hellO"),
        "'app.py' is damaged: its CRC",
    ),
    "a byte of a deflated entry": (
        DEFLATED[:40] + bytes([DEFLATED[40] ^ 0xFF]) + DEFLATED[41:],
        "'app.py' is damaged",
    ),
    "a wrong CRC": (lying(crc=0), "'app.py' is damaged: its CRC"),
    "a size too small": (lying(size=1), "'app.py' does not have the size"),
    "a size too large": (lying(size=65536), "'app.py' does not have the size"),
    "a compressed body that is cut off": (lying(compressed=4), "ends too early"),
    "compressed size too large": (
        central_field(DEFLATED, 20, b"\0\0\1\0"),
        "'app.py' is truncated",
    ),
    "an offset to nowhere": (central_field(DEFLATED, 42, b"\0\0\1\0"), "'app.py' is not where"),
    "an offset into an entry": (central_field(DEFLATED, 42, b"\5\0\0\0"), "'app.py' is not where"),
    "another local name": (damaged(DEFLATED, b"app.py", b"apq.py"), "has another name"),
    "encrypted": (central_field(DEFLATED, 8, b"\1\0"), "'app.py' is encrypted"),
    "encrypted, locally": (local_flag(DEFLATED, 1), "'app.py' is encrypted"),
    "strongly encrypted": (central_field(DEFLATED, 8, b"\x40\0"), "'app.py' is encrypted"),
    "masked": (central_field(DEFLATED, 8, b"\0\x20"), "'app.py' is encrypted"),
    "bzip2": (plain(zipfile.ZIP_BZIP2), "'app.py' uses compression method 12"),
    "lzma": (plain(zipfile.ZIP_LZMA), "'app.py' uses compression method 14"),
    "one entry promised too many": (end_field(DEFLATED, 10, b"\4\0"), "promises 4 entries"),
    "several disks": (end_field(DEFLATED, 4, b"\1\0"), "split over several disks"),
    "a directory of rubbish": (
        damaged(
            DEFLATED,
            b"PK\x01\x02" + DEFLATED.split(b"PK\x01\x02")[2],
            b"XX\x01\x02" + DEFLATED.split(b"PK\x01\x02")[2],
        ),
        "central directory is damaged",
    ),
    "a name that claims to be UTF-8": (
        with_names("ü.txt").replace("ü".encode(), b"\xff\xfe"),
        "is not the UTF-8 it claims",
    ),
    "a zip64 locator to nowhere": (
        with_zip64_end().replace(b"PK\x06\x06", b"PK\x06\x00"),
        "zip64 end record is missing",
    ),
    "signed already": (sign(DEFLATED), "The zip archive is already signed."),
}


@pytest.mark.parametrize(("source", "reason"), UNSIGNABLE.values(), ids=UNSIGNABLE.keys())
def test_what_cannot_be_signed_fails_with_a_reason(source: bytes, reason: str) -> None:
    with pytest.raises(UnsignableObjectError) as failure:
        sign(source)

    assert reason in failure.value.reason
    assert failure.value.reason[0].isupper()
    assert failure.value.reason.endswith(".")


@pytest.mark.parametrize("cut", range(0, len(DEFLATED), 7))
def test_no_truncation_can_be_signed(cut: int) -> None:
    with pytest.raises(UnsignableObjectError):
        sign(DEFLATED[:cut])


def test_bytes_after_the_end_are_kept() -> None:
    signed = sign(DEFLATED + b"\n")

    assert signed.endswith(b"\n")
    verify_lambda_zip(signed, authority().trust_root_pem, at=NOW)
