"""Fill a world with what a state file of either form says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from signer_mock._server.state.codec import decode, decode_fields, encode
from signer_mock._service.job_list import JobList
from signer_mock._service.records import DEFAULT_VALIDITY, Job, Profile
from signer_mock._service.stores import CodeSigningCertificate, RegionStore
from signer_mock.objects import Bucket

if TYPE_CHECKING:
    from signer_mock._service.world import World
    from signer_mock._signing.ca.authority import CertificateAuthority

Install = Callable[["World"], None]

#: The status reason of a job that was in progress when the state was saved.
INTERRUPTED = "The server stopped before the job was done"


def read_document(state: Mapping[str, Any], buckets: dict[str, Bucket], stored: int) -> Install:
    """Read a document wholly, and only then hand out what fills a world with it.

    Args:
        state: Accounts, profiles, jobs, and the stores that refer to profiles and jobs by number,
            because accounts share them.
        buckets: The server's own buckets.
        stored: How many objects were ever put into them.

    Raises:
        AttributeError, LookupError, TypeError, ValueError: No signer_mock wrote it.
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

    def install(world: World) -> None:
        for account_id, (authority, certificates) in accounts.items():
            account = world.account(account_id)
            account.certificates.update(certificates)
            if authority is not None:  # pragma: no branch - made with the account's first signature
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
        jobs=JobList(own_jobs),
        jobs_by_id={job.job_id: job for job in own_jobs},
        request_tokens={
            token: jobs[decode(int, given["job"])]
            for token, given in entry["request_tokens"].items()
        },
    )
