"""ListSigningPlatforms and GetSigningPlatform."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.refusals import expect_refusal

ALL = [
    "AWSIoTDeviceManagement-SHA256-ECDSA",
    "AWSLambda-SHA384-ECDSA",
    "AmazonFreeRTOS-TI-CC3220SF",
    "AmazonFreeRTOS-Default",
    "Notation-OCI-SHA384-ECDSA",
]


def names(answer: dict[str, Any]) -> list[str]:
    return [platform["platformId"] for platform in answer["platforms"]]


def test_all_five_platforms_are_listed_in_the_order_of_the_live_service(signer_client):
    assert names(signer_client.list_signing_platforms()) == ALL


def test_a_platform_reads_as_the_live_service_gives_it(signer_client):
    platform = signer_client.get_signing_platform(platformId="AWSLambda-SHA384-ECDSA")
    del platform["ResponseMetadata"]
    assert platform == {
        "platformId": "AWSLambda-SHA384-ECDSA",
        "displayName": "AWS Lambda",
        "partner": "AWSLambda",
        "target": "SHA384-ECDSA",
        "category": "AWS",
        "signingConfiguration": {
            "encryptionAlgorithmOptions": {"allowedValues": ["ECDSA"], "defaultValue": "ECDSA"},
            "hashAlgorithmOptions": {"allowedValues": ["SHA384"], "defaultValue": "SHA384"},
        },
        "signingImageFormat": {
            "supportedFormats": ["JSONDetached"],
            "defaultFormat": "JSONDetached",
        },
        "maxSizeInMB": 250,
        "revocationSupported": True,
    }


@pytest.mark.parametrize("platform_id", ALL)
def test_get_and_list_agree_on_every_platform(signer_client, platform_id):
    got = signer_client.get_signing_platform(platformId=platform_id)
    del got["ResponseMetadata"]
    assert got in signer_client.list_signing_platforms()["platforms"]


def test_the_display_name_of_iot_ends_in_the_real_trailing_space(signer_client):
    platform = signer_client.get_signing_platform(platformId=ALL[0])
    assert platform["displayName"] == "AWS IoT Device Management SHA256-ECDSA "


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"partner": "AmazonFreeRTOS"}, ["AmazonFreeRTOS-TI-CC3220SF", "AmazonFreeRTOS-Default"]),
        ({"target": "SHA384-ECDSA"}, ["AWSLambda-SHA384-ECDSA", "Notation-OCI-SHA384-ECDSA"]),
        ({"category": "AWS"}, ALL),
        ({"category": "AWSIoT"}, []),
        ({"partner": "AmazonFreeRTOS", "target": "SHA256-ECDSA"}, ["AmazonFreeRTOS-Default"]),
    ],
)
def test_platforms_are_filtered_by_category_partner_and_target(signer_client, filters, expected):
    assert names(signer_client.list_signing_platforms(**filters)) == expected


def test_platforms_come_page_by_page(signer_client):
    pages = signer_client.get_paginator("list_signing_platforms").paginate(
        PaginationConfig={"PageSize": 2}
    )
    assert [names(page) for page in pages] == [ALL[:2], ALL[2:4], ALL[4:]]


GOVCLOUD = ["AWSLambda-SHA384-ECDSA", "Notation-OCI-SHA384-ECDSA"]


@pytest.mark.parametrize("region", ["us-gov-west-1", "us-gov-east-1"])
def test_govcloud_has_lambda_and_notation_only(signer_mock, region):
    client = signer_mock.client("signer", region)
    assert names(client.list_signing_platforms()) == GOVCLOUD
    for platform_id in GOVCLOUD:
        assert client.get_signing_platform(platformId=platform_id)["platformId"] == platform_id
        client.put_signing_profile(profileName=platform_id[:5], platformId=platform_id)


@pytest.mark.parametrize("platform_id", [name for name in ALL if name not in GOVCLOUD])
def test_govcloud_takes_no_other_platform(signer_mock, platform_id):
    client = signer_mock.client("signer", "us-gov-west-1")
    expect_refusal(
        client.get_signing_platform,
        404,
        "ResourceNotFoundException",
        f"Signing platform with id {platform_id} does not exist.",
        "PlatformNotFound",
        platformId=platform_id,
    )
    arn = "arn:aws-us-gov:acm:us-gov-west-1:123456789012:certificate/"
    expect_refusal(
        client.put_signing_profile,
        400,
        "ValidationException",
        f"Invalid platformId: {platform_id}",
        "InvalidPlatformId",
        profileName="p1",
        platformId=platform_id,
        signingMaterial={"certificateArn": arn + "0f5c9d0e-1111-4222-8333-444455556666"},
    )


@pytest.mark.parametrize("region", ["cn-north-1", "eusc-de-east-1"])
def test_other_partitions_have_all_platforms(signer_mock, region):
    assert names(signer_mock.client("signer", region).list_signing_platforms()) == ALL


def test_an_unknown_platform_is_not_found(signer_client):
    expect_refusal(
        signer_client.get_signing_platform,
        404,
        "ResourceNotFoundException",
        "Signing platform with id Nope-SHA1 does not exist.",
        "PlatformNotFound",
        platformId="Nope-SHA1",
    )
