"""Signatures of images, judged as ``notation verify`` at level strict judges them."""

from __future__ import annotations

import json

import boto3
import pytest
from signer_mock import SignerMock
from signer_mock.verify import MismatchError, RevokedError

from sign_image import OCI_MANIFEST, descriptor, sign_image

MANIFEST = json.dumps({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "layers": []}).encode()


@pytest.fixture
def profile_arn(signer_mock: SignerMock) -> str:
    """The profile that a trust policy names."""
    profile = boto3.client("signer").put_signing_profile(
        profileName="images", platformId="Notation-OCI-SHA384-ECDSA"
    )
    return str(profile["arn"])


def test_the_signature_is_the_images(signer_mock: SignerMock, profile_arn: str) -> None:
    signed = sign_image(MANIFEST, "images")
    image = json.loads(signed.manifest)["subject"]
    assert image == descriptor(MANIFEST, OCI_MANIFEST)
    verified = signer_mock.verify_notation_envelope(signed.envelope, [profile_arn], image)
    assert verified.job_arn is not None
    assert verified.job_arn.endswith(signed.job_id)


def test_it_is_no_other_images(signer_mock: SignerMock, profile_arn: str) -> None:
    signed = sign_image(MANIFEST, "images")
    other = descriptor(MANIFEST + b"\n", OCI_MANIFEST)
    with pytest.raises(MismatchError):
        signer_mock.verify_notation_envelope(signed.envelope, [profile_arn], other)


def test_it_can_be_revoked(signer_mock: SignerMock, profile_arn: str) -> None:
    signed = sign_image(MANIFEST, "images")
    boto3.client("signer").revoke_signature(jobId=signed.job_id, reason="built from a wrong tag")
    with pytest.raises(RevokedError):
        signer_mock.verify_notation_envelope(signed.envelope, [profile_arn])
