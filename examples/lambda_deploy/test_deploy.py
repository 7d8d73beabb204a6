"""The release script, against moto's Lambda with the mock's code signing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws
from signer_mock import SignerMock, mock_signer

from deploy import DeployError, deploy, main, package

LAMBDA = "AWSLambda-SHA384-ECDSA"


@pytest.fixture
def aws() -> Iterator[SignerMock]:
    """A bucket, and two signing profiles."""
    with mock_aws(), mock_signer() as mock:
        s3 = mock.client("s3")
        s3.create_bucket(Bucket="code")
        s3.put_bucket_versioning(Bucket="code", VersioningConfiguration={"Status": "Enabled"})
        signer = mock.client("signer")
        signer.put_signing_profile(profileName="release", platformId=LAMBDA)
        signer.put_signing_profile(profileName="sandbox", platformId=LAMBDA)
        yield mock


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The function's source."""
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return 'hello'\n")
    return tmp_path


def make_function(aws: SignerMock, folder: Path, policy: str | None) -> str:
    """Create a function that takes the code of ``release``; returns that publisher."""
    awslambda = aws.client("lambda")
    profile = aws.client("signer").get_signing_profile(profileName="release")
    publisher = str(profile["profileVersionArn"])
    role = aws.client("iam").create_role(
        RoleName="web", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}'
    )["Role"]["Arn"]
    awslambda.create_function(
        FunctionName="web",
        Runtime="python3.12",
        Handler="app.handler",
        Role=role,
        Code={"ZipFile": package(folder)},
    )
    if policy:
        config = awslambda.create_code_signing_config(
            AllowedPublishers={"SigningProfileVersionArns": [publisher]},
            CodeSigningPolicies={"UntrustedArtifactOnDeployment": policy},
        )["CodeSigningConfig"]
        awslambda.put_function_code_signing_config(
            FunctionName="web", CodeSigningConfigArn=config["CodeSigningConfigArn"]
        )
    return publisher


def test_signed_code_is_deployed(
    aws: SignerMock, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publisher = make_function(aws, folder, "Enforce")
    main([str(folder), "web", "--bucket", "code", "--profile", "release"])
    assert capsys.readouterr().out == f"Deployed web, signed by {publisher}.\n"
    assert aws.deployments[-1].signature_status == "VALID"


def test_lambda_refuses_another_profile(aws: SignerMock, folder: Path) -> None:
    make_function(aws, folder, "Enforce")
    with pytest.raises(aws.client("lambda").exceptions.ClientError, match="CodeVerification"):
        deploy(folder, "web", "code", "sandbox")
    assert aws.deployments[-1].signature_status == "MISMATCH"


@pytest.mark.parametrize("policy", [None, "Warn"])
def test_a_function_that_takes_unsigned_code_is_refused(
    aws: SignerMock, folder: Path, policy: str | None
) -> None:
    make_function(aws, folder, policy)
    with pytest.raises(DeployError):
        deploy(folder, "web", "code", "release")
    assert not aws.calls.of("StartSigningJob")


def test_the_same_files_make_the_same_package(folder: Path) -> None:
    assert package(folder) == package(folder)
