"""Short words for the tests of how the mock is put around code."""

from __future__ import annotations

import os
import unittest
from contextlib import ExitStack
from typing import Any

import boto3
import botocore.loaders
import botocore.session

from tests.helpers.constants import LAMBDA

#: Everything of AWS's that the mock, or moto, may touch.
VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ACCOUNT_ID",
    "AWS_CREDENTIAL_FILE",
)


_loader = botocore.loaders.create_loader()


def session(**options: Any) -> boto3.Session:
    """A session that finds its credentials in the environment, as a user's does.

    It shares what it reads from botocore's files with the others, which saves most of the time.
    """
    core = botocore.session.Session()
    core.register_component("data_loader", _loader)
    _loader.search_paths[:] = dict.fromkeys(_loader.search_paths)
    return boto3.Session(botocore_session=core, **options)


def signer(**options: Any) -> Any:
    """A client of a session of its own."""
    return session().client("signer", **options)


#: Made when this file is imported, before any mock: one such is enough for most tests.
EARLY: Any = session(region_name="us-east-1").client(
    "signer", aws_access_key_id="testing", aws_secret_access_key="testing"
)


def in_order(first: str, ours: Any, theirs: Any) -> ExitStack:
    """Both entered: ours first if ``first`` says so, else theirs; left the other way round."""
    stack = ExitStack()
    for manager in [ours, theirs] if first == "ours" else [theirs, ours]:
        stack.enter_context(manager)
    return stack


def put(name: str, client: Any = EARLY) -> None:
    """Make a profile."""
    client.put_signing_profile(profileName=name, platformId=LAMBDA)


def names(client: Any = EARLY) -> list[str]:
    """The profiles that there are; an empty world has none."""
    return sorted(profile["profileName"] for profile in client.list_signing_profiles()["profiles"])


def environment() -> dict[str, str | None]:
    """Every variable that could matter, and whether it is set."""
    return {name: os.environ.get(name) for name in VARIABLES}


def run_cases(*classes: type[unittest.TestCase]) -> unittest.TestResult:
    """Run test cases as unittest itself does, class set-ups included."""
    loader = unittest.TestLoader()
    suite = unittest.TestSuite(loader.loadTestsFromTestCase(cls) for cls in classes)
    result = unittest.TestResult()
    suite.run(result)
    return result


def passed(result: unittest.TestResult, tests: int) -> None:
    """So many tests ran, and all were good."""
    trouble = [text for _, text in result.errors + result.failures]
    assert not trouble, "\n".join(trouble)
    assert result.testsRun == tests
