"""Identity policies of roles and users: what they allow, and how IAM refuses the rest."""

from __future__ import annotations

import datetime as dt
import json

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from signer_mock import SignerMockError, mock_signer
from signer_mock._service.authorization import RESOURCES
from signer_mock._service.identity_policy import matches
from signer_mock._service.operations import OPERATIONS
from tests.helpers.constants import ACCOUNT, LAMBDA, NOTATION, OTHER, PAYLOAD_FORMAT
from tests.helpers.moto import TRUST
from tests.helpers.refusals import refusal

PROFILE = f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-profiles/release"


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action="signer:*", resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action="signer:*", resource="*", **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


@pytest.fixture
def release(signer_client):
    """A Notation profile with tags; returns its version."""
    tags = {"team": "red", "owner": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:app"}
    return signer_client.put_signing_profile(profileName="release", platformId=NOTATION, tags=tags)[
        "profileVersion"
    ]


def as_role(mock, *statements, account=None):
    return mock.account(account).role("ci", policy=policy(*statements)).client("signer")


def sign(client, **more):
    return client.sign_payload(
        profileName="release", payload=b"{}", payloadFormat=PAYLOAD_FORMAT, **more
    )


def is_denied(call, /, **params):
    error = refusal(call, **params)
    assert error.response["Error"]["Code"] == "AccessDeniedException"
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    return str(error.response["Error"]["Message"])


def test_every_operation_has_its_resources():
    assert set(RESOURCES) == set(OPERATIONS)


def test_what_no_policy_allows_is_refused_in_iams_words(signer_mock, release):
    client = as_role(signer_mock, allow("signer:GetSigningProfile", PROFILE))
    client.get_signing_profile(profileName="release")
    assert is_denied(sign, client=client) == (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/ci/signer-mock is not authorized to perform: "
        f"signer:SignPayload on resource: {PROFILE} because no identity-based policy allows the "
        "signer:SignPayload action"
    )
    raw = signer_mock.calls[-1]
    assert (raw.status, raw.error) == (403, "AccessDeniedException")
    assert signer_mock.client("signer").list_signing_jobs()["jobs"] == []


def test_an_explicit_deny_overrides_every_allow(signer_mock, release):
    client = as_role(signer_mock, allow(), deny("signer:SignPayload"))
    client.get_signing_profile(profileName="release")
    assert is_denied(sign, client=client).endswith(
        "with an explicit deny in an identity-based policy"
    )


def test_a_principal_without_policies_may_do_everything(signer_mock, release):
    sign(signer_mock.account().role("free").client("signer"))
    sign(signer_mock.account().user("ann").client("signer"))


def test_a_user_has_policies_too(signer_mock, release):
    ann = signer_mock.account().user("ann", policy=json.dumps(policy(allow("signer:Get*"))))
    ann.client("signer").get_signing_profile(profileName="release")
    assert f"User: arn:aws:iam::{ACCOUNT}:user/ann is not" in is_denied(
        sign, client=ann.client("signer")
    )


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        (allow("SIGNER:signpayload"), True),
        (allow("signer:Sign*"), True),
        (allow("signer:SignPayloa?"), True),
        (allow("signer:SignPayload?"), False),
        (allow("*"), True),
        (allow("s3:*"), False),
        (allow(resource=PROFILE), True),
        (allow(resource=PROFILE.replace("release", "RELEASE")), False),
        (allow(resource=PROFILE.replace("release", "*")), True),
        (allow(resource="arn:aws:signer:*:*:/signing-profiles/release"), True),
        (allow(resource="arn:aws:*"), True),
        (allow(resource=f"{PROFILE}/*"), False),
        (allow(resource=PROFILE.replace(ACCOUNT, OTHER)), False),
        ({"Effect": "Allow", "NotAction": "signer:Get*", "Resource": "*"}, True),
        ({"Effect": "Allow", "NotAction": "signer:SIGN*", "Resource": "*"}, False),
        ({"Effect": "Allow", "Action": "*", "NotResource": PROFILE}, False),
        ({"Effect": "Allow", "Action": "*", "NotResource": f"{PROFILE}2"}, True),
    ],
)
def test_actions_and_resources_are_matched_as_iam_does(signer_mock, release, statement, allowed):
    client = as_role(signer_mock, statement)
    if allowed:
        sign(client)
    else:
        is_denied(sign, client=client)


def test_not_action_with_deny_denies_everything_else(signer_mock, release):
    rest = {"Effect": "Deny", "NotAction": "signer:GetSigningProfile", "Resource": "*"}
    client = as_role(signer_mock, allow(), rest)
    client.get_signing_profile(profileName="release")
    is_denied(sign, client=client)


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"StringEquals": {"aws:ResourceTag/team": "red"}}, True),
        ({"StringEquals": {"AWS:resourcetag/TEAM": ["blue", "red"]}}, True),
        ({"StringEquals": {"aws:ResourceTag/team": "RED"}}, False),
        ({"StringEqualsIgnoreCase": {"aws:ResourceTag/team": "RED"}}, True),
        ({"StringNotEqualsIgnoreCase": {"aws:ResourceTag/team": "RED"}}, False),
        ({"StringNotEqualsIgnoreCase": {"aws:ResourceTag/team": "BLUE"}}, True),
        ({"StringLike": {"aws:ResourceTag/team": "r*"}}, True),
        ({"StringNotLike": {"aws:ResourceTag/team": "b*"}}, True),
        ({"StringNotLike": {"aws:ResourceTag/team": "r*"}}, False),
        ({"StringNotEquals": {"aws:ResourceTag/team": ["blue", "red"]}}, False),
        ({"StringEquals": {"aws:ResourceTag/cost": "1"}}, False),
        ({"StringNotEquals": {"aws:ResourceTag/cost": "1"}}, True),
        ({"StringEqualsIfExists": {"aws:ResourceTag/cost": "1"}}, True),
        ({"Null": {"aws:ResourceTag/cost": "true"}}, True),
        ({"Null": {"aws:ResourceTag/team": "true"}}, False),
        ({"Null": {"aws:ResourceTag/team": "false"}}, True),
        ({"Null": {"aws:ResourceTag/cost": "TRUE"}}, True),
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, True),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, False),
        ({"StringEquals": {"aws:PrincipalAccount": ACCOUNT, "aws:ResourceAccount": ACCOUNT}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": OTHER}}, False),
        ({"StringEquals": {"aws:PrincipalAccount": ACCOUNT, "aws:ResourceAccount": OTHER}}, False),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}}, True),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:*"}}, False),
        ({"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/ci"}}, True),
        ({"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}}, False),
        ({"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/*"}}, True),
        ({"ArnLike": {"aws:ResourceTag/owner": "arn:aws:lambda:*:*:function:*"}}, True),
        ({"ArnLike": {"aws:ResourceTag/owner": "arn:aws:lambda:*:function:app"}}, False),
        ({"ForAnyValue:StringEquals": {"aws:PrincipalAccount": [OTHER, ACCOUNT]}}, True),
        ({"ForAnyValue:StringEquals": {"aws:PrincipalAccount": OTHER}}, False),
        ({"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/ci"}}, False),
        ({}, True),
    ],
)
def test_conditions_are_judged_as_iam_does(signer_mock, release, condition, allowed):
    client = as_role(signer_mock, allow(Condition=condition))
    if allowed:
        sign(client)
    else:
        is_denied(sign, client=client)


def test_a_version_is_known_to_the_operations_that_have_it(signer_mock, release):
    right = {"StringEquals": {"signer:ProfileVersion": release}}
    wrong = {"StringEquals": {"signer:ProfileVersion": "AAAAAAAAAA"}}
    sign(as_role(signer_mock, allow(Condition=right)))
    is_denied(sign, client=as_role(signer_mock, allow(Condition=wrong)))
    client = as_role(signer_mock, allow(Condition=right))
    is_denied(client.list_profile_permissions, profileName="release")

    job_id = sign(client)["jobId"]
    client = as_role(signer_mock, allow(), deny(Condition=right))
    start = {
        "profileName": "release",
        "source": {"s3": {"bucketName": "b", "key": "k", "version": "v"}},
        "destination": {"s3": {"bucketName": "b"}},
    }
    named = {"profileName": "release"}
    revoked = {"profileVersion": release, "reason": "r", "effectiveTime": "2020-01-01"}
    for call, params in (
        (sign, {"client": client}),
        (client.start_signing_job, start),
        (client.get_signing_profile, named),
        (client.cancel_signing_profile, named),
        (client.revoke_signing_profile, {**named, **revoked}),
        (client.revoke_signature, {"jobId": job_id, "reason": "r"}),
    ):
        assert is_denied(call, **params).endswith("explicit deny in an identity-based policy")
    client.describe_signing_job(jobId=job_id)


def test_tags_of_a_request_are_judged(signer_mock):
    keys = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}}
    client = as_role(signer_mock, allow(Condition=keys))
    client.put_signing_profile(profileName="p1", platformId=LAMBDA, tags={"team": "red"})
    client.put_signing_profile(profileName="p2", platformId=LAMBDA)
    is_denied(client.put_signing_profile, profileName="p3", platformId=LAMBDA, tags={"secret": "x"})
    some = {"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}}
    client = as_role(signer_mock, allow(Condition=some))
    is_denied(client.put_signing_profile, profileName="p3", platformId=LAMBDA)
    tags = {"secret": "x", "team": "red"}
    client.put_signing_profile(profileName="p4", platformId=LAMBDA, tags=tags)
    value = {"StringEquals": {"aws:RequestTag/team": "red"}}
    client = as_role(signer_mock, allow(Condition=value))
    is_denied(client.put_signing_profile, profileName="p3", platformId=LAMBDA, tags={"team": "x"})
    client.put_signing_profile(profileName="p3", platformId=LAMBDA, tags={"team": "red"})
    arn = f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-profiles/p3"
    client = as_role(signer_mock, allow(Condition=keys))
    client.untag_resource(resourceArn=arn, tagKeys=["team", "cost"])
    is_denied(client.untag_resource, resourceArn=arn, tagKeys=["team", "secret"])


def test_tags_of_a_tag_request_are_judged(signer_mock, release):
    condition = {"StringEquals": {"aws:RequestTag/Team": "blue"}}
    client = as_role(signer_mock, allow(Condition=condition))
    client.tag_resource(resourceArn=PROFILE, tags={"team": "blue"})
    is_denied(client.tag_resource, resourceArn=PROFILE, tags={"team": "red"})
    is_denied(client.untag_resource, resourceArn=PROFILE, tagKeys=["team"])


def test_a_job_has_none_of_its_profiles_tags(signer_mock, release):
    job_id = sign(signer_mock.client("signer"))["jobId"]
    condition = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    client = as_role(signer_mock, allow(), deny(Condition=condition))
    client.describe_signing_job(jobId=job_id)
    is_denied(client.get_signing_profile, profileName="release")


def test_a_profile_that_is_put_with_tags_needs_the_right_to_tag(signer_mock):
    client = as_role(signer_mock, allow("signer:PutSigningProfile"))
    client.put_signing_profile(profileName="p1", platformId=LAMBDA)
    message = is_denied(
        client.put_signing_profile, profileName="p2", platformId=LAMBDA, tags={"a": "b"}
    )
    assert "signer:TagResource" in message


def test_operations_on_no_resource_need_a_star(signer_mock, release):
    client = as_role(signer_mock, allow(resource=PROFILE))
    for call in (client.list_signing_profiles, client.list_signing_jobs):
        assert "on resource: * because" in is_denied(call)


def test_a_job_is_the_resource_of_its_operations(signer_mock, release):
    job_id = sign(signer_mock.client("signer"))["jobId"]
    job = f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-jobs/{job_id}"
    client = as_role(signer_mock, allow(resource=PROFILE))
    assert f"on resource: {job} because" in is_denied(client.describe_signing_job, jobId=job_id)
    is_denied(client.revoke_signature, jobId=job_id, reason="x")
    as_role(signer_mock, allow(resource=job)).describe_signing_job(jobId=job_id)


def test_a_revocation_status_needs_the_job_and_the_profile(signer_mock, release):
    job = f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-jobs/{'0' * 8}-0000-4000-8000-{'0' * 12}"
    question = {
        "signatureTimestamp": dt.datetime.now(dt.timezone.utc),
        "platformId": NOTATION,
        "profileVersionArn": f"{PROFILE}/{release}",
        "jobArn": job,
        "certificateHashes": ["0" * 192],
    }
    for resources in ([PROFILE], [job]):
        client = as_role(signer_mock, allow(resource=resources))
        is_denied(client.get_revocation_status, **question)
    as_role(signer_mock, allow(resource=[PROFILE, job])).get_revocation_status(**question)


def test_a_permission_that_names_the_role_allows_within_the_account(signer_mock, release):
    role = signer_mock.account().role("ci", policy=policy(allow("s3:*")))
    client = role.client("signer")
    is_denied(sign, client=client)

    def permit(principal, statement):
        return signer_mock.client("signer").add_profile_permission(
            profileName="release",
            action="signer:SignPayload",
            principal=principal,
            statementId=statement,
            **({"revisionId": revision} if revision else {}),
        )["revisionId"]

    revision = None
    revision = permit(ACCOUNT, "all")
    is_denied(sign, client=client)  # the account leaves it to its identity policies
    permit(role.arn, "ci")
    sign(client)
    signer_mock.account().role("ci", policy=policy(deny("signer:SignPayload")))
    is_denied(sign, client=client)


def test_across_accounts_both_have_to_allow(signer_mock, release):
    other = f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-profiles/release"
    role = signer_mock.account(OTHER).role("ci", policy=policy(allow(resource=other)))
    client = role.client("signer")
    assert "no identity-based" not in is_denied(sign, client=client, profileOwner=ACCOUNT)
    signer_mock.client("signer").add_profile_permission(
        profileName="release", action="signer:SignPayload", principal=OTHER, statementId="s"
    )
    sign(client, profileOwner=ACCOUNT)
    signer_mock.account(OTHER).role("ci", policy=policy(allow(resource=f"{other}2")))
    assert "no identity-based policy" in is_denied(sign, client=client, profileOwner=ACCOUNT)


def test_a_job_is_the_resource_of_the_account_that_owns_it(signer_mock, release):
    owner = signer_mock.client("signer")
    revision: dict[str, str] = {}
    for action in ("SignPayload", "RevokeSignature"):
        revision["revisionId"] = owner.add_profile_permission(
            profileName="release",
            action=f"signer:{action}",
            principal=OTHER,
            statementId=action,
            **revision,
        )["revisionId"]
    jobs = f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-jobs/*"
    client = as_role(signer_mock, allow(resource=[PROFILE, jobs]), account=OTHER)
    client.describe_signing_job(jobId=sign(client, profileOwner=ACCOUNT)["jobId"])
    client.revoke_signature(jobId=sign(owner)["jobId"], jobOwner=ACCOUNT, reason="leaked")


def test_a_policy_holds_until_it_is_replaced_or_the_mock_is_reset(signer_mock, release):
    given = policy(allow("signer:Get*"))
    role = signer_mock.account().role("ci", policy=given)
    given["Statement"][0]["Action"] = "*"  # too late
    is_denied(sign, client=role.client("signer"))
    is_denied(sign, client=signer_mock.account().role("ci").client("signer"))
    snapshot = signer_mock.snapshot()
    signer_mock.account().role("ci", policy=policy(allow()))
    sign(role.client("signer"))
    signer_mock.restore(snapshot)
    is_denied(sign, client=role.client("signer"))
    signer_mock.reset()
    role.client("signer").list_signing_profiles()


def test_a_policy_holds_in_every_partition(signer_mock):
    role = signer_mock.account().role("ci", policy=policy(allow("s3:*")))
    is_denied(role.client("signer", "cn-north-1").list_signing_profiles)


def test_a_refused_call_tells_nothing_of_what_is_there(signer_mock, release):
    client = as_role(signer_mock, allow("s3:*"))
    known = is_denied(client.get_signing_profile, profileName="release")
    unknown = is_denied(client.get_signing_profile, profileName="nothing")
    assert known.replace("release", "X") == unknown.replace("nothing", "X")


def test_a_role_is_known_by_its_arn_too(signer_mock):
    account = signer_mock.account()
    arn = f"arn:aws:iam::{ACCOUNT}:role/teams/ci"
    assert account.role(arn).arn == arn
    assert account.user(f"arn:aws:iam::{ACCOUNT}:user/ann").arn.endswith(":user/ann")
    for wrong in (arn.replace(ACCOUNT, OTHER), arn.replace("role", "user"), "arn:aws:s3:::ci"):
        with pytest.raises(SignerMockError):
            account.role(wrong)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"Statement": [allow(Condition={"DateLessThan": {"aws:CurrentTime": "x"}})]}, "DateLess"),
        ({"Statement": [allow(Condition={"StringEquals": {"aws:SourceIp": "x"}})]}, "aws:SourceIp"),
        ({"Statement": [allow(Condition={"StringEquals": {"aws:ResourceTag/": "x"}})]}, "Tag/"),
        ({"Statement": [allow(Principal="*")]}, "no 'Principal'"),
        ({"Statement": [allow(), {"Effect": "allow", "Action": "*", "Resource": "*"}]}, "Effect"),
        ({"Statement": [{"Effect": "Allow", "Resource": "*"}]}, "one of Action and NotAction"),
        ({"Statement": [allow(NotAction="*")]}, "one of Action and NotAction"),
        ({"Statement": []}, "Statement must be"),
        ({"Statement": 5}, "Statement must be"),
        (
            policy(allow(Condition={"NullIfExists": {"aws:TagKeys": "true"}})),
            "'NullIfExists' is not",
        ),
        (
            policy(allow(Condition={"ForAnyValue:Null": {"aws:TagKeys": "true"}})),
            "Value:Null' is not",
        ),
        (
            policy(allow(Condition={"ForAll:Null": {"aws:TagKeys": "x"}})),
            "'ForAll:Null' is not",
        ),
        (policy(allow("signer:Sign:Payload")), "'signer:Sign:Payload' is no action"),
        (policy({"Effect": "Allow", "NotAction": "Sign", "Resource": "*"}), "'Sign' is no action"),
        (
            policy({"Effect": "Allow", "Action": "*", "NotResource": "release"}),
            "'release' is no ARN",
        ),
        (policy(allow(resource=5)), "Resource must be a text, or a list of texts"),
        ({"Statement": ["allow"]}, "a statement must be a dict, not str"),
        (policy(allow(resource=[])), "Resource must be a text, or a list of texts"),
        (policy(allow([5])), "Action must be a text, or a list of texts"),
        (policy(allow(Condition=["StringEquals"])), "Condition must be a dict"),
        (policy(allow(Condition={"StringEquals": "x"})), "must be a dict from keys to values"),
        ({"Statement": [allow("SignPayload")]}, "no action such as"),
        ({"Statement": [allow(resource="release")]}, "no ARN"),
        ({"Statement": [allow(resource="arn:aws:signer:*:*:/${aws:username}")]}, "variables"),
        ({"Version": "2020-01-01", "Statement": [allow()]}, "Version"),
        ({"Statements": [allow()]}, "no element 'Statements'"),
        (
            {"Action": "signer:*"},
            "a policy has no element 'Action', only Version,",
        ),
        ('{"Statement": [], "Statement": []}', "there twice"),
        ("{", "used: it is not JSON (Expecting property name"),
        (5, "not int"),
    ],
)
def test_a_policy_that_is_not_supported_is_refused_when_it_is_given(signer_mock, given, sentence):
    with pytest.raises(SignerMockError) as caught:
        signer_mock.account().role("ci", policy=given)
    assert sentence in str(caught.value)
    signer_mock.account().role("ci").client("signer").list_signing_profiles()


@pytest.mark.parametrize(
    ("value", "pattern", "matched"),
    [
        ("", "", True),
        ("", "*", True),
        ("a", "", False),
        ("a", "a*", True),
        ("ac", "a*bc", False),
        ("abc", "a*bc", True),
        ("abcbc", "a*bc", True),
        ("axc", "a*bc", False),
        ("abcb", "a*bc", False),
        ("abc", "a**c", True),
        ("abc", "a?c", True),
        ("ac", "a?c", False),
        ("abc", "ab", False),
        ("ab", "abc", False),
    ],
)
def test_wildcards_stand_for_any_text_and_any_character(value, pattern, matched):
    assert matches(value, pattern) == matched


def test_wildcards_take_no_exponential_time():
    assert not matches("a" * 2000, "*a" * 200 + "b")
    assert matches("a" * 2000 + "b", "*a" * 200 + "b")


def test_motos_policies_decide_on_request():
    with mock_aws(), mock_signer() as mock:
        iam = boto3.client("iam")
        iam.create_role(RoleName="ci", AssumeRolePolicyDocument=TRUST)
        iam.put_role_policy(
            RoleName="ci",
            PolicyName="read",
            PolicyDocument=json.dumps(policy(allow("signer:ListSigningProfiles"))),
        )
        client = mock.account().role("ci", policy="moto").client("signer")
        client.list_signing_profiles()
        is_denied(client.list_signing_jobs)
        attached = iam.create_policy(
            PolicyName="jobs", PolicyDocument=json.dumps(policy(allow("signer:ListSigningJobs")))
        )
        iam.attach_role_policy(RoleName="ci", PolicyArn=attached["Policy"]["Arn"])
        client.list_signing_jobs()
        ann = (
            mock.account()
            .user("ann", policy="moto")
            .client("signer", config=Config(retries={"total_max_attempts": 1}))
        )
        is_denied(ann.list_signing_jobs)
        iam.create_user(UserName="ann")
        iam.create_group(GroupName="all")
        iam.put_group_policy(
            GroupName="all",
            PolicyName="jobs",
            PolicyDocument=json.dumps(policy(allow("signer:ListSigningJobs"))),
        )
        iam.add_user_to_group(GroupName="all", UserName="ann")
        ann.list_signing_jobs()


def test_two_roles_whose_names_have_one_checksum_are_two(signer_mock):
    """Access keys are made from the CRC-32 of a name, and these two have the same."""
    policies = {"plumless": policy(allow()), "buckeroo": policy(allow("signer:SignPayload"))}
    first, second = (
        signer_mock.account().role(name, policy=given).client("signer")
        for name, given in policies.items()
    )
    first.list_signing_profiles()
    is_denied(second.list_signing_profiles)


@pytest.mark.parametrize("version", ["2008-10-17", "2012-10-17"])
def test_a_policy_may_have_an_id_and_either_version(signer_mock, version):
    given = {"Version": version, "Id": "for-ci", "Statement": [allow("signer:List*", Sid="Lists")]}
    client = signer_mock.account().role("ci", policy=given).client("signer")
    client.list_signing_profiles()
    is_denied(client.get_signing_platform, platformId=LAMBDA)


def test_a_statement_may_stand_without_a_list(signer_mock):
    alone = {"Statement": allow("signer:ListSigningProfiles")}
    client = signer_mock.account().role("alone", policy=alone).client("signer")
    client.list_signing_profiles()
    is_denied(client.list_signing_jobs)


def test_a_policy_of_moto_without_moto_allows_nothing(signer_mock):
    client = signer_mock.account().role("ci", policy="moto").client("signer")
    is_denied(client.list_signing_profiles)


def test_a_policy_of_a_moto_whose_iam_was_never_called_allows_nothing():
    with mock_aws(), mock_signer() as mock:
        client = mock.account(OTHER).role("ci", policy="moto").client("signer")
        is_denied(client.list_signing_profiles)
