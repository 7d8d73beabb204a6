"""ECR's managed signing: the rules of each registry, and what became of each image pushed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

Status = Literal["IN_PROGRESS", "COMPLETE", "FAILED"]


class ImageKey(NamedTuple):
    """An image of a registry, by the SHA-256 digest of its manifest."""

    registry_id: str
    region: str
    repository: str
    digest: str

    def job_id(self, profile_arn: str) -> str:
        """Return the id under which ``mock.jobs`` holds the image's signing with a profile."""
        registry = f"{self.registry_id}.dkr.ecr.{self.region}.amazonaws.com"
        return f"{registry}/{self.repository}@{self.digest} {profile_arn}"


class SigningStatus(NamedTuple):
    """The status of an image's signature under one signing profile.

    Attributes:
        profile_arn: The signing profile.
        status: How far it is.
        failure_code: Why it failed, in one word; None unless it failed.
        failure_reason: Why it failed, in a sentence; None unless it failed.
        signature_digest: The signature's manifest in the repository; None unless it is complete.
    """

    profile_arn: str
    status: Status
    failure_code: str | None = None
    failure_reason: str | None = None
    signature_digest: str | None = None

    def describe(self) -> dict[str, Any]:
        """Return the status as DescribeImageSigningStatus shows it."""
        shown: dict[str, Any] = {"signingProfileArn": self.profile_arn, "status": self.status}
        if self.status == "FAILED":
            shown |= {"failureCode": self.failure_code, "failureReason": self.failure_reason}
        return shown


@dataclass(slots=True, repr=False, eq=False)
class ImageSigning:
    """All of managed signing in one mock.

    Attributes:
        configurations: By registry and region, as PutSigningConfiguration was given them.
        statuses: By image, and then by the ARN of the signing profile.
        blobs: The signatures' envelopes and configurations, by digest; moto keeps no content.
        pending: What signs an image that is held, or fails it for a reason; by an id that
            ``mock.jobs`` knows.
    """

    configurations: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    statuses: dict[ImageKey, dict[str, SigningStatus]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    pending: dict[str, Callable[[str | None], None]] = field(default_factory=dict)

    def set(self, image: ImageKey, status: SigningStatus) -> None:
        """Note the status of an image under a profile."""
        self.statuses.setdefault(image, {})[status.profile_arn] = status

    def get(self, image: ImageKey, profile_arn: str) -> SigningStatus | None:
        """Return the status of an image under a profile, or None."""
        return self.statuses.get(image, {}).get(profile_arn)

    def copy(self) -> ImageSigning:
        """Copy the state, for snapshots."""
        return replace(
            self,
            configurations=dict(self.configurations),
            statuses={image: dict(statuses) for image, statuses in self.statuses.items()},
            blobs=dict(self.blobs),
            pending=dict(self.pending),
        )
