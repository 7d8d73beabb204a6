"""Signs a Lambda deployment package: the zip comes back with its signature inside.

What is signed is SHA-384 over every entry's name and uncompressed body, in archive order, so
recompressing or re-dating entries keeps a signature valid, and renaming, changing or reordering
them breaks it. `lambda_zip_verify` holds the other half. Source: facts §2.3.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from signer_mock._signing.errors import UnsignableObjectError
from signer_mock._signing.lambda_zip.append import append_entries
from signer_mock._signing.lambda_zip.archive import (
    ZipArchive,
    ZipFormatError,
    read_archive,
    read_body,
)
from signer_mock._signing.lambda_zip.cms import sign_detached_cms

if TYPE_CHECKING:
    from datetime import datetime

    from signer_mock._signing.ca.authority import SigningIdentity

SIGNATURE_DIRECTORY = b"META_INF/"  # an underscore: it is not a jar's directory
SIGNATURE_ENTRY = b"META_INF/aws_signer_signature_v1.0.SF"


def sign_zip(
    source: bytes,
    *,
    identity: SigningIdentity,
    signing_time: datetime,
    expiry: datetime,
    profile_version_arn: str,
    job_arn: str,
) -> bytes:
    """The signed form of the zip archive `source`: its own bytes with two entries added.

    Both times must be aware; they go into the signature to the millisecond, and `signing_time`
    dates the added entries. Every entry is read once, to be hashed and checked. Raises
    UnsignableObjectError for what the service cannot sign: an object that is not a zip archive,
    is empty, truncated or damaged, has encrypted entries, or is signed already.
    """
    try:
        archive = read_archive(source)
        names = [entry.name for entry in archive.entries]
        if not names:
            raise UnsignableObjectError("The zip archive has no entries.")
        if SIGNATURE_ENTRY in names:
            raise UnsignableObjectError("The zip archive is already signed.")
        digest = hash_entries(archive)
        additions = []
        if SIGNATURE_DIRECTORY not in names:
            # the signature is over the directory entry, too
            digest.update(SIGNATURE_DIRECTORY)
            additions.append((SIGNATURE_DIRECTORY, b"", False))
        signature = sign_detached_cms(
            digest.digest(),
            identity=identity,
            signing_time=signing_time,
            expiry=expiry,
            profile_version_arn=profile_version_arn,
            job_arn=job_arn,
        )
        additions.append((SIGNATURE_ENTRY, _pem(signature), True))
        return append_entries(archive, additions, signing_time)
    except ZipFormatError as error:
        reason = str(error)
        raise UnsignableObjectError(f"{reason[0].upper()}{reason[1:]}.") from None


def hash_entries(archive: ZipArchive) -> hashlib._Hash:
    """SHA-384 over name and body of each entry in order, but for the signature's own.

    Nothing separates name from body or entry from entry: that is the service's format. Raises
    ZipFormatError for an entry that cannot be read.
    """
    digest = hashlib.sha384()
    for entry in archive.entries:
        if entry.name != SIGNATURE_ENTRY:
            digest.update(entry.name)
            for piece in read_body(archive, entry):
                digest.update(piece)
    return digest


def _pem(cms: bytes) -> bytes:
    text = base64.b64encode(cms).decode("ascii")
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN PKCS7-----", *lines, "-----END PKCS7-----", ""]).encode("ascii")
