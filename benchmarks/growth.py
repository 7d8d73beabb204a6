"""Whether calls cost the same with many jobs as with few: pages, snapshots."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from benchmarks.canned import NOTATION, sign
from benchmarks.measure import Times, cpu_seconds, fresh, in_turn, median_ratio

Rows = dict[str, tuple[float, dict[str, object]]]

PAGES = ("first", "middle", "last")
FEW, PASSING = 100, 60


def run(*, quick: bool) -> Rows:
    pages: Times = fresh("growth:pages", *((200, 1, 2) if quick else (100_000, 15, 10)))
    snapshots: Times = fresh("growth:snapshots", *((200, 1) if quick else (10_000, 9)))
    rows: Rows = {}
    for kind in ("page", "filtered"):
        for page in PAGES:
            name = f"{kind}_{page}"
            few, many = pages[f"few {name}"], pages[f"many {name}"]
            rows[name] = (median_ratio(many, few), {"µs": statistics.median(many) * 1e6})
    rows["snapshot"] = (statistics.median(snapshots["snapshot and restore"]) * 1e3, {})
    rows["after_snapshot"] = (median_ratio(snapshots["after"], snapshots["before"]), {})
    return rows


def fill(mock: Any, account_id: str, count: int) -> Any:
    """Make an account's client and so many jobs of it, of which a few have failed."""
    from signer_mock._service.context import Context
    from signer_mock._service.jobs import add_job

    made = mock.account(account_id).client("signer", region_name="us-east-1")
    made.put_signing_profile(profileName="oci", platformId=NOTATION)
    sign(made)
    world = mock._world
    store = world.store(account_id, "us-east-1")
    (first,) = store.jobs_by_id.values()
    caller = world.identify(account_id, None, "us-east-1")
    ctx = Context(world, caller, "us-east-1", world.clock.now())
    step = count / PASSING
    failed = {int(number * step) for number in range(PASSING)}
    for number in range(1, count):
        status = "Failed" if number in failed or number == 1 else "Succeeded"
        add_job(ctx, replace(first, job_id=world.ids.uuid(), status=status))
    return made


def pages(many: int, rounds: int, repeat: int) -> Times:
    from signer_mock import mock_signer

    with mock_signer() as mock:
        actions: dict[str, Callable[[], object]] = {}
        for size, account, count in (("few", "1" * 12, FEW), ("many", "2" * 12, many)):
            made = fill(mock, account, count)
            for kind, filters in (("page", {}), ("filtered", {"status": "Failed"})):
                tokens = [None, *_tokens(made, filters)]
                for page, token in zip(
                    PAGES, (None, tokens[len(tokens) // 2], tokens[-1]), strict=True
                ):
                    options = {**filters, **({"nextToken": token} if token else {})}
                    actions[f"{size} {kind}_{page}"] = _page(made, options)
        return in_turn(actions, rounds, repeat)


def _page(made: Any, options: dict[str, Any]) -> Callable[[], object]:
    return lambda: made.list_signing_jobs(maxResults=20, **options)


def _tokens(made: Any, filters: dict[str, Any]) -> list[str]:
    tokens: list[str] = []
    token = None
    while True:
        options = {**filters, **({"nextToken": token} if token else {})}
        token = made.list_signing_jobs(maxResults=20, **options).get("nextToken")
        if token is None:
            return tokens
        tokens.append(token)


def snapshots(count: int, rounds: int) -> Times:
    from signer_mock import mock_signer

    with mock_signer() as mock:
        made = fill(mock, "1" * 12, count)
        numbers = iter(range(1_000_000))

        def calls() -> None:
            for _ in range(10):
                made.put_signing_profile(profileName=f"p{next(numbers)}", platformId=NOTATION)
                made.list_signing_jobs()
                job = sign(made)["jobId"]
                made.describe_signing_job(jobId=job)
                made.revoke_signature(jobId=job, reason="test")

        def snapshot_and_restore() -> None:
            mock.restore(mock.snapshot())

        in_turn({"calls": calls, "snapshot": snapshot_and_restore}, 1)
        times: Times = {"snapshot and restore": [], "before": [], "after": []}
        for _ in range(rounds):
            times["before"].append(cpu_seconds(calls))
            times["snapshot and restore"].append(cpu_seconds(snapshot_and_restore))
            times["after"].append(cpu_seconds(calls))
        return times
