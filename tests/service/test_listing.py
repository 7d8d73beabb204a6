"""What lists show: filters, order, retention. Pages and tokens are in test_listing_pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from tests.helpers.constants import (
    ACCOUNT,
    CERTIFICATE,
    IOT,
    LAMBDA,
    NOON,
    NOTATION,
    OTHER,
    PAYLOAD_FORMAT,
)
from tests.helpers.refusals import expect_refusal, refusal

pytestmark = pytest.mark.usefixtures("at_noon")


Listed = Callable[..., list[str]]


# Jobs


@pytest.fixture
def jobs(
    signer_mock: Any, signer_client: Any, buckets: Any, start_job: Any, code_zip: bytes
) -> dict[str, str]:
    """Five jobs that differ in everything that can be filtered by: name -> job id, oldest first."""
    material = {"certificateArn": CERTIFICATE}
    signer_client.put_signing_profile(
        profileName="iot_profile", platformId=IOT, signingMaterial=material
    )
    signer_client.put_signing_profile(profileName="lambda_profile", platformId=LAMBDA)
    signer_client.put_signing_profile(
        profileName="notation_profile",
        platformId=NOTATION,
        signatureValidityPeriod={"value": 10, "type": "DAYS"},
    )
    signer_client.add_profile_permission(
        profileName="notation_profile",
        statementId="s1",
        action="signer:SignPayload",
        principal=OTHER,
    )

    def sign_payload(client: Any, **params: Any) -> str:
        answer = client.sign_payload(
            profileName="notation_profile",
            payload=b"{}",
            payloadFormat=PAYLOAD_FORMAT,
            **params,
        )
        return str(answer["jobId"])

    made = {
        "iot": start_job(b"image", "iot_profile")["jobId"],
        "lambda": start_job(code_zip, "lambda_profile")["jobId"],
        "broken": start_job(b"no zip", "lambda_profile")["jobId"],
        "maria": sign_payload(signer_mock.account().user("maria").client("signer")),
        "other": sign_payload(signer_mock.account(OTHER).client("signer"), profileOwner=ACCOUNT),
    }
    signer_client.revoke_signature(jobId=made["maria"], reason="x")
    return made


@pytest.fixture
def listed(signer_client: Any, jobs: dict[str, str]) -> Listed:
    """The names of the jobs that a list shows."""
    names = {job_id: name for name, job_id in jobs.items()}

    def list_jobs(**filters: Any) -> list[str]:
        return [names[job["jobId"]] for job in signer_client.list_signing_jobs(**filters)["jobs"]]

    return list_jobs


def test_jobs_are_listed_newest_first(listed):
    assert listed() == ["other", "maria", "broken", "lambda", "iot"]


DAYS_10 = NOON + dt.timedelta(days=10)
SECOND = dt.timedelta(seconds=1)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"status": "Succeeded"}, ["other", "maria", "lambda", "iot"]),
        ({"status": "Failed"}, ["broken"]),
        ({"status": "InProgress"}, []),
        ({"platformId": NOTATION}, ["other", "maria"]),
        ({"platformId": LAMBDA}, ["broken", "lambda"]),
        ({"platformId": "Nope"}, []),
        ({"requestedBy": f"arn:aws:iam::{ACCOUNT}:user/maria"}, ["maria"]),
        ({"requestedBy": f"arn:aws:iam::{ACCOUNT}:root"}, ["broken", "lambda", "iot"]),
        ({"requestedBy": "maria"}, []),
        ({"isRevoked": True}, ["maria"]),
        ({"isRevoked": False}, ["other", "broken", "lambda", "iot"]),
        ({"jobInvoker": OTHER}, ["other"]),
        ({"jobInvoker": ACCOUNT}, ["maria", "broken", "lambda", "iot"]),
        ({"jobInvoker": "999999999999"}, []),
        ({"signatureExpiresBefore": DAYS_10 + SECOND}, ["other", "maria"]),
        ({"signatureExpiresBefore": DAYS_10}, []),
        ({"signatureExpiresAfter": DAYS_10}, ["lambda"]),
        ({"signatureExpiresAfter": DAYS_10 - SECOND}, ["other", "maria", "lambda"]),
        (
            {"signatureExpiresAfter": NOON, "signatureExpiresBefore": DAYS_10 + SECOND},
            ["other", "maria"],
        ),
        ({"platformId": LAMBDA, "status": "Succeeded"}, ["lambda"]),
        ({"platformId": NOTATION, "isRevoked": False, "jobInvoker": OTHER}, ["other"]),
        ({"platformId": IOT, "isRevoked": True}, []),
    ],
)
def test_jobs_are_filtered_and_filters_add_up(listed, filters, expected):
    assert listed(**filters) == expected


def test_every_listed_job_tells_when_it_was_made_and_whether_it_is_revoked(signer_client, jobs):
    for job in signer_client.list_signing_jobs()["jobs"]:
        assert job["createdAt"] == NOON
        assert job["isRevoked"] is (job["jobId"] == jobs["maria"])
        assert not {"requestedBy", "statusReason", "completedAt"} & set(job)


@pytest.mark.parametrize(
    ("filters", "complaint"),
    [
        ({"status": "Done"}, "enum value set: [InProgress, Failed, Succeeded]"),
        ({"jobInvoker": "12345678901x"}, "regular expression pattern: ^[0-9]{12}$"),
        ({"jobInvoker": "1234567890123"}, "length less than or equal to 12"),
        ({"maxResults": 0}, "value greater than or equal to 1"),
        ({"maxResults": 26}, "value less than or equal to 25"),
    ],
)
def test_a_filter_outside_the_models_limits_is_refused(raw_client, filters, complaint):
    error = refusal(raw_client.list_signing_jobs, **filters)
    assert type(error).__name__ == "ValidationException"
    assert complaint in error.response["Error"]["Message"]


def test_jobs_of_two_regions_and_accounts_do_not_meet(signer_mock, jobs):
    assert signer_mock.client("signer", "eu-west-1").list_signing_jobs()["jobs"] == []
    assert signer_mock.account("111111111111").client("signer").list_signing_jobs()["jobs"] == []


def test_a_job_leaves_two_years_after_it_was_made(signer_mock, signer_client, jobs, listed):
    signer_mock.clock.freeze(NOON.replace(year=2028) - SECOND)
    assert len(listed()) == 5
    signer_client.describe_signing_job(jobId=jobs["iot"])
    signer_mock.clock.advance(seconds=1)
    assert listed() == []
    for operation, extra in (("describe_signing_job", {}), ("revoke_signature", {"reason": "x"})):
        expect_refusal(
            getattr(signer_client, operation),
            404,
            "ResourceNotFoundException",
            f"Signing job with id {jobs['lambda']} does not exist.",
            "JobNotFound",
            jobId=jobs["lambda"],
            **extra,
        )


def test_old_jobs_leave_and_young_ones_stay(signer_mock, signer_client, jobs, listed):
    signer_mock.clock.advance(days=700)
    young = signer_client.sign_payload(
        profileName="notation_profile", payload=b"{}", payloadFormat=PAYLOAD_FORMAT
    )["jobId"]
    signer_mock.clock.advance(days=100)
    assert [job["jobId"] for job in signer_client.list_signing_jobs()["jobs"]] == [young]


@pytest.mark.parametrize(
    ("made", "last_second"),
    [
        ("2024-02-29T00:00:00Z", "2026-02-27T23:59:59Z"),
        ("2025-12-31T00:00:00Z", "2027-12-30T23:59:59Z"),
        ("2026-03-01T00:00:00Z", "2028-02-29T23:59:59Z"),
    ],
)
def test_two_years_are_calendar_years(
    signer_mock, signer_client, notation_profile, made, last_second
):
    signer_mock.clock.freeze(made)
    signer_client.sign_payload(
        profileName=notation_profile, payload=b"{}", payloadFormat=PAYLOAD_FORMAT
    )
    signer_mock.clock.freeze(last_second)
    assert len(signer_client.list_signing_jobs()["jobs"]) == 1
    signer_mock.clock.advance(seconds=1)
    assert signer_client.list_signing_jobs()["jobs"] == []


# Profiles


@pytest.fixture
def profiles(signer_client: Any) -> None:
    """Profiles of each status, on two platforms."""
    for name, platform in (
        ("lambda_a", LAMBDA),
        ("notation_a", NOTATION),
        ("lambda_c", LAMBDA),
        ("notation_c", NOTATION),
        ("lambda_r", LAMBDA),
    ):
        version = signer_client.put_signing_profile(profileName=name, platformId=platform)
        if name.endswith("_c"):
            signer_client.cancel_signing_profile(profileName=name)
        if name.endswith("_r"):
            signer_client.revoke_signing_profile(
                profileName=name,
                profileVersion=version["profileVersion"],
                reason="leaked",
                effectiveTime=NOON,
            )


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["lambda_a", "notation_a"]),
        ({"includeCanceled": False}, ["lambda_a", "notation_a"]),
        (
            {"includeCanceled": True},
            ["lambda_a", "notation_a", "lambda_c", "notation_c", "lambda_r"],
        ),
        ({"platformId": NOTATION}, ["notation_a"]),
        ({"platformId": NOTATION, "includeCanceled": True}, ["notation_a", "notation_c"]),
        ({"platformId": "Nope"}, []),
        ({"statuses": ["Active"]}, ["lambda_a", "notation_a"]),
        ({"statuses": ["Canceled"]}, ["lambda_c", "notation_c"]),
        ({"statuses": ["Revoked", "Canceled"]}, ["lambda_c", "notation_c", "lambda_r"]),
        ({"statuses": ["Active"], "includeCanceled": True}, ["lambda_a", "notation_a"]),
        ({"statuses": ["Canceled"], "platformId": LAMBDA}, ["lambda_c"]),
        ({"statuses": []}, ["lambda_a", "notation_a"]),
    ],
)
def test_profiles_are_filtered_and_listed_in_the_order_in_which_they_were_put(
    signer_client, profiles, filters, expected
):
    answer = signer_client.list_signing_profiles(**filters)
    assert [profile["profileName"] for profile in answer["profiles"]] == expected


def test_a_status_that_profiles_do_not_have_is_refused(raw_client):
    error = refusal(raw_client.list_signing_profiles, statuses=["Active", "Paused"])
    assert type(error).__name__ == "ValidationException"
    assert "enum value set: [Active, Canceled, Revoked]" in error.response["Error"]["Message"]


def test_retired_profiles_leave_the_list_after_two_years(signer_mock, signer_client, profiles):
    signer_mock.clock.freeze(NOON.replace(year=2028))
    names = [
        profile["profileName"]
        for profile in signer_client.list_signing_profiles(includeCanceled=True)["profiles"]
    ]
    assert names == ["lambda_a", "notation_a"]
