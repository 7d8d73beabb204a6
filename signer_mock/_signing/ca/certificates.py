"""Issue X.509 certificates: the four of a mock account's chain, TLS and IoT code-signing ones.

All satisfy RFC 5280 (``openssl verify -x509_strict``), and those that sign code satisfy the Notary
Project's rules, so that strict verifiers accept what the mock signs.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from signer_mock._signing.ca.key_source import KeySource
from signer_mock._signing.times import in_utc

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

_ONE_DAY = dt.timedelta(days=1)
_TEN_YEARS = dt.timedelta(days=3652)


def subject_name(
    common_name: str, organization: str, unit: str, *, locality: str | None = None
) -> x509.Name:
    """Build a subject in AWS Signer's order: C, ST, [L], O, OU, CN.

    C, ST and O are always present: Notation's identity matching rejects a subject without them.
    """
    pairs = [(NameOID.COUNTRY_NAME, "US"), (NameOID.STATE_OR_PROVINCE_NAME, "WA")]
    if locality is not None:
        pairs.append((NameOID.LOCALITY_NAME, locality))
    pairs += [
        (NameOID.ORGANIZATION_NAME, organization),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        (NameOID.COMMON_NAME, common_name),
    ]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])


def issue_authority(
    subject: x509.Name,
    public_key: PublicKey,
    *,
    issuer: x509.Certificate | None,
    signing_key: PrivateKey,
    validity: tuple[dt.datetime, dt.datetime],
    path_length: int | None,
    source: KeySource,
    purpose: str,
) -> x509.Certificate:
    """Issue a CA certificate; without ``issuer``, a root that ``signing_key`` signs itself."""
    builder = _builder(subject, public_key, issuer, validity, source.serial_number(purpose))
    builder = builder.add_extension(
        x509.BasicConstraints(ca=True, path_length=path_length), critical=True
    ).add_extension(_key_usage(certificate_authority=True), critical=True)
    return _sign(builder, signing_key, hashes.SHA384(), source)


def issue_leaf(
    subject: x509.Name,
    public_key: PublicKey,
    *,
    issuer: x509.Certificate | None,
    signing_key: PrivateKey,
    validity: tuple[dt.datetime, dt.datetime],
    digest: hashes.SHA256 | hashes.SHA384,
    source: KeySource,
    purpose: str,
) -> x509.Certificate:
    """Issue a code-signing end-entity certificate; without ``issuer``, a self-signed one."""
    builder = _builder(subject, public_key, issuer, validity, source.serial_number(purpose))
    builder = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(certificate_authority=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]),
            critical=False,
        )
    )
    return _sign(builder, signing_key, digest, source)


def issue_server_leaf(
    public_key: PublicKey,
    names: Sequence[str],
    *,
    issuer: x509.Certificate,
    signing_key: PrivateKey,
    validity: tuple[dt.datetime, dt.datetime],
    source: KeySource,
    purpose: str,
) -> x509.Certificate:
    """Issue a TLS server's certificate for host names and IP addresses."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "signer-mock server")])
    builder = (
        _builder(subject, public_key, issuer, validity, source.serial_number(purpose))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(certificate_authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(map(_general_name, names)), critical=False)
    )
    return _sign(builder, signing_key, hashes.SHA384(), source)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def make_code_signing_certificate(
    common_name: str,
    key_type: Literal["ECDSA", "RSA"],
    now: dt.datetime,
    source: KeySource | None = None,
) -> tuple[bytes, bytes]:
    """Make a self-signed certificate such as people import into ACM to sign IoT images.

    Its key usage is digitalSignature and its extended key usage codeSigning, as the FreeRTOS OTA
    guide asks. It is valid for ten years from a day before ``now``.

    Args:
        common_name: The subject's common name.
        key_type: "ECDSA" for a P-256 key (a fraction of a millisecond), "RSA" for a 2048-bit key
            (tens of milliseconds).
        now: The current time, aware.
        source: Makes an "ECDSA" key; a random one if None. RSA keys cannot be derived.

    Returns:
        The certificate in PEM and the private key in unencrypted PKCS #8 PEM.

    Raises:
        ValueError: ``key_type`` is another, or ``now`` is naive.
    """
    moment = in_utc(now).replace(microsecond=0)
    source = source or KeySource()
    purpose = f"code-signing/{common_name}/{moment.isoformat()}"
    key: PrivateKey
    if key_type == "ECDSA":
        key = source.private_key(purpose, ec.SECP256R1())
    elif key_type == "RSA":
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    else:
        msg = f"key_type must be 'ECDSA' or 'RSA', not {key_type!r}."
        raise ValueError(msg)
    certificate = issue_leaf(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]),
        key.public_key(),
        issuer=None,
        signing_key=key,
        validity=(moment - _ONE_DAY, moment + _TEN_YEARS),
        digest=hashes.SHA256(),
        source=source,
        purpose=purpose,
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private_key_pem(key)


def private_key_pem(key: PrivateKey) -> bytes:
    """Return the key in unencrypted PKCS #8 PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _builder(
    subject: x509.Name,
    public_key: PublicKey,
    issuer: x509.Certificate | None,
    validity: tuple[dt.datetime, dt.datetime],
    serial_number: int,
) -> x509.CertificateBuilder:
    key_identifier = x509.SubjectKeyIdentifier.from_public_key(public_key)
    if issuer is None:
        authority = key_identifier
    else:
        authority = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(public_key)
        .serial_number(serial_number)
        .not_valid_before(validity[0])
        .not_valid_after(validity[1])
        .add_extension(key_identifier, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority),
            critical=False,
        )
    )


def _sign(
    builder: x509.CertificateBuilder,
    key: PrivateKey,
    digest: hashes.SHA256 | hashes.SHA384,
    source: KeySource,
) -> x509.Certificate:
    is_deterministic = source.is_deterministic and isinstance(key, ec.EllipticCurvePrivateKey)
    return builder.sign(key, digest, ecdsa_deterministic=is_deterministic or None)


def _key_usage(*, certificate_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,  # AWS Signer's own roots carry it beside the two CA bits
        key_cert_sign=certificate_authority,
        crl_sign=certificate_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
