"""S3 transfers by the AWS Common Runtime cannot be answered, so they do not leave."""

from __future__ import annotations

import io

import boto3
import pytest
from boto3.s3.transfer import TransferConfig

from signer_mock import UnmockedCallError, mock_signer

# With it, botocore signs in C, so the suite runs without: `tox -e crt` has it.
pytest.importorskip("awscrt", reason="awscrt is not installed: run `tox -e crt`")


@pytest.mark.parametrize("endpoint_url", [None, "http://127.0.0.1:9"], ids=["AWS", "elsewhere"])
def test_a_transfer_is_refused(endpoint_url):
    """Also with an endpoint, which boto3 does not pass on to the runtime."""
    with mock_signer():
        s3 = boto3.client("s3", "us-east-1", endpoint_url=endpoint_url)
        with pytest.raises(UnmockedCallError, match="would reach real AWS"):
            s3.upload_fileobj(
                io.BytesIO(b"x"),
                "bucket",
                "key",
                Config=TransferConfig(preferred_transfer_client="crt"),
            )


def test_what_the_runtime_sends_elsewhere_is_not(monkeypatch):
    from awscrt.http import HttpHeaders, HttpRequest
    from awscrt.s3 import S3Client

    sent = []
    monkeypatch.setattr(S3Client, "make_request", lambda _self, **options: sent.append(options))

    def send(host: str) -> None:
        request = HttpRequest("GET", "/", HttpHeaders([("host", host)]))
        S3Client.make_request(None, request=request)

    with mock_signer():
        send("127.0.0.1:9000")
        with pytest.raises(UnmockedCallError):
            send("s3.amazonaws.com:443")
    with mock_signer(block_other_aws=False):
        send("s3.amazonaws.com")
    send("s3.amazonaws.com")
    assert len(sent) == 3
