"""Load untrusted certificates completely, so that nothing fails later."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from typing import TypeVar

from asn1crypto import pem
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

#: The curves that Go knows.
CURVES = (ec.SECP224R1, ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)

#: What cryptography raises for a certificate that it cannot read.
UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
_SIGN_CODE = frozenset(
    {ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
)
_ECDSA_WITH = "1.2.840.10045.4."
_T = TypeVar("_T")
_Given = TypeVar("_Given")
_warnings_lock = threading.Lock()  # warnings.catch_warnings changes the whole process


class ChainError(Exception):
    """The chain breaks a rule. ``str()`` says which certificate and which rule."""


def load_certificate(der: bytes) -> x509.Certificate:
    """Parse a certificate, all of it.

    A damaged extension or a key on a curve that Go does not know makes the certificate unreadable,
    as in Go, for any use. So do names that cryptography cannot represent (x400Address,
    EDIPartyName) and serial numbers that RFC 5280 forbids.

    Raises:
        ChainError: ``der`` is not a certificate, or not one that both Go and cryptography read.
    """
    certificate = _quietly(_load_all, der)
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey) and not isinstance(key.curve, CURVES):
        raise broken(certificate, "unsupported elliptic curve")
    if certificate.version is x509.Version.v1 and len(certificate.extensions):
        # Go ignores extensions of version 1 certificates, and our rules would not.
        raise broken(certificate, "a certificate of version 1 has no extensions")
    return certificate


def load_pem_certificates(data: bytes) -> list[x509.Certificate | ChainError]:
    """Parse each certificate of a PEM text, or say why it is not to be read.

    Raises:
        ValueError: There is no certificate, or the PEM form is broken.
    """
    blocks = [
        der
        for label, _, der in pem.unarmor(data, multiple=True)
        if label in {"CERTIFICATE", "X509 CERTIFICATE"}
    ]
    if not blocks:
        msg = "there is no PEM certificate in it"
        raise ValueError(msg)
    return [_try_to_load(der) for der in blocks]


def _try_to_load(der: bytes) -> x509.Certificate | ChainError:
    try:
        return load_certificate(der)
    except ChainError as error:
        return error


def _load_all(der: bytes) -> x509.Certificate:
    try:
        certificate = x509.load_der_x509_certificate(der)
        # cryptography parses these on access; find malformed ones now.
        _ = certificate.subject.rfc4514_string(), certificate.issuer, certificate.extensions
        _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        _ = certificate.public_key()
        serial_number = certificate.serial_number
        _check_algorithm(der)
    except UNREADABLE as error:
        msg = f"it holds a malformed certificate: {error}"
        raise ChainError(msg) from None
    if serial_number <= 0:
        raise broken(certificate, "its serial number is not positive")
    return certificate


def _check_algorithm(der: bytes) -> None:
    """Check what versions of cryptography differ about, and Go is strict about in part."""
    certificate = asn1.Certificate.load(der)
    algorithm = certificate["signature_algorithm"]
    if algorithm.dump() != certificate["tbs_certificate"]["signature"].dump():
        msg = "its two signature algorithms differ"
        raise ValueError(msg)
    is_ecdsa = algorithm["algorithm"].dotted.startswith(_ECDSA_WITH)
    if is_ecdsa and algorithm["parameters"].dump():
        msg = "its ECDSA algorithm has parameters"
        raise ValueError(msg)


def _quietly(read: Callable[[_Given], _T], given: _Given) -> _T:
    """Read once more without warnings if they are errors, so that no verdict depends on that."""
    try:
        return read(given)
    except UserWarning:
        with _warnings_lock, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read(given)


def subject_of(certificate: x509.Certificate) -> str:
    """Return a certificate's subject for people to read."""
    return _quietly(lambda one: one.subject.rfc4514_string(), certificate)


def subject_bytes(certificate: x509.Certificate) -> bytes:
    """Return a certificate's subject in DER."""
    return _quietly(lambda one: one.subject.public_bytes(), certificate)


def issuer_bytes(certificate: x509.Certificate) -> bytes:
    """Return a certificate's issuer in DER."""
    return _quietly(lambda one: one.issuer.public_bytes(), certificate)


def broken(certificate: x509.Certificate, what: str) -> ChainError:
    """Make the error for a certificate that breaks a rule."""
    return ChainError(f"certificate {subject_of(certificate)!r}: {what}")


def may_sign_code(pem_text: bytes) -> bool:
    """Tell whether a certificate's extended key usage, if it has one, allows to sign code."""
    certificate = x509.load_pem_x509_certificate(pem_text)
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return not _SIGN_CODE.isdisjoint(usage)
