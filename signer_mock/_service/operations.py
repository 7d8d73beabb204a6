"""The table of operations: from each operation's name to the function that performs it.

A function takes the call's ``Context`` and the parsed, validated input. It returns the members of
the output, or None for operations without output, and raises ``ServiceError`` before it changes
any state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from signer_mock._service import (
    jobs,
    permissions,
    profiles,
    revocations,
    signing_jobs,
    signing_platforms,
    tags,
)
from signer_mock._service.context import Context

Function = Callable[[Context, Mapping[str, Any]], Mapping[str, Any] | None]

OPERATIONS: Mapping[str, Function] = {
    "ListSigningPlatforms": signing_platforms.list_signing_platforms,
    "GetSigningPlatform": signing_platforms.get_signing_platform,
    "PutSigningProfile": profiles.put_signing_profile,
    "GetSigningProfile": profiles.get_signing_profile,
    "ListSigningProfiles": profiles.list_signing_profiles,
    "CancelSigningProfile": profiles.cancel_signing_profile,
    "AddProfilePermission": permissions.add_profile_permission,
    "ListProfilePermissions": permissions.list_profile_permissions,
    "RemoveProfilePermission": permissions.remove_profile_permission,
    "StartSigningJob": signing_jobs.start_signing_job,
    "SignPayload": signing_jobs.sign_payload,
    "DescribeSigningJob": jobs.describe_signing_job,
    "ListSigningJobs": jobs.list_signing_jobs,
    "RevokeSignature": revocations.revoke_signature,
    "RevokeSigningProfile": revocations.revoke_signing_profile,
    "GetRevocationStatus": revocations.get_revocation_status,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "ListTagsForResource": tags.list_tags_for_resource,
}
