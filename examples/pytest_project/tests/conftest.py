"""Fixtures: a mocked account with a bucket and a signing profile."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest
from signer_mock import SignerMock, mock_signer

from signed_release import ReleaseSigner


@pytest.fixture
def aws() -> Iterator[SignerMock]:
    """AWS Signer, and moto's S3 with a bucket."""
    with mock_signer(s3="moto") as mock:
        s3 = mock.client("s3")
        s3.create_bucket(Bucket="releases")
        s3.put_bucket_versioning(Bucket="releases", VersioningConfiguration={"Status": "Enabled"})
        yield mock


@pytest.fixture
def publisher(aws: SignerMock) -> str:
    """The ARN of the profile's version, which is whom Lambda trusts."""
    profile = aws.client("signer").put_signing_profile(
        profileName="release", platformId="AWSLambda-SHA384-ECDSA"
    )
    return str(profile["profileVersionArn"])


@pytest.fixture
def release_signer(publisher: str) -> ReleaseSigner:
    """What is tested; it needs the profile."""
    return ReleaseSigner("releases", "release")


@pytest.fixture
def package() -> bytes:
    """A deployment package."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    return 'hello'\n")
    return buffer.getvalue()
