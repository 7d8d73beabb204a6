"""StartSigningJob, DescribeSigningJob, ListSigningJobs: the job and its record.

What is inside a signed zip is judged in test_main_job.py and test_signing_lambda_zip.py.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from signer_mock import mock_signer
from signer_mock.errors import ObjectStoreError
from signer_mock.objects import StorageCaller
from tests.helpers.constants import IOT, LAMBDA, NOTATION, PAYLOAD_FORMAT
from tests.helpers.refusals import expect_refusal
from tests.helpers.signing import make_zip

PLAIN_ZIP = make_zip({"app.py": b"print()"})
UUID4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def request(version: str, **changes: Any) -> dict[str, Any]:
    return {
        "source": {"s3": {"bucketName": "src", "key": "app.zip", "version": version}},
        "destination": {"s3": {"bucketName": "dst"}},
        "profileName": "lambda_profile",
        **changes,
    }


def test_a_job_signs_at_once_and_the_waiter_returns_on_its_first_poll(
    buckets, signer_client, lambda_profile, code_zip
):
    version = buckets.objects.put("src", "app.zip", code_zip)
    job_id = signer_client.start_signing_job(**request(version))["jobId"]
    before = len(buckets.calls)
    signer_client.get_waiter("successful_signing_job").wait(jobId=job_id)
    assert [call.operation for call in buckets.calls[before:]] == ["DescribeSigningJob"]


def test_a_job_reads_as_the_live_service_gives_it(buckets, signer_client, lambda_profile, code_zip):
    buckets.clock.freeze("2026-01-31T10:20:30.456Z")
    signed_at = dt.datetime(2026, 1, 31, 10, 20, 30, tzinfo=dt.timezone.utc)
    version = buckets.objects.put("src", "app.zip", code_zip)
    started = signer_client.start_signing_job(
        **request(version, destination={"s3": {"bucketName": "dst", "prefix": "out-"}})
    )
    job_id = started["jobId"]
    assert re.fullmatch(UUID4, job_id)
    assert started["jobOwner"] == "123456789012"

    job = signer_client.describe_signing_job(jobId=job_id)
    del job["ResponseMetadata"]
    shared = {
        "jobId": job_id,
        "source": {"s3": {"bucketName": "src", "key": "app.zip", "version": version}},
        "signingMaterial": {},
        "platformId": LAMBDA,
        "platformDisplayName": "AWS Lambda",
        "profileName": lambda_profile,
        "profileVersion": signer_client.get_signing_profile(profileName=lambda_profile)[
            "profileVersion"
        ],
        "createdAt": signed_at,
        "signatureExpiresAt": dt.datetime(2037, 4, 30, 10, 20, 30, tzinfo=dt.timezone.utc),
        "status": "Succeeded",
        "signedObject": {"s3": {"bucketName": "dst", "key": f"out-{job_id}.zip"}},
        "jobOwner": "123456789012",
        "jobInvoker": "123456789012",
    }
    assert job == {
        **shared,
        "completedAt": signed_at,
        "requestedBy": "arn:aws:iam::123456789012:root",
        "statusReason": "Signing Succeeded",
    }
    assert signer_client.list_signing_jobs()["jobs"] == [{**shared, "isRevoked": False}]


@pytest.mark.parametrize(
    ("key", "prefix", "expected"),
    [
        ("app.zip", "signed/", "signed/{}.zip"),
        ("app.zip", "signed-", "signed-{}.zip"),
        ("app.zip", "", "{}.zip"),
        ("app.jar", "signed/", "signed/{}"),
        ("app", "", "{}"),
    ],
)
def test_the_signed_key_is_prefix_and_job_id_with_zip_for_zip_sources(
    buckets, start_job, lambda_profile, code_zip, key, prefix, expected
):
    job = start_job(code_zip, lambda_profile, key=key, prefix=prefix)
    assert job["signedObject"]["s3"]["key"] == expected.format(job["jobId"])
    assert buckets.objects.keys("dst") == [expected.format(job["jobId"])]


@pytest.mark.parametrize(
    ("day", "period", "expires"),
    [
        (31, {"value": 1, "type": "MONTHS"}, "2026-02-28T08:00:00+00:00"),
        (29, {"value": 1, "type": "MONTHS"}, "2026-02-28T08:00:00+00:00"),
        (28, {"value": 1, "type": "MONTHS"}, "2026-02-28T08:00:00+00:00"),
        (31, {"value": 11, "type": "MONTHS"}, "2026-12-31T08:00:00+00:00"),
        (31, {"value": 13, "type": "MONTHS"}, "2027-02-28T08:00:00+00:00"),
        (31, {"value": 2, "type": "YEARS"}, "2028-01-31T08:00:00+00:00"),
        (31, {"value": 30, "type": "DAYS"}, "2026-03-02T08:00:00+00:00"),
    ],
)
def test_signatures_expire_by_calendar_months(
    buckets, signer_client, start_job, code_zip, day, period, expires
):
    buckets.clock.freeze(f"2026-01-{day}T08:00:00Z")
    signer_client.put_signing_profile(
        profileName="p1", platformId=LAMBDA, signatureValidityPeriod=period
    )
    assert start_job(code_zip, "p1")["signatureExpiresAt"].isoformat() == expires


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("not a zip", b"print('hello')" * 50),
        ("empty", b""),
        ("a zip without entries", b"PK\5\6" + bytes(18)),
        ("signed already", None),
    ],
)
def test_unsignable_content_fails_the_job_and_writes_nothing(
    buckets, start_job, lambda_profile, code_zip, what, data
):
    if data is None:
        first = start_job(code_zip, lambda_profile)
        data = buckets.objects.get("dst", first["signedObject"]["s3"]["key"])
    before = buckets.objects.keys("dst")
    job = start_job(data, lambda_profile)
    assert job["status"] == "Failed"
    assert len(job["statusReason"]) > 10
    assert "signedObject" not in job
    assert "signatureExpiresAt" not in job
    assert buckets.objects.keys("dst") == before


def test_a_truncated_zip_fails_the_job(buckets, start_job, lambda_profile, code_zip):
    assert start_job(code_zip[:-30], lambda_profile)["status"] == "Failed"
    assert buckets.objects.keys("dst") == []


def test_a_signed_zip_is_not_signed_again(buckets, start_job, lambda_profile, code_zip):
    first = start_job(code_zip, lambda_profile)
    signed = buckets.objects.get("dst", first["signedObject"]["s3"]["key"])
    second = start_job(signed, lambda_profile)
    assert second["status"] == "Failed"
    assert "already" in second["statusReason"]


def test_the_waiter_tells_of_a_failed_job(buckets, signer_client, start_job, lambda_profile):
    from botocore.exceptions import WaiterError

    job = start_job(b"no zip", lambda_profile)
    with pytest.raises(WaiterError, match="terminal failure"):
        signer_client.get_waiter("successful_signing_job").wait(jobId=job["jobId"])


ACCESS = "not accessible. Please check your permissions"


@pytest.mark.parametrize(
    ("source", "destination", "message"),
    [
        ({"bucketName": "nope"}, {}, f"S3 bucket nope {ACCESS}"),
        ({"key": "nope.zip"}, {}, f"S3 object nope.zip {ACCESS}"),
        ({"version": "0123"}, {}, f"S3 object app.zip {ACCESS}"),
        ({}, {"bucketName": "nope"}, f"S3 bucket nope {ACCESS}"),
    ],
)
def test_a_missing_bucket_or_object_in_s3_is_access_denied(
    buckets, signer_client, lambda_profile, code_zip, source, destination, message
):
    version = buckets.objects.put("src", "app.zip", code_zip)
    params = request(version)
    params["source"] = {"s3": {**params["source"]["s3"], **source}}
    params["destination"] = {"s3": {**params["destination"]["s3"], **destination}}
    expect_refusal(signer_client.start_signing_job, 403, "AccessDeniedException", message, **params)
    assert signer_client.list_signing_jobs()["jobs"] == []


@pytest.mark.parametrize("member", ["bucketName", "key", "version"])
def test_an_empty_member_of_the_source_is_named(
    buckets, raw_client, lambda_profile, code_zip, member
):
    version = buckets.objects.put("src", "app.zip", code_zip)
    params = request(version)
    params["source"] = {"s3": {**params["source"]["s3"], member: ""}}
    expect_refusal(
        raw_client.start_signing_job,
        400,
        "ValidationException",
        f"StartSigningJobRequest:source:{member} should not be empty",
        "InvalidJobParameters",
        **params,
    )


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({"source": {}}, "source:bucketName"),
        ({"destination": {}}, "destination:bucketName"),
        ({"destination": {"s3": {"prefix": "a"}}}, "destination:bucketName"),
    ],
)
def test_a_missing_place_is_named(buckets, signer_client, lambda_profile, changes, member):
    expect_refusal(
        signer_client.start_signing_job,
        400,
        "ValidationException",
        f"StartSigningJobRequest:{member} should not be empty",
        "InvalidJobParameters",
        **request("v", **changes),
    )


def test_a_source_bucket_without_versioning_is_refused(
    buckets, signer_client, lambda_profile, code_zip
):
    version = buckets.objects.put("dst", "app.zip", code_zip)
    assert version == "null"
    expect_refusal(
        signer_client.start_signing_job,
        400,
        "ValidationException",
        "S3 bucket dst must have versioning enabled",
        "InvalidJobParameters",
        **request(
            "null", source={"s3": {"bucketName": "dst", "key": "app.zip", "version": "null"}}
        ),
    )


@pytest.mark.parametrize("side", ["source", "destination"])
def test_a_bucket_of_another_region_is_refused(
    buckets, signer_client, lambda_profile, code_zip, side
):
    buckets.objects.create_bucket("far", versioning=True, region="eu-west-1")
    version = buckets.objects.put("far" if side == "source" else "src", "app.zip", code_zip)
    params = request(version)
    params[side] = {"s3": {**params[side]["s3"], "bucketName": "far"}}
    expect_refusal(
        signer_client.start_signing_job,
        400,
        "ValidationException",
        "S3 bucket far is in region eu-west-1, but the signing profile is in us-east-1. "
        "Cross-Region signing is not supported.",
        "InvalidJobParameters",
        **params,
    )


class HugeObjects:
    """A store whose one object is as large as it says and must not be read."""

    def __init__(self, size):
        self.size = size
        self.written = []

    def bucket(self, name, caller):
        from signer_mock.objects import BucketInfo

        assert isinstance(caller, StorageCaller)
        return BucketInfo(versioning=True, region=None)

    def open(self, bucket, key, version, caller):
        return self

    def read(self):
        return b"short after all"

    def chunks(self):
        yield self.read()

    def write(self, bucket, key, data, content_type, caller):
        self.written.append(key)


@pytest.mark.parametrize(
    ("size", "refused"), [(250 * 1024 * 1024, False), (250 * 1024 * 1024 + 1, True)]
)
def test_an_object_over_250_mb_is_refused_without_being_read(size, refused):
    from signer_mock import mock_signer

    with mock_signer(s3=HugeObjects(size)) as mock:
        client = mock.client("signer")
        client.put_signing_profile(profileName="lambda_profile", platformId=LAMBDA)
        if refused:
            expect_refusal(
                client.start_signing_job,
                400,
                "ValidationException",
                f"S3 object app.zip of {size} bytes exceeds the maximum of 250 MB for "
                f"platform {LAMBDA}",
                "InvalidJobParameters",
                **request("v1"),
            )
        else:
            client.start_signing_job(**request("v1"))
        assert len(client.list_signing_jobs()["jobs"]) == (0 if refused else 1)


def test_an_unknown_profile_signs_nothing(buckets, signer_client, code_zip):
    version = buckets.objects.put("src", "app.zip", code_zip)
    expect_refusal(
        signer_client.start_signing_job,
        404,
        "ResourceNotFoundException",
        "profile with name lambda_profile does not exist",
        "ProfileNotFound",
        **request(version),
    )


def test_a_canceled_profile_signs_nothing(buckets, signer_client, lambda_profile, code_zip):
    version = buckets.objects.put("src", "app.zip", code_zip)
    signer_client.cancel_signing_profile(profileName=lambda_profile)
    expect_refusal(
        signer_client.start_signing_job,
        400,
        "ValidationException",
        "Cannot sign with a profile in Canceled state",
        "ProfileNotActive",
        **request(version),
    )


def test_a_notation_profile_signs_no_objects(buckets, signer_client, notation_profile, code_zip):
    version = buckets.objects.put("src", "app.zip", code_zip)
    expect_refusal(
        signer_client.start_signing_job,
        400,
        "ValidationException",
        f"StartSigningJob is not supported for platform {NOTATION}. Use SignPayload.",
        "InvalidJobParameters",
        **request(version, profileName=notation_profile),
    )


def test_an_unknown_job_is_not_found(signer_client):
    job_id = "11111111-2222-4333-8444-555555555555"
    expect_refusal(
        signer_client.describe_signing_job,
        404,
        "ResourceNotFoundException",
        f"Signing job with id {job_id} does not exist.",
        "JobNotFound",
        jobId=job_id,
    )


def test_jobs_come_page_by_page_newest_first(signer_client, start_job, lambda_profile, code_zip):
    ids = [start_job(code_zip, lambda_profile)["jobId"] for _ in range(7)]
    pages = signer_client.get_paginator("list_signing_jobs").paginate(
        PaginationConfig={"PageSize": 3}
    )
    listed = [[job["jobId"] for job in page["jobs"]] for page in pages]
    assert listed == [ids[6:3:-1], ids[3:0:-1], ids[:1]]


def test_a_profile_of_one_name_in_two_accounts_signs_with_two_keys(signer_mock):
    roots = {signer_mock.account(number * 12).trust_root_pem for number in "123"}
    assert len(roots) == 3


class BrokenObjects(HugeObjects):
    """A store that breaks at the first write, and is mended then."""

    broken = True

    def read(self):
        return PLAIN_ZIP

    def write(self, bucket, key, data, content_type, caller):
        if self.broken:
            self.broken = False
            msg = "S3 is down"
            raise ObjectStoreError(msg)
        super().write(bucket, key, data, content_type, caller)


def test_a_store_that_breaks_leaves_no_job_and_no_used_token_behind():
    objects = BrokenObjects(100)
    with mock_signer(s3=objects) as mock:
        client = mock.client("signer")
        client.put_signing_profile(profileName="lambda_profile", platformId=LAMBDA)
        with pytest.raises(ObjectStoreError, match="S3 is down"):
            client.start_signing_job(**request("v1", clientRequestToken="once"))
        assert client.list_signing_jobs()["jobs"] == []

        job_id = client.start_signing_job(**request("v1", clientRequestToken="once"))["jobId"]

        assert client.describe_signing_job(jobId=job_id)["status"] == "Succeeded"
        assert objects.written == [f"{job_id}.zip"]


@pytest.mark.parametrize("again", [{"prefix": ""}, {}])
def test_a_token_takes_an_empty_prefix_and_none_for_the_same(
    buckets, signer_client, lambda_profile, code_zip, again
):
    version = buckets.objects.put("src", "app.zip", code_zip)
    params = request(version, clientRequestToken="once")
    first = signer_client.start_signing_job(**params)["jobId"]
    params["destination"] = {"s3": {"bucketName": "dst", **again}}
    params["profileOwner"] = "123456789012"
    assert signer_client.start_signing_job(**params)["jobId"] == first


def test_changing_a_recorded_call_does_not_change_the_mock(signer_mock, signer_client):
    signer_client.put_signing_profile(
        profileName="ota",
        platformId=IOT,
        signingMaterial={
            "certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/"
            "0f5c9d0e-1111-4222-8333-444455556666"
        },
        signingParameters={"certname": "thing"},
    )
    signer_mock.calls[-1].params["signingParameters"]["certname"] = "changed"
    profile = signer_client.get_signing_profile(profileName="ota")
    assert profile["signingParameters"] == {"certname": "thing"}


def test_signing_works_in_a_region_of_any_name(signer_mock):
    client = signer_mock.client("signer", region_name="x" * 40 + "-1")
    client.put_signing_profile(profileName="image", platformId=NOTATION)
    answer = client.sign_payload(
        profileName="image",
        payload=b"{}",
        payloadFormat=PAYLOAD_FORMAT,
    )
    assert answer["signature"]


def test_an_empty_next_token_is_none(signer_client, lambda_profile):
    answer = signer_client.list_signing_profiles(nextToken="")
    assert [profile["profileName"] for profile in answer["profiles"]] == [lambda_profile]
