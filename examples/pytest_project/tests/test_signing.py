"""What a release does with AWS Signer."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from signer_mock import SignerMock
from signer_mock.verify import IntegrityError

from signed_release import ReleaseSigner, SigningFailedError


def test_a_signed_package_is_what_lambda_accepts(
    aws: SignerMock, publisher: str, release_signer: ReleaseSigner, package: bytes
) -> None:
    signed = release_signer.sign("app-1.0.zip", package)
    verified = aws.verify_lambda_zip(signed, allowed_publishers=[publisher])
    assert verified.profile_version_arn == publisher
    aws.calls.assert_called("StartSigningJob", times=1, profileName="release")


def test_a_package_that_is_changed_later_is_not(
    aws: SignerMock, release_signer: ReleaseSigner, package: bytes
) -> None:
    signed = release_signer.sign("app-1.0.zip", package)
    with pytest.raises(IntegrityError):
        aws.verify_lambda_zip(signed.replace(b"'hello'", b"'jello'"))


def test_throttled_calls_are_retried(
    aws: SignerMock, release_signer: ReleaseSigner, package: bytes
) -> None:
    aws.faults.fail("StartSigningJob", "TooManyRequestsException", times=1)
    assert release_signer.sign("app-1.0.zip", package)
    aws.calls.assert_called("StartSigningJob", times=2)


def test_a_failed_job_tells_why(
    aws: SignerMock, release_signer: ReleaseSigner, package: bytes
) -> None:
    aws.jobs.fail_next("Internal error")
    with pytest.raises(SigningFailedError, match="Internal error"):
        release_signer.sign("app-1.0.zip", package)


def test_a_canceled_profile_signs_nothing(
    aws: SignerMock, release_signer: ReleaseSigner, package: bytes
) -> None:
    aws.client("signer").cancel_signing_profile(profileName="release")
    with pytest.raises(ClientError, match="ValidationException"):
        release_signer.sign("app-1.0.zip", package)
