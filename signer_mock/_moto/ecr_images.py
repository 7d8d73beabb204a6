"""Images of moto's ECR: their signing status, their referrers, and their end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from signer_mock._moto.ecr_errors import (
    ImageNotFoundException,
    InvalidParameterException,
    RepositoryNotFoundException,
)
from signer_mock._moto.ecr_manifests import artifact_type, read_manifest, subject_digest

if TYPE_CHECKING:
    from signer_mock._moto.ecr_registry import Image, Registry
    from signer_mock._wire.http import HttpResponse

_DIGEST = re.compile(r"[a-zA-Z0-9_+.-]+:[a-fA-F0-9]+")
# ECR API reference, ListImageReferrers.
_PAGE_SIZE = 50


def describe_signing_status(registry: Registry, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Perform DescribeImageSigningStatus: a status for each profile whose rule matched."""
    repository, asked = parameters["repositoryName"], parameters["imageId"]
    image = _find(registry, repository, asked)
    key = registry.image_key(repository, image.digest)
    world = registry.world
    with world.lock:
        world.job_controls.settle(world.clock.now())
        for profile_arn in list(world.image_signing.statuses.get(key, ())):
            world.job_controls.described(key.job_id(profile_arn))
        statuses = [one.describe() for one in world.image_signing.statuses.get(key, {}).values()]
    return {
        "repositoryName": repository,
        "registryId": registry.account_id,
        "imageId": {**asked, "imageDigest": image.digest},
        "signingStatuses": statuses,
    }


def _find(registry: Registry, repository: str, asked: Mapping[str, str]) -> Image:
    digest, tag = asked.get("imageDigest"), asked.get("imageTag")
    if digest is None and tag is None:
        msg = "Invalid request parameters: both tag and digest cannot be null"
        raise InvalidParameterException(msg)
    if digest is not None:
        _require_digest(digest)
    # moto finds what either of the two names, and AWS what both do.
    image_id = {"imageDigest": str(digest)} if tag is None else {"imageTag": tag}
    found = registry.images(repository, [image_id])
    for image in found:
        if tag is None or digest in (None, image.digest):
            return image
    for image in () if tag else registry.all_images(repository):
        if image.digest == digest:  # moto has invented another for it
            return image
    raise ImageNotFoundException(digest, tag, repository, registry.account_id)


def _require_digest(digest: str) -> None:
    if not _DIGEST.fullmatch(digest):
        msg = (
            "Invalid request parameters: image digest should satisfy the regex "
            "'[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'"
        )
        raise InvalidParameterException(msg)


def list_referrers(registry: Registry, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Perform ListImageReferrers: the manifests whose subject is the image, oldest first."""
    repository, subject = parameters["repositoryName"], parameters["subjectId"]["imageDigest"]
    _require_digest(subject)
    asked = parameters.get("filter", {})
    is_active_wanted = asked.get("artifactStatus", "ACTIVE") in ("ACTIVE", "ANY")
    wanted = asked.get("artifactTypes")
    referrers = [
        image
        for image in registry.all_images(repository)
        if is_active_wanted  # moto archives nothing
        and subject_digest(image.manifest) == subject
        and (not wanted or artifact_type(image.manifest) in wanted)
    ]
    page, token = registry.world.paginator.page(
        referrers,
        f"ListImageReferrers {registry.account_id} {registry.region}",
        {"maxResults": _PAGE_SIZE, **parameters},
        lambda _: True,
        newest_first=False,
    )
    answer: dict[str, Any] = {"referrers": [_describe(image) for image in page]}
    return {**answer, "nextToken": token} if token else answer


def _describe(image: Image) -> dict[str, Any]:
    described = {
        "digest": image.digest,
        "mediaType": image.media_type,
        "artifactType": artifact_type(image.manifest),
        "size": image.size,
        "annotations": read_manifest(image.manifest).get("annotations") or {},
        "artifactStatus": "ACTIVE",
    }
    return {name: value for name, value in described.items() if value is not None}


def forget_deleted(registry: Registry, parameters: Mapping[str, Any]) -> HttpResponse | None:
    """Perform BatchDeleteImage or DeleteRepository, and forget the status of deleted images.

    Signatures are images of their own, so they stay as long as the repository.
    """
    repository = parameters.get("repositoryName", "")
    signing = registry.world.image_signing
    known = [
        key for key in list(signing.statuses) if key == registry.image_key(repository, key.digest)
    ]
    if not known:
        return None
    response = registry.forward(registry.request)
    if response is not None and response.status == HTTPStatus.OK:
        try:
            left = {image.digest for image in registry.all_images(repository)}
        except RepositoryNotFoundException:
            left = set()
        with registry.world.lock:
            for key in known:
                if key.digest not in left:
                    signing.statuses.pop(key, None)
    return response
