"""The main job as users do it: S3 upload, signing job, waiter, download; openssl judges.

The digest that openssl is given is recomputed by tests/helpers/signing.py with zipfile and
hashlib, not by the package.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import boto3
import pytest
from moto import mock_aws

from signer_mock import mock_signer
from tests.helpers.constants import LAMBDA
from tests.helpers.signing import entries_of, openssl, openssl_accepts, rebuild_zip


def upload(data: bytes, key: str = "app.zip", bucket: str = "code") -> str:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version: str = s3.put_object(Bucket=bucket, Key=key, Body=data)["VersionId"]
    return version


def sign_in_s3(version: str, key: str = "app.zip", bucket: str = "code") -> bytes:
    signer = boto3.client("signer")
    signer.put_signing_profile(profileName="release", platformId=LAMBDA)
    job_id = signer.start_signing_job(
        source={"s3": {"bucketName": bucket, "key": key, "version": version}},
        destination={"s3": {"bucketName": bucket, "prefix": "signed/"}},
        profileName="release",
    )["jobId"]
    signer.get_waiter("successful_signing_job").wait(jobId=job_id)
    where = signer.describe_signing_job(jobId=job_id)["signedObject"]["s3"]
    answer = boto3.client("s3").get_object(Bucket=where["bucketName"], Key=where["key"])
    assert answer["ContentType"] == "application/octet-stream"
    data: bytes = answer["Body"].read()
    return data


@pytest.fixture
def signed(code_zip: bytes) -> tuple[bytes, bytes]:
    """A zip signed through moto's S3, and the account's root."""
    with mock_aws(), mock_signer() as mock:
        return sign_in_s3(upload(code_zip)), mock.account().trust_root_pem


@mock_aws
@mock_signer
def test_one_decorator_beside_motos_is_all_it_takes(code_zip):
    assert sign_in_s3(upload(code_zip)).startswith(b"PK")


def test_one_argument_starts_motos_s3_as_well(code_zip):
    with mock_signer(s3="moto"):
        assert sign_in_s3(upload(code_zip)).startswith(b"PK")


def test_openssl_accepts_the_signed_zip(signed, tmp_path):
    assert openssl_accepts(signed[0], signed[1], tmp_path, at=now())
    shown = openssl(
        *("cms", "-cmsout", "-print", "-noout", "-inform", "PEM"),
        *("-in", tmp_path / "signature.pem"),
    ).stdout
    certificates, _, signer = shown.partition("signerInfos:")
    assert certificates.count("secp384r1") == 4
    algorithms = re.findall(r"algorithm: (\S+) \(", signer)
    # Of the digest, of the signature, and both again in CMSAlgorithmProtection or before it.
    assert set(algorithms) == {"sha384", "ecdsa-with-SHA384"}


def test_openssl_refuses_it_under_another_accounts_root(signed, tmp_path, signer_mock):
    other = signer_mock.account("999999999999").trust_root_pem
    assert not openssl_accepts(signed[0], other, tmp_path, at=now())


@pytest.mark.parametrize("changed", ["app.py", "lib/tool.py"])
def test_openssl_refuses_one_changed_byte_in_any_entry(signed, tmp_path, changed):
    entries = [
        (name, bytes([body[0] ^ 1]) + body[1:] if name == changed else body)
        for name, body in entries_of(signed[0])
    ]
    unchanged = rebuild_zip(signed[0], entries_of(signed[0]))
    assert openssl_accepts(unchanged, signed[1], tmp_path, at=now())
    assert not openssl_accepts(rebuild_zip(signed[0], entries), signed[1], tmp_path, at=now())


@pytest.mark.parametrize("renamed", ["app.py", "lib/", "lib/tool.py", "META_INF/"])
def test_openssl_refuses_one_renamed_entry(signed, tmp_path, renamed):
    entries = [
        ("x" + name if name == renamed else name, body) for name, body in entries_of(signed[0])
    ]
    assert not openssl_accepts(rebuild_zip(signed[0], entries), signed[1], tmp_path, at=now())


def test_openssl_refuses_two_swapped_entries(signed, tmp_path):
    first, second, *others = entries_of(signed[0])
    swapped = rebuild_zip(signed[0], [second, first, *others])
    assert not openssl_accepts(swapped, signed[1], tmp_path, at=now())


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2])
def test_recompressing_the_zip_keeps_it_valid(signed, tmp_path, compression):
    again = rebuild_zip(signed[0], entries_of(signed[0]), compression)
    assert openssl_accepts(again, signed[1], tmp_path, at=now())


def test_every_entry_is_kept_byte_for_byte_and_in_order(signed, code_zip):
    with zipfile.ZipFile(io.BytesIO(code_zip)) as before:
        end_of_entries = before.start_dir
        names = before.namelist()
    assert signed[0][:end_of_entries] == code_zip[:end_of_entries]
    with zipfile.ZipFile(io.BytesIO(signed[0])) as after:
        assert after.testzip() is None
        assert after.namelist() == [
            *names,
            "META_INF/",
            "META_INF/aws_signer_signature_v1.0.SF",
        ]


def now() -> Any:
    import datetime as dt

    return dt.datetime.now(dt.timezone.utc)
