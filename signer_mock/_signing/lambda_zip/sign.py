"""Sign a Lambda deployment package: the zip comes back with its signature inside.

What is signed is SHA-384 over every entry's name and uncompressed body, in the directory's order.
So recompressing or re-dating entries keeps a signature valid, and renaming, changing or reordering
them breaks it. Nothing separates a name from its body or an entry from the next, and attributes
(dates, modes, comments) are not signed: that is the service's format, as captured from live
signatures. ``verify`` is the other half.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from typing import TYPE_CHECKING

from signer_mock._signing.errors import UnsignableObjectError
from signer_mock._signing.lambda_zip.archive.append import append_entries
from signer_mock._signing.lambda_zip.archive.body import read_body
from signer_mock._signing.lambda_zip.archive.read import read_archive
from signer_mock._signing.lambda_zip.archive.records import MAX_ENTRIES, ZipArchive, ZipFormatError
from signer_mock._signing.lambda_zip.cms_sign import sign_detached_cms

if TYPE_CHECKING:
    from signer_mock._signing.ca.authority import SigningIdentity

SIGNATURE_DIRECTORY = b"META_INF/"  # an underscore: it is not a jar's directory
SIGNATURE_ENTRY = b"META_INF/aws_signer_signature_v1.0.SF"

#: Bytes that the entries of a package have uncompressed, the signature not counted. It is Lambda's
#: limit for a deployment package: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_UNCOMPRESSED_SIZE = 250 * 1024 * 1024


def sign_zip(
    source: bytes,
    *,
    identity: SigningIdentity,
    signing_time: dt.datetime,
    expiry: dt.datetime,
    profile_version_arn: str,
    job_arn: str,
) -> bytes:
    """Return the zip archive ``source`` signed: its own bytes with two entries added.

    Every entry is read once, to be hashed and checked.

    Args:
        source: The archive.
        identity: Who signs.
        signing_time: Aware; signed to the millisecond, and the date of the added entries.
        expiry: Aware; signed to the millisecond.
        profile_version_arn: Signed.
        job_arn: Signed.

    Raises:
        UnsignableObjectError: The object is not a zip archive that all readers read alike, or it
            is empty, too large, damaged, encrypted, or signed already.
    """
    try:
        archive = read_archive(source)
        names = [entry.name for entry in archive.entries]
        if not names:
            msg = "The zip archive has no entries."
            raise UnsignableObjectError(msg)
        if SIGNATURE_ENTRY in names:
            msg = "The zip archive is already signed."
            raise UnsignableObjectError(msg)
        if len(names) > MAX_ENTRIES - 2:
            msg = f"The zip archive has {len(names)} entries; at most {MAX_ENTRIES - 2} are signed."
            raise UnsignableObjectError(msg)
        digest = hash_entries(archive)
        additions = []
        if SIGNATURE_DIRECTORY not in names:
            # The signature is over the directory entry, too.
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
        msg = f"{reason[0].upper()}{reason[1:]}."
        raise UnsignableObjectError(msg) from None


def hash_entries(archive: ZipArchive) -> hashlib._Hash:
    """Return SHA-384 over name and body of each entry in order, the signature's own left out.

    Raises:
        ZipFormatError: An entry cannot be read, or all together are too large. That is known from
            their headers, before anything is inflated.
    """
    entries = [entry for entry in archive.entries if entry.name != SIGNATURE_ENTRY]
    size = sum(entry.size for entry in entries)
    if size > MAX_UNCOMPRESSED_SIZE:
        msg = (
            f"the archive has {size} bytes uncompressed; Lambda deploys at most "
            f"{MAX_UNCOMPRESSED_SIZE}"
        )
        raise ZipFormatError(msg)
    digest = hashlib.sha384()
    for entry in entries:
        digest.update(entry.name)
        for piece in read_body(archive, entry):
            digest.update(piece)
    return digest


def _pem(cms: bytes) -> bytes:
    text = base64.b64encode(cms).decode("ascii")
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN PKCS7-----", *lines, "-----END PKCS7-----", ""]).encode("ascii")
