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


def test_an_unknown_platform_is_not_found(signer_client):
    expect_refusal(
        signer_client.get_signing_platform,
        404,
        "ResourceNotFoundException",
        "Signing platform with id Nope-SHA1 does not exist.",
        "PlatformNotFound",
        platformId="Nope-SHA1",
    )
