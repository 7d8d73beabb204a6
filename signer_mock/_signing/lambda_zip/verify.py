"""Verify a signed Lambda zip as Lambda does on deployment.

Lambda makes four checks: integrity, which always blocks, and then mismatch, expiry and revocation,
which block or warn as the code signing configuration says. A package without a signature, or with
one that no trusted root vouches for, counts as a mismatch. Source:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.md
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from typing import TYPE_CHECKING, Literal

from signer_mock._signing.ca.loading import ChainError
from signer_mock._signing.ca.x509_rules import check_code_signing_chain, is_anchored, order_chain
from signer_mock._signing.errors import (
    ExpiredError,
    IntegrityError,
    MismatchError,
    RevokedError,
    UntrustedError,
    VerificationError,
)
from signer_mock._signing.lambda_zip.archive.body import read_body
from signer_mock._signing.lambda_zip.archive.read import read_archive
from signer_mock._signing.lambda_zip.archive.records import ZipFormatError
from signer_mock._signing.lambda_zip.cms_verify import CmsSignature, verify_detached_cms
from signer_mock._signing.lambda_zip.sign import SIGNATURE_ENTRY, hash_entries
from signer_mock._signing.revocation import RevocationSource, check_not_revoked
from signer_mock._signing.verified import VerifiedSignature

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cryptography import x509

PLATFORM = "AWSLambda-SHA384-ECDSA"

_PEM_START = b"-----BEGIN PKCS7-----\n"
_PEM_END = b"-----END PKCS7-----"
# Real ones have about 6 KiB.
_LARGEST_SIGNATURE = 64 * 1024
# Lambda's own words, seen live; ARN is the function's.
_NOT_ACCEPTED = (
    "Lambda cannot deploy the function. The function or layer might be signed using a signature "
    "that the client is not configured to accept. Check the provided signature for {arn}."
)
_NOT_PROPERLY_SIGNED = (
    "Lambda cannot deploy the function. The function or layer code is not properly signed. This "
    "can mean that the code was signed incorrectly or modified after it was signed. Check the "
    "provided signature for {arn}."
)


def read_signature(archive: bytes) -> CmsSignature | None:
    """Return the signature of a zip, its integrity checked; None if the zip is not signed.

    Raises:
        IntegrityError: The archive cannot be read or the signature does not fit it.
    """
    try:
        parsed = read_archive(archive)
        found = [entry for entry in parsed.entries if entry.name == SIGNATURE_ENTRY]
        if not found:
            return None
        if len(found) > 1:
            msg = "The archive has more than one signature entry."
            raise IntegrityError(msg)
        if found[0].size > _LARGEST_SIGNATURE:
            msg = f"The signature entry has {found[0].size} bytes, more than {_LARGEST_SIGNATURE}."
            raise IntegrityError(msg)
        cms = _decode_pem(b"".join(read_body(parsed, found[0])))
        return verify_detached_cms(cms, hash_entries(parsed).digest())
    except ZipFormatError as error:
        msg = f"The archive cannot be read: {error}."
        raise IntegrityError(msg) from None


def _decode_pem(text: bytes) -> bytes:
    text = text.replace(b"\r\n", b"\n").rstrip()
    if not (text.startswith(_PEM_START) and text.endswith(_PEM_END)):
        msg = "The signature entry is not a PEM block labelled PKCS7."
        raise IntegrityError(msg)
    body = b"".join(text[len(_PEM_START) : -len(_PEM_END)].split())
    try:
        decoded = base64.b64decode(body, validate=True)
    except binascii.Error as error:
        msg = f"The signature entry is not base64: {error}."
        raise IntegrityError(msg) from None
    if base64.b64encode(decoded) != body:
        # The last character may have bits that no byte uses.
        msg = "The signature entry is not base64: its last character has bits to spare."
        raise IntegrityError(msg)
    return decoded


def verify_zip(
    archive: bytes,
    *,
    trusted: Sequence[x509.Certificate],
    allowed_publishers: Sequence[str] | None,
    at: dt.datetime,
    revocation: RevocationSource | None,
    policy: Literal["Enforce", "Warn"],
    function_arn: str,
) -> VerifiedSignature:
    """Decide on a package as ``signer_mock.verify.verify_lambda_zip`` describes."""
    try:
        signature = read_signature(archive)
    except IntegrityError as error:
        msg = f"{_NOT_PROPERLY_SIGNED.format(arn=function_arn)} ({error})"
        raise IntegrityError(msg) from None
    chain = () if signature is None else order_chain(signature.leaf, signature.certificates)
    warnings = []
    for finding in _findings(
        signature,
        chain,
        trusted=trusted,
        allowed_publishers=allowed_publishers,
        at=at,
        revocation=revocation,
    ):
        worded = _in_lambdas_words(finding, function_arn)
        if policy == "Enforce":
            raise worded
        warnings.append(worded)
    return VerifiedSignature(
        profile_version_arn=signature.profile_version_arn if signature else None,
        job_arn=signature.job_arn if signature else None,
        signed_at=signature.signing_time if signature else None,
        expires_at=signature.expiry if signature else None,
        certificates=chain,
        warnings=tuple(warnings),
    )


def _findings(
    signature: CmsSignature | None,
    chain: Sequence[x509.Certificate],
    *,
    trusted: Sequence[x509.Certificate],
    allowed_publishers: Sequence[str] | None,
    at: dt.datetime,
    revocation: RevocationSource | None,
) -> Iterator[VerificationError]:
    if signature is None:
        yield UntrustedError("It is not signed.")
        return
    try:
        # Leaves live three days and signatures years: the chain must hold when it was used.
        check_code_signing_chain(chain, signature.signing_time)
    except ChainError as error:
        yield UntrustedError(f"Its certificate chain is not good at the signing time: {error}.")
    else:
        if not is_anchored(chain, trusted):
            yield UntrustedError(
                "Its certificate chain ends at none of the trusted roots; pass the root of the "
                "account that signed: account.trust_root_pem."
            )
        elif len(signature.certificates) > len(chain):
            # Nothing signs the list of certificates: anybody could have added some.
            yield UntrustedError(
                f"It holds {len(signature.certificates)} certificates, and its signer's chain has "
                f"{len(chain)}; AWS Signer adds no others."
            )
    if allowed_publishers is not None and signature.profile_version_arn not in allowed_publishers:
        profile = signature.profile_version_arn.rpartition("/")[0]
        hint = " Publishers are ARNs of profile versions." if profile in allowed_publishers else ""
        yield MismatchError(
            f"It was signed by {signature.profile_version_arn}; "
            f"allowed are {list(allowed_publishers)}.{hint}"
        )
    if at >= signature.expiry:
        yield ExpiredError(
            f"The signature expired at {signature.expiry}; it was checked at {at}. "
            "Sign the package again."
        )
    if revocation is not None:
        try:
            check_not_revoked(
                revocation,
                platform_id=PLATFORM,
                profile_version_arn=signature.profile_version_arn,
                job_arn=signature.job_arn,
                signed_at=signature.signing_time,
                chain=chain,
            )
        except RevokedError as error:
            yield error


def in_lambdas_words(error: VerificationError, function_arn: str) -> str:
    """Return what Lambda answers to a deployment, without the reason, which it does not tell.

    Its sentences for expiry and revocation are not known: the one for a signature that is not
    accepted stands for them.
    """
    words = _NOT_PROPERLY_SIGNED if isinstance(error, IntegrityError) else _NOT_ACCEPTED
    return words.format(arn=function_arn)


def _in_lambdas_words(finding: VerificationError, function_arn: str) -> VerificationError:
    if isinstance(finding, (UntrustedError, MismatchError)):
        return type(finding)(f"{_NOT_ACCEPTED.format(arn=function_arn)} ({finding})")
    return finding  # Lambda's texts for expiry and revocation are unknown
