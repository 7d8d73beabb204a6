"""Write the CMS SignedData of a signed Lambda zip (RFC 5652).

The shape follows published captures of AWS Signer's signatures: wrappers of indefinite length (BER)
with DER inside, version 1, no content, one signer named by issuer and serial number, seven signed
attributes, and four certificates. The DER is written by hand because asn1crypto and cryptography
write no indefinite lengths. ``cms_verify`` reads it back.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import cache
from typing import TYPE_CHECKING

from signer_mock._signing.times import generalized_time_milliseconds

if TYPE_CHECKING:
    from signer_mock._signing.ca.authority import SigningIdentity

# AWS's own arc; the values are those that a Notation signature has in its protected header.
JOB_ARN_OID = "1.3.187.137.1.2"
EXPIRY_OID = "1.3.187.137.1.3"
PROFILE_VERSION_ARN_OID = "1.3.187.137.1.4"

CONTENT_TYPE_OID = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST_OID = "1.2.840.113549.1.9.4"
SIGNING_TIME_OID = "1.2.840.113549.1.9.5"
ALGORITHM_PROTECTION_OID = "1.2.840.113549.1.9.52"
DATA_OID = "1.2.840.113549.1.7.1"
SIGNED_DATA_OID = "1.2.840.113549.1.7.2"
SHA384_OID = "2.16.840.1.101.3.4.2.2"
ECDSA_WITH_SHA384_OID = "1.2.840.10045.4.3.3"

_INTEGER = 0x02
_OCTET_STRING = 0x04
_OID = 0x06
_UTF8_STRING = 0x0C
_GENERALIZED_TIME = 0x18
_SEQUENCE = 0x30
_SET = 0x31
_CONTEXT_0 = 0xA0
_CONTEXT_1 = 0xA1
_LONG_FORM = 0x80
_END_OF_CONTENTS = b"\x00\x00"


def sign_detached_cms(
    content: bytes,
    *,
    identity: SigningIdentity,
    signing_time: dt.datetime,
    expiry: dt.datetime,
    profile_version_arn: str,
    job_arn: str,
) -> bytes:
    """Return a BER-encoded ContentInfo with a detached signature over ``content``.

    Args:
        content: The bytes to sign.
        identity: Who signs.
        signing_time: Aware; signed to the millisecond.
        expiry: Aware; signed to the millisecond.
        profile_version_arn: Signed.
        job_arn: Signed.

    Raises:
        ValueError: A time is naive.
    """
    attributes = _signed_attributes(
        hashlib.sha384(content).digest(),
        signing_time=signing_time,
        expiry=expiry,
        profile_version_arn=profile_version_arn,
        job_arn=job_arn,
    )
    # The signature is over the attributes under the tag SET OF, not under [0] (RFC 5652, 5.4).
    signature = identity.sign(_tlv(_SET, attributes))
    signer_info = _tlv(
        _SEQUENCE,
        _integer(1),
        _issuer_and_serial(identity),
        _SHA384,
        _tlv(_CONTEXT_0, attributes),
        _ECDSA_WITH_SHA384,
        _tlv(_OCTET_STRING, signature),
    )
    signed_data = _indefinite(
        _SEQUENCE,
        _integer(1),
        _tlv(_SET, _SHA384),
        _indefinite(_SEQUENCE, _oid(DATA_OID)),
        _indefinite(_CONTEXT_0, *identity.chain_der),
        _tlv(_SET, signer_info),
    )
    return _indefinite(_SEQUENCE, _oid(SIGNED_DATA_OID), _indefinite(_CONTEXT_0, signed_data))


def _signed_attributes(
    message_digest: bytes,
    *,
    signing_time: dt.datetime,
    expiry: dt.datetime,
    profile_version_arn: str,
    job_arn: str,
) -> bytes:
    attributes = [
        _attribute(CONTENT_TYPE_OID, _oid(DATA_OID)),
        _attribute(MESSAGE_DIGEST_OID, _tlv(_OCTET_STRING, message_digest)),
        _attribute(SIGNING_TIME_OID, _time(signing_time)),
        _attribute(JOB_ARN_OID, _tlv(_UTF8_STRING, job_arn.encode("utf-8"))),
        _attribute(EXPIRY_OID, _time(expiry)),
        _attribute(
            PROFILE_VERSION_ARN_OID, _tlv(_UTF8_STRING, profile_version_arn.encode("utf-8"))
        ),
        _attribute(
            ALGORITHM_PROTECTION_OID,
            # The signature algorithm is [1] IMPLICIT, which replaces its SEQUENCE tag (RFC 6211).
            _tlv(_SEQUENCE, _SHA384, bytes([_CONTEXT_1]) + _ECDSA_WITH_SHA384[1:]),
        ),
    ]
    # DER sorts the members of a SET OF by their encodings.
    return b"".join(sorted(attributes))


def _issuer_and_serial(identity: SigningIdentity) -> bytes:
    leaf = identity.certificates[0]
    return _tlv(_SEQUENCE, leaf.issuer.public_bytes(), _integer(leaf.serial_number))


def _attribute(oid: str, value: bytes) -> bytes:
    return _tlv(_SEQUENCE, _oid(oid), _tlv(_SET, value))


def _time(moment: dt.datetime) -> bytes:
    return _tlv(_GENERALIZED_TIME, generalized_time_milliseconds(moment).encode("ascii"))


def _tlv(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < _LONG_FORM:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, _LONG_FORM | len(length)]) + length + body


def _indefinite(tag: int, *parts: bytes) -> bytes:
    return bytes([tag, 0x80]) + b"".join(parts) + _END_OF_CONTENTS


def _integer(value: int) -> bytes:
    # One bit more than the number needs, for the sign.
    return _tlv(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


@cache
def _oid(dotted: str) -> bytes:
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    encoded = b""
    for arc in (40 * first + second, *rest):
        base128 = [arc & 0x7F]
        while arc := arc >> 7:
            base128.append(0x80 | arc & 0x7F)
        encoded += bytes(reversed(base128))
    return _tlv(_OID, encoded)


# Both algorithms are written without parameters (RFC 5754, RFC 5758).
_SHA384 = _tlv(_SEQUENCE, _oid(SHA384_OID))
_ECDSA_WITH_SHA384 = _tlv(_SEQUENCE, _oid(ECDSA_WITH_SHA384_OID))
