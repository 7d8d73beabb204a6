"""Every refusal whose wording the live service is known to have, in one table.

The table is read against ``prepared``: the profiles, permissions and objects that its rows name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from signer_mock import SignerMock, mock_signer
from tests.helpers.constants import ACCOUNT, CERTIFICATE, FREERTOS, IOT, LAMBDA, NOTATION, OTHER
from tests.helpers.refusals import expect_refusal

CERTIFICATE_ELSEWHERE = CERTIFICATE.replace("us-east-1", "eu-west-1")
CERTIFICATE_OF_OTHER = CERTIFICATE.replace(ACCOUNT, OTHER)

VALIDATION = (400, "ValidationException")
NOT_FOUND = (404, "ResourceNotFoundException")
DENIED = (403, "AccessDeniedException")
CONFLICT = (409, "ConflictException")
LIMIT = (402, "ServiceLimitExceededException")


@pytest.fixture
def prepared(buckets: SignerMock, signer_client: Any, code_zip: bytes) -> dict[str, str]:
    """What the rows' calls and messages name: versions of objects, revisions of policies."""
    version = buckets.objects.put("src", "app.zip", code_zip)
    revisions = {}
    for name, platform in {
        "empty": LAMBDA,
        "granted": LAMBDA,
        "full": LAMBDA,
        "notation": NOTATION,
        "canceled": LAMBDA,
    }.items():
        signer_client.put_signing_profile(profileName=name, platformId=platform)
    for name in ("granted", "full", "canceled"):
        revisions[name] = signer_client.add_profile_permission(profileName=name, **PERMISSION)[
            "revisionId"
        ]
    # Statements of about 200 bytes.
    for number in range(8):
        revisions["full"] = signer_client.add_profile_permission(
            **{**PERMISSION, "profileName": "full", "statementId": f"{number:050}"},
            revisionId=revisions["full"],
        )["revisionId"]
    signer_client.cancel_signing_profile(profileName="canceled")
    return {"version": version, **revisions}


PERMISSION = {"statementId": "s1", "action": "signer:StartSigningJob", "principal": OTHER}


@dataclass(frozen=True)
class Row:
    """A call and its refusal; ``code`` None is the exception's own name."""

    refusal: tuple[int, str]
    code: str | None
    message: str
    params: dict[str, Any]


def put(
    refusal: tuple[int, str], code: str | None, message: str, platform: str = LAMBDA, **params: Any
) -> Row:
    call = {"profileName": "new", "platformId": platform, **params}
    return Row(refusal, code, message, call)


def start(
    refusal: tuple[int, str],
    code: str | None,
    message: str,
    profile: str = "empty",
    source: dict[str, str] | None = None,
    destination: str = "dst",
) -> Row:
    place = {"bucketName": "src", "key": "app.zip", "version": "{version}", **(source or {})}
    call = {
        "profileName": profile,
        "source": {"s3": place},
        "destination": {"s3": {"bucketName": destination, "prefix": ""}},
    }
    return Row(refusal, code, message, call)


def add(
    refusal: tuple[int, str], code: str | None, message: str, profile: str = "empty", **params: Any
) -> Row:
    return Row(refusal, code, message, {"profileName": profile, **PERMISSION, **params})


def of(
    refusal: tuple[int, str], code: str | None, message: str, profile: str, **params: Any
) -> Row:
    return Row(refusal, code, message, {"profileName": profile, **params})


def material(arn: str) -> dict[str, Any]:
    return {"signingMaterial": {"certificateArn": arn}}


ACTIONS = "signer:GetSigningProfile, signer:RevokeSignature]"

ROWS: dict[str, list[Row]] = {
    "put_signing_profile": [
        put(
            VALIDATION,
            "ProfileAlreadyExists",
            "Profile with name empty already exists",
            profileName="empty",
        ),
        put(
            VALIDATION,
            "ProfileAlreadyExists",
            "Profile with name canceled already exists",
            profileName="canceled",
        ),
        put(VALIDATION, None, "signing material cannot be null.", IOT),
        put(VALIDATION, None, "signing material cannot be null.", FREERTOS),
        put(VALIDATION, None, "signing material cannot be null.", "AmazonFreeRTOS-TI-CC3220SF"),
        put(
            VALIDATION,
            "InvalidProfileParameters",
            "Signing parameters should not be present when using AWSLambda-SHA384-ECDSA platform",
            signingParameters={"a": "b"},
        ),
        put(
            VALIDATION,
            "InvalidProfileParameters",
            "Signing material should not be present when using AWSLambda-SHA384-ECDSA platform.",
            **material(CERTIFICATE),
        ),
        put(
            VALIDATION,
            "InvalidProfileParameters",
            "Signing material should not be present when using Notation-OCI-SHA384-ECDSA platform.",
            NOTATION,
            **material(CERTIFICATE),
        ),
        put(
            VALIDATION,
            None,
            "this is not an ARN at all is not a valid ACM certificate ARN",
            IOT,
            **material("this is not an ARN at all"),
        ),
        put(
            VALIDATION,
            None,
            f"{CERTIFICATE_ELSEWHERE} is not a valid ACM certificate ARN",
            IOT,
            **material(CERTIFICATE_ELSEWHERE),
        ),
        put(
            VALIDATION,
            None,
            f"{CERTIFICATE_OF_OTHER} is not owned by {ACCOUNT}",
            IOT,
            **material(CERTIFICATE_OF_OTHER),
        ),
    ],
    "cancel_signing_profile": [
        of(
            NOT_FOUND,
            "ProfileNotFound",
            "Signing Profile with name nobody does not exist.",
            "nobody",
        ),
    ],
    "start_signing_job": [
        start(NOT_FOUND, "ProfileNotFound", "profile with name nobody does not exist", "nobody"),
        start(
            DENIED,
            None,
            "S3 object nothing.zip not accessible. Please check your permissions",
            source={"key": "nothing.zip"},
        ),
        start(
            DENIED,
            None,
            "S3 object app.zip not accessible. Please check your permissions",
            source={"version": "another"},
        ),
        start(
            DENIED,
            None,
            "S3 bucket elsewhere not accessible. Please check your permissions",
            source={"bucketName": "elsewhere"},
        ),
        start(
            DENIED,
            None,
            "S3 bucket elsewhere not accessible. Please check your permissions",
            destination="elsewhere",
        ),
        start(
            VALIDATION,
            "InvalidJobParameters",
            "StartSigningJobRequest:source:version should not be empty",
            source={"version": ""},
        ),
    ],
    "add_profile_permission": [
        add(
            NOT_FOUND,
            "ProfileNotFound",
            "SigningProfile with name nobody does not exist",
            "nobody",
        ),
        add(
            VALIDATION,
            "ProfileNotActive",
            "Cannot add permission to a profile in Canceled state",
            "canceled",
        ),
        add(VALIDATION, None, "statementId cannot be empty.", statementId=""),
        add(
            VALIDATION,
            "InvalidPermissionStatement",
            "Statement ID must contain only alphanumeric characters, underscores, and dashes",
            statementId="a.b",
        ),
        add(
            VALIDATION,
            "InvalidPermissionStatement",
            "Statement ID must be less than 64 characters length",
            statementId="a" * 65,
        ),
        add(
            VALIDATION,
            "InvalidPrincipal",
            "Principal is not a valid AWS account id or IAM Role Arn",
            principal=f"arn:aws:iam::{OTHER}:user/ci",
        ),
        add(
            VALIDATION,
            None,
            "Action signer:SignPayload not supported for platform AWSLambda-SHA384-ECDSA. "
            f"Action must be one of [signer:StartSigningJob, {ACTIONS}",
            action="signer:SignPayload",
        ),
        add(
            VALIDATION,
            None,
            "Action signer:StartSigningJob not supported for platform Notation-OCI-SHA384-ECDSA. "
            f"Action must be one of [signer:SignPayload, {ACTIONS}",
            "notation",
        ),
        add(
            NOT_FOUND,
            "ProfileVersionNotFound",
            "Version AAAAAAAAAA does not exist for SigningProfile empty.",
            profileVersion="AAAAAAAAAA",
        ),
        add(
            VALIDATION,
            "InvalidPermissionStatement",
            "Statement with statementId s1 is already in the policy",
            "granted",
            action="signer:GetSigningProfile",
            revisionId="{granted}",
        ),
        add(
            VALIDATION,
            None,
            "Resource Policy does not exist but revisionId was specified in the request",
            revisionId="{granted}",
        ),
        add(
            VALIDATION,
            None,
            "Resource Policy exists for Profile Name granted. But no revisionId was provided in "
            "the request",
            "granted",
            statementId="s2",
        ),
        add(
            CONFLICT,
            "PolicyRevisionIdMismatch",
            "Specified revisionId ({full}) does not match the revisionId of the existing policy "
            "({granted})",
            "granted",
            statementId="s2",
            revisionId="{full}",
        ),
        add(
            LIMIT,
            "ServiceLimitExceeded",
            "Policy cannot exceed maximum size of 2000 bytes",
            "full",
            statementId="s" * 64,
            revisionId="{full}",
        ),
    ],
    "list_profile_permissions": [
        of(
            NOT_FOUND,
            "ProfileNotFound",
            "SigningProfile with name nobody does not exist",
            "nobody",
        ),
        of(NOT_FOUND, "PolicyNotFound", "No policies associated with profile empty", "empty"),
    ],
    "remove_profile_permission": [
        of(
            NOT_FOUND,
            "ProfileNotFound",
            "SigningProfile with name nobody does not exist",
            "nobody",
            statementId="s1",
            revisionId="r",
        ),
        of(
            VALIDATION,
            "ProfileNotActive",
            "Cannot remove permission from a profile in Canceled state",
            "canceled",
            statementId="s1",
            revisionId="{canceled}",
        ),
        of(
            NOT_FOUND,
            "PolicyNotFound",
            "No policies associated with profile empty",
            "empty",
            statementId="s1",
            revisionId="r",
        ),
        of(
            NOT_FOUND,
            "PolicyNotFound",
            "No policy named s9 associated with granted profile",
            "granted",
            statementId="s9",
            revisionId="{granted}",
        ),
        of(
            CONFLICT,
            "PolicyRevisionIdMismatch",
            "Specified revisionId ({full}) does not match the revisionId of the existing policy "
            "({granted})",
            "granted",
            statementId="s1",
            revisionId="{full}",
        ),
        # The revision is checked before the statement.
        of(
            CONFLICT,
            "PolicyRevisionIdMismatch",
            "Specified revisionId ({full}) does not match the revisionId of the existing policy "
            "({granted})",
            "granted",
            statementId="s9",
            revisionId="{full}",
        ),
    ],
}


def filled(value: Any, names: dict[str, str]) -> Any:
    """A row's text with the names in braces put in."""
    if isinstance(value, dict):
        return {key: filled(item, names) for key, item in value.items()}
    return value.format_map(names) if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("operation", "row"),
    [
        pytest.param(operation, row, id=f"{operation}-{number}")
        for operation, rows in ROWS.items()
        for number, row in enumerate(rows)
    ],
)
def test_a_refusal_has_the_live_services_status_exception_code_and_message(
    signer_client, prepared, operation, row
):
    status, exception = row.refusal
    expect_refusal(
        getattr(signer_client, operation),
        status,
        exception,
        filled(row.message, prepared),
        row.code,
        **filled(row.params, prepared),
    )


# Rows that need somebody to ask: moto's ACM and IAM.


def test_a_role_that_iam_does_not_have_is_not_found_as_principal():
    from moto import mock_aws

    with mock_aws(), mock_signer() as mock:
        mock.client("iam").create_role(RoleName="ci", AssumeRolePolicyDocument="{}")
        client = mock.client("signer")
        client.put_signing_profile(profileName="new", platformId=LAMBDA)
        call = {"profileName": "new", "statementId": "s1", "action": "signer:StartSigningJob"}
        expect_refusal(
            client.add_profile_permission,
            *NOT_FOUND,
            "Principal not found",
            principal=f"arn:aws:iam::{ACCOUNT}:role/nobody",
            **call,
        )
        client.add_profile_permission(principal=f"arn:aws:iam::{ACCOUNT}:role/ci", **call)
