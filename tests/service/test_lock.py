"""The lock on a mock's state is free while a signing job reads, signs and writes."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from signer_mock import SignerMock, SignerMockError, mock_signer
from signer_mock._service import signatures
from tests.helpers.constants import LAMBDA, PAYLOAD_FORMAT
from tests.helpers.slow_objects import SlowObjects


class Setup:
    """A mock over slow objects, and a way to start a job in another thread."""

    def __init__(self, code: bytes) -> None:
        self.objects = SlowObjects()
        self.objects.create_bucket("src", versioning=True)
        self.objects.create_bucket("dst")
        self.version = self.objects.put("src", "app.zip", code)
        self.mock: SignerMock = mock_signer(s3=self.objects)
        self.pool = ThreadPoolExecutor()

    def __enter__(self):
        self.mock.start()
        self.client = self.mock.client("signer")
        self.client.put_signing_profile(profileName="p1", platformId=LAMBDA)
        return self

    def __exit__(self, *_error):
        self.objects.go_on.set()
        self.pool.shutdown()
        self.mock.stop()

    def start(self, **more):
        """Start a job in another thread; returns once it reads its source."""
        started = self.pool.submit(
            self.client.start_signing_job,
            source={"s3": {"bucketName": "src", "key": "app.zip", "version": self.version}},
            destination={"s3": {"bucketName": "dst"}},
            profileName="p1",
            **more,
        )
        assert self.objects.reading.wait(20)
        return started

    def finish(self, started):
        self.objects.go_on.set()
        return self.client.describe_signing_job(jobId=started.result()["jobId"])


@pytest.fixture
def setup(code_zip):
    with Setup(code_zip) as setup:
        yield setup


def test_other_calls_are_answered_while_a_job_runs(setup):
    started = setup.start()
    setup.client.put_signing_profile(profileName="p2", platformId=LAMBDA)
    assert len(setup.client.list_signing_profiles()["profiles"]) == 2
    assert setup.client.list_signing_jobs()["jobs"] == []
    assert not started.done()
    assert setup.finish(started)["status"] == "Succeeded"


def test_other_calls_are_answered_while_a_payload_is_signed(signer_mock, monkeypatch):
    signing, go_on = threading.Event(), threading.Event()
    plain = signatures.sign_payload

    def slow(*args):
        signing.set()
        assert go_on.wait(20)
        return plain(*args)

    monkeypatch.setattr(signatures, "sign_payload", slow)
    client = signer_mock.client("signer")
    client.put_signing_profile(profileName="p1", platformId="Notation-OCI-SHA384-ECDSA")
    with ThreadPoolExecutor() as pool:
        started = pool.submit(
            client.sign_payload, profileName="p1", payload=b"{}", payloadFormat=PAYLOAD_FORMAT
        )
        assert signing.wait(20)
        client.list_signing_profiles()
        assert not started.done()
        go_on.set()
        assert started.result()["signature"]


def test_two_calls_with_one_token_at_once_make_one_job(setup):
    first = setup.start(clientRequestToken="once")
    second = setup.pool.submit(
        setup.client.start_signing_job,
        source={"s3": {"bucketName": "src", "key": "app.zip", "version": setup.version}},
        destination={"s3": {"bucketName": "dst"}},
        profileName="p1",
        clientRequestToken="once",
    )
    assert setup.finish(first)["status"] == "Succeeded"
    assert second.result()["jobId"] == first.result()["jobId"]
    assert setup.objects.reads == 1
    assert len(setup.client.list_signing_jobs()["jobs"]) == 1


def test_a_token_of_a_call_that_failed_can_be_used_again(setup):
    setup.objects.go_on.set()
    request = {
        "source": {"s3": {"bucketName": "src", "key": "app.zip", "version": "unknown"}},
        "destination": {"s3": {"bucketName": "dst"}},
        "profileName": "p1",
        "clientRequestToken": "again",
    }
    with pytest.raises(setup.client.exceptions.AccessDeniedException):
        setup.client.start_signing_job(**request)
    source = {"s3": {"bucketName": "src", "key": "app.zip", "version": setup.version}}
    setup.client.start_signing_job(**{**request, "source": source})


def test_a_job_that_runs_while_its_profile_is_revoked_ends_and_its_signature_is_revoked(setup):
    setup.mock.clock.freeze("2026-01-02T03:04:05Z")
    started = setup.start()
    profile = setup.client.get_signing_profile(profileName="p1")
    setup.client.revoke_signing_profile(
        profileName="p1",
        profileVersion=profile["profileVersion"],
        reason="leaked",
        effectiveTime=setup.mock.clock.now() - dt.timedelta(hours=1),
    )
    job = setup.finish(started)
    assert job["status"] == "Succeeded"
    entities = setup.mock.revoked_entities(
        platform_id=LAMBDA,
        profile_version_arn=profile["profileVersionArn"],
        job_arn=f"arn:aws:signer:us-east-1:123456789012:/signing-jobs/{job['jobId']}",
        signature_timestamp=job["completedAt"],
        certificate_hashes=[],
    )
    assert entities == [profile["profileVersionArn"]]


def test_a_job_that_runs_while_its_mock_stops_ends_in_the_state_that_is_kept(code_zip):
    with Setup(code_zip) as setup:
        started = setup.start()
    assert started.result()["jobId"]
    (call,) = setup.mock.calls.of("StartSigningJob")
    assert call.status == 200


@pytest.mark.parametrize("change", ["reset", "restore"])
def test_a_job_that_runs_while_the_state_is_replaced_is_gone(setup, change):
    snapshot = setup.mock.snapshot()
    started = setup.start()
    setup.mock.reset() if change == "reset" else setup.mock.restore(snapshot)
    setup.objects.go_on.set()
    with pytest.raises(SignerMockError, match="was reset or restored while a signing job ran"):
        started.result()
    assert setup.client.list_signing_jobs()["jobs"] == []


@pytest.mark.parametrize("change", ["reset", "restore"])
def test_a_held_job_that_is_released_while_the_state_is_replaced_is_gone(setup, change):
    snapshot = setup.mock.snapshot()
    setup.mock.jobs.hold()
    setup.client.start_signing_job(
        source={"s3": {"bucketName": "src", "key": "app.zip", "version": setup.version}},
        destination={"s3": {"bucketName": "dst"}},
        profileName="p1",
    )
    released = setup.pool.submit(setup.mock.jobs.release)
    assert setup.objects.reading.wait(20)
    setup.mock.reset() if change == "reset" else setup.mock.restore(snapshot)
    setup.objects.go_on.set()
    with pytest.raises(SignerMockError, match="was reset or restored while a signing job ran"):
        released.result()
    assert setup.client.list_signing_jobs()["jobs"] == []


def test_a_snapshot_can_be_taken_while_a_job_runs(setup):
    started = setup.start()
    snapshot = setup.mock.snapshot()
    job = setup.finish(started)
    setup.mock.restore(snapshot)
    with pytest.raises(setup.client.exceptions.ResourceNotFoundException):
        setup.client.describe_signing_job(jobId=job["jobId"])
