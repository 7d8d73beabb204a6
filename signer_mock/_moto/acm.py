"""moto's ACM: the certificates, with their keys, that profiles of IoT and FreeRTOS name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signer_mock._moto.backends import (
    backends,
    can_be_read,
    find_backend,
    moto_answers,
)
from signer_mock._service.arns import parse_arn
from signer_mock._service.profiles import WRONG_PURPOSE
from signer_mock._service.stores import CodeSigningCertificate
from signer_mock._signing.errors import UnsignableObjectError
from signer_mock._wire.exceptions import ResourceNotFoundException, ValidationException

if TYPE_CHECKING:
    from signer_mock._service.world import World

# Both seen on the live service.
_UNKNOWN = "Could not find an issued certificate {}"
_NOT_ISSUED = "Certificate is not Issued"


class MotoCertificates:
    """moto's ACM as profiles and jobs use it.

    It is not asked about certificates that the mock holds (``account.import_certificate``).

    Args:
        world: Holds the certificates that were imported into the mock.
        when_used: Ask only once this ACM holds a certificate. ``s3="moto"`` starts all of moto,
            although the test may need only S3.
    """

    def __init__(self, world: World, *, when_used: bool) -> None:
        self._world = world
        self._when_used = when_used

    def check(self, arn: str) -> None:
        """Refuse a certificate for a new profile.

        Raises:
            ResourceNotFoundException: ACM does not hold it.
            ValidationException: ACM has not issued it, or not for code signing.
        """
        if not self._is_asked(arn):
            return
        from signer_mock._signing.ca.loading import may_sign_code

        certificate = _certificate(arn)
        if certificate is None:
            raise ResourceNotFoundException(_UNKNOWN.format(arn), "CertificateNotFound")
        if not _is_issued(certificate):
            raise ValidationException(_NOT_ISSUED)
        if not may_sign_code(bytes(certificate.cert)):
            raise ValidationException(WRONG_PURPOSE)

    def find(self, arn: str) -> CodeSigningCertificate | None:
        """Find a certificate and its key, for a job.

        Returns:
            None where this ACM is not the one to ask.

        Raises:
            UnsignableObjectError: ACM does not hold it any more, or has not issued it.
        """
        if not self._is_asked(arn):
            return None
        certificate = _certificate(arn)
        if certificate is None:
            raise UnsignableObjectError(_UNKNOWN.format(arn))
        if not _is_issued(certificate):
            raise UnsignableObjectError(_NOT_ISSUED)
        return CodeSigningCertificate(bytes(certificate.cert), bytes(certificate.key))

    def _is_asked(self, arn: str) -> bool:
        if not moto_answers("acm"):
            return False
        parts = parse_arn(arn)
        if parts is None or arn in self._world.account(parts.account_id).certificates:
            return False
        held = [_held(backend.state) for backend in backends("acm")]
        if not can_be_read("acm") or None in held:
            return False
        return not self._when_used or any(held)


def _held(backend: Any) -> dict[str, Any] | None:
    held = getattr(backend, "_certificates", None)
    return held if isinstance(held, dict) else None


def _certificate(arn: str) -> Any | None:
    parts = parse_arn(arn)
    assert parts is not None, "a certificate without an ARN is not asked for"
    held = _held(find_backend("acm", parts.account_id, parts.region))
    return held.get(arn) if held else None


def _is_issued(certificate: Any) -> bool:
    # moto lets certificates expire, and lets requested ones be issued, when it is asked.
    certificate.check()
    return bool(certificate.status == "ISSUED")
