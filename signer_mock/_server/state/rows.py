"""The rows of a state file: what a world holds, in pieces that change by themselves.

A row has a kind, a name and a value in JSON. Objects have a table of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from signer_mock._server.state.codec import decode, encode
from signer_mock.objects import Bucket

if TYPE_CHECKING:
    from signer_mock._service.records import Job
    from signer_mock._service.world import World

#: What the world holds once.
WORLD = "world"


class Row(NamedTuple):
    """A row, as it is in the file."""

    kind: str
    name: str
    value: str


def small_rows(world: World, buckets: Mapping[str, Bucket], stored: int) -> Iterator[Row]:
    """Yield the rows of all but jobs and objects: there are few, and each may change."""
    for account in world.accounts():
        value = {
            "authority": account.authority.export() if account.has_authority else None,
            "certificates": encode(account.certificates),
        }
        yield _row("account", account.account_id, value)
    for store in world.stores().values():
        for profile in store.profile_history:
            yield _row("profile", profile.version_arn, encode(profile))
    for name, bucket in buckets.items():
        yield _row("bucket", name, {"versioning": bucket.versioning, "region": bucket.region})
    revoked = sorted(world.revoked_certificates)
    yield _row(WORLD, WORLD, {"revoked_certificates": revoked, "stored": stored})


def job_row(job: Job) -> Row:
    """Return the row of a job, which names its profile."""
    value = encode(job, leave_out="profile") | {"profile": job.profile.version_arn}
    return _row("job", job.job_id, value)


def listing_row(account_id: str, region: str, number: int, job: Job) -> Row:
    """Return the row that lists a job in a store; there is one for each account that has it."""
    value = {"account_id": account_id, "region": region, "job": job.job_id}
    return _row("listing", f"{account_id}/{region}/{number}", value)


def token_row(account_id: str, region: str, token: str, job: Job) -> Row:
    """Return the row of a request token and the job that it started."""
    value = {"account_id": account_id, "region": region, "token": token, "job": job.job_id}
    return _row("token", f"{account_id}/{region}/{token}", value)


def _row(kind: str, name: str, value: Any) -> Row:
    return Row(kind, name, json.dumps(value, separators=(",", ":")))


def document_of(rows: Iterable[Row]) -> tuple[dict[str, Any], dict[str, Bucket], int]:
    """Put rows together again, in the order of the file.

    Returns:
        The arguments of ``read_document``; the buckets are empty.

    Raises:
        AttributeError, LookupError, TypeError, ValueError: No signer_mock wrote them.
    """
    values: dict[str, dict[str, Any]] = {
        kind: {} for kind in ("account", "profile", "bucket", "job", "listing", "token", WORLD)
    }
    for kind, name, value in rows:
        values[kind][name] = json.loads(value)
    profiles = {name: number for number, name in enumerate(values["profile"])}
    jobs = {name: number for number, name in enumerate(values["job"])}
    stores: dict[tuple[str, str], dict[str, Any]] = {}

    def store(account_id: str, region: str) -> dict[str, Any]:
        empty: dict[str, Any] = {
            "account_id": account_id,
            "region": region,
            "profiles": [],
            "jobs": [],
            "request_tokens": {},
        }
        return stores.setdefault((account_id, region), empty)

    for name, profile in values["profile"].items():
        store(profile["owner"], profile["region"])["profiles"].append(profiles[name])
    for listing in values["listing"].values():
        store(listing["account_id"], listing["region"])["jobs"].append(jobs[listing["job"]])
    for given in values["token"].values():
        tokens = store(given["account_id"], given["region"])["request_tokens"]
        tokens[given["token"]] = {"job": jobs[given["job"]]}
    world = values[WORLD][WORLD]
    document = {
        "accounts": values["account"],
        "profiles": list(values["profile"].values()),
        "jobs": [{**job, "profile": profiles[job["profile"]]} for job in values["job"].values()],
        "stores": list(stores.values()),
        "revoked_certificates": world["revoked_certificates"],
    }
    buckets = {
        name: Bucket(decode(bool, value["versioning"]), decode(str | None, value["region"]))
        for name, value in values["bucket"].items()
    }
    return document, buckets, decode(int, world["stored"])
