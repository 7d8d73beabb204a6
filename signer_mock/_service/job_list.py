"""The jobs of an account in a region, with an index for the filters of ListSigningJobs."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signer_mock._service.records import Job

#: The filters that the index knows: what they compare with.
_INDEXED: Mapping[str, Callable[[Job], Any]] = {
    "status": lambda job: job.status,
    "platformId": lambda job: job.profile.platform.platform_id,
    "requestedBy": lambda job: job.requested_by,
    "jobInvoker": lambda job: job.invoker,
}
_UNDER_WAY = "InProgress"


class JobList(list["Job"]):
    """Jobs, oldest first; the list only grows.

    The index is brought up to date when it is asked. Jobs that are under way are not in it yet,
    because their status changes; it names them as candidates for every filter.
    """

    def __init__(self, *jobs: Any) -> None:
        super().__init__(*jobs)
        self._indexed = 0
        self._under_way: list[int] = []
        self._places: dict[tuple[str, Any], list[int]] = {}

    def candidates(self, filters: Mapping[str, Any]) -> Sequence[int] | None:
        """Return the places of all jobs that can pass the filters, ascending; None is all."""
        indexed = [(name, value) for name, value in filters.items() if name in _INDEXED]
        if not indexed:
            return None
        self._index()
        places = min((self._places.get(key, []) for key in indexed), key=len)
        return sorted({*places, *self._under_way}) if self._under_way else places

    def _index(self) -> None:
        fresh = range(self._indexed, len(self))
        under_way = [*self._under_way, *fresh]
        self._under_way = [place for place in under_way if self[place].status == _UNDER_WAY]
        self._indexed = len(self)
        for place in sorted(set(under_way).difference(self._under_way)):
            job = self[place]
            for name, value_of in _INDEXED.items():
                places = self._places.setdefault((name, value_of(job)), [])
                if places and places[-1] > place:
                    insort(places, place)
                else:
                    places.append(place)
