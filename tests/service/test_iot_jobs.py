"""Jobs of the platforms that sign with a certificate of the user's: AWS IoT and FreeRTOS."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from signer_mock._signing.ca.certificates import make_code_signing_certificate
from signer_mock.errors import SignerMockError
from tests.helpers.constants import ACCOUNT, FREERTOS, IOT
from tests.helpers.refusals import expect_refusal

TI = "AmazonFreeRTOS-TI-CC3220SF"
UNIMPORTED = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/11111111-2222-4333-8444-555555555555"
IMAGE = b"\x7fELF firmware image \x00\xff" * 500
RSA_OVERRIDE = {"signingConfiguration": {"encryptionAlgorithm": "RSA", "hashAlgorithm": "SHA256"}}

Import = Callable[[str], str]


@pytest.fixture(scope="module")
def key_pairs() -> dict[str, tuple[bytes, bytes]]:
    """A certificate and its key of each kind; an RSA key takes its time."""
    import datetime as dt

    now = dt.datetime.now(dt.timezone.utc)
    return {
        "ECDSA": make_code_signing_certificate("device", "ECDSA", now),
        "RSA": make_code_signing_certificate("device", "RSA", now),
    }


@pytest.fixture
def imported(signer_mock: Any, key_pairs: dict[str, tuple[bytes, bytes]]) -> Import:
    """Import a certificate of a kind; returns its ARN."""

    def certificate(kind: str) -> str:
        return str(signer_mock.account().import_certificate(*key_pairs[kind]))

    return certificate


def put(client: Any, platform: str, certificate_arn: str, **params: Any) -> str:
    client.put_signing_profile(
        profileName="device_profile",
        platformId=platform,
        signingMaterial={"certificateArn": certificate_arn},
        **params,
    )
    return "device_profile"


def document(mock: Any, job: dict[str, Any]) -> dict[str, Any]:
    """The signed object of a job, which must be compact JSON."""
    data = mock.objects.get("dst", job["signedObject"]["s3"]["key"])
    parsed: dict[str, Any] = json.loads(data)
    assert data == json.dumps(parsed, separators=(",", ":")).encode()
    return parsed


def verify(certificate_pem: bytes, document: dict[str, Any], image: bytes) -> None:
    """Verify a document's signature with `cryptography`; raises InvalidSignature."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    hash_name, _, kind = document["signatureAlgorithm"].partition("with")
    digest = {"SHA256": hashes.SHA256, "SHA1": hashes.SHA1}[hash_name]()
    key = x509.load_pem_x509_certificate(certificate_pem).public_key()
    signature = base64.b64decode(document["signature"], validate=True)
    if kind == "ECDSA":
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(signature, image, ec.ECDSA(digest))
    else:
        assert isinstance(key, rsa.RSAPublicKey)
        key.verify(signature, image, padding.PKCS1v15(), digest)


# What is signed


@pytest.mark.parametrize(
    ("platform", "kind", "overrides", "algorithm"),
    [
        (IOT, "ECDSA", None, "SHA256withECDSA"),
        (FREERTOS, "ECDSA", None, "SHA256withECDSA"),
        (FREERTOS, "RSA", RSA_OVERRIDE, "SHA256withRSA"),
        (TI, "RSA", None, "SHA1withRSA"),
    ],
)
@pytest.mark.parametrize("is_imported", [True, False])
def test_the_image_is_signed_with_the_key_behind_the_certificate(
    signer_mock,
    signer_client,
    start_job,
    imported,
    platform,
    kind,
    overrides,
    algorithm,
    is_imported,
):
    arn = imported(kind) if is_imported else UNIMPORTED
    extra = {"overrides": overrides} if overrides else {}
    job = start_job(IMAGE, put(signer_client, platform, arn, **extra), key="image.bin")
    assert (job["status"], job["statusReason"]) == ("Succeeded", "Signing Succeeded")
    signed = document(signer_mock, job)
    assert signed["signatureAlgorithm"] == algorithm
    assert signed["rawPayloadSize"] == len(IMAGE)
    certificate = signer_mock.account().certificate_pem(arn)
    verify(certificate, signed, IMAGE)

    from cryptography.exceptions import InvalidSignature

    with pytest.raises(InvalidSignature):
        verify(certificate, signed, IMAGE + b"!")


def test_an_iot_document_points_to_the_image_in_s3(signer_mock, signer_client, start_job, imported):
    job = start_job(IMAGE, put(signer_client, IOT, imported("ECDSA")), key="ota_all.bin")
    signed = document(signer_mock, job)
    assert list(signed) == ["rawPayloadSize", "signature", "signatureAlgorithm", "payloadLocation"]
    assert signed["payloadLocation"] == {
        "s3": {"bucketName": "src", "key": "ota_all.bin", "version": job["source"]["s3"]["version"]}
    }


@pytest.mark.parametrize("platform", [FREERTOS, TI])
def test_a_freertos_document_carries_the_image(
    signer_mock, signer_client, start_job, imported, platform
):
    arn = imported("ECDSA" if platform == FREERTOS else "RSA")
    signed = document(signer_mock, start_job(IMAGE, put(signer_client, platform, arn)))
    assert list(signed) == ["rawPayloadSize", "signature", "signatureAlgorithm", "payload"]
    assert base64.b64decode(signed["payload"], validate=True) == IMAGE


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command")
@pytest.mark.parametrize(("platform", "kind"), [(IOT, "ECDSA"), (TI, "RSA")])
def test_openssl_says_verified_ok(
    signer_mock, signer_client, start_job, imported, tmp_path, platform, kind
):
    arn = imported(kind)
    signed = document(signer_mock, start_job(IMAGE, put(signer_client, platform, arn)))
    files = {
        "certificate.pem": signer_mock.account().certificate_pem(arn),
        "signature": base64.b64decode(signed["signature"]),
        "image": IMAGE,
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    public_key = openssl(tmp_path, "x509", "-in", "certificate.pem", "-noout", "-pubkey")
    (tmp_path / "key.pem").write_text(public_key)
    digest = "-sha1" if platform == TI else "-sha256"
    answer = openssl(
        tmp_path, "dgst", digest, "-verify", "key.pem", "-signature", "signature", "image"
    )
    assert answer == "Verified OK\n"


def openssl(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["openssl", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


def test_an_iot_job_reads_as_the_live_service_gives_it(
    signer_mock, signer_client, start_job, imported
):
    arn = imported("ECDSA")
    parameters = {"certificatePathOnDevice": "x.pem", "certname": "y"}
    name = put(signer_client, IOT, arn, signingParameters=parameters)
    job = start_job(IMAGE, name, key="ota_all.bin", prefix="signed-")
    del job["ResponseMetadata"]
    assert job == {
        "jobId": job["jobId"],
        "source": {
            "s3": {
                "bucketName": "src",
                "key": "ota_all.bin",
                "version": job["source"]["s3"]["version"],
            }
        },
        "signingMaterial": {"certificateArn": arn},
        "platformId": IOT,
        "platformDisplayName": "AWS IoT Device Management SHA256-ECDSA ",
        "profileName": name,
        "profileVersion": job["profileVersion"],
        "signingParameters": parameters,
        "createdAt": job["createdAt"],
        "completedAt": job["createdAt"],
        "requestedBy": f"arn:aws:iam::{ACCOUNT}:root",
        "status": "Succeeded",
        "statusReason": "Signing Succeeded",
        "signedObject": {"s3": {"bucketName": "dst", "key": f"signed-{job['jobId']}"}},
        "jobOwner": ACCOUNT,
        "jobInvoker": ACCOUNT,
    }
    assert job["createdAt"].microsecond == 0
    (listed,) = signer_client.list_signing_jobs()["jobs"]
    assert "signatureExpiresAt" not in listed
    assert listed["isRevoked"] is False


def test_overrides_are_shown_by_profile_and_job(signer_client, start_job, imported):
    name = put(signer_client, FREERTOS, imported("RSA"), overrides=RSA_OVERRIDE)
    assert signer_client.get_signing_profile(profileName=name)["overrides"] == RSA_OVERRIDE
    assert start_job(IMAGE, name)["overrides"] == RSA_OVERRIDE


def test_zip_in_the_key_means_nothing_to_iot(signer_client, start_job, imported):
    job = start_job(IMAGE, put(signer_client, IOT, imported("ECDSA")), key="a.zip", prefix="p/")
    assert job["signedObject"]["s3"]["key"] == f"p/{job['jobId']}"


def test_an_empty_image_can_be_signed(signer_mock, signer_client, start_job, imported):
    arn = imported("ECDSA")
    signed = document(signer_mock, start_job(b"", put(signer_client, IOT, arn)))
    assert signed["rawPayloadSize"] == 0
    verify(signer_mock.account().certificate_pem(arn), signed, b"")


# What fails a job


@pytest.mark.parametrize(
    ("platform", "kind", "overrides", "reason"),
    [
        (IOT, "RSA", {}, "can't identify EC private key."),
        (FREERTOS, "RSA", {}, "can't identify EC private key."),
        (FREERTOS, "ECDSA", {"overrides": RSA_OVERRIDE}, "can't identify RSA private key."),
        (TI, "ECDSA", {}, "can't identify RSA private key."),
    ],
)
def test_a_certificate_of_the_other_kind_fails_the_job(
    signer_mock, signer_client, start_job, imported, platform, kind, overrides, reason
):
    job = start_job(IMAGE, put(signer_client, platform, imported(kind), **overrides))
    assert (job["status"], job["statusReason"]) == ("Failed", reason)
    assert "signedObject" not in job
    (listed,) = signer_client.list_signing_jobs(status="Failed")["jobs"]
    assert listed["jobId"] == job["jobId"]
    assert "signatureExpiresAt" not in listed
    assert signer_mock.objects.keys("dst") == []


def test_one_certificate_serves_all_profiles_that_name_it(
    signer_mock, signer_client, start_job, imported
):
    start_job(IMAGE, put(signer_client, IOT, UNIMPORTED))
    first = signer_mock.account().certificate_pem(UNIMPORTED)
    signer_client.put_signing_profile(
        profileName="second",
        platformId=FREERTOS,
        signingMaterial={"certificateArn": UNIMPORTED},
    )
    signed = document(signer_mock, start_job(IMAGE, "second"))
    assert signer_mock.account().certificate_pem(UNIMPORTED) == first
    verify(first, signed, IMAGE)


def test_a_certificate_that_no_job_has_used_yet_is_not_there(signer_mock, signer_client):
    put(signer_client, IOT, UNIMPORTED)
    with pytest.raises(SignerMockError, match=r"run a signing job of a profile that names it"):
        signer_mock.account().certificate_pem(UNIMPORTED)


# What a profile may ask for


@pytest.mark.parametrize(
    ("platform", "overrides", "complaint"),
    [
        (
            IOT,
            {"signingConfiguration": {"encryptionAlgorithm": "RSA", "hashAlgorithm": "SHA256"}},
            (
                "The encryption algorithm RSA is not supported by platform {}. It must be one of "
                "[ECDSA]."
            ),
        ),
        (
            FREERTOS,
            {"signingConfiguration": {"encryptionAlgorithm": "ECDSA", "hashAlgorithm": "SHA1"}},
            "The hash algorithm SHA1 is not supported by platform {}. It must be one of [SHA256].",
        ),
        (
            TI,
            {"signingConfiguration": {"encryptionAlgorithm": "RSA", "hashAlgorithm": "SHA256"}},
            "The hash algorithm SHA256 is not supported by platform {}. It must be one of [SHA1].",
        ),
        (
            FREERTOS,
            {"signingImageFormat": "JSONDetached"},
            (
                "The signing image format JSONDetached is not supported by platform {}. It must be "
                "one of [JSONEmbedded]."
            ),
        ),
    ],
)
def test_an_override_that_the_platform_does_not_have_is_refused(
    signer_client, platform, overrides, complaint
):
    expect_refusal(
        signer_client.put_signing_profile,
        400,
        "ValidationException",
        complaint.format(platform),
        "InvalidProfileParameters",
        profileName="device_profile",
        platformId=platform,
        signingMaterial={"certificateArn": UNIMPORTED},
        overrides=overrides,
    )


@pytest.mark.parametrize("platform", [IOT, FREERTOS, TI])
@pytest.mark.parametrize(
    "arn",
    [
        "no ARN, but twenty characters",
        UNIMPORTED.replace("us-east-1", "eu-west-1"),
        UNIMPORTED.replace("arn:aws:", "arn:aws-cn:"),
        UNIMPORTED.replace("arn:aws:acm:", "arn:aws:iam:"),
        UNIMPORTED.replace(":certificate/", ":server-certificate/"),
        UNIMPORTED + "/2",
        UNIMPORTED[:-1],
        UNIMPORTED.replace("-", ""),
        UNIMPORTED[:-1] + "g",
        UNIMPORTED[:-1] + "ä",
        f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/",
        # The form is checked before the owner.
        UNIMPORTED.replace(ACCOUNT, "12345678901"),
        UNIMPORTED.replace(ACCOUNT, "account"),
        UNIMPORTED.replace(ACCOUNT, "210987654321")[:-1],
        UNIMPORTED.replace(ACCOUNT, "210987654321").replace("arn:aws:", "arn:aws-us-gov:"),
    ],
)
def test_what_is_no_certificate_of_acm_in_this_region_is_refused(signer_client, platform, arn):
    expect_refusal(
        signer_client.put_signing_profile,
        400,
        "ValidationException",
        f"{arn} is not a valid ACM certificate ARN",
        profileName="device_profile",
        platformId=platform,
        signingMaterial={"certificateArn": arn},
    )
