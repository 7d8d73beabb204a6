"""Find what has changed in a world since it was last written.

Jobs and objects may be many, so that neither is encoded again: a job changes only with its status
and its revocation, and an object's bytes never do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from signer_mock._server.state.rows import Row, job_row, listing_row, small_rows, token_row

if TYPE_CHECKING:
    from signer_mock._service.records import Job
    from signer_mock._service.stores import RegionStore
    from signer_mock._service.world import World
    from signer_mock.objects import MemoryObject

_Place = tuple[str, str, str]  # bucket, key, version


@dataclass
class Changes:
    """What has to be written.

    Attributes:
        everything: The file is emptied first.
        rows: New or changed rows.
        gone: Kind and name of rows to delete.
        objects: New objects, each with bucket, key and version.
        gone_objects: Bucket, key and version of objects to delete.
    """

    everything: bool
    rows: list[Row] = field(default_factory=list)
    gone: list[tuple[str, str]] = field(default_factory=list)
    objects: list[tuple[_Place, MemoryObject]] = field(default_factory=list)
    gone_objects: list[_Place] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.everything or self.rows or self.gone or self.objects or self.gone_objects)


@dataclass
class _Written:
    """What the file holds."""

    epoch: int
    rows: dict[tuple[str, str], str] = field(default_factory=dict)
    marks: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    tokens: dict[tuple[str, str], dict[str, Job]] = field(default_factory=dict)
    objects: dict[_Place, bytes] = field(default_factory=dict)


class ChangeTracker:
    """Knows what a file holds, and finds what a world holds otherwise."""

    def __init__(self) -> None:
        self._written: _Written | None = None
        self._found: _Written | None = None

    def find(self, world: World) -> Changes:
        """Find the changes; the caller holds the world's lock."""
        old = self._written
        # A reset replaces everything.
        everything = old is None or old.epoch != world.epoch
        if old is None or everything:
            old = _Written(world.epoch)
        new = _Written(world.epoch)
        changes = Changes(everything)
        buckets, stored = world.memory_objects.export()

        for row in small_rows(world, buckets, stored):
            new.rows[row[:2]] = row.value
            if old.rows.get(row[:2]) != row.value:
                changes.rows.append(row)
        changes.gone.extend(old.rows.keys() - new.rows.keys())

        for place, store in world.stores().items():
            new.marks[place] = [(job.status, job.revocation) for job in store.jobs]
            new.tokens[place] = dict(store.request_tokens)
            changes.rows.extend(_job_rows(place, store, old.marks.get(place, []), new.marks[place]))
            known = old.tokens.get(place, {})
            changes.rows.extend(
                token_row(*place, token, job)
                for token, job in store.request_tokens.items()
                if known.get(token) is not job
            )

        for bucket, holder in buckets.items():
            for key, versions in holder.objects.items():
                for version, held in versions.items():
                    new.objects[bucket, key, version] = held.data
                    if old.objects.get((bucket, key, version)) is not held.data:
                        changes.objects.append(((bucket, key, version), held))
        changes.gone_objects.extend(old.objects.keys() - new.objects.keys())
        self._found = new
        return changes

    def written(self) -> None:
        """Remember that what ``find`` found last is in the file."""
        self._written, self._found = self._found, None


def _job_rows(
    place: tuple[str, str], store: RegionStore, old: list[Any], new: list[Any]
) -> list[Row]:
    if old == new:
        return []
    rows = []
    for number, (job, mark) in enumerate(zip(store.jobs, new, strict=True)):
        is_new = number >= len(old)
        if is_new or old[number] != mark:
            rows.append(job_row(job))
        if is_new:
            rows.append(listing_row(*place, number, job))
    return rows
