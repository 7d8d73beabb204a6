"""Show a world's state as the public records of ``signer_mock.records``."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from signer_mock._service.access import is_kept
from signer_mock.records import (
    Certificate,
    Permission,
    Records,
    Revocation,
    SigningJob,
    SigningProfile,
)

if TYPE_CHECKING:
    from signer_mock._service.records import Job, Profile
    from signer_mock._service.world import World

_T = TypeVar("_T")


def profiles(world: World) -> Records[SigningProfile]:
    """Return the signing profiles of all accounts and regions, in the order of their creation."""
    with world.lock:
        return Records(_profile(one) for one in _kept_profiles(world))


def jobs(world: World) -> Records[SigningJob]:
    """Return the signing jobs of all accounts and regions, oldest first."""
    with world.lock:
        return Records(_job(one) for one in _kept_jobs(world))


def permissions(world: World) -> Records[Permission]:
    """Return the permissions of all profiles, in the order of the profiles."""
    with world.lock:
        return Records(one for profile in _kept_profiles(world) for one in _permissions(profile))


def revocations(world: World) -> Records[Revocation]:
    """Return what is revoked: profiles, jobs, certificates. Retention ends no revocation."""
    with world.lock:
        stores = world.stores().values()
        found = [_profile_revocation(one) for store in stores for one in store.profile_history]
        found += [_job_revocation(job) for job in _all_jobs(world)]
        certificates = (Revocation(text) for text in sorted(world.revoked_certificates))
        return Records([*(one for one in found if one is not None), *certificates])


def certificates(world: World) -> Records[Certificate]:
    """Return the certificates that each account holds, as far as they have been made."""
    with world.lock:
        return Records(
            Certificate(account.account_id, name, pem)
            for account in world.accounts()
            for name, pem in (
                *(_chain(account.authority.export()) if account.has_authority else ()),
                *((arn, held.certificate_pem) for arn, held in account.certificates.items()),
            )
        )


def _chain(exported: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    for name, pem in exported.items():
        if name.endswith(".crt"):
            yield name.removesuffix(".crt"), pem.encode()


def _kept_profiles(world: World) -> Iterator[Profile]:
    now = world.clock.now()
    for store in world.stores().values():
        yield from (one for one in store.profile_history if is_kept(world, one, now))


def _all_jobs(world: World) -> list[Job]:
    # A job of two accounts is in the stores of both.
    found = {job.job_id: job for store in world.stores().values() for job in store.jobs}
    return sorted(found.values(), key=lambda job: job.created_at)


def _kept_jobs(world: World) -> Iterator[Job]:
    now = world.clock.now()
    return (job for job in _all_jobs(world) if job.is_kept(now))


def _frozen(mapping: Mapping[str, _T] | None) -> Mapping[str, _T]:
    return MappingProxyType(copy.deepcopy(dict(mapping or {})))


def _permissions(profile: Profile) -> Records[Permission]:
    return Records(
        Permission(
            account_id=profile.owner,
            region=profile.region,
            profile_name=profile.name,
            statement_id=one.statement_id,
            action=one.action,
            principal=one.principal,
            profile_version=one.profile_version,
        )
        for one in (profile.policy.statements if profile.policy else ())
    )


def _profile_revocation(profile: Profile) -> Revocation | None:
    revoked = profile.revocation
    if revoked is None:
        return None
    return Revocation(
        entity=profile.version_arn,
        reason=revoked.reason,
        revoked_at=revoked.revoked_at,
        revoked_by=revoked.revoked_by,
        effective_from=revoked.effective_from,
    )


def _job_revocation(job: Job) -> Revocation | None:
    revoked = job.revocation
    if revoked is None:
        return None
    return Revocation(job.arn, revoked.reason, revoked.revoked_at, revoked.revoked_by)


def _profile(profile: Profile) -> SigningProfile:
    return SigningProfile(
        account_id=profile.owner,
        region=profile.region,
        name=profile.name,
        version=profile.version,
        arn=profile.arn,
        version_arn=profile.version_arn,
        platform_id=profile.platform.platform_id,
        status=profile.status,
        status_reason=profile.status_reason,
        certificate_arn=profile.certificate_arn,
        validity=(profile.validity.value, profile.validity.unit),
        signing_parameters=_frozen(profile.signing_parameters),
        overrides=_frozen(profile.overrides),
        tags=_frozen(profile.tags),
        permissions=_permissions(profile),
        revocation=_profile_revocation(profile),
    )


def _job(job: Job) -> SigningJob:
    return SigningJob(
        job_id=job.job_id,
        arn=job.arn,
        account_id=job.owner,
        invoker=job.invoker,
        region=job.region,
        profile_name=job.profile.name,
        profile_version=job.profile.version,
        platform_id=job.profile.platform.platform_id,
        status=job.status,
        status_reason=job.status_reason,
        requested_by=job.requested_by,
        created_at=job.created_at,
        completed_at=job.completed_at,
        signature_expires_at=job.signature_expires_at,
        source=_frozen(job.source),
        destination=_frozen(job.destination),
        signed_object=_frozen(job.signed_object),
        revocation=_job_revocation(job),
    )
