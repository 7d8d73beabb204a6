"""aioboto3, in the environment `tox -e aioboto3`.

Each aioboto3 wants one aiobotocore exactly, which is rarely the one of tests/constraints.txt.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from signer_mock import UnmockedCallError, mock_signer
from tests.helpers.constants import LAMBDA, NOTATION, PAYLOAD, PAYLOAD_FORMAT
from tests.helpers.zip_archives import code_zip

aioboto3 = pytest.importorskip("aioboto3", reason="only `tox -e aioboto3` installs it")

pytestmark = pytest.mark.asyncio


@mock_signer
async def test_a_payload_is_signed_and_verifies() -> None:
    async with aioboto3.Session().client("signer", region_name="us-east-1") as signer:
        await signer.put_signing_profile(profileName="images", platformId=NOTATION)
        answer = await signer.sign_payload(
            profileName="images", payload=PAYLOAD, payloadFormat=PAYLOAD_FORMAT
        )
        assert json.loads(answer["signature"])["header"]["x5c"]
        with pytest.raises(signer.exceptions.ResourceNotFoundException):
            await signer.get_signing_profile(profileName="absent")


async def test_a_client_made_before_shares_the_state_with_boto3() -> None:
    credentials = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "any"}
    async with aioboto3.Session(**credentials, region_name="us-east-1").client("signer") as signer:
        with mock_signer() as mock:
            await signer.put_signing_profile(profileName="shared", platformId=LAMBDA)
            profiles = mock.client("signer").list_signing_profiles()["profiles"]
            assert [profile["profileName"] for profile in profiles] == ["shared"]


async def test_a_job_signs_a_zip() -> None:
    with mock_signer() as mock:
        mock.objects.create_bucket("code", versioning=True)
        version = mock.objects.put("code", "app.zip", code_zip())
        async with aioboto3.Session().client("signer", region_name="us-east-1") as signer:
            await signer.put_signing_profile(profileName="release", platformId=LAMBDA)
            started = await signer.start_signing_job(
                source={"s3": {"bucketName": "code", "key": "app.zip", "version": version}},
                destination={"s3": {"bucketName": "code", "prefix": "signed/"}},
                profileName="release",
            )
            waiter = signer.get_waiter("successful_signing_job")
            await waiter.wait(jobId=started["jobId"])
            job = await signer.describe_signing_job(jobId=started["jobId"])
        signed = mock.objects.get("code", job["signedObject"]["s3"]["key"])
        assert started["jobId"] in str(mock.verify_lambda_zip(signed).job_arn)


@mock_signer
async def test_pages_come_one_after_the_other() -> None:
    async with aioboto3.Session().client("signer", region_name="us-east-1") as signer:
        names = [f"profile_{number}" for number in range(5)]
        for name in names:
            await signer.put_signing_profile(profileName=name, platformId=LAMBDA)
        found: list[Any] = []
        paginator = signer.get_paginator("list_signing_profiles")
        async for page in paginator.paginate(PaginationConfig={"PageSize": 2}):
            found += [profile["profileName"] for profile in page["profiles"]]
    assert sorted(found) == names


@mock_signer
async def test_other_services_do_not_reach_aws() -> None:
    async with aioboto3.Session().resource("s3", region_name="us-east-1") as s3:
        with pytest.raises(UnmockedCallError):
            await s3.meta.client.list_buckets()
