"""Signing jobs over moto's S3, under the caller's own credentials, and over other S3s."""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.stub import Stubber
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

from signer_mock import SignerMock, mock_signer
from signer_mock.errors import ActivationError, MissingExtraError, ObjectStoreError
from signer_mock.verify import verify_iot_object, verify_lambda_zip
from tests.helpers.constants import ACCOUNT, IOT, LAMBDA, OTHER
from tests.helpers.moto import TRUST, assumed, code_signing_pair, sign, upload, versioned_bucket
from tests.helpers.refusals import expect_refusal, refusal
from tests.helpers.zip_archives import code_zip


@pytest.fixture
def both(both: SignerMock) -> SignerMock:
    """moto and the mock, with a profile ``release`` of the default account."""
    both.client("signer").put_signing_profile(profileName="release", platformId=LAMBDA)
    return both


def start(source: dict[str, Any], bucket: str = "code", **places: Any) -> Any:
    """Start a job of the default account over some members of a source."""
    return boto3.client("signer").start_signing_job(
        source={"s3": {**source["s3"], **places}},
        destination={"s3": {"bucketName": bucket}},
        profileName="release",
    )


def expect_not_accessible(
    what: str, source: dict[str, Any], bucket: str = "code", **p: Any
) -> None:
    expect_refusal(
        start,
        403,
        "AccessDeniedException",
        f"S3 {what} not accessible. Please check your permissions",
        source=source,
        bucket=bucket,
        **p,
    )


# In whose account


@pytest.mark.parametrize("role", [None, "ci"], ids=["root", "role"])
def test_the_signed_object_is_in_the_callers_account(both, role):
    account = both.account(OTHER)
    principal = account.role(role) if role else account
    principal.client("signer").put_signing_profile(profileName="release", platformId=LAMBDA)

    job = sign(principal.client("signer"), upload(principal.client("s3"), "code"))

    where = job["signedObject"]["s3"]
    assert where == {"bucketName": "code", "key": f"signed/{job['jobId']}.zip"}
    answer = account.client("s3").get_object(Bucket="code", Key=where["key"])
    assert answer["ContentType"] == "application/octet-stream"
    verify_lambda_zip(answer["Body"].read(), account.trust_root_pem)
    assert [one["Name"] for one in account.client("s3").list_buckets()["Buckets"]] == ["code"]
    assert both.client("s3").list_buckets()["Buckets"] == []


def test_an_assumed_role_of_motos_signs_into_its_own_account(both):
    session = assumed(boto3.client("sts"), f"arn:aws:iam::{OTHER}:role/ci")
    session.client("signer").put_signing_profile(profileName="release", platformId=LAMBDA)
    job = sign(session.client("signer"), upload(session.client("s3"), "code"))

    assert job["requestedBy"] == f"arn:aws:sts::{OTHER}:assumed-role/ci/build-7"
    there = both.account(OTHER).client("s3")
    assert [one["Name"] for one in there.list_buckets()["Buckets"]] == ["code"]
    verify_lambda_zip(
        there.get_object(Bucket="code", Key=job["signedObject"]["s3"]["key"])["Body"].read(),
        both.account(OTHER).trust_root_pem,
    )


def test_a_bucket_of_another_account_is_used_where_moto_lets_everybody_in(both):
    source = upload(both.account(OTHER).client("s3"), "code")
    assert sign(both.client("signer"), source)["status"] == "Succeeded"


def test_a_bucket_of_another_account_is_refused_where_moto_refuses_it(both, monkeypatch):
    source = upload(both.account(OTHER).client("s3"), "code")
    monkeypatch.setenv("MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS", "false")
    expect_not_accessible("bucket code", source)


def test_a_role_without_rights_in_s3_cannot_sign(both):
    iam = boto3.client("iam")
    iam.create_role(RoleName="ci", AssumeRolePolicyDocument=TRUST)
    source = upload(boto3.client("s3"), "code")
    session = assumed(boto3.client("sts"), f"arn:aws:iam::{ACCOUNT}:role/ci")
    signer = session.client("signer")
    request = {
        "source": source,
        "destination": {"s3": {"bucketName": "code"}},
        "profileName": "release",
    }

    checked = set_initial_no_auth_action_count(0)  # moto checks signatures and rights from here
    error = checked(refusal)(signer.start_signing_job, **request)
    assert error.response["Error"] == {
        "Code": "AccessDeniedException",
        "Message": "S3 bucket code not accessible. Please check your permissions",
    }

    iam.put_role_policy(
        RoleName="ci",
        PolicyName="objects",
        PolicyDocument='{"Version": "2012-10-17", "Statement": '
        '[{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}',
    )
    job_id = checked(signer.start_signing_job)(**request)["jobId"]
    assert signer.describe_signing_job(jobId=job_id)["status"] == "Succeeded"


# What is missing


def test_a_missing_bucket_or_object_is_not_accessible(both):
    source = upload(boto3.client("s3"), "code")
    expect_not_accessible("bucket missing", source, bucketName="missing")
    expect_not_accessible("bucket missing", source, bucket="missing")
    expect_not_accessible("object missing.zip", source, key="missing.zip")
    expect_not_accessible("object app.zip", source, version="no-such-version")
    expect_not_accessible("object app.zip", source, version="null")


@pytest.mark.parametrize("name", ["Not A Bucket", "x", "a/b", "arn:aws:s3:::code"])
def test_a_name_that_no_bucket_can_have_is_not_accessible(both, name):
    source = upload(boto3.client("s3"), "code")
    expect_not_accessible(f"bucket {name}", source, bucketName=name)
    expect_not_accessible(f"bucket {name}", source, bucket=name)


def test_a_deleted_object_is_not_accessible_by_its_delete_marker(both):
    s3 = boto3.client("s3")
    source = upload(s3, "code")
    marker = s3.delete_object(Bucket="code", Key="app.zip")["VersionId"]
    expect_not_accessible("object app.zip", source, version=marker)
    start(source)  # the version itself is still there


def test_nothing_is_written_by_a_job_that_was_refused(both):
    source = upload(boto3.client("s3"), "code")
    expect_not_accessible("object missing.zip", source, key="missing.zip")
    assert boto3.client("signer").list_signing_jobs()["jobs"] == []
    listed = boto3.client("s3").list_objects_v2(Bucket="code")["Contents"]
    assert [one["Key"] for one in listed] == ["app.zip"]


# Versions


def test_the_version_asked_for_is_signed_not_the_newest(both):
    s3 = boto3.client("s3")
    source = upload(s3, "code")
    s3.put_object(Bucket="code", Key="app.zip", Body=b"not a zip at all")
    assert sign(boto3.client("signer"), source)["status"] == "Succeeded"


def test_a_source_bucket_that_never_had_versions_is_refused(both):
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="plain")
    s3.put_object(Bucket="plain", Key="app.zip", Body=code_zip())
    source = {"s3": {"bucketName": "plain", "key": "app.zip", "version": "null"}}
    error = refusal(start, source=source, bucket="plain")
    assert type(error).__name__ == "ValidationException"
    assert "versioning" in str(error)


def test_a_destination_needs_no_versions(both):
    source = upload(boto3.client("s3"), "code")
    boto3.client("s3").create_bucket(Bucket="plain")
    start(source, bucket="plain")
    assert boto3.client("s3").list_objects_v2(Bucket="plain")["KeyCount"] == 1


def test_version_null_is_signed_where_versioning_is_suspended(both):
    s3 = boto3.client("s3")
    versioned_bucket(s3, "code")
    s3.put_bucket_versioning(Bucket="code", VersioningConfiguration={"Status": "Suspended"})
    s3.put_object(Bucket="code", Key="app.zip", Body=code_zip())
    source = {"s3": {"bucketName": "code", "key": "app.zip", "version": "null"}}
    assert sign(boto3.client("signer"), source)["status"] == "Succeeded"


def test_version_null_is_what_was_there_before_versioning(both):
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="code")
    s3.put_object(Bucket="code", Key="app.zip", Body=code_zip())
    s3.put_bucket_versioning(Bucket="code", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="code", Key="app.zip", Body=b"not a zip at all")
    source = {"s3": {"bucketName": "code", "key": "app.zip", "version": "null"}}
    assert sign(boto3.client("signer"), source)["status"] == "Succeeded"


def test_a_version_from_before_versioning_was_suspended_is_signed(both):
    s3 = boto3.client("s3")
    source = upload(s3, "code")
    s3.put_bucket_versioning(Bucket="code", VersioningConfiguration={"Status": "Suspended"})
    assert sign(boto3.client("signer"), source)["status"] == "Succeeded"


# What moto does with a job's requests


@pytest.fixture
def s3_operations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every S3 operation that is called through botocore from here on."""
    called: list[str] = []
    plain = BaseClient._make_api_call

    def make_api_call(self: Any, operation_name: str, api_params: Any) -> Any:
        if self.meta.service_model.service_name == "s3":
            called.append(operation_name)
        return plain(self, operation_name, api_params)

    monkeypatch.setattr(BaseClient, "_make_api_call", make_api_call)
    return called


def test_a_job_asks_moto_for_one_get_and_one_put(both, s3_operations):
    source = upload(boto3.client("s3"), "code")
    s3_operations.clear()
    start(source)
    assert s3_operations == ["GetObject", "PutObject"]


def test_a_job_over_another_accounts_bucket_asks_for_no_more(both, s3_operations):
    source = upload(both.account(OTHER).client("s3"), "code")
    boto3.client("s3").list_buckets()
    s3_operations.clear()
    start(source)
    assert s3_operations == ["GetObject", "PutObject"]


def test_rights_are_asked_of_moto_where_it_checks_them(both, s3_operations):
    source = upload(boto3.client("s3"), "code")
    s3_operations.clear()
    set_initial_no_auth_action_count(100)(start)(source)
    assert s3_operations == [
        "GetBucketVersioning",
        "GetBucketLocation",
        "HeadObject",
        "GetBucketVersioning",
        "GetBucketLocation",
        "GetObject",
        "PutObject",
    ]


def test_a_bucket_policy_that_denies_everything_keeps_a_job_out(both):
    source = upload(boto3.client("s3"), "code")
    deny(source["s3"]["bucketName"], "s3:*")
    expect_not_accessible("object app.zip", source)


def test_a_bucket_policy_that_denies_reading_fails_the_job(both):
    source = upload(boto3.client("s3"), "code")
    deny(source["s3"]["bucketName"], "s3:GetObject")
    job = sign(boto3.client("signer"), source)
    assert (job["status"], "signedObject" in job) == ("Failed", False)
    assert "S3 object app.zip not accessible" in job["statusReason"]


def deny(bucket: str, action: str) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    boto3.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)


def test_the_signed_object_is_encrypted_versioned_and_announced(both):
    s3, sqs = boto3.client("s3"), boto3.client("sqs", "us-east-1")
    source = upload(s3, "code")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(Bucket="code", ServerSideEncryptionConfiguration={"Rules": [rule]})
    queue = sqs.create_queue(QueueName="signed")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    s3.put_bucket_notification_configuration(
        Bucket="code",
        NotificationConfiguration={
            "QueueConfigurations": [
                {"QueueArn": arn["QueueArn"], "Events": ["s3:ObjectCreated:Put"]}
            ]
        },
    )
    sqs.purge_queue(QueueUrl=queue)  # S3 announces the configuration itself

    key = sign(boto3.client("signer"), source)["signedObject"]["s3"]["key"]

    signed = s3.head_object(Bucket="code", Key=key)
    assert signed["ServerSideEncryption"] == "aws:kms"
    assert signed["ContentType"] == "application/octet-stream"
    (version,) = s3.list_object_versions(Bucket="code", Prefix="signed/")["Versions"]
    assert (version["Key"], version["VersionId"]) == (key, signed["VersionId"])
    (message,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    (record,) = json.loads(message["Body"])["Records"]
    assert record["eventName"] == "ObjectCreated:Put"
    assert unquote_plus(record["s3"]["object"]["key"]) == key


# Regions and partitions


def test_a_bucket_in_another_region_is_refused(both):
    source = upload(boto3.client("s3", "eu-west-1"), "far")
    near = upload(boto3.client("s3"), "code")
    for params in ({"source": source}, {"source": near, "bucket": "far"}):
        error = refusal(start, **params)
        assert type(error).__name__ == "ValidationException"
        assert "bucket far is in region eu-west-1" in str(error)


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1"])
def test_a_job_signs_in_every_region_and_partition(region):
    with mock_aws(), mock_signer(region_name=region) as mock:
        mock.client("signer").put_signing_profile(profileName="release", platformId=LAMBDA)
        job = sign(mock.client("signer"), upload(mock.client("s3"), "code"))
        key = job["signedObject"]["s3"]["key"]
        signed = mock.client("s3").get_object(Bucket="code", Key=key)["Body"].read()
        verify_lambda_zip(signed, mock.account().trust_root_pem)


# Large objects


def test_a_large_image_is_read_piece_by_piece(both, monkeypatch):
    from signer_mock._moto import s3 as neighbour

    image = os.urandom(5 << 20) + b"end"
    account = both.account()
    certificate, key = code_signing_pair()
    boto3.client("signer").put_signing_profile(
        profileName="device",
        platformId=IOT,
        signingMaterial={"certificateArn": account.import_certificate(certificate, key)},
    )
    sizes = []
    plain = neighbour._S3Object.chunks

    def chunks(self: Any) -> Iterator[bytes]:
        for chunk in plain(self):
            sizes.append(len(chunk))
            yield chunk

    monkeypatch.setattr(neighbour._S3Object, "chunks", chunks)
    monkeypatch.setattr(neighbour._S3Object, "read", None)  # not to be called
    s3 = boto3.client("s3")
    job = sign(boto3.client("signer"), upload(s3, "code", "image.bin", image), "device")

    document = s3.get_object(Bucket="code", Key=job["signedObject"]["s3"]["key"])["Body"].read()
    verify_iot_object(document, certificate, image)
    assert sizes == [1 << 20] * 5 + [3]


# How S3 is chosen


def test_asking_for_motos_s3_starts_it():
    with mock_signer(s3="moto") as mock:
        mock.client("signer").put_signing_profile(profileName="release", platformId=LAMBDA)
        assert sign(boto3.client("signer"), upload(boto3.client("s3"), "code"))["status"] == (
            "Succeeded"
        )
    with mock_aws():
        assert boto3.client("s3").list_buckets()["Buckets"] == []


def test_without_moto_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "moto", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'signer-mock\[s3\]'"):
        mock_signer(s3="moto").start()
    with mock_signer() as mock:  # and nothing of the failed start is left
        mock.client("signer").list_signing_platforms()


@mock_signer
def test_motos_s3_is_used_for_as_long_as_moto_is_active():
    signer = boto3.client("signer")
    signer.put_signing_profile(profileName="release", platformId=LAMBDA)
    with mock_aws():
        source = upload(boto3.client("s3"), "code")
        assert sign(signer, source)["status"] == "Succeeded"
    expect_not_accessible("bucket code", source)


def test_memory_can_be_asked_for_beside_moto():
    with mock_aws(), mock_signer(s3="memory") as mock:
        mock.client("signer").put_signing_profile(profileName="release", platformId=LAMBDA)
        expect_not_accessible("bucket code", upload(boto3.client("s3"), "code"))


@pytest.mark.parametrize("setting", [{"service_whitelist": ["sqs"]}, {"service_whitelist": []}])
def test_a_moto_configured_without_s3_leaves_it_to_memory(setting):
    with mock_aws(config={"core": setting}), mock_signer() as mock:
        mock.objects.create_bucket("code", versioning=True)
        version = mock.objects.put("code", "app.zip", code_zip())
        mock.client("signer").put_signing_profile(profileName="release", platformId=LAMBDA)
        source = {"s3": {"bucketName": "code", "key": "app.zip", "version": version}}
        assert sign(mock.client("signer"), source)["status"] == "Succeeded"


def test_a_moto_that_lets_s3_through_leaves_it_to_memory():
    config: Any = {"core": {"passthrough": {"services": ["s3"], "urls": []}}}
    with mock_aws(config=config), mock_signer() as mock:
        mock.objects.create_bucket("code", versioning=True)
        mock.client("signer").put_signing_profile(profileName="release", platformId=LAMBDA)
        source = {"s3": {"bucketName": "code", "key": "app.zip", "version": "1"}}
        expect_not_accessible("object app.zip", source)


def test_where_the_users_other_clients_are_sent_makes_no_difference(both, monkeypatch):
    source = upload(boto3.client("s3"), "code")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    assert sign(both.client("signer", endpoint_url="https://signer.test"), source)["status"] == (
        "Succeeded"
    )


# An S3 of the user's own


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of an S3 in another server: moto's, on this machine."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    while server._server is None:  # older ones do not wait for themselves
        time.sleep(0.01)
    address = f"http://127.0.0.1:{server._server.port}"
    yield address
    # Its buckets are in the backends that moto's mocks of this process use too.
    with urllib.request.urlopen(f"{address}/moto-api/reset", data=b""):
        server.stop()


def s3_at(url: str, **config: Any) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="theirs",
        aws_secret_access_key="theirs",
        config=Config(retries={"total_max_attempts": 1}, **config),
    )


def test_a_client_of_another_endpoint_is_used_as_it_is(elsewhere):
    s3 = s3_at(elsewhere)
    with mock_signer(s3=s3) as mock:
        signer = mock.account(OTHER).client("signer")
        signer.put_signing_profile(profileName="release", platformId=LAMBDA)
        job = sign(signer, upload(s3, "signer-mock-elsewhere"))
        where = job["signedObject"]["s3"]
        signed = s3.get_object(Bucket=where["bucketName"], Key=where["key"])["Body"].read()
        verify_lambda_zip(signed, mock.account(OTHER).trust_root_pem)
        error = refusal(
            signer.start_signing_job,
            source={"s3": {"bucketName": "missing", "key": "k", "version": "v"}},
            destination={"s3": {"bucketName": "missing"}},
            profileName="release",
        )
        assert "S3 bucket missing not accessible" in str(error)


def test_an_s3_of_others_that_knows_no_regions_serves_every_region(elsewhere):
    s3 = s3_at(elsewhere)
    with mock_signer(s3=s3, region_name="eu-west-1") as mock:
        signer = mock.client("signer")
        signer.put_signing_profile(profileName="release", platformId=LAMBDA)
        assert sign(signer, upload(s3, "signer-mock-no-region"))["status"] == "Succeeded"


def test_an_s3_of_others_is_asked_for_a_buckets_region_and_its_versions(elsewhere):
    s3 = s3_at(elsewhere)
    ireland = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket="code", CreateBucketConfiguration=ireland)
    s3.put_object(Bucket="code", Key="app.zip", Body=code_zip())
    s3.put_bucket_versioning(Bucket="code", VersioningConfiguration={"Status": "Enabled"})
    source = {"s3": {"bucketName": "code", "key": "app.zip", "version": "null"}}
    with mock_signer(s3=s3) as mock:
        for region in ("us-east-1", "eu-west-1"):
            signer = mock.client("signer", region)
            signer.put_signing_profile(profileName="release", platformId=LAMBDA)
        assert sign(signer, source)["status"] == "Succeeded"
        error = refusal(start, source=source)
        assert "is in region eu-west-1, but the signing profile is in us-east-1" in str(error)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_s3_in_trouble_is_an_error_of_the_mock(status):
    s3 = s3_at("http://127.0.0.1:1")
    stubber = Stubber(s3)
    stubber.add_client_error("get_bucket_versioning", "SlowDown", http_status_code=status)
    with mock_signer(s3=s3) as mock, stubber:
        mock.client("signer").put_signing_profile(profileName="release", platformId=LAMBDA)
        source = {"s3": {"bucketName": "code", "key": "app.zip", "version": "1"}}
        with pytest.raises(ObjectStoreError, match=r"for the bucket 'code': .*\(SlowDown\)"):
            start(source)


def test_the_oldest_buckets_of_ireland_are_in_ireland(both, monkeypatch):
    source = upload(boto3.client("s3", "eu-west-1"), "old")
    from moto.s3.models import s3_backends

    monkeypatch.setattr(s3_backends[ACCOUNT]["aws"].buckets["old"], "region_name", "EU")
    signer = boto3.client("signer", "eu-west-1")
    signer.put_signing_profile(profileName="release", platformId=LAMBDA)
    assert sign(signer, source)["status"] == "Succeeded"


def test_an_unreachable_s3_is_an_error_of_the_mock():
    s3 = s3_at("http://127.0.0.1:1", connect_timeout=1)
    with mock_signer(s3=s3) as mock:
        mock.client("signer").put_signing_profile(profileName="release", platformId=LAMBDA)
        source = {"s3": {"bucketName": "code", "key": "app.zip", "version": "1"}}
        with pytest.raises(ObjectStoreError, match="could not use S3 for the bucket 'code'"):
            start(source)


@pytest.mark.parametrize("s3", ["s3", 7, object(), "MOTO", boto3])
def test_anything_else_is_refused_when_the_mock_is_made(s3):
    with pytest.raises(ActivationError, match="expected 'auto', 'memory', 'moto'"):
        mock_signer(s3=s3)


def test_a_client_of_another_service_is_refused_when_the_mock_is_made():
    client = boto3.client(
        "sqs", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with pytest.raises(ActivationError, match="expected 'auto', 'memory', 'moto'"):
        mock_signer(s3=client)
