"""Package a folder, sign it, and deploy it to a Lambda function that takes signed code only."""

from __future__ import annotations

import argparse
import io
import sys
import zipfile
from pathlib import Path

import boto3


class DeployError(Exception):
    """Nothing was deployed."""


def package(folder: Path) -> bytes:
    """Return the folder's files as a zip that is the same for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.writestr(
                zipfile.ZipInfo(file.relative_to(folder).as_posix()), file.read_bytes()
            )
    return buffer.getvalue()


def sign(code: bytes, key: str, bucket: str, profile: str) -> dict[str, str]:
    """Have a package signed; returns the bucket and key of the signed one."""
    signer = boto3.client("signer")
    version = boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=code)["VersionId"]
    job_id = signer.start_signing_job(
        source={"s3": {"bucketName": bucket, "key": key, "version": version}},
        destination={"s3": {"bucketName": bucket, "prefix": "signed/"}},
        profileName=profile,
    )["jobId"]
    signer.get_waiter("successful_signing_job").wait(jobId=job_id)
    where: dict[str, str] = signer.describe_signing_job(jobId=job_id)["signedObject"]["s3"]
    return where


def require_enforced_signing(function: str) -> None:
    """Refuse a function that would run unsigned code.

    Raises:
        DeployError: It has no code signing configuration, or one that only warns.
    """
    awslambda = boto3.client("lambda")
    found = awslambda.get_function_code_signing_config(FunctionName=function)
    arn = found.get("CodeSigningConfigArn")
    if not arn:
        raise DeployError(f"{function} has no code signing configuration")
    config = awslambda.get_code_signing_config(CodeSigningConfigArn=arn)["CodeSigningConfig"]
    policy = config["CodeSigningPolicies"]["UntrustedArtifactOnDeployment"]
    if policy != "Enforce":
        raise DeployError(f"the code signing configuration of {function} says {policy}")


def deploy(folder: Path, function: str, bucket: str, profile: str) -> str:
    """Package, sign and deploy; returns the ARN of the profile version that signed.

    Raises:
        DeployError: The function would run unsigned code.
    """
    require_enforced_signing(function)
    where = sign(package(folder), f"{function}.zip", bucket, profile)
    deployed = boto3.client("lambda").update_function_code(
        FunctionName=function, S3Bucket=where["bucketName"], S3Key=where["key"], Publish=True
    )
    return str(deployed["SigningProfileVersionArn"])


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("function")
    parser.add_argument("--bucket", required=True, help="a bucket with versioning")
    parser.add_argument("--profile", required=True, help="the signing profile")
    options = parser.parse_args(arguments)
    try:
        signer = deploy(options.folder, options.function, options.bucket, options.profile)
    except DeployError as error:
        sys.exit(f"Not deployed: {error}.")
    sys.stdout.write(f"Deployed {options.function}, signed by {signer}.\n")


if __name__ == "__main__":
    main()
