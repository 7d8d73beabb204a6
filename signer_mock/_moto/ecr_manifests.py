"""Manifests of OCI and Docker: which of them are images, and those of signatures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from signer_mock._moto.ecr_registry import digest_of
from signer_mock._signing.notation.envelope import read_envelope
from signer_mock._signing.times import rfc3339_seconds

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
SIGNATURE_TYPE = "application/vnd.cncf.notary.signature"
_ENVELOPE_TYPE = "application/jose+json"
_THUMBPRINTS = "io.cncf.notary.x509chain.thumbprint#S256"
_CREATED = "org.opencontainers.image.created"

#: What a signature's manifest has for a configuration.
EMPTY_CONFIGURATION = b"{}"

_IMAGES = frozenset(
    {
        OCI_MANIFEST,
        OCI_INDEX,
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    }
)
_CONFIGURATIONS = frozenset(
    {
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.docker.container.image.v1+json",
    }
)
_COSIGN_LAYER = "application/vnd.dev.cosign.simplesigning.v1+json"


def read_manifest(manifest: str) -> Mapping[str, Any]:
    """Return a manifest's members; none for what is no JSON object."""
    try:
        document = json.loads(manifest)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def is_container_image(manifest: str, media_type: str) -> bool:
    """Tell whether a manifest is that of a container image, or of an index of such images.

    Signatures and other artifacts are not: they refer to a subject, or have a type of their own.
    """
    document = read_manifest(manifest)
    layers = document.get("layers")
    return (
        media_type in _IMAGES
        and bool(document)
        and not document.get("subject")
        and artifact_type(manifest) is None
        and not (
            isinstance(layers, list)
            and any(
                isinstance(one, dict) and one.get("mediaType") == _COSIGN_LAYER for one in layers
            )
        )
    )


def artifact_type(manifest: str) -> str | None:
    """Return the type of an artifact that is no container image, or None."""
    document = read_manifest(manifest)
    configuration = document.get("config")
    declared = document.get("artifactType") or (
        configuration.get("mediaType") if isinstance(configuration, dict) else None
    )
    return declared if isinstance(declared, str) and declared not in _CONFIGURATIONS else None


def subject_digest(manifest: str) -> str | None:
    """Return the digest of the image that a manifest refers to, or None."""
    subject = read_manifest(manifest).get("subject")
    return subject.get("digest") if isinstance(subject, dict) else None


def descriptor(content: bytes, media_type: str) -> dict[str, Any]:
    """Return what refers to content: its media type, digest and size."""
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}


def compact(document: Mapping[str, Any]) -> str:
    """Return a document as JSON without spaces."""
    return json.dumps(document, separators=(",", ":"))


def signature_manifest(
    subject: Mapping[str, Any], envelope: bytes, metadata: Mapping[str, str]
) -> str:
    """Return the manifest of a signature, as ``notation sign`` pushes it.

    Args:
        subject: The descriptor of the image.
        envelope: What SignPayload returned.
        metadata: What SignPayload returned with it; becomes annotations.
    """
    signed = read_envelope(envelope)
    thumbprints = [
        hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
        for certificate in signed.certificates
    ]
    return compact(
        {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "artifactType": SIGNATURE_TYPE,
            "config": descriptor(EMPTY_CONFIGURATION, SIGNATURE_TYPE),
            "layers": [descriptor(envelope, _ENVELOPE_TYPE)],
            "subject": subject,
            "annotations": {
                **metadata,
                _THUMBPRINTS: json.dumps(thumbprints, separators=(",", ":")),
                _CREATED: rfc3339_seconds(signed.signing_time),
            },
        }
    )
