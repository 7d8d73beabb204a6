"""ECR's signing configurations: one for each registry and Region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from signer_mock import SignerMock, mock_signer
from signer_mock.server import SignerServer, serve_world
from tests.helpers.constants import ACCOUNT, NOTATION, OTHER
from tests.helpers.images import digest_of, image_manifest, needs_managed_signing

pytestmark = needs_managed_signing

PROFILE = f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-profiles/release"
NONE = (
    "SigningConfigurationNotFoundException",
    f"Signing configuration does not exist for the registry with id '{ACCOUNT}'",
)


@pytest.fixture
def ecr(both: SignerMock) -> Any:
    return both.client("ecr", config=Config(parameter_validation=False))


def rules(*profiles: str, **rule: Any) -> dict[str, Any]:
    return {"rules": [{"signingProfileArn": profile, **rule} for profile in profiles]}


def refused(call: Any, **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    error = caught.value.response["Error"]
    assert type(caught.value).__name__ == error["Code"]
    return error["Code"], error["Message"]


FILTER = {"filter": "team/*", "filterType": "WILDCARD_MATCH"}


@pytest.mark.parametrize(
    "configuration",
    [
        rules(PROFILE),
        rules(PROFILE, repositoryFilters=[FILTER]),
        rules(*[PROFILE] * 10),
        rules(PROFILE, repositoryFilters=[FILTER] * 100),
        rules(PROFILE.replace(ACCOUNT, OTHER)),
        rules(),
    ],
    ids=["all", "filtered", "ten", "hundred filters", "other account", "none"],
)
def test_a_configuration_is_kept_as_it_was_put_until_it_is_deleted(ecr, configuration):
    put = ecr.put_signing_configuration(signingConfiguration=configuration)
    assert put["signingConfiguration"] == configuration
    got, deleted = ecr.get_signing_configuration(), ecr.delete_signing_configuration()
    for answer in (got, deleted):
        assert answer["signingConfiguration"] == configuration
        assert answer["registryId"] == ACCOUNT
    assert refused(ecr.get_signing_configuration) == NONE


def test_without_a_configuration_there_is_none_to_get_or_to_delete(ecr):
    assert refused(ecr.get_signing_configuration) == NONE
    assert refused(ecr.delete_signing_configuration) == NONE


def test_a_second_put_replaces_the_first(ecr):
    for name in ("first", "second"):
        ecr.put_signing_configuration(signingConfiguration=rules(PROFILE.replace("release", name)))
    [rule] = ecr.get_signing_configuration()["signingConfiguration"]["rules"]
    assert rule["signingProfileArn"].endswith("/second")


def test_each_account_and_region_has_its_own(both, ecr):
    ecr.put_signing_configuration(signingConfiguration=rules(PROFILE))
    for other in (both.client("ecr", "eu-west-1"), both.account(OTHER).client("ecr")):
        assert refused(other.get_signing_configuration)[0] == NONE[0]


def member(constraint: str, value: str, path: str) -> tuple[str, str]:
    message = (
        f"1 validation error detected: Value{value} at 'signingConfiguration.{path}' failed to "
        f"satisfy constraint: {constraint}"
    )
    return "InvalidParameterException", message


VERSION = f"{PROFILE}/AbCdEfGh12"
WEST = PROFILE.replace("us-east-1", "us-west-2")
CHINA = PROFILE.replace("arn:aws:", "arn:aws-cn:")
_ELSEWHERE = (
    "Invalid parameter at 'signingConfiguration.rules.1.signingProfileArn' failed to satisfy "
    "constraint: 'the signing profile must be in the Region of the registry, us-east-1'"
)
ELSEWHERE = ("ValidationException", _ELSEWHERE)
ARN_PATTERN = (
    r"^arn:aws(-[a-z]+)*:signer:[a-z0-9-]+:[0-9]{12}:\/signing-profiles\/[a-zA-Z0-9_]{2,}$"
)
FILTER_PATTERN = r"^(?:[a-z0-9*]+(?:[._-][a-z0-9*]+)*/)*[a-z0-9*]+(?:[._-][a-z0-9*]+)*$"
REFUSED: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "eleven rules": (
        rules(*[PROFILE] * 11),
        member("Member must have length less than or equal to 10", "", "rules"),
    ),
    "101 filters": (
        rules(PROFILE, repositoryFilters=[FILTER] * 101),
        member(
            "Member must have length less than or equal to 100",
            "",
            "rules.1.member.repositoryFilters",
        ),
    ),
    "no filter in the list": (
        rules(PROFILE, repositoryFilters=[]),
        member(
            "Member must have length greater than or equal to 1",
            " '[]'",
            "rules.1.member.repositoryFilters",
        ),
    ),
    "version": (
        rules(VERSION),
        member(
            f"Member must satisfy regular expression pattern: {ARN_PATTERN}",
            f" '{VERSION}'",
            "rules.1.member.signingProfileArn",
        ),
    ),
    "no profile": (
        {"rules": [{}]},
        member("Member must not be null", " null", "rules.1.member.signingProfileArn"),
    ),
    "no rules": ({}, member("Member must not be null", " null", "rules")),
    "filter type": (
        rules(PROFILE, repositoryFilters=[{**FILTER, "filterType": "PREFIX_MATCH"}]),
        member(
            "Member must satisfy enum value set: [WILDCARD_MATCH]",
            " 'PREFIX_MATCH'",
            "rules.1.member.repositoryFilters.1.member.filterType",
        ),
    ),
    "filter": (
        rules(PROFILE, repositoryFilters=[{**FILTER, "filter": "Team/[a]?"}]),
        member(
            f"Member must satisfy regular expression pattern: {FILTER_PATTERN}",
            " 'Team/[a]?'",
            "rules.1.member.repositoryFilters.1.member.filter",
        ),
    ),
    "region": (rules(WEST), ELSEWHERE),
    "partition": (rules(CHINA), ELSEWHERE),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_configuration_that_breaks_a_rule_is_refused_and_changes_nothing(ecr, kind):
    ecr.put_signing_configuration(signingConfiguration=rules(PROFILE))
    configuration, error = REFUSED[kind]
    assert refused(ecr.put_signing_configuration, signingConfiguration=configuration) == error
    assert ecr.get_signing_configuration()["signingConfiguration"] == rules(PROFILE)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        '{"signingConfiguration": []}',
        '{"signingConfiguration": {"rules": {}}}',
        '{"signingConfiguration": {"rules": "none"}}',
        '{"signingConfiguration": {"rules": [1]}}',
        '{"signingConfiguration": {"rules": [null]}}',
        '{"signingConfiguration": {"rules": [{"signingProfileArn": ["arn"]}]}}',
    ],
)
def test_a_body_of_the_wrong_types_is_refused(ecr, body):
    def replace(params: dict[str, Any], **_: Any) -> None:
        params["body"] = body.encode()

    ecr.meta.events.register("before-call.ecr.PutSigningConfiguration", replace)
    with pytest.raises(ClientError) as caught:
        ecr.put_signing_configuration(signingConfiguration=rules(PROFILE))
    code = caught.value.response["Error"]["Code"]
    assert code == ("SerializationException" if body else "InvalidParameterException")


@pytest.mark.parametrize(
    ("image_id", "message"),
    [
        ({}, "both tag and digest cannot be null"),
        (
            {"imageDigest": "latest"},
            "image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
        ),
    ],
)
def test_a_status_is_asked_for_by_tag_or_digest(ecr, image_id, message):
    ecr.create_repository(repositoryName="web")
    asked = {"repositoryName": "web", "imageId": image_id}
    assert refused(ecr.describe_image_signing_status, **asked) == (
        "InvalidParameterException",
        f"Invalid request parameters: {message}",
    )


def test_tag_and_digest_must_name_the_same_image(ecr):
    ecr.create_repository(repositoryName="web")
    ecr.put_image(repositoryName="web", imageManifest=image_manifest(), imageTag="v1")
    other = digest_of("other")
    code, message = refused(
        ecr.describe_image_signing_status,
        repositoryName="web",
        imageId={"imageTag": "v1", "imageDigest": other},
    )
    assert code == "ImageNotFoundException"
    assert message == (
        f"The image with imageId {{imageDigest:'{other}', imageTag:'v1'}} does not exist within "
        f"the repository with name 'web' in the registry with id '{ACCOUNT}'"
    )


def test_referrers_come_page_by_page_and_filtered(both):
    ecr = both.client("ecr")
    ecr.create_repository(repositoryName="web")
    subject = {"mediaType": "m", "digest": digest_of(image_manifest()), "size": 1}
    for number in range(3):
        sbom = image_manifest(str(number), subject=subject, artifactType=f"text/{number % 2}")
        ecr.put_image(repositoryName="web", imageManifest=sbom)
    asked = {"repositoryName": "web", "subjectId": {"imageDigest": subject["digest"]}}

    first = ecr.list_image_referrers(**asked, maxResults=2)
    second = ecr.list_image_referrers(**asked, maxResults=2, nextToken=first["nextToken"])
    assert [len(page["referrers"]) for page in (first, second)] == [2, 1]
    assert "nextToken" not in second
    some = ecr.list_image_referrers(**asked, filter={"artifactTypes": ["text/1"]})["referrers"]
    assert [one["artifactType"] for one in some] == ["text/1"]
    for status, count in (("ARCHIVED", 0), ("ANY", 3), ("ACTIVE", 3)):
        found = ecr.list_image_referrers(**asked, filter={"artifactStatus": status})["referrers"]
        assert len(found) == count
    assert refused(ecr.list_image_referrers, **{**asked, "repositoryName": "none"})[0] == (
        "RepositoryNotFoundException"
    )


# Over HTTP


@pytest.fixture
def server() -> Iterator[SignerServer]:
    with serve_world(with_moto=True, account_id=ACCOUNT) as server:
        yield server


def test_an_image_is_pushed_and_signed_over_http(server):
    ecr, signer = server.client("ecr"), server.client()
    profile = signer.put_signing_profile(profileName="release", platformId=NOTATION)["arn"]
    ecr.put_signing_configuration(signingConfiguration=rules(profile))
    ecr.create_repository(repositoryName="web")
    ecr.put_image(repositoryName="web", imageManifest=image_manifest(), imageTag="v1")
    status = ecr.describe_image_signing_status(repositoryName="web", imageId={"imageTag": "v1"})
    assert status["signingStatuses"] == [{"signingProfileArn": profile, "status": "COMPLETE"}]
    digest = status["imageId"]["imageDigest"]
    [referrer] = ecr.list_image_referrers(repositoryName="web", subjectId={"imageDigest": digest})[
        "referrers"
    ]
    assert referrer["artifactType"] == "application/vnd.cncf.notary.signature"


def test_beside_moto_without_the_mock_nothing_is_answered():
    with mock_signer() as mock, mock_aws():
        mock.client("ecr").put_signing_configuration(signingConfiguration=rules(PROFILE))
    with mock_aws(), pytest.raises(NotImplementedError):
        boto3.client("ecr", "us-east-1").get_signing_configuration()
