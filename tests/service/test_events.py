"""Job events: ``mock.events``, and moto's EventBridge with its rules and targets."""

from __future__ import annotations

import json
import re
from typing import Any

import boto3
import pytest
from moto import mock_aws

from signer_mock import SignerMock, mock_signer
from tests.helpers.constants import ACCOUNT, IOT, LAMBDA, NOTATION, OTHER, PAYLOAD_FORMAT
from tests.helpers.moto import code_signing_pair, sign, upload
from tests.helpers.zip_archives import code_zip

PATTERN = json.dumps({"source": ["aws.signer"], "detail-type": ["Signer Job Status Change"]})
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def source_in_memory(mock: SignerMock, data: bytes, key: str = "app.zip") -> dict[str, Any]:
    mock.objects.create_bucket("code", versioning=True)
    version = mock.objects.put("code", key, data)
    return {"s3": {"bucketName": "code", "key": key, "version": version}}


def grant(mock: SignerMock, action: str, name: str = "release") -> None:
    mock.client("signer").add_profile_permission(
        profileName=name, action=action, principal=OTHER, statementId="s"
    )


# mock.events


def test_an_image_job_is_an_event_in_eventbridges_form(signer_mock):
    signer_mock.clock.freeze("2031-05-06T07:08:09.876Z")
    certificate_arn = signer_mock.account().import_certificate(*code_signing_pair())
    client = signer_mock.client("signer", "us-east-1")
    client.put_signing_profile(
        profileName="device", platformId=IOT, signingMaterial={"certificateArn": certificate_arn}
    )
    source = source_in_memory(signer_mock, b"firmware", "image.bin")
    job_id = sign(client, source, "device")["jobId"]

    [event] = signer_mock.events
    assert UUID.fullmatch(event["id"])
    assert json.loads(json.dumps(event)) == {
        "version": "0",
        "id": event["id"],
        "detail-type": "Signer Job Status Change",
        "source": "aws.signer",
        "account": ACCOUNT,
        "time": "2031-05-06T07:08:09Z",
        "region": "us-east-1",
        "resources": [f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-jobs/{job_id}"],
        "detail": {
            "certificate_arn": certificate_arn,
            "job_id": job_id,
            "destination": {"bucketName": "code", "key": f"signed/{job_id}"},
            "source": source["s3"],
            "platform": IOT,
            "status": "Succeeded",
        },
    }
    order = "version id detail-type source account time region resources detail"
    assert list(event) == order.split()


def test_the_event_of_a_zip_job_has_no_certificate(signer_mock):
    client = signer_mock.client("signer")
    client.put_signing_profile(profileName="release", platformId=LAMBDA)
    sign(client, source_in_memory(signer_mock, code_zip()))
    [event] = signer_mock.events
    assert set(event["detail"]) == {"job_id", "destination", "source", "platform", "status"}


def test_the_event_of_a_failed_job_has_no_key(signer_mock):
    client = signer_mock.client("signer")
    client.put_signing_profile(profileName="release", platformId=LAMBDA)
    sign(client, source_in_memory(signer_mock, b"not a zip"))
    [event] = signer_mock.events
    assert event["detail"]["status"] == "Failed"
    assert event["detail"]["destination"] == {"bucketName": "code"}


def test_a_signed_payload_is_an_event_without_places(signer_mock):
    client = signer_mock.client("signer")
    client.put_signing_profile(profileName="image", platformId=NOTATION)
    job_id = client.sign_payload(profileName="image", payload=b"{}", payloadFormat=PAYLOAD_FORMAT)[
        "jobId"
    ]
    [event] = signer_mock.events
    assert event["detail"] == {"job_id": job_id, "platform": NOTATION, "status": "Succeeded"}


def test_owner_and_invoker_get_an_event_each(signer_mock):
    signer_mock.client("signer").put_signing_profile(profileName="release", platformId=LAMBDA)
    grant(signer_mock, "signer:StartSigningJob")
    other = signer_mock.account(OTHER).client("signer")
    job = sign(other, source_in_memory(signer_mock, code_zip()), profileOwner=ACCOUNT)

    first, second = signer_mock.events
    assert [first["account"], second["account"]] == [ACCOUNT, OTHER]
    assert first["id"] != second["id"]
    arn = f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-jobs/{job['jobId']}"
    assert first["resources"] == second["resources"] == [arn]
    assert first["detail"] == second["detail"]


def test_what_was_refused_is_no_event(signer_mock):
    client = signer_mock.client("signer")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        sign(client, source_in_memory(signer_mock, code_zip()), "missing")
    assert not signer_mock.events


def test_events_are_a_read_only_sequence_that_outlives_the_stop():
    with mock_signer() as mock:
        client = mock.client("signer")
        client.put_signing_profile(profileName="release", platformId=LAMBDA)
        source = source_in_memory(mock, code_zip())
        jobs = [sign(client, source)["jobId"] for _ in range(3)]
    assert [event["detail"]["job_id"] for event in mock.events] == jobs
    assert mock.events[-1]["detail"]["job_id"] == jobs[-1]
    assert len(mock.events[1:]) == 2
    assert jobs[0] in repr(mock.events)
    assert not hasattr(mock.events, "append")


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_events_are_of_the_regions_partition(region, partition):
    with mock_signer(region_name=region) as mock:
        client = mock.client("signer")
        client.put_signing_profile(profileName="release", platformId=LAMBDA)
        sign(client, source_in_memory(mock, code_zip()))
        [event] = mock.events
        assert event["region"] == region
        assert event["resources"][0].startswith(f"arn:{partition}:signer:{region}:{ACCOUNT}:/")


# moto's EventBridge


@pytest.fixture
def both(both: SignerMock) -> SignerMock:
    """moto and the mock, with a profile ``release`` of the default account."""
    both.client("signer").put_signing_profile(profileName="release", platformId=LAMBDA)
    return both


class Queue:
    """A queue that a rule sends events to."""

    def __init__(self, account: Any, pattern: str = PATTERN, region: str = "us-east-1") -> None:
        self.sqs, events = account.client("sqs", region), account.client("events", region)
        self.url = self.sqs.create_queue(QueueName="jobs")["QueueUrl"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])[
            "Attributes"
        ]
        events.put_rule(Name="jobs", EventPattern=pattern)
        events.put_targets(Rule="jobs", Targets=[{"Id": "1", "Arn": attributes["QueueArn"]}])

    def received(self) -> list[dict[str, Any]]:
        answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def test_a_rule_of_motos_sends_the_event_to_its_queue(both):
    queue = Queue(both.account())
    sign(both.client("signer"), upload(both.client("s3"), "code"))
    [received] = queue.received()
    # Two members are moto's own: it leaves one out, and puts one in.
    expected = {name: value for name, value in both.events[0].items() if name != "account"}
    assert {name: value for name, value in received.items() if name in expected} == expected


def test_a_rule_of_motos_sends_the_event_to_its_log_group(both):
    logs, events = boto3.client("logs"), boto3.client("events")
    logs.create_log_group(logGroupName="/aws/events/jobs")
    arn = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/events/jobs"
    events.put_rule(Name="jobs", EventPattern=PATTERN)
    events.put_targets(Rule="jobs", Targets=[{"Id": "1", "Arn": arn}])
    job = sign(both.client("signer"), upload(both.client("s3"), "code"))

    [line] = logs.filter_log_events(logGroupName="/aws/events/jobs")["events"]
    assert json.loads(line["message"])["detail"]["job_id"] == job["jobId"]


def test_owners_and_invokers_rules_each_fire_once(both):
    queues = [Queue(both.account()), Queue(both.account(OTHER))]
    grant(both, "signer:StartSigningJob")
    other = both.account(OTHER)
    sign(other.client("signer"), upload(other.client("s3"), "code"), profileOwner=ACCOUNT)

    for queue, event in zip(queues, both.events, strict=True):
        [received] = queue.received()
        assert received["id"] == event["id"]


def test_a_rule_picks_events_by_their_detail(both):
    failed = json.dumps({"source": ["aws.signer"], "detail": {"status": ["Failed"]}})
    queue = Queue(both.account(), failed)
    source = upload(both.client("s3"), "code")
    sign(both.client("signer"), source)
    assert queue.received() == []
    version = both.client("s3").put_object(Bucket="code", Key="app.zip", Body=b"x")["VersionId"]
    bad = sign(both.client("signer"), {"s3": {**source["s3"], "version": version}})
    assert [one["detail"]["job_id"] for one in queue.received()] == [bad["jobId"]]


def test_a_rule_in_another_region_does_not_fire(both):
    queue = Queue(both.account(), region="eu-west-1")
    sign(both.client("signer"), upload(both.client("s3"), "code"))
    assert queue.received() == []
    both.client("signer", "eu-west-1").put_signing_profile(profileName="release", platformId=LAMBDA)
    sign(both.client("signer", "eu-west-1"), upload(both.client("s3", "eu-west-1"), "far"))
    assert [one["region"] for one in queue.received()] == ["eu-west-1"]


def test_the_events_time_is_the_mocks(both):
    queue = Queue(both.account())
    both.clock.freeze("2031-05-06T07:08:09Z")
    sign(both.client("signer"), upload(both.client("s3"), "code"))
    assert [one["time"] for one in queue.received()] == ["2031-05-06T07:08:09Z"]


def test_events_are_recorded_even_if_eventbridge_gets_none(both):
    sign(both.client("signer"), upload(both.client("s3"), "code"))
    assert len(both.events) == 1


def test_a_moto_configured_without_eventbridge_gets_no_events(both):
    queue = Queue(both.account())
    from moto.core.config import default_user_config

    default_user_config["core"]["service_whitelist"] = ["s3", "sqs"]
    try:
        sign(both.client("signer"), upload(both.client("s3"), "code"))
        assert queue.received() == []
    finally:
        default_user_config["core"]["service_whitelist"] = None
    assert len(both.events) == 1


def test_an_unreachable_event_target_breaks_no_job(both, caplog):
    events = boto3.client("events")
    events.put_rule(Name="jobs", EventPattern=PATTERN)
    target = {"Id": "1", "Arn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:on-job"}
    events.put_targets(Rule="jobs", Targets=[target])
    job = sign(both.client("signer"), upload(both.client("s3"), "code"))
    assert job["status"] == "Succeeded"
    assert len(both.events) == 1
    (event,) = both.events
    (record,) = [one for one in caplog.records if one.name == "signer_mock"]
    assert record.levelname == "WARNING"
    assert record.exc_info
    assert record.getMessage() == f"EventBridge did not take {dict(event)}"


@mock_signer
def test_moto_may_start_later(signer_mock):
    with mock_aws():
        signer_mock.client("signer").put_signing_profile(profileName="release", platformId=LAMBDA)
        queue = Queue(signer_mock.account())
        sign(signer_mock.client("signer"), upload(signer_mock.client("s3"), "code"))
        assert len(queue.received()) == 1
