"""``mock_signer(seed=...)``: the same run gives the same bytes, in another process too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from cryptography import x509

from signer_mock import SignerMock, mock_signer
from signer_mock.verify import verify_lambda_zip
from tests.helpers.constants import ACCOUNT, LAMBDA, NOTATION, OTHER, PAYLOAD, PAYLOAD_FORMAT

STORY = """
import hashlib, io, json, sys, zipfile
from signer_mock import mock_signer

seed = json.loads(sys.argv[1])

def digest(data):
    return hashlib.sha256(data).hexdigest()

def code():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("app.py"), b"pass")
    return buffer.getvalue()

with mock_signer(seed=seed) as mock:
    mock.clock.freeze("2031-02-03T04:05:06.789Z")
    signer, account = mock.client("signer"), mock.account()
    mock.objects.create_bucket("b", versioning=True)
    said = {"version of the source": mock.objects.put("b", "app.zip", code())}

    def profile(name, platform, **more):
        answer = signer.put_signing_profile(profileName=name, platformId=platform, **more)
        said[f"version of {name}"] = answer["profileVersion"]

    def sign(name):
        source = {"bucketName": "b", "key": "app.zip", "version": said["version of the source"]}
        job_id = signer.start_signing_job(
            source={"s3": source}, destination={"s3": {"bucketName": "b"}}, profileName=name
        )["jobId"]
        said[f"job of {name}"] = job_id
        (key,) = (key for key in mock.objects.keys("b") if key.startswith(job_id))
        said[f"signed by {name}"] = digest(mock.objects.get("b", key))

    profile("zips", "AWSLambda-SHA384-ECDSA")
    profile("images", "Notation-OCI-SHA384-ECDSA")
    arn = f"arn:aws:acm:us-east-1:{mock.account_id}:certificate/"
    arn += "12345678-aaaa-4bbb-8ccc-123456789012"
    iot = "AWSIoTDeviceManagement-SHA256-ECDSA"
    profile("firmware", iot, signingMaterial={"certificateArn": arn})
    for name in ("zips", "firmware"):
        sign(name)
    answer = signer.sign_payload(
        profileName="images",
        payload=b'{"targetArtifact":{}}',
        payloadFormat="application/vnd.cncf.notary.payload.v1+json",
    )
    said["envelope"] = digest(answer["signature"])
    said["firmware's certificate"] = digest(account.certificate_pem(arn))
    said["root"] = digest(account.trust_root_pem)
    said["root of another account"] = digest(mock.account("210987654321").trust_root_pem)
    said["next token"] = signer.list_signing_jobs(maxResults=1)["nextToken"]
    said["request id"] = answer["ResponseMetadata"]["RequestId"]
    said["events"] = digest(json.dumps(list(mock.events), default=str).encode())
    mock.clock.advance(days=40)  # another leaf
    sign("zips")
print(json.dumps(said))
"""


def tell(seed: object, hash_seed: int) -> dict[str, Any]:
    told = subprocess.run(
        [sys.executable, "-c", STORY, json.dumps(seed)],
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert told.returncode == 0, told.stderr
    said: dict[str, Any] = json.loads(told.stdout)
    return said


@pytest.mark.parametrize("seed", [7, "release"])
def test_two_processes_with_one_seed_say_the_same(seed: object) -> None:
    first, second = tell(seed, 1), tell(seed, 2)

    assert first == second
    assert len(first) > 12


@pytest.mark.parametrize("seed", [8, "7", None])
def test_another_seed_or_none_makes_other_bytes(seed: object) -> None:
    first, second = tell(7, 1), tell(seed, 1)

    # the version ids of ``mock.objects`` are hashes of what is stored where
    first.pop("version of the source")
    assert [name for name in first if first[name] == second[name]] == []


def roots(seed: int | str | None) -> list[bytes]:
    with mock_signer(seed=seed) as mock:
        return [mock.account(account).trust_root_pem for account in (ACCOUNT, OTHER)]


def test_without_a_seed_keys_are_random() -> None:
    assert not {*roots(None)} & {*roots(None)}


def test_accounts_do_not_share_keys() -> None:
    one, other = (x509.load_pem_x509_certificate(pem) for pem in roots(7))

    assert one.public_key() != other.public_key()
    assert one.serial_number != other.serial_number


def test_a_new_leaf_has_another_key_and_serial_number() -> None:
    with mock_signer(seed=7) as mock:
        mock.client("signer").put_signing_profile(profileName="images", platformId=NOTATION)
        first = leaf_of(mock)
        mock.clock.advance(days=10)
        second = leaf_of(mock)

    assert first.public_key() != second.public_key()
    assert first.serial_number != second.serial_number


def leaf_of(mock: SignerMock) -> x509.Certificate:
    envelope = mock.client("signer").sign_payload(
        profileName="images", payload=PAYLOAD, payloadFormat=PAYLOAD_FORMAT
    )["signature"]
    return mock.verify_notation_envelope(envelope).certificates[0]


def test_a_reset_restarts_the_seed() -> None:
    with mock_signer(seed=7) as mock:
        before = mock.account().trust_root_pem
        mock.reset()
        assert mock.account().trust_root_pem == before


def test_what_a_seeded_mock_signs_verifies(code_zip: bytes) -> None:
    with mock_signer(seed=7) as mock:
        signer = mock.client("signer")
        signer.put_signing_profile(profileName="zips", platformId=LAMBDA)
        mock.objects.create_bucket("b", versioning=True)
        version = mock.objects.put("b", "app.zip", code_zip)
        job_id = signer.start_signing_job(
            source={"s3": {"bucketName": "b", "key": "app.zip", "version": version}},
            destination={"s3": {"bucketName": "b"}},
            profileName="zips",
        )["jobId"]
        signed = mock.objects.get("b", f"{job_id}.zip")
        verified = verify_lambda_zip(signed, mock.account().trust_root_pem)
        assert verified.job_arn == mock.jobs[0].arn
