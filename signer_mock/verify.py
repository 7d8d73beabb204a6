"""Verify what AWS Signer or this mock signed, in tests and in tools that deploy.

Each function takes the signed bytes and what you trust. It returns a ``VerifiedSignature``, or
raises one of five errors, all subclasses of ``VerificationError``:

* ``IntegrityError``: malformed, or not a signature of these bytes
* ``UntrustedError``: no trusted root vouches for it, or there is no signature
* ``MismatchError``: genuine, but not by an allowed publisher, or not of this artifact
* ``ExpiredError``: past its expiry
* ``RevokedError``: revoked

    >>> verify_lambda_zip(signed, account.trust_root_pem, [profile_version_arn])  # doctest: +SKIP
    VerifiedSignature(profile_version_arn='arn:aws:signer:...', ...)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from cryptography import x509

from signer_mock._signing.ca.x509_rules import is_anchored, order_chain
from signer_mock._signing.errors import (
    ExpiredError,
    IntegrityError,
    MismatchError,
    RevokedError,
    UntrustedError,
    VerificationError,
)
from signer_mock._signing.iot.verify import verify_document
from signer_mock._signing.lambda_zip.verify import verify_zip
from signer_mock._signing.notation.verify import verify_envelope
from signer_mock._signing.revocation import RevocationSource
from signer_mock._signing.times import in_utc
from signer_mock._signing.verified import VerifiedSignature

__all__ = [
    "ExpiredError",
    "IntegrityError",
    "MismatchError",
    "RevocationSource",
    "RevokedError",
    "UntrustedError",
    "VerificationError",
    "VerifiedSignature",
    "verify_iot_object",
    "verify_lambda_zip",
    "verify_notation_envelope",
]

Certificates = bytes | Iterable[bytes]


def verify_lambda_zip(
    archive: bytes,
    trusted_roots: Certificates,
    allowed_publishers: Iterable[str] | None = None,
    *,
    at: dt.datetime | None = None,
    revocation: RevocationSource | None = None,
    policy: Literal["Enforce", "Warn"] = "Enforce",
    function_arn: str = "the function",
) -> VerifiedSignature:
    """Verify a deployment package as Lambda does for a function with code signing.

    Args:
        archive: The zip.
        trusted_roots: PEM of the root(s) to trust: one or several PEM texts, each with one or
            more certificates.
        allowed_publishers: The profile *version* ARNs of the code signing configuration; compared
            exactly. None allows any publisher that a trusted root vouches for.
        at: The time of deployment, aware; now if None.
        revocation: Who knows what was revoked; None leaves that check out.
        policy: The configuration's UntrustedArtifactOnDeployment. With "Warn", only a broken
            signature raises; every other finding comes back in the result's ``warnings``.
        function_arn: What the messages call the function.

    Returns:
        What the signature says. For an unsigned package under "Warn", all fields are empty but
        for ``warnings``.

    Raises:
        IntegrityError: The archive or the signature is broken, or an entry was changed, whatever
            the policy.
        UntrustedError: Not signed, or the chain was not good at the time of signing, or it ends
            at no trusted root. Lambda calls all of these, and the next, a mismatch.
        MismatchError: The publisher is not among the allowed.
        ExpiredError: ``at`` is not before the signature's expiry.
        RevokedError: ``revocation`` named something.
        ValueError: An argument makes no sense: PEM without certificates, a naive time.

    The first three bear Lambda's wording, with the reason in parentheses.
    """
    if policy not in {"Enforce", "Warn"}:
        msg = f"policy must be 'Enforce' or 'Warn', not {policy!r}."
        raise ValueError(msg)
    return verify_zip(
        archive,
        trusted=_certificates(trusted_roots),
        allowed_publishers=_names(allowed_publishers, "allowed_publishers"),
        at=_moment(at),
        revocation=revocation,
        policy=policy,
        function_arn=function_arn,
    )


def verify_notation_envelope(
    envelope: bytes,
    trusted_roots: Certificates,
    trusted_identities: Iterable[str] | None = None,
    *,
    artifact: Mapping[str, object] | None = None,
    at: dt.datetime | None = None,
    revocation: RevocationSource | None = None,
) -> VerifiedSignature:
    """Verify a SignPayload signature as ``notation verify`` with AWS Signer's plugin does.

    Args:
        envelope: The signature: a JWS in flattened JSON.
        trusted_roots: The trust store: PEM of certificates, any one of which must be in the
            signature's chain (the root, or one below it).
        trusted_identities: The trust policy's identities: signing profile ARNs, or profile version
            ARNs, compared without regard to case. None accepts any; "*" is refused, as by the
            plugin.
        artifact: The OCI descriptor that must have been signed: its mediaType, digest and size.
            None leaves the payload unread.
        at: The time of verification, aware; now if None. It matters to the expiry only: the
            certificates must have been valid when the signature was made.
        revocation: Who knows what was revoked; None is the policy that skips the check.

    Raises:
        IntegrityError: The envelope breaks a rule of the Notary Project's, or its signature is
            not good, or it has an attribute that the plugin does not process.
        UntrustedError: No trusted certificate in the chain, or it was not valid at the signing
            time, or the signature needs another plugin.
        MismatchError: Publisher or artifact is another than the expected.
        ExpiredError: ``at`` is not before the signature's expiry.
        RevokedError: ``revocation`` named something.
        ValueError: An argument makes no sense: PEM without certificates, a naive time.
    """
    return verify_envelope(
        envelope,
        trusted=_certificates(trusted_roots),
        trusted_identities=_names(trusted_identities, "trusted_identities"),
        artifact=artifact,
        at=_moment(at),
        revocation=revocation,
    )


def verify_iot_object(
    document: bytes,
    certificate: bytes,
    source: bytes | None = None,
    *,
    trusted_roots: Certificates | None = None,
    at: dt.datetime | None = None,
) -> VerifiedSignature:
    """Verify a signed IoT or FreeRTOS document as a device with ``certificate`` on it does.

    Args:
        document: The signed object: JSON, detached or embedded.
        certificate: PEM of the code-signing certificate, ``account.certificate_pem(arn)``; if more
            follow, they are its issuers.
        source: The image; needed for a detached document, compared for an embedded one.
        trusted_roots: If given, the certificate must be one of these or lead to one.
        at: With ``trusted_roots``, the time (aware, now if None) at which the certificates must be
            valid. Devices do not look at the time, and the document has none.

    Returns:
        A record with ``certificates`` only.

    Raises:
        IntegrityError: The document is malformed, or is not about this image, or another key
            signed it.
        UntrustedError: The certificate does not lead to a trusted root.
        MismatchError: The certificate's key is of another kind than the document's signature.
        ValueError: No image to verify, or PEM without certificates, or a naive time.
    """
    leaf, *issuers = _certificates(certificate)
    verify_document(document, certificate=leaf, source=source)
    chain: tuple[x509.Certificate, ...] = (leaf,)
    if trusted_roots is not None:
        moment = _moment(at)
        trusted = _certificates(trusted_roots)
        chain = order_chain(leaf, [*issuers, *trusted])
        if not is_anchored(chain, trusted):
            msg = f"The certificate {leaf.subject.rfc4514_string()!r} leads to no trusted root."
            raise UntrustedError(msg)
        for one in chain:
            if not one.not_valid_before_utc <= moment <= one.not_valid_after_utc:
                msg = f"The certificate {one.subject.rfc4514_string()!r} is not valid at {moment}."
                raise UntrustedError(msg)
    return VerifiedSignature(
        profile_version_arn=None,
        job_arn=None,
        signed_at=None,
        expires_at=None,
        certificates=chain,
    )


def _certificates(pem: Certificates) -> list[x509.Certificate]:
    texts = [pem] if isinstance(pem, bytes) else list(pem)
    certificates = []
    for text in texts:
        if not isinstance(text, bytes):
            msg = f"certificates must be PEM as bytes, not {type(text).__name__}."
            raise TypeError(msg)
        # raises ValueError for a text without certificates
        certificates += x509.load_pem_x509_certificates(text)
    return certificates


def _names(names: Iterable[str] | None, parameter: str) -> Sequence[str] | None:
    if isinstance(names, str):
        msg = f"{parameter} must be a list of ARNs, not one string."
        raise TypeError(msg)
    return None if names is None else list(names)


def _moment(at: dt.datetime | None) -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc) if at is None else in_utc(at)
