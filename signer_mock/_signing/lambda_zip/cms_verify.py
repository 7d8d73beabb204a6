"""Verify the CMS SignedData of a signed Lambda zip against the bytes that it signs.

Some parts of a CMS message are not signed. They too must be what AWS writes, so that nobody can
change them unnoticed. Only the order of the certificates and the encoding of the wrappers' lengths
may differ.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asn1crypto import cms, core
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from signer_mock._signing.ca.loading import ChainError, issuer_bytes, load_certificate
from signer_mock._signing.errors import IntegrityError
from signer_mock._signing.lambda_zip.cms_sign import (
    ALGORITHM_PROTECTION_OID,
    CONTENT_TYPE_OID,
    DATA_OID,
    ECDSA_WITH_SHA384_OID,
    EXPIRY_OID,
    JOB_ARN_OID,
    MESSAGE_DIGEST_OID,
    PROFILE_VERSION_ARN_OID,
    SHA384_OID,
    SIGNED_DATA_OID,
    SIGNING_TIME_OID,
)

if TYPE_CHECKING:
    from cryptography import x509

_REQUIRED = {
    CONTENT_TYPE_OID: core.ObjectIdentifier,
    MESSAGE_DIGEST_OID: core.OctetString,
    SIGNING_TIME_OID: core.GeneralizedTime,
    JOB_ARN_OID: core.UTF8String,
    EXPIRY_OID: core.GeneralizedTime,
    PROFILE_VERSION_ARN_OID: core.UTF8String,
    ALGORITHM_PROTECTION_OID: core.Sequence,
}


@dataclass(frozen=True)
class CmsSignature:
    """What the signed attributes say, times in UTC; ``certificates`` are in any order."""

    profile_version_arn: str
    job_arn: str
    signing_time: dt.datetime
    expiry: dt.datetime
    leaf: x509.Certificate
    certificates: tuple[x509.Certificate, ...]


def verify_detached_cms(encoded: bytes, content: bytes) -> CmsSignature:
    """Verify that ``encoded`` (BER or DER) is a signature over ``content`` as AWS Signer makes it.

    Whether the certificates are trusted is not checked.

    Raises:
        IntegrityError: It is not such a signature.
    """
    try:
        return _verify(encoded, content)
    except ChainError as error:
        raise _broken(str(error)) from None
    except (ValueError, TypeError, KeyError, OverflowError, AttributeError) as error:
        # asn1crypto parses on access, so a malformed part can show anywhere; for a value of a type
        # without Python form it raises AttributeError.
        raise _broken(f"it is malformed ({error})") from None


def _verify(encoded: bytes, content: bytes) -> CmsSignature:
    outer = cms.ContentInfo.load(encoded, strict=True)
    if not _is_oid(outer["content_type"], SIGNED_DATA_OID):
        raise _broken("it is not CMS SignedData")
    signed_data = outer["content"]
    encapsulated = signed_data["encap_content_info"]
    if (
        not _is_oid(encapsulated["content_type"], DATA_OID)
        or encapsulated["content"].native is not None
    ):
        raise _broken("it is not a detached signature over plain data")
    if len(signed_data["signer_infos"]) != 1:
        raise _broken(f"it has {len(signed_data['signer_infos'])} signers, not one")
    signer = signed_data["signer_infos"][0]
    _check_form(signed_data, signer)
    if (
        signer["digest_algorithm"]["algorithm"].dotted != SHA384_OID
        or signer["signature_algorithm"]["algorithm"].dotted != ECDSA_WITH_SHA384_OID
    ):
        raise _broken("its algorithms are not SHA-384 and ECDSA with SHA-384")
    attributes = _attributes(signer["signed_attrs"])
    _check_attributes(attributes, content, signer)
    certificates = tuple(load_certificate(one.chosen.dump()) for one in signed_data["certificates"])
    leaf = _signer_certificate(signer["sid"], certificates)
    _check_signature(signer, leaf)
    return CmsSignature(
        profile_version_arn=attributes[PROFILE_VERSION_ARN_OID].native,
        job_arn=attributes[JOB_ARN_OID].native,
        signing_time=_utc(attributes[SIGNING_TIME_OID]),
        expiry=_utc(attributes[EXPIRY_OID]),
        leaf=leaf,
        certificates=certificates,
    )


def _is_oid(value: Any, oid: str) -> bool:
    # Compared in DER: BER readers ignore leading zeros of an arc, and nothing signs these OIDs.
    return bool(value.dump() == core.ObjectIdentifier(oid).dump())


def _check_form(signed_data: Any, signer: Any) -> None:
    """Check the parts that no signature covers."""
    for part in (signed_data, signer):
        if part["version"].dump() != core.Integer(1).dump():
            raise _broken(f"its version is {part['version'].native}, not v1 in DER")
    if signed_data["crls"].native is not None:
        raise _broken("it has revocation lists, which AWS Signer does not add")
    if signer["unsigned_attrs"].native is not None:
        raise _broken("it has unsigned attributes, which AWS Signer does not add")
    _ = signer.native  # Parsed on access, and every part of it must be well formed.
    # The signature is over the DER of the attributes, however they are encoded here.
    if signer.copy().dump(force=True) != signer.dump():
        raise _broken("its signer's part is not in DER")
    if [one.dump() for one in signed_data["digest_algorithms"]] != [
        signer["digest_algorithm"].dump()
    ]:
        raise _broken("its digest algorithms are not just its signer's")


def _attributes(signed: Any) -> dict[str, Any]:
    attributes: dict[str, Any] = {}
    for attribute in signed:
        oid = attribute["type"].dotted
        if oid in attributes or len(attribute["values"]) != 1:
            raise _broken(f"its signed attribute {oid} does not have exactly one value")
        # Parse again as the required type: asn1crypto uses laxer types for some attributes.
        kind = _REQUIRED.get(oid, core.Any)
        attributes[oid] = kind.load(attribute["values"][0].dump(), strict=True)
    for oid in _REQUIRED:
        if oid not in attributes:
            raise _broken(f"it lacks the signed attribute {oid}")
    return attributes


def _check_attributes(attributes: dict[str, Any], content: bytes, signer: Any) -> None:
    if attributes[CONTENT_TYPE_OID].dotted != DATA_OID:
        raise _broken("its signed content type is not plain data")
    if attributes[MESSAGE_DIGEST_OID].native != hashlib.sha384(content).digest():
        raise _broken("an entry was changed, added, removed, renamed or moved after signing")
    protection = cms.CMSAlgorithmProtection.load(attributes[ALGORITHM_PROTECTION_OID].dump())
    for name in ("digest_algorithm", "signature_algorithm"):
        # Compared with parameters, which the signer's part leaves unprotected (RFC 6211, 3).
        if protection[name].contents != signer[name].contents:
            raise _broken("its algorithms are not those that its signer protected")


def _signer_certificate(
    identifier: Any, certificates: tuple[x509.Certificate, ...]
) -> x509.Certificate:
    if identifier.name != "issuer_and_serial_number":
        raise _broken("its signer is not named by issuer and serial number")
    issuer = identifier.chosen["issuer"].dump()
    serial = identifier.chosen["serial_number"].native
    for certificate in certificates:
        if certificate.serial_number == serial and issuer_bytes(certificate) == issuer:
            return certificate
    raise _broken("its signer's certificate is not in it")


def _check_signature(signer: Any, leaf: x509.Certificate) -> None:
    key = leaf.public_key()
    # The signature is over the attributes under the tag SET OF, not under [0] (RFC 5652, 5.4).
    signed = signer["signed_attrs"].untag().dump()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise _broken("its leaf certificate has no elliptic-curve key")
    try:
        key.verify(signer["signature"].native, signed, ec.ECDSA(hashes.SHA384()))
    except InvalidSignature:
        raise _broken("it was not made by the key of its leaf certificate") from None


def _utc(value: Any) -> dt.datetime:
    moment: dt.datetime = value.native
    return moment.astimezone(dt.timezone.utc)


def _broken(why: str) -> IntegrityError:
    return IntegrityError(f"The signature is not valid: {why}.")
