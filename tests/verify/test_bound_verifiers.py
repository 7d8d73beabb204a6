"""``mock.verify_...``: the verifiers with a mock's own roots, clock and revocations."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest

from signer_mock import SignerMock, SignerMockError, mock_signer
from signer_mock._signing.ca.certificates import make_code_signing_certificate
from signer_mock.verify import (
    ExpiredError,
    IntegrityError,
    InvalidArgumentError,
    MismatchError,
    RevokedError,
    UntrustedError,
    VerifiedSignature,
)
from tests.helpers.constants import (
    ARTIFACT,
    IOT,
    LAMBDA,
    NOTATION,
    OTHER,
    PAYLOAD,
    PAYLOAD_FORMAT,
)
from tests.helpers.signing import make_zip


@dataclass
class Signed:
    """Something that was signed through boto3."""

    data: bytes
    client: Any
    profile: str
    version_arn: str
    job_id: str


IMAGE = b"firmware"
THIRTY_DAYS = {"value": 30, "type": "DAYS"}


def sign_zip(mock: SignerMock, account_id: str | None = None) -> Signed:
    client = mock.account(account_id).client("signer")
    profile = client.put_signing_profile(
        profileName="web", platformId=LAMBDA, signatureValidityPeriod=THIRTY_DAYS
    )
    mock.objects.create_bucket("src", versioning=True)
    mock.objects.create_bucket("dst")
    version = mock.objects.put("src", "app.zip", make_zip({"app.py": b"pass"}))
    job_id = client.start_signing_job(
        source={"s3": {"bucketName": "src", "key": "app.zip", "version": version}},
        destination={"s3": {"bucketName": "dst"}},
        profileName="web",
    )["jobId"]
    data = mock.objects.get("dst", f"{job_id}.zip")
    return Signed(data, client, "web", profile["profileVersionArn"], job_id)


def sign_envelope(mock: SignerMock, account_id: str | None = None) -> Signed:
    client = mock.account(account_id).client("signer")
    profile = client.put_signing_profile(
        profileName="image", platformId=NOTATION, signatureValidityPeriod=THIRTY_DAYS
    )
    answer = client.sign_payload(profileName="image", payload=PAYLOAD, payloadFormat=PAYLOAD_FORMAT)
    return Signed(
        answer["signature"], client, "image", profile["profileVersionArn"], answer["jobId"]
    )


def sign_image(mock: SignerMock, certificate_arn: str, account_id: str | None = None) -> bytes:
    client = mock.account(account_id).client("signer")
    client.put_signing_profile(
        profileName="firmware",
        platformId=IOT,
        signingMaterial={"certificateArn": certificate_arn},
    )
    mock.objects.create_bucket("images", versioning=True)
    version = mock.objects.put("images", "app.bin", IMAGE)
    job_id = client.start_signing_job(
        source={"s3": {"bucketName": "images", "key": "app.bin", "version": version}},
        destination={"s3": {"bucketName": "images"}},
        profileName="firmware",
    )["jobId"]
    return mock.objects.get("images", job_id)


def verify(mock: SignerMock, signed: Signed, *given: Any) -> VerifiedSignature:
    if signed.profile == "web":
        return mock.verify_lambda_zip(signed.data, *given)
    return mock.verify_notation_envelope(signed.data, *given)


managed = pytest.mark.parametrize("sign", [sign_zip, sign_envelope])


@managed
def test_what_the_mock_signed_verifies(signer_mock, sign) -> None:
    signed = sign(signer_mock)

    verified = verify(signer_mock, signed, [signed.version_arn])

    assert verified.profile_version_arn == signed.version_arn
    assert str(verified.job_arn).endswith(signed.job_id)


@managed
def test_every_account_of_the_mock_is_trusted(signer_mock, sign) -> None:
    signed = sign(signer_mock, OTHER)

    assert verify(signer_mock, signed).profile_version_arn == signed.version_arn
    ours = signed.version_arn.replace(OTHER, signer_mock.account_id)
    with pytest.raises(MismatchError):
        verify(signer_mock, signed, [ours])


@managed
def test_what_another_mock_signed_is_not_trusted(sign) -> None:
    with mock_signer() as first:
        signed = sign(first)
    with mock_signer() as second:
        with pytest.raises(UntrustedError):
            verify(second, signed)
        sign(second)
        with pytest.raises(UntrustedError):
            verify(second, signed)
    verify(first, signed)  # also after its end


@managed
def test_a_reset_makes_other_roots(signer_mock, sign) -> None:
    signed = sign(signer_mock)
    signer_mock.reset()

    with pytest.raises(UntrustedError):
        verify(signer_mock, signed)


@managed
def test_a_signature_expires_by_the_mocks_clock(signer_mock, sign) -> None:
    signer_mock.clock.freeze("2040-01-01T00:00:00Z")
    signed = sign(signer_mock)
    signer_mock.clock.advance(days=29)
    verify(signer_mock, signed)
    signer_mock.clock.advance(days=1)

    with pytest.raises(ExpiredError, match="2040-01-31"):
        verify(signer_mock, signed)


@managed
def test_a_revoked_signature_is_refused(signer_mock, sign) -> None:
    signed = sign(signer_mock)
    signed.client.revoke_signature(jobId=signed.job_id, reason="leaked")

    with pytest.raises(RevokedError, match=signed.job_id):
        verify(signer_mock, signed)


@managed
def test_a_signature_made_after_its_profile_was_revoked_is_refused(signer_mock, sign) -> None:
    signed = sign(signer_mock)
    signed.client.revoke_signing_profile(
        profileName=signed.profile,
        profileVersion=signed.version_arn.rpartition("/")[2],
        reason="leaked",
        effectiveTime=signer_mock.clock.now() - dt.timedelta(hours=1),
    )

    with pytest.raises(RevokedError, match=signed.version_arn):
        verify(signer_mock, signed)


@managed
def test_a_revoked_certificate_is_refused(signer_mock, sign) -> None:
    signed = sign(signer_mock)
    signer_mock.account().revoke_certificate(signer_mock.account().trust_root_pem)

    with pytest.raises(RevokedError, match="Certificate"):
        verify(signer_mock, signed)


def test_a_policy_of_warn_lets_an_expired_zip_through(signer_mock) -> None:
    signed = sign_zip(signer_mock)
    signer_mock.clock.advance(days=31)

    verified = signer_mock.verify_lambda_zip(signed.data, policy="Warn")

    assert [type(warning) for warning in verified.warnings] == [ExpiredError]


def test_the_artifact_of_an_envelope_is_compared(signer_mock) -> None:
    signed = sign_envelope(signer_mock)

    signer_mock.verify_notation_envelope(signed.data, artifact=ARTIFACT)
    with pytest.raises(MismatchError):
        signer_mock.verify_notation_envelope(signed.data, artifact={**ARTIFACT, "size": 1})


def imported(mock: SignerMock, account_id: str | None = None) -> str:
    pair = make_code_signing_certificate("device", "ECDSA", mock.clock.now())
    return mock.account(account_id).import_certificate(*pair)


@pytest.mark.parametrize("account_id", [None, OTHER])
def test_a_document_is_verified_by_the_arn_of_its_certificate(signer_mock, account_id) -> None:
    arn = imported(signer_mock, account_id)
    document = sign_image(signer_mock, arn, account_id)

    assert signer_mock.verify_iot_object(document, arn, IMAGE).certificates
    with pytest.raises(IntegrityError):
        signer_mock.verify_iot_object(document, arn, b"other")
    with pytest.raises(IntegrityError):
        signer_mock.verify_iot_object(document, imported(signer_mock), IMAGE)
    with pytest.raises(InvalidArgumentError, match="pass its bytes"):
        signer_mock.verify_iot_object(document, arn)


def test_the_certificate_of_a_document_ends_by_the_mocks_clock(signer_mock) -> None:
    arn = imported(signer_mock)
    document = sign_image(signer_mock, arn)
    signer_mock.clock.advance(days=365 * 11)

    with pytest.raises(UntrustedError, match="is not valid at"):
        signer_mock.verify_iot_object(document, arn, IMAGE)


def test_the_certificate_of_a_document_can_be_revoked(signer_mock) -> None:
    arn = imported(signer_mock)
    document = sign_image(signer_mock, arn)
    signer_mock.account().revoke_certificate(signer_mock.account().certificate_pem(arn))

    with pytest.raises(RevokedError, match=arn):
        signer_mock.verify_iot_object(document, arn, IMAGE)


@pytest.mark.parametrize("wrong", ["arn:x", "", b"arn", None, "arn:aws:signer:us-east-1:1:/x"])
def test_a_certificate_is_named_by_its_arn(signer_mock, wrong) -> None:
    with pytest.raises(InvalidArgumentError, match="ACM ARN"):
        signer_mock.verify_iot_object(b"{}", wrong)


def test_an_unknown_certificate_is_named(signer_mock) -> None:
    arn = imported(signer_mock)[:-1] + "x"
    with pytest.raises(SignerMockError, match="has no certificate"):
        signer_mock.verify_iot_object(b"{}", arn)


def test_what_a_client_returns_whole_is_no_envelope(signer_mock) -> None:
    with pytest.raises(InvalidArgumentError, match=r"response\['signature'\]"):
        signer_mock.verify_notation_envelope({"signature": b""})
