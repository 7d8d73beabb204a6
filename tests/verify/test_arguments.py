"""Arguments that make no sense: the verifiers say what to pass instead."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from cryptography import x509

from signer_mock import SignerMockError
from signer_mock._signing.ca.certificates import make_code_signing_certificate
from signer_mock._signing.iot.sign import sign_embedded
from signer_mock._signing.lambda_zip.sign import sign_zip
from signer_mock._signing.notation.sign import sign_envelope
from signer_mock.verify import (
    IntegrityError,
    InvalidArgumentError,
    VerificationError,
    verify_iot_object,
    verify_lambda_zip,
    verify_notation_envelope,
)
from tests.helpers.constants import ARTIFACT, PAYLOAD
from tests.helpers.signing import (
    NOW,
    PROFILE_ARN,
    PROFILE_VERSION_ARN,
    authority,
    make_zip,
    signing_arguments,
)

ROOT = authority().trust_root_pem
CERTIFICATE, KEY = make_code_signing_certificate("device", "ECDSA", NOW)
ZIP = sign_zip(make_zip({"app.py": b"pass"}), **signing_arguments())
ENVELOPE = sign_envelope(PAYLOAD, **signing_arguments())
DOCUMENT = sign_embedded(b"image", private_key_pem=KEY, hash_name="SHA256", encryption="ECDSA")

VERIFIERS: dict[str, tuple[Callable[..., Any], bytes, bytes]] = {
    "zip": (verify_lambda_zip, ZIP, ROOT),
    "envelope": (verify_notation_envelope, ENVELOPE, ROOT),
    "document": (verify_iot_object, DOCUMENT, CERTIFICATE),
}
every_verifier = pytest.mark.parametrize(
    ("verify", "signed", "certificates"), VERIFIERS.values(), ids=VERIFIERS.keys()
)


def refusal_of(verify: Callable[..., Any], *arguments: Any, **options: Any) -> str:
    with pytest.raises(InvalidArgumentError) as refusal:
        verify(*arguments, **options)
    return str(refusal.value)


@every_verifier
def test_good_arguments_are_taken(verify, signed, certificates) -> None:
    options = {"at": NOW} if verify is not verify_iot_object else {}

    verify(signed, certificates, **options)
    verify(bytearray(signed), memoryview(certificates), **options)
    verify(signed, certificates.replace(b" CERTIFICATE", b" X509 CERTIFICATE"), **options)


def test_the_error_is_the_mocks_own_and_not_a_verification_error() -> None:
    assert issubclass(InvalidArgumentError, SignerMockError)
    assert not issubclass(InvalidArgumentError, VerificationError)
    assert issubclass(InvalidArgumentError, (TypeError, ValueError))


@every_verifier
@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (Path("signed.zip"), "path.read_bytes()"),
        ("signed.zip", "Path(name).read_bytes()"),
        ({"signature": b"x"}, "response['signature']"),
        (MappingProxyType({}), "response['Body'].read()"),
        (io.BytesIO(b"x"), "file.read()"),
        (None, "not NoneType"),
        (5, "not int"),
        ([b"x"], "not list"),
    ],
    ids=["path", "name", "dict", "mapping", "file", "none", "number", "list"],
)
def test_what_was_signed_must_be_bytes(verify, signed, certificates, wrong, hint) -> None:
    said = refusal_of(verify, wrong, certificates)

    assert "as bytes, not" in said
    assert hint in said


@every_verifier
@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (Path("root.pem"), "path.read_bytes()"),
        ("root.pem", "Path(name).read_bytes()"),
        (ROOT.decode(), "text.encode()"),
        ({"pem": ROOT}, "pass the bytes in it"),
        (x509.load_pem_x509_certificate(ROOT), "public_bytes(Encoding.PEM)"),
        ("arn:aws:acm:us-east-1:123456789012:certificate/x", "account.certificate_pem(arn)"),
        (None, "not NoneType"),
        (b"", "must hold a certificate in PEM form"),
        (b"not PEM", "must hold a certificate in PEM form"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n", "must hold a certificate in PEM form"),
        (ROOT.replace(b"CERTIFICATE", b"PUBLIC KEY"), "there is no PEM certificate in it"),
        ([], "is empty"),
        ([ROOT.decode()], "PEM as bytes, not str"),
        ([Path("root.pem")], "path.read_bytes()"),
    ],
    ids=str.split(
        "path name text dict certificate arn none empty rubbish cut key no-list texts paths"
    ),
)
def test_certificates_must_be_pem(verify, signed, certificates, wrong, hint) -> None:
    assert hint in refusal_of(verify, signed, wrong)


@pytest.mark.parametrize("wrong", [Path("root.pem"), b"", []], ids=["path", "empty", "no-list"])
def test_trusted_roots_of_a_document_must_be_pem(wrong) -> None:
    assert "trusted_roots" in refusal_of(
        verify_iot_object, DOCUMENT, CERTIFICATE, trusted_roots=wrong
    )


@every_verifier
def test_the_whole_message_names_the_argument(verify, signed, certificates) -> None:
    whole = refusal_of(verify, signed, 5)
    one = refusal_of(verify, signed, [certificates, 5])

    parameter = whole.split()[0]
    assert whole == f"{parameter} must be certificates in PEM as bytes, not int."
    assert one == f"each of {parameter} must be PEM as bytes, not int."


@every_verifier
def test_the_whole_message_tells_what_cannot_be_read(verify, signed, certificates) -> None:
    said = refusal_of(verify, signed, certificates.replace(b"CERTIFICATE", b"PUBLIC KEY"))
    assert said == (
        f"{said.split()[0]} must hold a certificate in PEM form (there is no PEM certificate in "
        "it); pass account.trust_root_pem or account.certificate_pem(arn)."
    )


@every_verifier
def test_swapped_arguments_are_noticed(verify, signed, certificates) -> None:
    assert "look swapped" in refusal_of(verify, certificates, signed)


@every_verifier
def test_pem_in_place_of_what_was_signed_is_a_forgery_like_any_other(
    verify, signed, certificates
) -> None:
    # where the certificates are right, the document may be a stranger's
    with pytest.raises(IntegrityError):
        verify(certificates, certificates)


@every_verifier
@pytest.mark.parametrize(
    ("at", "hint"),
    [
        (NOW.replace(tzinfo=None), "no time zone"),
        (NOW.date(), "must be an aware datetime"),
        ("2026-01-01T00:00:00Z", "must be an aware datetime"),
        (NOW.timestamp(), "must be an aware datetime"),
        (dt.timedelta(days=1), "must be an aware datetime"),
    ],
    ids=["naive", "date", "text", "number", "duration"],
)
def test_the_time_must_be_an_aware_datetime(verify, signed, certificates, at, hint) -> None:
    assert hint in refusal_of(verify, signed, certificates, at=at)


@pytest.mark.parametrize(
    ("verify", "signed", "parameter"),
    [
        (verify_lambda_zip, ZIP, "allowed_publishers"),
        (verify_notation_envelope, ENVELOPE, "trusted_identities"),
    ],
)
@pytest.mark.parametrize(
    "wrong",
    [PROFILE_ARN, PROFILE_VERSION_ARN.encode(), {"arn": "x"}, [5], [None], 5, [[PROFILE_ARN]]],
    ids=["text", "bytes", "dict", "numbers", "nones", "number", "lists"],
)
def test_publishers_must_be_a_list_of_arns(verify, signed, parameter, wrong) -> None:
    said = refusal_of(verify, signed, ROOT, wrong)

    assert f"{parameter} must be a list of ARNs" in said


@pytest.mark.parametrize(
    ("verify", "signed"), [(verify_lambda_zip, ZIP), (verify_notation_envelope, ENVELOPE)]
)
def test_a_client_is_refused_as_the_source_of_revocations(verify, signed, signer_client) -> None:
    said = refusal_of(verify, signed, ROOT, revocation=signer_client)

    assert "pass the mock itself" in said
    assert "pass the mock itself" in refusal_of(verify, signed, ROOT, revocation=True)


@pytest.mark.parametrize("wrong", [ARTIFACT["digest"], b"x", [ARTIFACT], 5])
def test_the_artifact_must_be_a_descriptor(wrong) -> None:
    said = refusal_of(verify_notation_envelope, ENVELOPE, ROOT, artifact=wrong)

    assert "a mapping with mediaType, digest and size" in said


@pytest.mark.parametrize("wrong", ["enforce", "", None, True, ["Warn"], {}])
def test_the_policy_is_one_of_two(wrong) -> None:
    assert "'Enforce' or 'Warn'" in refusal_of(verify_lambda_zip, ZIP, ROOT, policy=wrong)


@pytest.mark.parametrize("wrong", ["image", Path("image"), {"Body": b"image"}, 5])
def test_the_image_must_be_bytes(wrong) -> None:
    assert "source must be the image as bytes" in refusal_of(
        verify_iot_object, DOCUMENT, CERTIFICATE, wrong
    )
