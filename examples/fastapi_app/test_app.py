"""The application, with AWS Signer and S3 mocked."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from signer_mock import SignerMock, mock_signer

from app import BUCKET, PROFILE, app


@pytest.fixture
def aws() -> Iterator[SignerMock]:
    """What the application finds in its account."""
    with mock_signer(s3="moto") as mock:
        s3 = mock.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        mock.client("signer").put_signing_profile(
            profileName=PROFILE, platformId="AWSLambda-SHA384-ECDSA"
        )
        yield mock


@pytest.fixture
def web(aws: SignerMock) -> Iterator[TestClient]:
    """A client of the application."""
    with TestClient(app) as client:
        yield client


@pytest.fixture
def package() -> bytes:
    """A zip to upload."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "print('hello')\n")
    return buffer.getvalue()


def upload(web: TestClient, package: bytes) -> str:
    """Upload a package; returns the job's path."""
    headers = {"Content-Type": "application/zip"}
    answer = web.put("/packages/app.zip", content=package, headers=headers)
    assert answer.status_code == 202
    return f"/jobs/{answer.json()['job_id']}"


def test_an_upload_is_signed(aws: SignerMock, web: TestClient, package: bytes) -> None:
    job = upload(web, package)
    assert web.get(job).json() == {"status": "Succeeded", "reason": "Signing Succeeded"}
    aws.verify_lambda_zip(web.get(f"{job}/package").content)


def test_a_package_that_is_not_signed_yet(aws: SignerMock, web: TestClient, package: bytes) -> None:
    aws.jobs.hold()
    job = upload(web, package)
    assert web.get(f"{job}/package").status_code == 409
    aws.jobs.release()
    assert web.get(f"{job}/package").status_code == 200


def test_what_is_no_zip_is_a_failed_job(web: TestClient) -> None:
    job = upload(web, b"not a zip")
    assert web.get(job).json()["status"] == "Failed"


def test_an_unknown_job(web: TestClient) -> None:
    assert web.get("/jobs/7309da2c-9111-48ac-8ee4-5a4262af4429").status_code == 404
