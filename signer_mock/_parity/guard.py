"""What may be sent: a list of operations, and whose profiles, jobs and objects they may name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from signer_mock.errors import SignerMockError

#: Everything that is ever sent.
ALLOWED: Mapping[str, frozenset[str]] = {
    "signer": frozenset(
        {
            *("ListSigningPlatforms", "GetSigningPlatform"),
            *("PutSigningProfile", "GetSigningProfile", "ListSigningProfiles"),
            *("CancelSigningProfile", "RevokeSigningProfile"),
            *("AddProfilePermission", "ListProfilePermissions", "RemoveProfilePermission"),
            *("StartSigningJob", "SignPayload", "DescribeSigningJob", "ListSigningJobs"),
            *("RevokeSignature", "GetRevocationStatus"),
            *("TagResource", "UntagResource", "ListTagsForResource"),
        }
    ),
    "signer-data": frozenset({"GetRevocationStatus"}),
    "s3": frozenset({"PutObject", "GetObject", "DeleteObject"}),
    "sts": frozenset({"GetCallerIdentity"}),
}
IRREVERSIBLE = frozenset({"RevokeSignature", "RevokeSigningProfile"})

# They use or change a profile, so they may name none but ours.
_OWN_PROFILE_ONLY = frozenset(
    {
        *("PutSigningProfile", "CancelSigningProfile", "RevokeSigningProfile"),
        *("AddProfilePermission", "RemoveProfilePermission", "StartSigningJob", "SignPayload"),
    }
)
_OWN_ARN_ONLY = frozenset({"TagResource", "UntagResource"})

# How a request may differ from what botocore makes of its input, and with which operation: one
# whose body names nothing, and one that changes nothing.
_CHANGES = {
    "body": "PutSigningProfile",
    "content_type": "PutSigningProfile",
    "unsigned": "ListSigningPlatforms",
    "presigned": "ListSigningPlatforms",
    "unknown_path": "ListSigningPlatforms",
}

#: The id of a job that does not exist.
NO_JOB = "00000000-0000-4000-8000-000000000000"


class ForbiddenCallError(SignerMockError):
    """A probe asked for a call that is never sent. Nothing was sent."""


@dataclass(frozen=True)
class Target:
    """Where the calls go, and what they may touch.

    Attributes:
        account_id: The account that is called.
        region: Of the clients.
        prefix: Begins the name of every profile, and every key in the bucket.
        endpoint_url: None is the real service.
        profile: Of the AWS configuration; None is the default one (live), or made-up
            credentials (an endpoint).
        second_profile: Of the second principal.
        bucket: For objects, if one was given.
        irreversible: Whether revocations may be sent.
    """

    account_id: str
    region: str
    prefix: str
    endpoint_url: str | None = None
    profile: str | None = None
    second_profile: str | None = None
    bucket: str | None = None
    irreversible: bool = False

    @property
    def live(self) -> bool:
        """Whether this is the real service."""
        return self.endpoint_url is None

    @property
    def no_bucket(self) -> str:
        """The name of a bucket that nobody has."""
        return f"{self.prefix.replace('_', '-')}-no-such-bucket-{self.account_id}"


def require_allowed(
    target: Target,
    service: str,
    operation: str,
    params: Mapping[str, Any],
    *,
    change: Mapping[str, Any],
    jobs: AbstractSet[str],
) -> None:
    """Refuse a call that probes may not send.

    Args:
        target: What may be touched.
        service: ``signer``, ``signer-data``, ``s3`` or ``sts``.
        operation: As the model names it.
        params: Its input.
        change: How the request differs from what botocore makes of it.
        jobs: The ids of the jobs that this run has started.

    Raises:
        ForbiddenCallError: It is not allowed.
    """
    why = None
    if operation not in ALLOWED.get(service, ()):
        why = "it is not one of the operations that probes may call"
    elif operation in IRREVERSIBLE and not target.irreversible:
        why = "it cannot be undone, and --irreversible was not given"
    elif any(_CHANGES.get(name) != operation for name in change):
        why = f"a probe may not change its {' and '.join(change)}"
    else:
        why = (
            _why_not_profile(target, operation, params)
            or _why_not_job(operation, params, jobs)
            or _why_not_place(target, service, operation, params)
        )
    if why is not None:
        msg = f"{service} {operation} is not sent: {why}."
        raise ForbiddenCallError(msg)


def _why_not_profile(target: Target, operation: str, params: Mapping[str, Any]) -> str | None:
    ours = f"{re.escape(target.prefix)}_[A-Za-z0-9_-]*"
    name = params.get("profileName")
    if operation in _OWN_PROFILE_ONLY and not re.fullmatch(ours, str(name)):
        return f"the profile {name!r} is not one of {target.prefix}_*"
    arn = str(params.get("resourceArn"))
    if (
        operation in _OWN_ARN_ONLY
        and ":" in arn  # without one it names nothing
        and not re.fullmatch(f"[^/]*:/signing-(profiles|jobs)/{ours}", arn)
    ):
        return f"{arn!r} is not one of {target.prefix}_*"
    return None


def _why_not_job(operation: str, params: Mapping[str, Any], jobs: AbstractSet[str]) -> str | None:
    job = params.get("jobId")
    if operation == "RevokeSignature" and job != NO_JOB and job not in jobs:
        return f"the job {job!r} was not started by this run"
    return None


def _why_not_place(
    target: Target, service: str, operation: str, params: Mapping[str, Any]
) -> str | None:
    if service == "s3":
        places = [(params.get("Bucket"), params.get("Key"))]
    elif operation == "StartSigningJob":
        source, destination = _place(params, "source"), _place(params, "destination")
        places = [
            (source.get("bucketName"), source.get("key")),
            (destination.get("bucketName"), destination.get("prefix")),
        ]
    else:
        return None
    for bucket, key in places:
        if bucket == target.bucket is not None:
            if key != "" and not str(key).startswith(f"{target.prefix}/"):
                return f"the key {key!r} does not begin with {target.prefix}/"
        elif bucket not in (None, "", target.no_bucket):
            return f"the bucket {bucket!r} is not the one that --bucket names"
    return None


def _place(params: Mapping[str, Any], member: str) -> Mapping[str, Any]:
    return (params.get(member) or {}).get("s3") or {}
