"""Keep what accounts hold in their regions, and bring it back, without copying every job."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING

from signer_mock._service.job_list import JobList
from signer_mock._service.stores import RegionStore

if TYPE_CHECKING:
    from signer_mock._service.records import Job, JobRevocation, Profile

Regions = Mapping[tuple[str, str], RegionStore]


class SavedRegions:
    """What accounts held in their regions at one moment.

    The lists are copied, the jobs in them are not: of a job that has ended, only its revocation
    can change. Profiles get back the values that they had, and jobs that were under way are made
    anew.
    """

    def __init__(self, regions: Regions) -> None:
        self._stores = {place: _copy(store) for place, store in regions.items()}
        jobs = [job for store in self._stores.values() for job in store.jobs]
        profiles = [one for store in self._stores.values() for one in store.profile_history]
        self._profiles: list[tuple[Profile, Profile]] = [(one, copy.copy(one)) for one in profiles]
        self._running = [copy.copy(job) for job in jobs if job.status == "InProgress"]
        self._revocations: dict[str, JobRevocation] = {
            job.job_id: job.revocation for job in jobs if job.revocation is not None
        }

    def restored(self) -> dict[tuple[str, str], RegionStore]:
        """Return the stores as they were, for the world that they were saved from."""
        for profile, saved in self._profiles:
            for name in saved.__slots__:
                setattr(profile, name, getattr(saved, name))
        running = {job.job_id: copy.copy(job) for job in self._running}
        stores = {place: _copy(store, running) for place, store in self._stores.items()}
        for store in stores.values():
            for job in store.jobs:
                job.revocation = self._revocations.get(job.job_id)
        return stores

    def copied(self) -> dict[tuple[str, str], RegionStore]:
        """Return copies of the stores as they were, for another world."""
        profiles = {id(profile): copy.copy(saved) for profile, saved in self._profiles}
        running = {job.job_id: job for job in self._running}
        jobs: dict[str, Job] = {}
        for store in self._stores.values():
            for listed in store.jobs:
                if listed.job_id not in jobs:
                    job = copy.copy(running.get(listed.job_id, listed))
                    job.profile = profiles[id(job.profile)]
                    job.revocation = self._revocations.get(job.job_id)
                    jobs[job.job_id] = job
        stores = {place: _copy(store, jobs) for place, store in self._stores.items()}
        for store in stores.values():
            store.profiles = {name: profiles[id(one)] for name, one in store.profiles.items()}
            store.profile_history = [profiles[id(one)] for one in store.profile_history]
        return stores


def _copy(store: RegionStore, replaced: Mapping[str, Job] | None = None) -> RegionStore:
    """Copy a store's lists, with other jobs in the place of some."""
    jobs, by_id, tokens = JobList(store.jobs), dict(store.jobs_by_id), dict(store.request_tokens)
    if replaced:
        jobs = JobList(replaced.get(job.job_id, job) for job in jobs)
        by_id = {job_id: replaced.get(job_id, job) for job_id, job in by_id.items()}
        tokens = {token: replaced.get(job.job_id, job) for token, job in tokens.items()}
    return RegionStore(dict(store.profiles), list(store.profile_history), jobs, by_id, tokens)
