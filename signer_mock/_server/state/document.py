"""Between a world and the plain document that a state file holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from signer_mock._server.state.codec import decode, decode_fields, encode
from signer_mock._service.records import DEFAULT_VALIDITY, Job, Profile
from signer_mock._service.stores import CodeSigningCertificate, RegionStore
from signer_mock.objects import Bucket

if TYPE_CHECKING:
    from signer_mock._service.world import World
    from signer_mock._signing.ca.authority import CertificateAuthority

#: What a job says that was under way when the state was saved.
INTERRUPTED = "The server stopped before the job was done"


def write_world(world: World) -> dict[str, Any]:
    """A world as JSON's own types; profiles and jobs are numbered, because accounts share them."""
    profiles: dict[int, Profile] = {}
    jobs: dict[int, Job] = {}
    stores = []
    for (account_id, region), store in world.stores().items():
        profiles.update((id(profile), profile) for profile in store.profile_history)
        jobs.update((id(job), job) for job in store.jobs)
        stores.append((account_id, region, store))
    profile_numbers = {key: number for number, key in enumerate(profiles)}
    job_numbers = {key: number for number, key in enumerate(jobs)}
    buckets, stored = world.memory_objects.export()
    return {
        "accounts": {
            account.account_id: {
                "authority": account.authority.export() if account.has_authority else None,
                "certificates": encode(account.certificates),
            }
            for account in world.accounts()
        },
        "profiles": [encode(profile) for profile in profiles.values()],
        "jobs": [
            encode(job, leave_out="profile") | {"profile": profile_numbers[id(job.profile)]}
            for job in jobs.values()
        ],
        "stores": [
            {
                "account_id": account_id,
                "region": region,
                "profiles": [profile_numbers[id(profile)] for profile in store.profile_history],
                "jobs": [job_numbers[id(job)] for job in store.jobs],
                "request_tokens": {
                    token: {"job": job_numbers[id(job)]}
                    for token, job in store.request_tokens.items()
                },
            }
            for account_id, region, store in stores
        ],
        "revoked_certificates": sorted(world.revoked_certificates),
        "objects": {"buckets": encode(buckets), "stored": stored},
    }


def read_world(state: Mapping[str, Any]) -> Callable[[World], None]:
    """Read a document wholly, and only then hand out what fills a world with it.

    Raises:
        AttributeError, LookupError, TypeError, ValueError: something in it is not what
            ``write_world`` writes.
    """
    accounts = {
        account_id: (
            _authority(account_id, account["authority"]),
            decode(dict[str, CodeSigningCertificate], account["certificates"]),
        )
        for account_id, account in state["accounts"].items()
    }
    profiles = [decode(Profile, _with_validity(entry)) for entry in state["profiles"]]
    jobs = [_job(entry, profiles) for entry in state["jobs"]]
    stores = {
        (entry["account_id"], entry["region"]): _store(entry, profiles, jobs)
        for entry in state["stores"]
    }
    revoked = decode(list[str], state["revoked_certificates"])
    buckets = decode(dict[str, Bucket], state["objects"]["buckets"])
    stored = decode(int, state["objects"]["stored"])

    def install(world: World) -> None:
        for account_id, (authority, certificates) in accounts.items():
            account = world.account(account_id)
            account.certificates.update(certificates)
            if authority is not None:
                account.authority = authority
        for (account_id, region), read in stores.items():
            store = world.store(account_id, region)
            store.profiles.update(read.profiles)
            store.profile_history.extend(read.profile_history)
            store.jobs.extend(read.jobs)
            store.jobs_by_id.update(read.jobs_by_id)
            store.request_tokens.update(read.request_tokens)
        world.revoked_certificates.update(revoked)
        world.memory_objects.restore(buckets, stored)

    return install


def _authority(account_id: str, exported: dict[str, str] | None) -> CertificateAuthority | None:
    if exported is None:
        return None
    from signer_mock._signing.ca.authority import CertificateAuthority

    return CertificateAuthority.restore(account_id, exported)


def _with_validity(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    # The first files have no period for profiles with a certificate that were given none.
    if entry["validity"] is None:
        return {**entry, "validity": encode(DEFAULT_VALIDITY)}
    return entry


def _job(entry: Mapping[str, Any], profiles: list[Profile]) -> Job:
    values = {name: value for name, value in entry.items() if name != "profile"}
    job = Job(profile=profiles[decode(int, entry["profile"])], **decode_fields(Job, values))
    if job.status == "InProgress":
        # Nothing is left that would go on with it.
        job.status, job.status_reason, job.completed_at = "Failed", INTERRUPTED, job.created_at
    return job


def _store(entry: Mapping[str, Any], profiles: list[Profile], jobs: list[Job]) -> RegionStore:
    history = [profiles[number] for number in decode(list[int], entry["profiles"])]
    own_jobs = [jobs[number] for number in decode(list[int], entry["jobs"])]
    return RegionStore(
        # The newest of a name comes last, and is the one that holds it.
        profiles={profile.name: profile for profile in history},
        profile_history=history,
        jobs=own_jobs,
        jobs_by_id={job.job_id: job for job in own_jobs},
        request_tokens={
            token: jobs[decode(int, given["job"])]
            for token, given in entry["request_tokens"].items()
        },
    )
