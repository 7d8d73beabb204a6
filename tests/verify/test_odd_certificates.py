"""Certificates that are odd or damaged end in a verdict, whatever they are given as."""

from __future__ import annotations

import base64
import hashlib
import io
import random
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from signer_mock._signing.ca.certificates import make_code_signing_certificate
from signer_mock._signing.iot.sign import sign_embedded
from signer_mock._signing.lambda_zip.cms_sign import sign_detached_cms
from signer_mock.verify import (
    IntegrityError,
    MismatchError,
    UntrustedError,
    VerificationError,
    verify_iot_object,
    verify_lambda_zip,
    verify_notation_envelope,
)
from tests.helpers.envelope_cases.der import odd_certificates, odd_extensions
from tests.helpers.forgery import forge_envelope
from tests.helpers.signing import NOW, SIGNATURE_ENTRY, authority, signing_arguments, to_pem

vectors = pytest.importorskip("cryptography_vectors", reason="the `test` extra brings it")
FOLDER = Path(vectors.__file__).parent / "x509"
PEM = re.compile(rb"-----BEGIN (?:X509 )?CERTIFICATE-----(.*?)-----END ", re.DOTALL)


def ders(data: bytes) -> Iterator[bytes]:
    """Whatever might be a certificate in a file."""
    for match in PEM.finditer(data):
        text = match[1].rpartition(b"\n\n")[2]
        yield base64.b64decode(text)
    if not data.startswith(b"-----"):
        yield data


@cache
def collection() -> dict[str, bytes]:
    """Every certificate that cryptography itself is tested with."""
    return {
        f"{path.relative_to(FOLDER)}:{number}": der
        for path in sorted(FOLDER.rglob("*"))
        if path.suffix in {".pem", ".der", ".crt", ".cer"}
        for number, der in enumerate(ders(path.read_bytes()))
    }


@dataclass(frozen=True)
class Identity:
    """As the code under test signs with, but with any bytes in the place of certificates."""

    private_key: Any
    certificates: tuple[x509.Certificate, ...]
    chain_der: tuple[bytes, ...]

    def sign(self, data: bytes) -> bytes:
        return bytes(self.private_key.sign(data, ec.ECDSA(hashes.SHA384())))


def zip_with(*chain: bytes) -> bytes:
    """A zip whose signature is good, and brings these certificates beside the signer's."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("META_INF/", b"")
        arguments = signing_arguments()
        good = arguments["identity"]
        arguments["identity"] = Identity(
            good.private_key, good.certificates, (good.chain_der[0], *chain)
        )
        digest = hashlib.sha384(b"META_INF/").digest()
        cms = sign_detached_cms(digest, **arguments)
        text = b"-----BEGIN PKCS7-----\n" + base64.encodebytes(cms) + b"-----END PKCS7-----\n"
        archive.writestr(SIGNATURE_ENTRY, text)
    return buffer.getvalue()


def envelope_with(*chain: bytes) -> bytes:
    leaf = signing_arguments()["identity"]
    x5c = [base64.b64encode(der).decode() for der in (leaf.chain_der[0], *chain)]
    return forge_envelope(key=leaf.private_key, header={"x5c": x5c})


CERTIFICATE, KEY = make_code_signing_certificate("device", "ECDSA", NOW)
DOCUMENT = sign_embedded(b"image", private_key_pem=KEY, hash_name="SHA256", encryption="ECDSA")


def verdicts(der: bytes) -> Iterator[type[VerificationError] | None]:
    """What each verifier says where the certificate may stand. Never anything but a verdict."""
    root, certificate = authority().trust_root_pem, to_pem(der)
    yield verdict(verify_iot_object, DOCUMENT, certificate)
    yield verdict(verify_lambda_zip, zip_with(der), root)
    yield verdict(verify_lambda_zip, zip_with(), certificate)
    yield verdict(verify_notation_envelope, envelope_with(der), root)
    yield verdict(verify_notation_envelope, envelope_with(), certificate)
    for pem in (CERTIFICATE, CERTIFICATE + certificate):
        yield verdict(verify_iot_object, DOCUMENT, pem, trusted_roots=certificate, at=NOW)


def verdict(verify: Any, *arguments: Any, **options: Any) -> type[VerificationError] | None:
    try:
        verify(*arguments, **options)
    except VerificationError as error:
        return type(error)
    return None


def test_the_collection_is_there() -> None:
    assert len(collection()) > 550


@pytest.mark.parametrize("part", range(4))
def test_no_certificate_of_the_collection_is_trusted(part: int) -> None:
    said = {
        name: [*verdicts(der)]
        for number, (name, der) in enumerate(collection().items())
        if number % 4 == part
    }

    assert {kind for row in said.values() for kind in row} <= {
        IntegrityError,
        UntrustedError,
        MismatchError,  # a key of another kind than the document's signature
    }


@pytest.mark.parametrize(
    "name",
    [
        "san_x400address.der",
        "san_edipartyname.der",
        "custom/post2000utctime.pem",
        "custom/negative_serial.pem",
        "custom/bad_country.pem",
    ],
)
def test_the_verdict_does_not_depend_on_the_filter_of_warnings(name: str) -> None:
    (der,) = ders((FOLDER / name).read_bytes())

    said = []
    for action in ("error", "ignore", "default"):
        with warnings.catch_warnings(record=action == "default"):
            warnings.simplefilter(action)
            said.append([*verdicts(der)])

    assert said[0] == said[1] == said[2]


def test_certificates_that_were_put_together_by_hand() -> None:
    for case in (*odd_certificates(), *odd_extensions()):
        (der,) = ders(case.roots)
        assert None not in {*verdicts(der)}, case.name


def test_certificates_with_any_byte_changed() -> None:
    chance = random.Random(1)
    identity = authority().identity("us-east-1", NOW)
    originals = [
        *identity.chain_der,
        x509.load_pem_x509_certificate(CERTIFICATE).public_bytes(Encoding.DER),
    ]
    for _ in range(300):
        der = bytearray(chance.choice(originals))
        for _ in range(chance.choice([1, 1, 2, 4])):
            der[chance.randrange(len(der))] = chance.randrange(256)
        if bytes(der) in originals:
            continue
        # A device holds a document to the key only, and that may be as it was.
        _, *said = verdicts(bytes(der))
        assert None not in said
