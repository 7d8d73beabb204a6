"""Read a Notary Project envelope and check its integrity.

This follows notation-core-go's ``Verify`` in its order: form, signature, header rules, chain rules.
``verify.py`` decides whether anybody trusts the chain.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from signer_mock._signing.ca.loading import ChainError, load_certificate
from signer_mock._signing.ca.x509_rules import check_code_signing_chain, leaf_algorithm
from signer_mock._signing.errors import IntegrityError
from signer_mock._signing.notation.go_base64 import decode_base64, decode_base64url
from signer_mock._signing.notation.payload import read_object, read_payload
from signer_mock._signing.notation.sign import (
    AUTHENTIC_SIGNING_TIME,
    EXPIRY,
    SIGNING_AUTHORITY_SCHEME,
    SIGNING_SCHEME,
    SIGNING_TIME,
)
from signer_mock._signing.strict_json import member, text_member, texts_member
from signer_mock._signing.times import parse_rfc3339

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

X509_SCHEME = "notary.x509"

_OWN_HEADERS = {
    "alg",
    "cty",
    "crit",
    EXPIRY,
    SIGNING_TIME,
    SIGNING_SCHEME,
    AUTHENTIC_SIGNING_TIME,
}
_HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
_COORDINATE_BYTES = {"ES256": 32, "ES384": 48, "ES512": 66}
_ALGORITHMS = {*_COORDINATE_BYTES, "PS256", "PS384", "PS512"}
_GO_ZERO_TIME = dt.datetime(1, 1, 1, tzinfo=dt.timezone.utc)  # Go's "no time"


@dataclass(frozen=True)
class NotationSignature:
    """What an intact envelope says.

    Attributes:
        payload: What was signed.
        content_type: The payload's media type.
        scheme: The Notary signing scheme.
        signing_time: In UTC.
        expiry: In UTC; None if the signature never expires.
        attributes: The protected headers beyond the specification's seven, critical or not.
        critical: The ``crit`` header.
        certificates: From leaf to root.
    """

    payload: bytes
    content_type: str
    scheme: str
    signing_time: dt.datetime
    expiry: dt.datetime | None
    attributes: dict[str, object]
    critical: tuple[str, ...]
    certificates: tuple[x509.Certificate, ...]


class _Parts(NamedTuple):
    payload: str
    protected: str
    signature: str
    chain: list[bytes]


class _Header(NamedTuple):
    algorithm: str
    content_type: str
    critical: list[str]
    scheme: str
    expiry: dt.datetime | None
    signing_time: dt.datetime | None
    authentic_signing_time: dt.datetime | None
    attributes: dict[str, object]


def read_envelope(envelope: bytes) -> NotationSignature:
    """Check an envelope's integrity and return what it says.

    It does not check content type, trust, expiry or the certificates' validity.

    Raises:
        IntegrityError: The envelope breaks a rule, or its signature is not good.
    """
    try:
        parts = _split(envelope)
        if not parts.chain:
            msg = "certificate chain is not present"
            raise IntegrityError(msg)
        leaf = load_certificate(parts.chain[0])
        header = _read_header(_check_signature(parts, leaf))
        signing_time = _check_header(header)
        payload = decode_base64url(parts.payload)
        chain = tuple(load_certificate(der) for der in parts.chain)
        if header.expiry is not None and header.expiry <= signing_time:
            msg = "expiry cannot be equal or before the signing time"
            raise IntegrityError(msg)
        check_code_signing_chain(chain)
        _check_algorithm(header.algorithm, leaf)
    except ChainError as error:
        msg = f"certificate-chain is invalid, {error}"
        raise IntegrityError(msg) from None
    except ValueError as error:
        msg = f"The signature envelope is malformed: {error}."
        raise IntegrityError(msg) from None
    return NotationSignature(
        payload=payload,
        content_type=header.content_type,
        scheme=header.scheme,
        signing_time=signing_time,
        expiry=header.expiry,
        attributes=header.attributes,
        critical=tuple(header.critical),
        certificates=chain,
    )


def _split(envelope: bytes) -> _Parts:
    document = read_object(envelope, "signature envelope")
    header = member(document, "header")
    if header is None:
        header = {}
    if not isinstance(header, dict):
        msg = '"header" is not a JSON object'
        raise ValueError(msg)  # noqa: TRY004 - the document is wrong, not an argument
    chain = [decode_base64(text) for text in texts_member(header, "x5c")]
    # Unused, but Go rejects the envelope if their types are wrong.
    text_member(header, "io.cncf.notary.signingAgent")
    decode_base64(text_member(header, "io.cncf.notary.timestampSignature"))
    return _Parts(
        text_member(document, "payload"),
        text_member(document, "protected"),
        text_member(document, "signature"),
        chain,
    )


def _check_signature(parts: _Parts, leaf: x509.Certificate) -> dict[str, object]:
    """Check the signature over the header and payload; return the header."""
    protected = read_object(decode_base64url(parts.protected), "protected header")
    payload = decode_base64url(parts.payload)
    if not payload:
        msg = "there is no payload"
        raise ValueError(msg)
    algorithm = text_member(protected, "alg")
    if algorithm not in _ALGORITHMS:
        msg = f"signing method {algorithm!r} is invalid; it must be one of {sorted(_ALGORITHMS)}"
        raise IntegrityError(msg)
    signature = decode_base64url(parts.signature)
    signed = f"{parts.protected}.{parts.payload}".encode()
    try:
        verify_signature(leaf.public_key(), algorithm, signature, signed)
    except (InvalidSignature, UnsupportedAlgorithm):
        msg = (
            "signature is invalid: it was not made by the leaf certificate's key over this "
            "protected header and payload."
        )
        raise IntegrityError(msg) from None
    read_payload(payload)
    return protected


def verify_signature(
    key: CertificatePublicKeyTypes, algorithm: str, signature: bytes, signed: bytes
) -> None:
    """Check a JWS signature.

    Raises:
        InvalidSignature: It is not good, or the key is not of the algorithm's kind.
    """
    digest = _HASHES[algorithm[2:]]
    if algorithm in _COORDINATE_BYTES:
        half = _COORDINATE_BYTES[algorithm]
        if not isinstance(key, ec.EllipticCurvePublicKey) or len(signature) != 2 * half:
            raise InvalidSignature
        r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
        key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(digest))
    elif isinstance(key, rsa.RSAPublicKey):
        pss = padding.PSS(padding.MGF1(digest), padding.PSS.AUTO)
        key.verify(signature, signed, pss, digest)
    else:
        raise InvalidSignature


def _read_header(document: dict[str, object]) -> _Header:
    expiry = _time(document, EXPIRY)
    return _Header(
        algorithm=text_member(document, "alg"),
        content_type=text_member(document, "cty"),
        critical=texts_member(document, "crit"),
        scheme=text_member(document, SIGNING_SCHEME),
        expiry=None if expiry == _GO_ZERO_TIME else expiry,
        signing_time=_time(document, SIGNING_TIME),
        authentic_signing_time=_time(document, AUTHENTIC_SIGNING_TIME),
        attributes={name: value for name, value in document.items() if name not in _OWN_HEADERS},
    )


def _time(document: dict[str, object], name: str) -> dt.datetime | None:
    value = member(document, name)
    if value is None:
        return None
    if not isinstance(value, str):
        msg = f'"{name}" is not a string'
        raise ValueError(msg)  # noqa: TRY004 - the document is wrong, not an argument
    return parse_rfc3339(value)


def _check_header(header: _Header) -> dt.datetime:
    """Check the rules of the signing scheme and of ``crit``; return the signing time."""
    moment: dt.datetime | None
    if header.scheme == X509_SCHEME:
        moment, unwanted = header.signing_time, header.authentic_signing_time
        name = AUTHENTIC_SIGNING_TIME
    elif header.scheme == SIGNING_AUTHORITY_SCHEME:
        moment, unwanted = header.authentic_signing_time, header.signing_time
        name = SIGNING_TIME
    else:
        msg = f"unsupported SigningScheme: {header.scheme!r}"
        raise IntegrityError(msg)
    if unwanted is not None:
        msg = f'"{name}" header must not be present for {header.scheme} signing scheme'
        raise IntegrityError(msg)
    if moment is None and header.scheme == SIGNING_AUTHORITY_SCHEME:
        msg = (
            f'"{AUTHENTIC_SIGNING_TIME}" header must be present for {header.scheme} signing scheme'
        )
        raise IntegrityError(msg)
    _check_critical(header)
    if moment is None or moment == _GO_ZERO_TIME:
        msg = "signing-time not present"
        raise IntegrityError(msg)
    return moment


def _check_critical(header: _Header) -> None:
    if not header.critical:
        msg = 'missing "crit" header'
        raise IntegrityError(msg)
    required = {SIGNING_SCHEME}
    if header.expiry is not None:
        required.add(EXPIRY)
    if header.scheme == SIGNING_AUTHORITY_SCHEME:
        required.add(AUTHENTIC_SIGNING_TIME)
    for name in header.critical:
        if name in required:
            required.remove(name)  # A second mention then fails.
        elif name not in header.attributes:
            msg = f'"{name}" header is marked critical but not present'
            raise IntegrityError(msg)
    if required:
        msg = f"these required headers are not marked as critical: {sorted(required)}"
        raise IntegrityError(msg)


def _check_algorithm(algorithm: str, leaf: x509.Certificate) -> None:
    expected = leaf_algorithm(leaf)
    if algorithm != expected:
        msg = (
            "mismatch between signature algorithm derived from signing certificate "
            f"({expected}) and signing algorithm specified ({algorithm})"
        )
        raise IntegrityError(msg)
