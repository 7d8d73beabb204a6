"""AddProfilePermission, ListProfilePermissions, RemoveProfilePermission."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from signer_mock._service.other_services import OtherServices
from tests.helpers.constants import ACCOUNT, CERTIFICATE, IOT, LAMBDA, NOTATION, OTHER
from tests.helpers.refusals import expect_refusal, refusal
from tests.helpers.signing_profiles import retire

ROLE = f"arn:aws:iam::{OTHER}:role/ci"
PROFILE = "lambda_profile"

Add = Callable[..., str]


@pytest.fixture
def add(signer_client: Any, lambda_profile: str) -> Add:
    """Add a permission to ``lambda_profile``; returns the new revision."""

    def add_permission(statement_id: str = "s1", **params: Any) -> str:
        defaults = {
            "profileName": lambda_profile,
            "action": "signer:StartSigningJob",
            "principal": OTHER,
        }
        answer = signer_client.add_profile_permission(
            **{**defaults, **params, "statementId": statement_id}
        )
        return str(answer["revisionId"])

    return add_permission


@pytest.fixture
def add_refused(signer_client: Any, lambda_profile: str) -> Callable[..., None]:
    """Expect AddProfilePermission to be refused."""

    def expect(status: int, exception: str, message: str, code: str, **params: Any) -> None:
        call = {
            "profileName": lambda_profile,
            "statementId": "s1",
            "action": "signer:StartSigningJob",
            "principal": OTHER,
            **params,
        }
        expect_refusal(
            signer_client.add_profile_permission, status, exception, message, code, **call
        )

    return expect


def permissions(client: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.list_profile_permissions(profileName=PROFILE)
    del answer["ResponseMetadata"]
    return answer


# Adding


def test_a_permission_is_listed_as_it_was_given(signer_client, add):
    revision = add("s1", principal=ROLE, action="signer:RevokeSignature")
    answer = permissions(signer_client)
    assert answer["revisionId"] == revision
    assert answer["permissions"] == [
        {"statementId": "s1", "action": "signer:RevokeSignature", "principal": ROLE}
    ]
    assert "nextToken" not in answer


def test_an_account_principal_comes_back_as_the_bare_account_id(signer_client, add):
    add(principal=OTHER)
    assert permissions(signer_client)["permissions"][0]["principal"] == OTHER


def test_the_owners_own_account_may_be_a_principal(signer_client, add):
    add(principal=ACCOUNT)
    assert permissions(signer_client)["permissions"][0]["principal"] == ACCOUNT


@pytest.mark.parametrize("name", ["teams/ci", "a/b/c/ci", "x" * 510 + "/ci", "a=b,c.d@e-f_g+h"])
def test_a_role_may_have_a_path(signer_client, add, name):
    add(principal=f"arn:aws:iam::{OTHER}:role/{name}")
    listed = permissions(signer_client)["permissions"][0]
    assert listed["principal"] == f"arn:aws:iam::{OTHER}:role/{name}"


def test_permissions_are_listed_in_the_order_in_which_they_were_added(signer_client, add):
    revision = None
    for name in ("zebra", "ant", "mole"):
        revision = add(name, **({"revisionId": revision} if revision else {}))
    listed = permissions(signer_client)["permissions"]
    assert [one["statementId"] for one in listed] == ["zebra", "ant", "mole"]


def test_a_revision_is_a_uuid_and_changes_with_each_statement(add):
    first = add("s1")
    second = add("s2", revisionId=first)
    assert uuid.UUID(first).version == uuid.UUID(second).version == 4
    assert first != second


def test_the_first_statement_may_come_with_an_empty_revision(signer_client, add):
    assert permissions_revision(signer_client) is None
    assert add(revisionId="") == permissions_revision(signer_client)


def permissions_revision(client: Any) -> str | None:
    try:
        return str(permissions(client)["revisionId"])
    except client.exceptions.ResourceNotFoundException:
        return None


def test_a_permission_for_a_version_shows_that_version(signer_client, add):
    version = signer_client.get_signing_profile(profileName=PROFILE)["profileVersion"]
    add(profileVersion=version)
    assert permissions(signer_client)["permissions"][0]["profileVersion"] == version


def test_an_exact_repeat_gets_the_current_revision_and_needs_none(signer_client, add):
    add("s1")
    current = add("s2", revisionId=permissions_revision(signer_client))
    assert add("s1") == current
    assert add("s1", revisionId="stale") == current
    assert len(permissions(signer_client)["permissions"]) == 2


@pytest.mark.parametrize("statement_id", ["a", "A-b_9", "x" * 64])
def test_statement_ids_hold_letters_digits_underscores_and_dashes_up_to_64(
    signer_client, add, statement_id
):
    add(statement_id)
    assert permissions(signer_client)["permissions"][0]["statementId"] == statement_id


@pytest.mark.parametrize(
    ("platform", "sign", "other"),
    [
        (LAMBDA, "signer:StartSigningJob", "signer:SignPayload"),
        (NOTATION, "signer:SignPayload", "signer:StartSigningJob"),
        (IOT, "signer:StartSigningJob", "signer:SignPayload"),
    ],
)
def test_which_actions_can_be_granted_depends_on_the_platform(signer_client, platform, sign, other):
    material = {"certificateArn": CERTIFICATE}
    signer_client.put_signing_profile(
        profileName="p1",
        platformId=platform,
        **({"signingMaterial": material} if platform == IOT else {}),
    )
    revision = ""
    for action in (sign, "signer:GetSigningProfile", "signer:RevokeSignature"):
        revision = signer_client.add_profile_permission(
            profileName="p1",
            statementId=action.replace(":", "-"),
            action=action,
            principal=OTHER,
            revisionId=revision,
        )["revisionId"]
    expect_refusal(
        signer_client.add_profile_permission,
        400,
        "ValidationException",
        f"Action {other} not supported for platform {platform}. Action must be one of "
        f"[{sign}, signer:GetSigningProfile, signer:RevokeSignature]",
        profileName="p1",
        statementId="s9",
        action=other,
        principal=OTHER,
        revisionId=revision,
    )


def test_principals_of_another_partition_are_named_in_it(signer_mock):
    client = signer_mock.client("signer", "cn-north-1")
    client.put_signing_profile(profileName="p1", platformId=LAMBDA)
    role = f"arn:aws-cn:iam::{OTHER}:role/ci"
    call = {"profileName": "p1", "statementId": "s1", "action": "signer:GetSigningProfile"}
    assert refusal(client.add_profile_permission, **call, principal=ROLE).response["code"] == (
        "InvalidPrincipal"
    )
    client.add_profile_permission(**call, principal=role)
    assert client.list_profile_permissions(profileName="p1")["policySizeBytes"] == len(
        '[{"Sid":"s1","Effect":"Allow","Principal":{"AWS":"'
        + role
        + '"},"Action":"signer:GetSigningProfile","Resource":"'
        + f"arn:aws-cn:signer:cn-north-1:{ACCOUNT}:/signing-profiles/p1"
        + '"}]'
    )


# Refusals of Add


@pytest.mark.parametrize(
    ("statement_id", "message", "code"),
    [
        ("", "statementId cannot be empty.", "ValidationException"),
        *(
            (
                bad,
                "Statement ID must contain only alphanumeric characters, underscores, and dashes",
                "InvalidPermissionStatement",
            )
            for bad in ("a b", "a.b", "ä", "a/b", "a\n", "x" * 64 + "!")
        ),
        (
            "x" * 65,
            "Statement ID must be less than 64 characters length",
            "InvalidPermissionStatement",
        ),
    ],
)
def test_a_bad_statement_id_is_refused(add_refused, statement_id, message, code):
    add_refused(400, "ValidationException", message, code, statementId=statement_id)


@pytest.mark.parametrize(
    "principal",
    [
        "",
        "*",
        "12345678901",
        "1234567890123",
        "arn:aws:iam::210987654321:root",
        "arn:aws:iam::210987654321:user/maria",
        "arn:aws:iam::21098765432:role/ci",
        "arn:aws:iam:us-east-1:210987654321:role/ci",
        "arn:aws:sts::210987654321:assumed-role/ci/session",
        "arn:aws-cn:iam::210987654321:role/ci",
        "arn:aws:iam::210987654321:role/",
        "arn:aws:iam::210987654321:role/teams/",
        "arn:aws:iam::210987654321:role//ci",
        "arn:aws:iam::210987654321:role/tea ms/ci",
        "arn:aws:iam::210987654321:role/" + "x" * 65,
        "arn:aws:iam::210987654321:role/" + "x" * 511 + "/ci",
        "lambda.amazonaws.com",
    ],
)
def test_a_principal_that_is_neither_account_nor_role_is_refused(add_refused, principal):
    add_refused(
        400,
        "ValidationException",
        "Principal is not a valid AWS account id or IAM Role Arn",
        "InvalidPrincipal",
        principal=principal,
    )


def test_an_unknown_principal_is_not_found(signer_mock, add_refused, add):
    class Iam(OtherServices):
        def knows_principal(self, principal):
            return principal != ROLE

    signer_mock._world.others = Iam()
    add_refused(
        404,
        "ResourceNotFoundException",
        "Principal not found",
        "ResourceNotFoundException",
        principal=ROLE,
    )
    assert add(principal=OTHER)


def test_a_version_that_the_profile_does_not_have_is_not_found(add_refused):
    add_refused(
        404,
        "ResourceNotFoundException",
        "Version AAAAAAAAAA does not exist for SigningProfile lambda_profile.",
        "ProfileVersionNotFound",
        profileVersion="AAAAAAAAAA",
    )


@pytest.mark.parametrize("version", ["short", "elevenchars", "has-dash_1"])
def test_a_malformed_version_is_refused(raw_client, lambda_profile, version):
    error = refusal(
        raw_client.add_profile_permission,
        profileName=lambda_profile,
        statementId="s1",
        action="signer:StartSigningJob",
        principal=OTHER,
        profileVersion=version,
    )
    assert type(error).__name__ == "ValidationException"
    assert f"Value '{version}' at 'profileVersion'" in error.response["Error"]["Message"]


@pytest.mark.parametrize(
    "change",
    [
        {"action": "signer:GetSigningProfile"},
        {"principal": ROLE},
        {"revisionId": "stale"},
    ],
)
def test_a_statement_id_is_taken_once(signer_client, add, add_refused, change):
    version = signer_client.get_signing_profile(profileName=PROFILE)["profileVersion"]
    add("s1", profileVersion=version)
    add_refused(
        400,
        "ValidationException",
        "Statement with statementId s1 is already in the policy",
        "InvalidPermissionStatement",
        **change,
    )


def test_the_first_statement_takes_no_revision(add_refused):
    add_refused(
        400,
        "ValidationException",
        "Resource Policy does not exist but revisionId was specified in the request",
        "ValidationException",
        revisionId=str(uuid.uuid4()),
    )


@pytest.mark.parametrize("revision", [{}, {"revisionId": ""}])
def test_every_later_statement_needs_the_revision(add, add_refused, revision):
    add("s1")
    add_refused(
        400,
        "ValidationException",
        "Resource Policy exists for Profile Name lambda_profile. "
        "But no revisionId was provided in the request",
        "ValidationException",
        statementId="s2",
        **revision,
    )


def test_a_stale_revision_conflicts(add, add_refused):
    stale = add("s1")
    current = add("s2", revisionId=stale)
    add_refused(
        409,
        "ConflictException",
        f"Specified revisionId ({stale}) does not match the revisionId of the existing "
        f"policy ({current})",
        "PolicyRevisionIdMismatch",
        statementId="s3",
        revisionId=stale,
    )


def test_a_permission_of_an_unknown_profile_is_not_found(add_refused):
    add_refused(
        404,
        "ResourceNotFoundException",
        "SigningProfile with name nobody does not exist",
        "ProfileNotFound",
        profileName="nobody",
    )


@pytest.mark.parametrize("state", ["Canceled", "Revoked"])
def test_a_profile_that_is_not_active_takes_no_permission(
    signer_mock, signer_client, add_refused, state
):
    retire(signer_client, PROFILE, state)
    add_refused(
        400,
        "ValidationException",
        f"Cannot add permission to a profile in {state} state",
        "ProfileNotActive",
    )


# Each call breaks its own rule and every later one, so the refusal tells which is looked at first.
IN_ORDER = [
    ({"profileName": "nobody"}, "SigningProfile with name nobody does not exist"),
    ({"statementId": ""}, "statementId cannot be empty."),
    ({"statementId": "a b" * 40}, "Statement ID must contain only alphanumeric"),
    ({"statementId": "a" * 80}, "Statement ID must be less than 64"),
    ({"principal": "nobody"}, "Principal is not a valid AWS account id"),
    ({"action": "signer:SignPayload"}, "Action signer:SignPayload not supported"),
    ({"profileVersion": "AAAAAAAAAA"}, "Version AAAAAAAAAA does not exist"),
    ({"statementId": "s1"}, "Statement with statementId s1 is already in the policy"),
    ({"revisionId": "stale"}, "Specified revisionId (stale) does not match"),
]


@pytest.mark.parametrize("first_wrong", range(len(IN_ORDER)))
def test_the_checks_come_in_the_order_of_the_live_service(signer_client, add, first_wrong):
    add("s1")
    call = {"principal": ROLE, "action": "signer:StartSigningJob", "statementId": "s2"}
    call["profileName"] = PROFILE
    for wrong, _ in reversed(IN_ORDER[first_wrong:]):
        call.update(wrong)
    error = refusal(signer_client.add_profile_permission, **call)
    assert error.response["Error"]["Message"].startswith(IN_ORDER[first_wrong][1])


# Size


def document(client: Any, statements: list[dict[str, str]]) -> str:
    """The policy as IAM would write it."""
    arn = client.get_signing_profile(profileName=PROFILE)["arn"]
    entries = []
    for one in statements:
        entry: dict[str, Any] = {
            "Sid": one["statementId"],
            "Effect": "Allow",
            "Principal": {"AWS": one["principal"]},
            "Action": one["action"],
            "Resource": arn,
        }
        if "profileVersion" in one:
            entry["Condition"] = {"StringEquals": {"signer:ProfileVersion": one["profileVersion"]}}
        entries.append(entry)
    return json.dumps(entries, separators=(",", ":"))


def test_the_size_is_that_of_the_policy_with_accounts_as_root_principals(signer_client, add):
    version = signer_client.get_signing_profile(profileName=PROFILE)["profileVersion"]
    revision = add("s1", principal=ROLE, profileVersion=version)
    add("s2", revisionId=revision)
    answer = permissions(signer_client)
    statements = answer["permissions"]
    statements[1]["principal"] = f"arn:aws:iam::{OTHER}:root"
    assert answer["policySizeBytes"] == len(document(signer_client, statements))


def fill(client: Any, add: Add, size: int) -> str:
    """Bring the policy to so many bytes, as the limit counts them; returns its revision."""
    entry = len(document(client, [statement_of("")])) - 1  # with its comma
    count = (size - 1) // (entry + 32)
    room = size - 1 - count * entry
    revision = ""
    for number in range(count):
        length = room // count + (number < room % count)
        revision = add(f"{number:0{length}}", revisionId=revision)
    statements = permissions(client)["permissions"]
    assert len(document(client, statements)) == size
    return revision


def statement_of(statement_id: str) -> dict[str, str]:
    return {"statementId": statement_id, "principal": OTHER, "action": "signer:StartSigningJob"}


def test_a_policy_of_2000_bytes_is_accepted_although_it_is_shown_as_larger(signer_client, add):
    fill(signer_client, add, 2000)
    answer = permissions(signer_client)
    accounts = len(answer["permissions"])
    assert answer["policySizeBytes"] == 2000 + accounts * len("arn:aws:iam:::root")


def test_a_policy_of_2001_bytes_exceeds_the_limit(signer_client, add, add_refused):
    one_more = len(document(signer_client, [statement_of("")])) - 1
    room = 30
    revision = fill(signer_client, add, 2000 - one_more - room)
    add_refused(
        402,
        "ServiceLimitExceededException",
        "Policy cannot exceed maximum size of 2000 bytes",
        "ServiceLimitExceeded",
        statementId="y" * (room + 1),
        revisionId=revision,
    )
    add("y" * room, revisionId=revision)


# Listing and removing


@pytest.mark.parametrize("operation", ["list_profile_permissions", "remove_profile_permission"])
def test_without_any_statement_there_is_no_policy(signer_client, lambda_profile, operation):
    extra = {"statementId": "s1", "revisionId": "r"} if operation.startswith("remove") else {}
    expect_refusal(
        getattr(signer_client, operation),
        404,
        "ResourceNotFoundException",
        "No policies associated with profile lambda_profile",
        "PolicyNotFound",
        profileName=lambda_profile,
        **extra,
    )


@pytest.mark.parametrize("operation", ["list_profile_permissions", "remove_profile_permission"])
def test_the_permissions_of_an_unknown_profile_are_not_found(signer_client, operation):
    extra = {"statementId": "s1", "revisionId": "r"} if operation.startswith("remove") else {}
    expect_refusal(
        getattr(signer_client, operation),
        404,
        "ResourceNotFoundException",
        "SigningProfile with name nobody does not exist",
        "ProfileNotFound",
        profileName="nobody",
        **extra,
    )


def test_a_made_up_token_is_refused_because_a_policy_is_one_page(signer_client, add):
    add()
    expect_refusal(
        signer_client.list_profile_permissions,
        400,
        "ValidationException",
        "The nextToken is invalid.",
        "InvalidNextToken",
        profileName=PROFILE,
        nextToken="AAAA",
    )


def test_a_removed_permission_is_gone_and_the_revision_is_new(signer_client, add):
    first = add("s1")
    second = add("s2", revisionId=first)
    third = signer_client.remove_profile_permission(
        profileName=PROFILE, statementId="s1", revisionId=second
    )["revisionId"]
    answer = permissions(signer_client)
    assert [one["statementId"] for one in answer["permissions"]] == ["s2"]
    assert answer["revisionId"] == third
    assert len({first, second, third}) == 3


def test_removing_the_last_statement_deletes_the_policy(signer_client, add):
    revision = add("s1")
    answer = signer_client.remove_profile_permission(
        profileName=PROFILE, statementId="s1", revisionId=revision
    )
    assert uuid.UUID(answer["revisionId"]) != uuid.UUID(revision)
    error = refusal(signer_client.list_profile_permissions, profileName=PROFILE)
    assert error.response["code"] == "PolicyNotFound"
    assert add("s2") == permissions(signer_client)["revisionId"]


def test_a_statement_that_is_not_there_cannot_be_removed(signer_client, add):
    expect_refusal(
        signer_client.remove_profile_permission,
        404,
        "ResourceNotFoundException",
        "No policy named s2 associated with lambda_profile profile",
        "PolicyNotFound",
        profileName=PROFILE,
        statementId="s2",
        revisionId=add("s1"),
    )


@pytest.mark.parametrize("statement_id", ["s1", "unknown"])
@pytest.mark.parametrize("stale", ["", "stale"])
def test_removing_with_another_revision_conflicts(signer_client, add, stale, statement_id):
    current = add("s1")
    expect_refusal(
        signer_client.remove_profile_permission,
        409,
        "ConflictException",
        f"Specified revisionId ({stale}) does not match the revisionId of the existing "
        f"policy ({current})",
        "PolicyRevisionIdMismatch",
        profileName=PROFILE,
        statementId=statement_id,
        revisionId=stale,
    )


@pytest.mark.parametrize("state", ["Canceled", "Revoked"])
def test_a_profile_that_is_not_active_keeps_its_permissions_under_a_new_revision(
    signer_mock, signer_client, add, state
):
    revision = add("s1")
    retire(signer_client, PROFILE, state)
    answer = permissions(signer_client)
    assert [one["statementId"] for one in answer["permissions"]] == ["s1"]
    assert answer["revisionId"] != revision
    expect_refusal(
        signer_client.remove_profile_permission,
        400,
        "ValidationException",
        f"Cannot remove permission from a profile in {state} state",
        "ProfileNotActive",
        profileName=PROFILE,
        statementId="s1",
        revisionId=answer["revisionId"],
    )


def test_canceling_twice_leaves_the_revision_alone(signer_client, add):
    add("s1")
    signer_client.cancel_signing_profile(profileName=PROFILE)
    revision = permissions(signer_client)["revisionId"]
    signer_client.cancel_signing_profile(profileName=PROFILE)
    assert permissions(signer_client)["revisionId"] == revision


# What botocore would not send


@pytest.mark.parametrize("missing", ["action", "principal", "statementId"])
def test_a_missing_member_is_refused(raw_client, lambda_profile, missing):
    call = {"action": "signer:StartSigningJob", "principal": OTHER, "statementId": "s1"}
    del call[missing]
    expect_refusal(
        raw_client.add_profile_permission,
        400,
        "ValidationException",
        f"1 validation error detected: Value null at '{missing}' failed to satisfy constraint: "
        "Member must not be null",
        profileName=lambda_profile,
        **call,
    )


def test_removing_without_a_revision_is_refused(raw_client, lambda_profile):
    expect_refusal(
        raw_client.remove_profile_permission,
        400,
        "ValidationException",
        "1 validation error detected: Value null at 'revisionId' failed to satisfy constraint: "
        "Member must not be null",
        profileName=lambda_profile,
        statementId="s1",
    )
