"""Check that a certificate and a private key belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from signer_mock._signing.ca.loading import UNREADABLE

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes


def require_key_pair(cert_pem: bytes, key_pem: bytes) -> None:
    """Check that both are PEM and that the key is the certificate's.

    Raises:
        ValueError: They are not; the message says which.
    """
    try:
        certificate_key = x509.load_pem_x509_certificate(cert_pem).public_key()
    except UNREADABLE as error:
        msg = f"The certificate is not valid PEM: {error}"
        raise ValueError(msg) from error
    try:
        key = serialization.load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        msg = f"The private key is not valid unencrypted PEM: {error}"
        raise ValueError(msg) from error
    if _spki(key.public_key()) != _spki(certificate_key):
        msg = "The private key does not belong to the certificate: their public keys differ."
        raise ValueError(msg)


def _spki(public_key: PublicKeyTypes) -> bytes:
    return public_key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
