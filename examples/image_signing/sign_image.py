"""Sign the manifest of a container image with AWS Signer, as ``notation sign`` does."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import boto3

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
SIGNATURE = "application/vnd.cncf.notary.signature"
PAYLOAD = "application/vnd.cncf.notary.payload.v1+json"
JWS = "application/jose+json"


@dataclass(frozen=True)
class ImageSignature:
    """A signature, and what a registry is to be given of it.

    Attributes:
        envelope: The signature: the only layer of the manifest.
        manifest: The OCI manifest that refers to the image; its configuration is ``{}``.
        job_id: The signing job, to revoke the signature by.
    """

    envelope: bytes
    manifest: bytes
    job_id: str


def descriptor(content: bytes, media_type: str) -> dict[str, Any]:
    """Return the OCI descriptor of a blob or a manifest."""
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return {"mediaType": media_type, "digest": digest, "size": len(content)}


def sign_image(manifest: bytes, profile_name: str) -> ImageSignature:
    """Sign an image.

    Args:
        manifest: The image's manifest, byte for byte as the registry has it.
        profile_name: A signing profile for the platform ``Notation-OCI-SHA384-ECDSA``.
    """
    image = descriptor(manifest, json.loads(manifest).get("mediaType", OCI_MANIFEST))
    answer = boto3.client("signer").sign_payload(
        profileName=profile_name,
        payload=json.dumps({"targetArtifact": image}, separators=(",", ":")).encode(),
        payloadFormat=PAYLOAD,
    )
    signature = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": descriptor(b"{}", SIGNATURE),
        "layers": [descriptor(answer["signature"], JWS)],
        "subject": image,
        "annotations": answer["metadata"],
    }
    return ImageSignature(answer["signature"], json.dumps(signature).encode(), answer["jobId"])
