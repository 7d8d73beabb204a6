"""ARNs: the partition of a region, judged by botocore's own list, and what is an ARN at all."""

from __future__ import annotations

import botocore.session
import pytest

from signer_mock._service.arns import Arn, parse_arn, partition_of

SESSION = botocore.session.get_session()
PARTITIONS = SESSION.get_available_partitions()
REGIONS = {
    **{
        region: partition
        for partition in PARTITIONS
        for region in SESSION.get_available_regions("s3", partition, allow_non_regional=False)
    },
    "us-iso-east-1": "aws-iso",
    "us-isob-east-1": "aws-iso-b",
    "eu-isoe-west-1": "aws-iso-e",
    "us-isof-south-1": "aws-iso-f",
    "cn-north-1": "aws-cn",
    "us-gov-west-1": "aws-us-gov",
    "eusc-de-east-1": "aws-eusc",
    "eu-central-1": "aws",
}


@pytest.mark.parametrize(("region", "partition"), sorted(REGIONS.items()))
def test_a_region_lies_in_the_partition_that_botocore_has_for_it(region, partition):
    assert partition_of(region) == partition


@pytest.mark.parametrize("region", ["mars-north-1", "us-east-99", "", "xcn-north-1"])
def test_any_other_region_lies_in_the_commercial_partition(region):
    assert partition_of(region) == "aws"


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-iso-east-1", "aws-iso"), ("us-isob-east-1", "aws-iso-b"), ("cn-north-1", "aws-cn")],
)
def test_the_arn_of_a_profile_names_the_partition_of_its_region(signer_mock, region, partition):
    client = signer_mock.client("signer", region_name=region)
    answer = client.put_signing_profile(
        profileName="some_profile", platformId="AWSLambda-SHA384-ECDSA"
    )
    assert answer["arn"] == (
        f"arn:{partition}:signer:{region}:123456789012:/signing-profiles/some_profile"
    )
    assert client.list_tags_for_resource(resourceArn=answer["arn"])["tags"] == {}


@pytest.mark.parametrize(
    ("text", "arn"),
    [
        ("arn:aws:iam::123456789012:root", Arn("aws", "iam", "", "123456789012", "root")),
        ("arn:::::a:b", Arn("", "", "", "", "a:b")),
        ("arn:a:b:c:d:e\n", Arn("a", "b", "c", "d", "e\n")),
        ("arn:a:b:c:d:", None),
        ("arn:a:b:c:d", None),
        ("xarn:a:b:c:d:e", None),
        ("ARN:a:b:c:d:e", None),
        ("", None),
    ],
)
def test_an_arn_has_six_parts(text, arn):
    assert parse_arn(text) == arn
