"""Build and parse the ARNs of AWS Signer."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

#: The account of callers whose credentials name no other.
DEFAULT_ACCOUNT_ID = "123456789012"

_ACCOUNT_ID = re.compile(r"[0-9]{12}")
_ARN = re.compile(r"arn:([^:]*):([^:]*):([^:]*):([^:]*):(.+)", re.DOTALL)

# By prefix of the region's name; all other regions are in the commercial partition.
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
    """The parts of an ARN; ``resource`` is everything after the account."""

    partition: str
    service: str
    region: str
    account_id: str
    resource: str


def is_account_id(value: Any) -> bool:
    """Tell whether a value is a string of twelve digits."""
    return isinstance(value, str) and _ACCOUNT_ID.fullmatch(value) is not None


@lru_cache(maxsize=128)
def partition_of(region: str) -> str:
    """Return the partition of a region: ``aws``, ``aws-cn``, ``aws-us-gov`` ..."""
    for prefix, partition in _PARTITIONS:
        if region.startswith(prefix):
            return partition
    return "aws"


def parse_arn(text: str) -> Arn | None:
    """Split an ARN into its parts; None if ``text`` is not an ARN."""
    match = _ARN.fullmatch(text)
    return Arn(*match.groups()) if match else None


def signer_arn(region: str, account_id: str, resource: str) -> str:
    """Return an ARN of AWS Signer.

    The resource starts with a slash (Service Authorization Reference, "AWS Signer").
    """
    return f"arn:{partition_of(region)}:signer:{region}:{account_id}:{resource}"


@lru_cache(maxsize=1024)
def profile_arn(region: str, account_id: str, name: str) -> str:
    """Return the ARN of a signing profile."""
    return signer_arn(region, account_id, f"/signing-profiles/{name}")


@lru_cache(maxsize=1024)
def profile_version_arn(region: str, account_id: str, name: str, version: str) -> str:
    """Return the ARN of one version of a signing profile."""
    return signer_arn(region, account_id, f"/signing-profiles/{name}/{version}")


def job_arn(region: str, account_id: str, job_id: str) -> str:
    """Return the ARN of a signing job."""
    return signer_arn(region, account_id, f"/signing-jobs/{job_id}")
