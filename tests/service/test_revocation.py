"""RevokeSignature and RevokeSigningProfile, and where a revocation can be seen."""

from __future__ import annotations

import datetime as dt
import json
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


def sign(client: Any, profile: str = "notation_profile") -> str:
    """Sign a payload; returns the job's id."""
    answer = client.sign_payload(
        profileName=profile, payload=b'{"targetArtifact":{}}', payloadFormat=PAYLOAD_FORMAT
    )
    return str(answer["jobId"])


def revoke_profile(client: Any, name: str = "notation_profile", **params: Any) -> None:
    version = client.get_signing_profile(profileName=name)["profileVersion"]
    call = {"profileVersion": version, "reason": "leaked", "effectiveTime": NOON, **params}
    client.revoke_signing_profile(profileName=name, **call)


def profile(client: Any, name: str = "notation_profile") -> dict[str, Any]:
    answer: dict[str, Any] = client.get_signing_profile(profileName=name)
    return answer


# RevokeSignature


def test_a_revoked_signature_shows_who_revoked_it_when_and_why(
    signer_mock, signer_client, notation_profile
):
    job_id = sign(signer_client)
    assert "revocationRecord" not in signer_client.describe_signing_job(jobId=job_id)
    signer_mock.clock.advance(seconds=90.25)
    signer_mock.account().user("maria").client("signer").revoke_signature(
        jobId=job_id, reason="wrong image"
    )
    job = signer_client.describe_signing_job(jobId=job_id)
    assert job["revocationRecord"] == {
        "reason": "wrong image",
        "revokedAt": NOON + dt.timedelta(seconds=90),
        "revokedBy": f"arn:aws:iam::{ACCOUNT}:user/maria",
    }
    assert (job["status"], job["statusReason"]) == ("Succeeded", "Signing Succeeded")


def test_a_revoked_signature_is_listed_as_revoked(signer_client, notation_profile):
    good, bad = sign(signer_client), sign(signer_client)
    signer_client.revoke_signature(jobId=bad, reason="wrong image")

    def listed(**filters: Any) -> dict[str, bool]:
        jobs = signer_client.list_signing_jobs(**filters)["jobs"]
        return {job["jobId"]: job["isRevoked"] for job in jobs}

    assert listed() == {good: False, bad: True}
    assert listed(isRevoked=True) == {bad: True}
    assert listed(isRevoked=False) == {good: False}


def test_a_lambda_job_can_be_revoked(signer_client, lambda_profile, start_job, code_zip):
    job_id = start_job(code_zip, lambda_profile)["jobId"]
    answer = signer_client.revoke_signature(jobId=job_id, jobOwner=ACCOUNT, reason="wrong code")
    assert set(answer) == {"ResponseMetadata"}
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    job = signer_client.describe_signing_job(jobId=job_id)
    assert job["revocationRecord"]["reason"] == "wrong code"


def test_revoking_a_signature_again_changes_nothing(signer_mock, signer_client, notation_profile):
    job_id = sign(signer_client)
    signer_client.revoke_signature(jobId=job_id, reason="first")
    record = signer_client.describe_signing_job(jobId=job_id)["revocationRecord"]
    signer_mock.clock.advance(days=1)
    signer_client.revoke_signature(jobId=job_id, reason="second")
    assert signer_client.describe_signing_job(jobId=job_id)["revocationRecord"] == record


def test_the_signature_of_a_canceled_profile_can_still_be_revoked(signer_client, notation_profile):
    job_id = sign(signer_client)
    signer_client.cancel_signing_profile(profileName=notation_profile)
    assert not signer_client.list_signing_jobs(isRevoked=True)["jobs"]
    signer_client.revoke_signature(jobId=job_id, reason="late")
    assert signer_client.list_signing_jobs(isRevoked=True)["jobs"]


def test_an_unknown_job_cannot_be_revoked(signer_client):
    expect_refusal(
        signer_client.revoke_signature,
        404,
        "ResourceNotFoundException",
        "Signing job with id nothing does not exist.",
        "JobNotFound",
        jobId="nothing",
        reason="x",
    )


def test_a_job_of_another_region_is_unknown_here(signer_mock, signer_client, notation_profile):
    job_id = sign(signer_client)
    error = refusal(
        signer_mock.client("signer", "eu-west-1").revoke_signature, jobId=job_id, reason="x"
    )
    assert error.response["code"] == "JobNotFound"


def test_a_failed_job_has_no_signature_to_revoke(signer_client, lambda_profile, start_job):
    job = start_job(b"this is no zip", lambda_profile)
    assert job["status"] == "Failed"
    expect_refusal(
        signer_client.revoke_signature,
        400,
        "ValidationException",
        "Cannot revoke the signature of a signing job in Failed state",
        jobId=job["jobId"],
        reason="x",
    )


@pytest.fixture
def iot_profile(signer_client: Any) -> str:
    signer_client.put_signing_profile(
        profileName="iot_profile",
        platformId=IOT,
        signingMaterial={"certificateArn": CERTIFICATE},
    )
    return "iot_profile"


def test_a_job_of_a_platform_without_revocation_cannot_be_revoked(
    signer_client, iot_profile, start_job
):
    expect_refusal(
        signer_client.revoke_signature,
        400,
        "ValidationException",
        f"Revocation is not supported for platform {IOT}",
        jobId=start_job(b"firmware", iot_profile)["jobId"],
        reason="x",
    )


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        ({"reason": ""}, "Value '' at 'reason'"),
        ({"reason": "x" * 501}, "Member must have length less than or equal to 500"),
        ({}, "Value null at 'reason'"),
        ({"reason": "x", "jobOwner": "12345678901x"}, "Value '12345678901x' at 'jobOwner'"),
    ],
)
def test_a_malformed_revoke_signature_is_refused(raw_client, notation_profile, call, complaint):
    error = refusal(raw_client.revoke_signature, jobId=sign(raw_client), **call)
    assert type(error).__name__ == "ValidationException"
    assert complaint in error.response["Error"]["Message"]


def test_a_signature_of_another_account_can_be_revoked_with_its_permission_only(
    signer_mock, signer_client, notation_profile
):
    job_id = sign(signer_client)
    other = signer_mock.account(OTHER).client("signer")
    call = {"jobId": job_id, "jobOwner": ACCOUNT, "reason": "shared"}
    message = (
        f"User: arn:aws:iam::{OTHER}:root is not authorized to perform: signer:RevokeSignature "
        f"on resource: arn:aws:signer:us-east-1:{ACCOUNT}:/signing-jobs/"
    )
    expect_refusal(other.revoke_signature, 403, "AccessDeniedException", message + job_id, **call)
    expect_refusal(
        other.revoke_signature,
        403,
        "AccessDeniedException",
        message + "nothing",
        **{**call, "jobId": "nothing"},
    )
    assert refusal(other.revoke_signature, jobId=job_id, reason="x").response["code"] == (
        "JobNotFound"
    )
    signer_client.add_profile_permission(
        profileName=notation_profile,
        statementId="s1",
        action="signer:RevokeSignature",
        principal=OTHER,
    )
    other.revoke_signature(**call)
    job = signer_client.describe_signing_job(jobId=job_id)
    assert job["revocationRecord"]["revokedBy"] == f"arn:aws:iam::{OTHER}:root"


# RevokeSigningProfile


def test_a_revoked_profile_shows_its_record_status_and_reason(
    signer_mock, signer_client, notation_profile
):
    signer_mock.clock.advance(seconds=30.5)
    effective = NOON - dt.timedelta(days=3)
    role = signer_mock.account().role("ci").client("signer")
    revoke_profile(role, effectiveTime=effective, reason="key leaked")
    answer = profile(signer_client)
    assert answer["status"] == "Revoked"
    assert answer["statusReason"] == "key leaked"
    assert answer["revocationRecord"] == {
        "revocationEffectiveFrom": effective,
        "revokedAt": NOON + dt.timedelta(seconds=30),
        "revokedBy": f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/signer-mock",
    }


def test_a_revoked_profile_is_listed_where_its_status_is_asked_for(signer_client, lambda_profile):
    revoke_profile(signer_client, lambda_profile)

    def listed(**filters: Any) -> list[str]:
        profiles = signer_client.list_signing_profiles(**filters)["profiles"]
        return [one["status"] for one in profiles]

    assert listed() == []
    assert listed(statuses=["Revoked"]) == ["Revoked"]
    assert listed(statuses=["Active", "Canceled"]) == []
    assert listed(includeCanceled=True) == ["Revoked"]


def test_a_revoked_profile_signs_no_more(signer_client, notation_profile):
    revoke_profile(signer_client)
    expect_refusal(
        signer_client.sign_payload,
        400,
        "ValidationException",
        "Cannot sign with a profile in Revoked state",
        "ProfileNotActive",
        profileName=notation_profile,
        payload=b"{}",
        payloadFormat=PAYLOAD_FORMAT,
    )


def test_canceling_a_revoked_profile_leaves_it_revoked(signer_client, notation_profile):
    revoke_profile(signer_client)
    signer_client.cancel_signing_profile(profileName=notation_profile)
    assert profile(signer_client)["status"] == "Revoked"


def test_a_canceled_profile_can_be_revoked(signer_client, notation_profile):
    signer_client.cancel_signing_profile(profileName=notation_profile)
    revoke_profile(signer_client)
    assert profile(signer_client)["status"] == "Revoked"


def test_the_effective_time_may_be_this_very_moment(signer_client, notation_profile):
    revoke_profile(signer_client, effectiveTime=NOON)
    assert profile(signer_client)["revocationRecord"]["revocationEffectiveFrom"] == NOON


def test_the_effective_time_cannot_lie_in_the_future(signer_client, notation_profile):
    expect_refusal(
        revoke_profile,
        400,
        "ValidationException",
        "The effective time of a revocation must be in the past",
        client=signer_client,
        effectiveTime=NOON + dt.timedelta(seconds=1),
    )


def test_the_effective_time_can_move_earlier_and_never_later(
    signer_mock, signer_client, notation_profile
):
    first, earlier = NOON - dt.timedelta(days=2), NOON - dt.timedelta(days=5)
    revoke_profile(signer_client, effectiveTime=first, reason="leaked")
    signer_mock.clock.advance(days=1)
    revoke_profile(signer_client, effectiveTime=earlier, reason="leaked long ago")
    record = profile(signer_client)["revocationRecord"]
    assert record["revocationEffectiveFrom"] == earlier
    assert record["revokedAt"] == NOON + dt.timedelta(days=1)
    assert profile(signer_client)["statusReason"] == "leaked long ago"
    expect_refusal(
        revoke_profile,
        400,
        "ValidationException",
        "Signing profile notation_profile is already revoked. Its effective time can only be "
        "changed to an earlier one",
        client=signer_client,
        effectiveTime=first,
    )
    assert profile(signer_client)["revocationRecord"] == record


def test_a_revocation_that_moves_leaves_the_policys_revision(signer_client, notation_profile):
    added = signer_client.add_profile_permission(
        profileName=notation_profile,
        action="signer:SignPayload",
        principal="210987654321",
        statementId="other",
    )
    revisions = []
    for days in (2, 5):
        revoke_profile(signer_client, effectiveTime=NOON - dt.timedelta(days=days))
        listed = signer_client.list_profile_permissions(profileName=notation_profile)
        revisions.append(listed["revisionId"])
    assert added["revisionId"] != revisions[0] == revisions[1]


def test_the_same_effective_time_may_be_given_again(signer_mock, signer_client, notation_profile):
    revoke_profile(signer_client, effectiveTime=NOON)
    signer_mock.clock.advance(days=1)
    revoke_profile(signer_client, effectiveTime=NOON, reason="as I said")
    assert profile(signer_client)["revocationRecord"]["revocationEffectiveFrom"] == NOON
    assert profile(signer_client)["statusReason"] == "as I said"


def test_milliseconds_of_the_effective_time_are_kept(signer_client, notation_profile):
    def as_other_sdks_send_it(params: dict[str, Any], **_event: Any) -> None:
        sent = json.loads(params["body"])
        sent["effectiveTime"] += 0.25
        params["body"] = json.dumps(sent).encode()

    signer_client.meta.events.register(
        "before-call.signer.RevokeSigningProfile", as_other_sdks_send_it
    )
    revoke_profile(signer_client, effectiveTime=NOON - dt.timedelta(seconds=5))
    effective = profile(signer_client)["revocationRecord"]["revocationEffectiveFrom"]
    assert effective == NOON - dt.timedelta(seconds=4.75)


def test_an_unknown_profile_cannot_be_revoked(signer_client):
    expect_refusal(
        signer_client.revoke_signing_profile,
        404,
        "ResourceNotFoundException",
        "Signing Profile with name nobody does not exist.",
        "ProfileNotFound",
        profileName="nobody",
        profileVersion="AAAAAAAAAA",
        reason="x",
        effectiveTime=NOON,
    )


def test_a_version_that_the_profile_does_not_have_cannot_be_revoked(
    signer_client, notation_profile
):
    expect_refusal(
        revoke_profile,
        404,
        "ResourceNotFoundException",
        "Version AAAAAAAAAA does not exist for SigningProfile notation_profile.",
        "ProfileVersionNotFound",
        client=signer_client,
        profileVersion="AAAAAAAAAA",
    )


def test_a_profile_of_a_platform_without_revocation_cannot_be_revoked(signer_client, iot_profile):
    expect_refusal(
        revoke_profile,
        400,
        "ValidationException",
        f"Revocation is not supported for platform {IOT}",
        client=signer_client,
        name=iot_profile,
    )


@pytest.mark.parametrize("missing", ["profileVersion", "reason", "effectiveTime"])
def test_every_member_of_revoke_signing_profile_is_required(raw_client, notation_profile, missing):
    call = {"profileVersion": "AAAAAAAAAA", "reason": "x", "effectiveTime": NOON}
    del call[missing]
    expect_refusal(
        raw_client.revoke_signing_profile,
        400,
        "ValidationException",
        f"1 validation error detected: Value null at '{missing}' failed to satisfy constraint: "
        "Member must not be null",
        profileName=notation_profile,
        **call,
    )


def test_profiles_of_one_name_in_two_regions_are_revoked_apart(signer_mock, signer_client):
    for client in (signer_client, signer_mock.client("signer", "eu-west-1")):
        client.put_signing_profile(profileName="p1", platformId=LAMBDA)
    revoke_profile(signer_client, "p1")
    assert profile(signer_mock.client("signer", "eu-west-1"), "p1")["status"] == "Active"


def test_a_revoked_profile_keeps_its_name_for_two_years(signer_mock, signer_client):
    signer_client.put_signing_profile(profileName="p1", platformId=NOTATION)
    revoke_profile(signer_client, "p1")
    signer_mock.clock.freeze(NOON + dt.timedelta(days=729))
    error = refusal(signer_client.put_signing_profile, profileName="p1", platformId=NOTATION)
    assert error.response["code"] == "ProfileAlreadyExists"
    signer_mock.clock.freeze(NOON + dt.timedelta(days=731))
    signer_client.put_signing_profile(profileName="p1", platformId=NOTATION)
    assert profile(signer_client, "p1")["status"] == "Active"
