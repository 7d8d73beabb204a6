"""Look at signing platforms: GetSigningPlatform and ListSigningPlatforms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from signer_mock._service.platforms import Platform, platforms_in
from signer_mock._wire.exceptions import ResourceNotFoundException

if TYPE_CHECKING:
    from signer_mock._service.context import Context


def get_signing_platform(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Perform GetSigningPlatform."""
    platform_id = params["platformId"]
    platform = platforms_in(ctx.region).get(platform_id)
    if platform is None:
        msg = f"Signing platform with id {platform_id} does not exist."
        raise ResourceNotFoundException(msg, "PlatformNotFound")
    return platform.describe()


def list_signing_platforms(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Perform ListSigningPlatforms, filtered by category, partner and target."""
    filters = {name: params.get(name) for name in ("category", "partner", "target")}

    def matches(platform: Platform) -> bool:
        described = platform.describe()
        return all(wanted in (None, described[name]) for name, wanted in filters.items())

    platforms = list(platforms_in(ctx.region).values())
    page, token = ctx.paginate(platforms, "ListSigningPlatforms", params, matches)
    return {"platforms": [platform.describe() for platform in page], "nextToken": token}
