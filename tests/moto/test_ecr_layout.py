"""A repository of moto's ECR as an OCI layout."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from signer_mock import mock_signer
from signer_mock._wire.model import service_model
from signer_mock.errors import SignerMockError
from tests.helpers.constants import NOTATION, OTHER
from tests.helpers.images import descriptor, image_index, image_manifest

TAG = "org.opencontainers.image.ref.name"


def index_of(layout: Path) -> list[dict[str, Any]]:
    """The entries of a layout, every blob checked against its name."""
    assert json.loads((layout / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}
    for blob in (layout / "blobs" / "sha256").iterdir():
        assert hashlib.sha256(blob.read_bytes()).hexdigest() == blob.name
    index = json.loads((layout / "index.json").read_text())
    assert index["schemaVersion"] == 2
    entries: list[dict[str, Any]] = index["manifests"]
    for entry in entries:
        blob = layout / "blobs" / "sha256" / entry["digest"].removeprefix("sha256:")
        assert blob.stat().st_size == entry["size"]
    return entries


def test_every_image_is_listed_under_each_of_its_tags(tmp_path):
    with mock_aws(), mock_signer() as mock:
        ecr = mock.client("ecr")
        ecr.create_repository(repositoryName="web")
        image, untagged = image_manifest(), image_manifest("other")
        for manifest, tag in (
            (image, {"imageTag": "v1"}),
            (image, {"imageTag": "latest"}),
            (untagged, {}),
            (image_index(image), {"imageTag": "all"}),
        ):
            ecr.put_image(repositoryName="web", imageManifest=manifest, **tag)
        layout = mock.export_oci_layout("web", str(tmp_path / "a" / "layout"))
        listed = [one.get("imageTag") for one in ecr.list_images(repositoryName="web")["imageIds"]]

    index = descriptor(image_index(image), "application/vnd.oci.image.index.v1+json")
    assert layout == tmp_path / "a" / "layout"
    assert sorted(index_of(layout), key=str) == sorted(
        [
            # An older moto lists one tag of an image.
            *({**descriptor(image), "annotations": {TAG: "v1"}} for tag in listed if tag == "v1"),
            {**descriptor(image), "annotations": {TAG: "latest"}},
            {**index, "annotations": {TAG: "all"}},
            descriptor(untagged),
        ],
        key=str,
    )


@pytest.mark.skipif(
    "PutSigningConfiguration" not in service_model("ecr").operation_names,
    reason="this botocore is older than managed signing",
)
def test_another_accounts_repository_in_another_region_is_exported_with_its_signature(tmp_path):
    with mock_aws(), mock_signer() as mock:
        account = mock.account(OTHER)
        ecr = account.client("ecr", "eu-west-1")
        signer = account.client("signer", "eu-west-1")
        arn = signer.put_signing_profile(profileName="release", platformId=NOTATION)["arn"]
        ecr.put_signing_configuration(signingConfiguration={"rules": [{"signingProfileArn": arn}]})
        ecr.create_repository(repositoryName="web")
        ecr.put_image(repositoryName="web", imageManifest=image_manifest(), imageTag="v1")
        layout = account.export_oci_layout("web", tmp_path, region_name="eu-west-1")
        ecr.put_image(repositoryName="web", imageManifest=image_manifest("b"), imageTag="v1")
        account.export_oci_layout("web", tmp_path, region_name="eu-west-1")
    tags = [entry.get("annotations", {}).get(TAG) for entry in index_of(layout)]
    assert tags == [None, "v1", None]  # a signature, moved tag, and its signature


def test_two_images_under_one_digest_are_each_listed_once(tmp_path):
    """moto believes the digest that a push names."""
    with mock_aws(), mock_signer() as mock:
        ecr = mock.client("ecr")
        ecr.create_repository(repositoryName="web")
        images = [image_manifest("a"), image_manifest("b")]
        for manifest in images:
            ecr.put_image(
                repositoryName="web", imageManifest=manifest, imageDigest=f"sha256:{'0' * 64}"
            )
        layout = mock.export_oci_layout("web", tmp_path)
    assert index_of(layout) == [descriptor(image) for image in images]


def test_a_repository_that_is_not_there_is_an_error(tmp_path):
    missing = pytest.raises(SignerMockError, match="repository with name 'web' does not exist")
    with mock_aws(), mock_signer() as mock, missing:
        mock.export_oci_layout("web", tmp_path / "layout")
    assert not (tmp_path / "layout").exists()


@pytest.mark.parametrize("block", [True, False])
def test_without_motos_ecr_there_is_nothing_to_export(tmp_path, block):
    missing = pytest.raises(SignerMockError, match="start moto")
    with mock_signer(block_other_aws=block) as mock, missing:
        mock.export_oci_layout("web", tmp_path / "layout")
    assert not (tmp_path / "layout").exists()
