"""Lambda's code signing in front of moto's Lambda: configurations, and the check of deployments."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from signer_mock import SignerMock, mock_signer
from tests.helpers.constants import ACCOUNT, LAMBDA, NOT_ACCEPTED, NOT_PROPERLY_SIGNED, OTHER
from tests.helpers.moto import TRUST, versioned_bucket
from tests.helpers.zip_archives import code_zip

WEB = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:web"


class Stage:
    """moto's Lambda, S3 and IAM, a mock of Signer, and the steps of a release."""

    def __init__(self, mock: SignerMock) -> None:
        self.mock = mock
        self.awslambda, self.s3 = boto3.client("lambda"), boto3.client("s3")
        versioned_bucket(self.s3, "code")
        role = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
        self.role = role["Role"]["Arn"]
        self.publisher = self.profile("release")

    def profile(self, name, account=ACCOUNT, region=None):
        signer = self.mock.account(account).client("signer", region)
        return signer.put_signing_profile(profileName=name, platformId=LAMBDA)["profileVersionArn"]

    def sign(self, package, profile="release", account=ACCOUNT):
        """Sign a package; returns the signed one, and the job's id."""
        signer = self.mock.account(account).client("signer")
        s3 = self.mock.account(account).client("s3")
        bucket = f"code{account}"
        if bucket not in {one["Name"] for one in s3.list_buckets()["Buckets"]}:
            versioned_bucket(s3, bucket)
        version = s3.put_object(Bucket=bucket, Key="app.zip", Body=package)["VersionId"]
        job_id = signer.start_signing_job(
            source={"s3": {"bucketName": bucket, "key": "app.zip", "version": version}},
            destination={"s3": {"bucketName": bucket}},
            profileName=profile,
        )["jobId"]
        key = signer.describe_signing_job(jobId=job_id)["signedObject"]["s3"]["key"]
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read(), job_id

    def config(self, *publishers, policy="Enforce"):
        answer = self.awslambda.create_code_signing_config(
            AllowedPublishers={"SigningProfileVersionArns": publishers or [self.publisher]},
            CodeSigningPolicies={"UntrustedArtifactOnDeployment": policy},
        )
        return answer["CodeSigningConfig"]["CodeSigningConfigArn"]

    def create(self, package, config=None, name="web", **more):
        if config is not None:
            more["CodeSigningConfigArn"] = config
        code = package if isinstance(package, dict) else {"ZipFile": package}
        return self.awslambda.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=self.role,
            Handler="app.handler",
            Code=code,
            **more,
        )

    def functions(self):
        return [one["FunctionName"] for one in self.awslambda.list_functions()["Functions"]]


@pytest.fixture
def stage():
    with mock_aws(), mock_signer() as mock:
        yield Stage(mock)


def refused(exception, message, call, /, *args, **params):
    with pytest.raises(ClientError) as caught:
        call(*args, **params)
    assert type(caught.value).__name__ == exception
    assert caught.value.response["Error"] == {"Code": exception, "Message": message}
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def changed_after_signing(signed):
    """The archive with another program under the same signature."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(signed)) as archive, zipfile.ZipFile(target, "w") as copy:
        for info in archive.infolist():
            body = archive.read(info)
            copy.writestr(
                info, body.replace(b"hello", b"evil!") if info.filename == "app.py" else body
            )
    return target.getvalue()


def test_a_package_of_an_allowed_publisher_is_deployed(stage):
    signed, job_id = stage.sign(code_zip())
    answer = stage.create(signed, stage.config())
    assert answer["SigningProfileVersionArn"] == stage.publisher
    assert answer["SigningJobArn"].endswith(f":/signing-jobs/{job_id}")
    shown = stage.awslambda.get_function(FunctionName="web")["Configuration"]
    assert shown["SigningProfileVersionArn"] == stage.publisher
    (deployment,) = stage.mock.deployments
    assert (deployment.operation, deployment.deployed) == ("CreateFunction", True)
    assert (deployment.signature_status, deployment.findings) == ("VALID", ())
    assert deployment.additional_event_data == {
        "signatureStatus": "VALID",
        "signingJobArn": answer["SigningJobArn"],
        "signingProfileVersionArn": stage.publisher,
    }
    assert str(deployment) == f"CreateFunction {WEB}: deployed, VALID"
    assert "Findings" in stage.mock._repr_html_()
    assert repr(deployment) == repr(stage.mock.deployments) == f"<Deployment {deployment}>"
    assert WEB in deployment._repr_html_()


def test_without_a_configuration_nothing_is_checked(stage):
    assert "SigningProfileVersionArn" not in stage.create(code_zip())
    stage.awslambda.update_function_code(FunctionName="web", ZipFile=code_zip())
    assert list(stage.mock.deployments) == []


def expire(stage):
    stage.mock.clock.advance(days=366 * 12)


def revoke_job(stage):
    (job,) = stage.mock.client("signer").list_signing_jobs()["jobs"]
    stage.mock.client("signer").revoke_signature(jobId=job["jobId"], reason="leaked")


def revoke_profile(stage):
    stage.mock.client("signer").revoke_signing_profile(
        profileName="release",
        profileVersion=stage.publisher.rpartition("/")[2],
        reason="leaked",
        effectiveTime=0,
    )


FAULTS = {
    "unsigned": (lambda stage: code_zip(), "MISMATCH"),
    "another profile": (
        lambda stage: (stage.profile("other"), stage.sign(code_zip(), "other"))[1][0],
        "MISMATCH",
    ),
    "the same profile name of another account": (
        lambda stage: (
            stage.profile("release", OTHER),
            stage.sign(code_zip(), "release", OTHER),
        )[1][0],
        "MISMATCH",
    ),
    "expired": (lambda stage: (stage.sign(code_zip())[0], expire(stage))[0], "EXPIRED"),
    "revoked job": (lambda stage: (stage.sign(code_zip())[0], revoke_job(stage))[0], "REVOKED"),
    "revoked profile": (
        lambda stage: (stage.sign(code_zip())[0], revoke_profile(stage))[0],
        "REVOKED",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_enforce_refuses_what_is_not_trusted_and_changes_nothing(stage, fault):
    make, status = FAULTS[fault]
    config = stage.config()
    package = make(stage)
    message = NOT_ACCEPTED.format(WEB)
    refused("CodeVerificationFailedException", message, stage.create, package, config)
    assert stage.functions() == []
    (deployment,) = stage.mock.deployments
    assert (deployment.deployed, deployment.signature_status) == (False, status)
    assert deployment.findings


@pytest.mark.parametrize("fault", FAULTS)
def test_warn_deploys_it_and_warns(stage, fault):
    make, status = FAULTS[fault]
    config = stage.config(policy="Warn")
    stage.create(make(stage), config)
    assert stage.functions() == ["web"]
    (deployment,) = stage.mock.deployments
    assert (deployment.deployed, deployment.signature_status) == (True, status)
    assert deployment.policy == "Warn"


@pytest.mark.parametrize("policy", ["Enforce", "Warn"])
@pytest.mark.parametrize(
    "change",
    [
        changed_after_signing,
        lambda signed: signed + b"PK\5\6" + bytes(16) + b"\1\0",
        lambda signed: b"not a zip",
    ],
)
def test_a_failed_integrity_check_always_blocks(stage, policy, change):
    signed, _ = stage.sign(code_zip())
    message = NOT_PROPERLY_SIGNED.format(WEB)
    config = stage.config(policy=policy)
    refused("InvalidCodeSignatureException", message, stage.create, change(signed), config)
    assert stage.functions() == []
    assert [one.signature_status for one in stage.mock.deployments] == ["CORRUPT"]


def test_a_publisher_of_another_account_can_be_allowed(stage):
    publisher = stage.profile("theirs", OTHER)
    signed, _ = stage.sign(code_zip(), "theirs", OTHER)
    answer = stage.create(signed, stage.config(stage.publisher, publisher))
    assert answer["SigningProfileVersionArn"] == publisher


def test_a_canceled_profile_goes_on_being_trusted(stage):
    signed, _ = stage.sign(code_zip())
    stage.mock.client("signer").cancel_signing_profile(profileName="release")
    stage.create(signed, stage.config())


def test_a_revocation_holds_in_every_region(stage):
    signed, _ = stage.sign(code_zip())
    revoke_job(stage)
    stage.awslambda = boto3.client("lambda", region_name="eu-west-1")
    config = stage.config()
    message = NOT_ACCEPTED.format(WEB.replace("us-east-1", "eu-west-1"))
    refused("CodeVerificationFailedException", message, stage.create, signed, config)


def test_an_update_of_the_code_is_checked(stage):
    signed, _ = stage.sign(code_zip())
    stage.create(signed, stage.config())
    before = stage.awslambda.get_function(FunctionName="web")["Configuration"]["CodeSha256"]
    update = stage.awslambda.update_function_code
    message = NOT_ACCEPTED.format(WEB)
    for name in ("web", WEB):
        refused(
            "CodeVerificationFailedException",
            message,
            update,
            FunctionName=name,
            ZipFile=code_zip(),
        )
    after = stage.awslambda.get_function(FunctionName="web")["Configuration"]
    assert after["CodeSha256"] == before
    assert after["SigningProfileVersionArn"] == stage.publisher
    again, job_id = stage.sign(code_zip())
    answer = update(FunctionName="web", ZipFile=again, Publish=True)
    assert answer["SigningJobArn"].endswith(job_id)
    version = stage.awslambda.get_function(FunctionName="web", Qualifier="1")
    assert version["Configuration"]["SigningJobArn"].endswith(job_id)


def test_a_dry_run_is_checked_and_changes_nothing(stage):
    signed, first = stage.sign(code_zip())
    stage.create(signed, stage.config())
    update = stage.awslambda.update_function_code
    refused(
        "CodeVerificationFailedException",
        NOT_ACCEPTED.format(WEB),
        update,
        FunctionName="web",
        ZipFile=code_zip(),
        DryRun=True,
    )
    again, _ = stage.sign(code_zip())
    update(FunctionName="web", ZipFile=again, DryRun=True)
    shown = stage.awslambda.get_function(FunctionName="web")["Configuration"]
    assert shown["SigningJobArn"].endswith(first)
    assert [(one.dry_run, one.deployed) for one in stage.mock.deployments] == [
        (False, True),
        (True, False),
        (True, True),
    ]


def test_the_object_and_version_in_s3_is_what_is_checked(stage):
    signed, _ = stage.sign(code_zip())
    good = stage.s3.put_object(Bucket="code", Key="web.zip", Body=signed)["VersionId"]
    bad = stage.s3.put_object(Bucket="code", Key="web.zip", Body=code_zip())["VersionId"]
    where = {"S3Bucket": "code", "S3Key": "web.zip"}
    config = stage.config()
    message = NOT_ACCEPTED.format(WEB)
    for unsigned in (where, {**where, "S3ObjectVersion": bad}):
        refused("CodeVerificationFailedException", message, stage.create, unsigned, config)
    stage.create({**where, "S3ObjectVersion": good}, config)
    with pytest.raises(ClientError, match="NoSuchKey"):
        stage.awslambda.update_function_code(
            FunctionName="web", S3Bucket="code", S3Key="nothing.zip"
        )


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ({"ZipFile": "%%%"}, "it is not base64"),
        ({"ZipFile": "UEsF*Bg=="}, "it is not base64"),
        ({"ZipFile": "UEsFBg==", "S3Bucket": "code", "S3Key": "k"}, "do not provide other"),
        ({"S3Bucket": "code", "S3Key": "nothing.zip"}, "NoSuchKey"),
        ({"S3Bucket": "nowhere", "S3Key": "k"}, "NoSuchBucket"),
        ({"ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1"}, "container images"),
        ({}, "provide a source"),
    ],
)
@pytest.mark.parametrize("version", ["2015-03-31", "2014-11-13"])
def test_nothing_slips_past_the_check_in_a_form_that_moto_would_take(
    stage, code, sentence, version
):
    """A client that sends what boto3 would not."""
    signed, _ = stage.sign(code_zip())
    stage.create(signed, stage.config())

    def send(request, **_):
        request.url = request.url.replace("2015-03-31", version)
        request.data = json.dumps(code).encode()

    client = boto3.client("lambda")
    client.meta.events.register("before-sign.lambda.UpdateFunctionCode", send)
    with pytest.raises(client.exceptions.InvalidParameterValueException, match=sentence):
        client.update_function_code(FunctionName="web", ZipFile=b"")
    shown = stage.awslambda.get_function(FunctionName="web")["Configuration"]
    assert shown["SigningProfileVersionArn"] == stage.publisher


def test_a_body_that_is_no_json_is_motos_to_refuse(stage):
    signed, _ = stage.sign(code_zip())
    stage.create(signed, stage.config())

    def send(request, **_):
        request.data = b"{"

    client = boto3.client("lambda")
    client.meta.events.register("before-sign.lambda.UpdateFunctionCode", send)
    with pytest.raises(json.JSONDecodeError):
        client.update_function_code(FunctionName="web", ZipFile=b"")
    assert len(stage.mock.deployments) == 1


def test_what_moto_refuses_deploys_nothing(stage):
    signed, first = stage.sign(code_zip())
    config = stage.config()
    stage.create(signed, config)
    with pytest.raises(stage.awslambda.exceptions.ResourceConflictException, match="already exist"):
        stage.create(code_zip(), config)
    publish_layer(stage, code_zip())
    update = stage.awslambda.update_function_configuration
    for layer in ("tools:2", "others:1"):
        layers = [f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:{layer}"]
        with pytest.raises(ClientError, match="One or more LayerVersion does not exist"):
            update(FunctionName="web", Layers=layers)
        with pytest.raises(ClientError, match="One or more LayerVersion does not exist"):
            stage.create(signed, config, "other", Layers=layers)
    again, _ = stage.sign(code_zip())
    with pytest.raises(stage.awslambda.exceptions.ResourceNotFoundException):
        stage.awslambda.update_function_code(FunctionName=f"{WEB}:9", ZipFile=again)
    shown = stage.awslambda.get_function(FunctionName="web")["Configuration"]
    assert shown["SigningJobArn"].endswith(first)
    with pytest.raises(ValueError, match="not enough values"):  # moto's own
        update(FunctionName="web", Layers=["tools"])
    assert stage.functions() == ["web"]
    assert [one.job_arn.endswith(first) for one in stage.mock.deployments] == [True]


def publish_layer(stage, package, name="tools"):
    return stage.awslambda.publish_layer_version(LayerName=name, Content={"ZipFile": package})


def test_the_version_that_was_checked_is_what_is_deployed(stage):
    """moto itself reads the newest version of an object, whichever a request names."""
    signed, _ = stage.sign(code_zip())
    good = stage.s3.put_object(Bucket="code", Key="web.zip", Body=signed)["VersionId"]
    stage.s3.put_object(Bucket="code", Key="web.zip", Body=code_zip())
    where = {"S3Bucket": "code", "S3Key": "web.zip", "S3ObjectVersion": good}
    digest = base64.b64encode(hashlib.sha256(signed).digest()).decode()
    assert stage.create(where, stage.config())["CodeSha256"] == digest
    update = stage.awslambda.update_function_code
    assert update(FunctionName="web", **where)["CodeSha256"] == digest


def test_a_layer_that_is_not_there_is_not_found_by_its_arn(stage):
    publish_layer(stage, code_zip())
    for account, version in ((ACCOUNT, 2), (OTHER, 1)):
        arn = f"arn:aws:lambda:us-east-1:{account}:layer:tools:{version}"
        with pytest.raises(ClientError) as caught:
            stage.awslambda.get_layer_version_by_arn(Arn=arn)
        assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_layer_says_who_signed_it(stage):
    signed, job_id = stage.sign(code_zip())
    published = publish_layer(stage, signed)
    shown = stage.awslambda.get_layer_version(LayerName="tools", VersionNumber=1)
    by_arn = stage.awslambda.get_layer_version_by_arn(Arn=published["LayerVersionArn"])
    assert by_arn["LayerVersionArn"] == published["LayerVersionArn"]
    assert [one["LayerName"] for one in stage.awslambda.list_layers()["Layers"]] == ["tools"]
    for answer in (published, shown, by_arn):
        assert answer["Content"]["SigningProfileVersionArn"] == stage.publisher
        assert answer["Content"]["SigningJobArn"].endswith(job_id)
    for package in (code_zip(), b"not an archive"):
        assert "SigningJobArn" not in publish_layer(stage, package)["Content"]


def test_layers_of_a_function_with_a_configuration_are_checked(stage):
    signed, _ = stage.sign(code_zip())
    good = publish_layer(stage, stage.sign(code_zip())[0])["LayerVersionArn"]
    bad = publish_layer(stage, code_zip())["LayerVersionArn"]
    config, message = stage.config(), NOT_ACCEPTED.format(WEB)
    code = "CodeVerificationFailedException"
    refused(code, message, stage.create, signed, config, Layers=[good, bad])
    assert stage.functions() == []
    assert [str(one) for one in stage.mock.deployments] == [
        f"CreateFunction {WEB}: refused, VALID",
        f"CreateFunction layer {good} of {WEB}: refused, VALID",
        f"CreateFunction layer {bad} of {WEB}: refused, MISMATCH",
    ]
    stage.create(signed, config, Layers=[good])
    update = stage.awslambda.update_function_configuration
    refused(code, message, update, FunctionName="web", Layers=[bad])
    shown = stage.awslambda.get_function_configuration(FunctionName="web")
    assert [layer["Arn"] for layer in shown["Layers"]] == [good]
    update(FunctionName="web", Description="no layers named")


@pytest.mark.parametrize("place", [f"us-east-1:{OTHER}:layer", f"eu-west-1:{ACCOUNT}:layer"])
@pytest.mark.parametrize("prefix", ["arn:aws:lambda:", "arn:aws-cn:lambda:", ""])
def test_a_layer_under_another_arn_that_moto_takes_for_it_is_checked(stage, prefix, place):
    """moto looks at a layer's name and version only."""
    signed, _ = stage.sign(code_zip())
    publish_layer(stage, code_zip())
    stage.create(signed, stage.config())
    refused(
        "CodeVerificationFailedException",
        NOT_ACCEPTED.format(WEB),
        stage.awslambda.update_function_configuration,
        FunctionName="web",
        Layers=[f"{prefix}{place}:tools:1"],
    )
    assert not stage.awslambda.get_function_configuration(FunctionName="web").get("Layers")


def test_functions_that_no_container_runs_are_checked_too():
    """moto keeps them, and their layers, apart."""
    with mock_aws(config={"lambda": {"use_docker": False}}), mock_signer() as mock:
        stage = Stage(mock)
        signed, _ = stage.sign(code_zip())
        stage.create(signed, stage.config())
        layer = publish_layer(stage, code_zip())["LayerVersionArn"]
        code, message = "CodeVerificationFailedException", NOT_ACCEPTED.format(WEB)
        lambda_ = stage.awslambda
        update = lambda_.update_function_code
        refused(code, message, update, FunctionName="web", ZipFile=code_zip())
        update = lambda_.update_function_configuration
        refused(code, message, update, FunctionName="web", Layers=[layer])


def test_a_configuration_that_is_attached_later_leaves_deployed_code_alone(stage):
    stage.create(code_zip())
    stage.awslambda.update_function_configuration(FunctionName="web", Description="unchecked")
    config = stage.config()
    put = stage.awslambda.put_function_code_signing_config
    assert put(FunctionName="web", CodeSigningConfigArn=config)["FunctionName"] == "web"
    assert stage.functions() == ["web"]
    refused(
        "CodeVerificationFailedException",
        NOT_ACCEPTED.format(WEB),
        stage.awslambda.update_function_code,
        FunctionName="web",
        ZipFile=code_zip(),
    )
    get = stage.awslambda.get_function_code_signing_config
    assert get(FunctionName="web")["CodeSigningConfigArn"] == config
    stage.awslambda.delete_function_code_signing_config(FunctionName="web")
    assert "CodeSigningConfigArn" not in get(FunctionName="web")
    stage.awslambda.update_function_code(FunctionName="web", ZipFile=code_zip())


def test_a_configuration_is_made_shown_changed_and_deleted(stage):
    stage.mock.clock.freeze("2026-01-02T03:04:05.678Z")
    client = stage.awslambda
    made = client.create_code_signing_config(
        AllowedPublishers={"SigningProfileVersionArns": [stage.publisher]}
    )["CodeSigningConfig"]
    arn = made["CodeSigningConfigArn"]
    assert made == {
        "CodeSigningConfigId": arn.rpartition(":")[2],
        "CodeSigningConfigArn": arn,
        "Description": "",
        "AllowedPublishers": {"SigningProfileVersionArns": [stage.publisher]},
        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Warn"},
        "LastModified": "2026-01-02T03:04:05.678+0000",
    }
    assert client.get_code_signing_config(CodeSigningConfigArn=arn)["CodeSigningConfig"] == made
    changed = client.update_code_signing_config(
        CodeSigningConfigArn=arn,
        CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Enforce"},
    )["CodeSigningConfig"]
    assert changed["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Enforce"}
    assert changed["AllowedPublishers"] == made["AllowedPublishers"]
    client.delete_code_signing_config(CodeSigningConfigArn=arn)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_code_signing_config(CodeSigningConfigArn=arn)


def test_a_configuration_has_tags(stage):
    """Terraform reads them after each of its steps."""
    allowed = {"SigningProfileVersionArns": [stage.publisher]}
    answer = stage.awslambda.create_code_signing_config(
        AllowedPublishers=allowed, Tags={"team": "a", "stage": "test"}
    )
    arn = answer["CodeSigningConfig"]["CodeSigningConfigArn"]
    assert stage.awslambda.list_tags(Resource=arn)["Tags"] == {"team": "a", "stage": "test"}
    stage.awslambda.tag_resource(Resource=arn, Tags={"team": "b", "cost": "1"})
    stage.awslambda.untag_resource(Resource=arn, TagKeys=["stage", "none"])
    assert stage.awslambda.list_tags(Resource=arn)["Tags"] == {"team": "b", "cost": "1"}
    with pytest.raises(stage.awslambda.exceptions.ResourceNotFoundException):
        stage.awslambda.list_tags(Resource=f"{arn[:-17]}{'0' * 17}")
    function = stage.create(code_zip(), Tags={"moto": "own"})["FunctionArn"]
    assert stage.awslambda.list_tags(Resource=function)["Tags"] == {"moto": "own"}


def test_a_configuration_in_use_cannot_be_deleted(stage):
    signed, _ = stage.sign(code_zip())
    config = stage.config()
    stage.create(signed, config)
    client = stage.awslambda
    used = client.list_functions_by_code_signing_config(CodeSigningConfigArn=config)
    assert used["FunctionArns"] == [WEB]
    with pytest.raises(client.exceptions.ResourceConflictException):
        client.delete_code_signing_config(CodeSigningConfigArn=config)
    client.delete_function(FunctionName="web")
    used = client.list_functions_by_code_signing_config(CodeSigningConfigArn=config)
    assert used["FunctionArns"] == []
    client.delete_code_signing_config(CodeSigningConfigArn=config)


def test_configurations_come_page_by_page(stage):
    made = [stage.config() for _ in range(5)]
    pages = list(
        stage.awslambda.get_paginator("list_code_signing_configs").paginate(
            PaginationConfig={"PageSize": 2}
        )
    )
    assert [len(page["CodeSigningConfigs"]) for page in pages] == [2, 2, 1]
    listed = [c["CodeSigningConfigArn"] for page in pages for c in page["CodeSigningConfigs"]]
    assert listed == made
    with pytest.raises(stage.awslambda.exceptions.InvalidParameterValueException):
        stage.awslambda.list_code_signing_configs(Marker="-1")


@pytest.mark.parametrize(
    ("call", "exception"),
    [
        (lambda s, none: s.create(code_zip(), none), "CodeSigningConfigNotFoundException"),
        (
            lambda s, none: s.awslambda.get_code_signing_config(CodeSigningConfigArn=none),
            "ResourceNotFoundException",
        ),
        (
            lambda s, none: s.awslambda.get_function_code_signing_config(FunctionName="nope"),
            "ResourceNotFoundException",
        ),
        (
            lambda s, none: s.awslambda.put_function_code_signing_config(
                FunctionName="nope", CodeSigningConfigArn=s.config()
            ),
            "ResourceNotFoundException",
        ),
    ],
)
def test_what_is_unknown_is_not_found(stage, call, exception):
    none = f"arn:aws:lambda:us-east-1:{ACCOUNT}:code-signing-config:csc-{'0' * 17}"
    with pytest.raises(ClientError) as caught:
        call(stage, none)
    assert caught.value.response["Error"]["Code"] == exception
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_more_than_twenty_publishers_and_a_profile_without_a_version_are_refused(stage):
    profile = stage.publisher.rpartition("/")[0]
    with pytest.raises(ClientError, match="validation error"):
        stage.config(*[stage.publisher] * 21)
    for wrong in (profile, WEB, stage.publisher.replace("signer", "acm")):
        with pytest.raises(stage.awslambda.exceptions.InvalidParameterValueException):
            stage.config(stage.publisher, wrong)


def test_a_function_made_of_an_image_takes_no_configuration(stage):
    with pytest.raises(stage.awslambda.exceptions.InvalidParameterValueException):
        stage.awslambda.create_function(
            FunctionName="image",
            Role=stage.role,
            PackageType="Image",
            Code={"ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1"},
            CodeSigningConfigArn=stage.config(),
        )


def test_configurations_are_an_accounts_and_a_regions_own(stage):
    config = stage.config()
    for client in (
        boto3.client("lambda", region_name="eu-west-1"),
        stage.mock.account(OTHER).client("lambda"),
    ):
        assert client.list_code_signing_configs()["CodeSigningConfigs"] == []
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.get_code_signing_config(CodeSigningConfigArn=config)


def test_configurations_and_deployments_go_with_reset_and_come_back_with_restore(stage):
    config = stage.config()
    stage.create(code_zip(), stage.config(policy="Warn"))
    snapshot = stage.mock.snapshot()
    stage.mock.reset()
    assert stage.awslambda.list_code_signing_configs()["CodeSigningConfigs"] == []
    assert list(stage.mock.deployments) == []
    stage.mock.restore(snapshot)
    assert len(stage.mock.deployments) == 1
    stage.awslambda.get_code_signing_config(CodeSigningConfigArn=config)
