"""Shared by all tests. The fixtures ``signer_mock`` and ``signer_client`` are the plugin's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from signer_mock import SignerMock, mock_signer
from tests.helpers import answer_checks, zip_archives
from tests.helpers.constants import LAMBDA, NOON, NOTATION

pytest_plugins = ["pytester"]

answer_checks.install()


@pytest.fixture
def raw_client(signer_mock: SignerMock) -> Any:
    """A client that sends whatever it is given: the service must do the refusing."""
    return signer_mock.client("signer", config=Config(parameter_validation=False))


@pytest.fixture
def lambda_profile(signer_client: Any) -> str:
    """The name of a profile for Lambda zips."""
    signer_client.put_signing_profile(profileName="lambda_profile", platformId=LAMBDA)
    return "lambda_profile"


@pytest.fixture
def notation_profile(signer_client: Any) -> str:
    """The name of a profile for container images."""
    signer_client.put_signing_profile(profileName="notation_profile", platformId=NOTATION)
    return "notation_profile"


@pytest.fixture
def at_noon(signer_mock: SignerMock) -> None:
    """Freeze the mock's clock at ``constants.NOON``."""
    signer_mock.clock.freeze(NOON)


@pytest.fixture
def both() -> Iterator[SignerMock]:
    """moto and the mock, moto first."""
    from moto import mock_aws

    with mock_aws(), mock_signer() as mock:
        yield mock


@pytest.fixture
def code_zip() -> bytes:
    """A small Lambda package."""
    return zip_archives.code_zip()


@pytest.fixture
def buckets(signer_mock: SignerMock) -> SignerMock:
    """The mock, with a versioned bucket ``src`` and a plain one ``dst`` in memory."""
    signer_mock.objects.create_bucket("src", versioning=True)
    signer_mock.objects.create_bucket("dst")
    return signer_mock


@pytest.fixture
def start_job(buckets: SignerMock, signer_client: Any) -> Callable[..., dict[str, Any]]:
    """Store bytes in ``src`` and start a job over them; returns DescribeSigningJob's answer."""

    def start(
        data: bytes, profile: str, *, key: str = "app.zip", prefix: str = "signed/"
    ) -> dict[str, Any]:
        version = buckets.objects.put("src", key, data)
        job_id = signer_client.start_signing_job(
            source={"s3": {"bucketName": "src", "key": key, "version": version}},
            destination={"s3": {"bucketName": "dst", "prefix": prefix}},
            profileName=profile,
        )["jobId"]
        answer: dict[str, Any] = signer_client.describe_signing_job(jobId=job_id)
        return answer

    return start


@pytest.fixture(autouse=True)
def _no_default_session_left_over() -> Iterator[None]:
    """A default session that one test made must not reach another."""
    yield
    boto3.DEFAULT_SESSION = None
