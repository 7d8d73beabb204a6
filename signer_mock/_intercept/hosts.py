"""Recognise the hosts of AWS, of AWS Signer and of metadata services."""

from __future__ import annotations

import re

_AWS_DOMAINS = (
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".api.aws",
    ".on.aws",
    ".amazonwebservices.com",
    ".amazonwebservices.com.cn",
    ".amazonwebservices.eu",
    ".awsapps.com",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
    # Where `aws login` gets credentials; other names under aws.amazon.com are web sites.
    ".signin.aws",
    ".signin.aws.amazon.com",
    ".signin.amazonaws.cn",
    ".signin.amazonaws-us-gov.com",
    ".signin-fips.amazonaws-us-gov.com",
    ".signin.amazonaws-eusc.eu",
    ".signin.c2shome.ic.gov",
    ".signin.sc2shome.sgov.gov",
    ".signin.csphome.hci.ic.gov",
    ".signin.csphome.adc-e.uk",
)

# The metadata services of EC2, ECS and EKS, where credentials are looked up.
_METADATA_HOSTS = frozenset(
    {"169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23"}
)

# signer, signer-fips, data-signer, data-signer-fips, verification.signer ... in any region. A
# bucket called "signer" does not match: no region follows in its host name.
_SIGNER_HOST = re.compile(
    r"(?:data-|verification\.)?signer(?:-fips)?\.[a-z]{2,}(?:-[a-z]+)+-[0-9]+\."
)


def is_aws_host(host: str) -> bool:
    """Tell whether a host name (without port) belongs to AWS."""
    return f".{host.lower().rstrip('.')}".endswith(_AWS_DOMAINS)


def is_signer_host(host: str) -> bool:
    """Tell whether a host name is an endpoint of AWS Signer, in any partition or region."""
    return is_aws_host(host) and _SIGNER_HOST.match(host.lower()) is not None


def is_metadata_host(host: str) -> bool:
    """Tell whether a host is the instance or container metadata service."""
    return host.strip("[]").lower() in _METADATA_HOSTS
