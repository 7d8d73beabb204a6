"""Signed functions are deployed over HTTP, and unsigned and tampered ones are refused.

By the AWS CLI, the SAM CLI, the calls of Terraform's AWS provider, and boto3's CloudFormation; each
client shows Lambda's own exception.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from signer_mock.server import SignerServer, serve_world
from tests.helpers.constants import LAMBDA
from tests.helpers.moto import TRUST, sign, skip_without_stacks, versioned_bucket
from tests.helpers.server import environment
from tests.helpers.signing import make_zip

NOT_ACCEPTED = (
    "Lambda cannot deploy the function. The function or layer might be signed using a signature "
    "that the client is not configured to accept. Check the provided signature for {}."
)
NOT_PROPERLY_SIGNED = (
    "Lambda cannot deploy the function. The function or layer code is not properly signed. This "
    "can mean that the code was signed incorrectly or modified after it was signed. Check the "
    "provided signature for {}."
)
WEB = "arn:aws:lambda:us-east-1:123456789012:function:web"

Aws = Callable[..., Any]


def package(text: str) -> bytes:
    return make_zip({"app.py": f"def handler(event, context): return {text!r}\n".encode()})


def tampered(signed: bytes) -> bytes:
    buffer = io.BytesIO(signed)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("evil.py", "print('evil')")
    return buffer.getvalue()


# The AWS CLI


@pytest.mark.timeout(300)  # the AWS CLI is started twenty times, a second each
def test_the_aws_cli_deploys_a_signed_function_only(aws: Aws, tmp_path: Path) -> None:
    (tmp_path / "trust.json").write_text(TRUST)
    trust = ("--assume-role-policy-document", "file://trust.json")
    role = aws("iam", "create-role", "--role-name", "r", *trust)["Role"]["Arn"]
    aws("s3api", "create-bucket", "--bucket", "code")
    versioning = ("--versioning-configuration", "Status=Enabled")
    aws("s3api", "put-bucket-versioning", "--bucket", "code", *versioning)
    profile = aws(
        "signer", "put-signing-profile", "--profile-name", "release", "--platform-id", LAMBDA
    )

    def signed(text: str) -> str:
        (tmp_path / "app.zip").write_bytes(package(text))
        put = ("--bucket", "code", "--key", "app.zip", "--body", "app.zip")
        version = aws("s3api", "put-object", *put)["VersionId"]
        source = f"s3={{bucketName=code,key=app.zip,version={version}}}"
        where = ("--source", source, "--destination", "s3={bucketName=code,prefix=signed/}")
        job = aws("signer", "start-signing-job", "--profile-name", "release", *where)["jobId"]
        aws("signer", "wait", "successful-signing-job", "--job-id", job)
        described = aws("signer", "describe-signing-job", "--job-id", job)
        return str(described["signedObject"]["s3"]["key"])

    allowed = f"SigningProfileVersionArns={profile['profileVersionArn']}"
    config = aws(
        "lambda",
        "create-code-signing-config",
        "--allowed-publishers",
        allowed,
        "--code-signing-policies",
        "UntrustedArtifactOnDeployment=Enforce",
    )["CodeSigningConfig"]["CodeSigningConfigArn"]

    def create(code: str, **options: bool) -> Any:
        return aws(
            "lambda",
            "create-function",
            *("--function-name", "web", "--runtime", "python3.12", "--handler", "app.handler"),
            *("--role", role, "--code-signing-config-arn", config, "--code", code),
            **options,
        )

    key = signed("one")
    refusal = create("S3Bucket=code,S3Key=app.zip", refused=True)
    assert "(CodeVerificationFailedException) when calling the CreateFunction" in refusal
    assert NOT_ACCEPTED.format(WEB) in refusal
    created = create(f"S3Bucket=code,S3Key={key}")
    assert created["SigningProfileVersionArn"] == profile["profileVersionArn"]

    update = ("lambda", "update-function-code", "--function-name", "web")
    key = signed("two")
    updated = aws(*update, "--s3-bucket", "code", "--s3-key", key)
    assert updated["CodeSha256"] != created["CodeSha256"]
    aws("s3", "cp", f"s3://code/{key}", "signed.zip", "--quiet")
    (tmp_path / "bad.zip").write_bytes(tampered((tmp_path / "signed.zip").read_bytes()))
    refusal = aws(*update, "--zip-file", "fileb://bad.zip", refused=True)
    assert "(InvalidCodeSignatureException) when calling the UpdateFunctionCode" in refusal
    assert NOT_PROPERLY_SIGNED.format(WEB) in refusal
    refusal = aws(*update, "--zip-file", "fileb://app.zip", refused=True)
    assert "(CodeVerificationFailedException) when calling the UpdateFunctionCode" in refusal
    shown = aws("lambda", "get-function-configuration", "--function-name", "web")
    assert shown["CodeSha256"] == updated["CodeSha256"]


# The other clients find a bucket and a role.


@pytest.fixture
def server() -> Iterator[SignerServer]:
    with serve_world(with_moto=True) as server:
        versioned_bucket(server.client("s3"), "code")
        server.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
        yield server


def upload(server: SignerServer, body: bytes, key: str = "app.zip") -> dict[str, Any]:
    version = server.client("s3").put_object(Bucket="code", Key=key, Body=body)["VersionId"]
    return {"s3": {"bucketName": "code", "key": key, "version": version}}


def signed_key(server: SignerServer, text: str) -> str:
    job = sign(server.client(), upload(server, package(text)))
    return str(job["signedObject"]["s3"]["key"])


def tampered_key(server: SignerServer) -> str:
    s3 = server.client("s3")
    body = s3.get_object(Bucket="code", Key=signed_key(server, "three"))["Body"].read()
    upload(server, tampered(body), "tampered.zip")
    return "tampered.zip"


# The SAM CLI

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Publisher: {Type: String}
Resources:
  Web:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: web
      Runtime: python3.12
      Handler: app.handler
      CodeUri: CODE
      CodeSigningConfigArn: !Ref Config
  Config:
    Type: AWS::Lambda::CodeSigningConfig
    Properties:
      AllowedPublishers: {SigningProfileVersionArns: [!Ref Publisher]}
      CodeSigningPolicies: {UntrustedArtifactOnDeployment: Enforce}
Outputs:
  Function: {Value: !GetAtt Web.Arn}
"""


@pytest.mark.timeout(300)  # the SAM CLI takes seconds to start, and is started eight times
def test_the_sam_cli_signs_and_deploys_and_is_refused_what_is_not_signed(
    server: SignerServer, sam_command: str, tmp_path: Path
) -> None:
    skip_without_stacks()
    publisher = server.client().put_signing_profile(profileName="release", platformId=LAMBDA)
    # Nothing is reported, and no newer version looked for.
    (tmp_path / ".aws-sam").mkdir()
    metadata = {"telemetryEnabled": False, "lastVersionCheck": time.time()}
    (tmp_path / ".aws-sam" / "metadata.json").write_text(json.dumps(metadata))
    environ = {
        **environment(server, tmp_path),
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.2",
    }
    (tmp_path / "src").mkdir()

    def sam(*arguments: str, status: int = 0) -> str:
        done = subprocess.run(
            [sam_command, *arguments],
            env=environ,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        output = done.stdout + done.stderr
        assert done.returncode == status, output
        # A reason is shown in a column of a few characters.
        return re.sub(r"\s+", " ", output)

    def deploy(code: str, *signing: str, status: int = 0) -> str:
        (tmp_path / "template.yaml").write_text(TEMPLATE.replace("CODE", code))
        files = ("--template-file", "template.yaml", "--output-template-file", "packaged.yaml")
        sam("package", "--s3-bucket", "code", *files, *signing)
        return sam(
            "deploy",
            *("--template-file", "packaged.yaml", "--stack-name", "app"),
            *("--capabilities", "CAPABILITY_IAM", "--no-fail-on-empty-changeset"),
            *("--parameter-overrides", f"Publisher={publisher['profileVersionArn']}"),
            status=status,
        )

    def deployed() -> dict[str, Any]:
        shown = server.client("lambda").get_function_configuration(FunctionName="web")
        return {name: shown[name] for name in ("CodeSha256", "SigningProfileVersionArn")}

    (tmp_path / "src" / "app.py").write_text("def handler(event, context): return 1\n")
    output = deploy("src/", "--signing-profiles", "Web=release")
    assert "Successfully created/updated stack - app" in output
    assert WEB in output
    first = deployed()
    assert first["SigningProfileVersionArn"] == publisher["profileVersionArn"]

    (tmp_path / "src" / "app.py").write_text("def handler(event, context): return 2\n")
    output = deploy("src/", status=1)
    assert "UPDATE_FAILED AWS::Lambda::Function Web" in output
    assert "UPDATE_ROLLBACK_COMPLETE" in output
    assert f'returned message: "{NOT_ACCEPTED.format("web")}"' in output
    assert deployed() == first

    output = deploy(f"s3://code/{tampered_key(server)}", status=1)
    assert (
        "is not properly signed" in output.replace("code is not", "is not") or "properly" in output
    )
    assert deployed() == first

    deploy("src/", "--signing-profiles", "Web=release")
    second = deployed()
    assert second["CodeSha256"] != first["CodeSha256"]


# Terraform


@pytest.mark.timeout(600)  # the first build takes as long as the machine needs for Go's AWS SDK
def test_the_calls_of_terraforms_provider_deploy_a_signed_function_only(
    server: SignerServer, build_go: Callable[[str], str], tmp_path: Path
) -> None:
    program = build_go("./terraform")
    server.client().put_signing_profile(profileName="other", platformId=LAMBDA)
    sources = [upload(server, package(text), f"{text}.zip")["s3"] for text in ("one", "two")]
    job = sign(server.client(), upload(server, package("three")), "other")
    signed = (
        server.client("s3")
        .get_object(Bucket="code", Key=job["signedObject"]["s3"]["key"])["Body"]
        .read()
    )
    sources.append(upload(server, package("four"), "app.zip")["s3"])
    sources.append(upload(server, signed, "other.zip")["s3"])
    sources.append(upload(server, tampered(signed), "tampered.zip")["s3"])
    role = server.client("iam").get_role(RoleName="r")["Role"]["Arn"]
    done = subprocess.run(
        [program, "code", role, *(f"{one['key']}@{one['version']}" for one in sources)],
        env=environment(server, tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one.pop("step") for one in steps] == [
        "aws_signer_signing_profile",
        "aws_lambda_code_signing_config",
        "aws_signer_signing_job",
        "aws_lambda_function",
        "aws_signer_signing_job",
        "aws_lambda_function",
        "refused",
        "refused",
        "refused",
        "destroyed",
    ]
    assert steps[0] == {"status": "Active", "same": True}
    assert steps[1] == {"policy": "Enforce", "tags": {"team": "a"}}
    created, updated = steps[3], steps[5]
    assert created["codeSigningConfigArn"] == updated["codeSigningConfigArn"]
    assert created["codeSha256"] != updated["codeSha256"]
    assert created["signingJobArn"] != updated["signingJobArn"]
    for refused, exception, message in (
        (steps[6], "CodeVerificationFailedException", NOT_ACCEPTED),
        (steps[7], "CodeVerificationFailedException", NOT_ACCEPTED),
        (steps[8], "InvalidCodeSignatureException", NOT_PROPERLY_SIGNED),
    ):
        assert refused[exception]
        assert refused["error"].startswith("updating Lambda Function (web) code: operation error")
        assert f"{exception}: {message.format(WEB)}" in refused["error"]


# CloudFormation


@pytest.mark.timeout(120)  # moto's CloudFormation imports most of moto first
def test_a_stack_is_checked_over_http(server: SignerServer) -> None:
    skip_without_stacks()
    publisher = server.client().put_signing_profile(profileName="release", platformId=LAMBDA)
    cloudformation = server.client("cloudformation")
    role = server.client("iam").get_role(RoleName="r")["Role"]["Arn"]

    def template(key: str) -> str:
        config = {
            "AllowedPublishers": {"SigningProfileVersionArns": [publisher["profileVersionArn"]]},
            "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"},
        }
        function = {
            "FunctionName": "web",
            "Runtime": "python3.12",
            "Handler": "app.handler",
            "Role": role,
            "Code": {"S3Bucket": "code", "S3Key": key},
            "CodeSigningConfigArn": {"Ref": "Config"},
        }
        resources = {
            "Config": {"Type": "AWS::Lambda::CodeSigningConfig", "Properties": config},
            "Web": {"Type": "AWS::Lambda::Function", "Properties": function},
        }
        return json.dumps({"Resources": resources})

    def status() -> str:
        [stack] = cloudformation.describe_stacks(StackName="app")["Stacks"]
        return str(stack["StackStatus"])

    cloudformation.create_stack(StackName="app", TemplateBody=template(signed_key(server, "one")))
    assert status() == "CREATE_COMPLETE"
    first = server.client("lambda").get_function_configuration(FunctionName="web")["CodeSha256"]
    upload(server, package("two"), "unsigned.zip")
    for key in ("unsigned.zip", tampered_key(server)):
        cloudformation.update_stack(StackName="app", TemplateBody=template(key))
        assert status() == "UPDATE_ROLLBACK_COMPLETE"
    events = cloudformation.describe_stack_events(StackName="app")["StackEvents"]
    reasons = [
        one["ResourceStatusReason"] for one in events if one["ResourceStatus"] == "UPDATE_FAILED"
    ]
    assert NOT_PROPERLY_SIGNED.format("web") in reasons[0]
    assert NOT_ACCEPTED.format("web") in reasons[1]
    shown = server.client("lambda").get_function_configuration(FunctionName="web")
    assert shown["CodeSha256"] == first
