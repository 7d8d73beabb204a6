"""What a verifier can find wrong with a signature: one family of errors.

The order of the classes is the order in which AWS Lambda and Notation look: first whether the
signature is whole, then who made it, for whom, until when, and whether it was taken back.
"""

from __future__ import annotations


class VerificationError(Exception):
    """A signature that must not be trusted. The message says why and, where it can, what to do."""


class IntegrityError(VerificationError):
    """The signature is malformed, or it does not fit the bytes that it claims to sign."""


class UntrustedError(VerificationError):
    """The signature is whole but is not vouched for by any trusted root (or there is none)."""


class MismatchError(VerificationError):
    """The signature is genuine, but its publisher (or the object it names) is not the allowed."""


class ExpiredError(VerificationError):
    """The signature was good and is past its own, signed, end of life."""


class RevokedError(VerificationError):
    """The signature, its job, its profile version or one of its certificates was revoked."""
