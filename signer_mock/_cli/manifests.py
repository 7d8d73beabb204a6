"""Recognise the manifest of a container image, and describe it as Notation does."""

from __future__ import annotations

import hashlib
import json
from typing import Any

_OCI = "application/vnd.oci.image"
_DESCRIPTOR = {"mediaType", "digest", "size"}


def read_json_object(data: bytes) -> dict[str, Any] | None:
    """Return the JSON object that the bytes hold; None if they hold something else."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def descriptor_of(data: bytes) -> dict[str, Any] | None:
    """Return the descriptor of an image: its media type, digest and size.

    Args:
        data: An OCI or Docker manifest or index, or a descriptor of one in JSON.

    Returns:
        The descriptor; None if the bytes are neither.
    """
    document = read_json_object(data)
    if document is None:
        return None
    if document.keys() >= _DESCRIPTOR:
        return document
    if document.get("schemaVersion") != 2 or not document.keys() & {"config", "manifests"}:
        return None
    kind = "index" if "manifests" in document else "manifest"
    return {
        "mediaType": document.get("mediaType", f"{_OCI}.{kind}.v1+json"),
        "digest": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "size": len(data),
    }
