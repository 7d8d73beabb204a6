"""The records of profiles and jobs, and how responses show them."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from signer_mock._service import arns
from signer_mock._service.platforms import Platform

#: The service keeps jobs and canceled profiles for two years (API reference).
RETENTION_MONTHS = 24
SHORTEST_RETENTION = dt.timedelta(days=730)

_SHORTEST_MONTH = 28


def add_months(time: dt.datetime, months: int) -> dt.datetime:
    """Add calendar months; a day that the month does not have becomes its last day."""
    years, month = divmod(time.month - 1 + months, 12)
    year = min(time.year + years, dt.MAXYEAR)
    if time.day <= _SHORTEST_MONTH:  # monthrange takes ten times as long as the rest
        return time.replace(year=year, month=month + 1)
    day = min(time.day, calendar.monthrange(year, month + 1)[1])
    return time.replace(year=year, month=month + 1, day=day)


@dataclass(frozen=True, slots=True)
class ValidityPeriod:
    """How long a signature is valid: a value and ``DAYS``, ``MONTHS`` or ``YEARS``.

    The service accepts one without the other, and shows it so; such a period does not count.
    """

    value: int | None
    unit: str | None

    def after(self, time: dt.datetime) -> dt.datetime:
        """Return the expiry of a signature made at ``time``, by calendar arithmetic."""
        if self.value is None or self.unit is None:
            return DEFAULT_VALIDITY.after(time)
        if self.unit == "DAYS":
            return time + dt.timedelta(days=self.value)
        return add_months(time, self.value * (12 if self.unit == "YEARS" else 1))

    def describe(self) -> dict[str, Any]:
        """Return the period as responses show it."""
        return {"value": self.value, "type": self.unit}


#: Of profiles that name no period, on every platform (API reference, PutSigningProfile).
DEFAULT_VALIDITY = ValidityPeriod(135, "MONTHS")


@dataclass(frozen=True, slots=True)
class Statement:
    """One permission of a profile's policy."""

    statement_id: str
    action: str
    principal: str
    profile_version: str | None

    def describe(self) -> dict[str, Any]:
        """Return the permission as ListProfilePermissions shows it, with the principal as given."""
        return {
            "action": self.action,
            "principal": self.principal,
            "statementId": self.statement_id,
            "profileVersion": self.profile_version,
        }


@dataclass(slots=True)
class Policy:
    """A profile's permissions, in the order in which they were added."""

    revision_id: str
    statements: list[Statement] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ProfileRevocation:
    """A profile's revocation: signatures made after ``effective_from`` are not trusted."""

    effective_from: dt.datetime
    revoked_at: dt.datetime
    revoked_by: str
    reason: str

    def describe(self) -> dict[str, Any]:
        """Return the ``revocationRecord`` of a profile."""
        return {
            "revocationEffectiveFrom": self.effective_from,
            "revokedAt": self.revoked_at,
            "revokedBy": self.revoked_by,
        }


@dataclass(frozen=True, slots=True)
class JobRevocation:
    """A job's revocation."""

    reason: str
    revoked_at: dt.datetime
    revoked_by: str

    def describe(self) -> dict[str, Any]:
        """Return the ``revocationRecord`` of a job."""
        return {
            "reason": self.reason,
            "revokedAt": self.revoked_at,
            "revokedBy": self.revoked_by,
        }


@dataclass(slots=True)
class Profile:
    """A signing profile; it has one version for all its life."""

    name: str
    version: str
    owner: str
    region: str
    platform: Platform
    certificate_arn: str | None
    validity: ValidityPeriod
    overrides: Mapping[str, Any] | None
    signing_parameters: Mapping[str, str] | None
    tags: dict[str, str]
    status: str = "Active"
    status_reason: str | None = None
    #: When the profile was first canceled or revoked.
    retired_at: dt.datetime | None = None
    revocation: ProfileRevocation | None = None
    policy: Policy | None = None

    @property
    def arn(self) -> str:
        """The profile's ARN."""
        return arns.profile_arn(self.region, self.owner, self.name)

    @property
    def version_arn(self) -> str:
        """The ARN of the profile's version."""
        return arns.profile_version_arn(self.region, self.owner, self.name, self.version)

    def signing_material(self) -> dict[str, str]:
        """Return the certificate; an empty object on platforms where AWS holds the key."""
        return {"certificateArn": self.certificate_arn} if self.certificate_arn else {}

    def summary(self) -> dict[str, Any]:
        """Return the profile as ListSigningProfiles shows it."""
        return {
            "profileName": self.name,
            "profileVersion": self.version,
            "profileVersionArn": self.version_arn,
            "signingMaterial": self.signing_material(),
            "signatureValidityPeriod": self.validity.describe(),
            "platformId": self.platform.platform_id,
            "platformDisplayName": self.platform.display_name,
            "signingParameters": self.signing_parameters,
            "status": self.status,
            "arn": self.arn,
            "tags": dict(self.tags),
        }

    def describe(self) -> dict[str, Any]:
        """Return the profile as GetSigningProfile shows it."""
        return {
            **self.summary(),
            "revocationRecord": self.revocation.describe() if self.revocation else None,
            "overrides": self.overrides,
            "statusReason": self.status_reason,
        }


@dataclass(slots=True)
class Job:
    """A signing job, of an object (StartSigningJob) or of a payload (SignPayload)."""

    job_id: str
    profile: Profile
    owner: str
    invoker: str
    region: str
    requested_by: str
    created_at: dt.datetime
    #: ``{"bucketName", "key", "version"}``; None for SignPayload.
    source: Mapping[str, str] | None
    #: ``{"bucketName", "prefix"}``; None for SignPayload.
    destination: Mapping[str, str] | None
    status: str = "InProgress"
    status_reason: str | None = None
    completed_at: dt.datetime | None = None
    signature_expires_at: dt.datetime | None = None
    signed_object: Mapping[str, str] | None = None
    revocation: JobRevocation | None = None

    @property
    def arn(self) -> str:
        """The job's ARN."""
        return arns.job_arn(self.region, self.owner, self.job_id)

    def is_kept(self, now: dt.datetime) -> bool:
        """Tell whether the job still exists; jobs end two years after they were created."""
        # This runs for each job of each page, so avoid calendar arithmetic where possible.
        return now - self.created_at < SHORTEST_RETENTION or now < add_months(
            self.created_at, RETENTION_MONTHS
        )

    def summary(self) -> dict[str, Any]:
        """Return the job as ListSigningJobs shows it."""
        return {
            "jobId": self.job_id,
            "source": {"s3": self.source} if self.source else None,
            "signedObject": {"s3": self.signed_object} if self.signed_object else None,
            "signingMaterial": self.profile.signing_material(),
            "createdAt": self.created_at,
            "status": self.status,
            "isRevoked": self.revocation is not None,
            "profileName": self.profile.name,
            "profileVersion": self.profile.version,
            "platformId": self.profile.platform.platform_id,
            "platformDisplayName": self.profile.platform.display_name,
            "signatureExpiresAt": self.signature_expires_at,
            "jobOwner": self.owner,
            "jobInvoker": self.invoker,
        }

    def describe(self) -> dict[str, Any]:
        """Return the job as DescribeSigningJob shows it."""
        description = self.summary()
        del description["isRevoked"]
        return {
            **description,
            "overrides": self.profile.overrides,
            "signingParameters": self.profile.signing_parameters,
            "completedAt": self.completed_at,
            "requestedBy": self.requested_by,
            "statusReason": self.status_reason,
            "revocationRecord": self.revocation.describe() if self.revocation else None,
        }
