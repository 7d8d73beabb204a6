"""``mock.profiles``, ``mock.jobs``, ``mock.permissions``, ``mock.revocations``, certificates."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from signer_mock.records import Certificate, Permission, Revocation, SigningJob, SigningProfile
from tests.helpers.constants import ACCOUNT, LAMBDA, NOON, NOTATION, OTHER, PAYLOAD, PAYLOAD_FORMAT

pytestmark = pytest.mark.usefixtures("at_noon")


def sign(client: Any, **params: Any) -> str:
    return str(
        client.sign_payload(
            profileName="image", payload=PAYLOAD, payloadFormat=PAYLOAD_FORMAT, **params
        )["jobId"]
    )


@pytest.fixture
def image(signer_client: Any) -> dict[str, Any]:
    """A profile that another account may sign with."""
    put: dict[str, Any] = signer_client.put_signing_profile(
        profileName="image", platformId=NOTATION, tags={"team": "blue"}
    )
    signer_client.add_profile_permission(
        profileName="image", statementId="ci", action="signer:SignPayload", principal=OTHER
    )
    return put


def test_a_new_mock_holds_nothing(signer_mock):
    for records in (
        signer_mock.profiles,
        signer_mock.jobs,
        signer_mock.permissions,
        signer_mock.revocations,
        signer_mock.certificates,
    ):
        assert isinstance(records, Sequence)
        assert len(records) == 0
        assert repr(records) == "[]"


def test_a_profile_shows_what_was_put(signer_mock, image):
    (profile,) = signer_mock.profiles
    assert profile == SigningProfile(
        account_id=ACCOUNT,
        region="us-east-1",
        name="image",
        version=image["profileVersion"],
        arn=image["arn"],
        version_arn=image["profileVersionArn"],
        platform_id=NOTATION,
        status="Active",
        status_reason=None,
        certificate_arn=None,
        validity=(135, "MONTHS"),
        signing_parameters={},
        overrides={},
        tags={"team": "blue"},
        permissions=signer_mock.permissions,
        revocation=None,
    )
    assert repr(signer_mock.profiles) == (
        f"[\n  <SigningProfile image [{ACCOUNT} us-east-1] {NOTATION}: Active>,\n]"
    )


def test_permissions_name_their_profile(signer_mock, image):
    assert list(signer_mock.permissions) == [
        Permission(ACCOUNT, "us-east-1", "image", "ci", "signer:SignPayload", OTHER, None)
    ]
    assert repr(signer_mock.permissions[0]) == (
        f"<Permission ci: {OTHER} may signer:SignPayload with image>"
    )


def test_jobs_of_two_accounts_are_shown_once_and_oldest_first(signer_mock, signer_client, image):
    first = sign(signer_mock.account(OTHER).client("signer"), profileOwner=ACCOUNT)
    signer_mock.clock.advance(seconds=1)
    second = sign(signer_client)

    assert [job.job_id for job in signer_mock.jobs] == [first, second]
    job = signer_mock.jobs[0]
    assert isinstance(job, SigningJob)
    assert (job.account_id, job.invoker) == (ACCOUNT, OTHER)
    assert job.requested_by == f"arn:aws:iam::{OTHER}:root"
    assert (job.status, job.status_reason) == ("Succeeded", "Signing Succeeded")
    assert job.created_at == job.completed_at == NOON
    assert job.signature_expires_at == dt.datetime(2037, 6, 1, 12, tzinfo=dt.timezone.utc)
    assert (job.source, job.destination, job.signed_object) == ({}, {}, {})
    assert repr(job) == f"<SigningJob {first} [{ACCOUNT} us-east-1] image: Succeeded>"
    assert signer_mock.jobs[1:] == (signer_mock.jobs[1],)


def test_a_job_of_an_object_shows_where_it_comes_from_and_goes(
    signer_mock, lambda_profile, start_job, code_zip
):
    described = start_job(code_zip, lambda_profile)
    (job,) = signer_mock.jobs
    assert job.source == described["source"]["s3"]
    assert job.destination == {"bucketName": "dst", "prefix": "signed/"}
    assert job.signed_object == described["signedObject"]["s3"]


def test_a_held_job_is_under_way_and_its_record_stays_so(
    signer_mock, lambda_profile, start_job, code_zip
):
    signer_mock.jobs.hold()
    start_job(code_zip, lambda_profile)
    (held,) = signer_mock.jobs
    signer_mock.jobs.release(status="Failed", reason="no luck")
    assert (held.status, held.completed_at) == ("InProgress", None)
    assert repr(signer_mock.jobs[0]).endswith("lambda_profile: Failed ('no luck')>")


def test_revocations_name_the_profile_the_job_and_the_certificate(
    signer_mock, signer_client, image
):
    job_id = sign(signer_client)
    signer_client.revoke_signature(jobId=job_id, reason="leaked")
    since = NOON - dt.timedelta(days=1)
    signer_client.revoke_signing_profile(
        profileName="image",
        profileVersion=image["profileVersion"],
        reason="lost",
        effectiveTime=since,
    )
    signer_mock.account().revoke_certificate("ab" * 96)

    root = f"arn:aws:iam::{ACCOUNT}:root"
    profile = Revocation(image["profileVersionArn"], "lost", NOON, root, since)
    job = Revocation(signer_mock.jobs[0].arn, "leaked", NOON, root)
    assert list(signer_mock.revocations) == [profile, job, Revocation("ab" * 96)]
    assert signer_mock.profiles[0].revocation == profile
    assert signer_mock.profiles[0].status_reason == "lost"
    assert signer_mock.jobs[0].revocation == job
    assert repr(profile).endswith("since 2026-02-28 12:00:00: 'lost'>")
    assert repr(signer_mock.jobs[0]).endswith("Succeeded, revoked>")

    # Retention takes profiles and jobs, and no revocation.
    signer_mock.clock.advance(days=731)
    assert (len(signer_mock.profiles), len(signer_mock.jobs)) == (0, 0)
    assert len(signer_mock.revocations) == 3


def test_certificates_are_those_made_so_far(signer_mock, signer_client, image):
    account = signer_mock.account()
    assert len(signer_mock.certificates) == 0
    sign(signer_client)
    by_name = {one.name: one for one in signer_mock.certificates}
    assert set(by_name) == {"root", "intermediate", "regional/us-east-1", "leaf/us-east-1"}
    assert by_name["root"] == Certificate(ACCOUNT, "root", account.trust_root_pem)
    assert all(b"PRIVATE" not in one.pem for one in signer_mock.certificates)
    assert repr(by_name["root"]) == f"<Certificate root [{ACCOUNT}]>"


def test_records_cannot_be_changed_and_do_not_change(signer_mock, signer_client, image):
    (profile,) = signer_mock.profiles
    with pytest.raises(dataclasses.FrozenInstanceError):
        profile.name = "other"
    with pytest.raises(TypeError):
        profile.tags["team"] = "red"
    signer_client.tag_resource(resourceArn=image["arn"], tags={"team": "red"})
    signer_client.cancel_signing_profile(profileName="image")
    assert (profile.status, profile.tags) == ("Active", {"team": "blue"})
    assert (signer_mock.profiles[0].status, signer_mock.profiles[0].tags) == (
        "Canceled",
        {"team": "red"},
    )


def test_a_hostile_reason_is_printed_harmlessly(signer_mock, signer_client):
    version = signer_client.put_signing_profile(profileName="p1", platformId=LAMBDA)
    signer_client.revoke_signing_profile(
        profileName="p1",
        profileVersion=version["profileVersion"],
        reason="\x1b[31mred\n",
        effectiveTime=NOON,
    )
    assert "\x1b" not in repr(signer_mock.revocations)
