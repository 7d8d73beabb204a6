"""What a verifier can say of a signature: one record for good ones, one family of errors.

The order of the errors is the order in which AWS Lambda and Notation look: first whether the
signature is whole, then who made it, for whom, until when, and whether it was taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509


class VerificationError(Exception):
    """A signature that must not be trusted. The message says why and, where it can, what to do."""


class IntegrityError(VerificationError):
    """The signature is malformed, or it does not fit the bytes that it claims to sign."""


class UntrustedError(VerificationError):
    """The signature is whole but is not vouched for by any trusted root, or there is none."""


class MismatchError(VerificationError):
    """The signature is genuine, but not by an allowed publisher, or not of this artifact."""


class ExpiredError(VerificationError):
    """The signature was good and is past its own, signed, end of life."""


class RevokedError(VerificationError):
    """The signature, its job, its profile version or one of its certificates was revoked."""


@dataclass(frozen=True)
class VerifiedSignature:
    """What a signature that passed says of itself.

    Attributes:
        profile_version_arn: The signing profile version that made it; None for IoT documents,
            which do not say.
        job_arn: The signing job that made it; None likewise.
        signed_at: When it was made, in UTC; None likewise.
        expires_at: When it ends, in UTC; None if it never does, or does not say.
        certificates: The chain that vouches for it, leaf first.
        warnings: What `policy="Warn"` let pass (Lambda only), most important first.
    """

    profile_version_arn: str | None
    job_arn: str | None
    signed_at: datetime | None
    expires_at: datetime | None
    certificates: tuple[x509.Certificate, ...]
    warnings: tuple[VerificationError, ...] = ()
