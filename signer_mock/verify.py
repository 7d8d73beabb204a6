"""Verify what AWS Signer or this mock signed, in tests and in tools that deploy.

These functions know no mock: unless you pass ``at`` and ``revocation``, they use the real time and
ask nobody about revocations. ``SignerMock`` has methods of the same names that use its own roots,
clock and revocations.

Each function takes the signed bytes and what you trust. It returns a ``VerifiedSignature``, or
raises one of five errors, all subclasses of ``VerificationError``:

* ``IntegrityError``: malformed, or not a signature of these bytes
* ``UntrustedError``: no trusted root vouches for it, or there is no signature
* ``MismatchError``: genuine, but not by an allowed publisher, or not of this artifact
* ``ExpiredError``: past its expiry
* ``RevokedError``: revoked

No signed bytes make them raise anything else. Invalid arguments raise ``InvalidArgumentError``,
which is not a ``VerificationError``.

    >>> verify_lambda_zip(signed, account.trust_root_pem, [profile_version_arn])  # doctest: +SKIP
    VerifiedSignature(profile_version_arn='arn:aws:signer:...', ...)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from signer_mock._signing.arguments import (
    arns_of,
    bytes_of,
    moment_of,
    require_source_of_revocations,
    signer_certificates,
    trusted_certificates,
)
from signer_mock._signing.ca.loading import ChainError
from signer_mock._signing.ca.x509_rules import check_code_signer, order_chain
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
from signer_mock._signing.verified import VerifiedSignature
from signer_mock.errors import InvalidArgumentError

if TYPE_CHECKING:
    from cryptography import x509

__all__ = [
    "ExpiredError",
    "IntegrityError",
    "InvalidArgumentError",
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

    Without ``at`` it compares the expiry with the real time, which a mock's clock or a frozen test
    may not show; without ``revocation`` it does not know what was revoked.

    Args:
        archive: The zip.
        trusted_roots: PEM of the root(s) to trust: one or several PEM texts, each with one or
            more certificates.
        allowed_publishers: The profile *version* ARNs of the code signing configuration; compared
            exactly. None allows any publisher that a trusted root vouches for.
        at: The time of deployment, aware; now if None.
        revocation: Answers what was revoked, such as the mock; None skips that check.
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
        InvalidArgumentError: An argument of yours makes no sense.

    The messages of the first three have Lambda's wording, with the reason in parentheses.
    """
    if policy not in ("Enforce", "Warn"):
        msg = f"policy must be 'Enforce' or 'Warn', not {policy!r}."
        raise InvalidArgumentError(msg)
    data = bytes_of(archive, "archive", "the signed zip")
    require_source_of_revocations(revocation)
    return verify_zip(
        data,
        trusted=trusted_certificates(trusted_roots, "trusted_roots", data),
        allowed_publishers=arns_of(allowed_publishers, "allowed_publishers"),
        at=moment_of(at),
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

    Without ``at`` it compares the expiry with the real time, which a mock's clock or a frozen test
    may not show; without ``revocation`` it does not know what was revoked.

    Args:
        envelope: The signature: a JWS in flattened JSON.
        trusted_roots: The trust store: PEM of certificates, any one of which must be in the
            signature's chain (the root, or one below it).
        trusted_identities: The trust policy's identities: signing profile ARNs, or profile version
            ARNs, compared without regard to case. None accepts any; "*" is refused, as by the
            plugin.
        artifact: The OCI descriptor that must have been signed: its mediaType, digest and size.
            None accepts any.
        at: The time of verification, aware; now if None. It matters to the expiry only: the
            certificates must have been valid when the signature was made.
        revocation: Answers what was revoked, such as the mock; None skips that check.

    Raises:
        IntegrityError: The envelope breaks a rule of the Notary Project's, or its signature is
            not good, or it has an attribute that the plugin does not process.
        UntrustedError: No trusted certificate in the chain, or it was not valid at the signing
            time, or the signature needs another plugin.
        MismatchError: Publisher or artifact is another than the expected.
        ExpiredError: ``at`` is not before the signature's expiry.
        RevokedError: ``revocation`` named something.
        InvalidArgumentError: An argument of yours makes no sense.
    """
    data = bytes_of(envelope, "envelope", "the signature")
    if artifact is not None and not isinstance(artifact, Mapping):
        msg = (
            "artifact must be an OCI descriptor, a mapping with mediaType, digest and size, not "
            f"{type(artifact).__name__}."
        )
        raise InvalidArgumentError(msg)
    require_source_of_revocations(revocation)
    return verify_envelope(
        data,
        trusted=trusted_certificates(trusted_roots, "trusted_roots", data),
        trusted_identities=arns_of(trusted_identities, "trusted_identities"),
        artifact=artifact,
        at=moment_of(at),
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

    Like a device it knows neither the time of signing nor revocations: the document holds no time,
    no expiry and no name of a profile or job.

    Args:
        document: The signed object: JSON, detached or embedded.
        certificate: PEM of the code-signing certificate, ``account.certificate_pem(arn)``; if more
            follow, they are its issuers.
        source: The image; needed for a detached document, compared for an embedded one.
        trusted_roots: If given, the certificate must be one of these or lead to one, and must be a
            code signer's: no certificate authority, with a key usage of digitalSignature and no
            other, and no extended key usage that forbids signing code.
        at: With ``trusted_roots``, the time (aware, now if None) at which the certificates must be
            valid. Devices do not look at the time, and the document has none.

    Returns:
        A record with ``certificates`` only.

    Raises:
        IntegrityError: The document is malformed, or is not about this image, or another key
            signed it.
        UntrustedError: The certificate cannot be read, is no code signer's, or does not lead to a
            trusted root.
        MismatchError: The certificate's key is of another kind than the document's signature.
        InvalidArgumentError: There is no image to verify, or an argument makes no sense.
    """
    data = bytes_of(document, "document", "the signed object")
    image = None if source is None else bytes_of(source, "source", "the image")
    leaf, *issuers = signer_certificates(certificate, data)
    moment = moment_of(at)
    trusted = None
    if trusted_roots is not None:
        trusted = trusted_certificates(trusted_roots, "trusted_roots", data)
    verify_document(data, certificate=leaf, source=image)
    chain: tuple[x509.Certificate, ...] = (leaf,)
    if trusted is not None:
        try:
            chain = check_code_signer(order_chain(leaf, [*issuers, *trusted]), trusted, moment)
        except ChainError as error:
            msg = f"The signer's certificate is not to be trusted: {error}."
            raise UntrustedError(msg) from None
    return VerifiedSignature(
        profile_version_arn=None,
        job_arn=None,
        signed_at=None,
        expires_at=None,
        certificates=chain,
    )
