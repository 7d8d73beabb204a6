"""``mock.snapshot()`` and ``mock.restore()``: a world kept, and brought back as often as needed."""

from __future__ import annotations

import pytest

from signer_mock import mock_signer
from signer_mock.errors import ActivationError
from tests.helpers.constants import LAMBDA, NOTATION, PAYLOAD_FORMAT
from tests.helpers.usage import EARLY, names, put


def test_restore_brings_back_everything(buckets, start_job, code_zip, lambda_profile):
    buckets.clock.freeze("2031-05-06T07:08:09Z")
    start_job(code_zip, lambda_profile)
    snapshot = buckets.snapshot()
    calls, events = list(buckets.calls), list(buckets.events)

    put("later")
    EARLY.tag_resource(
        resourceArn=EARLY.get_signing_profile(profileName=lambda_profile)["arn"],
        tags={"changed": "yes"},
    )
    start_job(code_zip, "later")
    buckets.objects.create_bucket("later")
    buckets.clock.advance(days=400)
    arn = EARLY.get_signing_profile(profileName=lambda_profile)["profileVersionArn"]
    EARLY.cancel_signing_profile(profileName=lambda_profile)

    for _ in range(2):
        buckets.restore(snapshot)
        assert names() == [lambda_profile]
        profile = EARLY.get_signing_profile(profileName=lambda_profile)
        assert (profile["status"], profile.get("tags", {})) == ("Active", {})
        assert profile["profileVersionArn"] == arn
        assert len(EARLY.list_signing_jobs()["jobs"]) == 1
        assert len(buckets.objects.keys("dst")) == 1
        assert buckets.clock.now().isoformat() == "2031-05-06T07:08:09+00:00"
        assert list(buckets.events) == events
        assert list(buckets.calls)[: len(calls)] == calls
        assert len(buckets.calls) == len(calls) + 3
        put("again")


def test_later_changes_do_not_change_the_snapshot(signer_mock):
    put("kept")
    snapshot = signer_mock.snapshot()
    EARLY.cancel_signing_profile(profileName="kept")
    signer_mock.reset()
    assert names() == []
    signer_mock.restore(snapshot)
    assert EARLY.get_signing_profile(profileName="kept")["status"] == "Active"


def test_a_restored_world_repeats_the_ids_of_a_seed():
    with mock_signer(seed=7) as mock:
        snapshot = mock.snapshot()
        first = EARLY.put_signing_profile(profileName="profile", platformId=LAMBDA)
        mock.restore(snapshot)
        second = EARLY.put_signing_profile(profileName="profile", platformId=LAMBDA)
        assert first["profileVersion"] == second["profileVersion"]


def test_trust_roots_stay_what_they_were(signer_mock):
    snapshot = signer_mock.snapshot()
    root = signer_mock.account().trust_root_pem
    signer_mock.restore(signer_mock.snapshot())
    assert signer_mock.account().trust_root_pem == root
    put("profile")
    signer_mock.restore(snapshot)
    EARLY.put_signing_profile(profileName="profile", platformId=NOTATION)


def test_accounts_that_came_later_are_gone(signer_mock):
    signer_mock.account().trust_root_pem  # noqa: B018 - makes the root
    snapshot = signer_mock.snapshot()
    signer_mock.account("210987654321").trust_root_pem  # noqa: B018 - as above
    assert len({one.account_id for one in signer_mock.certificates}) == 2
    signer_mock.restore(snapshot)
    assert {one.account_id for one in signer_mock.certificates} == {"123456789012"}


def test_what_was_revoked_later_is_not_in_another_world():
    with mock_signer() as mock:
        EARLY.put_signing_profile(profileName="profile", platformId=NOTATION)
        job = EARLY.sign_payload(
            profileName="profile", payload=b"{}", payloadFormat=PAYLOAD_FORMAT
        )["jobId"]
        snapshot = mock.snapshot()
        EARLY.revoke_signature(jobId=job, reason="leaked")
    with mock_signer() as mock:
        mock.restore(snapshot)
        assert "revocationRecord" not in EARLY.describe_signing_job(jobId=job)
        (listed,) = EARLY.list_signing_jobs()["jobs"]
        assert listed["isRevoked"] is False


def test_a_snapshot_can_begin_another_mocks_world():
    with mock_signer() as mock:
        put("prepared")
        snapshot = mock.snapshot()
    for _ in range(2):
        with mock_signer() as another:
            another.restore(snapshot)
            assert names() == ["prepared"]
            put("own")
            assert len(another.calls) == 3
    mock.restore(snapshot)
    assert len(mock.calls) == 1


def test_a_snapshot_says_when_it_was_made(signer_mock):
    signer_mock.clock.freeze("2031-05-06T07:08:09Z")
    put("profile")
    assert repr(signer_mock.snapshot()) == "<Snapshot of 1 calls at 2031-05-06 07:08:09 UTC>"


def test_a_mock_that_was_not_started_has_no_snapshot():
    with pytest.raises(ActivationError, match="has not been started"):
        mock_signer().snapshot()


def test_a_revocation_after_the_snapshot_is_undone(buckets, start_job, code_zip, lambda_profile):
    before, after = (start_job(code_zip, lambda_profile)["jobId"] for _ in range(2))
    EARLY.revoke_signature(jobId=before, reason="lost")
    snapshot = buckets.snapshot()
    EARLY.revoke_signature(jobId=after, reason="lost as well")
    for _ in range(2):
        buckets.restore(snapshot)
        assert "revocationRecord" in EARLY.describe_signing_job(jobId=before)
        assert "revocationRecord" not in EARLY.describe_signing_job(jobId=after)
        EARLY.revoke_signature(jobId=after, reason="again")


def test_a_job_that_was_under_way_is_under_way_again(buckets, start_job, code_zip, lambda_profile):
    buckets.jobs.hold()
    held = start_job(code_zip, lambda_profile)["jobId"]
    snapshot = buckets.snapshot()
    for _ in range(2):
        buckets.jobs.release()
        assert EARLY.describe_signing_job(jobId=held)["status"] == "Succeeded"
        buckets.restore(snapshot)
        assert EARLY.describe_signing_job(jobId=held)["status"] == "InProgress"
        assert buckets.objects.keys("dst") == []
        token = EARLY.list_signing_jobs(status="InProgress")["jobs"]
        assert [job["jobId"] for job in token] == [held]


def test_two_mocks_that_begin_from_one_snapshot_share_nothing(signer_mock):
    put("kept")
    snapshot = signer_mock.snapshot()
    signer_mock.stop()
    try:
        with mock_signer() as another:
            another.restore(snapshot)
            EARLY.cancel_signing_profile(profileName="kept")
            assert signer_mock.profiles[0].status == "Active"
    finally:
        signer_mock.start()
    signer_mock.restore(snapshot)
    assert EARLY.get_signing_profile(profileName="kept")["status"] == "Active"
    assert signer_mock.profiles[0].status == "Active"
