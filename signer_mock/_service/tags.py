"""Tags of signing profiles: tag, untag, list.

Only profiles have tags. The tag operations raise BadRequestException and NotFoundException where
the others raise ValidationException and ResourceNotFoundException.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from signer_mock._service import arns
from signer_mock._service.access import is_kept
from signer_mock._service.records import Profile
from signer_mock._wire.exceptions import BadRequestException, NotFoundException

if TYPE_CHECKING:
    from signer_mock._service.context import Context

#: The most tags of a profile (the model's limit of a TagMap).
MAX_TAGS = 200

_PROFILE = re.compile(r"/signing-profiles/([A-Za-z0-9_]{2,64})")


def tag_resource(ctx: Context, params: Mapping[str, Any]) -> None:
    """Perform TagResource, which adds tags and overwrites existing values."""
    profile = _profile(ctx, params["resourceArn"])
    tags = {**profile.tags, **params["tags"]}
    if len(tags) > MAX_TAGS:
        msg = f"The number of tags for resource {params['resourceArn']} cannot exceed {MAX_TAGS}."
        raise BadRequestException(msg)
    profile.tags = tags


def untag_resource(ctx: Context, params: Mapping[str, Any]) -> None:
    """Perform UntagResource, which ignores unknown keys."""
    profile = _profile(ctx, params["resourceArn"])
    unwanted = set(params["tagKeys"])
    profile.tags = {key: value for key, value in profile.tags.items() if key not in unwanted}


def list_tags_for_resource(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Perform ListTagsForResource; a profile without tags has an empty map."""
    return {"tags": dict(_profile(ctx, params["resourceArn"]).tags)}


def _profile(ctx: Context, text: str) -> Profile:
    """Return the active profile with an ARN.

    Raises:
        BadRequestException: ``text`` is not the ARN of a signing profile of this partition, or
            the profile is not active (API reference, TagResource).
        NotFoundException: The caller's account has no such profile in this region.
    """
    arn = arns.parse_arn(text)
    if (
        arn is None
        or (arn.partition, arn.service) != (arns.partition_of(ctx.region), "signer")
        or (name := _PROFILE.fullmatch(arn.resource)) is None
    ):
        msg = f"ARN {text} is not a valid signing profile ARN"
        raise BadRequestException(msg)
    profile = None
    if (arn.region, arn.account_id) == (ctx.region, ctx.account_id):
        profile = ctx.store.profiles.get(name[1])
    if profile is None or not is_kept(ctx.world, profile, ctx.now):
        msg = f"Resource with ARN {text} does not exist"
        raise NotFoundException(msg)
    if profile.status != "Active":
        msg = f"Cannot use tags of a profile in {profile.status} state"
        raise BadRequestException(msg)
    return profile
