"""Makes certificate chains and envelopes by recipe: good as they come, bad where a test says so."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.helpers.constants import PAYLOAD, PAYLOAD_FORMAT
from tests.helpers.signing import JOB_ARN, NOW, PROFILE_VERSION_ARN, pem

if TYPE_CHECKING:
    from datetime import datetime

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Certificate:
    """A recipe for one certificate of a chain. Valid as it stands; tests change one thing."""

    name: str
    key: Key = field(default_factory=lambda: ec.generate_private_key(ec.SECP384R1()))
    # (is CA, path length), critical?
    basic: tuple[bool, int | None] | None = (False, None)
    basic_critical: bool = True
    usage: tuple[str, ...] | None = ("digital_signature",)
    usage_critical: bool = True
    purposes: tuple[x509.ObjectIdentifier, ...] = (x509.OID_CODE_SIGNING,)
    not_before: datetime = NOW.replace(microsecond=0) - timedelta(days=1)
    not_after: datetime = NOW.replace(microsecond=0) + timedelta(days=1)
    digest: Any = field(default_factory=hashes.SHA384)
    issuer_name: str | None = None
    signing_key: Key | None = None

    def but(self, **changes: Any) -> Certificate:
        return replace(self, **changes)


def authority_recipe(name: str, path_length: int | None, **changes: Any) -> Certificate:
    recipe = Certificate(
        name,
        basic=(True, path_length),
        usage=("key_cert_sign", "crl_sign"),
        purposes=(),
    )
    return recipe.but(**changes)


def good_chain() -> list[Certificate]:
    """Leaf first: four recipes shaped like AWS Signer's chain."""
    return [
        Certificate("leaf"),
        authority_recipe("regional", 0),
        authority_recipe("intermediate", 1),
        authority_recipe("root", None),
    ]


def issue(recipes: list[Certificate]) -> list[x509.Certificate]:
    """Each certificate is issued by the next one, the last by itself."""
    issuers = [*recipes[1:], recipes[-1]]
    return [_issue(own, by) for own, by in zip(recipes, issuers, strict=True)]


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _issue(own: Certificate, by: Certificate) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(own.name))
        .issuer_name(_name(own.issuer_name or by.name))
        .public_key(own.key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(own.not_before)
        .not_valid_after(own.not_after)
    )
    if own.basic is not None:
        constraints = x509.BasicConstraints(*own.basic)
        builder = builder.add_extension(constraints, critical=own.basic_critical)
    if own.usage is not None:
        builder = builder.add_extension(key_usage(*own.usage), critical=own.usage_critical)
    if own.purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(own.purposes), critical=False)
    return builder.sign(own.signing_key or by.key, own.digest)


def key_usage(*bits: str) -> x509.KeyUsage:
    names = [
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    ]
    return x509.KeyUsage(**{name: name in bits for name in names})


def good_header(**changes: Any) -> dict[str, Any]:
    """A protected header as real AWS signatures have it. A change to None takes a member out."""
    header: dict[str, Any] = {
        "alg": "ES384",
        "cty": PAYLOAD_FORMAT,
        "io.cncf.notary.signingScheme": "notary.x509.signingAuthority",
        "io.cncf.notary.authenticSigningTime": "2026-11-21T20:37:58Z",
        "io.cncf.notary.expiry": "2038-02-21T20:37:58Z",
        "io.cncf.notary.verificationPlugin": "com.amazonaws.signer.notation.plugin",
        "com.amazonaws.signer.signingProfileVersion": PROFILE_VERSION_ARN,
        "com.amazonaws.signer.signingJob": JOB_ARN,
    }
    header.update({_FULL_NAMES.get(name, name): value for name, value in changes.items()})
    header = {name: value for name, value in header.items() if value is not None}
    crit = [name for name in header if "." in name]
    return {"crit": crit, **header}


_FULL_NAMES = {
    "scheme": "io.cncf.notary.signingScheme",
    "signing_time": "io.cncf.notary.signingTime",
    "authentic_time": "io.cncf.notary.authenticSigningTime",
    "expiry": "io.cncf.notary.expiry",
    "plugin": "io.cncf.notary.verificationPlugin",
    "plugin_min_version": "io.cncf.notary.verificationPluginMinVersion",
    "profile_version": "com.amazonaws.signer.signingProfileVersion",
    "job": "com.amazonaws.signer.signingJob",
}


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign_jws(key: Key, algorithm: str, signed: bytes) -> bytes:
    digest = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}[algorithm[2:]]
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH)
        return key.sign(signed, pss, digest)
    size = (key.key_size + 7) // 8
    r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(digest)))
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


@cache
def _envelope_chain() -> tuple[Key, tuple[x509.Certificate, ...]]:
    recipes = good_chain()
    return recipes[0].key, tuple(issue(recipes))


def envelope_root_pem() -> bytes:
    """The root that `forge_envelope`'s default chain ends at."""
    return pem(_envelope_chain()[1][-1])


def forge_envelope(
    protected: dict[str, Any] | bytes | None = None,
    payload: bytes = PAYLOAD,
    *,
    key: Key | None = None,
    chain: list[x509.Certificate] | None = None,
    algorithm: str = "ES384",
    **members: Any,
) -> bytes:
    """An envelope over any header and payload, with a good signature.

    `members` replace top-level members of the result, after signing; None takes one out.
    """
    default_key, default_chain = _envelope_chain()
    if protected is None:
        protected = good_header()
    if isinstance(protected, dict):
        protected = json.dumps(protected).encode()
    head, body = b64url(protected), b64url(payload)
    signature = sign_jws(key or default_key, algorithm, f"{head}.{body}".encode())
    certificates = default_chain if chain is None else chain
    document = {
        "payload": body,
        "protected": head,
        "header": {
            "x5c": [
                base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in certificates
            ]
        },
        "signature": b64url(signature),
        **members,
    }
    return json.dumps(
        {name: value for name, value in document.items() if value is not None}
    ).encode()


def tlv(tag: int, *parts: bytes) -> bytes:
    """Encode a value in DER under a tag of one byte."""
    value: bytes = core.OctetString(b"".join(parts)).dump()
    return bytes([tag]) + value[1:]
