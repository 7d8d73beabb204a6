"""Upload a package, have it signed, and fetch the signed one."""

from __future__ import annotations

from dataclasses import dataclass

import boto3
from botocore.exceptions import WaiterError


class SigningFailedError(Exception):
    """AWS Signer could not sign the package."""


@dataclass(frozen=True)
class ReleaseSigner:
    """Signs packages for Lambda.

    Attributes:
        bucket: Where packages are uploaded and signed ones are written; it has versioning.
        profile_name: The signing profile.
    """

    bucket: str
    profile_name: str

    def sign(self, name: str, package: bytes) -> bytes:
        """Return the signed package.

        Args:
            name: The key that the package gets in the bucket, such as ``app-1.2.zip``.
            package: The zip.

        Raises:
            SigningFailedError: The signing job failed.
        """
        s3, signer = boto3.client("s3"), boto3.client("signer")
        version = s3.put_object(Bucket=self.bucket, Key=name, Body=package)["VersionId"]
        job_id = signer.start_signing_job(
            source={"s3": {"bucketName": self.bucket, "key": name, "version": version}},
            destination={"s3": {"bucketName": self.bucket, "prefix": "signed/"}},
            profileName=self.profile_name,
        )["jobId"]
        try:
            signer.get_waiter("successful_signing_job").wait(jobId=job_id)
        except WaiterError as error:
            reason = error.last_response.get("statusReason", str(error))
            raise SigningFailedError(reason) from error
        where = signer.describe_signing_job(jobId=job_id)["signedObject"]["s3"]
        signed = s3.get_object(Bucket=where["bucketName"], Key=where["key"])["Body"].read()
        return bytes(signed)
