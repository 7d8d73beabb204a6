"""Ratify and Kyverno decide about images that AWS Signer signed.

Their own code does, at fixed versions, with the manifests of verify-images-at-admission.md in docs,
and an image in a registry of the same process.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import string
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from signer_mock import SignerMock
from signer_mock._wire.model import service_model
from tests.helpers.constants import NOTATION, OTHER, PAYLOAD_FORMAT
from tests.helpers.forgery import forge_envelope, good_chain, good_header, issue
from tests.helpers.images import (
    OCI_MANIFEST,
    SIGNATURE,
    descriptor,
    digest_of,
    image_manifest,
)
from tests.helpers.signing import pem
from tests.interop.go_tools import PLUGIN

pytestmark = pytest.mark.skipif(
    "PutSigningConfiguration" not in service_model("ecr").operation_names,
    reason="this botocore is older than managed signing",
)

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "verify-images-at-admission.md"
YAML = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
RATIFY, OLDER_STORES, EXTENSION = YAML


class Cluster:
    """What admits the images of a repository, whose pushes AWS Signer signs."""

    def __init__(
        self,
        program: Path,
        plugin: Path,
        environment: Mapping[str, str],
        mock: SignerMock,
        folder: Path,
    ) -> None:
        self._program, self._environment = program, environment
        self._mock, self._folder = mock, folder
        self._plugins = folder / "plugins"
        self._plugins.mkdir()
        shutil.copy2(plugin, self._plugins / f"notation-{PLUGIN}")
        self.manifests = RATIFY
        signer = mock.client("signer")
        put = signer.put_signing_profile(profileName="release", platformId=NOTATION)
        self.profile_arn = str(put["arn"])
        self.root = mock.account().trust_root_pem
        self._ecr = mock.client("ecr")
        self._ecr.create_repository(repositoryName="web")
        self.sign_with(self.profile_arn)

    def sign_with(self, *profile_arns: str) -> None:
        rules = [{"signingProfileArn": arn} for arn in profile_arns]
        self._ecr.put_signing_configuration(signingConfiguration={"rules": rules})

    def push(self) -> None:
        self._ecr.put_image(repositoryName="web", imageManifest=image_manifest(), imageTag="v1")

    def ratify(self) -> tuple[bool, str]:
        values = {"ROOT_PEM": json.dumps(self.root.decode()), "PROFILE_ARN": self.profile_arn}
        manifests = string.Template(self.manifests).substitute(values)
        return self._ask("ratify", manifests=manifests, ratifyPlugins=str(self._plugins))

    def kyverno(self, layout: Path | None = None) -> tuple[bool, str]:
        return self._ask("kyverno", layout, certificates=self.root.decode())

    def _ask(self, asked: str, layout: Path | None = None, **request: Any) -> tuple[bool, str]:
        layout = layout or self._mock.export_oci_layout("web", self._folder / "layout")
        done = subprocess.run(
            [self._program],
            input=json.dumps({"asked": asked, "layout": str(layout), "tag": "v1", **request}),
            env=dict(self._environment),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        return answer["admitted"], answer["said"]


@pytest.fixture
def cluster(
    admission: Path,
    plugin: Path,
    aws_environment: Mapping[str, str],
    signer_mock: SignerMock,
    tmp_path: Path,
) -> Any:
    with mock_aws():
        yield Cluster(admission, plugin, aws_environment, signer_mock, tmp_path)


# Ratify


def test_ratify_admits_an_image_that_the_profile_signed(cluster, signer_mock):
    cluster.push()
    admitted, said = cluster.ratify()
    assert admitted, said
    assert "Notation signature verification success" in said
    signer_mock.calls.assert_called("GetRevocationStatus", times=1)


def test_ratify_denies_an_image_without_a_signature(cluster, signer_mock):
    signer_mock.client("ecr").delete_signing_configuration()
    cluster.push()
    admitted, said = cluster.ratify()
    assert not admitted
    assert "No verification results" in said


def test_ratify_denies_what_another_profile_signed(cluster, signer_mock):
    put = signer_mock.client("signer").put_signing_profile
    cluster.sign_with(put(profileName="sandbox", platformId=NOTATION)["arn"])
    cluster.push()
    admitted, said = cluster.ratify()
    assert not admitted
    assert "trusted identit" in said


def test_ratify_denies_what_leads_to_another_root(cluster, signer_mock):
    cluster.push()
    cluster.root = signer_mock.account(OTHER).trust_root_pem
    admitted, said = cluster.ratify()
    assert not admitted
    assert "does not contain any trusted certificate" in said


def test_ratify_denies_a_root_of_another_kind_of_store(cluster):
    cluster.push()
    cluster.manifests = RATIFY.replace("      signingAuthority:\n", "      ca:\n")
    admitted, said = cluster.ratify()
    assert not admitted
    assert "valid certificates must be provided" in said


def test_ratify_denies_what_was_revoked(cluster, signer_mock):
    cluster.push()
    [job] = signer_mock.client("signer").list_signing_jobs()["jobs"]
    assert cluster.ratify()[0]
    signer_mock.client("signer").revoke_signature(jobId=job["jobId"], reason="leaked")
    admitted, said = cluster.ratify()
    assert not admitted
    assert "revoked" in said


def test_ratify_denies_when_nobody_can_be_asked_about_revocation(cluster, signer_mock):
    cluster.push()
    signer_mock.faults.fail("GetRevocationStatus", "AccessDeniedException", times=None)
    admitted, said = cluster.ratify()
    assert not admitted
    assert "GetRevocationStatus" in said


def test_the_older_form_of_ratifys_stores_finds_no_signing_authority(cluster):
    cluster.push()
    stores = re.search(r"^    verificationCertStores:\n(?:      .*\n)+", RATIFY, re.MULTILINE)
    assert stores is not None
    older = RATIFY.replace(stores[0], OLDER_STORES)
    cluster.manifests = older.replace("signingAuthority:aws-signer-ts", "signingAuthority:certs")
    admitted, said = cluster.ratify()
    assert not admitted
    assert "valid certificates must be provided" in said


# Kyverno


def layout_signed_with(header: dict[str, Any], folder: Path) -> tuple[Path, bytes]:
    """An OCI layout of an image and a signature with these headers; returns the root as well."""
    now = dt.datetime.now(dt.timezone.utc).replace(microsecond=0)
    recipes = [
        one.but(not_before=now - dt.timedelta(days=1), not_after=now + dt.timedelta(days=1))
        for one in good_chain()
    ]
    chain = issue(recipes)
    image = image_manifest()
    payload = json.dumps({"targetArtifact": descriptor(image)}).encode()
    envelope = forge_envelope(header, payload, key=recipes[0].key, chain=chain).decode()
    signature = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": descriptor("{}", SIGNATURE),
            "layers": [descriptor(envelope, "application/jose+json")],
            "subject": descriptor(image),
        }
    )
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    for content in ("{}", envelope, image, signature):
        (blobs / digest_of(content).removeprefix("sha256:")).write_text(content)
    tag = {"annotations": {"org.opencontainers.image.ref.name": "v1"}}
    manifests = [{**descriptor(image), **tag}, descriptor(signature)]
    (folder / "index.json").write_text(json.dumps({"manifests": manifests}))
    return folder, pem(chain[-1])


def this_second() -> str:
    return f"{dt.datetime.now(dt.timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def x509_header(**more: str) -> dict[str, Any]:
    """The headers of a signature without a signing authority, which `notation sign` makes."""
    names = ("io.cncf.notary.signingScheme", *more)
    return {
        "crit": list(names),
        "alg": "ES384",
        "cty": PAYLOAD_FORMAT,
        "io.cncf.notary.signingScheme": "notary.x509",
        "io.cncf.notary.signingTime": this_second(),
        **more,
    }


def test_kyvernos_own_rule_refuses_signatures_of_aws_signer(cluster):
    cluster.push()
    admitted, said = cluster.kyverno()
    assert not admitted
    assert "signature verification failed" in said


def test_it_refuses_them_for_their_scheme_and_for_their_plugin(cluster, tmp_path):
    layout, cluster.root = layout_signed_with(x509_header(), tmp_path / "x509")
    assert cluster.kyverno(layout) == (True, "")  # so that nothing else is to blame

    plugin = x509_header(**{"io.cncf.notary.verificationPlugin": PLUGIN})
    layout, cluster.root = layout_signed_with(plugin, tmp_path / "plugin")
    assert not cluster.kyverno(layout)[0]

    header = good_header(authentic_time=this_second(), profile_version=None, job=None, plugin=None)
    layout, cluster.root = layout_signed_with(header, tmp_path / "authority")
    assert not cluster.kyverno(layout)[0]
