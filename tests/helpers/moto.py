"""What the tests of accounts and of moto's services share."""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib import metadata
from typing import Any

import boto3
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.helpers.zip_archives import code_zip

# Any trust policy: moto stores it and lets everybody in.
TRUST = '{"Version": "2012-10-17", "Statement": []}'


def skip_without_stacks() -> None:
    """Skip a test where moto's CloudFormation is older than what signer_mock checks stacks of."""
    if tuple(map(int, metadata.version("moto").split(".")[:3])) < (5, 1, 12):
        pytest.skip("stacks are checked with moto 5.1.12 and newer")


def code_signing_pair(
    kind: str = "EC", purpose: x509.ObjectIdentifier | None = None
) -> tuple[bytes, bytes]:
    """A certificate, valid now by the machine's clock, and its key; both in PEM.

    Always the same pair for the same ``kind``: "EC", "EC 2" or "RSA"; ``purpose`` is its only
    extended key usage.
    """
    return _code_signing_pair(kind, purpose)


@cache
def _code_signing_pair(kind: str, purpose: x509.ObjectIdentifier | None) -> tuple[bytes, bytes]:
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = ec.generate_private_key(ec.SECP256R1())
    if kind == "RSA":
        key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "device")])
    # moto's ACM takes no certificate that is not valid by the machine's clock.
    now = dt.datetime.now(dt.timezone.utc).replace(microsecond=0)
    year = dt.timedelta(days=365)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - year).not_valid_after(now + year)
    if purpose is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM), key_pem


def versioned_bucket(s3: Any, name: str) -> None:
    """Make a bucket, versioned, in the client's own region."""
    region = s3.meta.region_name
    where = (
        {}
        if region == "us-east-1"
        else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    )
    s3.create_bucket(Bucket=name, **where)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def upload(s3: Any, bucket: str, key: str = "app.zip", data: bytes | None = None) -> dict[str, Any]:
    """Put an object into a new versioned bucket; returns what ``source`` takes."""
    versioned_bucket(s3, bucket)
    body = code_zip() if data is None else data
    version = s3.put_object(Bucket=bucket, Key=key, Body=body)["VersionId"]
    return {"s3": {"bucketName": bucket, "key": key, "version": version}}


def sign(
    signer: Any, source: dict[str, Any], profile: str = "release", **params: Any
) -> dict[str, Any]:
    """Start a job into the source's own bucket; returns DescribeSigningJob's answer."""
    destination = {"s3": {"bucketName": source["s3"]["bucketName"], "prefix": "signed/"}}
    request = {"source": source, "destination": destination, "profileName": profile, **params}
    answer: dict[str, Any] = signer.describe_signing_job(
        jobId=signer.start_signing_job(**request)["jobId"]
    )
    return answer


def assumed(sts: Any, role_arn: str, session: str = "build-7") -> boto3.Session:
    """A session of moto's for an assumed role."""
    keys = sts.assume_role(RoleArn=role_arn, RoleSessionName=session)["Credentials"]
    return boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], "us-east-1"
    )
