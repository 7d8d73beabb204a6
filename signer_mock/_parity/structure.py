"""Describe signatures: their parts, and whether they verify; never their bytes."""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from asn1crypto import cms, pem
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from signer_mock._parity.values import SIGNATURE_ENTRY

_JOB, _EXPIRY, _PROFILE = (f"1.3.187.137.1.{number}" for number in (2, 3, 4))


def structure_of(kind: str, data: bytes | str) -> dict[str, Any]:
    """Describe a signature.

    Args:
        kind: ``notation`` (an envelope), ``lambda_zip`` or ``iot`` (a document).
        data: Its bytes, or these in base64.

    Returns:
        Its parts; of what cannot be read, only ``unreadable`` with the reason.
    """
    try:
        raw = base64.b64decode(data, validate=True) if isinstance(data, str) else data
        return _READERS[kind](raw)
    except Exception as error:  # noqa: BLE001 - another implementation may write anything
        return {"unreadable": f"{type(error).__name__}: {error}"[:200]}


def _notation(data: bytes) -> dict[str, Any]:
    envelope = json.loads(data)
    protected = json.loads(_unpadded(envelope["protected"]))
    signature = _unpadded(envelope["signature"])
    chain = [x509.load_der_x509_certificate(base64.b64decode(c)) for c in envelope["header"]["x5c"]]
    signed = f"{envelope['protected']}.{envelope['payload']}".encode()
    half = len(signature) // 2
    der = encode_dss_signature(
        int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    )
    return {
        "members": sorted(envelope),
        "header": sorted(envelope["header"]),
        "protected": protected,
        "payload": _unpadded(envelope["payload"]).decode(),
        "signature_length": len(signature),
        "chain": _chain(chain),
        "verifies": _verifies(chain[0], der, signed, hashes.SHA384()),
    }


def _lambda_zip(data: bytes) -> dict[str, Any]:
    digest = hashlib.sha384()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        text = archive.read(SIGNATURE_ENTRY)
        for name in names:
            if name != SIGNATURE_ENTRY:
                digest.update(name.encode() + archive.read(name))
    label, _, ber = pem.unarmor(text)
    content = cms.ContentInfo.load(ber)["content"]
    signer = content["signer_infos"][0]
    attributes = {one["type"].dotted: one["values"][0] for one in signer["signed_attrs"]}
    chain = _in_order(
        [x509.load_der_x509_certificate(one.chosen.dump()) for one in content["certificates"]]
    )
    # DER with the tag of a set, which is what is signed.
    signed = signer["signed_attrs"].untag().dump(force=True)
    claimed = attributes[cms.CMSAttributeType("message_digest").dotted].native
    actual = hashlib.sha384(digest.digest()).digest()
    return {
        "entries": names,
        "label": label,
        "content_type": content["encap_content_info"]["content_type"].dotted,
        "detached": content["encap_content_info"]["content"].native is None,
        "digest_algorithm": signer["digest_algorithm"]["algorithm"].native,
        "signature_algorithm": signer["signature_algorithm"]["algorithm"].dotted,
        "signers": len(content["signer_infos"]),
        "attributes": sorted(attributes),
        "job": _text(attributes.get(_JOB)),
        "profile_version": _text(attributes.get(_PROFILE)),
        "has_expiry": _EXPIRY in attributes,
        "chain": _chain(chain),
        "digest_matches": claimed == actual,
        "verifies": _verifies(chain[0], signer["signature"].native, signed, hashes.SHA384()),
    }


def _iot(data: bytes) -> dict[str, Any]:
    document = json.loads(data)
    signature = base64.b64decode(document["signature"], validate=True)
    payload = document.get("payload")
    return {
        "order": list(document),
        **{k: v for k, v in document.items() if k not in ("signature", "payload")},
        "signature_is_der": signature[:1] == b"\x30" and len(signature) == signature[1] + 2,
        "payload_bytes": len(base64.b64decode(payload, validate=True)) if payload else None,
    }


_READERS: Mapping[str, Callable[[bytes], dict[str, Any]]] = {
    "notation": _notation,
    "lambda_zip": _lambda_zip,
    "iot": _iot,
}


def _chain(certificates: Sequence[x509.Certificate]) -> dict[str, Any]:
    """Describe a chain, leaf first."""
    leaf, root = certificates[0], certificates[-1]
    linked = all(_issued(one, issuer) for one, issuer in itertools.pairwise(certificates))
    return {
        "length": len(certificates),
        "linked": linked and _issued(root, root),
        "keys": sorted({_key_name(one) for one in certificates}),
        "signature_algorithms": sorted(
            {one.signature_algorithm_oid.dotted_string for one in certificates}
        ),
        "code_signing": _extended_usages(leaf) == ["1.3.6.1.5.5.7.3.3"],
    }


def _issued(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _key_name(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    return key.curve.name if isinstance(key, ec.EllipticCurvePublicKey) else type(key).__name__


def _extended_usages(certificate: x509.Certificate) -> list[str]:
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return []
    return [usage.dotted_string for usage in usages.value]


def _in_order(certificates: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Order a set of certificates as a chain, leaf first."""
    issuers = {one.issuer for one in certificates if one.issuer != one.subject}
    found = [one for one in certificates if one.subject not in issuers][:1]
    by_subject = {one.subject: one for one in certificates}
    while found and len(found) < len(certificates) and found[-1].issuer in by_subject:
        found.append(by_subject[found[-1].issuer])
    return found


def _verifies(
    leaf: x509.Certificate, signature: bytes, signed: bytes, algorithm: hashes.HashAlgorithm
) -> bool:
    key = leaf.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        key.verify(signature, signed, ec.ECDSA(algorithm))
    except InvalidSignature:
        return False
    return True


def _text(attribute: Any) -> str | None:
    if attribute is None:
        return None
    native = attribute.native if not hasattr(attribute, "parsed") else attribute.parsed.native
    return str(native)


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
