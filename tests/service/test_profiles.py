"""PutSigningProfile, GetSigningProfile, ListSigningProfiles, CancelSigningProfile."""

from __future__ import annotations

import re
import string
from typing import Any

import pytest

from signer_mock import ActivationError
from tests.helpers.constants import CERTIFICATE, FREERTOS, IOT, LAMBDA, NOTATION, PAYLOAD_FORMAT
from tests.helpers.refusals import expect_refusal

MATERIAL = {"certificateArn": CERTIFICATE}
ACCOUNT_ARN = "arn:aws:signer:us-east-1:123456789012:"


def test_put_answers_with_the_arns_of_a_new_profile_and_its_version(signer_client):
    answer = signer_client.put_signing_profile(profileName="web_release", platformId=LAMBDA)

    assert answer["arn"] == f"{ACCOUNT_ARN}/signing-profiles/web_release"
    assert re.fullmatch(r"[A-Za-z0-9]{10}", answer["profileVersion"])
    assert answer["profileVersionArn"] == f"{answer['arn']}/{answer['profileVersion']}"


def test_versions_are_of_upper_case_lower_case_and_digits(signer_client):
    versions = [
        signer_client.put_signing_profile(profileName=f"p{n:02}", platformId=LAMBDA)[
            "profileVersion"
        ]
        for n in range(40)
    ]
    assert all(re.fullmatch(r"[A-Za-z0-9]{10}", version) for version in versions)
    # Of 400 random characters of 62, more than half of the alphabet is met.
    met = set("".join(versions))
    for alphabet in (string.ascii_uppercase, string.ascii_lowercase, string.digits):
        assert len(met & set(alphabet)) > len(alphabet) / 2
    assert len(set(versions)) == 40


def test_a_profile_of_a_managed_platform_shows_an_empty_material_and_135_months(signer_client):
    put = signer_client.put_signing_profile(profileName="web_release", platformId=NOTATION)
    profile = signer_client.get_signing_profile(profileName="web_release")
    del profile["ResponseMetadata"], put["ResponseMetadata"]

    assert profile == {
        **put,
        "profileName": "web_release",
        "signingMaterial": {},
        "platformId": NOTATION,
        "platformDisplayName": "Notation for container registries",
        "signatureValidityPeriod": {"value": 135, "type": "MONTHS"},
        "status": "Active",
        "tags": {},
    }


def test_a_profile_with_a_certificate_shows_all_that_it_was_given(signer_client):
    given = {
        "signingMaterial": MATERIAL,
        "signingParameters": {"certname": "thing", "certificatePathOnDevice": "x.pem"},
        "overrides": {
            "signingConfiguration": {"encryptionAlgorithm": "ECDSA", "hashAlgorithm": "SHA256"},
            "signingImageFormat": "JSONDetached",
        },
        "tags": {"team": "firmware"},
    }
    signer_client.put_signing_profile(profileName="ota", platformId=IOT, **given)
    profile = signer_client.get_signing_profile(profileName="ota")

    assert {name: profile[name] for name in given} == given


@pytest.mark.parametrize("platform", [IOT, FREERTOS, LAMBDA, NOTATION])
def test_without_a_period_every_profile_shows_135_months(signer_client, platform):
    material = {"signingMaterial": MATERIAL} if platform in (IOT, FREERTOS) else {}
    signer_client.put_signing_profile(profileName="p1", platformId=platform, **material)
    months = {"value": 135, "type": "MONTHS"}
    (listed,) = signer_client.list_signing_profiles()["profiles"]
    assert signer_client.get_signing_profile(profileName="p1")["signatureValidityPeriod"] == months
    assert listed["signatureValidityPeriod"] == months


@pytest.mark.parametrize(
    "period",
    [
        {"value": 135, "type": "MONTHS"},
        {"value": 11, "type": "YEARS"},
        {"value": 4109, "type": "DAYS"},
        {"value": 1, "type": "DAYS"},
    ],
)
def test_a_validity_period_up_to_the_longest_is_taken(signer_client, period):
    signer_client.put_signing_profile(
        profileName="p1", platformId=LAMBDA, signatureValidityPeriod=period
    )
    assert signer_client.get_signing_profile(profileName="p1")["signatureValidityPeriod"] == period


@pytest.mark.parametrize(
    ("period", "longest"),
    [
        ({"value": 136, "type": "MONTHS"}, "135 MONTHS"),
        ({"value": 12, "type": "YEARS"}, "11 YEARS"),
        ({"value": 4110, "type": "DAYS"}, "4109 DAYS"),
        ({"value": 0, "type": "DAYS"}, "4109 DAYS"),
        ({"value": -1, "type": "MONTHS"}, "135 MONTHS"),
    ],
)
def test_a_validity_period_beyond_the_bounds_is_refused(signer_client, period, longest):
    expect_refusal(
        signer_client.put_signing_profile,
        400,
        "ValidationException",
        f"Signature validity period must be between 1 and {longest}, "
        f"but was {period['value']} {period['type']}.",
        "InvalidProfileParameters",
        profileName="p1",
        platformId=LAMBDA,
        signatureValidityPeriod=period,
    )


@pytest.mark.parametrize("period", [{"value": 5}, {"type": "DAYS"}])
def test_half_a_validity_period_is_shown_as_given_and_signatures_last_135_months(
    signer_mock, signer_client, start_job, code_zip, period
):
    signer_mock.clock.freeze("2026-01-31T12:00:00Z")
    signer_client.put_signing_profile(
        profileName="p1", platformId=LAMBDA, signatureValidityPeriod=period
    )
    assert signer_client.get_signing_profile(profileName="p1")["signatureValidityPeriod"] == period
    expires_at = start_job(code_zip, "p1")["signatureExpiresAt"]
    assert expires_at.isoformat() == "2037-04-30T12:00:00+00:00"


@pytest.mark.parametrize("value", [0, -1])
def test_a_value_without_a_type_has_a_lower_bound_only(signer_client, value):
    call = {"profileName": "p1", "platformId": LAMBDA}
    expect_refusal(
        signer_client.put_signing_profile,
        400,
        "ValidationException",
        f"Signature validity period must be at least 1, but was {value}.",
        "InvalidProfileParameters",
        signatureValidityPeriod={"value": value},
        **call,
    )
    signer_client.put_signing_profile(signatureValidityPeriod={"value": 5000}, **call)


def test_put_creates_only(signer_client, lambda_profile):
    for again in (LAMBDA, NOTATION):
        expect_refusal(
            signer_client.put_signing_profile,
            400,
            "ValidationException",
            "Profile with name lambda_profile already exists",
            "ProfileAlreadyExists",
            profileName=lambda_profile,
            platformId=again,
        )


def test_the_name_of_a_canceled_profile_stays_taken(signer_client, lambda_profile):
    signer_client.cancel_signing_profile(profileName=lambda_profile)
    expect_refusal(
        signer_client.put_signing_profile,
        400,
        "ValidationException",
        "Profile with name lambda_profile already exists",
        "ProfileAlreadyExists",
        profileName=lambda_profile,
        platformId=LAMBDA,
    )


REFUSED_PUTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "an unknown platform": (
        {"platformId": "Nope"},
        "Invalid platformId: Nope",
        "InvalidPlatformId",
    ),
    "an algorithm that the platform lacks": (
        {
            "platformId": IOT,
            "signingMaterial": MATERIAL,
            "overrides": {"signingConfiguration": {"encryptionAlgorithm": "RSA"}},
        },
        (
            f"The encryption algorithm RSA is not supported by platform {IOT}. "
            "It must be one of [ECDSA]."
        ),
        "InvalidProfileParameters",
    ),
    "a hash that the platform lacks": (
        {
            "platformId": LAMBDA,
            "overrides": {"signingConfiguration": {"hashAlgorithm": "SHA1"}},
        },
        (
            f"The hash algorithm SHA1 is not supported by platform {LAMBDA}. "
            "It must be one of [SHA384]."
        ),
        "InvalidProfileParameters",
    ),
    "an image format that the platform lacks": (
        {
            "platformId": IOT,
            "signingMaterial": MATERIAL,
            "overrides": {"signingImageFormat": "JSONEmbedded"},
        },
        (
            f"The signing image format JSONEmbedded is not supported by platform {IOT}. "
            "It must be one of [JSONDetached]."
        ),
        "InvalidProfileParameters",
    ),
}


@pytest.mark.parametrize("case", REFUSED_PUTS)
def test_put_refuses(signer_client, case):
    params, message, code = REFUSED_PUTS[case]
    expect_refusal(
        signer_client.put_signing_profile,
        400,
        "ValidationException",
        message,
        code,
        profileName="p1",
        **params,
    )
    assert signer_client.list_signing_profiles(includeCanceled=True)["profiles"] == []


def test_a_hash_beyond_the_models_enumeration_is_taken_where_the_platform_has_it(signer_client):
    signer_client.put_signing_profile(
        profileName="p1",
        platformId=LAMBDA,
        overrides={"signingConfiguration": {"hashAlgorithm": "SHA384"}},
    )
    profile = signer_client.get_signing_profile(profileName="p1")
    assert profile["overrides"]["signingConfiguration"] == {"hashAlgorithm": "SHA384"}


@pytest.mark.parametrize("operation", ["get_signing_profile", "cancel_signing_profile"])
def test_an_unknown_profile_is_not_found(signer_client, operation):
    expect_refusal(
        getattr(signer_client, operation),
        404,
        "ResourceNotFoundException",
        "Signing Profile with name nope does not exist.",
        "ProfileNotFound",
        profileName="nope",
    )


def test_cancel_is_permanent_and_may_be_repeated(signer_client, lambda_profile):
    for _ in range(2):
        answer = signer_client.cancel_signing_profile(profileName=lambda_profile)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
        profile = signer_client.get_signing_profile(profileName=lambda_profile)
        assert profile["status"] == "Canceled"


def test_a_canceled_profile_is_kept_for_two_years(signer_mock, signer_client, lambda_profile):
    signer_mock.clock.freeze("2026-02-28T12:00:00Z")
    signer_client.cancel_signing_profile(profileName=lambda_profile)

    signer_mock.clock.freeze("2028-02-28T11:59:59Z")
    assert signer_client.get_signing_profile(profileName=lambda_profile)["status"] == "Canceled"

    signer_mock.clock.freeze("2028-02-28T12:00:00Z")
    expect_refusal(
        signer_client.get_signing_profile,
        404,
        "ResourceNotFoundException",
        "Signing Profile with name lambda_profile does not exist.",
        "ProfileNotFound",
        profileName=lambda_profile,
    )
    signer_client.put_signing_profile(profileName=lambda_profile, platformId=LAMBDA)


@pytest.mark.parametrize(
    ("validity", "last_day"),
    [(10, "2026-09-11"), (400, "2027-10-05")],
    ids=["ten days", "400 days"],
)
def test_profiles_may_be_kept_for_six_months_after_their_last_signature(
    signer_mock, signer_client, validity, last_day
):
    signer_mock.profile_retention = "signatures"
    signer_client.put_signing_profile(
        profileName="p1",
        platformId=NOTATION,
        signatureValidityPeriod={"value": validity, "type": "DAYS"},
    )
    for day in ("2026-02-01", "2026-03-01"):
        signer_mock.clock.freeze(f"{day}T12:00:00Z")
        signer_client.sign_payload(profileName="p1", payload=b"{}", payloadFormat=PAYLOAD_FORMAT)
    signer_client.cancel_signing_profile(profileName="p1")

    def names() -> list[str]:
        profiles = signer_client.list_signing_profiles(includeCanceled=True)["profiles"]
        return [profile["profileName"] for profile in profiles]

    signer_mock.clock.freeze(f"{last_day}T12:00:00Z")
    signer_mock.clock.advance(seconds=1)
    assert names() == []
    signer_mock.clock.advance(seconds=-2)
    assert names() == ["p1"]
    assert signer_client.get_signing_profile(profileName="p1")["status"] == "Canceled"


def test_signatures_of_another_profile_keep_no_profile(signer_mock, signer_client):
    signer_mock.profile_retention = "signatures"
    signer_mock.clock.freeze("2026-03-01T12:00:00Z")
    for name in ("unused", "used"):
        signer_client.put_signing_profile(profileName=name, platformId=NOTATION)
    signer_client.sign_payload(profileName="used", payload=b"{}", payloadFormat=PAYLOAD_FORMAT)
    signer_client.cancel_signing_profile(profileName="unused")
    signer_mock.clock.freeze("2026-09-01T12:00:00Z")
    assert [profile.name for profile in signer_mock.profiles] == ["used"]


def test_a_profile_that_signed_nothing_may_be_kept_for_six_months(signer_mock, signer_client):
    signer_mock.profile_retention = "signatures"
    signer_mock.clock.freeze("2026-03-01T12:00:00Z")
    for name in ("active", "canceled"):
        signer_client.put_signing_profile(profileName=name, platformId=LAMBDA)
    signer_client.cancel_signing_profile(profileName="canceled")
    signer_mock.clock.freeze("2026-09-01T11:59:59Z")
    assert signer_client.get_signing_profile(profileName="canceled")["status"] == "Canceled"
    signer_mock.clock.freeze("2026-09-01T12:00:00Z")
    signer_client.put_signing_profile(profileName="canceled", platformId=NOTATION)
    assert signer_client.get_signing_profile(profileName="active")["status"] == "Active"


def test_the_retention_of_profiles_is_two_years_again_after_a_reset(signer_mock):
    signer_mock.profile_retention = "signatures"
    signer_mock.reset()
    assert signer_mock.profile_retention == "two years"
    with pytest.raises(ActivationError, match="expected 'two years' or 'signatures'"):
        signer_mock.profile_retention = "for ever"


def test_only_active_profiles_are_listed_unless_asked_otherwise(signer_client):
    for name in ("p1", "p2", "p3"):
        signer_client.put_signing_profile(profileName=name, platformId=LAMBDA)
    signer_client.cancel_signing_profile(profileName="p2")

    def listed(**filters: object) -> list[str]:
        answer = signer_client.list_signing_profiles(**filters)
        return [profile["profileName"] for profile in answer["profiles"]]

    assert listed() == ["p1", "p3"]
    assert listed(includeCanceled=True) == ["p1", "p2", "p3"]
    assert listed(statuses=["Canceled"]) == ["p2"]
    assert listed(statuses=["Active", "Canceled"]) == ["p1", "p2", "p3"]
    assert listed(platformId=NOTATION) == []
    assert listed(platformId=LAMBDA) == ["p1", "p3"]


def test_profiles_come_page_by_page(signer_client):
    expected = [f"profile_{number:02}" for number in range(30)]
    for name in expected:
        signer_client.put_signing_profile(profileName=name, platformId=LAMBDA)

    pages = list(signer_client.get_paginator("list_signing_profiles").paginate())

    assert [len(page["profiles"]) for page in pages] == [25, 5]
    assert [p["profileName"] for page in pages for p in page["profiles"]] == expected


def test_profiles_of_two_regions_do_not_meet(signer_mock):
    for region in ("eu-west-1", "cn-north-1"):
        client = signer_mock.client("signer", region)
        arn = client.put_signing_profile(profileName="p1", platformId=LAMBDA)["arn"]
        partition = "aws-cn" if region.startswith("cn") else "aws"
        assert arn == f"arn:{partition}:signer:{region}:123456789012:/signing-profiles/p1"
        assert len(client.list_signing_profiles()["profiles"]) == 1
