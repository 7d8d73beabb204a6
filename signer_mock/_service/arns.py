"""Amazon Resource Names of AWS Signer, and the partition that a region lies in."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_ARN = re.compile(r"arn:([^:]*):([^:]*):([^:]*):([^:]*):(.+)", re.DOTALL)

# Prefixes of region names; every other region lies in the commercial partition.
_PARTITIONS = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("eusc-", "aws-eusc"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("us-iso-", "aws-iso"),
    ("eu-isoe-", "aws-iso-e"),
)


class Arn(NamedTuple):
    """The parts of an ARN; ``resource`` is all that follows the account."""

    partition: str
    service: str
    region: str
    account_id: str
    resource: str


@lru_cache(maxsize=128)
def partition_of(region: str) -> str:
    """The partition of a region: ``aws``, ``aws-cn``, ``aws-us-gov``, ``aws-eusc`` ..."""
    for prefix, partition in _PARTITIONS:
        if region.startswith(prefix):
            return partition
    return "aws"


def parse_arn(text: str) -> Arn | None:
    """The parts of ``text``, or None where it is no ARN."""
    match = _ARN.fullmatch(text)
    return Arn(*match.groups()) if match else None


def signer_arn(region: str, account_id: str, resource: str) -> str:
    """An ARN of AWS Signer; resources start with a slash (Service Authorization Reference)."""
    return f"arn:{partition_of(region)}:signer:{region}:{account_id}:{resource}"


def profile_arn(region: str, account_id: str, name: str) -> str:
    """The ARN of a signing profile."""
    return signer_arn(region, account_id, f"/signing-profiles/{name}")


def profile_version_arn(region: str, account_id: str, name: str, version: str) -> str:
    """The ARN of one version of a signing profile."""
    return signer_arn(region, account_id, f"/signing-profiles/{name}/{version}")


def job_arn(region: str, account_id: str, job_id: str) -> str:
    """The ARN of a signing job."""
    return signer_arn(region, account_id, f"/signing-jobs/{job_id}")
