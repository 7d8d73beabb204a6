"""What is never sent, whatever a probe asks for."""

from __future__ import annotations

from typing import Any

import pytest

from signer_mock._parity.guard import NO_JOB, ForbiddenCallError, Target
from signer_mock._parity.probes import Check, Probe, Step
from signer_mock._parity.records import Given
from signer_mock._parity.report import exit_status, make_report
from signer_mock._parity.run import Run
from signer_mock._parity.send import Sender
from signer_mock._wire.http import HttpRequest, HttpResponse
from tests.helpers.parity import ACCOUNT, serving

ARN = f"arn:aws:signer:us-east-1:{ACCOUNT}:"
PLACE = {"bucketName": "mine", "key": "parity/a.zip", "version": "v"}
GOOD_JOB = {
    "profileName": "parity_lambda",
    "source": {"s3": PLACE},
    "destination": {"s3": {"bucketName": "mine", "prefix": "parity/"}},
}


class Recorder:
    """A server that says yes to everything, and remembers it."""

    def __init__(self) -> None:
        self.requests: list[str] = []

    def handle(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(f"{request.method} {request.path}")
        return HttpResponse(200, {"Content-Type": "application/json"}, b"{}")


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def target(url: str, **more: Any) -> Target:
    return Target(ACCOUNT, "us-east-1", "parity", url, bucket="mine", **more)


@pytest.mark.parametrize(
    ("service", "operation", "params", "change"),
    [
        ("s3", "DeleteBucket", {"Bucket": "mine"}, {}),
        ("s3", "ListBuckets", {}, {}),
        ("s3", "PutObject", {"Bucket": "other", "Key": "parity/a"}, {}),
        ("s3", "PutObject", {"Bucket": "mine", "Key": "a"}, {}),
        ("s3", "PutObject", {"Bucket": "mine", "Key": "parity"}, {}),
        ("s3", "DeleteObject", {"Bucket": "mine", "Key": "x/parity/a"}, {}),
        ("iam", "CreateUser", {"UserName": "x"}, {}),
        ("sts", "AssumeRole", {}, {}),
        ("signer", "CreateSigningProfile", {}, {}),
        ("signer-data", "SignPayload", {}, {}),
        ("signer", "PutSigningProfile", {"profileName": "release"}, {}),
        ("signer", "CancelSigningProfile", {"profileName": "release"}, {}),
        ("signer", "CancelSigningProfile", {"profileName": "parity"}, {}),
        ("signer", "CancelSigningProfile", {"profileName": "parityX_a"}, {}),
        ("signer", "CancelSigningProfile", {"profileName": "parity_a/../release"}, {}),
        ("signer", "CancelSigningProfile", {"profileName": "parity_a\n"}, {}),
        ("signer", "CancelSigningProfile", {}, {}),
        ("signer", "SignPayload", {"profileName": "release"}, {}),
        ("signer", "AddProfilePermission", {"profileName": "release"}, {}),
        ("signer", "RemoveProfilePermission", {"profileName": "release"}, {}),
        ("signer", "TagResource", {"resourceArn": f"{ARN}/signing-profiles/release"}, {}),
        ("signer", "TagResource", {"resourceArn": f"{ARN}/signing-profiles/release/parity_a"}, {}),
        ("signer", "UntagResource", {"resourceArn": "arn:aws:s3:::release"}, {}),
        ("signer", "StartSigningJob", {**GOOD_JOB, "profileName": "release"}, {}),
        ("signer", "StartSigningJob", {**GOOD_JOB, "source": {"s3": {**PLACE, "key": "a"}}}, {}),
        (
            "signer",
            "StartSigningJob",
            {**GOOD_JOB, "source": {"s3": {**PLACE, "bucketName": "other"}}},
            {},
        ),
        (
            "signer",
            "StartSigningJob",
            {**GOOD_JOB, "destination": {"s3": {"bucketName": "mine"}}},
            {},
        ),
        (
            "signer",
            "StartSigningJob",
            {**GOOD_JOB, "destination": {"s3": {"bucketName": "other", "prefix": "parity/"}}},
            {},
        ),
        ("signer", "RevokeSignature", {"jobId": NO_JOB, "reason": "r"}, {}),
        ("signer", "RevokeSigningProfile", {"profileName": "parity_a"}, {}),
        ("signer", "StartSigningJob", GOOD_JOB, {"body": "{}"}),
        ("signer", "CancelSigningProfile", {"profileName": "parity_a"}, {"unknown_path": True}),
        ("signer", "CancelSigningProfile", {"profileName": "parity_a"}, {"presigned": True}),
        ("signer", "ListSigningPlatforms", {}, {"method": "DELETE"}),
    ],
)
def test_nothing_outside_the_list_is_sent(
    recorder: Recorder, service: str, operation: str, params: dict[str, Any], change: dict[str, Any]
) -> None:
    with serving(recorder.handle) as url:
        sender = Sender(target(url))
        with pytest.raises(ForbiddenCallError, match="is not sent"):
            sender.call(operation, params, service=service, change=change)
    assert recorder.requests == []
    assert sender.sent == 0


def test_with_irreversible_only_jobs_of_this_run_are_revoked(recorder: Recorder) -> None:
    with serving(recorder.handle) as url:
        sender = Sender(target(url, irreversible=True))
        with pytest.raises(ForbiddenCallError, match="was not started by this run"):
            sender.call("RevokeSignature", {"jobId": "some-other-job", "reason": "r"})
        sender.call("RevokeSignature", {"jobId": NO_JOB, "reason": "r"})
    assert recorder.requests == [f"PUT /signing-jobs/{NO_JOB}/revoke"]


def test_what_is_allowed_is_sent(recorder: Recorder) -> None:
    with serving(recorder.handle) as url:
        sender = Sender(target(url))
        sender.call("StartSigningJob", GOOD_JOB)
        sender.call("TagResource", {"resourceArn": f"{ARN}/signing-profiles/parity_a", "tags": {}})
    assert [request.partition("?")[0] for request in recorder.requests] == [
        "POST /signing-jobs",
        f"POST /tags/{ARN.replace(':', '%3A')}%2Fsigning-profiles%2Fparity_a",
    ]


def test_the_client_itself_refuses_what_got_past_the_list(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signer_mock._parity.send.require_allowed", lambda *_, **__: None)
    with serving(recorder.handle) as url, pytest.raises(ForbiddenCallError):
        Sender(target(url)).call("DeleteBucket", {"Bucket": "mine"}, service="s3")
    assert recorder.requests == []


def test_a_probe_made_wrong_on_purpose_is_stopped_and_reported(recorder: Recorder) -> None:
    rows = Check(("put.creates-existing-name",))
    wrong = Probe(
        "wrong",
        "Cancels somebody's profile",
        (
            Step("signer", "ListSigningPlatforms", {}, checks=(rows,)),
            Step("signer", "CancelSigningProfile", {"profileName": "release"}, checks=(rows,)),
        ),
    )
    with serving(recorder.handle) as url:
        run = Run([wrong], Sender(target(url)), Given("aws", "root"))
        run.play()
    report = make_report(run)
    assert recorder.requests == ["GET /signing-platforms"]
    assert exit_status(report) == 2
    assert report["rows"]["put.creates-existing-name"]["result"] == "not run"
    assert "is not sent: the profile 'release' is not one of" in report["problems"][0]
