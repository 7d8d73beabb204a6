"""`verify_iot_object` as a test author uses it: a device's check of a firmware image."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from cryptography import x509

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
from tests.helpers.signing import NOW, authority, pem

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
    with pytest.raises(IntegrityError, match="not that of this certificate's key over this image"):
        verify_iot_object(detached(), certificate, b"F" + IMAGE[1:])
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
        (changed(detached(), signature="not base64!"), "'signature' is not base64"),
        (changed(detached(), signature=5), "'signature' is not a string"),
        (changed(detached(), signature="AAAA"), "over this image"),
        (
            changed(detached(), signatureAlgorithm="MD5withRSA"),
            "signatureAlgorithm is 'MD5withRSA'",
        ),
        (changed(detached(), signatureAlgorithm=["SHA256withECDSA"]), "signatureAlgorithm is ["),
        (changed(detached(), rawPayloadSize=7999), "has 7999 bytes"),
        (changed(detached(), rawPayloadSize="8000"), "has 8000 bytes"),
        (changed(embedded(), payload="?"), "'payload' is not base64"),
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


def test_a_certificate_can_be_held_to_trusted_roots() -> None:
    recipes = good_chain()
    chain = issue(recipes)
    document = sign_embedded(
        IMAGE,
        private_key_pem=private_key_pem(recipes[0].key),
        hash_name="SHA256",
        encryption="ECDSA",
    )
    root = pem(chain[-1])

    result = verify_iot_object(document, pem(*chain[:-1]), trusted_roots=root, at=NOW)

    assert result.certificates == tuple(chain)
    with pytest.raises(UntrustedError, match="leads to no trusted root"):
        verify_iot_object(document, pem(chain[0]), trusted_roots=root, at=NOW)
    with pytest.raises(UntrustedError, match="leads to no trusted root"):
        verify_iot_object(document, pem(*chain), trusted_roots=authority().trust_root_pem, at=NOW)
    with pytest.raises(UntrustedError, match="'CN=leaf' is not valid at"):
        verify_iot_object(document, pem(*chain), trusted_roots=root, at=NOW + timedelta(days=2))


def test_a_self_signed_certificate_is_its_own_root() -> None:
    certificate = key_pair()[0]

    verify_iot_object(embedded(), certificate, trusted_roots=certificate, at=NOW)
    with pytest.raises(UntrustedError, match="is not valid at"):
        verify_iot_object(
            embedded(), certificate, trusted_roots=[certificate], at=NOW.replace(year=2050)
        )


def test_a_certificate_is_needed() -> None:
    with pytest.raises(ValueError, match=r"PEM|certificate"):
        verify_iot_object(embedded(), b"")
