"""Certificates of moto's ACM: they sign with their own keys, and what ACM has not is refused."""

from __future__ import annotations

import base64
import json
import uuid
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from moto import mock_aws

from signer_mock import mock_signer
from signer_mock.errors import SignerMockError
from signer_mock.verify import IntegrityError, verify_iot_object
from tests.helpers.constants import ACCOUNT, FREERTOS, IOT, OTHER
from tests.helpers.moto import code_signing_pair, sign, upload
from tests.helpers.refusals import expect_refusal
from tests.helpers.signing import openssl

IMAGE = b"firmware " * 1000
UNKNOWN = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/{uuid.UUID(int=7)}"


def import_certificate(kind: str = "EC", acm: Any = None) -> str:
    certificate, key = code_signing_pair(kind)
    arn: str = (acm or boto3.client("acm")).import_certificate(
        Certificate=certificate, PrivateKey=key
    )["CertificateArn"]
    return arn


def put(
    arn: str, platform: str = IOT, name: str = "device", overrides: dict[str, Any] | None = None
) -> Any:
    return boto3.client("signer").put_signing_profile(
        profileName=name,
        platformId=platform,
        signingMaterial={"certificateArn": arn},
        overrides=overrides or {},
    )


def signed_image() -> tuple[dict[str, Any], bytes]:
    """A job of the profile ``device`` over an image, and the object that it wrote."""
    s3 = boto3.client("s3")
    job = sign(boto3.client("signer"), upload(s3, "code", "image.bin", IMAGE), "device")
    assert job["status"] == "Succeeded", job
    where = job["signedObject"]["s3"]
    return job, s3.get_object(Bucket=where["bucketName"], Key=where["key"])["Body"].read()


# Signing


RSA = {"signingConfiguration": {"encryptionAlgorithm": "RSA", "hashAlgorithm": "SHA256"}}


@pytest.mark.parametrize(
    ("kind", "platform", "overrides"),
    [("EC", IOT, {}), ("EC", FREERTOS, {}), ("RSA", FREERTOS, RSA)],
)
def test_openssl_verifies_an_image_under_the_certificate_that_moto_holds(
    both, tmp_path: Path, kind, platform, overrides
):
    arn = import_certificate(kind)
    put(arn, platform, overrides=overrides)

    job, document = signed_image()

    assert job["signingMaterial"] == {"certificateArn": arn}
    answer = boto3.client("acm").get_certificate(CertificateArn=arn)
    (tmp_path / "certificate.pem").write_text(answer["Certificate"])
    (tmp_path / "image").write_bytes(IMAGE)
    (tmp_path / "signature").write_bytes(base64.b64decode(json.loads(document)["signature"]))
    key = openssl("x509", "-in", tmp_path / "certificate.pem", "-noout", "-pubkey")
    (tmp_path / "key.pem").write_text(key.stdout)
    verify = "dgst -sha256 -verify key.pem -signature signature image".split()
    assert openssl(*verify, cwd=tmp_path).stdout.strip() == "Verified OK"
    (tmp_path / "image").write_bytes(IMAGE + b"!")
    assert openssl(*verify, cwd=tmp_path).returncode == 1


def test_the_account_shows_the_certificate_that_moto_holds(both):
    arn = import_certificate()
    assert both.account().certificate_pem(arn) == code_signing_pair()[0]
    with pytest.raises(SignerMockError, match="has no certificate"):
        both.account(OTHER).certificate_pem(arn)
    with pytest.raises(SignerMockError, match="has no certificate"):
        both.account().certificate_pem(UNKNOWN)


def test_a_certificate_imported_again_signs_with_its_new_key(both):
    arn = import_certificate()
    put(arn)
    certificate, key = code_signing_pair("EC 2")
    boto3.client("acm").import_certificate(
        CertificateArn=arn, Certificate=certificate, PrivateKey=key
    )
    _, document = signed_image()
    verify_iot_object(document, certificate, IMAGE)
    with pytest.raises(IntegrityError):
        verify_iot_object(document, code_signing_pair()[0], IMAGE)


def test_an_rsa_certificate_of_motos_fails_the_job_as_it_does_live(both):
    put(import_certificate("RSA"))
    source = upload(boto3.client("s3"), "code", "image.bin", IMAGE)
    job = sign(boto3.client("signer"), source, "device")
    assert (job["status"], job["statusReason"]) == ("Failed", "can't identify EC private key.")


def test_certificates_are_the_accounts_and_the_regions(both):
    account = both.account(OTHER)
    arn = import_certificate(acm=account.client("acm", "eu-west-1"))
    account.client("signer", "eu-west-1").put_signing_profile(
        profileName="device", platformId=IOT, signingMaterial={"certificateArn": arn}
    )
    assert arn.startswith(f"arn:aws:acm:eu-west-1:{OTHER}:")


def test_another_account_signs_with_the_owners_certificate(both):
    arn = import_certificate()
    put(arn)
    boto3.client("signer").add_profile_permission(
        profileName="device", action="signer:StartSigningJob", principal=OTHER, statementId="s"
    )
    account = both.account(OTHER)
    source = upload(account.client("s3"), "theirs", "image.bin", IMAGE)
    job = sign(account.client("signer"), source, "device", profileOwner=ACCOUNT)
    where = job["signedObject"]["s3"]
    document = account.client("s3").get_object(Bucket="theirs", Key=where["key"])["Body"].read()
    verify_iot_object(document, code_signing_pair()[0], IMAGE)


# What is refused


def certificate_of_the_profile(name: str = "device") -> str:
    profile = boto3.client("signer").get_signing_profile(profileName=name)
    return str(profile["signingMaterial"]["certificateArn"])


def expect_unknown(arn: str) -> None:
    expect_refusal(
        put,
        404,
        "ResourceNotFoundException",
        f"Could not find an issued certificate {arn}",
        "CertificateNotFound",
        arn=arn,
    )


@pytest.mark.parametrize("platform", [IOT, FREERTOS, "AmazonFreeRTOS-TI-CC3220SF"])
def test_a_certificate_that_acm_does_not_hold_is_not_found(both, platform):
    expect_refusal(
        put,
        404,
        "ResourceNotFoundException",
        f"Could not find an issued certificate {UNKNOWN}",
        "CertificateNotFound",
        arn=UNKNOWN,
        platform=platform,
    )
    assert boto3.client("signer").list_signing_profiles()["profiles"] == []


@pytest.fixture(params=["moto's ACM", "import_certificate"])
def bring(request, both) -> Any:
    """Import a certificate with an extended key usage, in each way; returns its ARN."""

    def certificate(purpose: Any) -> str:
        pair = code_signing_pair("EC", purpose)
        if request.param == "import_certificate":
            return str(both.account().import_certificate(*pair))
        acm = boto3.client("acm")
        arn = acm.import_certificate(Certificate=pair[0], PrivateKey=pair[1])["CertificateArn"]
        return str(arn)

    return certificate


@pytest.mark.parametrize("purpose", ["SERVER_AUTH", "CLIENT_AUTH", "TIME_STAMPING"])
def test_a_certificate_for_another_purpose_than_signing_code_is_refused(bring, purpose):
    expect_refusal(
        put,
        400,
        "ValidationException",
        "Invalid EKU in Certificate. Valid EKU values are CodeSigning or ANY.",
        arn=bring(getattr(ExtendedKeyUsageOID, purpose)),
    )
    assert boto3.client("signer").list_signing_profiles()["profiles"] == []


@pytest.mark.parametrize("purpose", ["CODE_SIGNING", "ANY_EXTENDED_KEY_USAGE", None])
def test_a_certificate_for_code_signing_or_for_any_purpose_is_taken(bring, purpose):
    put(bring(purpose and getattr(ExtendedKeyUsageOID, purpose)))


def test_a_deleted_certificate_is_not_found(both):
    arn = import_certificate()
    boto3.client("acm").delete_certificate(CertificateArn=arn)
    expect_unknown(arn)


def test_a_certificate_of_another_account_is_not_owned(both):
    arn = import_certificate(acm=both.account(OTHER).client("acm"))
    expect_refusal(
        put,
        400,
        "ValidationException",
        f"{arn} is not owned by {ACCOUNT}",
        "ValidationException",
        arn=arn,
    )


def test_a_certificate_of_another_region_is_no_certificate_here(both):
    arn = import_certificate(acm=boto3.client("acm", "eu-west-1"))
    expect_refusal(
        put,
        400,
        "ValidationException",
        f"{arn} is not a valid ACM certificate ARN",
        "ValidationException",
        arn=arn,
    )


def test_a_certificate_that_waits_for_validation_is_not_issued(both):
    arn = boto3.client("acm").request_certificate(DomainName="example.com")["CertificateArn"]
    expect_refusal(
        put, 400, "ValidationException", "Certificate is not Issued", "ValidationException", arn=arn
    )


def test_a_certificate_that_moto_has_validated_meanwhile_is_issued(both, monkeypatch):
    arn = boto3.client("acm").request_certificate(DomainName="example.com")["CertificateArn"]
    monkeypatch.setattr("moto.settings.ACM_VALIDATION_WAIT", -1)
    put(arn)
    assert certificate_of_the_profile() == arn


def test_a_certificate_that_has_expired_is_not_issued(both):
    arn = import_certificate()
    _expire(arn)
    expect_refusal(
        put, 400, "ValidationException", "Certificate is not Issued", "ValidationException", arn=arn
    )


def test_the_name_is_looked_at_before_the_certificate(both):
    put(import_certificate())
    expect_refusal(
        put,
        400,
        "ValidationException",
        "Profile with name device already exists",
        "ProfileAlreadyExists",
        arn=UNKNOWN,
    )


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (
            lambda acm, arn: acm.delete_certificate(CertificateArn=arn),
            "Could not find an issued certificate {arn}",
        ),
        (lambda acm, arn: _expire(arn), "Certificate is not Issued"),
    ],
    ids=["deleted", "expired"],
)
def test_a_certificate_that_went_since_fails_the_job(both, spoil, reason):
    arn = import_certificate()
    put(arn)
    spoil(boto3.client("acm"), arn)
    source = upload(boto3.client("s3"), "code", "image.bin", IMAGE)
    job = sign(boto3.client("signer"), source, "device")
    assert (job["status"], job["statusReason"]) == ("Failed", reason.format(arn=arn))


def _expire(arn: str) -> None:
    from moto.acm.models import acm_backends

    acm_backends[ACCOUNT]["us-east-1"]._certificates[arn].status = "EXPIRED"


# When ACM is asked


def test_certificates_that_the_mock_holds_itself_need_no_acm(both):
    arn = both.account().import_certificate(*code_signing_pair())
    put(arn)
    _, document = signed_image()
    verify_iot_object(document, code_signing_pair()[0], IMAGE)


@mock_signer
def test_without_an_acm_any_certificate_of_the_account_is_accepted():
    put(UNKNOWN)
    assert certificate_of_the_profile() == UNKNOWN


@mock_signer
def test_acm_is_asked_for_as_long_as_moto_is_active():
    with mock_aws():
        expect_unknown(UNKNOWN)
    put(UNKNOWN)


def test_a_moto_configured_without_acm_is_not_asked():
    with mock_aws(config={"core": {"service_whitelist": ["s3"]}}), mock_signer():
        put(UNKNOWN)
        assert certificate_of_the_profile() == UNKNOWN


def test_asking_for_motos_s3_asks_for_no_acm_until_it_is_used():
    with mock_signer(s3="moto") as mock:
        put(UNKNOWN)
        _, document = signed_image()
        verify_iot_object(document, mock.account().certificate_pem(UNKNOWN), IMAGE)
        put(import_certificate(), name="other")
        expect_refusal(
            put,
            404,
            "ResourceNotFoundException",
            f"Could not find an issued certificate {UNKNOWN[:-1]}8",
            "CertificateNotFound",
            arn=f"{UNKNOWN[:-1]}8",
            name="third",
        )


@pytest.mark.parametrize("moved", ["acm_backends", "_certificates"])
def test_a_moto_that_keeps_its_certificates_elsewhere_is_not_asked(both, monkeypatch, moved):
    from moto.acm import models

    import_certificate()
    if moved == "acm_backends":
        monkeypatch.delattr(models, moved)
    else:
        monkeypatch.delattr(models.acm_backends[ACCOUNT]["us-east-1"], moved)
    put(UNKNOWN)
    assert certificate_of_the_profile() == UNKNOWN
