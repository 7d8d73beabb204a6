"""Values that many tests share."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

LAMBDA = "AWSLambda-SHA384-ECDSA"
NOTATION = "Notation-OCI-SHA384-ECDSA"
IOT = "AWSIoTDeviceManagement-SHA256-ECDSA"
FREERTOS = "AmazonFreeRTOS-Default"

#: The default account of a mock, and another one.
ACCOUNT = "123456789012"
OTHER = "210987654321"

#: A certificate in ACM; the mock makes one for any ARN when a job needs it.
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/0f5c9d0e-1111-4222-8333-444455556666"

#: Credentials of a user's own, which no mock issued.
OWN_KEY = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "own"}

#: The time of the fixture ``at_noon``.
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)

#: The repository.
ROOT = Path(__file__).parents[2]

# What SignPayload takes for a container image.
PAYLOAD_FORMAT = "application/vnd.cncf.notary.payload.v1+json"
ARTIFACT = {
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "digest": "sha256:" + "ab" * 32,
    "size": 388,
}
PAYLOAD = json.dumps({"targetArtifact": ARTIFACT}, separators=(",", ":")).encode()

#: What Lambda answers to a deployment (seen live); ``{}`` is the function.
NOT_ACCEPTED = (
    "Lambda cannot deploy the function. The function or layer might be signed using a signature "
    "that the client is not configured to accept. Check the provided signature for {}."
)
NOT_PROPERLY_SIGNED = (
    "Lambda cannot deploy the function. The function or layer code is not properly signed. This "
    "can mean that the code was signed incorrectly or modified after it was signed. Check the "
    "provided signature for {}."
)
