"""TagResource, UntagResource, ListTagsForResource, and tags of PutSigningProfile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.helpers.constants import ACCOUNT, LAMBDA
from tests.helpers.refusals import expect_refusal, refusal
from tests.helpers.signing_profiles import retire

OPERATIONS: dict[str, dict[str, Any]] = {
    "tag_resource": {"tags": {"team": "blue"}},
    "untag_resource": {"tagKeys": ["team"]},
    "list_tags_for_resource": {},
}


@pytest.fixture
def arn(signer_client: Any, lambda_profile: str) -> str:
    """The ARN of a profile without tags."""
    return str(signer_client.get_signing_profile(profileName=lambda_profile)["arn"])


@pytest.fixture
def tags_of(signer_client: Any) -> Callable[[str], dict[str, str]]:
    """The tags of an ARN, as all three operations that show them agree."""

    def tags(arn: str) -> dict[str, str]:
        name = arn.rpartition("/")[2]
        tags: dict[str, str] = signer_client.list_tags_for_resource(resourceArn=arn)["tags"]
        assert signer_client.get_signing_profile(profileName=name)["tags"] == tags
        (listed,) = signer_client.list_signing_profiles()["profiles"]
        assert listed["tags"] == tags
        return tags

    return tags


def test_a_profile_without_tags_has_an_empty_map(arn, tags_of):
    assert tags_of(arn) == {}


def test_tags_given_at_put_are_the_profiles_tags(signer_client, tags_of):
    arn = signer_client.put_signing_profile(
        profileName="tagged", platformId=LAMBDA, tags={"team": "blue", "empty": ""}
    )["arn"]
    assert tags_of(arn) == {"team": "blue", "empty": ""}


def test_tagging_adds_and_overwrites(signer_client, arn, tags_of):
    signer_client.tag_resource(resourceArn=arn, tags={"team": "blue", "stage": "test"})
    signer_client.tag_resource(resourceArn=arn, tags={"team": "red", "cost": "7"})
    assert tags_of(arn) == {"team": "red", "stage": "test", "cost": "7"}


def test_untagging_removes_the_keys_named_and_ignores_others(signer_client, arn, tags_of):
    signer_client.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2", "c": "3"})
    signer_client.untag_resource(resourceArn=arn, tagKeys=["a", "c", "never-there"])
    assert tags_of(arn) == {"b": "2"}


@pytest.mark.parametrize("key", ["k", "x" * 128, "a+b-c=d.e_f:g/h", "0123456789", "Aws:x"])
def test_keys_of_the_models_characters_are_accepted(signer_client, arn, tags_of, key):
    signer_client.tag_resource(resourceArn=arn, tags={key: "v" * 256})
    assert tags_of(arn) == {key: "v" * 256}
    signer_client.untag_resource(resourceArn=arn, tagKeys=[key])
    assert tags_of(arn) == {}


def test_a_profile_holds_200_tags_and_not_one_more(signer_client, arn, tags_of):
    signer_client.tag_resource(resourceArn=arn, tags={f"k{n}": "" for n in range(150)})
    signer_client.tag_resource(resourceArn=arn, tags={f"k{n}": "" for n in range(100, 200)})
    assert len(tags_of(arn)) == 200
    expect_refusal(
        signer_client.tag_resource,
        400,
        "BadRequestException",
        f"The number of tags for resource {arn} cannot exceed 200.",
        resourceArn=arn,
        tags={"k200": ""},
    )
    signer_client.tag_resource(resourceArn=arn, tags={"k7": "new value"})
    assert tags_of(arn)["k7"] == "new value"


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        ({"tags": {"aws:team": "x"}}, "failed to satisfy constraint: Member must satisfy regular"),
        ({"tags": {"a b": "x"}}, "failed to satisfy constraint: Member must satisfy regular"),
        ({"tags": {"a@b": "x"}}, "failed to satisfy constraint: Member must satisfy regular"),
        ({"tags": {"x" * 129: ""}}, "Member must have length less than or equal to 128"),
        ({"tags": {"": ""}}, "Member must have length greater than or equal to 1"),
        ({"tags": {"k": "v" * 257}}, "Member must have length less than or equal to 256"),
        ({"tags": {}}, "Member must have length greater than or equal to 1"),
        ({"tags": {f"k{n}": "" for n in range(201)}}, "length less than or equal to 200"),
        ({}, "Value null at 'tags' failed to satisfy constraint: Member must not be null"),
    ],
)
def test_tags_outside_the_models_limits_are_a_bad_request(raw_client, arn, call, complaint):
    error = refusal(raw_client.tag_resource, resourceArn=arn, **call)
    assert type(error).__name__ == "BadRequestException"
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert complaint in error.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        (["aws:team"], "Member must satisfy regular expression pattern"),
        ([f"k{n}" for n in range(201)], "Member must have length less than or equal to 200"),
        ([], "Value null at 'tagKeys' failed to satisfy constraint: Member must not be null"),
    ],
)
def test_keys_outside_the_models_limits_are_a_bad_request(raw_client, arn, keys, complaint):
    error = refusal(raw_client.untag_resource, resourceArn=arn, tagKeys=keys)
    assert type(error).__name__ == "BadRequestException"
    assert complaint in error.response["Error"]["Message"]


@pytest.mark.parametrize("tags", [{"aws:team": "x"}, {f"k{n}": "" for n in range(201)}, {"": ""}])
def test_put_refuses_such_tags_as_invalid(raw_client, tags):
    error = refusal(
        raw_client.put_signing_profile, profileName="tagged", platformId=LAMBDA, tags=tags
    )
    assert type(error).__name__ == "ValidationException"


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    "arn",
    [
        "x",
        "not-an-arn",
        "arn:aws:signer:us-east-1",
        f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f",
        f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-jobs/lambda_profile",
        f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-profiles/",
        f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-profiles/lambda_profile/AAAAAAAAAA",
        f"arn:aws:signer:us-east-1:{ACCOUNT}:signing-profiles/lambda_profile",
        f"arn:aws-cn:signer:us-east-1:{ACCOUNT}:/signing-profiles/lambda_profile",
    ],
)
def test_what_is_no_profiles_arn_is_a_bad_request(signer_client, lambda_profile, operation, arn):
    expect_refusal(
        getattr(signer_client, operation),
        400,
        "BadRequestException",
        f"ARN {arn} is not a valid signing profile ARN",
        resourceArn=arn,
        **OPERATIONS[operation],
    )


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-profiles/nobody",
        f"arn:aws:signer:eu-west-1:{ACCOUNT}:/signing-profiles/lambda_profile",
        "arn:aws:signer:us-east-1:210987654321:/signing-profiles/lambda_profile",
    ],
)
def test_a_profile_that_is_not_there_is_not_found(signer_client, lambda_profile, operation, arn):
    expect_refusal(
        getattr(signer_client, operation),
        404,
        "NotFoundException",
        f"Resource with ARN {arn} does not exist",
        resourceArn=arn,
        **OPERATIONS[operation],
    )


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("state", ["Canceled", "Revoked"])
def test_a_profile_that_is_not_active_is_a_bad_request(
    signer_client, lambda_profile, arn, operation, state
):
    signer_client.tag_resource(resourceArn=arn, tags={"team": "blue"})
    retire(signer_client, lambda_profile, state)
    expect_refusal(
        getattr(signer_client, operation),
        400,
        "BadRequestException",
        f"Cannot use tags of a profile in {state} state",
        resourceArn=arn,
        **OPERATIONS[operation],
    )
    assert signer_client.get_signing_profile(profileName=lambda_profile)["tags"] == {"team": "blue"}


@pytest.mark.parametrize("operation", ["tag_resource", "untag_resource"])
def test_tagging_and_untagging_have_an_empty_answer(signer_client, arn, operation):
    answer = getattr(signer_client, operation)(resourceArn=arn, **OPERATIONS[operation])
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["ResponseMetadata"]["HTTPHeaders"]["content-length"] == "0"
    assert list(answer) == ["ResponseMetadata"]


def test_an_empty_map_of_tags_at_put_is_none(raw_client):
    arn = raw_client.put_signing_profile(profileName="bare", platformId=LAMBDA, tags={})["arn"]
    assert raw_client.list_tags_for_resource(resourceArn=arn)["tags"] == {}


def test_tags_are_kept_for_each_account_and_region_apart(signer_mock, signer_client, arn):
    signer_client.tag_resource(resourceArn=arn, tags={"team": "blue"})
    for client in (
        signer_mock.client("signer", "eu-west-1"),
        signer_mock.account("210987654321").client("signer"),
    ):
        other = client.put_signing_profile(profileName="lambda_profile", platformId=LAMBDA)["arn"]
        assert client.list_tags_for_resource(resourceArn=other)["tags"] == {}
