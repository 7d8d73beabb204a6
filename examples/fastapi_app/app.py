"""An application that has uploaded packages signed."""

from __future__ import annotations

import os
from typing import Annotated, Any

import boto3
from botocore.exceptions import ClientError
from fastapi import Body, FastAPI, HTTPException, Response

BUCKET = os.environ.get("PACKAGES_BUCKET", "packages")
PROFILE = os.environ.get("SIGNING_PROFILE", "uploads")

app = FastAPI(title="Signed packages")


@app.put("/packages/{name}", status_code=202)
def sign(
    name: str, package: Annotated[bytes, Body(media_type="application/zip")]
) -> dict[str, str]:
    """Store a package, and start a job that signs it."""
    version = boto3.client("s3").put_object(Bucket=BUCKET, Key=name, Body=package)["VersionId"]
    job = boto3.client("signer").start_signing_job(
        source={"s3": {"bucketName": BUCKET, "key": name, "version": version}},
        destination={"s3": {"bucketName": BUCKET, "prefix": "signed/"}},
        profileName=PROFILE,
    )
    return {"job_id": job["jobId"]}


@app.get("/jobs/{job_id}")
def job_status(job_id: str) -> dict[str, str]:
    """Tell how a signing job is going."""
    job = describe(job_id)
    return {"status": job["status"], "reason": job.get("statusReason", "")}


@app.get("/jobs/{job_id}/package")
def signed_package(job_id: str) -> Response:
    """Return the signed package."""
    job = describe(job_id)
    if job["status"] != "Succeeded":
        raise HTTPException(409, f"the job is {job['status']}")
    where = job["signedObject"]["s3"]
    signed = boto3.client("s3").get_object(Bucket=where["bucketName"], Key=where["key"])
    return Response(signed["Body"].read(), media_type="application/zip")


def describe(job_id: str) -> dict[str, Any]:
    """Return a signing job; an unknown one is a 404."""
    signer = boto3.client("signer")
    try:
        job: dict[str, Any] = signer.describe_signing_job(jobId=job_id)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            raise HTTPException(404, "there is no such job") from error
        raise
    return job
