"""Verifies a signed Lambda zip as Lambda does on deployment (facts §10).

Lambda makes four checks: integrity, which always blocks, and then mismatch, expiry and revocation,
which block or warn as the code signing configuration says. A package without a signature, or with
one that no trusted root vouches for, counts as a mismatch.
"""

from __future__ import annotations

import base64
import binascii
import re
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
from signer_mock._signing.lambda_zip.archive import ZipFormatError, read_archive, read_body
from signer_mock._signing.lambda_zip.cms_verify import CmsSignature, verify_detached_cms
from signer_mock._signing.lambda_zip.sign import SIGNATURE_ENTRY, hash_entries
from signer_mock._signing.revocation import RevocationSource, check_not_revoked
from signer_mock._signing.verified import VerifiedSignature

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from cryptography import x509

PLATFORM = "AWSLambda-SHA384-ECDSA"

_PEM = re.compile(rb"-----BEGIN PKCS7-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END PKCS7-----\s*")
# Lambda's own words, seen live; ARN is the function's
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
    """The signature of a zip, its integrity checked; None if the zip is not signed.

    Raises IntegrityError if the archive cannot be read or the signature does not fit it.
    """
    try:
        parsed = read_archive(archive)
        found = [entry for entry in parsed.entries if entry.name == SIGNATURE_ENTRY]
        if not found:
            return None
        if len(found) > 1:
            raise IntegrityError("The archive has more than one signature entry.")
        match = _PEM.fullmatch(b"".join(read_body(parsed, found[0])))
        if match is None:
            raise IntegrityError("The signature entry is not a PEM block labelled PKCS7.")
        return verify_detached_cms(
            base64.b64decode(b"".join(match[1].split()), validate=True),
            hash_entries(parsed).digest(),
        )
    except ZipFormatError as error:
        raise IntegrityError(f"The archive cannot be read: {error}.") from None
    except binascii.Error as error:
        raise IntegrityError(f"The signature entry is not base64: {error}.") from None


def verify_zip(
    archive: bytes,
    *,
    trusted: Sequence[x509.Certificate],
    allowed_publishers: Sequence[str] | None,
    at: datetime,
    revocation: RevocationSource | None,
    policy: Literal["Enforce", "Warn"],
    function_arn: str,
) -> VerifiedSignature:
    """The verdict on a package; `signer_mock.verify.verify_lambda_zip` describes it."""
    try:
        signature = read_signature(archive)
    except IntegrityError as error:
        text = _NOT_PROPERLY_SIGNED.format(arn=function_arn)
        raise IntegrityError(f"{text} ({error})") from None
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
    at: datetime,
    revocation: RevocationSource | None,
) -> Iterator[VerificationError]:
    if signature is None:
        yield UntrustedError("It is not signed.")
        return
    try:
        # leaves live three days and signatures years: the chain must hold when it was used
        check_code_signing_chain(chain, signature.signing_time)
    except ChainError as error:
        yield UntrustedError(f"Its certificate chain is not good at the signing time: {error}.")
    else:
        if not is_anchored(chain, trusted):
            yield UntrustedError(
                "Its certificate chain ends at none of the trusted roots; pass the root of the "
                "account that signed: account.trust_root_pem."
            )
    if allowed_publishers is not None and signature.profile_version_arn not in allowed_publishers:
        yield MismatchError(
            f"It was signed by {signature.profile_version_arn}; "
            f"allowed are {list(allowed_publishers)}."
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


def _in_lambdas_words(finding: VerificationError, function_arn: str) -> VerificationError:
    if isinstance(finding, (UntrustedError, MismatchError)):
        return type(finding)(f"{_NOT_ACCEPTED.format(arn=function_arn)} ({finding})")
    return finding  # Lambda's texts for expiry and revocation are not known
