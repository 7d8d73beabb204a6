"""Stacks of moto's CloudFormation: Signer's resources, and Lambda's check of functions."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import sys
import zipfile

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError
from moto import mock_aws
from moto.cloudformation import parsing

from signer_mock import mock_signer
from signer_mock.errors import MissingExtraError, UnsupportedOperationError
from tests.helpers.constants import ACCOUNT, LAMBDA, NOTATION, OTHER
from tests.helpers.moto import TRUST, sign, skip_without_stacks, versioned_bucket
from tests.helpers.signing import make_zip
from tests.helpers.zip_archives import code_zip

NOT_ACCEPTED = (
    "Lambda cannot deploy the function. The function or layer might be signed using a signature "
    "that the client is not configured to accept. Check the provided signature for {}."
)
NOT_PROPERLY_SIGNED = (
    "Lambda cannot deploy the function. The function or layer code is not properly signed. This "
    "can mean that the code was signed incorrectly or modified after it was signed. Check the "
    "provided signature for {}."
)
LOOKING = {"Statement": {"Effect": "Allow", "Action": "signer:Get*", "Resource": "*"}}
PROFILE = {"Type": "AWS::Signer::SigningProfile", "Properties": {"PlatformId": LAMBDA}}


def config(policy="Enforce", profile="Release"):
    return {
        "Type": "AWS::Lambda::CodeSigningConfig",
        "Properties": {
            "AllowedPublishers": {
                "SigningProfileVersionArns": [{"Fn::GetAtt": [profile, "ProfileVersionArn"]}]
            },
            "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": policy},
        },
    }


class Deployer:
    """A mock, moto's CloudFormation, and a bucket for packages."""

    def __init__(self, mock):
        self.mock = mock
        self.cloudformation = boto3.client("cloudformation")
        self.awslambda, self.signer = boto3.client("lambda"), boto3.client("signer")
        self.s3 = boto3.client("s3")
        versioned_bucket(self.s3, "code")
        role = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
        self.role = role["Role"]["Arn"]

    def upload(self, package, key="app.zip"):
        version = self.s3.put_object(Bucket="code", Key=key, Body=package)["VersionId"]
        return {"s3": {"bucketName": "code", "key": key, "version": version}}

    def sign(self, profile, package=None):
        """Upload and sign a package; returns the key of the signed object."""
        source = self.upload(code_zip() if package is None else package)
        return sign(self.signer, source, profile)["signedObject"]["s3"]["key"]

    def function(self, key, *, config="Config", name="web", **more):
        properties = {
            "FunctionName": name,
            "Runtime": "python3.12",
            "Handler": "app.handler",
            "Role": self.role,
            "Code": {"S3Bucket": "code", "S3Key": key},
            **more,
        }
        if config is not None:
            properties["CodeSigningConfigArn"] = {"Ref": config}
        return {"Type": "AWS::Lambda::Function", "Properties": properties}

    def create(self, resources, *, name="app", outputs=None, **more):
        template = {"Resources": resources, "Outputs": outputs or {}}
        self.cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template), **more)
        return self.status(name)

    def update(self, resources, *, name="app", outputs=None, **more):
        template = {"Resources": resources, "Outputs": outputs or {}}
        self.cloudformation.update_stack(StackName=name, TemplateBody=json.dumps(template), **more)
        return self.status(name)

    def status(self, name="app"):
        return self.cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]

    def outputs(self, name="app"):
        [stack] = self.cloudformation.describe_stacks(StackName=name)["Stacks"]
        return {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", ())}

    def events(self, name="app"):
        """Statuses and reasons, oldest first."""
        events = self.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return [
            (one["LogicalResourceId"], one["ResourceStatus"], one.get("ResourceStatusReason", ""))
            for one in events[::-1]
        ]

    def functions(self):
        return [one["FunctionName"] for one in self.awslambda.list_functions()["Functions"]]


@pytest.fixture(autouse=True)
def stacks():
    skip_without_stacks()


@pytest.fixture
def deployer(stacks):
    with mock_signer() as mock, mock_aws():
        yield Deployer(mock)


def test_a_stack_has_a_signing_profile(deployer):
    outputs = {
        "Ref": {"Value": {"Ref": "Release"}},
        **{
            name: {"Value": {"Fn::GetAtt": ["Release", name]}}
            for name in ("Arn", "ProfileName", "ProfileVersion", "ProfileVersionArn")
        },
    }
    properties = {
        "PlatformId": NOTATION,
        "SignatureValidityPeriod": {"Type": "DAYS", "Value": 30},
        "Tags": [{"Key": "team", "Value": "a"}],
    }
    resources = {"Release": {"Type": "AWS::Signer::SigningProfile", "Properties": properties}}
    assert deployer.create(resources, outputs=outputs) == "CREATE_COMPLETE"
    shown = deployer.outputs()
    profile = deployer.signer.get_signing_profile(profileName=shown["ProfileName"])
    assert shown == {
        "Ref": profile["arn"],
        "Arn": profile["arn"],
        "ProfileName": profile["profileName"],
        "ProfileVersion": profile["profileVersion"],
        "ProfileVersionArn": profile["profileVersionArn"],
    }
    assert re.fullmatch("Release_[0-9a-f]{12}", shown["ProfileName"])
    assert profile["platformId"] == NOTATION
    assert profile["signatureValidityPeriod"] == {"type": "DAYS", "value": 30}
    assert profile["tags"] == {"team": "a"}
    deployer.cloudformation.delete_stack(StackName="app")
    profile = deployer.signer.get_signing_profile(profileName=shown["ProfileName"])
    assert profile["status"] == "Canceled"


def test_an_unsigned_function_fails_with_lambdas_words(deployer):
    deployer.upload(code_zip())
    resources = {"Web": deployer.function("app.zip"), "Config": config(), "Release": PROFILE}
    assert deployer.create(resources) == "ROLLBACK_COMPLETE"
    assert deployer.functions() == []
    assert deployer.awslambda.list_code_signing_configs()["CodeSigningConfigs"] == []
    assert deployer.signer.list_signing_profiles()["profiles"] == []
    events = deployer.events()
    assert ("Web", "CREATE_FAILED") in [one[:2] for one in events]
    [reason] = [one[2] for one in events if one[1] == "CREATE_FAILED"]
    assert NOT_ACCEPTED.format("web") in reason
    with pytest.raises(WaiterError, match="ROLLBACK_COMPLETE"):
        deployer.cloudformation.get_waiter("stack_create_complete").wait(StackName="app")


def app(deployer, key, policy="Enforce", **more):
    return {
        "Web": deployer.function(key, **more),
        "Config": config(policy),
        "Release": PROFILE,
    }


@pytest.fixture
def released(deployer):
    """A stack with a signed function; gives the profile's name."""
    named = {"Name": {"Value": {"Fn::GetAtt": ["Release", "ProfileName"]}}}
    resources = {"Config": config(), "Release": PROFILE}
    assert deployer.create(resources, outputs=named) == "CREATE_COMPLETE"
    profile = deployer.outputs()["Name"]
    key = deployer.sign(profile)
    assert deployer.update(app(deployer, key), outputs=named) == "UPDATE_COMPLETE"
    return profile


def deployed(deployer, name="web"):
    shown = deployer.awslambda.get_function_configuration(FunctionName=name)
    return {name: value for name, value in shown.items() if name != "ResponseMetadata"}


def package(text):
    return make_zip({"app.py": f"def handler(event, context): return {text!r}".encode()})


def test_a_signed_function_is_deployed_and_updated(deployer, released):
    first = deployed(deployer)
    attached = deployer.awslambda.get_function_code_signing_config(FunctionName="web")
    listed = deployer.awslambda.list_code_signing_configs()["CodeSigningConfigs"]
    assert attached["CodeSigningConfigArn"] == listed[0]["CodeSigningConfigArn"]
    assert listed[0]["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Enforce"}
    publishers = listed[0]["AllowedPublishers"]["SigningProfileVersionArns"]
    assert publishers == [first["SigningProfileVersionArn"]]
    key = deployer.sign(released, package("v2"))
    assert deployer.update(app(deployer, key)) == "UPDATE_COMPLETE"
    second = deployed(deployer)
    assert second["CodeSha256"] != first["CodeSha256"]
    assert second["SigningJobArn"] != first["SigningJobArn"]
    assert [one.operation for one in deployer.mock.deployments] == [
        "CreateFunction",
        "UpdateFunctionCode",
    ]


@pytest.mark.parametrize("change_set", [False, True], ids=["update", "change set"])
def test_an_unsigned_update_is_rolled_back(deployer, released, change_set):
    before = deployed(deployer)
    deployer.upload(code_zip(), "unsigned.zip")
    resources = app(deployer, "unsigned.zip", MemorySize=1024)
    resources["Config"] = config("Enforce")
    resources["Config"]["Properties"]["Description"] = "changed"
    if change_set:
        execute(deployer, resources, "UPDATE")
        assert deployer.status() == "UPDATE_ROLLBACK_COMPLETE"
    else:
        assert deployer.update(resources) == "UPDATE_ROLLBACK_COMPLETE"
    assert deployed(deployer) == before
    [listed] = deployer.awslambda.list_code_signing_configs()["CodeSigningConfigs"]
    assert listed["Description"] == ""
    [reason] = [one[2] for one in deployer.events() if one[:2] == ("Web", "UPDATE_FAILED")]
    assert reason.startswith('Resource handler returned message: "' + NOT_ACCEPTED.format("web"))
    assert "HandlerErrorCode: InvalidRequest" in reason
    assert not deployer.mock.deployments[-1].deployed
    assert len(deployer.mock.deployments) == 2, "tried once"
    # The stack goes on as it was.
    key = deployer.sign(released, package("v3"))
    assert deployer.update(app(deployer, key)) == "UPDATE_COMPLETE"
    assert deployed(deployer)["CodeSha256"] != before["CodeSha256"]


def execute(deployer, resources, kind, name="app", **more):
    changed = deployer.cloudformation.create_change_set(
        StackName=name,
        ChangeSetName="now",
        ChangeSetType=kind,
        TemplateBody=json.dumps({"Resources": resources, **more}),
    )
    deployer.cloudformation.execute_change_set(ChangeSetName=changed["Id"], StackName=name)
    return deployer.cloudformation.describe_change_set(ChangeSetName=changed["Id"])


def test_a_tampered_package_is_refused_whatever_the_policy(deployer, released):
    key = deployer.sign(released)
    body = deployer.s3.get_object(Bucket="code", Key=key)["Body"].read()
    deployer.upload(tampered(body), "tampered.zip")
    resources = app(deployer, "tampered.zip", policy="Warn")
    assert deployer.update(resources) == "UPDATE_ROLLBACK_COMPLETE"
    [reason] = [one[2] for one in deployer.events() if one[1] == "UPDATE_FAILED"]
    assert NOT_PROPERLY_SIGNED.format("web") in reason


def tampered(package):
    buffer = io.BytesIO(package)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("evil.py", "print()")
    return buffer.getvalue()


def test_a_change_set_makes_a_stack_and_shows_its_outputs(deployer):
    profile = deployer.signer.put_signing_profile(profileName="release", platformId=LAMBDA)
    allowed = config()
    publishers = {"SigningProfileVersionArns": [profile["profileVersionArn"]]}
    allowed["Properties"]["AllowedPublishers"] = publishers
    resources = {"Web": deployer.function(deployer.sign("release")), "Config": allowed}
    outputs = {"Id": {"Value": {"Fn::GetAtt": ["Config", "CodeSigningConfigId"]}}}
    done = execute(deployer, resources, "CREATE", Outputs=outputs)
    assert (deployer.status(), done["ExecutionStatus"]) == ("CREATE_COMPLETE", "EXECUTE_COMPLETE")
    assert deployer.outputs()["Id"].startswith("csc-")
    deployer.upload(code_zip(), "unsigned.zip")
    other = {"Web": deployer.function("unsigned.zip", name="other"), "Config": allowed}
    done = execute(deployer, other, "CREATE", "second")
    assert done["ExecutionStatus"] == "EXECUTE_FAILED"
    assert deployer.status("second") == "ROLLBACK_COMPLETE"
    assert deployer.functions() == ["web"]
    assert len(deployer.awslambda.list_code_signing_configs()["CodeSigningConfigs"]) == 1
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        execute(deployer, other, "UPDATE", "second")


def test_a_failed_stack_can_be_kept_or_deleted(deployer):
    deployer.upload(code_zip())
    resources = app(deployer, "app.zip")
    assert deployer.create(resources, DisableRollback=True) == "CREATE_FAILED"
    assert len(deployer.awslambda.list_code_signing_configs()["CodeSigningConfigs"]) == 1
    made = deployer.cloudformation.list_stack_resources(StackName="app")["StackResourceSummaries"]
    assert {one["LogicalResourceId"] for one in made} == {"Config", "Release"}
    template = json.dumps({"Resources": resources})
    gone = deployer.cloudformation.create_stack(
        StackName="gone", TemplateBody=template, OnFailure="DELETE"
    )["StackId"]
    assert deployer.status(gone) == "DELETE_COMPLETE"
    assert deployer.functions() == []


def test_a_function_is_checked_against_the_configuration_of_the_same_update(deployer, released):
    """Whichever comes first in the template, and though moto adds before it changes."""
    deployer.upload(code_zip(), "unsigned.zip")
    warn = {
        "Other": deployer.function("unsigned.zip", name="other"),
        **app(deployer, "unsigned.zip", policy="Warn"),
    }
    warn["Web"]["Properties"]["Code"]["S3Key"] = deployer.sign(released)
    assert deployer.update(warn) == "UPDATE_COMPLETE"
    assert deployer.mock.deployments[-1].signature_status in {"MISMATCH", "VALID"}
    enforce = {**warn, "Config": config("Enforce")}
    enforce["Third"] = deployer.function("unsigned.zip", name="third")
    assert deployer.update(enforce) == "UPDATE_ROLLBACK_COMPLETE"
    assert set(deployer.functions()) == {"web", "other"}
    [listed] = deployer.awslambda.list_code_signing_configs()["CodeSigningConfigs"]
    assert listed["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Warn"}


def test_a_replaced_profile_is_the_new_publisher(deployer, released):
    old = deployed(deployer)["SigningProfileVersionArn"]
    resources = app(deployer, "unsigned.zip")
    resources["Web"] = deployer.function(deployer.sign(released))
    properties = {"PlatformId": LAMBDA, "SignatureValidityPeriod": {"Type": "MONTHS", "Value": "6"}}
    resources["Release"] = {"Type": "AWS::Signer::SigningProfile", "Properties": properties}
    # The package is the old profile's, which the configuration allows no more.
    assert deployer.update(resources) == "UPDATE_ROLLBACK_COMPLETE"
    assert deployed(deployer)["SigningProfileVersionArn"] == old
    active = deployer.signer.list_signing_profiles()["profiles"]
    assert [one["profileName"] for one in active] == [released]
    del resources["Web"]
    assert deployer.update(resources) == "UPDATE_COMPLETE"
    [active] = deployer.signer.list_signing_profiles()["profiles"]
    assert active["profileName"] != released
    [listed] = deployer.awslambda.list_code_signing_configs()["CodeSigningConfigs"]
    publishers = listed["AllowedPublishers"]["SigningProfileVersionArns"]
    assert publishers == [active["profileVersionArn"]]


def test_code_that_a_template_does_not_change_is_not_deployed_again(deployer, released):
    before = deployed(deployer)
    [job] = deployer.signer.list_signing_jobs(status="Succeeded")["jobs"]
    key = job["signedObject"]["s3"]["key"]
    deployer.upload(code_zip(), key)  # the object is another one now
    assert deployer.update(app(deployer, key, MemorySize=256)) == "UPDATE_COMPLETE"
    after = deployed(deployer)
    assert (after["MemorySize"], after["CodeSha256"]) == (256, before["CodeSha256"])


def test_a_parameter_changes_the_package(deployer, released):
    """Also in Fn::Sub, where moto does not see it."""
    template = {
        "Parameters": {"Key": {"Type": "String"}},
        "Resources": app(deployer, {"Fn::Sub": "${Key}"}),
    }
    deployer.upload(code_zip(), "unsigned.zip")
    for key, status in (
        (deployer.sign(released), "COMPLETE"),
        ("unsigned.zip", "ROLLBACK_COMPLETE"),
    ):
        deployer.cloudformation.update_stack(
            StackName="app",
            TemplateBody=json.dumps(template),
            Parameters=[{"ParameterKey": "Key", "ParameterValue": key}],
        )
        assert deployer.status() == f"UPDATE_{status}"


def test_the_version_of_an_object_is_what_is_deployed(deployer, released):
    signed = deployer.s3.get_object(Bucket="code", Key=deployer.sign(released))["Body"].read()
    good = deployer.upload(signed, "web.zip")["s3"]["version"]
    bad = deployer.upload(code_zip(), "web.zip")["s3"]["version"]
    for version, status in ((good, "COMPLETE"), (bad, "ROLLBACK_COMPLETE")):
        resources = app(deployer, "web.zip")
        resources["Web"]["Properties"]["Code"]["S3ObjectVersion"] = version
        assert deployer.update(resources) == f"UPDATE_{status}"
        code = base64.b64encode(hashlib.sha256(signed).digest()).decode()
        assert deployed(deployer)["CodeSha256"] == code


def test_code_in_a_template_is_not_signed(deployer):
    resources = app(deployer, "")
    resources["Web"]["Properties"]["Code"] = {"ZipFile": "def handler(event, context): pass"}
    assert deployer.create(resources) == "ROLLBACK_COMPLETE"
    resources["Config"] = config("Warn")
    assert deployer.create(resources, name="second") == "CREATE_COMPLETE"
    assert deployer.mock.deployments[-1].signature_status == "MISMATCH"


def test_layers_of_a_stack_are_checked(deployer, released):
    deployer.upload(code_zip(), "layer.zip")
    layer = deployer.awslambda.publish_layer_version(
        LayerName="base", Content={"S3Bucket": "code", "S3Key": "layer.zip"}
    )["LayerVersionArn"]
    resources = app(deployer, deployer.sign(released), Layers=[layer])
    assert deployer.update(resources) == "UPDATE_ROLLBACK_COMPLETE"
    resources["Other"] = deployer.function(deployer.sign(released), name="other", Layers=[layer])
    del resources["Web"]["Properties"]["Layers"]
    assert deployer.update(resources) == "UPDATE_ROLLBACK_COMPLETE"
    resources["Config"] = config("Warn")
    assert deployer.update(resources) == "UPDATE_COMPLETE"
    assert [one["Arn"] for one in deployed(deployer, "other")["Layers"]] == [layer]


def test_a_function_that_exists_is_not_taken_over(deployer, released):
    """moto would replace it, and its configuration with it."""
    deployer.upload(code_zip(), "unsigned.zip")
    thief = {"Web": deployer.function("unsigned.zip", config=None)}
    assert deployer.create(thief, name="thief") == "ROLLBACK_COMPLETE"
    assert deployed(deployer)["SigningJobArn"]
    assert "already exists" in str(deployer.events("thief"))


def test_a_configuration_can_be_taken_off_and_put_on(deployer, released):
    deployer.upload(code_zip(), "unsigned.zip")
    resources = app(deployer, "unsigned.zip", config=None)
    assert deployer.update(resources) == "UPDATE_COMPLETE"
    shown = deployer.awslambda.get_function_code_signing_config(FunctionName="web")
    assert "CodeSigningConfigArn" not in shown
    assert "SigningJobArn" not in deployed(deployer)
    # The code is deployed already, and stays.
    assert deployer.update(app(deployer, "unsigned.zip")) == "UPDATE_COMPLETE"
    shown = deployer.awslambda.get_function_code_signing_config(FunctionName="web")
    assert shown["CodeSigningConfigArn"]
    deployer.upload(package("v2"), "other.zip")
    assert deployer.update(app(deployer, "other.zip")) == "UPDATE_ROLLBACK_COMPLETE"
    assert deployer.update(app(deployer, deployer.sign(released))) == "UPDATE_COMPLETE"


def test_a_stack_has_permissions(deployer):
    def permission(statement, principal):
        properties = {
            "Action": "signer:StartSigningJob",
            "Principal": principal,
            "ProfileName": {"Fn::GetAtt": ["Release", "ProfileName"]},
            "ProfileVersion": {"Fn::GetAtt": ["Release", "ProfileVersion"]},
            "StatementId": statement,
        }
        return {"Type": "AWS::Signer::ProfilePermission", "Properties": properties}

    outputs = {
        "Ref": {"Value": {"Ref": "One"}},
        "Name": {"Value": {"Fn::GetAtt": ["Release", "ProfileName"]}},
    }
    resources = {"One": permission("one", OTHER), "Two": permission("two", "333333333333")}
    deployer.create({**resources, "Release": PROFILE}, outputs=outputs)
    name = deployer.outputs()["Name"]
    assert deployer.outputs()["Ref"] == f"one|{name}"

    def statements():
        listed = deployer.signer.list_profile_permissions(profileName=name)["permissions"]
        return {one["statementId"]: one["principal"] for one in listed}

    assert statements() == {"one": OTHER, "two": "333333333333"}
    resources = {"One": permission("uno", OTHER), "Release": PROFILE}
    assert deployer.update(resources, outputs=outputs) == "UPDATE_COMPLETE"
    assert list(statements()) == ["uno"]
    deployer.cloudformation.delete_stack(StackName="app")
    with pytest.raises(deployer.signer.exceptions.ResourceNotFoundException):
        statements()


def test_signers_refusal_fails_the_stack(deployer):
    deployer.signer.put_signing_profile(profileName="taken", platformId=LAMBDA)
    taken = {**PROFILE, "Properties": {"PlatformId": LAMBDA, "ProfileName": "taken"}}
    assert deployer.create({"Release": taken}) == "ROLLBACK_COMPLETE"
    assert "Profile with name taken already exists" in str(deployer.events())
    wrong = {**PROFILE, "Properties": {"ProfileName": "x1", "Platform": LAMBDA}}
    assert deployer.create({"Release": wrong}, name="wrong") == "ROLLBACK_COMPLETE"
    assert "#: extraneous key [Platform] is not permitted" in str(deployer.events("wrong"))
    assert "#: required key [PlatformId] not found" in str(deployer.events("wrong"))


def test_a_named_profile_cannot_be_replaced_under_its_name(deployer):
    properties: dict[str, object] = {"PlatformId": LAMBDA, "ProfileName": "mine"}
    assert deployer.create({"Release": {**PROFILE, "Properties": properties}}) == "CREATE_COMPLETE"
    properties["PlatformId"] = NOTATION
    resources = {"Release": {**PROFILE, "Properties": properties}}
    assert deployer.update(resources) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Rename mine and update the stack again." in str(deployer.events())
    properties["PlatformId"] = LAMBDA
    properties["Tags"] = [{"Key": "team", "Value": "b"}]
    resources = {"Release": {**PROFILE, "Properties": properties}}
    assert deployer.update(resources) == "UPDATE_COMPLETE"
    assert deployer.signer.get_signing_profile(profileName="mine")["tags"] == {"team": "b"}


def test_the_deployers_permissions_count(deployer):
    role = deployer.mock.account().role("ci", policy=LOOKING)
    role.client("cloudformation").create_stack(
        StackName="app", TemplateBody=json.dumps({"Resources": {"Release": PROFILE}})
    )
    assert deployer.status() == "ROLLBACK_COMPLETE"
    assert "is not authorized to perform: signer:PutSigningProfile" in str(deployer.events())
    [call] = deployer.mock.calls.of("PutSigningProfile")
    assert (call.error, call.account_id) == ("AccessDeniedException", ACCOUNT)


def test_a_configuration_in_use_elsewhere_stays(deployer, released):
    [listed] = deployer.awslambda.list_code_signing_configs()["CodeSigningConfigs"]
    arn = listed["CodeSigningConfigArn"]
    signed = deployer.s3.get_object(Bucket="code", Key=deployer.sign(released))["Body"].read()
    deployer.awslambda.create_function(
        FunctionName="elsewhere",
        Runtime="python3.12",
        Role=deployer.role,
        Handler="app.handler",
        Code={"ZipFile": signed},
        CodeSigningConfigArn=arn,
    )
    deployer.cloudformation.delete_stack(StackName="app")
    assert deployer.status() == "DELETE_FAILED"
    assert "is in use by the function" in str(deployer.events())
    deployer.awslambda.delete_function(FunctionName="elsewhere")
    deployer.cloudformation.delete_stack(StackName="app")
    assert deployer.cloudformation.describe_stacks()["Stacks"] == []
    assert deployer.awslambda.list_code_signing_configs()["CodeSigningConfigs"] == []


def test_a_nested_stack_fails_its_parent(deployer):
    deployer.upload(code_zip())
    inner = json.dumps({"Resources": app(deployer, "app.zip")}).encode()
    deployer.upload(inner, "inner.json")
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "https://s3.amazonaws.com/code/inner.json"},
    }
    assert deployer.create({"Inner": nested}) == "ROLLBACK_COMPLETE"
    assert deployer.functions() == []
    [reason] = [one[2] for one in deployer.events() if one[:2] == ("Inner", "CREATE_FAILED")]
    assert "The following resource(s) failed to create: [Web]." in reason


SAM = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.12
    CodeSigningConfigArn: !Ref Config
Resources:
  Web:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: web
      Handler: app.handler
      CodeUri: s3://code/KEY
  Config:
    Type: AWS::Lambda::CodeSigningConfig
    Properties:
      AllowedPublishers: {SigningProfileVersionArns: [PUBLISHER]}
      CodeSigningPolicies: {UntrustedArtifactOnDeployment: Enforce}
Outputs:
  Role: {Value: !GetAtt WebRole.Arn}
"""


def test_functions_of_sam_templates_are_made_and_checked(deployer):
    profile = deployer.signer.put_signing_profile(profileName="release", platformId=LAMBDA)
    template = SAM.replace("PUBLISHER", profile["profileVersionArn"])
    signed = template.replace("KEY", deployer.sign("release"))
    create = deployer.cloudformation.create_stack
    create(StackName="app", TemplateBody=signed, Capabilities=["CAPABILITY_IAM"])
    assert deployer.status() == "CREATE_COMPLETE"
    assert deployed(deployer)["SigningProfileVersionArn"] == profile["profileVersionArn"]
    assert deployed(deployer)["Role"] == deployer.outputs()["Role"]
    deployer.upload(code_zip())
    unsigned = template.replace("KEY", "app.zip")
    deployer.cloudformation.update_stack(StackName="app", TemplateBody=unsigned)
    assert deployer.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert NOT_ACCEPTED.format("web") in str(deployer.events())
    wrong = template.replace("      Handler: app.handler\n", "      Nonsense: {}\n")
    with pytest.raises(ClientError, match="Invalid Serverless Application Specification"):
        create(StackName="wrong", TemplateBody=wrong)


def test_a_sam_template_without_the_translator_is_refused(deployer, monkeypatch):
    """moto would make none of its functions, and say that the stack is complete."""
    monkeypatch.setitem(sys.modules, "samtranslator.translator.translator", None)
    with pytest.raises(MissingExtraError, match="pip install aws-sam-translator"):
        deployer.cloudformation.create_stack(StackName="app", TemplateBody=SAM)


def test_without_a_mock_moto_is_as_it_was():
    with mock_signer(), mock_aws():
        Deployer(None).create({"Release": PROFILE})
    with mock_aws():
        keys = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "x"}
        cloudformation = boto3.client("cloudformation", "us-east-1", **keys)
        with pytest.warns(UserWarning, match="not supported by moto"):
            cloudformation.create_stack(
                StackName="app", TemplateBody=json.dumps({"Resources": {"Release": PROFILE}})
            )


def test_a_moto_with_another_engine_deploys_nothing(deployer, monkeypatch):
    """Rather than code that nobody has checked."""
    monkeypatch.setattr(parsing, "parse_and_update_resource", None)
    monkeypatch.setattr(parsing.ResourceMap, "update", lambda *_: None)
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}}
    assert deployer.create({"Queue": queue}, name="other") == "CREATE_COMPLETE"
    with pytest.raises(UnsupportedOperationError, match=r"parsing\.parse_and_update_resource"):
        deployer.create({"Release": PROFILE})
    with pytest.raises(UnsupportedOperationError, match=r"Use moto 5\.1\.12"):
        deployer.cloudformation.create_stack(
            StackName="app", TemplateURL="https://s3.amazonaws.com/code/inner.json"
        )


@pytest.mark.parametrize("change_set", [False, True], ids=["update", "change set"])
def test_a_configuration_that_the_template_does_not_name_counts_too(deployer, change_set):
    """The stack did not attach it, so the stack does not take it off."""
    deployer.upload(code_zip())
    deployer.upload(package("v2"), "other.zip")
    web = deployer.function("app.zip", config=None)
    assert deployer.create({"Web": web}) == "CREATE_COMPLETE"
    version = deployer.signer.put_signing_profile(profileName="release", platformId=LAMBDA)
    publishers = {"SigningProfileVersionArns": [version["profileVersionArn"]]}
    attached = deployer.awslambda.create_code_signing_config(
        AllowedPublishers=publishers,
        CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Enforce"},
    )["CodeSigningConfig"]["CodeSigningConfigArn"]
    deployer.awslambda.put_function_code_signing_config(
        FunctionName="web", CodeSigningConfigArn=attached
    )
    before = deployed(deployer)
    resources = {"Web": deployer.function("other.zip", config=None)}
    if change_set:
        execute(deployer, resources, "UPDATE")
    else:
        deployer.update(resources)
    assert deployer.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert deployed(deployer) == before
    assert len(deployer.mock.deployments) == 1, "tried once"
    shown = deployer.awslambda.get_function_code_signing_config(FunctionName="web")
    assert shown["CodeSigningConfigArn"] == attached
    resources = {"Web": deployer.function(deployer.sign("release"), config=None)}
    assert deployer.update(resources) == "UPDATE_COMPLETE"
    shown = deployer.awslambda.get_function_code_signing_config(FunctionName="web")
    assert shown["CodeSigningConfigArn"] == attached


def test_a_stack_that_moto_made_without_the_mock_is_completed_by_an_update():
    with mock_aws():
        keys = {"aws_access_key_id": "123456789012", "aws_secret_access_key": "x"}
        cloudformation = boto3.client("cloudformation", "us-east-1", **keys)
        with pytest.warns(UserWarning, match="not supported by moto"):
            cloudformation.create_stack(
                StackName="app", TemplateBody=json.dumps({"Resources": {"Release": PROFILE}})
            )
        with mock_signer() as mock:
            tagged = {"PlatformId": LAMBDA, "Tags": [{"Key": "team", "Value": "a"}]}
            template = {"Resources": {"Release": {**PROFILE, "Properties": tagged}}}
            cloudformation.update_stack(StackName="app", TemplateBody=json.dumps(template))
            [stack] = cloudformation.describe_stacks(StackName="app")["Stacks"]
            assert stack["StackStatus"] == "UPDATE_COMPLETE"
            [profile] = mock.profiles
            assert profile.tags == {"team": "a"}


def bad_profile(**more):
    return {**PROFILE, "Properties": {"PlatformId": "NoSuchPlatform"}, **more}


def test_the_resource_that_failed_is_named_and_not_what_needs_it(deployer):
    assert deployer.create({"Config": config(), "Release": bad_profile()}) == "ROLLBACK_COMPLETE"
    failed = [one[0] for one in deployer.events() if one[1] == "CREATE_FAILED"]
    assert failed == ["Release"]


def test_a_failed_update_can_be_kept(deployer, released):
    deployer.upload(code_zip(), "unsigned.zip")
    resources = {
        "Extra": {**PROFILE, "Properties": {"PlatformId": LAMBDA, "ProfileName": "extra"}},
        **app(deployer, "unsigned.zip"),
    }
    before = deployed(deployer)
    assert deployer.update(resources, DisableRollback=True) == "UPDATE_FAILED"
    assert deployed(deployer) == before
    assert deployer.signer.get_signing_profile(profileName="extra")["status"] == "Active"
    [last] = [one for one in deployer.events()[-1:] if one[0] == "app"]
    assert last[1:] == ("UPDATE_FAILED", "The following resource(s) failed to update: [Web]. ")


def test_a_creation_that_cannot_be_taken_back_says_so(deployer):
    """The deployer may make profiles and not cancel them; exports are gone all the same."""
    policy = {"Statement": {"Effect": "Allow", "Action": "signer:Put*", "Resource": "*"}}
    client = deployer.mock.account().role("ci", policy=policy).client("cloudformation")
    other = {"Other": {"Value": "stays", "Export": {"Name": "other"}}}
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}}
    assert deployer.create({"Queue": queue}, name="other", outputs=other) == "CREATE_COMPLETE"
    exported = {"Name": {"Value": {"Ref": "Release"}, "Export": {"Name": "release"}}}
    resources = {"Release": PROFILE, "Second": bad_profile()}
    template = json.dumps({"Resources": resources, "Outputs": exported})
    client.create_stack(StackName="app", TemplateBody=template)
    assert deployer.status() == "ROLLBACK_FAILED"
    assert "not authorized to perform: signer:CancelSigningProfile" in deployer.events()[-1][2]
    assert len(deployer.signer.list_signing_profiles()["profiles"]) == 1
    exports = deployer.cloudformation.list_exports()["Exports"]
    assert [one["Name"] for one in exports] == ["other"]


def test_a_lost_connection_to_signer_fails_the_resource(deployer):
    deployer.mock.faults.timeout("PutSigningProfile")
    assert deployer.create({"Release": PROFILE}) == "ROLLBACK_COMPLETE"
    [reason] = [one[2] for one in deployer.events() if one[1] == "CREATE_FAILED"]
    assert 'returned message: "AWS Signer: ' in reason
    assert "HandlerErrorCode: NetworkFailure" in reason


def test_an_attribute_that_a_profile_does_not_have_is_refused(deployer):
    nonsense = {"Fn::GetAtt": ["Release", "Nonsense"]}
    with pytest.raises(ClientError, match="Nonsense"):
        deployer.create({"Release": PROFILE}, outputs={"Name": {"Value": nonsense}})
    with pytest.raises(ClientError, match="does not support attribute type Nonsense"):
        deployer.create({"One": permission_of(nonsense), "Release": PROFILE}, name="second")


@pytest.mark.parametrize("resource", ["Release", "Config"])
def test_tags_are_added_changed_and_removed(deployer, released, resource):
    def tags():
        [profile] = deployer.signer.list_signing_profiles()["profiles"]
        [made] = deployer.awslambda.list_code_signing_configs()["CodeSigningConfigs"]
        if resource == "Release":
            return deployer.signer.list_tags_for_resource(resourceArn=profile["arn"])["tags"]
        return deployer.awslambda.list_tags(Resource=made["CodeSigningConfigArn"])["Tags"]

    for wanted in ({"a": "1", "b": "2"}, {"b": "3", "c": "4"}, {"c": "4"}, {"c": "4"}, {}):
        resources = {"Config": config(), "Release": PROFILE}
        given = [{"Key": key, "Value": value} for key, value in wanted.items()]
        changed = {**resources[resource]["Properties"], "Tags": given}
        resources[resource] = {**resources[resource], "Properties": changed}
        assert deployer.update(resources) == "UPDATE_COMPLETE"
        assert tags() == wanted


def permission_of(profile, **more):
    properties = {"Action": "signer:GetSigningProfile", "Principal": OTHER, "StatementId": "one"}
    properties = {**properties, "ProfileName": profile, **more}
    return {"Type": "AWS::Signer::ProfilePermission", "Properties": properties}


def test_a_permission_that_somebody_has_removed_is_no_trouble_to_delete(deployer):
    """Of all versions of the profile, which the template does not name."""
    deployer.signer.put_signing_profile(profileName="release", platformId=LAMBDA)
    assert deployer.create({"One": permission_of("release")}) == "CREATE_COMPLETE"
    [listed] = deployer.signer.list_profile_permissions(profileName="release")["permissions"]
    assert (listed["statementId"], listed.get("profileVersion")) == ("one", None)
    revision = deployer.signer.add_profile_permission(
        profileName="release",
        action="signer:GetSigningProfile",
        principal=OTHER,
        statementId="two",
        revisionId=deployer.signer.list_profile_permissions(profileName="release")["revisionId"],
    )["revisionId"]
    deployer.signer.remove_profile_permission(
        profileName="release", statementId="one", revisionId=revision
    )
    deployer.cloudformation.delete_stack(StackName="app")
    assert deployer.cloudformation.describe_stacks()["Stacks"] == []
    [left] = deployer.signer.list_profile_permissions(profileName="release")["permissions"]
    assert left["statementId"] == "two"


@pytest.mark.parametrize("nothing_to_sign", ["plain", "sam"])
def test_a_template_without_signing_is_motos_alone(deployer, nothing_to_sign):
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}}
    template = {"Description": "no AWS::Serverless here", "Resources": {"Queue": queue}}
    if nothing_to_sign == "sam":
        template["Transform"] = "AWS::Serverless-2016-10-31"
    deployer.cloudformation.create_stack(StackName="app", TemplateBody=json.dumps(template))
    assert deployer.status() == "CREATE_COMPLETE"
    queue = {**queue, "Properties": {"QueueName": "r"}}
    assert deployer.update({"Queue": queue}) == "UPDATE_COMPLETE"
    assert execute(deployer, {"Queue": queue}, "CREATE", "second")["Status"] == "CREATE_COMPLETE"
    urls = boto3.client("sqs").list_queues()["QueueUrls"]
    assert "r" in [url.rpartition("/")[2] for url in urls]


def test_what_a_template_retains_stays(deployer):
    kept = {**PROFILE, "DeletionPolicy": "Retain"}
    assert deployer.create({"Kept": kept, "Release": PROFILE}) == "CREATE_COMPLETE"
    assert deployer.update({"Release": PROFILE}) == "UPDATE_COMPLETE"
    assert len(deployer.signer.list_signing_profiles()["profiles"]) == 2


def test_a_resource_under_a_condition_that_does_not_hold_is_not_made(deployer):
    assert deployer.create({"Release": PROFILE}) == "CREATE_COMPLETE"
    template = {
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
        "Resources": {"Release": PROFILE, "Second": {**PROFILE, "Condition": "Never"}},
    }
    deployer.cloudformation.update_stack(StackName="app", TemplateBody=json.dumps(template))
    assert deployer.status() == "UPDATE_COMPLETE"
    assert len(deployer.signer.list_signing_profiles()["profiles"]) == 1


def test_what_moto_cannot_change_stays_as_it_was(deployer):
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "app"}}
    assert deployer.create({"Group": group, "Release": PROFILE}) == "CREATE_COMPLETE"
    group = {**group, "Properties": {"LogGroupName": "app", "RetentionInDays": 7}}
    assert deployer.update({"Group": group, "Release": PROFILE}) == "UPDATE_COMPLETE"


def test_stack_sets_make_profiles_in_other_accounts(deployer):
    cloudformation = deployer.cloudformation
    template = json.dumps({"Resources": {"Release": PROFILE}})
    cloudformation.create_stack_set(StackSetName="all", TemplateBody=template)
    cloudformation.create_stack_instances(
        StackSetName="all", Accounts=[ACCOUNT, OTHER], Regions=["eu-west-1"]
    )
    for account in (ACCOUNT, OTHER):
        signer = deployer.mock.account(account).client("signer", "eu-west-1")
        [profile] = signer.list_signing_profiles()["profiles"]
        assert f":eu-west-1:{account}:" in profile["arn"]


def test_a_stack_outlives_the_mock_that_made_it():
    with mock_aws():
        with mock_signer() as mock:
            Deployer(mock).create({"Release": PROFILE})
        keys = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "x"}
        cloudformation = boto3.client("cloudformation", "us-east-1", **keys)
        cloudformation.delete_stack(StackName="app")
        assert cloudformation.describe_stacks()["Stacks"] == []
