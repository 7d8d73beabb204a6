"""Independent ways to make and to take apart what `signer_mock._signing` deals in.

Nothing here uses the code under test, but for the account authority that tests need anyway: the
digests are computed with `zipfile`, and OpenSSL is a process. `signing_forgery` makes what the
code under test would never make.
"""

from __future__ import annotations

import base64
import hashlib
import io
import subprocess
import zipfile
from datetime import datetime, timezone
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization

from signer_mock._signing.ca.authority import CertificateAuthority
from tests.helpers.constants import ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography import x509

NOW = datetime(2026, 11, 21, 20, 37, 58, 123456, tzinfo=timezone.utc)
EXPIRY = datetime(2038, 2, 21, 20, 37, 58, 123456, tzinfo=timezone.utc)
PROFILE_ARN = f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-profiles/prof"
PROFILE_VERSION_ARN = f"{PROFILE_ARN}/AbCdEfGh12"
JOB_ARN = f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-jobs/11111111-2222-4333-8444-555555555555"
SIGNATURE_ENTRY = "META_INF/aws_signer_signature_v1.0.SF"


@cache
def authority() -> CertificateAuthority:
    """An authority whose keys and signatures are the same in each run, so that failures are too."""
    return CertificateAuthority(ACCOUNT, seed="tests")


def signing_arguments(**changes: Any) -> dict[str, Any]:
    """What every signing function wants, good unless changed."""
    arguments: dict[str, Any] = {
        "identity": authority().identity("us-east-1", changes.get("signing_time", NOW)),
        "signing_time": NOW,
        "expiry": EXPIRY,
        "profile_version_arn": PROFILE_VERSION_ARN,
        "job_arn": JOB_ARN,
    }
    return {**arguments, **changes}


def openssl(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["openssl", *map(str, arguments)], capture_output=True, text=True, check=False, **options
    )


def to_pem(der: bytes) -> bytes:
    """Write a certificate in PEM."""
    return (
        b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"
    )


# --- zip archives


def make_zip(
    entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED, comment: bytes = b""
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.comment = comment
        for name, body in entries.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 2, 3, 4, 6)), body, compression)
    return buffer.getvalue()


def open_zip(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data))


def rebuild_zip(
    data: bytes, entries: list[tuple[str, bytes]], compression: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A new archive with these entries, ending with the signature entry of `data`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, body in [*entries, (SIGNATURE_ENTRY, signature_of(data))]:
            archive.writestr(name, body)
    return buffer.getvalue()


def entries_of(data: bytes) -> list[tuple[str, bytes]]:
    with open_zip(data) as archive:
        return [
            (info.filename, archive.read(info))
            for info in archive.infolist()
            if info.filename != SIGNATURE_ENTRY
        ]


def signature_of(data: bytes) -> bytes:
    with open_zip(data) as archive:
        return archive.read(SIGNATURE_ENTRY)


def content_of(data: bytes) -> bytes:
    """The 48 bytes that the CMS in a signed zip is a detached signature of."""
    digest = hashlib.sha384()
    for name, body in entries_of(data):
        digest.update(name.encode() + body)
    return digest.digest()


def openssl_accepts(data: bytes, root_pem: bytes, folder: Path, at: datetime = NOW) -> bool:
    """Whether `openssl cms` finds the signature of a signed zip good, chain included."""
    (folder / "signature.pem").write_bytes(signature_of(data))
    (folder / "content").write_bytes(content_of(data))
    (folder / "root.pem").write_bytes(root_pem)
    verified = openssl(
        *("cms", "-verify", "-inform", "PEM", "-binary", "-purpose", "any", "-x509_strict"),
        *("-in", folder / "signature.pem", "-content", folder / "content"),
        *("-CAfile", folder / "root.pem", "-attime", str(int(at.timestamp()))),
        *("-out", folder / "out"),
    )
    return verified.returncode == 0


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(
        certificate.public_bytes(serialization.Encoding.PEM) for certificate in certificates
    )
