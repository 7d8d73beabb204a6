"""Behaviours of the ledger, docs/fidelity.md, that no other file is about."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.constants import CERTIFICATE, IOT, NOTATION
from tests.helpers.refusals import expect_refusal


def test_a_period_on_a_platform_with_a_certificate_is_shown_but_ends_no_signature(
    signer_client, start_job
):
    period = {"value": 3, "type": "MONTHS"}
    signer_client.put_signing_profile(
        profileName="iot_profile",
        platformId=IOT,
        signingMaterial={"certificateArn": CERTIFICATE},
        signatureValidityPeriod=period,
    )
    profile = signer_client.get_signing_profile(profileName="iot_profile")
    assert profile["signatureValidityPeriod"] == period
    job = start_job(b"image", "iot_profile", key="image.bin")
    assert job["status"] == "Succeeded"
    assert "signatureExpiresAt" not in job


def test_signing_parameters_on_notation_are_refused_as_on_lambda(signer_client):
    expect_refusal(
        signer_client.put_signing_profile,
        400,
        "ValidationException",
        f"Signing parameters should not be present when using {NOTATION} platform",
        "InvalidProfileParameters",
        profileName="p1",
        platformId=NOTATION,
        signingParameters={"a": "b"},
    )


def test_a_prefix_is_optional_and_one_bucket_may_be_both(
    buckets, signer_client, lambda_profile, code_zip
):
    version = buckets.objects.put("src", "app.zip", code_zip)

    def signed_key(**destination: Any) -> str:
        job_id = signer_client.start_signing_job(
            source={"s3": {"bucketName": "src", "key": "app.zip", "version": version}},
            destination={"s3": {"bucketName": "src", **destination}},
            profileName=lambda_profile,
        )["jobId"]
        job = signer_client.describe_signing_job(jobId=job_id)
        key: str = job["signedObject"]["s3"]["key"]
        assert key.endswith(f"{job_id}.zip")
        return key.removesuffix(f"{job_id}.zip")

    assert [signed_key(), signed_key(prefix=""), signed_key(prefix="a/")] == ["", "", "a/"]
    assert len(buckets.objects.keys("src")) == 4


@pytest.mark.parametrize(
    ("platform_id", "name", "partner", "target", "encryption", "digest", "image", "size"),
    [
        (
            "AWSIoTDeviceManagement-SHA256-ECDSA",
            "AWS IoT Device Management SHA256-ECDSA ",
            "AWSIoTDeviceManagement",
            "SHA256-ECDSA",
            ["ECDSA"],
            "SHA256",
            "JSONDetached",
            2048,
        ),
        (
            "AmazonFreeRTOS-TI-CC3220SF",
            "Amazon FreeRTOS SHA1-RSA CC3220SF-Format",
            "AmazonFreeRTOS",
            "SHA1-RSA-TISHA1",
            ["RSA"],
            "SHA1",
            "JSONEmbedded",
            16,
        ),
        (
            "AmazonFreeRTOS-Default",
            "Amazon FreeRTOS SHA256-ECDSA",
            "AmazonFreeRTOS",
            "SHA256-ECDSA",
            ["ECDSA", "RSA"],
            "SHA256",
            "JSONEmbedded",
            16,
        ),
        (
            NOTATION,
            "Notation for container registries",
            "NotationOCI",
            "SHA384-ECDSA",
            ["ECDSA"],
            "SHA384",
            "JSONEmbedded",
            1,
        ),
    ],
)
def test_the_other_platforms_read_as_they_are_known_to(
    signer_client, platform_id, name, partner, target, encryption, digest, image, size
):
    platform = signer_client.get_signing_platform(platformId=platform_id)
    del platform["ResponseMetadata"]
    assert platform == {
        "platformId": platform_id,
        "displayName": name,
        "partner": partner,
        "target": target,
        "category": "AWS",
        "signingConfiguration": {
            "encryptionAlgorithmOptions": {
                "allowedValues": encryption,
                "defaultValue": encryption[0],
            },
            "hashAlgorithmOptions": {"allowedValues": [digest], "defaultValue": digest},
        },
        "signingImageFormat": {"supportedFormats": [image], "defaultFormat": image},
        "maxSizeInMB": size,
        "revocationSupported": platform_id == NOTATION,
    }


def test_a_listed_profile_reads_as_the_live_service_gives_it(signer_client):
    put = signer_client.put_signing_profile(profileName="notation_test", platformId=NOTATION)
    (profile,) = signer_client.list_signing_profiles()["profiles"]
    assert profile == {
        "profileName": "notation_test",
        "profileVersion": put["profileVersion"],
        "profileVersionArn": put["profileVersionArn"],
        "signingMaterial": {},
        "signatureValidityPeriod": {"value": 135, "type": "MONTHS"},
        "platformId": NOTATION,
        "platformDisplayName": "Notation for container registries",
        "status": "Active",
        "arn": put["arn"],
        "tags": {},
    }
