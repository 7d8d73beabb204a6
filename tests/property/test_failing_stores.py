"""Object stores that fail at each step: no half job, no used token, no lock left taken."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from signer_mock import mock_signer
from signer_mock.objects import (
    BucketInfo,
    InMemoryObjects,
    NotAccessibleError,
    SourceObject,
    StorageCaller,
)
from tests.helpers.constants import CERTIFICATE, IOT, LAMBDA
from tests.helpers.signing import make_zip

CODE = make_zip({"app.py": b"pass"})


class Failing:
    """Objects in memory, behind a store that raises at one of its calls.

    Args:
        error: What it raises; None lets everything pass.
        at: The number of the call, from 1.
    """

    def __init__(self, error: BaseException | None = None, at: int = 0) -> None:
        self.memory = InMemoryObjects()
        self.error = error
        self.at = at
        self.steps: list[str] = []

    def step(self, name: str) -> None:
        self.steps.append(name)
        if self.error is not None and len(self.steps) == self.at:
            raise self.error

    def bucket(self, name: str, caller: StorageCaller) -> BucketInfo:
        self.step(f"bucket {name}")
        return self.memory.bucket(name, caller)

    def open(self, bucket: str, key: str, version: str, caller: StorageCaller) -> SourceObject:
        self.step("open")
        return Source(self, self.memory.open(bucket, key, version, caller))

    def write(
        self, bucket: str, key: str, data: bytes, content_type: str, caller: StorageCaller
    ) -> None:
        self.step("write")
        self.memory.write(bucket, key, data, content_type, caller)
        self.step("after the write")


class Source:
    def __init__(self, store: Failing, inner: SourceObject) -> None:
        self.store = store
        self.inner = inner

    @property
    def size(self) -> int:
        self.store.step("size")
        return self.inner.size

    def read(self) -> bytes:
        self.store.step("read")
        return self.inner.read()

    def chunks(self) -> Iterator[bytes]:
        for chunk in self.inner.chunks():
            self.store.step("chunk")
            yield chunk


PROFILES: dict[str, dict[str, Any]] = {
    LAMBDA: {"platformId": LAMBDA},
    IOT: {"platformId": IOT, "signingMaterial": {"certificateArn": CERTIFICATE}},
}


def job_of(platform: str, version: str) -> dict[str, Any]:
    return {
        "profileName": "some_profile",
        "source": {"s3": {"bucketName": "src", "key": "app.zip", "version": version}},
        "destination": {"s3": {"bucketName": "dst"}},
        "clientRequestToken": f"token-{platform}",
    }


def prepare(store: Failing, client: Any, platform: str) -> dict[str, Any]:
    store.memory.create_bucket("src", versioning=True)
    store.memory.create_bucket("dst")
    version = store.memory.put("src", "app.zip", CODE)
    client.put_signing_profile(profileName="some_profile", **PROFILES[platform])
    return job_of(platform, version)


def steps_of(platform: str) -> list[str]:
    """What a store is asked for by a job that succeeds."""
    store = Failing()
    with mock_signer(s3=store) as mock:
        client = mock.client("signer")
        client.start_signing_job(**prepare(store, client, platform))
    return store.steps


@pytest.mark.parametrize("platform", PROFILES)
def test_a_job_asks_a_store_for_no_more_than_it_must(platform):
    steps = steps_of(platform)
    assert [step for step, _ in itertools.groupby(steps) if step != "size"] == [
        *("bucket src", "open", "bucket dst"),
        *("read" if platform == LAMBDA else "chunk", "write", "after the write"),
    ]
    assert "size" in steps


class StoreBroke(Exception):  # noqa: N818 - a store's own
    pass


ERRORS = {
    "the bucket is not accessible": NotAccessibleError("bucket", "src"),
    "the object is not accessible": NotAccessibleError("object", "app.zip"),
    "the store breaks": StoreBroke("broken"),
    "no memory": MemoryError(),
    "an interrupt": KeyboardInterrupt(),
}


def outcome_of(client: Any, job: dict[str, Any], error: BaseException) -> str | None:
    """The id of the job, the code of the refusal, or None where the store's error came through."""
    try:
        return str(client.start_signing_job(**job)["jobId"])
    except ClientError as refused:
        return str(refused.response["Error"]["Code"])
    except type(error):
        return None


@pytest.mark.parametrize("error", ERRORS.values(), ids=list(ERRORS))
@pytest.mark.parametrize("platform", PROFILES)
def test_the_mock_stays_consistent_when_any_step_of_a_store_fails(platform, error):
    for at in range(1, len(steps_of(platform)) + 1):
        store = Failing(error, at)
        with mock_signer(s3=store) as mock:
            client = mock.client("signer")
            job = prepare(store, client, platform)

            outcome = outcome_of(client, job, error)

            step = store.steps[-1]
            jobs = client.list_signing_jobs()["jobs"]
            if isinstance(error, NotAccessibleError):
                # Looking is checked at once; reading and writing make a failed job.
                refused = step in ("open", "size") or step.startswith("bucket")
                assert (outcome == "AccessDeniedException") == refused, step
                expected = [] if refused else [(outcome, "Failed")]
                assert [(one["jobId"], one["status"]) for one in jobs] == expected
            else:
                assert (outcome, jobs) == (None, []), f"a store that broke at {step!r} left a job"
            assert len(mock.events) == len(jobs)

            # The store works again, and so does the token of a call that left no job.
            store.error = None
            if jobs:
                job["clientRequestToken"] = "another"
            job_id = client.start_signing_job(**job)["jobId"]
            assert client.describe_signing_job(jobId=job_id)["status"] == "Succeeded"
