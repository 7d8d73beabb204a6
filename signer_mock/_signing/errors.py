"""The errors of signing and of verifying.

Verifiers check in the order in which AWS Lambda and Notation do: is the signature intact, who made
it, for whom, until when, and was it revoked?
"""

from __future__ import annotations

#: Where users import them from, so that reports name that module.
_PUBLIC = "signer_mock.verify"


class UnsignableObjectError(Exception):
    """The platform cannot sign this source object.

    AWS Signer answers with a job that ends as ``Failed``; ``reason``, one sentence, is its
    ``statusReason``.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason


class VerificationError(Exception):
    """A signature that must not be trusted. The message says why and, if possible, what to do."""

    __module__ = _PUBLIC


class IntegrityError(VerificationError):
    """The signature is malformed, or it does not match the bytes that it claims to sign."""

    __module__ = _PUBLIC


class UntrustedError(VerificationError):
    """The signature is intact, but no trusted root vouches for it; or there is no signature."""

    __module__ = _PUBLIC


class MismatchError(VerificationError):
    """The signature is genuine, but not by an allowed publisher, or not of this artifact."""

    __module__ = _PUBLIC


class ExpiredError(VerificationError):
    """The signature was good and is past its signed expiry."""

    __module__ = _PUBLIC


class RevokedError(VerificationError):
    """The signature, its job, its profile version or one of its certificates was revoked."""

    __module__ = _PUBLIC
