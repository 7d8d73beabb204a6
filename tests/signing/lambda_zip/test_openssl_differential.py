"""Our verdict on zips against openssl's: every kind of archive, changed in every way.

openssl is given the digest that tests/helpers/signing.py recomputes with zipfile and hashlib, so
the two verdicts share no code: not the reading of the archive, not the CMS, not the chain.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from signer_mock._signing.ca.authority import CertificateAuthority
from signer_mock._signing.lambda_zip.sign import sign_zip
from signer_mock.verify import VerificationError, verify_lambda_zip
from tests.helpers.signing import (
    NOW,
    authority,
    entries_of,
    openssl_accepts,
    rebuild_zip,
    signing_arguments,
)
from tests.helpers.zip_archives import ARCHIVES

Entries = list[tuple[str, bytes]]


def changed_byte(entries: Entries) -> Entries:
    """One bit of the last file that has any."""
    for index in reversed(range(len(entries))):
        name, body = entries[index]
        if body:
            changed = body[:-1] + bytes([body[-1] ^ 1])
            return [*entries[:index], (name, changed), *entries[index + 1 :]]
    return [(entries[0][0], b"\0"), *entries[1:]]


CHANGES: dict[str, Callable[[Entries], Entries]] = {
    "nothing": lambda entries: entries,
    "a byte": changed_byte,
    "a name": lambda entries: [("x" + entries[0][0], entries[0][1]), *entries[1:]],
    "the order": lambda entries: [*entries[1:], entries[0]],
    "one less": lambda entries: entries[1:],
    "one more": lambda entries: [*entries, ("added.txt", b"")],
}
KINDS = [kind for kind in ARCHIVES if kind != "many entries"]  # three thousand of them take long
CASES = [(kind, change) for kind in KINDS for change in CHANGES]


def ours_accepts(data: bytes, root_pem: bytes) -> bool:
    try:
        verify_lambda_zip(data, root_pem, at=NOW + dt.timedelta(seconds=1))
    except VerificationError:
        return False
    return True


def test_there_are_enough_cases():
    assert len(CASES) == 20 * 6


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(("kind", "change"), CASES)
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_verdicts_agree(kind: str, change: str, compression: int, tmp_path: Path):
    signed = sign_zip(ARCHIVES[kind](), **signing_arguments())
    entries = CHANGES[change](entries_of(signed))
    candidate = rebuild_zip(signed, entries, compression)
    root = authority().trust_root_pem

    openssl = openssl_accepts(candidate, root, tmp_path)

    assert openssl == ours_accepts(candidate, root)
    assert openssl == (change == "nothing")


def test_the_verdicts_agree_on_a_foreign_root(tmp_path: Path):
    signed = sign_zip(ARCHIVES["deflated"](), **signing_arguments())
    foreign = CertificateAuthority("999999999999").trust_root_pem

    assert not openssl_accepts(signed, foreign, tmp_path)
    assert not ours_accepts(signed, foreign)
