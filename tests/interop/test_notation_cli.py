"""The `notation` command signs an image in an OCI layout, and verifies it, against the mock."""

from __future__ import annotations

import hashlib
import json
import runpy
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from signer_mock import SignerMock
from tests.helpers.constants import NOTATION
from tests.interop.go_tools import GoTools
from tests.interop.notation_command import Notation, install

EXAMPLE = Path(__file__).parents[2] / "examples" / "image_signing" / "sign_image.py"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def oci_layout(folder: Path) -> str:
    """Makes an OCI layout with one image; returns the image's digest."""

    def blob(data: bytes, media_type: str) -> dict[str, Any]:
        digest = hashlib.sha256(data).hexdigest()
        path = folder / "blobs" / "sha256" / digest
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": blob(b"{}", "application/vnd.oci.image.config.v1+json"),
        "layers": [blob(b"an image's layer", "application/vnd.oci.image.layer.v1.tar")],
    }
    image = blob(json.dumps(manifest).encode(), MANIFEST)
    named = {**image, "annotations": {"org.opencontainers.image.ref.name": "v1"}}
    index = {"schemaVersion": 2, "manifests": [named]}
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (folder / "index.json").write_text(json.dumps(index))
    return str(image["digest"])


@pytest.fixture
def notation(
    go: GoTools,
    plugin: Path,
    signer_mock: SignerMock,
    aws_environment: Mapping[str, str],
    tmp_path: Path,
) -> Notation:
    client = signer_mock.client("signer")
    client.put_signing_profile(profileName="prof", platformId=NOTATION)
    layout = tmp_path / "layout"
    layout.mkdir()
    command = install(
        go.notation,
        plugin,
        aws_environment,
        tmp_path / "notation",
        f"{layout}@{oci_layout(layout)}",
        str(client.get_signing_profile(profileName="prof")["arn"]),
    )
    command.trust(signer_mock.account().trust_root_pem, command.profile_arn)
    return command


def test_notation_signs_an_image_and_verifies_it(notation, signer_mock):
    signed = notation.sign()
    assert signed.returncode == 0, signed.stderr
    assert "Successfully signed" in signed.stdout
    verified = notation.verify()
    assert verified.returncode == 0, verified.stderr
    assert "Successfully verified" in verified.stdout
    called = [call.operation for call in signer_mock.calls]
    assert called[-2:] == ["SignPayload", "GetRevocationStatus"]


def test_user_metadata_is_signed_and_can_be_asked_for(notation):
    assert notation.sign("--user-metadata", "build=42").returncode == 0
    verified = notation.verify("--user-metadata", "build=42")
    assert verified.returncode == 0, verified.stderr
    assert "42" in verified.stdout
    assert notation.verify("--user-metadata", "build=43").returncode != 0


def test_the_endpoint_may_come_from_the_plugins_configuration(notation, signer_mock):
    environment = dict(notation.environment)
    endpoint = environment.pop("AWS_ENDPOINT_URL")
    elsewhere = Notation(
        notation.program, environment, notation.home, notation.image, notation.profile_arn
    )
    config = ("--plugin-config", f"aws-signer-endpoint-url={endpoint}")
    assert elsewhere.sign(*config).returncode == 0
    assert elsewhere.verify(*config).returncode == 0
    assert signer_mock.calls[-1].operation == "GetRevocationStatus"


def test_notation_lists_a_signature_for_each_signing(notation):
    notation.sign()
    notation.sign()
    listed = notation("list", "--oci-layout", notation.image)
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.count("sha256:") == 3  # the image and its two signatures


def test_an_image_that_nobody_signed_does_not_verify(notation):
    refused = notation.verify()
    assert refused.returncode != 0
    assert "no signature is associated" in refused.stderr


def test_an_image_that_somebody_else_signed_does_not_verify(notation, signer_mock):
    notation.sign()
    other = notation.profile_arn.replace("/prof", "/other")
    notation.trust(signer_mock.account().trust_root_pem, other)
    assert notation.verify().returncode != 0


def test_an_image_signed_in_another_account_does_not_verify(notation, signer_mock):
    notation.sign()
    notation.trust(signer_mock.account("210987654321").trust_root_pem, notation.profile_arn)
    refused = notation.verify("-d")
    assert refused.returncode != 0
    assert "does not contain any trusted certificate" in refused.stderr


def test_an_image_whose_signature_was_revoked_does_not_verify(notation, signer_mock):
    notation.sign()
    assert notation.verify().returncode == 0
    client = signer_mock.client("signer")
    (job,) = client.list_signing_jobs()["jobs"]
    client.revoke_signature(jobId=job["jobId"], reason="leaked")
    refused = notation.verify("-d")
    assert refused.returncode != 0
    assert job["jobId"] in refused.stderr
    # a new signature makes the image good again: one of several suffices
    assert notation.sign().returncode == 0
    assert notation.verify().returncode == 0


def test_notation_trusts_what_write_trust_store_wrote(notation, signer_mock):
    notation.sign()
    (notation.home / "trustpolicy.json").unlink()
    shutil.rmtree(notation.home / "truststore")
    assert notation.verify().returncode != 0

    signer_mock.account().write_trust_store(notation.home)
    verified = notation.verify()
    assert verified.returncode == 0, verified.stderr
    assert "permission" not in verified.stderr
    assert signer_mock.account().trust_root_pem.decode() == (notation.home / "root.pem").read_text()
    listed = notation("certificate", "list")
    assert f"signer-mock-{signer_mock.account_id}" in listed.stdout


def test_notation_refuses_whom_write_trust_store_did_not_name(notation, signer_mock):
    notation.sign()
    other = notation.profile_arn.replace("/prof", "/other")
    signer_mock.account().write_trust_store(notation.home, trusted_identities=[other])
    assert notation.verify().returncode != 0

    # another account's root vouches for nothing here
    stranger = signer_mock.account("210987654321")
    stranger.write_trust_store(notation.home, trusted_identities=[notation.profile_arn])
    refused = notation.verify("-d")
    assert refused.returncode != 0
    assert "does not contain any trusted certificate" in refused.stderr


def test_notation_verifies_what_the_example_signs(notation, signer_mock, tmp_path):
    # As a registry's client would push it: the envelope, the configuration, and the manifest.
    layout = tmp_path / "layout"
    blobs = layout / "blobs" / "sha256"
    index = json.loads((layout / "index.json").read_text())
    [image] = index["manifests"]
    example = SimpleNamespace(**runpy.run_path(str(EXAMPLE)))
    signed = example.sign_image(blobs.joinpath(image["digest"][7:]).read_bytes(), "prof")
    for content in (signed.envelope, signed.manifest, b"{}"):
        (blobs / hashlib.sha256(content).hexdigest()).write_bytes(content)
    index["manifests"].append(example.descriptor(signed.manifest, MANIFEST))
    (layout / "index.json").write_text(json.dumps(index))

    verified = notation.verify()
    assert verified.returncode == 0, verified.stderr
    signer_mock.client("signer").revoke_signature(jobId=signed.job_id, reason="leaked")
    assert notation.verify().returncode != 0
