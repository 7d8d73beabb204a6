"""Container images as tests push them to ECR."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from signer_mock._wire.model import service_model

needs_managed_signing = pytest.mark.skipif(
    "PutSigningConfiguration" not in service_model("ecr").operation_names,
    reason="this botocore is older than managed signing",
)


OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
SIGNATURE = "application/vnd.cncf.notary.signature"


def digest_of(content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def descriptor(content: str, media_type: str = OCI_MANIFEST) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content.encode())}


def image_manifest(name: str = "app", **changes: Any) -> str:
    """The manifest of an image; another one for each name."""
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": descriptor("{}", OCI_CONFIG),
        "layers": [descriptor(f"layer of {name}", "application/vnd.oci.image.layer.v1.tar")],
    }
    return json.dumps({**manifest, **changes})


def image_index(*manifests: str) -> str:
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": OCI_INDEX,
            "manifests": [descriptor(manifest) for manifest in manifests],
        }
    )
