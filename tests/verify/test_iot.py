"""`verify_iot_object` as a test author uses it: a device's check of a firmware image."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from signer_mock._signing.ca.certificates import make_code_signing_certificate, private_key_pem
from signer_mock._signing.iot.sign import sign_detached, sign_embedded
from signer_mock.verify import (
    IntegrityError,
    MismatchError,
    UntrustedError,
    VerifiedSignature,
    verify_iot_object,
)
from tests.helpers.forgery import good_chain, issue
from tests.helpers.signing import NOW, authority, openssl, pem

IMAGE = b"firmware" * 1000
KINDS = [("SHA256", "ECDSA"), ("SHA256", "RSA"), ("SHA1", "RSA")]


def key_pair(key_type: Any = "ECDSA", name: str = "firmware") -> tuple[bytes, bytes]:
    return _key_pair(key_type, name)


@cache
def _key_pair(key_type: Any, name: str) -> tuple[bytes, bytes]:
    return make_code_signing_certificate(name, key_type, NOW)


def detached(hash_name: Any = "SHA256", encryption: Any = "ECDSA") -> bytes:
    key = key_pair(encryption)[1]
    arguments = {"private_key_pem": key, "hash_name": hash_name, "encryption": encryption}
    return sign_detached([IMAGE], **arguments, bucket="b", key="k", version="v")


def embedded(hash_name: Any = "SHA256", encryption: Any = "ECDSA") -> bytes:
    key = key_pair(encryption)[1]
    return sign_embedded(IMAGE, private_key_pem=key, hash_name=hash_name, encryption=encryption)


def changed(document: bytes, **members: Any) -> bytes:
    new = {**json.loads(document), **members}
    return json.dumps({name: value for name, value in new.items() if value is not None}).encode()


def written(document: bytes, old: bytes, new: bytes) -> bytes:
    assert old in document
    return document.replace(old, new, 1)


def plus(document: bytes, member: str, *, first: bool = False) -> bytes:
    """The document with a further member, as it is written."""
    if first:
        return b"{" + member.encode() + b"," + document[1:]
    return document[:-1] + b"," + member.encode() + b"}"


def loose_bits() -> bytes:
    """The same image, in base64 whose last character has bits that stand for nothing."""
    payload = json.loads(embedded())["payload"]
    assert payload.endswith("U=")
    return changed(embedded(), payload=payload[:-2] + "V=")


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_good_documents(kind) -> None:
    certificate = key_pair(kind[1])[0]
    expected = VerifiedSignature(
        None, None, None, None, (x509.load_pem_x509_certificate(certificate),)
    )

    assert verify_iot_object(detached(*kind), certificate, IMAGE) == expected
    assert verify_iot_object(embedded(*kind), certificate) == expected
    assert verify_iot_object(embedded(*kind), certificate, IMAGE) == expected


def test_another_image_is_refused() -> None:
    certificate = key_pair()[0]

    with pytest.raises(IntegrityError, match="says that the image has 8000 bytes; it has 8001"):
        verify_iot_object(detached(), certificate, IMAGE + b"!")
    with pytest.raises(IntegrityError) as refusal:
        verify_iot_object(detached(), certificate, b"F" + IMAGE[1:])
    assert str(refusal.value) == (
        "The signature is not that of this certificate's key over this image: the image was "
        "changed, or another certificate signed it."
    )
    with pytest.raises(IntegrityError, match="not the one that was passed"):
        verify_iot_object(embedded(), certificate, b"F" + IMAGE[1:])


def test_an_embedded_image_that_was_changed_is_refused() -> None:
    payload = base64.b64encode(b"F" + IMAGE[1:]).decode()

    with pytest.raises(IntegrityError, match="over this image"):
        verify_iot_object(changed(embedded(), payload=payload), key_pair()[0])


def test_another_certificate_is_refused() -> None:
    with pytest.raises(IntegrityError, match="another certificate signed it"):
        verify_iot_object(detached(), key_pair("ECDSA", "other")[0], IMAGE)
    with pytest.raises(MismatchError, match="certificate's key is of another kind"):
        verify_iot_object(detached(), key_pair("RSA")[0], IMAGE)
    with pytest.raises(MismatchError, match="certificate's key is of another kind"):
        verify_iot_object(embedded("SHA1", "RSA"), key_pair("ECDSA")[0])


def test_another_hash_is_refused() -> None:
    document = changed(embedded("SHA256", "RSA"), signatureAlgorithm="SHA1withRSA")

    with pytest.raises(IntegrityError, match="over this image"):
        verify_iot_object(document, key_pair("RSA")[0])


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"", "is not JSON"),
        (b"\xff", "is not JSON"),
        (b"[" * 200_000, "is not JSON"),
        (b"[]", "is not a JSON object"),
        (changed(detached(), signature=None), "lacks 'signature'"),
        (changed(detached(), signatureAlgorithm=None), "lacks 'signatureAlgorithm'"),
        (changed(detached(), rawPayloadSize=None), "lacks 'rawPayloadSize'"),
        (changed(detached(), payloadLocation=None), "neither 'payload' nor 'payloadLocation'"),
        (changed(detached(), payload="AAAA"), "both 'payload' and 'payloadLocation'"),
        (changed(detached(), payloadLocation="s3"), "'payloadLocation' is not an object"),
        (changed(detached(), payloadLocation={"s3": []}), "'s3' is not an object"),
        (changed(detached(), payloadLocation={"s3": {"bucketName": "b", "key": 1}}), "no 'key'"),
        (changed(detached(), payloadLocation={"s3": {"bucketName": "b", "key": "k"}}), "'version'"),
        (changed(detached(), signature="not base64!"), "'signature' is not base64"),
        (changed(detached(), signature=5), "'signature' is not a string"),
        (changed(detached(), signature="AAAA"), "over this image"),
        (
            changed(detached(), signatureAlgorithm="MD5withRSA"),
            "signatureAlgorithm is 'MD5withRSA'",
        ),
        (changed(detached(), signatureAlgorithm=["SHA256withECDSA"]), "signatureAlgorithm is ["),
        (changed(detached(), rawPayloadSize=7999), "has 7999 bytes"),
        (changed(detached(), rawPayloadSize="8000"), "has '8000' bytes"),
        (changed(detached(), rawPayloadSize=8000.0), "has 8000.0 bytes"),
        (written(detached(), b":8000,", b":8e3,"), "has 8000.0 bytes"),
        (written(detached(), b":8000,", b":null,"), "has None bytes"),
        (changed(detached(), rawPayloadSize=[8000]), "has [8000] bytes"),
        (changed(embedded(), payload="?"), "'payload' is not base64"),
        (changed(embedded(), payload=None, payloadLocation=5), "not an object"),
        (written(embedded(), b'"payload":"', b'"payload":"\\n'), "'payload' is not base64"),
        (written(embedded(), b'"payload":"', b'"payload":null,"x":"'), "'payload' is not a string"),
        (loose_bits(), "is not canonical base64"),
        # what one reader reads thus and another otherwise
        (plus(detached(), '"signature":"AAAA"'), "'signature' twice"),
        (plus(detached(), '"signature":"AAAA"', first=True), "'signature' twice"),
        (plus(detached(), '"Signature":"AAAA"'), "differ by case only"),
        (plus(detached(), '"\\u017fignature":"AAAA"'), "differ by case only"),
        (plus(detached(), '"Payload":"AAAA"'), "'Payload' differs from 'payload' by case only"),
        (plus(embedded(), '"PayloadLocation":{}'), "differs from 'payloadLocation' by case only"),
        (plus(detached(), '"payload\\u0000":"AAAA"'), "has a NUL in its name"),
        (plus(detached(), '"more":{"a":1,"a":2}'), "'a' twice"),
        (plus(detached(), '"more":[{"a":1,"A":2}]'), "differ by case only"),
        (plus(detached(), '"more":"\\ud83d"'), "lone surrogate"),
        (plus(detached(), '"more":1e999'), "out of range"),
        (plus(detached(), '"more":NaN'), "NaN is not JSON"),
        (written(detached(), b'"key":"k"', b'"key":"k","Key":"evil"'), "differ by case only"),
        (written(detached(), b'"key":"k"', b'"Key":"k"'), "differs from 'key' by case only"),
        (written(detached(), b'"k"', b'"\xff"'), "is not UTF-8"),
        (detached() + b"{}", "is not JSON"),
        (b"\xef\xbb\xbf" + detached(), "is not JSON"),
    ],
    # Not the documents: they are signed anew in each process, and xdist compares the names.
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_malformed_documents_are_refused(document: bytes, message: str) -> None:
    with pytest.raises(IntegrityError) as refusal:
        verify_iot_object(document, key_pair()[0], IMAGE)

    assert message in str(refusal.value)


def test_a_detached_document_needs_the_image() -> None:
    with pytest.raises(ValueError, match="pass its bytes as `source`"):
        verify_iot_object(detached(), key_pair()[0])


def test_true_is_not_the_size_of_one_byte() -> None:
    certificate, key = key_pair()
    document = sign_embedded(b"x", private_key_pem=key, hash_name="SHA256", encryption="ECDSA")

    with pytest.raises(IntegrityError, match="has True bytes"):
        verify_iot_object(changed(document, rawPayloadSize=True), certificate)


def chain_and_document(**changes: Any) -> tuple[list[x509.Certificate], bytes]:
    """A chain whose leaf is changed, and a document that the leaf's key signed."""
    recipes = good_chain()
    recipes[0] = recipes[0].but(**changes)
    document = sign_embedded(
        IMAGE,
        private_key_pem=private_key_pem(recipes[0].key),
        hash_name="SHA256",
        encryption="ECDSA",
    )
    return issue(recipes), document


def test_a_certificate_can_be_held_to_trusted_roots() -> None:
    chain, document = chain_and_document()
    root = pem(chain[-1])

    result = verify_iot_object(document, pem(*chain[:-1]), trusted_roots=root, at=NOW)

    assert result.certificates == tuple(chain)
    with pytest.raises(UntrustedError, match="leads to no trusted root"):
        verify_iot_object(document, pem(chain[0]), trusted_roots=root, at=NOW)
    with pytest.raises(UntrustedError, match="leads to no trusted root"):
        verify_iot_object(document, pem(*chain), trusted_roots=authority().trust_root_pem, at=NOW)
    with pytest.raises(UntrustedError, match="'CN=leaf': was invalid at"):
        verify_iot_object(document, pem(*chain), trusted_roots=root, at=NOW + timedelta(days=2))


def test_the_chain_ends_at_the_first_trusted_certificate() -> None:
    chain, document = chain_and_document()

    for length in range(1, 5):
        result = verify_iot_object(
            document, pem(*chain), trusted_roots=pem(*chain[length - 1 :]), at=NOW
        )
        assert result.certificates == tuple(chain[:length])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"basic": (True, None)}, "is a certificate authority"),
        ({"usage": ("content_commitment",)}, "must have digitalSignature"),
        ({"usage": None}, "key usage must be present"),
        ({"usage": ("digital_signature", "key_encipherment")}, "must not have keyEncipherment"),
        ({"usage": ("digital_signature", "key_cert_sign")}, "must not have keyCertSign"),
        ({"purposes": (ExtendedKeyUsageOID.SERVER_AUTH,)}, "must not contain ServerAuth"),
        (
            {"purposes": (ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.CLIENT_AUTH)},
            "must not contain ClientAuth",
        ),
        ({"key": ec.generate_private_key(ec.SECP224R1())}, "EC key of 224 bits is not supported"),
    ],
)
def test_a_trusted_certificate_must_be_a_code_signers(changes, message: str) -> None:
    chain, document = chain_and_document(**changes)

    for anchor in (chain[0], chain[-1]):
        with pytest.raises(UntrustedError, match=message):
            verify_iot_object(document, pem(*chain), trusted_roots=pem(anchor), at=NOW)
    # a device knows only the one certificate, and looks at its key
    verify_iot_object(document, pem(*chain))


def test_issuers_must_be_authorities() -> None:
    recipes = good_chain()
    recipes[2] = recipes[2].but(basic=(True, 0))  # and another authority follows
    chain = issue(recipes)
    document = sign_embedded(
        IMAGE,
        private_key_pem=private_key_pem(recipes[0].key),
        hash_name="SHA256",
        encryption="ECDSA",
    )

    with pytest.raises(UntrustedError, match="path length is 0, and 1 authorities follow it"):
        verify_iot_object(document, pem(*chain), trusted_roots=pem(chain[-1]), at=NOW)
    verify_iot_object(document, pem(*chain), trusted_roots=pem(chain[1]), at=NOW)


def test_a_certificate_made_as_the_guide_for_freertos_says_is_a_code_signers(tmp_path) -> None:
    # its key usage is not critical, which Notation would not have
    (tmp_path / "config.txt").write_text(
        "[ req ]\nprompt = no\ndistinguished_name = my_dn\n[ my_dn ]\n"
        "commonName = test_signer@amazon.com\n[ my_exts ]\nkeyUsage = digitalSignature\n"
        "extendedKeyUsage = codeSigning\n"
    )
    made = openssl(
        *"genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt".split(),
        *("ec_param_enc:named_curve", "-outform", "PEM", "-out", tmp_path / "key.pem"),
    )
    assert made.returncode == 0, made.stderr
    made = openssl(
        *"req -new -x509 -extensions my_exts -nodes -days 365".split(),
        *("-config", tmp_path / "config.txt", "-key", tmp_path / "key.pem"),
        *("-out", tmp_path / "certificate.pem"),
    )
    assert made.returncode == 0, made.stderr
    certificate = (tmp_path / "certificate.pem").read_bytes()
    document = sign_embedded(
        IMAGE,
        private_key_pem=(tmp_path / "key.pem").read_bytes(),
        hash_name="SHA256",
        encryption="ECDSA",
    )

    verify_iot_object(document, certificate, trusted_roots=certificate)


def test_a_self_signed_certificate_is_its_own_root() -> None:
    certificate = key_pair()[0]

    verify_iot_object(embedded(), certificate, trusted_roots=certificate, at=NOW)
    with pytest.raises(UntrustedError, match="was invalid at"):
        verify_iot_object(
            embedded(), certificate, trusted_roots=[certificate], at=NOW.replace(year=2050)
        )


def test_a_certificate_is_needed() -> None:
    with pytest.raises(ValueError, match=r"PEM|certificate"):
        verify_iot_object(embedded(), b"")
