"""A small model of AWS Signer, written from its documentation: what the mock is compared with.

It knows profiles, permissions, jobs, revocations, tags, two accounts and a clock, of one region,
and shares no code with the mock. Each method performs one operation and returns the code of the
error that the service would answer with, or None.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from dateutil.relativedelta import relativedelta

from tests.helpers.constants import NOTATION

RETENTION = relativedelta(months=24)


@dataclass
class Statement:
    sid: str
    action: str
    principal: str


@dataclass
class Profile:
    owner: str
    name: str
    platform: str
    tags: dict[str, str]
    status: str = "Active"
    retired_at: dt.datetime | None = None
    revoked_from: dt.datetime | None = None
    statements: list[Statement] = field(default_factory=list)
    # What the service made up.
    version: str = ""
    version_arn: str = ""
    arn: str = ""
    revision: str | None = None


@dataclass
class Job:
    job_id: str
    profile: Profile
    invoker: str
    created_at: dt.datetime
    status: str
    is_revoked: bool = False

    @property
    def accounts(self) -> set[str]:
        return {self.profile.owner, self.invoker}


@dataclass
class Reference:
    now: dt.datetime
    profiles: list[Profile] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)

    def profile(self, owner: str, name: str) -> Profile | None:
        """The newest profile of a name that is still kept."""
        for profile in reversed(self.profiles):
            if (profile.owner, profile.name) == (owner, name):
                kept = profile.retired_at is None or self.now < profile.retired_at + RETENTION
                return profile if kept else None
        return None

    def visible_jobs(self, account: str) -> list[Job]:
        """An account's jobs, newest first."""
        return [
            job
            for job in reversed(self.jobs)
            if account in job.accounts and self.now < job.created_at + RETENTION
        ]

    def visible_profiles(self, owner: str, statuses: set[str]) -> list[Profile]:
        """An account's profiles, oldest first."""
        return [
            profile
            for profile in self.profiles
            if profile.owner == owner
            and profile.status in statuses
            and (profile.retired_at is None or self.now < profile.retired_at + RETENTION)
        ]

    def put(self, owner: str, name: str) -> str | None:
        return "ProfileAlreadyExists" if self.profile(owner, name) else None

    def cancel(self, owner: str, name: str) -> str | None:
        profile = self.profile(owner, name)
        if profile is None:
            return "ProfileNotFound"
        if profile.status == "Active":
            profile.status, profile.retired_at = "Canceled", self.now
        return None

    def add(self, owner: str, name: str, new: Statement, revision: str | None) -> str | None:
        profile = self.profile(owner, name)
        if profile is None:
            return "ProfileNotFound"
        if profile.status != "Active":
            return "ProfileNotActive"
        own_action = "SignPayload" if profile.platform == NOTATION else "StartSigningJob"
        if new.action not in {
            f"signer:{own_action}",
            "signer:GetSigningProfile",
            "signer:RevokeSignature",
        }:
            return "ValidationException"
        if new in profile.statements:
            return None  # an exact repeat changes nothing, and needs no revision
        if any(new.sid == one.sid for one in profile.statements):
            return "InvalidPermissionStatement"
        if (revision is None) != (not profile.statements):
            return "ValidationException"
        if profile.statements and revision != profile.revision:
            return "PolicyRevisionIdMismatch"
        profile.statements.append(new)
        return None

    def remove(self, owner: str, name: str, sid: str, revision: str) -> str | None:
        profile = self.profile(owner, name)
        if profile is None:
            return "ProfileNotFound"
        if profile.status != "Active":
            return "ProfileNotActive"
        if not profile.statements:
            return "PolicyNotFound"
        if revision != profile.revision:
            return "PolicyRevisionIdMismatch"
        remaining = [one for one in profile.statements if one.sid != sid]
        if len(remaining) == len(profile.statements):
            return "PolicyNotFound"
        profile.statements = remaining
        return None

    def change_tags(self, owner: str, name: str) -> str | None:
        profile = self.profile(owner, name)
        if profile is None:
            return "NotFoundException"
        return None if profile.status == "Active" else "BadRequestException"

    def usable(self, caller: str, owner: str, name: str, action: str) -> str | None:
        """Whether a caller may use a profile: within an account always, else by permission."""
        profile = self.profile(owner, name)
        if caller == owner:
            return None if profile else "ProfileNotFound"
        if profile is None or not self.permits(profile, caller, action):
            return "AccessDeniedException"
        return None

    def permits(self, profile: Profile, caller: str, action: str) -> bool:
        return any((one.principal, one.action) == (caller, action) for one in profile.statements)

    def sign(self, caller: str, owner: str, name: str, action: str) -> str | None:
        refused = self.usable(caller, owner, name, action)
        if refused:
            # An unknown profile has no documented code here; the exception is what counts.
            return "ResourceNotFoundException" if refused == "ProfileNotFound" else refused
        profile = self.profile(owner, name)
        assert profile is not None
        if profile.status != "Active":
            return "ProfileNotActive"
        if (profile.platform == NOTATION) != (action == "signer:SignPayload"):
            return "InvalidJobParameters"
        return None

    def revoke_signature(self, caller: str, owner: str, job: Job) -> str | None:
        known = job.profile.owner == owner and self.now < job.created_at + RETENTION
        if caller == owner:
            if not known:
                return "JobNotFound"
        elif not known or not self.permits(job.profile, caller, "signer:RevokeSignature"):
            return "AccessDeniedException"
        if job.status != "Succeeded":
            return "ValidationException"
        job.is_revoked = True
        return None

    def revoke_profile(self, owner: str, name: str, version: str, at: dt.datetime) -> str | None:
        profile = self.profile(owner, name)
        if profile is None:
            return "ProfileNotFound"
        if version != profile.version:
            return "ProfileVersionNotFound"
        if at > self.now or (profile.revoked_from is not None and at > profile.revoked_from):
            return "ValidationException"
        profile.revoked_from = at
        profile.status = "Revoked"
        profile.retired_at = profile.retired_at or self.now
        return None

    def revoked(self, profile: Profile, job: Job, signed_at: dt.datetime) -> list[str]:
        """Which of the two GetRevocationStatus names, for a signature made at a time."""
        found = []
        if profile.revoked_from is not None and signed_at > profile.revoked_from:
            found.append("profile")
        if job.is_revoked:
            found.append("job")
        return found
