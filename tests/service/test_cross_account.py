"""Other accounts' profiles and jobs: what the owner's permissions allow, and nothing else.

The owner is 111122223333, who has a profile for Lambda zips and one for container images; the
invoker is 444455556666.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import boto3
import pytest
from moto import mock_aws

from signer_mock import SignerMock, mock_signer
from signer_mock.verify import UntrustedError, verify_lambda_zip, verify_notation_envelope
from tests.helpers.constants import IOT, LAMBDA, NOTATION, PAYLOAD_FORMAT
from tests.helpers.moto import assumed, code_signing_pair
from tests.helpers.refusals import expect_refusal, refusal
from tests.helpers.zip_archives import code_zip

OWNER = "111122223333"
INVOKER = "444455556666"
STRANGER = "777788889999"
ROLE = f"arn:aws:iam::{INVOKER}:role/ci"

START = "signer:StartSigningJob"
PAYLOAD = "signer:SignPayload"
GET = "signer:GetSigningProfile"
REVOKE = "signer:RevokeSignature"


@dataclass
class Story:
    """Two accounts, two profiles of the one, and a bucket that all may use."""

    mock: SignerMock
    source: dict[str, Any]
    versions: dict[str, str]

    @property
    def owner(self) -> Any:
        return self.mock.account(OWNER).client("signer")

    def grant(self, action: str, principal: str = INVOKER, version: str | None = None) -> None:
        name = "image" if action == PAYLOAD else "release"
        owner = self.owner
        revision = {}
        with suppress(owner.exceptions.ResourceNotFoundException):
            answer = owner.list_profile_permissions(profileName=name)
            revision = {"revisionId": answer["revisionId"]}
        at = {"profileVersion": version} if version else {}
        owner.add_profile_permission(
            profileName=name,
            action=action,
            principal=principal,
            statementId=f"s{len(self.mock.calls)}",
            **revision,
            **at,
        )

    def start(self, client: Any, **params: Any) -> dict[str, Any]:
        request = {
            "source": self.source,
            "destination": {"s3": {"bucketName": "code", "prefix": "signed/"}},
            "profileName": "release",
            "profileOwner": OWNER,
        }
        answer: dict[str, Any] = client.start_signing_job(**{**request, **params})
        return answer

    def sign_payload(self, client: Any, **params: Any) -> dict[str, Any]:
        request = {
            "profileName": "image",
            "profileOwner": OWNER,
            "payload": b"{}",
            "payloadFormat": PAYLOAD_FORMAT,
        }
        answer: dict[str, Any] = client.sign_payload(**{**request, **params})
        return answer

    def get(self, client: Any) -> Any:
        return client.get_signing_profile(profileName="release", profileOwner=OWNER)

    def act(self, action: str, client: Any) -> Any:
        return {START: self.start, PAYLOAD: self.sign_payload, GET: self.get}[action](client)


@pytest.fixture
def story(signer_mock: SignerMock) -> Story:
    return begin(signer_mock)


def begin(signer_mock: SignerMock) -> Story:
    owner = signer_mock.account(OWNER).client("signer")
    versions = {
        name: owner.put_signing_profile(profileName=name, platformId=platform)["profileVersion"]
        for name, platform in [("release", LAMBDA), ("image", NOTATION)]
    }
    signer_mock.objects.create_bucket("code", versioning=True)
    version = signer_mock.objects.put("code", "app.zip", code_zip())
    source = {"s3": {"bucketName": "code", "key": "app.zip", "version": version}}
    return Story(signer_mock, source, versions)


@pytest.fixture
def invoker(story: Story) -> Any:
    """The invoker's account itself."""
    return story.mock.account(INVOKER).client("signer")


@pytest.fixture
def ci(story: Story) -> Any:
    """A role of the invoker's account."""
    return story.mock.account(INVOKER).role("ci").client("signer")


ACTIONS = pytest.mark.parametrize("action", [START, PAYLOAD, GET])


def expect_denied(story: Story, action: str, client: Any) -> None:
    """Expect IAM's refusal of an action, in AWS's words."""
    name = "image" if action == PAYLOAD else "release"
    resource = f"arn:aws:signer:us-east-1:{OWNER}:/signing-profiles/{name}"
    expect_iam_refusal(story.mock, lambda: story.act(action, client), action, resource)


def expect_iam_refusal(
    mock: SignerMock, call: Callable[[], Any], action: str, resource: str
) -> None:
    error = refusal(call)
    assert type(error).__name__ == "AccessDeniedException"
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert error.response["Error"] == {
        "Code": "AccessDeniedException",
        "Message": (
            f"User: {mock.calls[-1].principal} is not authorized to perform: {action} "
            f"on resource: {resource}"
        ),
    }


# What is not granted


@ACTIONS
def test_without_any_permission_another_account_is_refused(story, invoker, action):
    expect_denied(story, action, invoker)


@ACTIONS
def test_an_action_that_is_granted_allows_no_other_action(story, invoker, action):
    for granted in {START, PAYLOAD, GET, REVOKE} - {action}:
        story.grant(granted)
    expect_denied(story, action, invoker)


@ACTIONS
def test_a_permission_of_one_account_does_not_hold_for_another(story, action):
    story.grant(action)
    expect_denied(story, action, story.mock.account(STRANGER).client("signer"))


@ACTIONS
def test_a_removed_permission_no_longer_holds(story, invoker, action):
    story.grant(action)
    story.act(action, invoker)
    name = "image" if action == PAYLOAD else "release"
    [statement] = story.owner.list_profile_permissions(profileName=name)["permissions"]
    revision = story.owner.list_profile_permissions(profileName=name)["revisionId"]
    story.owner.remove_profile_permission(
        profileName=name, statementId=statement["statementId"], revisionId=revision
    )
    expect_denied(story, action, invoker)


@ACTIONS
def test_an_unknown_profile_of_another_account_looks_unshared(story, invoker, action):
    missing = {"profileName": "missing", "profileOwner": OWNER}
    call = {
        START: lambda: story.start(invoker, **missing),
        PAYLOAD: lambda: story.sign_payload(invoker, **missing),
        GET: lambda: invoker.get_signing_profile(**missing),
    }[action]
    resource = f"arn:aws:signer:us-east-1:{OWNER}:/signing-profiles/missing"
    expect_iam_refusal(story.mock, call, action, resource)


def test_a_permission_holds_in_its_own_region_only(story):
    story.grant(GET)
    client = story.mock.account(INVOKER).client("signer", "eu-west-1")
    resource = f"arn:aws:signer:eu-west-1:{OWNER}:/signing-profiles/release"
    expect_iam_refusal(story.mock, lambda: story.get(client), GET, resource)


def test_without_the_owner_the_name_is_looked_for_at_home(story, invoker):
    story.grant(GET)
    expect_refusal(
        invoker.get_signing_profile,
        404,
        "ResourceNotFoundException",
        "Signing Profile with name release does not exist.",
        "ProfileNotFound",
        profileName="release",
    )


def test_a_refusal_of_iam_spells_its_message_with_a_capital(story, invoker):
    bodies = []
    invoker.meta.events.register(
        "response-received.signer", lambda response_dict, **_: bodies.append(response_dict["body"])
    )
    expect_denied(story, GET, invoker)
    assert set(json.loads(bodies[-1])) == {"Message", "code"}
    refusal(invoker.describe_signing_job, jobId="unknown")
    assert set(json.loads(bodies[-1])) == {"message", "code"}


@pytest.mark.parametrize("owner", ["12345678901", "1234567890123", "12345678901x", "owner"])
@ACTIONS
def test_an_owner_is_twelve_digits(story, raw_client, action, owner):
    call = {
        START: lambda: story.start(raw_client, profileOwner=owner),
        PAYLOAD: lambda: story.sign_payload(raw_client, profileOwner=owner),
        GET: lambda: raw_client.get_signing_profile(profileName="release", profileOwner=owner),
    }[action]
    assert refusal(call).response["Error"]["Code"] == "ValidationException"


# What is granted


@ACTIONS
def test_a_permission_of_an_account_holds_for_all_its_principals(story, action):
    story.grant(action)
    account = story.mock.account(INVOKER)
    for principal in (account, account.role("ci"), account.role("teams/ci"), account.user("maria")):
        story.act(action, principal.client("signer"))
        assert story.mock.calls[-1].error is None
        assert story.mock.calls[-1].account_id == INVOKER


@ACTIONS
def test_a_permission_of_a_role_holds_for_that_role_only(story, ci, action):
    story.grant(action, ROLE)
    story.act(action, ci)
    account = story.mock.account(INVOKER)
    for principal in (
        account,
        account.role("CI"),
        account.role("cd"),
        account.role("teams/ci"),
        account.user("ci"),
        story.mock.account(STRANGER).role("ci"),
    ):
        expect_denied(story, action, principal.client("signer"))


@ACTIONS
def test_a_permission_of_the_profiles_version_holds(story, invoker, action):
    story.grant(action, version=story.versions["image" if action == PAYLOAD else "release"])
    story.act(action, invoker)


def test_a_permission_ends_with_its_profile_version(story, invoker):
    story.grant(GET, version=story.versions["release"])
    story.owner.cancel_signing_profile(profileName="release")
    story.mock.clock.advance(days=800)
    story.owner.put_signing_profile(profileName="release", platformId=LAMBDA)
    expect_denied(story, GET, invoker)


def changed(story: Story, **members: str) -> None:
    """Give the only permission of ``release`` members that the service would not take now."""
    policy = story.mock._world.store(OWNER, "us-east-1").profiles["release"].policy
    assert policy is not None
    policy.statements[:] = [replace(one, **members) for one in policy.statements]


def test_a_permission_of_another_version_does_not_hold(story, invoker):
    story.grant(GET)
    changed(story, profile_version=story.versions["release"])
    story.get(invoker)
    changed(story, profile_version="0123456789")
    expect_denied(story, GET, invoker)


def test_an_accounts_root_stands_for_everybody_in_it(story, ci):
    story.grant(GET)
    changed(story, principal=f"arn:aws:iam::{INVOKER}:root")
    story.get(ci)
    changed(story, principal=f"arn:aws:iam::{STRANGER}:root")
    expect_denied(story, GET, ci)


def test_a_role_with_a_path_is_another_role_than_the_one_without(story, ci):
    story.grant(GET, principal=f"arn:aws:iam::{INVOKER}:role/teams/ci")
    story.get(story.mock.account(INVOKER).role("teams/ci").client("signer"))
    expect_denied(story, GET, ci)


@ACTIONS
def test_ones_own_account_as_owner_changes_nothing(story, action):
    story.act(action, story.owner)


def test_the_owner_needs_no_permission_though_others_have_one(story):
    story.grant(START, ROLE)
    assert story.start(story.owner)["jobOwner"] == OWNER


def test_another_accounts_profile_looks_the_same_from_there(story, invoker):
    story.grant(GET)
    there, here = story.get(invoker), story.owner.get_signing_profile(profileName="release")
    del there["ResponseMetadata"], here["ResponseMetadata"]
    assert there == here


def test_a_profile_is_never_listed_elsewhere(story, invoker):
    story.grant(GET)
    assert invoker.list_signing_profiles()["profiles"] == []


@pytest.mark.parametrize("action", [START, PAYLOAD])
def test_a_canceled_profile_signs_for_no_account(story, invoker, action):
    story.grant(action)
    name = "image" if action == PAYLOAD else "release"
    story.owner.cancel_signing_profile(profileName=name)
    for client in (invoker, story.owner):
        error = refusal(story.act, action=action, client=client)
        assert error.response["Error"] == {
            "Code": "ValidationException",
            "Message": "Cannot sign with a profile in Canceled state",
        }


def test_a_canceled_profile_can_still_be_looked_at_from_elsewhere(story, invoker):
    story.grant(GET)
    story.owner.cancel_signing_profile(profileName="release")
    assert story.get(invoker)["status"] == "Canceled"


# The signature is the owner's


def test_a_zip_is_signed_with_the_owners_key(story, invoker):
    story.grant(START)
    job = invoker.describe_signing_job(jobId=story.start(invoker)["jobId"])
    signed = story.mock.objects.get("code", job["signedObject"]["s3"]["key"])

    publisher = f"arn:aws:signer:us-east-1:{OWNER}:/signing-profiles/release/"
    result = verify_lambda_zip(
        signed, story.mock.account(OWNER).trust_root_pem, [publisher + story.versions["release"]]
    )
    assert result.job_arn == f"arn:aws:signer:us-east-1:{OWNER}:/signing-jobs/{job['jobId']}"
    with pytest.raises(UntrustedError):
        verify_lambda_zip(signed, story.mock.account(INVOKER).trust_root_pem)


def test_an_envelope_is_signed_with_the_owners_key(story, invoker):
    story.grant(PAYLOAD)
    answer = story.sign_payload(invoker)
    result = verify_notation_envelope(answer["signature"], story.mock.account(OWNER).trust_root_pem)
    assert answer["jobOwner"] == OWNER
    assert result.job_arn == f"arn:aws:signer:us-east-1:{OWNER}:/signing-jobs/{answer['jobId']}"


def test_an_image_is_signed_with_the_owners_certificate(story, invoker):
    account = story.mock.account(OWNER)
    certificate, key = code_signing_pair()
    arn = account.import_certificate(certificate, key)
    story.owner.put_signing_profile(
        profileName="device", platformId=IOT, signingMaterial={"certificateArn": arn}
    )
    story.owner.add_profile_permission(
        profileName="device", action=START, principal=INVOKER, statementId="s"
    )
    job_id = story.start(invoker, profileName="device")["jobId"]
    job = invoker.describe_signing_job(jobId=job_id)
    assert (job["status"], job["signingMaterial"]) == ("Succeeded", {"certificateArn": arn})

    from signer_mock.verify import verify_iot_object

    signed = story.mock.objects.get("code", job["signedObject"]["s3"]["key"])
    verify_iot_object(signed, certificate, code_zip())


# The job is both accounts'


@pytest.fixture
def job_id(story: Story, ci: Any) -> str:
    """A job that the invoker's role started with the owner's profile."""
    story.grant(START)
    job: str = story.start(ci)["jobId"]
    return job


def test_owner_and_invoker_see_the_same_job(story, invoker, job_id):
    seen = [client.describe_signing_job(jobId=job_id) for client in (story.owner, invoker)]
    for one in seen:
        del one["ResponseMetadata"]
        assert one["jobOwner"] == OWNER
        assert one["jobInvoker"] == INVOKER
        assert one["requestedBy"] == f"arn:aws:sts::{INVOKER}:assumed-role/ci/signer-mock"
    assert seen[0] == seen[1]


def test_owner_and_invoker_list_the_job_and_a_stranger_does_not(story, invoker, job_id):
    stranger = story.mock.account(STRANGER).client("signer")
    assert [one["jobId"] for one in story.owner.list_signing_jobs()["jobs"]] == [job_id]
    assert [one["jobId"] for one in invoker.list_signing_jobs()["jobs"]] == [job_id]
    assert stranger.list_signing_jobs()["jobs"] == []
    refused = refusal(stranger.describe_signing_job, jobId=job_id)
    assert refused.response["Error"]["Code"] == "ResourceNotFoundException"


def test_an_owner_tells_the_jobs_of_others_from_its_own(story, job_id):
    own = story.start(story.owner)["jobId"]

    def listed(**filters: str) -> list[str]:
        return [one["jobId"] for one in story.owner.list_signing_jobs(**filters)["jobs"]]

    assert listed() == [own, job_id]
    assert listed(jobInvoker=INVOKER) == [job_id]
    assert listed(jobInvoker=OWNER) == [own]
    requested_by = f"arn:aws:sts::{INVOKER}:assumed-role/ci/signer-mock"
    assert listed(requestedBy=requested_by) == [job_id]


def test_the_owner_revokes_what_another_account_signed(story, invoker, job_id):
    story.owner.revoke_signature(jobId=job_id, reason="withdrawn")
    record = invoker.describe_signing_job(jobId=job_id)["revocationRecord"]
    assert record["revokedBy"] == f"arn:aws:iam::{OWNER}:root"
    assert [one["isRevoked"] for one in invoker.list_signing_jobs()["jobs"]] == [True]


@pytest.mark.parametrize("principal", [INVOKER, ROLE], ids=["account", "role"])
def test_the_invoker_revokes_where_it_is_permitted_to(story, ci, job_id, principal):
    story.grant(REVOKE, principal)
    ci.revoke_signature(jobId=job_id, jobOwner=OWNER, reason="withdrawn")
    record = story.owner.describe_signing_job(jobId=job_id)["revocationRecord"]
    assert record["revokedBy"] == f"arn:aws:sts::{INVOKER}:assumed-role/ci/signer-mock"


def test_a_permission_to_revoke_can_be_of_the_profiles_version(story, ci, job_id):
    story.grant(REVOKE, version=story.versions["release"])
    ci.revoke_signature(jobId=job_id, jobOwner=OWNER, reason="withdrawn")
    assert "revocationRecord" in story.owner.describe_signing_job(jobId=job_id)


def test_who_is_not_permitted_to_revoke_is_refused(story, invoker, job_id):
    story.grant(REVOKE, ROLE)
    resource = f"arn:aws:signer:us-east-1:{OWNER}:/signing-jobs/{job_id}"
    for client in (invoker, story.mock.account(STRANGER).role("ci").client("signer")):
        revoke = partial(client.revoke_signature, jobId=job_id, jobOwner=OWNER, reason="withdrawn")
        expect_iam_refusal(story.mock, revoke, REVOKE, resource)
    assert "revocationRecord" not in story.owner.describe_signing_job(jobId=job_id)


def test_an_unknown_job_of_another_account_answers_as_one_not_permitted(story, ci):
    story.grant(REVOKE, ROLE)
    unknown = "00000000-0000-4000-8000-000000000000"
    expect_iam_refusal(
        story.mock,
        lambda: ci.revoke_signature(jobId=unknown, jobOwner=OWNER, reason="withdrawn"),
        REVOKE,
        f"arn:aws:signer:us-east-1:{OWNER}:/signing-jobs/{unknown}",
    )


def test_a_job_is_revoked_by_its_owners_number_not_by_its_invokers(story, ci, job_id):
    story.grant(REVOKE)
    for owner in ({}, {"jobOwner": INVOKER}):
        error = refusal(ci.revoke_signature, jobId=job_id, reason="withdrawn", **owner)
        assert error.response["Error"]["Code"] == "ResourceNotFoundException"


# The same with moto's roles


@pytest.fixture
def moto_role() -> Iterator[tuple[SignerMock, boto3.Session]]:
    """A session of a role that moto has, of the invoker's account."""
    with mock_aws(), mock_signer() as mock:
        yield mock, assumed(boto3.client("sts"), ROLE)


def test_a_permission_of_a_role_is_its_sessions_in_moto(moto_role):
    mock, session = moto_role
    owner = mock.account(OWNER).client("signer")
    owner.put_signing_profile(profileName="image", platformId=NOTATION)
    request = {
        "profileName": "image",
        "profileOwner": OWNER,
        "payload": b"{}",
        "payloadFormat": PAYLOAD_FORMAT,
    }
    owner.add_profile_permission(
        profileName="image", action=PAYLOAD, principal=ROLE, statementId="ci"
    )

    job_id = session.client("signer").sign_payload(**request)["jobId"]
    other = assumed(boto3.client("sts"), ROLE.replace("/ci", "/cd"))
    error = refusal(other.client("signer").sign_payload, **request)

    assert error.response["Error"]["Message"].startswith(
        f"User: arn:aws:sts::{INVOKER}:assumed-role/cd/build-7 is not authorized to perform: "
    )
    job = owner.describe_signing_job(jobId=job_id)
    assert job["requestedBy"] == f"arn:aws:sts::{INVOKER}:assumed-role/ci/build-7"
    assert (job["jobInvoker"], job["jobOwner"]) == (INVOKER, OWNER)


def test_an_unknown_role_is_no_principal_once_moto_has_roles(moto_role):
    mock, _ = moto_role
    owner = mock.account(OWNER).client("signer")
    owner.put_signing_profile(profileName="image", platformId=NOTATION)
    request = {"profileName": "image", "action": PAYLOAD, "statementId": "ci"}
    mock.account(INVOKER).client("iam").create_role(
        RoleName="cd", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}'
    )
    error = refusal(owner.add_profile_permission, principal=ROLE, **request)
    assert error.response["Error"] == {
        "Code": "ResourceNotFoundException",
        "Message": "Principal not found",
    }
    owner.add_profile_permission(principal=ROLE.replace("/ci", "/cd"), **request)


def test_both_accounts_see_one_job_in_a_world_that_began_from_a_snapshot():
    with mock_signer() as mock:
        story = begin(mock)
        story.grant(START)
        job_id = story.start(mock.account(INVOKER).client("signer"))["jobId"]
        snapshot = mock.snapshot()
    with mock_signer() as another:
        another.restore(snapshot)
        owner, invoker = (another.account(one).client("signer") for one in (OWNER, INVOKER))
        owner.revoke_signature(jobId=job_id, reason="lost")
        for client in (owner, invoker):
            assert client.describe_signing_job(jobId=job_id)["revocationRecord"]["reason"] == "lost"
