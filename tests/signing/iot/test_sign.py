"""Signed IoT and FreeRTOS documents, checked by OpenSSL."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from signer_mock._signing.ca.certificates import make_code_signing_certificate
from signer_mock._signing.errors import UnsignableObjectError
from signer_mock._signing.iot.sign import sign_detached, sign_embedded
from tests.helpers.signing import NOW, openssl

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = bytes(range(256)) * 999
LOCATION: dict[str, Any] = {"bucket": "b", "key": "ota_all.bin", "version": "CF5s4"}
KINDS = [("SHA256", "ECDSA"), ("SHA256", "RSA"), ("SHA1", "RSA")]


@cache
def key_pair(key_type: Any) -> tuple[bytes, bytes]:
    return make_code_signing_certificate("firmware", key_type, NOW)


def detached(image: bytes = IMAGE, hash_name: Any = "SHA256", encryption: Any = "ECDSA") -> bytes:
    chunks = [image[start : start + 1000] for start in range(0, len(image), 1000)]
    return sign_detached(
        chunks,
        private_key_pem=key_pair(encryption)[1],
        hash_name=hash_name,
        encryption=encryption,
        **LOCATION,
    )


def embedded(image: bytes = IMAGE, hash_name: Any = "SHA256", encryption: Any = "ECDSA") -> bytes:
    return sign_embedded(
        image,
        private_key_pem=key_pair(encryption)[1],
        hash_name=hash_name,
        encryption=encryption,
    )


def openssl_says(document: bytes, kind: tuple[str, str], image: bytes, folder: Path) -> str:
    hash_name, encryption = kind
    (folder / "certificate.pem").write_bytes(key_pair(encryption)[0])
    public = openssl("x509", "-in", folder / "certificate.pem", "-noout", "-pubkey").stdout
    (folder / "public.pem").write_text(public)
    (folder / "signature").write_bytes(base64.b64decode(json.loads(document)["signature"]))
    (folder / "image").write_bytes(image)
    return openssl(
        *("dgst", f"-{hash_name.lower()}", "-verify", folder / "public.pem"),
        *("-signature", folder / "signature", folder / "image"),
    ).stdout


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
@pytest.mark.parametrize("image", [IMAGE, b"", b"x"], ids=["large", "empty", "one byte"])
def test_openssl_accepts_both_documents(kind, image: bytes, tmp_path: Path) -> None:
    for document in (detached(image, *kind), embedded(image, *kind)):
        assert openssl_says(document, kind, image, tmp_path) == "Verified OK\n"
        assert openssl_says(document, kind, image + b"!", tmp_path) != "Verified OK\n"


def test_the_detached_document_is_exactly_the_services() -> None:
    document = detached()

    signature = json.loads(document)["signature"]
    assert document.decode() == (
        f'{{"rawPayloadSize":{len(IMAGE)},"signature":"{signature}",'
        '"signatureAlgorithm":"SHA256withECDSA",'
        '"payloadLocation":{"s3":{"bucketName":"b","key":"ota_all.bin","version":"CF5s4"}}}'
    )


def test_the_embedded_document_brings_the_image() -> None:
    document = json.loads(embedded(hash_name="SHA1", encryption="RSA"))

    assert list(document) == ["rawPayloadSize", "signature", "signatureAlgorithm", "payload"]
    assert document["rawPayloadSize"] == len(IMAGE)
    assert document["signatureAlgorithm"] == "SHA1withRSA"
    assert base64.b64decode(document["payload"], validate=True) == IMAGE


def test_the_detached_image_may_come_from_a_generator_once() -> None:
    document = sign_detached(
        (piece for piece in (b"a", b"", b"bc")),
        private_key_pem=key_pair("ECDSA")[1],
        hash_name="SHA256",
        encryption="ECDSA",
        **LOCATION,
    )

    assert json.loads(document)["rawPayloadSize"] == 3


def test_names_outside_ascii_are_utf8() -> None:
    document = sign_detached(
        [b"a"],
        private_key_pem=key_pair("ECDSA")[1],
        hash_name="SHA256",
        encryption="ECDSA",
        bucket="b",
        key='ü"☃',
        version="v",
    )

    assert '"key":"ü\\"☃"'.encode() in document


@pytest.mark.parametrize(
    ("held", "wanted", "reason"),
    [
        ("RSA", "ECDSA", "can't identify EC private key."),
        ("ECDSA", "RSA", "can't identify RSA private key."),
    ],
)
def test_a_key_of_the_wrong_kind_fails_as_the_service_does(held, wanted, reason: str) -> None:
    key: dict[str, Any] = {
        "private_key_pem": key_pair(held)[1],
        "hash_name": "SHA256",
        "encryption": wanted,
    }
    with pytest.raises(UnsignableObjectError) as detached_failure:
        sign_detached([b"x"], **key, **LOCATION)
    with pytest.raises(UnsignableObjectError) as embedded_failure:
        sign_embedded(b"x", **key)

    assert detached_failure.value.reason == reason
    assert str(embedded_failure.value) == reason


def test_unknown_algorithms_are_the_callers_mistake() -> None:
    with pytest.raises(
        ValueError, match=r"^hash_name must be one of \['SHA1', 'SHA256'\], not 'MD5'\.$"
    ):
        embedded(hash_name="MD5")
    with pytest.raises(ValueError, match=r"^encryption must be 'ECDSA' or 'RSA', not 'DSA'\.$"):
        sign_embedded(
            b"x",
            private_key_pem=key_pair("RSA")[1],
            hash_name="SHA256",
            encryption="DSA",  # type: ignore[arg-type]  # the mistake
        )
