"""The CMS in a signed zip: what it holds, read by asn1crypto, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from asn1crypto import algos, cms, core, util
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from signer_mock._signing.errors import IntegrityError
from signer_mock._signing.lambda_zip.cms_sign import sign_detached_cms
from signer_mock._signing.lambda_zip.cms_verify import verify_detached_cms
from tests.helpers.forgery import Certificate, issue, tlv
from tests.helpers.signing import (
    EXPIRY,
    JOB_ARN,
    NOW,
    PROFILE_VERSION_ARN,
    authority,
    openssl,
    signing_arguments,
)

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = bytes(range(48))
CONTENT_TYPE = "1.2.840.113549.1.9.3"
DIGEST = "1.2.840.113549.1.9.4"
TIME = "1.2.840.113549.1.9.5"
JOB = "1.3.187.137.1.2"
END = "1.3.187.137.1.3"
PROFILE = "1.3.187.137.1.4"
PROTECTION = "1.2.840.113549.1.9.52"
SHA384 = {"algorithm": "sha384"}
ECDSA = {"algorithm": "sha384_ecdsa"}


def sign(**changes: Any) -> bytes:
    return sign_detached_cms(CONTENT, **signing_arguments(**changes))


def signed_data(encoded: bytes) -> Any:
    return cms.ContentInfo.load(encoded, strict=True)["content"]


def attribute_values(encoded: bytes) -> dict[str, Any]:
    signer = signed_data(encoded)["signer_infos"][0]
    return {one["type"].dotted: one["values"][0] for one in signer["signed_attrs"]}


def test_the_outer_wrappers_are_of_indefinite_length_and_the_inside_is_der(tmp_path: Path) -> None:
    (tmp_path / "signature").write_bytes(sign())

    lines = openssl(
        "asn1parse", "-inform", "DER", "-in", tmp_path / "signature"
    ).stdout.splitlines()

    shape = [re.sub(r".*l=\s*(inf|\d+)\s+(cons|prim): (.*?)\s*$", r"\1 \3", line) for line in lines]
    indefinite = [line.removeprefix("inf ") for line in shape if line.startswith("inf")]
    assert indefinite == ["SEQUENCE", "cont [ 0 ]", "SEQUENCE", "SEQUENCE", "cont [ 0 ]"]


def test_it_is_detached_version_1_with_four_certificates_and_one_signer() -> None:
    arguments = signing_arguments()
    data = signed_data(sign())

    assert data["version"].native == "v1"
    assert data["encap_content_info"]["content_type"].dotted == "1.2.840.113549.1.7.1"
    assert data["encap_content_info"]["content"].native is None
    assert [one["algorithm"].native for one in data["digest_algorithms"]] == ["sha384"]
    certificates = [one.chosen.serial_number for one in data["certificates"]]
    assert certificates == [one.serial_number for one in arguments["identity"].certificates]
    (signer,) = data["signer_infos"]
    assert signer["version"].native == "v1"
    assert signer["sid"].name == "issuer_and_serial_number"
    assert signer["sid"].chosen["serial_number"].native == certificates[0]
    assert signer["signature_algorithm"]["algorithm"].dotted == "1.2.840.10045.4.3.3"
    assert signer["unsigned_attrs"].native is None


def test_it_has_the_seven_signed_attributes() -> None:
    values = attribute_values(sign())

    assert sorted(values) == sorted([CONTENT_TYPE, DIGEST, TIME, JOB, END, PROFILE, PROTECTION])
    assert values[DIGEST].native == hashlib.sha384(CONTENT).digest()
    assert core.UTF8String.load(values[JOB].dump()).native == JOB_ARN
    assert core.UTF8String.load(values[PROFILE].dump()).native == PROFILE_VERSION_ARN
    protection = cms.CMSAlgorithmProtection.load(values[PROTECTION].dump())
    assert protection["digest_algorithm"]["algorithm"].native == "sha384"
    assert protection["signature_algorithm"]["algorithm"].native == "sha384_ecdsa"


def test_the_signed_attributes_are_in_ders_order() -> None:
    attributes = signed_data(sign())["signer_infos"][0]["signed_attrs"]

    encodings = [one.dump() for one in attributes]
    assert encodings == sorted(encodings)


@pytest.mark.parametrize(
    ("microsecond", "fraction"),
    [(0, ""), (999, ""), (1000, ".001"), (123456, ".123"), (670000, ".67"), (999999, ".999")],
)
def test_times_are_generalized_times_with_milliseconds(microsecond: int, fraction: str) -> None:
    signing_time = NOW.replace(microsecond=microsecond)
    values = attribute_values(
        sign(signing_time=signing_time, expiry=EXPIRY.replace(microsecond=microsecond))
    )

    assert values[TIME].dump()[2:] == f"20261121203758{fraction}Z".encode()
    assert values[END].dump()[2:] == f"20380221203758{fraction}Z".encode()
    assert values[TIME].dump()[0] == values[END].dump()[0] == 0x18


def test_times_of_other_zones_become_utc() -> None:
    zone = timezone(timedelta(hours=-8))

    values = attribute_values(sign(signing_time=datetime(2031, 12, 31, 16, tzinfo=zone)))

    assert values[TIME].dump()[2:] == b"20320101000000Z"


def test_reading_it_back() -> None:
    signature = verify_detached_cms(sign(), CONTENT)

    assert signature.profile_version_arn == PROFILE_VERSION_ARN
    assert signature.job_arn == JOB_ARN
    assert signature.signing_time == NOW.replace(microsecond=123000)
    assert signature.expiry == EXPIRY.replace(microsecond=123000)
    assert signature.leaf == signature.certificates[0]


# --- the same thing, made by asn1crypto


def attribute(oid: str, *values: core.Asn1Value) -> cms.CMSAttribute:
    body = b"".join(value.dump() for value in values)
    encoded = core.ObjectIdentifier(oid).dump() + tlv(0x31, body)
    return cms.CMSAttribute.load(tlv(0x30, encoded))


def good_attributes() -> dict[str, list[core.Asn1Value]]:
    protection = {"digest_algorithm": SHA384, "signature_algorithm": ECDSA}
    return {
        CONTENT_TYPE: [core.ObjectIdentifier("1.2.840.113549.1.7.1")],
        DIGEST: [core.OctetString(hashlib.sha384(CONTENT).digest())],
        TIME: [core.GeneralizedTime(datetime(2026, 11, 21, 20, 37, 58, tzinfo=util.timezone.utc))],
        JOB: [core.UTF8String(JOB_ARN)],
        END: [core.GeneralizedTime(datetime(2038, 2, 21, 20, 37, 58, tzinfo=util.timezone.utc))],
        PROFILE: [core.UTF8String(PROFILE_VERSION_ARN)],
        PROTECTION: [cms.CMSAlgorithmProtection(protection)],
    }


def forge(
    attributes: dict[str, list[core.Asn1Value]] | None = None,
    *,
    signer: dict[str, Any] | None = None,
    key: ec.EllipticCurvePrivateKey | None = None,
    twice: str | None = None,
    **changes: Any,
) -> bytes:
    """DER, signed by the account's leaf, good unless told otherwise."""
    identity = authority().identity("us-east-1", NOW)
    pairs = list((good_attributes() if attributes is None else attributes).items())
    if twice is not None:
        pairs += [(oid, values) for oid, values in pairs if oid == twice]
    signed = cms.CMSAttributes([attribute(oid, *values) for oid, values in pairs])
    certificates = account_certificates()
    signature = (key or identity.private_key).sign(signed.dump(), ec.ECDSA(hashes.SHA384()))
    info = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            "issuer_and_serial_number",
            {
                "issuer": certificates[0].issuer,
                "serial_number": identity.certificates[0].serial_number,
            },
        ),
        "digest_algorithm": SHA384,
        "signed_attrs": signed,
        "signature_algorithm": ECDSA,
        "signature": signature,
        **(signer or {}),
    }
    info = {name: value for name, value in info.items() if value is not None}
    data = {
        "version": "v1",
        "digest_algorithms": [SHA384],
        "encap_content_info": {"content_type": "data"},
        "certificates": certificates,
        "signer_infos": [info],
        **changes,
    }
    data = {name: value for name, value in data.items() if value is not None}
    encoded: bytes = cms.ContentInfo({"content_type": "signed_data", "content": data}).dump()
    return encoded


def test_another_encoders_der_is_accepted() -> None:
    assert verify_detached_cms(forge(), CONTENT).job_arn == JOB_ARN


def test_further_attributes_are_accepted() -> None:
    attributes = {**good_attributes(), "1.2.3.4": [core.Integer(5)]}

    assert verify_detached_cms(forge(attributes), CONTENT).job_arn == JOB_ARN


def account_certificates() -> list[asn1_x509.Certificate]:
    chain = authority().identity("us-east-1", NOW).chain_der
    return [asn1_x509.Certificate.load(der) for der in chain]


def without_serial_number() -> asn1_x509.Certificate:
    """The account's root with the serial number 0, which Go refuses to read."""
    certificate = account_certificates()[-1].copy()
    certificate["tbs_certificate"]["serial_number"] = 0
    return certificate


def but(oid: str, *values: core.Asn1Value) -> dict[str, list[core.Asn1Value]]:
    return {**good_attributes(), oid: list(values)}


def forge_without(oid: str) -> bytes:
    return forge({name: values for name, values in good_attributes().items() if name != oid})


def signer_id(
    issuer: dict[str, str] | None = None, serial_number: int | None = None
) -> cms.SignerIdentifier:
    """The name of the account's leaf, with another issuer or serial number if given."""
    leaf = asn1_x509.Certificate.load(authority().identity("us-east-1", NOW).chain_der[0])
    return cms.SignerIdentifier(
        "issuer_and_serial_number",
        {
            "issuer": asn1_x509.Name.build(issuer) if issuer else leaf.issuer,
            "serial_number": leaf.serial_number if serial_number is None else serial_number,
        },
    )


def forge_with_an_rsa_leaf() -> bytes:
    (issued,) = issue([Certificate("rsa", key=rsa.generate_private_key(65537, 2048))])
    leaf = asn1_x509.Certificate.load(issued.public_bytes(Encoding.DER))
    name = {"issuer": leaf.issuer, "serial_number": issued.serial_number}
    sid = cms.SignerIdentifier("issuer_and_serial_number", name)
    return forge(signer={"sid": sid}, certificates=[leaf])


RSA_PROTECTION = {"digest_algorithm": SHA384, "signature_algorithm": {"algorithm": "sha384_rsa"}}
OTHER_SIGNER = cms.SignerIdentifier(
    "issuer_and_serial_number",
    {"issuer": asn1_x509.Name.build({"common_name": "nobody"}), "serial_number": 1},
)
BAD = {
    **{
        f"without {oid}": (partial(forge_without, oid), "lacks the signed attribute")
        for oid in good_attributes()
    },
    **{
        f"twice {oid}": (partial(forge, twice=oid), "exactly one value")
        for oid in good_attributes()
    },
    "two values": (
        lambda: forge(but(JOB, core.UTF8String("a"), core.UTF8String("b"))),
        "exactly one value",
    ),
    "no value": (lambda: forge(but(JOB)), "exactly one value"),
    "digest of something else": (
        lambda: forge(but(DIGEST, core.OctetString(bytes(48)))),
        "was changed",
    ),
    "digest not hashed twice": (
        lambda: forge(but(DIGEST, core.OctetString(CONTENT))),
        "was changed",
    ),
    "digest of another type": (lambda: forge(but(DIGEST, core.Integer(5))), "malformed"),
    "UTCTime": (
        lambda: forge(but(TIME, core.UTCTime(datetime(2026, 1, 1, tzinfo=util.timezone.utc)))),
        "malformed",
    ),
    "job ARN of another type": (lambda: forge(but(JOB, core.IA5String(JOB_ARN))), "malformed"),
    "not plain data": (
        lambda: forge(but(CONTENT_TYPE, core.ObjectIdentifier("1.2.840.113549.1.7.2"))),
        "content type is not plain data",
    ),
    "other algorithms protected": (
        lambda: forge(but(PROTECTION, cms.CMSAlgorithmProtection(RSA_PROTECTION))),
        "that its signer protected",
    ),
    "signed by another key": (
        lambda: forge(key=ec.generate_private_key(ec.SECP384R1())),
        "not made by the key of its leaf",
    ),
    "no signed attributes": (lambda: forge(signer={"signed_attrs": None}), "not valid"),
    "SHA-256": (
        lambda: forge(
            signer={"digest_algorithm": {"algorithm": "sha256"}},
            digest_algorithms=[{"algorithm": "sha256"}],
        ),
        "its algorithms are not SHA-384 and ECDSA with SHA-384.",
    ),
    "SHA-256 outside": (
        lambda: forge(digest_algorithms=[{"algorithm": "sha256"}]),
        "its digest algorithms are not just its signer's.",
    ),
    "RSA": (
        lambda: forge(signer={"signature_algorithm": {"algorithm": "sha384_rsa"}}),
        "its algorithms are not SHA-384 and ECDSA with SHA-384.",
    ),
    "the signer's issuer with another serial": (
        lambda: forge(signer={"sid": signer_id(serial_number=1)}),
        "certificate is not in it",
    ),
    "the signer's serial with another issuer": (
        lambda: forge(signer={"sid": signer_id(issuer={"common_name": "nobody"})}),
        "certificate is not in it",
    ),
    "signer not there": (lambda: forge(signer={"sid": OTHER_SIGNER}), "certificate is not in it"),
    "signer by key id": (
        lambda: forge(signer={"sid": cms.SignerIdentifier("subject_key_identifier", b"x")}),
        "not named by issuer and serial",
    ),
    "a leaf with an RSA key": (
        forge_with_an_rsa_leaf,
        "its leaf certificate has no elliptic-curve key.",
    ),
    "no certificates": (lambda: forge(certificates=None), "not valid"),
    "no signer": (lambda: forge(signer_infos=[]), "0 signers"),
    "content inside": (
        lambda: forge(encap_content_info={"content_type": "data", "content": CONTENT}),
        "not a detached signature",
    ),
    "not SignedData": (
        lambda: cms.ContentInfo({"content_type": "data", "content": b"x"}).dump(),
        "not CMS SignedData",
    ),
    "a certificate that not all readers read": (
        lambda: forge(certificates=[*account_certificates(), without_serial_number()]),
        "its serial number is not positive",
    ),
    "a certificate that is none": (
        lambda: forge(certificates=[*account_certificates(), asn1_x509.Certificate.load(b"0\0")]),
        "it holds a malformed certificate: ",
    ),
    "empty": (lambda: b"", "malformed"),
    "text": (lambda: b"hello", "malformed"),
    "truncated": (lambda: forge()[:-1], "malformed"),
    "more after it": (lambda: forge() + b"\0", "malformed"),
    "other algorithm identifier": (lambda: algos.DigestAlgorithm(SHA384).dump(), "not valid"),
}


@pytest.mark.parametrize(("make", "message"), BAD.values(), ids=BAD.keys())
def test_a_bad_signature_is_refused(make, message: str) -> None:
    with pytest.raises(IntegrityError, match=r"^The signature is not valid: ") as failure:
        verify_detached_cms(make(), CONTENT)

    assert message in str(failure.value)


def test_what_is_malformed_is_told_with_the_readers_reason() -> None:
    with pytest.raises(IntegrityError) as failure:
        verify_detached_cms(b"hello", CONTENT)
    assert re.fullmatch(
        r"The signature is not valid: it is malformed \([^()]+\)\.", str(failure.value)
    )


def test_every_byte_of_the_signature_value_counts() -> None:
    encoded = sign()
    signature = signed_data(encoded)["signer_infos"][0]["signature"].native
    start = encoded.index(signature)
    for position in range(start, start + len(signature), 5):
        changed = bytearray(encoded)
        changed[position] ^= 0x01
        with pytest.raises(IntegrityError):
            verify_detached_cms(bytes(changed), CONTENT)


def test_openssl_prints_it(tmp_path: Path) -> None:
    pem = b"-----BEGIN PKCS7-----\n" + base64.encodebytes(sign()) + b"-----END PKCS7-----\n"
    (tmp_path / "signature.pem").write_bytes(pem)

    shown = openssl("cms", "-cmsout", "-print", "-inform", "PEM", "-in", tmp_path / "signature.pem")

    assert "eContent: <ABSENT>" in shown.stdout
    assert shown.stdout.count("d.certificate:") == 4


@pytest.mark.parametrize("tag", [tag for tag in range(1, 31) if tag != 0x0C])
@pytest.mark.parametrize("arn", [JOB_ARN, PROFILE_VERSION_ARN])
def test_an_arn_of_any_other_type_is_refused(arn: str, tag: int) -> None:
    text = bytes([len(arn)]) + arn.encode()
    encoded = sign()
    assert encoded.count(b"\x0c" + text) == 1
    with pytest.raises(IntegrityError):
        verify_detached_cms(encoded.replace(b"\x0c" + text, bytes([tag]) + text), CONTENT)
