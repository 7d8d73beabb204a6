"""Values that many tests share."""

from __future__ import annotations

import json

LAMBDA = "AWSLambda-SHA384-ECDSA"
NOTATION = "Notation-OCI-SHA384-ECDSA"
IOT = "AWSIoTDeviceManagement-SHA256-ECDSA"
FREERTOS = "AmazonFreeRTOS-Default"

#: The default account of a mock, and another one.
ACCOUNT = "123456789012"
OTHER = "210987654321"

# What SignPayload takes for a container image.
PAYLOAD_FORMAT = "application/vnd.cncf.notary.payload.v1+json"
ARTIFACT = {
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "digest": "sha256:" + "ab" * 32,
    "size": 388,
}
PAYLOAD = json.dumps({"targetArtifact": ARTIFACT}, separators=(",", ":")).encode()
