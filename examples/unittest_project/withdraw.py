"""Withdraw a signing profile: it signs no more, and its recent signatures are revoked."""

from __future__ import annotations

import datetime as dt

import boto3


def withdraw(profile_name: str, since: dt.datetime, reason: str) -> list[str]:
    """Cancel a signing profile, and revoke its signatures.

    Args:
        profile_name: The profile.
        since: Signatures made after this moment are revoked.
        reason: What the records of AWS Signer shall say.

    Returns:
        The ids of the jobs whose signatures were revoked, oldest first.
    """
    signer = boto3.client("signer")
    signer.cancel_signing_profile(profileName=profile_name)
    pages = signer.get_paginator("list_signing_jobs").paginate(status="Succeeded")
    jobs = [
        job
        for page in pages
        for job in page["jobs"]
        if job["profileName"] == profile_name and job["createdAt"] > since and not job["isRevoked"]
    ]
    jobs.sort(key=lambda job: job["createdAt"])
    for job in jobs:
        signer.revoke_signature(jobId=job["jobId"], reason=reason)
    return [job["jobId"] for job in jobs]
