"""moto's services on the server's own port: one AWS_ENDPOINT_URL for a whole pipeline."""

from __future__ import annotations

import io
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import boto3
import pytest

from signer_mock import mock_signer
from signer_mock._signing.ca.certificates import make_code_signing_certificate
from signer_mock.errors import MissingExtraError
from signer_mock.server import SignerServer, serve_world
from signer_mock.verify import verify_iot_object, verify_lambda_zip
from tests.helpers.constants import IOT, LAMBDA
from tests.helpers.server import RawConnection, control, exchange, http, signed
from tests.helpers.zip_archives import code_zip

ACCOUNT, OTHER = "210987654321", "111122223333"


@pytest.fixture
def server() -> Iterator[SignerServer]:
    with serve_world(with_moto=True, account_id=ACCOUNT) as server:
        yield server


@pytest.fixture
def source(server: SignerServer) -> dict[str, str]:
    """A package in a versioned bucket of S3, as StartSigningJob wants it named."""
    s3 = server.client("s3")
    s3.create_bucket(Bucket="code")
    s3.put_bucket_versioning(Bucket="code", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="code", Key="a b/ü.zip", Body=code_zip())["VersionId"]
    return {"bucketName": "code", "key": "a b/ü.zip", "version": version}


def sign(signer: Any, source: dict[str, str], profile: str = "code") -> dict[str, Any]:
    job_id = signer.start_signing_job(
        source={"s3": source},
        destination={"s3": {"bucketName": "code", "prefix": "signed/"}},
        profileName=profile,
    )["jobId"]
    signer.get_waiter("successful_signing_job").wait(jobId=job_id)
    job: dict[str, Any] = signer.describe_signing_job(jobId=job_id)
    return job


def test_a_job_signs_from_s3_to_s3_on_one_port(
    server: SignerServer, source: dict[str, str]
) -> None:
    signer, s3 = server.client(), server.client("s3")
    arn = signer.put_signing_profile(profileName="code", platformId=LAMBDA)["profileVersionArn"]
    key = sign(signer, source)["signedObject"]["s3"]["key"]
    signed_zip = s3.get_object(Bucket="code", Key=key)["Body"].read()
    assert verify_lambda_zip(signed_zip, server.trust_root_pem(), [arn]).profile_version_arn == arn
    versions = s3.list_object_versions(Bucket="code", Prefix="signed/")["Versions"]
    assert len(versions) == 1, "written once"


def test_clients_for_the_objects_of_many_accounts_are_not_all_kept(
    server: SignerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signer_mock._server.moto_app._CLIENTS_KEPT", 1)
    for number, account in enumerate(["111122223333", "444455556666", "111122223333"]):
        bucket = f"code-{number}"
        signer, s3 = (server.client(name, account) for name in ("signer", "s3"))
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        version = s3.put_object(Bucket=bucket, Key="a.zip", Body=code_zip())["VersionId"]
        signer.put_signing_profile(profileName=f"profile_{number}", platformId=LAMBDA)
        job_id = signer.start_signing_job(
            source={"s3": {"bucketName": bucket, "key": "a.zip", "version": version}},
            destination={"s3": {"bucketName": bucket}},
            profileName=f"profile_{number}",
        )["jobId"]
        signer.get_waiter("successful_signing_job").wait(jobId=job_id)


def test_a_bucket_that_is_not_there_is_refused_at_once(
    server: SignerServer, source: dict[str, str]
) -> None:
    signer = server.client()
    signer.put_signing_profile(profileName="code", platformId=LAMBDA)
    with pytest.raises(signer.exceptions.AccessDeniedException, match="S3 bucket absent"):
        sign(signer, {**source, "bucketName": "absent"})


def test_a_bucket_of_another_region_is_refused(
    server: SignerServer, source: dict[str, str]
) -> None:
    signer = server.client("signer", region_name="eu-west-1")
    signer.put_signing_profile(profileName="code", platformId=LAMBDA)
    with pytest.raises(signer.exceptions.ValidationException, match="is in region us-east-1"):
        sign(signer, source)


def test_a_certificate_of_acm_signs_iot_objects(
    server: SignerServer, source: dict[str, str]
) -> None:
    certificate, key = make_code_signing_certificate("dev", "ECDSA", datetime.now(timezone.utc))
    arn = server.client("acm").import_certificate(Certificate=certificate, PrivateKey=key)[
        "CertificateArn"
    ]
    signer = server.client()
    signer.put_signing_profile(
        profileName="iot", platformId=IOT, signingMaterial={"certificateArn": arn}
    )
    place = sign(signer, source, "iot")["signedObject"]["s3"]
    document = server.client("s3").get_object(Bucket="code", Key=place["key"])["Body"].read()
    verify_iot_object(document, certificate, code_zip())
    unknown = arn[:-12] + "0" * 12
    with pytest.raises(signer.exceptions.ResourceNotFoundException, match="Could not find"):
        signer.put_signing_profile(
            profileName="iot2", platformId=IOT, signingMaterial={"certificateArn": unknown}
        )


def test_a_key_has_the_same_account_in_every_service(server: SignerServer) -> None:
    for account in (ACCOUNT, OTHER):
        assert server.client("sts", account).get_caller_identity()["Account"] == account
        server.client("s3", account).create_bucket(Bucket=f"bucket-of-{account}")
    buckets = server.client("s3", OTHER).list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == [f"bucket-of-{OTHER}"]


def test_a_role_assumed_at_sts_is_who_asked_for_the_job(
    server: SignerServer, source: dict[str, str]
) -> None:
    server.client("iam").create_role(RoleName="ci", AssumeRolePolicyDocument="{}")
    credentials = server.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/ci", RoleSessionName="build-7"
    )["Credentials"]
    as_role = boto3.client(
        "signer",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
    as_role.put_signing_profile(profileName="code", platformId=LAMBDA)
    job = sign(as_role, source)
    assert job["requestedBy"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/build-7"


def test_a_finished_job_is_an_event_on_the_bus(
    server: SignerServer, source: dict[str, str]
) -> None:
    events, sqs, signer = server.client("events"), server.client("sqs"), server.client()
    queue = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    events.put_rule(Name="jobs", EventPattern='{"source": ["aws.signer"]}')
    events.put_targets(Rule="jobs", Targets=[{"Id": "1", "Arn": arn["QueueArn"]}])
    signer.put_signing_profile(profileName="code", platformId=LAMBDA)
    job_id = sign(signer, source)["jobId"]
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert job_id in message["Body"]


def test_objects_of_every_size_and_form_come_through(server: SignerServer) -> None:
    s3 = server.client("s3")
    s3.create_bucket(Bucket="big")
    large = bytes(12 << 20)  # beyond what an operation's body may have
    s3.upload_fileobj(io.BytesIO(large), "big", "in parts")
    s3.put_object(Bucket="big", Key="whole", Body=large)
    s3.put_object(Bucket="big", Key="empty", Body=b"")
    sizes = {o["Key"]: o["Size"] for o in s3.list_objects_v2(Bucket="big")["Contents"]}
    assert sizes == {"empty": 0, "in parts": len(large), "whole": len(large)}
    assert s3.head_object(Bucket="big", Key="whole")["ContentLength"] == len(large)
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "big", "Key": "whole"})
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == large
    s3.delete_object(Bucket="big", Key="whole")
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="big", Key="whole")


def test_reset_empties_motos_services_too(server: SignerServer, source: dict[str, str]) -> None:
    assert control(server, "health").json["with_moto"] is True
    assert control(server, "reset", "POST").status == 200
    assert server.client("s3").list_buckets()["Buckets"] == []
    server.client("s3").create_bucket(Bucket="code")


def test_the_servers_own_buckets_give_way_to_s3(server: SignerServer) -> None:
    answer = http(f"{server.url}/_signer_mock/objects/mine", "PUT")
    assert answer.status == 400
    assert "S3" in answer.json["message"]


def test_the_body_of_an_operation_stays_limited_beside_large_objects(server: SignerServer) -> None:
    head = signed("POST", "/signing-jobs", "Content-Length: 9000000")
    assert exchange(server, head).status == 413
    with RawConnection(server) as connection:
        connection.send(
            signed(
                "PUT", "/code/x", "Content-Length: 9000000", "Expect: 100-continue", service="s3"
            )
        )
        assert connection.read().status == 100


def test_a_mock_with_moto_serves_both_to_subprocesses() -> None:
    with mock_signer(s3="moto") as mock, mock.serve(with_moto=True) as server:
        answer = http(
            f"{server.url}/from-outside",
            "PUT",
            headers={
                "Authorization": "AWS4-HMAC-SHA256 "
                "Credential=123456789012/20260101/us-east-1/s3/aws4_request"
            },
        )
        assert answer.status == 200
        names = [bucket["Name"] for bucket in mock.client("s3").list_buckets()["Buckets"]]
        assert names == ["from-outside"]


def test_without_motos_server_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "moto.moto_server.werkzeug_app", None)
    with pytest.raises(MissingExtraError, match=r"signer-mock\[server\]"):
        serve_world(with_moto=True)


def test_an_unsigned_request_to_signer_is_refused_and_one_to_a_bucket_is_not(
    server: SignerServer,
) -> None:
    answer = http(f"{server.url}/signing-profiles/release")
    assert (answer.status, answer.error) == (403, "MissingAuthenticationTokenException")
    assert answer.json["message"] == "Missing Authentication Token"
    s3 = server.client("s3")
    s3.create_bucket(Bucket="signing-profiles")
    s3.put_object(Bucket="signing-profiles", Key="release", Body=b"public", ACL="public-read")
    assert http(f"{server.url}/signing-profiles/release").body == b"public"
