"""ECR's managed signing in front of moto's ECR: an image that is pushed is signed."""

from __future__ import annotations

import json
import threading
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

from signer_mock import SignerMock, mock_signer
from signer_mock.errors import SignerMockError
from tests.helpers.constants import ACCOUNT, LAMBDA, NOTATION, OTHER
from tests.helpers.images import (
    OCI_MANIFEST,
    SIGNATURE,
    descriptor,
    digest_of,
    image_index,
    image_manifest,
    needs_managed_signing,
)

pytestmark = needs_managed_signing

REPOSITORY = "team/web"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"


@pytest.fixture
def both(both: SignerMock) -> SignerMock:
    """moto and the mock, with a repository."""
    both.client("ecr").create_repository(repositoryName=REPOSITORY)
    return both


@pytest.fixture
def ecr(both: SignerMock) -> Any:
    return both.client("ecr")


@pytest.fixture
def profile(both: SignerMock, ecr: Any) -> str:
    """The ARN of a profile whose rule signs everything in the registry."""
    arn = make_profile(both)
    put_rules(ecr, {"signingProfileArn": arn})
    return arn


def make_profile(
    mock: SignerMock, name: str = "release", account: str = ACCOUNT, platform: str = NOTATION
) -> str:
    signer = mock.account(account).client("signer")
    arn: str = signer.put_signing_profile(profileName=name, platformId=platform)["arn"]
    return arn


def put_rules(ecr: Any, *rules: dict[str, Any]) -> None:
    ecr.put_signing_configuration(signingConfiguration={"rules": list(rules)})


def filters(*values: str) -> list[dict[str, str]]:
    return [{"filter": value, "filterType": "WILDCARD_MATCH"} for value in values]


def push(ecr: Any, manifest: str, tag: str | None = "v1", **params: Any) -> Any:
    named = {} if tag is None else {"imageTag": tag}
    return ecr.put_image(
        **{"repositoryName": REPOSITORY, "imageManifest": manifest, **named, **params}
    )["image"]


def statuses(ecr: Any, tag: str = "v1", **params: Any) -> list[dict[str, str]]:
    answer = ecr.describe_image_signing_status(
        **{"repositoryName": REPOSITORY, "imageId": {"imageTag": tag}, **params}
    )
    found: list[dict[str, str]] = answer["signingStatuses"]
    return found


def referrers(ecr: Any, manifest: str, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ecr.list_image_referrers(
        repositoryName=REPOSITORY, subjectId={"imageDigest": digest_of(manifest)}, **params
    )["referrers"]
    return found


def refused(call: Any, **params: Any) -> tuple[str, str]:
    """The exception that a call is refused with, and its message."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    error = caught.value.response["Error"]
    assert type(caught.value).__name__ == error["Code"]
    return error["Code"], error["Message"]


# An image is signed


def test_an_image_is_signed_as_the_one_who_pushes_it(both, profile):
    image = image_manifest()
    pushed = push(both.account().role("ci").client("ecr"), image)

    assert pushed["imageId"] == {"imageDigest": digest_of(image), "imageTag": "v1"}
    [call] = both.calls.assert_called("SignPayload", times=1, profileName="release")
    assert call.principal == f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/signer-mock"
    assert (call.params["profileOwner"], call.region) == (ACCOUNT, "us-east-1")
    assert json.loads(call.params["payload"]) == {"targetArtifact": descriptor(image)}
    assert statuses(both.client("ecr")) == [{"signingProfileArn": profile, "status": "COMPLETE"}]


def test_the_signature_is_a_referrer_of_the_image(both, ecr, profile):
    image = image_manifest()
    push(ecr, image)

    [referrer] = referrers(ecr, image)
    [job] = both.client("signer").list_signing_jobs()["jobs"]
    assert referrer["artifactType"] == SIGNATURE
    assert referrer["mediaType"] == OCI_MANIFEST
    assert referrer["artifactStatus"] == "ACTIVE"
    [found] = ecr.batch_get_image(
        repositoryName=REPOSITORY, imageIds=[{"imageDigest": referrer["digest"]}]
    )["images"]
    signature = json.loads(found["imageManifest"])
    assert digest_of(found["imageManifest"]) == referrer["digest"]
    assert len(found["imageManifest"]) == referrer["size"]
    assert signature["subject"] == descriptor(image)
    assert signature["artifactType"] == signature["config"]["mediaType"] == SIGNATURE
    [layer] = signature["layers"]
    assert layer["mediaType"] == "application/jose+json"
    noted = signature["annotations"]
    assert noted == referrer["annotations"]
    assert noted["com.amazonaws.signer.signingJob"].endswith(job["jobId"])
    assert noted["com.amazonaws.signer.signingProfileVersion"].startswith(f"{profile}/")
    thumbprints = json.loads(noted["io.cncf.notary.x509chain.thumbprint#S256"])
    assert [len(bytes.fromhex(one)) for one in thumbprints] == [32] * 4
    assert noted["org.opencontainers.image.created"] == f"{job['createdAt']:%Y-%m-%dT%H:%M:%SZ}"


def test_a_signature_counts_as_an_image_of_the_repository(ecr, profile):
    push(ecr, image_manifest())
    assert len(ecr.list_images(repositoryName=REPOSITORY)["imageIds"]) == 2
    assert len(ecr.describe_images(repositoryName=REPOSITORY)["imageDetails"]) == 2


def test_the_exported_signature_verifies(both, ecr, profile, tmp_path):
    image = image_manifest()
    push(ecr, image)
    layout = both.export_oci_layout(REPOSITORY, tmp_path / "layout")

    [referrer] = referrers(ecr, image)
    blobs = layout / "blobs" / "sha256"
    signature = json.loads((blobs / referrer["digest"][7:]).read_text())
    envelope = (blobs / signature["layers"][0]["digest"][7:]).read_bytes()
    verified = both.verify_notation_envelope(envelope, [profile], artifact=descriptor(image))
    assert verified.profile_version_arn.startswith(profile)


def test_without_a_configuration_nothing_is_signed_and_moto_is_left_alone(both, ecr):
    pushed = push(ecr, image_manifest())
    assert pushed["imageId"]["imageDigest"] != digest_of(image_manifest())  # moto's invention
    assert statuses(ecr) == []
    both.calls.assert_not_called("SignPayload")


def test_after_the_configuration_is_deleted_signatures_stay_and_new_images_are_not_signed(
    ecr, profile
):
    push(ecr, image_manifest())
    ecr.delete_signing_configuration()
    push(ecr, image_manifest("other"), "v2")
    assert [one["status"] for one in statuses(ecr)] == ["COMPLETE"]
    assert statuses(ecr, "v2") == []
    assert len(referrers(ecr, image_manifest())) == 1


# Rules


@pytest.mark.parametrize(
    ("patterns", "matches"),
    [
        (["team/*"], True),
        (["*/web"], True),
        (["*eam*we*"], True),
        (["*"], True),
        (["team/web"], True),
        (["other", "team/w*"], True),
        (["team"], False),
        (["web"], False),
        (["eam/*"], False),
        (["team/we"], False),
        (["team.web"], False),
        (["other*"], False),
    ],
)
def test_a_filter_matches_whole_names_and_a_star_any_characters(both, ecr, patterns, matches):
    put_rules(
        ecr, {"signingProfileArn": make_profile(both), "repositoryFilters": filters(*patterns)}
    )
    push(ecr, image_manifest())
    assert bool(statuses(ecr)) is matches
    both.calls.assert_called("SignPayload", times=int(matches))


def test_each_matching_rule_makes_a_signature_of_its_own(both, ecr):
    arns = [make_profile(both, name) for name in ("first", "second", "third")]
    put_rules(
        ecr,
        {"signingProfileArn": arns[0]},
        {"signingProfileArn": arns[1], "repositoryFilters": filters("nothing*")},
        {"signingProfileArn": arns[2], "repositoryFilters": filters("team/*")},
    )
    push(ecr, image_manifest())
    assert statuses(ecr) == [
        {"signingProfileArn": arn, "status": "COMPLETE"} for arn in (arns[0], arns[2])
    ]
    assert len(referrers(ecr, image_manifest())) == 2


def test_two_matching_rules_with_one_profile_make_one_signature(both, ecr):
    arn = make_profile(both)
    put_rules(
        ecr,
        {"signingProfileArn": arn},
        {"signingProfileArn": arn, "repositoryFilters": filters("team/*")},
    )
    push(ecr, image_manifest())
    assert len(statuses(ecr)) == len(referrers(ecr, image_manifest())) == 1
    both.calls.assert_called("SignPayload", times=1)

    both.faults.fail("SignPayload", "AccessDeniedException", times=None)
    push(ecr, image_manifest("other"), "v2")
    both.calls.assert_called("SignPayload", times=2)  # one more: the second rule tries nothing


# What is signed, and what is not


@pytest.mark.parametrize("media_type", [OCI_MANIFEST, DOCKER])
def test_the_media_type_may_be_given_beside_the_manifest(ecr, profile, media_type):
    image = json.dumps({**json.loads(image_manifest()), "mediaType": None})
    push(ecr, image, imageManifestMediaType=media_type)
    [referrer] = referrers(ecr, image)
    [found] = ecr.batch_get_image(
        repositoryName=REPOSITORY, imageIds=[{"imageDigest": referrer["digest"]}]
    )["images"]
    assert json.loads(found["imageManifest"])["subject"] == descriptor(image, media_type)


def test_an_index_is_signed_as_each_of_its_manifests_is(ecr, profile):
    arm, intel = image_manifest("arm"), image_manifest("intel")
    index = image_index(arm, intel)
    push(ecr, arm, None, imageDigest=digest_of(arm))
    push(ecr, intel, None)
    push(ecr, index)
    for manifest in (arm, intel, index):
        assert len(referrers(ecr, manifest)) == 1
        [status] = statuses(ecr, imageId={"imageDigest": digest_of(manifest)})
        assert status["status"] == "COMPLETE"


NOT_IMAGES: dict[str, dict[str, Any]] = {
    "signature": {"config": descriptor("{}", SIGNATURE)},
    "artifact type": {"artifactType": SIGNATURE},
    "subject": {"subject": descriptor(image_manifest())},
    "chart": {"config": descriptor("{}", "application/vnd.cncf.helm.config.v1+json")},
    "cosign": {
        "layers": [descriptor("{}", "application/vnd.dev.cosign.simplesigning.v1+json")],
    },
}


@pytest.mark.parametrize("kind", NOT_IMAGES)
def test_signatures_and_other_artifacts_are_not_signed(both, ecr, profile, kind):
    push(ecr, image_manifest(**NOT_IMAGES[kind]))
    assert statuses(ecr) == []
    both.calls.assert_not_called("SignPayload")


@pytest.mark.parametrize("manifest", ["not JSON", "[]", '"text"', ""])
def test_what_is_no_manifest_is_motos_to_refuse(both, ecr, profile, manifest):
    with pytest.raises(Exception):  # noqa: B017 - moto raises what it likes
        push(ecr, manifest)
    both.calls.assert_not_called("SignPayload")


def test_a_digest_that_is_not_the_manifests_is_refused(both, ecr, profile):
    other = digest_of("another")
    assert refused(
        ecr.put_image,
        repositoryName=REPOSITORY,
        imageManifest=image_manifest(),
        imageDigest=other,
    ) == (
        "ImageDigestDoesNotMatchException",
        (
            f"The specified image digest '{other}' does not match the digest "
            f"'{digest_of(image_manifest())}' that Amazon ECR calculated for the image"
        ),
    )
    assert ecr.list_images(repositoryName=REPOSITORY)["imageIds"] == []
    both.calls.assert_not_called("SignPayload")


ODD: dict[str, dict[str, Any]] = {
    "half a character": {"note": "\ud800"},
    "media type": {"mediaType": 5},
    "members": {"config": 5, "layers": 7, "subject": 3},
    "layers": {"config": {"digest": []}, "layers": [5, None, {"digest": {}}]},
    "annotations": {"annotations": None, "artifactType": []},
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_manifests_that_moto_accepts_break_nothing(both, ecr, profile, kind, tmp_path):
    push(ecr, json.dumps({**json.loads(image_manifest()), **ODD[kind]}))
    push(ecr, image_manifest(), "good")
    assert len(referrers(ecr, image_manifest())) == 1
    assert [one["status"] for one in statuses(ecr, "good")] == ["COMPLETE"]
    both.export_oci_layout(REPOSITORY, tmp_path)


def test_images_pushed_at_once_are_each_signed_once(both, ecr, profile):
    images = [image_manifest(str(number)) for number in range(8)]
    threads = [threading.Thread(target=push, args=(ecr, image, None)) for image in images]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    both.calls.assert_called("SignPayload", times=8)
    assert [len(referrers(ecr, image)) for image in images] == [1] * 8


# Pushed again


def test_another_tag_of_a_signed_image_makes_no_second_signature(both, ecr, profile):
    push(ecr, image_manifest())
    push(ecr, image_manifest(), "latest")
    assert statuses(ecr, "latest") == statuses(ecr, "v1")
    both.calls.assert_called("SignPayload", times=1)


def test_a_push_that_moto_refuses_signs_nothing(both, ecr, profile):
    push(ecr, image_manifest())
    with pytest.raises(ecr.exceptions.ImageAlreadyExistsException):
        push(ecr, image_manifest())
    both.calls.assert_called("SignPayload", times=1)


def test_an_image_whose_signing_failed_is_signed_when_it_is_pushed_again(both, ecr, profile):
    both.faults.fail("SignPayload", "AccessDeniedException")
    push(ecr, image_manifest())
    assert [one["status"] for one in statuses(ecr)] == ["FAILED"]
    push(ecr, image_manifest(), "v2")
    assert [one["status"] for one in statuses(ecr)] == ["COMPLETE"]


def test_an_image_whose_signature_was_deleted_is_signed_when_it_is_pushed_again(both, ecr, profile):
    push(ecr, image_manifest())
    [signature] = referrers(ecr, image_manifest())
    delete(ecr, signature["digest"])
    assert referrers(ecr, image_manifest()) == []
    push(ecr, image_manifest(), "v2")
    assert len(referrers(ecr, image_manifest())) == 1


def test_an_image_from_before_the_rule_is_signed_when_it_is_pushed_again(both, ecr):
    image = image_manifest()
    invented = push(ecr, image)["imageId"]["imageDigest"]
    put_rules(ecr, {"signingProfileArn": make_profile(both)})
    push(ecr, image, "v2")
    assert len(referrers(ecr, image)) == 1
    for image_id in (
        {"imageTag": "v1"},
        {"imageTag": "v2", "imageDigest": digest_of(image)},
        {"imageDigest": digest_of(image)},
        {"imageDigest": invented},
    ):
        assert [one["status"] for one in statuses(ecr, imageId=image_id)] == ["COMPLETE"]


def delete(ecr: Any, digest: str) -> None:
    ecr.batch_delete_image(repositoryName=REPOSITORY, imageIds=[{"imageDigest": digest}])


def test_the_signature_of_a_deleted_image_stays(both, ecr, profile):
    image = image_manifest()
    push(ecr, image)
    delete(ecr, digest_of(image))
    assert len(referrers(ecr, image)) == 1
    code, message = refused(
        ecr.describe_image_signing_status,
        repositoryName=REPOSITORY,
        imageId={"imageDigest": digest_of(image)},
    )
    assert code == "ImageNotFoundException"
    assert message == (
        f"The image with imageId {{imageDigest:'{digest_of(image)}', imageTag:'null'}} does not "
        f"exist within the repository with name '{REPOSITORY}' in the registry with id "
        f"'{ACCOUNT}'"
    )
    ecr.delete_signing_configuration()
    push(ecr, image)
    assert statuses(ecr) == []  # nobody has signed this push


def test_images_that_nobody_signed_are_motos_alone_to_delete(ecr):
    image = image_manifest()
    push(ecr, image)
    deleted = ecr.batch_delete_image(repositoryName=REPOSITORY, imageIds=[{"imageTag": "v1"}])
    assert [one["imageTag"] for one in deleted["imageIds"]] == ["v1"]
    # Moto says what it thinks of a name that is none.
    odd = boto3.client("ecr", config=Config(parameter_validation=False))
    with pytest.raises(odd.exceptions.RepositoryNotFoundException, match="with name '5'"):
        odd.delete_repository(repositoryName=5)


def test_a_repository_that_is_not_deleted_keeps_what_is_known_of_its_images(ecr, profile):
    push(ecr, image_manifest())
    with pytest.raises(ecr.exceptions.RepositoryNotEmptyException):
        ecr.delete_repository(repositoryName=REPOSITORY)
    assert statuses(ecr) == [{"signingProfileArn": profile, "status": "COMPLETE"}]


def test_a_repository_is_deleted_with_what_was_known_of_its_images(both, ecr, profile):
    push(ecr, image_manifest())
    ecr.delete_repository(repositoryName=REPOSITORY, force=True)
    assert refused(
        ecr.describe_image_signing_status,
        repositoryName=REPOSITORY,
        imageId={"imageTag": "v1"},
    ) == (
        "RepositoryNotFoundException",
        (
            f"The repository with name '{REPOSITORY}' does not exist in the registry with id "
            f"'{ACCOUNT}'"
        ),
    )
    ecr.delete_signing_configuration()
    ecr.create_repository(repositoryName=REPOSITORY)
    push(ecr, image_manifest())
    assert statuses(ecr) == []


# Who may sign


def failure(ecr: Any, **params: Any) -> tuple[str, str, str]:
    [status] = statuses(ecr, **params)
    return status["status"], status["failureCode"], status["failureReason"]


def test_a_pusher_without_permission_fails(both, ecr):
    profile = make_profile(both, account=OTHER)
    put_rules(ecr, {"signingProfileArn": profile})
    push(both.account().role("ci").client("ecr"), image_manifest())
    status, code, reason = failure(ecr)
    assert (status, code) == ("FAILED", "AccessDeniedException")
    assert reason == (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/ci/signer-mock is not authorized to perform: "
        f"signer:SignPayload on resource: {profile}"
    )
    assert referrers(ecr, image_manifest()) == []
    assert len(ecr.list_images(repositoryName=REPOSITORY)["imageIds"]) == 1  # the push is good


def test_a_profile_of_another_account_signs_whom_it_permits(both, ecr):
    profile = make_profile(both, account=OTHER)
    both.account(OTHER).client("signer").add_profile_permission(
        profileName="release",
        action="signer:SignPayload",
        principal=f"arn:aws:iam::{ACCOUNT}:role/ci",
        statementId="ci",
    )
    put_rules(ecr, {"signingProfileArn": profile})
    push(both.account().role("ci").client("ecr"), image_manifest())
    push(both.account().role("dev").client("ecr"), image_manifest("other"), "v2")
    assert statuses(ecr) == [{"signingProfileArn": profile, "status": "COMPLETE"}]
    assert failure(ecr, imageId={"imageTag": "v2"})[1] == "AccessDeniedException"


def test_a_pusher_of_another_account_pushes_into_the_registry_that_it_names(both, ecr, profile):
    pusher = both.account(OTHER).client("ecr")
    push(pusher, image_manifest(), registryId=ACCOUNT)
    assert failure(pusher, registryId=ACCOUNT)[1] == "AccessDeniedException"
    both.client("signer").add_profile_permission(
        profileName="release", action="signer:SignPayload", principal=OTHER, statementId="other"
    )
    push(pusher, image_manifest(), "v2", registryId=ACCOUNT)
    assert statuses(ecr) == [{"signingProfileArn": profile, "status": "COMPLETE"}]
    assert both.calls[-1].account_id == OTHER
    assert len(referrers(pusher, image_manifest(), registryId=ACCOUNT)) == 1


def test_a_canceled_profile_fails(both, ecr, profile):
    both.client("signer").cancel_signing_profile(profileName="release")
    push(ecr, image_manifest())
    assert failure(ecr)[:2] == ("FAILED", "ValidationException")


def test_a_revoked_profile_fails(both, ecr, profile):
    signer = both.client("signer")
    version = signer.get_signing_profile(profileName="release")["profileVersion"]
    signer.revoke_signing_profile(
        profileName="release",
        profileVersion=version,
        reason="leaked",
        effectiveTime=both.clock.now(),
    )
    push(ecr, image_manifest())
    assert failure(ecr)[:2] == ("FAILED", "ValidationException")


def test_a_profile_of_another_platform_fails(both, ecr):
    put_rules(ecr, {"signingProfileArn": make_profile(both, platform=LAMBDA)})
    push(ecr, image_manifest())
    assert failure(ecr) == (
        "FAILED",
        "ValidationException",
        f"SignPayload is not supported for platform {LAMBDA}. Use StartSigningJob.",
    )


def test_a_profile_that_does_not_exist_fails(both, ecr, profile):
    put_rules(ecr, {"signingProfileArn": f"{profile}_2"})
    push(ecr, image_manifest())
    assert failure(ecr)[:2] == ("FAILED", "ResourceNotFoundException")


# Faults, and jobs that take their time


@pytest.mark.parametrize(
    ("code", "message"),
    [("InternalServiceErrorException", "down"), ("TooManyRequestsException", "slow down")],
)
def test_a_fault_of_signer_fails_the_signature_and_not_the_push(both, ecr, profile, code, message):
    both.faults.fail("SignPayload", code, message=message)
    push(ecr, image_manifest())
    assert failure(ecr) == ("FAILED", code, message)
    assert referrers(ecr, image_manifest()) == []


def test_a_lost_connection_to_signer_fails_the_signature(both, ecr, profile):
    both.faults.timeout("SignPayload")
    push(ecr, image_manifest())
    assert failure(ecr)[:2] == ("FAILED", "InternalServiceErrorException")


def test_a_held_signature_is_in_progress_until_it_is_released(both, ecr, profile):
    with both.jobs.hold():
        push(ecr, image_manifest())
        assert statuses(ecr) == [{"signingProfileArn": profile, "status": "IN_PROGRESS"}]
        assert referrers(ecr, image_manifest()) == []
        both.calls.assert_not_called("SignPayload")
    both.calls.assert_called("SignPayload", times=1)
    assert statuses(ecr) == [{"signingProfileArn": profile, "status": "COMPLETE"}]
    assert len(referrers(ecr, image_manifest())) == 1


def test_a_held_signature_can_be_made_to_fail(both, ecr, profile):
    both.jobs.hold()
    push(ecr, image_manifest())
    both.jobs.release(status="Failed", reason="out of keys")
    assert failure(ecr) == ("FAILED", "SigningJobFailed", "out of keys")


def test_a_signature_that_is_to_fail_does(both, ecr, profile):
    both.jobs.fail_next("out of keys")
    push(ecr, image_manifest())
    assert failure(ecr) == ("FAILED", "SigningJobFailed", "out of keys")


def test_a_signature_takes_as_many_looks_as_a_job(both, ecr, profile):
    both.jobs.finish_after(describes=2)
    push(ecr, image_manifest())
    seen = [statuses(ecr)[0]["status"] for _ in range(3)]
    assert seen == ["IN_PROGRESS", "COMPLETE", "COMPLETE"]


def test_a_signature_takes_as_long_as_a_job(both, ecr, profile):
    both.clock.freeze()
    both.jobs.finish_after(seconds=60)
    push(ecr, image_manifest())
    assert statuses(ecr)[0]["status"] == "IN_PROGRESS"
    both.clock.advance(minutes=1)
    assert statuses(ecr)[0]["status"] == "COMPLETE"


@pytest.mark.parametrize("whole", [False, True], ids=["image", "repository"])
def test_a_held_signature_of_what_was_deleted_signs_nothing(both, ecr, profile, whole):
    both.jobs.hold()
    push(ecr, image_manifest())
    if whole:
        ecr.delete_repository(repositoryName=REPOSITORY, force=True)
    else:
        delete(ecr, digest_of(image_manifest()))
    both.jobs.release()
    both.calls.assert_not_called("SignPayload")
    if not whole:
        assert ecr.list_images(repositoryName=REPOSITORY)["imageIds"] == []


def test_a_signature_that_moto_cannot_keep_fails_and_does_not_break_the_push(both, ecr):
    ecr.create_repository(
        repositoryName="fixed",
        imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=[{"filter": "dev*", "filterType": "WILDCARD"}],
    )
    put_rules(ecr, {"signingProfileArn": make_profile(both)})
    push(ecr, image_manifest(), repositoryName="fixed")
    # moto matches the tag that a signature does not have.
    status, code, reason = failure(ecr, repositoryName="fixed")
    assert (status, code) == ("FAILED", "InternalFailure")
    assert reason.startswith("moto did not keep the signature: TypeError")
    assert len(ecr.list_images(repositoryName="fixed")["imageIds"]) == 1


def test_a_signature_that_moto_refuses_fails_and_does_not_break_the_push(ecr, profile, monkeypatch):
    from moto.ecr.exceptions import InvalidParameterException
    from moto.ecr.models import ECRBackend

    put = ECRBackend.put_image

    def images_only(self, repository_name, image_manifest, *args, **params):
        if SIGNATURE in image_manifest:
            raise InvalidParameterException("no signatures here")
        return put(self, repository_name, image_manifest, *args, **params)

    monkeypatch.setattr(ECRBackend, "put_image", images_only)
    push(ecr, image_manifest())
    status, code, reason = failure(ecr)
    assert (status, code) == ("FAILED", "InternalFailure")
    assert reason.startswith("moto did not keep the signature: {")
    assert "no signatures here" in reason


def test_motos_refusal_of_whoever_asks_is_told(ecr, profile):
    """Its checks of rights answer in XML, whatever the service's own protocol."""
    push(ecr, image_manifest())
    ask = set_initial_no_auth_action_count(0)(statuses)
    with pytest.raises(SignerMockError, match=r"(?s)ECR refused BatchGetImage: .*InvalidClient"):
        ask(ecr)


def test_a_moto_that_has_stopped_is_told_when_a_held_signature_is_released():
    with mock_signer() as mock:
        with mock_aws():
            ecr = mock.client("ecr")
            ecr.create_repository(repositoryName=REPOSITORY)
            put_rules(ecr, {"signingProfileArn": make_profile(mock)})
            mock.jobs.hold()
            push(ecr, image_manifest())
        with pytest.raises(SignerMockError, match="does not answer any more; keep its mock active"):
            mock.jobs.release()


# The state is the mock's


def test_reset_forgets_rules_and_statuses(both, ecr, profile):
    push(ecr, image_manifest())
    both.reset()
    assert statuses(ecr) == []
    assert refused(ecr.get_signing_configuration)[0] == "SigningConfigurationNotFoundException"


def test_a_snapshot_holds_rules_statuses_and_held_signatures(both, ecr, profile):
    both.jobs.hold()
    push(ecr, image_manifest())
    snapshot = both.snapshot()
    both.jobs.release(status="Failed")
    ecr.delete_signing_configuration()

    both.restore(snapshot)
    assert ecr.get_signing_configuration()["signingConfiguration"]["rules"]
    assert statuses(ecr)[0]["status"] == "IN_PROGRESS"
    both.jobs.release()
    assert statuses(ecr)[0]["status"] == "COMPLETE"
