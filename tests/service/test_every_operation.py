"""All 19 operations, each called through boto3, and what holds for all of their answers."""

from __future__ import annotations

import inspect
import json
from typing import Any

import botocore.endpoint
import pytest

from signer_mock import SignerMock
from signer_mock._wire.model import service_model
from tests.helpers.answer_checks import check_shape
from tests.helpers.constants import ACCOUNT, LAMBDA, NOTATION, OTHER, PAYLOAD, PAYLOAD_FORMAT
from tests.helpers.refusals import refusal

MODEL = service_model("signer")


def use_every_operation(mock: SignerMock, client: Any, code_zip: bytes) -> None:
    """Call each operation so that its answer shows as many members as it can."""
    client.list_signing_platforms(maxResults=1)
    client.get_signing_platform(platformId=LAMBDA)
    release = client.put_signing_profile(
        profileName="release",
        platformId=LAMBDA,
        signatureValidityPeriod={"value": 1, "type": "YEARS"},
        overrides={"signingConfiguration": {"encryptionAlgorithm": "ECDSA"}},
        tags={"team": "blue"},
    )
    client.put_signing_profile(profileName="image", platformId=NOTATION)
    client.tag_resource(resourceArn=release["arn"], tags={"stage": "test"})
    client.untag_resource(resourceArn=release["arn"], tagKeys=["stage"])
    client.list_tags_for_resource(resourceArn=release["arn"])
    permission = {"profileName": "release", "statementId": "s1"}
    revision = client.add_profile_permission(
        **permission,
        action="signer:StartSigningJob",
        principal=OTHER,
        profileVersion=release["profileVersion"],
    )["revisionId"]
    client.list_profile_permissions(profileName="release")
    client.remove_profile_permission(**permission, revisionId=revision)
    version = mock.objects.put("src", "app.zip", code_zip)
    job_id = client.start_signing_job(
        source={"s3": {"bucketName": "src", "key": "app.zip", "version": version}},
        destination={"s3": {"bucketName": "dst", "prefix": "signed/"}},
        profileName="release",
    )["jobId"]
    client.sign_payload(profileName="image", payload=PAYLOAD, payloadFormat=PAYLOAD_FORMAT)
    client.revoke_signature(jobId=job_id, reason="leaked")
    client.revoke_signing_profile(
        profileName="release",
        profileVersion=release["profileVersion"],
        reason="leaked",
        effectiveTime=0,
    )
    job = client.describe_signing_job(jobId=job_id)
    client.list_signing_jobs(maxResults=1)
    client.get_signing_profile(profileName="release")
    client.list_signing_profiles(includeCanceled=True, maxResults=1)
    client.get_revocation_status(
        signatureTimestamp=job["createdAt"],
        platformId=LAMBDA,
        profileVersionArn=release["profileVersionArn"],
        jobArn=f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-jobs/{job_id}",
        certificateHashes=["ab" * 96],
    )
    client.cancel_signing_profile(profileName="image")


@pytest.fixture
def answers(buckets: SignerMock, signer_client: Any, code_zip: bytes) -> dict[str, bytes]:
    """The body of an answer of each operation, as it came over the wire."""
    if "before-parse" not in inspect.getsource(botocore.endpoint):
        pytest.skip("this botocore does not show the bodies of answers")
    bodies: dict[str, bytes] = {}

    def keep(response_dict: dict[str, Any], operation_model: Any, **_: Any) -> None:
        assert response_dict["status_code"] == 200
        bodies[operation_model.name] = response_dict["body"]

    signer_client.meta.events.register("before-parse.signer", keep)
    use_every_operation(buckets, signer_client, code_zip)
    return bodies


def test_every_operation_of_the_model_is_answered(answers):
    assert set(answers) == set(MODEL.operation_names)


def test_every_member_of_every_answer_is_the_models(answers):
    for name, body in answers.items():
        shape = MODEL.operation_model(name).output_shape
        if shape is None or not shape.members:
            assert body == b""
        else:
            check_shape(json.loads(body), shape, name)


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("get_signing_profile", {"profileName": "has-dash"}),
        ("cancel_signing_profile", {"profileName": "has-dash"}),
        ("list_signing_profiles", {"statuses": ["Nonsense"]}),
        ("list_signing_profiles", {"nextToken": "made-up"}),
    ],
)
def test_operations_that_do_not_list_validation_exception_answer_it_too(
    raw_client, operation, call
):
    model = MODEL.operation_model(raw_client.meta.method_to_api_mapping[operation])
    assert "ValidationException" not in {shape.name for shape in model.error_shapes}
    error = refusal(getattr(raw_client, operation), **call)
    assert error.response["Error"]["Code"] == "ValidationException"
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
