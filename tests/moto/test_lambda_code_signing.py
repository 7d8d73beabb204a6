"""moto's Lambda beside the mock: a package is signed, judged and deployed.

The worked example with every check and both policies is docs/lambda-code-signing.md, which
tests/docs/test_stories.py runs. Here is what that example rests on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from signer_mock import SignerMock, mock_signer
from signer_mock.verify import IntegrityError, MismatchError, verify_lambda_zip
from tests.helpers.constants import ACCOUNT, LAMBDA, OTHER
from tests.helpers.moto import TRUST, sign, upload
from tests.helpers.signing import entries_of, rebuild_zip
from tests.helpers.zip_archives import code_zip

CONFIG = f"arn:aws:lambda:us-east-1:{ACCOUNT}:code-signing-config:csc-0a1b2c3d4e5f60718"


@pytest.fixture
def both() -> Iterator[SignerMock]:
    """moto and the mock, with a function ``web`` that has a code signing configuration."""
    with mock_aws(config={"lambda": {"use_docker": False}}), mock_signer() as mock:
        role = boto3.client("iam").create_role(RoleName="web", AssumeRolePolicyDocument=TRUST)
        boto3.client("lambda").create_function(
            FunctionName="web",
            Runtime="python3.12",
            Handler="app.handler",
            Role=role["Role"]["Arn"],
            Code={"ZipFile": code_zip()},
            CodeSigningConfigArn=CONFIG,
        )
        yield mock


def signed_in_s3(mock: SignerMock, account_id: str = ACCOUNT) -> tuple[str, dict[str, Any]]:
    """A signed package in an account's bucket: its publisher, and where it is."""
    account = mock.account(account_id)
    signer = account.client("signer")
    profile = signer.put_signing_profile(profileName="release", platformId=LAMBDA)
    job = sign(signer, upload(account.client("s3"), f"code-{account_id}"))
    return profile["profileVersionArn"], job["signedObject"]["s3"]


def body(where: dict[str, Any]) -> bytes:
    answer = boto3.client("s3").get_object(Bucket=where["bucketName"], Key=where["key"])
    data: bytes = answer["Body"].read()
    return data


def test_a_signed_package_is_deployed_from_where_the_job_wrote_it(both):
    publisher, where = signed_in_s3(both)
    functions = boto3.client("lambda")
    answer = functions.update_function_code(
        FunctionName="web", S3Bucket=where["bucketName"], S3Key=where["key"]
    )
    assert answer["CodeSize"] == len(body(where))
    verify_lambda_zip(body(where), both.account().trust_root_pem, [publisher])


def test_moto_keeps_which_configuration_a_function_has(both):
    answer = boto3.client("lambda").get_function_code_signing_config(FunctionName="web")
    assert answer["CodeSigningConfigArn"] == CONFIG


@pytest.mark.parametrize("policy", ["Enforce", "Warn"])
def test_a_publisher_of_another_account_can_be_allowed(both, policy):
    publisher, where = signed_in_s3(both, OTHER)
    roots = [both.account(number).trust_root_pem for number in (ACCOUNT, OTHER)]
    result = verify_lambda_zip(body(where), roots, [publisher], policy=policy, revocation=both)
    assert result.warnings == ()
    assert result.profile_version_arn == publisher


def test_enforce_refuses_and_warn_warns_of_a_publisher_that_is_not_allowed(both):
    publisher, where = signed_in_s3(both)
    root = both.account().trust_root_pem
    allowed = [publisher.replace("release", "sandbox")]
    with pytest.raises(MismatchError):
        verify_lambda_zip(body(where), root, allowed, policy="Enforce")
    [warning] = verify_lambda_zip(body(where), root, allowed, policy="Warn").warnings
    assert isinstance(warning, MismatchError)


@pytest.mark.parametrize("policy", ["Enforce", "Warn"])
def test_a_package_that_was_changed_in_the_bucket_is_refused_under_either_policy(both, policy):
    publisher, where = signed_in_s3(both)
    entries = [
        (name, content.replace(b"'hello'", b"'jello'")) for name, content in entries_of(body(where))
    ]
    assert entries != entries_of(body(where))
    changed = rebuild_zip(body(where), entries)
    root = both.account().trust_root_pem
    with pytest.raises(IntegrityError):
        verify_lambda_zip(changed, root, [publisher], policy=policy)
