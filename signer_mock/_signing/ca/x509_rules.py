"""The Notary Project's rules for a chain of code-signing certificates.

They are those of notation-core-go's x509 package, and of Go's crypto/x509 below it, in the same
order: a chain that passes here passes in Notation. Where that code is laxer than the Notary
Project's specification, so is this: anyExtendedKeyUsage on a leaf, and a CA's BasicConstraints that
is not critical.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID

from signer_mock._signing.ca.loading import (
    CURVES,
    ChainError,
    broken,
    issuer_bytes,
    subject_bytes,
    subject_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FORBIDDEN_PURPOSES = {
    ExtendedKeyUsageOID.SERVER_AUTH: "ServerAuth",
    ExtendedKeyUsageOID.CLIENT_AUTH: "ClientAuth",
    ExtendedKeyUsageOID.EMAIL_PROTECTION: "EmailProtection",
    ExtendedKeyUsageOID.TIME_STAMPING: "Timestamping",
    ExtendedKeyUsageOID.OCSP_SIGNING: "OCSPSigning",
}
_ECDSA = {
    SignatureAlgorithmOID.ECDSA_WITH_SHA1,
    SignatureAlgorithmOID.ECDSA_WITH_SHA256,
    SignatureAlgorithmOID.ECDSA_WITH_SHA384,
    SignatureAlgorithmOID.ECDSA_WITH_SHA512,
}
_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_LEAF_ALGORITHMS = {
    ("EC", 256): "ES256",
    ("EC", 384): "ES384",
    ("EC", 521): "ES512",
    ("RSA", 2048): "PS256",
    ("RSA", 3072): "PS384",
    ("RSA", 4096): "PS512",
}
_Kind = TypeVar("_Kind", bound=x509.ExtensionType)


def check_code_signing_chain(
    chain: Sequence[x509.Certificate], at: dt.datetime | None = None
) -> None:
    """Check a chain, leaf first and root last.

    Args:
        chain: The certificates, as ``load_certificate`` returned them.
        at: The time (aware) at which every certificate must be valid, bounds included. None skips
            that check, as Notation does when it checks an envelope's integrity.

    Raises:
        ChainError: The chain breaks a rule; the message names the first.
    """
    if not chain:
        msg = "the certificate chain is empty"
        raise ChainError(msg)
    if len(chain) == 1:
        _check_only_certificate(chain[0], at)
        return
    for index, certificate in enumerate(chain):
        _check_validity(certificate, at)
        _check_issuer(chain, index)
        if index == 0:
            _check_leaf(certificate)
        else:
            _check_authority(certificate, authorities_below=index - 1)


def check_code_signer(
    chain: Sequence[x509.Certificate], trusted: Iterable[x509.Certificate], at: dt.datetime
) -> tuple[x509.Certificate, ...]:
    """Check a chain of linked certificates, leaf first, up to the first trusted one.

    The leaf's key usage need not be critical here: AWS's guide for FreeRTOS has people make
    certificates without that.

    Args:
        chain: The certificates, each issued by the next (see ``order_chain``).
        trusted: The trust anchors; one may be the leaf itself.
        at: The time (aware) at which the certificates must be valid.

    Returns:
        The chain up to the trust anchor.

    Raises:
        ChainError: No certificate is trusted, or one breaks a rule.
    """
    anchors = {certificate.public_bytes(Encoding.DER) for certificate in trusted}
    vouched: list[x509.Certificate] = []
    for index, certificate in enumerate(chain):
        vouched.append(certificate)
        _check_validity(certificate, at)
        if index == 0:
            _check_leaf(certificate, critical=False)
        else:
            _check_authority(certificate, authorities_below=index - 1)
        if certificate.public_bytes(Encoding.DER) in anchors:
            return tuple(vouched)
    raise broken(chain[0], "leads to no trusted root")


def leaf_algorithm(certificate: x509.Certificate) -> str:
    """Return the JWS algorithm that Notary prescribes for a certificate's key, such as "ES384".

    Raises:
        ChainError: Notary does not allow such a key.
    """
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, CURVES):
        kind, size = "EC", key.key_size
    elif isinstance(key, rsa.RSAPublicKey):
        kind, size = "RSA", (key.key_size + 7) // 8 * 8
    else:
        raise broken(certificate, "unsupported public key type")
    algorithm = _LEAF_ALGORITHMS.get((kind, size))
    if algorithm is None:
        raise broken(certificate, f"a {kind} key of {size} bits is not supported")
    return algorithm


def is_anchored(chain: Iterable[x509.Certificate], trusted: Iterable[x509.Certificate]) -> bool:
    """Tell whether a certificate of the chain, the root or one below it, is a trusted one."""
    anchors = {certificate.public_bytes(Encoding.DER) for certificate in trusted}
    return any(certificate.public_bytes(Encoding.DER) in anchors for certificate in chain)


def order_chain(
    leaf: x509.Certificate, pool: Iterable[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """Return the chain from ``leaf`` upwards, as far as ``pool`` (in any order) has issuers."""
    chain = [leaf]
    candidates = [certificate for certificate in pool if certificate != leaf]
    while True:
        issuer = next((one for one in candidates if _is_issued_by(chain[-1], one)), None)
        if issuer is None:
            return tuple(chain)
        chain.append(issuer)
        candidates.remove(issuer)


def _check_only_certificate(certificate: x509.Certificate, at: dt.datetime | None) -> None:
    # Go accepts SHA-1 in a certificate's signature of itself, and nowhere else.
    if not _is_signature_good(certificate, certificate, allow_sha1=True):
        raise broken(certificate, "is the only one of the chain and not self-signed")
    if not _names_match(certificate, certificate):
        raise broken(certificate, "is the only one of the chain and not self-issued")
    _check_validity(certificate, at)
    _check_leaf(certificate)


def _check_validity(certificate: x509.Certificate, at: dt.datetime | None) -> None:
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if at is not None and not start <= at <= end:
        raise broken(certificate, f"was invalid at {at}: it is valid from {start} to {end}")


def _check_issuer(chain: Sequence[x509.Certificate], index: int) -> None:
    certificate = chain[index]
    self_signed = _is_issued_by(certificate, certificate)
    if index == len(chain) - 1:
        if not self_signed:
            raise broken(certificate, "ends the chain and is not a valid self-signed root")
        return
    if self_signed:
        raise broken(certificate, "is self-signed and not the last of the chain")
    if not _is_issued_by(certificate, chain[index + 1]):
        raise broken(certificate, f"is not issued by {subject_of(chain[index + 1])}")


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    constraints = _extension(issuer, x509.BasicConstraints)
    usage = _extension(issuer, x509.KeyUsage)
    return (
        (constraints.value.ca if constraints else issuer.version is not x509.Version.v3)
        and (usage is None or usage.value.key_cert_sign)
        and _names_match(certificate, issuer)
        and _is_signature_good(certificate, issuer)
    )


def _names_match(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    # Byte for byte, string types included: x509.Name's == compares the text only.
    return issuer_bytes(certificate) == subject_bytes(issuer)


def _is_signature_good(
    certificate: x509.Certificate, issuer: x509.Certificate, *, allow_sha1: bool = False
) -> bool:
    allowed = (*_HASHES, hashes.SHA1) if allow_sha1 else _HASHES
    try:
        key = issuer.public_key()
        algorithm = certificate.signature_hash_algorithm
        parameters = certificate.signature_algorithm_parameters  # absent for ECDSA with SHA-1
        signature, signed = certificate.signature, certificate.tbs_certificate_bytes
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, signed)
        elif not isinstance(algorithm, allowed):
            return False
        elif (
            isinstance(key, ec.EllipticCurvePublicKey)
            and certificate.signature_algorithm_oid in _ECDSA
        ):
            key.verify(signature, signed, ec.ECDSA(algorithm))
        elif isinstance(key, rsa.RSAPublicKey) and isinstance(
            parameters, (padding.PKCS1v15, padding.PSS)
        ):
            key.verify(signature, signed, parameters, algorithm)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _check_leaf(certificate: x509.Certificate, *, critical: bool = True) -> None:
    constraints = _extension(certificate, x509.BasicConstraints)
    if constraints is not None and constraints.value.ca:
        raise broken(certificate, "signs code and is a certificate authority")
    usage = _key_usage(certificate, critical=critical)
    if not usage.digital_signature:
        raise broken(certificate, "key usage must have digitalSignature")
    if forbidden := _forbidden_usages(usage):
        raise broken(certificate, f"key usage must not have {', '.join(forbidden)}")
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    for purpose in purposes.value if purposes is not None else ():
        if name := _FORBIDDEN_PURPOSES.get(purpose):
            raise broken(certificate, f"extended key usage must not contain {name}")
    leaf_algorithm(certificate)


def _check_authority(certificate: x509.Certificate, *, authorities_below: int) -> None:
    constraints = _extension(certificate, x509.BasicConstraints)
    if constraints is None or not constraints.value.ca:
        raise broken(certificate, "issues certificates and is not a certificate authority")
    path_length = constraints.value.path_length
    if path_length is not None and path_length < authorities_below:
        raise broken(
            certificate,
            f"path length is {path_length}, and {authorities_below} authorities follow it",
        )
    # That it has keyCertSign was seen when its signature was checked.
    _key_usage(certificate, critical=True)


def _key_usage(certificate: x509.Certificate, *, critical: bool) -> x509.KeyUsage:
    usage = _extension(certificate, x509.KeyUsage)
    if usage is None:
        raise broken(certificate, "key usage must be present")
    if critical and not usage.critical:
        raise broken(certificate, "key usage must be critical")
    return usage.value


def _forbidden_usages(usage: x509.KeyUsage) -> list[str]:
    bits = {
        "keyEncipherment": usage.key_encipherment,
        "dataEncipherment": usage.data_encipherment,
        "keyAgreement": usage.key_agreement,
        "keyCertSign": usage.key_cert_sign,
        "cRLSign": usage.crl_sign,
        # These two have a meaning, and a value in cryptography, only beside keyAgreement.
        "encipherOnly": usage.key_agreement and usage.encipher_only,
        "decipherOnly": usage.key_agreement and usage.decipher_only,
    }
    return [name for name, is_set in bits.items() if is_set]


def _extension(certificate: x509.Certificate, kind: type[_Kind]) -> x509.Extension[_Kind] | None:
    try:
        return certificate.extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound:
        return None
