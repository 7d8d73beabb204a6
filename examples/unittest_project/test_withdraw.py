"""Withdrawing a profile, by the mock's clock."""

from __future__ import annotations

import json
import unittest

import boto3
from signer_mock import mock_signer
from signer_mock.verify import RevokedError

from withdraw import withdraw

IMAGE = {
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "digest": "sha256:" + "ab" * 32,
    "size": 388,
}
PAYLOAD = json.dumps({"targetArtifact": IMAGE}).encode()

mock = mock_signer()


def sign() -> tuple[str, bytes]:
    """Sign an image; returns the job's id and the signature."""
    answer = boto3.client("signer").sign_payload(
        profileName="images",
        payload=PAYLOAD,
        payloadFormat="application/vnd.cncf.notary.payload.v1+json",
    )
    return answer["jobId"], answer["signature"]


@mock
class WithdrawTest(unittest.TestCase):
    """Each test has AWS Signer to itself."""

    def setUp(self) -> None:
        self.signer = boto3.client("signer")
        self.signer.put_signing_profile(
            profileName="images", platformId="Notation-OCI-SHA384-ECDSA"
        )

    def test_recent_signatures_are_revoked(self) -> None:
        _, good = sign()
        mock.clock.advance(days=1)
        break_in = mock.clock.now()
        mock.clock.advance(hours=1)
        job_id, bad = sign()

        self.assertEqual(withdraw("images", break_in, "break-in"), [job_id])

        mock.verify_notation_envelope(good, artifact=IMAGE)
        with self.assertRaises(RevokedError):
            mock.verify_notation_envelope(bad, artifact=IMAGE)

    def test_the_profile_signs_no_more(self) -> None:
        withdraw("images", mock.clock.now(), "break-in")
        with self.assertRaises(self.signer.exceptions.ValidationException):
            self.signer.sign_payload(profileName="images", payload=PAYLOAD, payloadFormat="x")

    def test_the_reason_is_on_record(self) -> None:
        since = mock.clock.now()
        mock.clock.advance(minutes=1)
        job_id, _ = sign()
        withdraw("images", since, "break-in")
        record = self.signer.describe_signing_job(jobId=job_id)["revocationRecord"]
        self.assertEqual(record["reason"], "break-in")


if __name__ == "__main__":
    unittest.main()
