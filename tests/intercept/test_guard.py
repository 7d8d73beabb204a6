"""While a mock is active nothing reaches AWS; what is not AWS's is left alone."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import InstanceMetadataProvider, create_credential_resolver
from botocore.httpsession import URLLib3Session
from botocore.utils import ContainerMetadataFetcher, InstanceMetadataFetcher
from moto import mock_aws

from signer_mock import mock_signer
from signer_mock._intercept.hosts import is_aws_host, is_signer_host
from signer_mock.errors import UnmockedCallError
from tests.helpers.usage import names, session, signer


def send(url: str, **headers: str):
    """What any code does that uses botocore's HTTP session, signed or not."""
    return URLLib3Session().send(AWSRequest("GET", url, headers=headers).prepare())


def test_another_service_is_refused_and_the_error_names_every_way_out(signer_mock):
    s3 = session().client("s3")
    with pytest.raises(UnmockedCallError) as refusal:
        s3.list_buckets()
    text = str(refusal.value)
    assert "GET s3." in text
    for way_out in ("mock_aws", "mock_signer(s3='moto')", "mock_signer(block_other_aws=False)"):
        assert way_out in text


def test_the_refusal_is_not_retried(signer_mock):
    s3 = session().client("s3", config=Config(retries={"max_attempts": 10, "mode": "standard"}))
    attempts = []
    s3.meta.events.register("before-send.s3", lambda **_: attempts.append(1))
    with pytest.raises(UnmockedCallError):
        s3.list_buckets()
    assert len(attempts) == 1


@pytest.mark.parametrize(
    "host",
    [
        "sts.amazonaws.com",
        "kms.eu-west-1.amazonaws.com",
        "kms.eu-west-1.amazonaws.com.",
        "KMS.EU-WEST-1.AMAZONAWS.COM",
        "kms.cn-north-1.amazonaws.com.cn",
        "kms.us-gov-west-1.amazonaws.com",
        "kms.eusc-de-east-1.amazonaws.eu",
        "lambda.us-east-1.api.aws",
        "kms.us-iso-east-1.c2s.ic.gov",
        "abc.lambda-url.us-east-1.on.aws",
        "portal.sso.us-east-1.amazonaws.com",
        "d-123.awsapps.com",
        "bucket.s3.amazonaws.com",
        "user:password@sts.amazonaws.com",
        "sts.amazonaws.com:443",
    ],
)
def test_no_partition_and_no_spelling_gets_through(signer_mock, host):
    with pytest.raises(UnmockedCallError):
        send(f"https://{host}/")


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "169.254.170.2", "169.254.170.23", "[fd00:ec2::254]"]
)
def test_metadata_services_answer_that_there_is_nothing(signer_mock, host):
    assert send(f"http://{host}/latest/meta-data/").status_code == 404


def test_a_look_up_of_credentials_in_the_instance_ends_at_once(signer_mock, monkeypatch):
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("it waits for a retry"))
    fetcher = InstanceMetadataFetcher(timeout=60, num_attempts=5)
    assert InstanceMetadataProvider(fetcher).load() is None


def test_a_look_up_of_credentials_in_a_container_never_leaves(signer_mock, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with pytest.raises(Exception, match="404"):
        ContainerMetadataFetcher(sleep=lambda seconds: None).retrieve_uri("/v2/credentials/x")


def test_no_step_of_the_credential_chain_leaves_when_all_is_deleted(signer_mock, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED"):
        monkeypatch.delenv(name)
    resolver = create_credential_resolver(session()._session)
    assert resolver.load_credentials() is None


def test_without_block_other_aws_only_signer_is_kept_from_aws():
    with mock_signer(block_other_aws=False):
        assert names(signer()) == []
        for url in ("https://sts.amazonaws.com/", "http://169.254.169.254/latest/meta-data/"):
            with pytest.raises(Exception) as stopped:
                send(url)
            assert not isinstance(stopped.value, UnmockedCallError)
        assert send("https://signer.us-east-1.amazonaws.com/signing-platforms").status_code == 403


def test_an_unsigned_call_to_signer_is_answered_as_the_service_does(signer_mock):
    response = send("https://signer.eu-west-1.amazonaws.com/signing-platforms")
    assert response.status_code == 403
    assert response.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"
    assert b"Missing Authentication Token" in response.content
    assert signer_mock.calls[-1].region == "eu-west-1"


@pytest.fixture
def server() -> Iterator[str]:
    """Somebody else's server, on this machine."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"not AWS")

        def log_message(self, *_args: object) -> None:
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def test_other_hosts_are_left_alone(signer_mock, server):
    assert send(server).content == b"not AWS"


def test_another_service_at_another_endpoint_is_left_alone(signer_mock, server):
    s3 = session().client("s3", endpoint_url=server, config=Config(s3={"addressing_style": "path"}))
    assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"not AWS"


def test_hosts_that_only_look_like_aws_are_left_alone():
    for host in ("amazonaws.com.example.org", "notamazonaws.com", "signer.us-east-1.example.org"):
        assert not is_aws_host(host)
        assert not is_signer_host(host)


def test_once_the_last_mock_has_stopped_the_guard_lets_others_pass(server):
    with mock_signer():
        pass
    assert send(server).content == b"not AWS"
    own = session().client(
        "sts",
        region_name="us-east-1",
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="own",
        config=Config(retries={"max_attempts": 0}),
    )
    with pytest.raises(Exception) as stopped:
        own.get_caller_identity()
    assert not isinstance(stopped.value, UnmockedCallError)


def test_after_the_stop_a_session_of_the_mock_cannot_call_any_service():
    with mock_signer():
        kept = boto3.Session()
        kept.get_credentials()
    with pytest.raises(UnmockedCallError, match="credentials that signer_mock issued"):
        kept.client("sts", region_name="us-east-1").get_caller_identity()


def test_after_the_stop_a_presigned_url_of_the_mock_is_refused():
    with mock_signer():
        url = signer(region_name="us-east-1").generate_presigned_url("list_signing_platforms")
    with pytest.raises(UnmockedCallError):
        send(url)


def test_pool_threads_of_a_mock_that_let_others_out_stay_free():
    with ThreadPoolExecutor(1) as pool:
        with mock_signer(block_other_aws=False, credentials="keep"):
            pool.submit(int).result()
        with pytest.raises(Exception) as stopped:
            pool.submit(send, "https://sts.amazonaws.com/").result()
        assert not isinstance(stopped.value, UnmockedCallError)


def test_beside_moto_the_refusal_tells_why_moto_did_not_answer(signer_mock):
    left_out: Any = {"core": {"passthrough": {"services": ["s3"]}}}
    with mock_aws(config=left_out), pytest.raises(UnmockedCallError) as refusal:
        session().client("s3").list_buckets()
    text = str(refusal.value)
    assert "moto is active" in text
    assert "told to leave this service out" in text
    assert "told to leave" in text
    assert "block_other_aws=False" in text


@pytest.mark.parametrize("host", ["docs.aws.amazon.com", "console.aws.amazon.com", "x.aws.dev"])
def test_web_sites_about_aws_are_no_endpoints_of_it(host):
    assert not is_aws_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "us-east-1.signin.aws.amazon.com",
        "us-east-1.oauth.signin.aws",
        "cn-north-1.signin.amazonaws.cn",
        "signin-fips.amazonaws-us-gov.com",
    ],
)
def test_the_endpoints_of_aws_login_are_guarded(host):
    assert is_aws_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "signer.s3.amazonaws.com",
        "signer.s3.us-east-1.amazonaws.com",
        "signer.s3-us-west-2.amazonaws.com",
        "signer.s3-accelerate.amazonaws.com",
        "signer.auth.us-east-1.amazoncognito.com",
    ],
)
def test_a_bucket_called_signer_is_not_the_service(host):
    assert not is_signer_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "signer.us-east-1.amazonaws.com",
        "signer-fips.us-gov-west-1.amazonaws.com",
        "data-signer.eu-central-2.api.aws",
        "verification.signer.ap-southeast-1.amazonaws.com",
        "signer.cn-north-1.amazonaws.com.cn",
        "signer.us-isob-east-1.sc2s.sgov.gov",
        "signer.eusc-de-east-1.amazonaws.eu",
    ],
)
def test_the_service_is_known_in_every_partition(host):
    assert is_signer_host(host)
