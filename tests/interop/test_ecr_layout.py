"""Images that ECR's managed signing signed, exported from moto's ECR: notation accepts them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from signer_mock import SignerMock
from tests.helpers.constants import NOTATION, OTHER
from tests.helpers.images import (
    descriptor,
    digest_of,
    image_index,
    image_manifest,
    needs_managed_signing,
)
from tests.interop.go_tools import GoTools, Notary
from tests.interop.notation_command import Notation, install

pytestmark = needs_managed_signing

IMAGE, INDEX = image_manifest(), image_index(image_manifest())
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"


@pytest.fixture
def ecr(signer_mock: SignerMock) -> Iterator[Any]:
    """moto's ECR with a repository ``web``."""
    with mock_aws():
        client = signer_mock.client("ecr")
        client.create_repository(repositoryName="web")
        yield client


def push(mock: SignerMock, ecr: Any, *accounts: str) -> list[str]:
    """Push an image and an index of it, which profiles of these accounts sign; returns ARNs."""
    arns = []
    for account in accounts:
        signer = mock.account(account).client("signer")
        arns.append(signer.put_signing_profile(profileName="prof", platformId=NOTATION)["arn"])
        if account != mock.account_id:
            signer.add_profile_permission(
                profileName="prof",
                action="signer:SignPayload",
                principal=mock.account_id,
                statementId="pusher",
            )
    rules = [{"signingProfileArn": arn} for arn in arns]
    ecr.put_signing_configuration(signingConfiguration={"rules": rules})
    ecr.put_image(repositoryName="web", imageManifest=IMAGE, imageTag="v1")
    ecr.put_image(repositoryName="web", imageManifest=INDEX, imageTag="all")
    return arns


@pytest.fixture
def layout(signer_mock: SignerMock, tmp_path: Path) -> Path:
    return tmp_path / "layout"


@pytest.fixture
def notation(
    go: GoTools, plugin: Path, aws_environment: Mapping[str, str], layout: Path, tmp_path: Path
) -> Notation:
    home = tmp_path / "notation"
    return install(go.notation, plugin, aws_environment, home, f"{layout}:v1", "")


def image(notation: Notation, layout: Path, name: str) -> Notation:
    return Notation(notation.program, notation.environment, notation.home, f"{layout}{name}", "")


@pytest.mark.parametrize("name", [":v1", ":all", f"@{digest_of(IMAGE)}", f"@{digest_of(INDEX)}"])
def test_notation_verifies_what_was_signed_when_it_was_pushed(
    signer_mock, ecr, notation, layout, name
):
    arns = push(signer_mock, ecr, signer_mock.account_id)
    signer_mock.export_oci_layout("web", layout)
    notation.trust(signer_mock.account().trust_root_pem, *arns)
    verified = image(notation, layout, name).verify()
    assert verified.returncode == 0, verified.stderr
    assert "Successfully verified" in verified.stdout


def test_notation_lists_a_signature_for_each_profile(signer_mock, ecr, notation, layout):
    push(signer_mock, ecr, signer_mock.account_id, OTHER)
    signer_mock.export_oci_layout("web", layout)
    listed = image(notation, layout, ":v1")("list", "--oci-layout", f"{layout}:v1")
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.count("sha256:") == 3  # the image and its two signatures


def test_notation_refuses_an_image_whose_signing_failed(signer_mock, ecr, notation, layout):
    signer_mock.faults.fail("SignPayload", "AccessDeniedException", times=None)
    arns = push(signer_mock, ecr, signer_mock.account_id)
    signer_mock.export_oci_layout("web", layout)
    notation.trust(signer_mock.account().trust_root_pem, *arns)
    refused = notation.verify()
    assert refused.returncode != 0
    assert "no signature is associated" in refused.stderr


def test_notation_refuses_an_image_whose_signature_was_revoked(signer_mock, ecr, notation, layout):
    arns = push(signer_mock, ecr, signer_mock.account_id)
    signer_mock.export_oci_layout("web", layout)
    notation.trust(signer_mock.account().trust_root_pem, *arns)
    signer = signer_mock.client("signer")
    for job in signer.list_signing_jobs()["jobs"]:
        signer.revoke_signature(jobId=job["jobId"], reason="leaked")
    assert notation.verify().returncode != 0


def test_notation_go_accepts_each_envelope_at_the_level_strict(
    signer_mock: SignerMock, ecr: Any, notary: Notary, layout: Path
) -> None:
    arns = push(signer_mock, ecr, signer_mock.account_id, OTHER)
    signer_mock.export_oci_layout("web", layout)
    roots = b"".join(signer_mock.account(account).trust_root_pem for account in (None, OTHER))
    blobs = layout / "blobs" / "sha256"
    judged = 0
    for manifest, media_type in ((IMAGE, None), (INDEX, INDEX_TYPE)):
        subject = descriptor(manifest, media_type) if media_type else descriptor(manifest)
        for referrer in ecr.list_image_referrers(
            repositoryName="web", subjectId={"imageDigest": subject["digest"]}
        )["referrers"]:
            signature = json.loads((blobs / referrer["digest"][7:]).read_text())
            envelope = (blobs / signature["layers"][0]["digest"][7:]).read_bytes()
            answer = notary.judge(envelope, roots, arns, subject)
            assert answer["accepted"], answer
            assert answer["verified"]["error"] == "", answer
            wrong = notary.judge(envelope, roots, arns, {**subject, "size": subject["size"] + 1})
            assert wrong["verified"]["error"] != ""
            judged += 1
    assert judged == 4
