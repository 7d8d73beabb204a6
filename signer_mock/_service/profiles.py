"""Signing profiles: put, get, list, cancel."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from signer_mock._service import arns
from signer_mock._service.access import is_kept, own_profile, usable_profile
from signer_mock._service.permissions import renew_revision
from signer_mock._service.platforms import Platform, known_platform
from signer_mock._service.records import DEFAULT_VALIDITY, Profile, ValidityPeriod
from signer_mock._wire.exceptions import ValidationException

if TYPE_CHECKING:
    from signer_mock._service.context import Context
    from signer_mock._service.stores import CodeSigningCertificate

# The default period is also the longest (developer guide, "Create a signing profile").
MAX_VALIDITY = {"DAYS": 4109, "MONTHS": 135, "YEARS": 11}

# Seen on the live service: https://repost.aws/questions/QU79uZCk7XQgu2_zns3iAKNA
WRONG_PURPOSE = "Invalid EKU in Certificate. Valid EKU values are CodeSigning or ANY."

_INVALID_PROFILE = "InvalidProfileParameters"
_CERTIFICATE = re.compile(r"certificate/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def put_signing_profile(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Perform PutSigningProfile, which only creates and never updates."""
    name = params["profileName"]
    platform = known_platform(ctx.region, params["platformId"])
    certificate_arn = _certificate(ctx, platform, params.get("signingMaterial"))
    parameters = params.get("signingParameters")
    if parameters and platform.is_managed:
        msg = f"Signing parameters should not be present when using {platform.platform_id} platform"
        raise ValidationException(msg, _INVALID_PROFILE)
    validity = _validity(params.get("signatureValidityPeriod"))
    overrides = _overrides(platform, params.get("overrides"))

    taken = ctx.store.profiles.get(name)
    if taken is not None and is_kept(ctx.world, taken, ctx.now):
        msg = f"Profile with name {name} already exists"
        raise ValidationException(msg, "ProfileAlreadyExists")
    if certificate_arn is not None:
        _require_purpose(ctx.world.account(ctx.account_id).certificates.get(certificate_arn))
        ctx.world.others.check_certificate(certificate_arn)
    profile = Profile(
        name=name,
        version=ctx.world.ids.profile_version(),
        owner=ctx.account_id,
        region=ctx.region,
        platform=platform,
        certificate_arn=certificate_arn,
        validity=validity,
        # Copies, because mock.calls shows the request to the test author.
        overrides=copy.deepcopy(overrides),
        signing_parameters=dict(parameters) if parameters else None,
        tags=dict(params.get("tags") or {}),
    )
    ctx.store.profiles[name] = profile
    ctx.store.profile_history.append(profile)
    return {
        "arn": profile.arn,
        "profileVersion": profile.version,
        "profileVersionArn": profile.version_arn,
    }


def _certificate(
    ctx: Context, platform: Platform, material: Mapping[str, str] | None
) -> str | None:
    if platform.is_managed:
        if material is not None:
            msg = (
                "Signing material should not be present when using "
                f"{platform.platform_id} platform."
            )
            raise ValidationException(msg, _INVALID_PROFILE)
        return None
    if material is None:
        msg = "signing material cannot be null."
        raise ValidationException(msg)
    text = material["certificateArn"]
    arn = arns.parse_arn(text)
    if (
        arn is None
        or arn.partition != arns.partition_of(ctx.region)
        or arn.service != "acm"
        or arn.region != ctx.region
        or not arns.is_account_id(arn.account_id)
        or not _CERTIFICATE.fullmatch(arn.resource)
    ):
        msg = f"{text} is not a valid ACM certificate ARN"
        raise ValidationException(msg)
    if arn.account_id != ctx.account_id:
        msg = f"{text} is not owned by {ctx.account_id}"
        raise ValidationException(msg)
    return text


def _require_purpose(certificate: CodeSigningCertificate | None) -> None:
    if certificate is None:
        return
    from signer_mock._signing.ca.loading import may_sign_code

    if not may_sign_code(certificate.certificate_pem):
        raise ValidationException(WRONG_PURPOSE)


def _validity(given: Mapping[str, Any] | None) -> ValidityPeriod:
    if not given:
        return DEFAULT_VALIDITY
    value, unit = given.get("value"), given.get("type")
    if value is not None and unit is not None and not 1 <= value <= MAX_VALIDITY[unit]:
        msg = (
            f"Signature validity period must be between 1 and {MAX_VALIDITY[unit]} {unit}, "
            f"but was {value} {unit}."
        )
        raise ValidationException(msg, _INVALID_PROFILE)
    if value is not None and value < 1:
        msg = f"Signature validity period must be at least 1, but was {value}."
        raise ValidationException(msg, _INVALID_PROFILE)
    return ValidityPeriod(value, unit)


def _overrides(platform: Platform, given: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if not given:
        return None
    configuration = given.get("signingConfiguration") or {}
    _require_allowed(
        platform,
        "encryption algorithm",
        configuration.get("encryptionAlgorithm"),
        platform.encryption_algorithms,
    )
    _require_allowed(
        platform,
        "hash algorithm",
        configuration.get("hashAlgorithm"),
        platform.hash_algorithms,
    )
    _require_allowed(
        platform,
        "signing image format",
        given.get("signingImageFormat"),
        platform.image_formats,
    )
    return given


def _require_allowed(
    platform: Platform, what: str, value: str | None, allowed: tuple[str, ...]
) -> None:
    if value is not None and value not in allowed:
        msg = (
            f"The {what} {value} is not supported by platform {platform.platform_id}. "
            f"It must be one of [{', '.join(allowed)}]."
        )
        raise ValidationException(msg, _INVALID_PROFILE)


def get_signing_profile(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Perform GetSigningProfile, of the caller's account or of another that permits it."""
    profile = usable_profile(
        ctx, params["profileName"], params.get("profileOwner"), "signer:GetSigningProfile"
    )
    return profile.describe()


def list_signing_profiles(ctx: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Perform ListSigningProfiles: active profiles, or those with the requested statuses."""
    statuses = params.get("statuses")
    platform_id = params.get("platformId")
    include_canceled = params.get("includeCanceled", False)
    wanted = statuses or ["Active"]

    def matches(profile: Profile) -> bool:
        return (
            is_kept(ctx.world, profile, ctx.now)
            and platform_id in (None, profile.platform.platform_id)
            and (profile.status in wanted or (include_canceled and not statuses))
        )

    page, token = ctx.paginate(ctx.store.profile_history, "ListSigningProfiles", params, matches)
    return {"profiles": [profile.summary() for profile in page], "nextToken": token}


def cancel_signing_profile(ctx: Context, params: Mapping[str, Any]) -> None:
    """Perform CancelSigningProfile, which is permanent and idempotent."""
    profile = own_profile(ctx, params["profileName"])
    if profile.status != "Active":
        return
    profile.status = "Canceled"
    profile.retired_at = ctx.now
    renew_revision(ctx, profile)
