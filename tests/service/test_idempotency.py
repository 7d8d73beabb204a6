"""clientRequestToken of StartSigningJob: the same request twice makes one job."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from signer_mock import SignerMock, _handle, mock_signer
from signer_mock._service.ids import IdSource
from tests.helpers.constants import LAMBDA, NOTATION, OTHER
from tests.helpers.refusals import refusal

THREADS = 8


@pytest.fixture
def request_(buckets: Any, lambda_profile: str, code_zip: bytes) -> dict[str, Any]:
    """The arguments of one StartSigningJob, with a token."""
    version = buckets.objects.put("src", "app.zip", code_zip)
    return {
        "source": {"s3": {"bucketName": "src", "key": "app.zip", "version": version}},
        "destination": {"s3": {"bucketName": "dst", "prefix": "signed/"}},
        "profileName": lambda_profile,
        "clientRequestToken": "deploy-42",
    }


def job_ids(client: Any) -> list[str]:
    return [job["jobId"] for job in client.list_signing_jobs()["jobs"]]


def without_metadata(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_the_same_request_with_the_same_token_is_answered_as_the_first_time(
    signer_mock, signer_client, request_
):
    first = without_metadata(signer_client.start_signing_job(**request_))
    signer_mock.clock.advance(days=1)
    assert without_metadata(signer_client.start_signing_job(**request_)) == first
    assert job_ids(signer_client) == [first["jobId"]]
    assert len(signer_mock.objects.keys("dst")) == 1


def test_a_token_need_not_be_a_uuid_and_another_one_makes_another_job(signer_client, request_):
    first = signer_client.start_signing_job(**request_)["jobId"]
    second = signer_client.start_signing_job(**{**request_, "clientRequestToken": "x"})["jobId"]
    assert job_ids(signer_client) == [second, first]


def test_boto3_makes_a_new_token_for_each_call_that_has_none(signer_client, request_):
    del request_["clientRequestToken"]
    first = signer_client.start_signing_job(**request_)["jobId"]
    assert signer_client.start_signing_job(**request_)["jobId"] != first


@pytest.mark.parametrize(
    "change",
    [
        {"profileName": "another_profile"},
        {"source": {"s3": {"bucketName": "src", "key": "app.zip", "version": "null"}}},
        {"destination": {"s3": {"bucketName": "dst", "prefix": "other/"}}},
        {"destination": {"s3": {"bucketName": "dst"}}},
        {"profileOwner": OTHER},
    ],
)
def test_the_same_token_with_other_parameters_is_answered_as_the_first_time(
    signer_client, request_, change
):
    signer_client.put_signing_profile(profileName="another_profile", platformId=LAMBDA)
    first = signer_client.start_signing_job(**request_)["jobId"]
    assert signer_client.start_signing_job(**{**request_, **change})["jobId"] == first
    assert job_ids(signer_client) == [first]


def test_a_repeat_gets_the_first_answer_even_if_the_profile_has_changed(signer_client, request_):
    first = signer_client.start_signing_job(**request_)["jobId"]
    signer_client.cancel_signing_profile(profileName=request_["profileName"])
    assert signer_client.start_signing_job(**request_)["jobId"] == first


def test_a_failed_job_is_the_first_answer_too(buckets, signer_client, request_):
    version = buckets.objects.put("src", "app.zip", b"no zip")
    request_["source"]["s3"]["version"] = version
    first = signer_client.start_signing_job(**request_)["jobId"]
    assert signer_client.describe_signing_job(jobId=first)["status"] == "Failed"
    assert signer_client.start_signing_job(**request_)["jobId"] == first


def test_a_refused_request_does_not_use_up_its_token(signer_client, request_):
    refused = {**request_, "profileName": "nobody"}
    assert refusal(signer_client.start_signing_job, **refused).response["code"] == (
        "ProfileNotFound"
    )
    signer_client.start_signing_job(**request_)
    assert len(job_ids(signer_client)) == 1


def test_a_token_is_an_accounts_own_and_a_regions_own(signer_mock, signer_client, request_):
    made = {signer_client.start_signing_job(**request_)["jobId"]}
    for client in (
        signer_mock.client("signer", "eu-west-1"),
        signer_mock.account(OTHER).client("signer"),
    ):
        client.put_signing_profile(profileName=request_["profileName"], platformId=LAMBDA)
        made.add(client.start_signing_job(**request_)["jobId"])
    assert len(made) == 3


def test_a_token_is_free_again_when_its_job_has_left(signer_mock, signer_client, request_):
    first = signer_client.start_signing_job(**request_)["jobId"]
    signer_mock.clock.advance(days=732)
    assert signer_client.start_signing_job(**request_)["jobId"] != first


# At the same time. The suite's own checks answer one call after the other, so they stay out here.


@pytest.fixture
def racing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mocks started from now on answer racing, and every id takes a while to make.

    An id is made between looking and writing, so without a lock every thread would look first.
    """

    def slowly(make: Callable[[IdSource], str]) -> Callable[[IdSource], str]:
        def made(ids: IdSource) -> str:
            time.sleep(0.005)
            return make(ids)

        return made

    monkeypatch.setattr(_handle, "handle", _handle.handle.plain)  # type: ignore[attr-defined]  # answer_checks sets it
    monkeypatch.setattr(IdSource, "uuid", slowly(IdSource.uuid))
    monkeypatch.setattr(IdSource, "profile_version", slowly(IdSource.profile_version))


@pytest.fixture
def signer_mock(request: pytest.FixtureRequest) -> Iterator[SignerMock]:
    """As the plugin's, but it comes after ``racing`` where a test asks for that."""
    if "racing" in request.fixturenames:
        request.getfixturevalue("racing")
    with mock_signer() as mock:
        yield mock


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Let each call run in a thread of its own, all started together."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait(timeout=30)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


def test_one_token_used_by_many_threads_at_once_makes_one_job(
    racing, signer_mock, signer_client, request_
):
    for attempt in range(2):
        request_["clientRequestToken"] = f"attempt-{attempt}"
        answers = at_once([lambda: signer_client.start_signing_job(**request_)] * THREADS)
        assert len({answer["jobId"] for answer in answers}) == 1
    assert len(job_ids(signer_client)) == 2
    assert len(signer_mock.objects.keys("dst")) == 2


def test_one_token_used_at_once_for_two_requests_makes_one_job(racing, signer_client, request_):
    other = {**request_, "destination": {"s3": {"bucketName": "dst", "prefix": "other/"}}}

    def start(params: dict[str, Any]) -> str:
        return str(signer_client.start_signing_job(**params)["jobId"])

    answers = at_once([partial(start, params) for params in [request_, other] * (THREADS // 2)])
    assert len(set(answers)) == 1
    assert len(job_ids(signer_client)) == 1


def test_many_tokens_used_at_once_make_as_many_jobs(racing, signer_client, request_):
    calls = [
        partial(
            signer_client.start_signing_job,
            **{**request_, "clientRequestToken": f"token-{number}"},
        )
        for number in range(THREADS)
    ]
    made = {answer["jobId"] for answer in at_once(calls)}
    assert len(made) == THREADS
    assert set(job_ids(signer_client)) == made


def test_one_profile_put_by_many_threads_at_once_is_made_once(racing, signer_client):
    def put() -> str:
        try:
            return str(
                signer_client.put_signing_profile(profileName="race", platformId=NOTATION)[
                    "profileVersion"
                ]
            )
        except ClientError as error:
            return str(error.response["code"])

    answers = at_once([put] * THREADS)
    assert answers.count("ProfileAlreadyExists") == THREADS - 1
    version = signer_client.get_signing_profile(profileName="race")["profileVersion"]
    assert version in answers


def test_statements_added_at_once_with_one_revision_let_one_through(
    racing, signer_client, lambda_profile
):
    call = {
        "profileName": lambda_profile,
        "action": "signer:GetSigningProfile",
        "principal": OTHER,
    }
    revision = signer_client.add_profile_permission(statementId="s0", **call)["revisionId"]

    def add(number: int) -> str:
        try:
            signer_client.add_profile_permission(
                statementId=f"s{number}", revisionId=revision, **call
            )
        except ClientError as error:
            return str(error.response["code"])
        return "added"

    answers = at_once([partial(add, number) for number in range(1, THREADS + 1)])
    assert sorted(answers) == ["PolicyRevisionIdMismatch"] * (THREADS - 1) + ["added"]
    permissions = signer_client.list_profile_permissions(profileName=lambda_profile)
    assert len(permissions["permissions"]) == 2
