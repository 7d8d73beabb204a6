"""Write a repository of moto's ECR, with its signatures, as an OCI image layout."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from signer_mock._moto.backends import moto_answers
from signer_mock._moto.ecr_manifests import OCI_INDEX, descriptor, read_manifest
from signer_mock.errors import SignerMockError

_TAG = "org.opencontainers.image.ref.name"


def export_layout(
    client: Any, blobs: Mapping[str, bytes], repository: str, path: str | os.PathLike[str]
) -> Path:
    """Write an OCI image layout, over one that is there, and return its folder.

    Args:
        client: A boto3 client of ECR, in the repository's account and region.
        blobs: The content of signatures, by digest.
        repository: The repository's name.
        path: The folder; made if it does not exist.

    Raises:
        SignerMockError: moto's ECR is not active, or has no such repository.
        OSError: The folder cannot be written.
    """
    if not moto_answers("ecr"):
        msg = "There is no repository to export: start moto (mock_aws), whose ECR keeps the images."
        raise SignerMockError(msg)
    try:
        pages = list(client.get_paginator("list_images").paginate(repositoryName=repository))
    except client.exceptions.RepositoryNotFoundException as error:
        msg = f"The repository cannot be exported: {error}"
        raise SignerMockError(msg) from error
    listed = [one for page in pages for one in page["imageIds"]]
    # One by one: of several, moto tells each image's newest tag, and not the one asked for.
    entries: list[dict[str, Any]] = []
    contents: dict[str, bytes] = {}
    for one in listed:
        tag = one.get("imageTag")
        image_id = {"imageTag": tag} if tag else {"imageDigest": one["imageDigest"]}
        annotations = {"annotations": {_TAG: tag}} if tag else {}
        answer = client.batch_get_image(repositoryName=repository, imageIds=[image_id])
        for image in answer["images"]:
            manifest = image["imageManifest"]
            content = manifest.encode(errors="surrogatepass")
            media_type = image.get("imageManifestMediaType") or read_manifest(manifest)["mediaType"]
            entry = descriptor(content, media_type)
            contents[entry["digest"]] = content
            contents |= {one: blobs[one] for one in _contents_of(manifest) if one in blobs}
            if {**entry, **annotations} not in entries:
                entries.append({**entry, **annotations})
    layout = Path(path)
    folder = layout / "blobs" / "sha256"
    folder.mkdir(parents=True, exist_ok=True)
    for digest, content in contents.items():
        (folder / digest.partition(":")[2]).write_bytes(content)
    (layout / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
    (layout / "index.json").write_text(json.dumps(index))
    return layout


def _contents_of(manifest: str) -> list[str]:
    document = read_manifest(manifest)
    layers = document.get("layers")
    parts = [document.get("config"), *(layers if isinstance(layers, list) else ())]
    digests = (part.get("digest") for part in parts if isinstance(part, dict))
    return [digest for digest in digests if isinstance(digest, str)]
