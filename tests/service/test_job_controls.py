"""``mock.jobs``: jobs that are held, that end later, and that fail."""

from __future__ import annotations

import threading

import pytest

from signer_mock import SignerMockError, mock_signer
from signer_mock.objects import InMemoryObjects
from signer_mock.verify import verify_lambda_zip
from tests.helpers.constants import LAMBDA


@pytest.fixture
def start(buckets, signer_client, lambda_profile, code_zip):
    """Start a job over a small package; returns its id."""
    version = buckets.objects.put("src", "app.zip", code_zip)

    def start() -> str:
        job = signer_client.start_signing_job(
            source={"s3": {"bucketName": "src", "key": "app.zip", "version": version}},
            destination={"s3": {"bucketName": "dst", "prefix": "signed/"}},
            profileName=lambda_profile,
        )
        return str(job["jobId"])

    return start


def status(client, job_id):
    return client.describe_signing_job(jobId=job_id)["status"]


def test_a_held_job_is_in_progress_everywhere(buckets, signer_client, start):
    buckets.jobs.hold()
    job_id = start()
    described = signer_client.describe_signing_job(jobId=job_id)
    assert described["status"] == "InProgress"
    for member in ("completedAt", "signatureExpiresAt", "signedObject", "statusReason"):
        assert member not in described
    (listed,) = signer_client.list_signing_jobs(status="InProgress")["jobs"]
    assert listed["jobId"] == job_id
    assert buckets.objects.keys("dst") == []
    assert list(buckets.events) == []


def test_a_released_job_is_signed_and_verifies(buckets, signer_client, start):
    buckets.jobs.hold()
    job_id = start()
    buckets.clock.freeze()
    buckets.clock.advance(hours=1)
    buckets.jobs.release(job_id)
    described = signer_client.describe_signing_job(jobId=job_id)
    assert (described["status"], described["statusReason"]) == ("Succeeded", "Signing Succeeded")
    assert (described["completedAt"] - described["createdAt"]).total_seconds() >= 3600
    signed = buckets.objects.get("dst", described["signedObject"]["s3"]["key"])
    roots = buckets.account().trust_root_pem
    verified = verify_lambda_zip(signed, trusted_roots=roots, at=buckets.clock.now())
    assert verified.signed_at == buckets.clock.now().replace(
        microsecond=buckets.clock.now().microsecond // 1000 * 1000
    )
    assert [event["detail"]["status"] for event in buckets.events] == ["Succeeded"]


def test_a_release_of_all_lets_later_jobs_end_at_once(buckets, signer_client, start):
    buckets.jobs.hold()
    held = [start(), start()]
    buckets.jobs.release()
    assert [status(signer_client, job_id) for job_id in held] == ["Succeeded", "Succeeded"]
    assert status(signer_client, start()) == "Succeeded"


def test_a_release_of_one_job_keeps_holding_the_others(buckets, signer_client, start):
    buckets.jobs.hold()
    first, second = start(), start()
    buckets.jobs.release(first)
    assert status(signer_client, first) == "Succeeded"
    assert status(signer_client, second) == "InProgress"
    assert status(signer_client, start()) == "InProgress"


def test_the_end_of_the_block_releases_what_it_held(buckets, signer_client, start):
    with buckets.jobs.hold():
        job_id = start()
        assert status(signer_client, job_id) == "InProgress"
    assert status(signer_client, job_id) == "Succeeded"


def test_a_held_job_can_end_as_failed(buckets, signer_client, start):
    buckets.jobs.hold()
    job_id = start()
    buckets.jobs.release(job_id, status="Failed", reason="Out of luck")
    described = signer_client.describe_signing_job(jobId=job_id)
    assert (described["status"], described["statusReason"]) == ("Failed", "Out of luck")
    assert "signatureExpiresAt" not in described
    assert buckets.objects.keys("dst") == []
    assert [event["detail"]["status"] for event in buckets.events] == ["Failed"]


def test_a_job_that_fails_for_no_reason_has_the_usual_one(buckets, signer_client, start):
    buckets.jobs.hold()
    job_id = start()
    buckets.jobs.release(job_id, status="Failed")
    assert signer_client.describe_signing_job(jobId=job_id)["statusReason"] == "Signing Failed"


def test_a_held_job_that_was_to_fail_does_so_when_it_is_released(buckets, signer_client, start):
    buckets.jobs.hold()
    buckets.jobs.fail_next("Broken")
    job_id, other = start(), start()
    assert status(signer_client, job_id) == "InProgress"
    buckets.jobs.release()
    described = signer_client.describe_signing_job(jobId=job_id)
    assert (described["status"], described["statusReason"]) == ("Failed", "Broken")
    assert status(signer_client, other) == "Succeeded"


def test_the_next_jobs_fail_as_often_as_asked(buckets, signer_client, start):
    buckets.jobs.fail_next("Broken", times=2)
    assert [status(signer_client, start()) for _ in range(3)] == ["Failed", "Failed", "Succeeded"]
    assert len(buckets.objects.keys("dst")) == 1


def test_one_job_fails_unless_more_are_asked_for(buckets, signer_client, start):
    buckets.jobs.fail_next("Broken")
    assert [status(signer_client, start()) for _ in range(2)] == ["Failed", "Succeeded"]


def test_a_waiter_sees_a_job_end_after_some_describes(buckets, signer_client, start):
    buckets.jobs.finish_after(describes=3)
    job_id = start()
    waiter = signer_client.get_waiter("successful_signing_job")
    waiter.config.delay = 0
    waiter.wait(jobId=job_id)
    seen = buckets.calls.assert_called("DescribeSigningJob", jobId=job_id, times=3)
    assert len(seen) == 3


def test_a_waiter_over_a_job_that_another_thread_releases(buckets, signer_client, start):
    buckets.jobs.hold()
    job_id = start()
    waiter = signer_client.get_waiter("successful_signing_job")
    waiter.config.delay = 0.01
    waiter.config.max_attempts = 500
    releasing = threading.Timer(0.05, buckets.jobs.release)
    releasing.start()
    waiter.wait(jobId=job_id)
    releasing.join()


@pytest.mark.parametrize("milliseconds", [30_000, 500])
def test_a_job_ends_by_the_clock_of_the_mock(buckets, signer_client, start, milliseconds):
    buckets.clock.freeze()
    buckets.jobs.finish_after(seconds=milliseconds / 1000)
    job_id = start()
    buckets.clock.advance(milliseconds=milliseconds - 1)
    assert status(signer_client, job_id) == "InProgress"
    assert list(buckets.events) == []
    buckets.clock.advance(milliseconds=1)
    assert [event["detail"]["status"] for event in buckets.events] == ["Succeeded"]
    assert len(buckets.objects.keys("dst")) == 1
    assert status(signer_client, job_id) == "Succeeded"


def test_only_a_describe_of_the_job_counts(buckets, signer_client, start):
    buckets.jobs.finish_after(describes=1)
    first, second = start(), start()
    assert status(signer_client, first) == "Succeeded"
    (listed,) = signer_client.list_signing_jobs(status="InProgress")["jobs"]
    assert listed["jobId"] == second
    assert status(signer_client, second) == "Succeeded"


@pytest.mark.parametrize("after", [{"describes": 1}, {"seconds": 1}])
def test_a_held_job_does_not_end_by_itself(buckets, signer_client, start, after):
    buckets.jobs.finish_after(**after)
    with buckets.jobs.hold():
        job_id = start()
        buckets.clock.advance(seconds=2)
        for _ in range(2):
            assert status(signer_client, job_id) == "InProgress"
    assert status(signer_client, start()) == ("Succeeded" if "describes" in after else "InProgress")


def test_a_job_whose_object_store_breaks_stays_held(code_zip):
    class Broken(InMemoryObjects):
        is_broken = True

        def write(self, *args):
            if self.is_broken:
                raise OSError("disk full")
            super().write(*args)

    objects = Broken()
    objects.create_bucket("src", versioning=True)
    with mock_signer(s3=objects) as mock:
        client = mock.client("signer")
        client.put_signing_profile(profileName="p1", platformId=LAMBDA)
        mock.jobs.hold()
        version = objects.put("src", "app.zip", code_zip)
        job_id = client.start_signing_job(
            source={"s3": {"bucketName": "src", "key": "app.zip", "version": version}},
            destination={"s3": {"bucketName": "src"}},
            profileName="p1",
        )["jobId"]
        with pytest.raises(OSError, match="disk full"):
            mock.jobs.release(job_id)
        assert status(client, job_id) == "InProgress"
        objects.is_broken = False
        mock.jobs.release(job_id)
        assert status(client, job_id) == "Succeeded"


def test_a_snapshot_keeps_the_jobs_that_are_to_fail(buckets, signer_client, start):
    buckets.jobs.fail_next("Broken")
    snapshot = buckets.snapshot()
    for _ in range(2):
        assert [status(signer_client, start()) for _ in range(2)] == ["Failed", "Succeeded"]
        buckets.restore(snapshot)


def test_the_held_jobs_are_named_where_another_is_to_be_released(buckets, start):
    buckets.jobs.hold()
    held = [start(), start()]
    with pytest.raises(SignerMockError) as caught:
        buckets.jobs.release("nope")
    assert str(caught.value).endswith(f"that job is not held. Held jobs: {', '.join(held)}.")


def test_a_snapshot_keeps_jobs_under_way(buckets, signer_client, start):
    buckets.jobs.hold()
    job_id = start()
    snapshot = buckets.snapshot()
    buckets.jobs.release()
    buckets.restore(snapshot)
    assert status(signer_client, job_id) == "InProgress"
    buckets.jobs.release(job_id)
    assert status(signer_client, job_id) == "Succeeded"


def test_a_held_job_cannot_be_revoked_but_its_profile_can(buckets, signer_client, start):
    buckets.jobs.hold()
    job_id = start()
    with pytest.raises(signer_client.exceptions.ValidationException):
        signer_client.revoke_signature(jobId=job_id, reason="too early")
    signer_client.cancel_signing_profile(profileName="lambda_profile")
    buckets.jobs.release(job_id)
    assert status(signer_client, job_id) == "Succeeded"


def test_a_source_that_went_away_fails_the_job(buckets, signer_client, start):
    buckets.jobs.hold()
    job_id = start()
    buckets.objects.clear()
    buckets.jobs.release(job_id)
    described = signer_client.describe_signing_job(jobId=job_id)
    assert described["status"] == "Failed"
    assert "not accessible" in described["statusReason"]


def test_the_same_token_gives_the_same_job_while_it_is_held(
    buckets, signer_client, code_zip, lambda_profile
):
    version = buckets.objects.put("src", "app.zip", code_zip)
    buckets.jobs.hold()
    request = {
        "source": {"s3": {"bucketName": "src", "key": "app.zip", "version": version}},
        "destination": {"s3": {"bucketName": "dst"}},
        "profileName": lambda_profile,
        "clientRequestToken": "once",
    }
    ids = {signer_client.start_signing_job(**request)["jobId"] for _ in range(3)}
    assert len(ids) == 1


def test_held_jobs_go_with_a_reset(buckets, signer_client, start):
    buckets.jobs.hold()
    start()
    buckets.reset()
    buckets.jobs.release()
    assert list(buckets.events) == []


@pytest.mark.parametrize(
    ("arrange", "sentence"),
    [
        (lambda jobs: jobs.release("nope"), "that job is not held. Held jobs: none."),
        (lambda jobs: jobs.release(status="Done"), "expected 'Succeeded' or 'Failed'"),
        (lambda jobs: jobs.release(reason="x"), "belongs to status='Failed'"),
        (lambda jobs: jobs.fail_next(""), "expected the statusReason"),
        (lambda jobs: jobs.fail_next("x", times=0), "expected a positive int"),
        (lambda jobs: jobs.finish_after(), "expected one of the two"),
        (lambda jobs: jobs.finish_after(describes=1, seconds=1), "expected one of the two"),
        (lambda jobs: jobs.finish_after(describes=1.5), "expected one of the two"),
        (lambda jobs: jobs.finish_after(seconds=0), "expected one of the two"),
        (lambda jobs: jobs.finish_after(seconds=float("nan")), "expected one of the two"),
    ],
)
def test_invalid_arguments_are_refused(signer_mock, arrange, sentence):
    with pytest.raises(SignerMockError) as caught:
        arrange(signer_mock.jobs)
    assert sentence in str(caught.value)
