"""Warm calls beside canned answers: reads, writes, signatures, threads."""

from __future__ import annotations

import itertools
import statistics
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.canned import LAMBDA, NOTATION, canned_like, client, sign, signature, small_zip
from benchmarks.measure import Times, fresh, in_turn, median_ratio, wall_seconds

Rows = dict[str, tuple[float, dict[str, object]]]
Call = Callable[[Any], object]


def run(*, quick: bool) -> Rows:
    rounds, repeat = (1, 2) if quick else (15, 60)
    times: Times = fresh("calls:ours", rounds, repeat)
    motos: Times = fresh("calls:motos", rounds, repeat)
    in_threads: Times = fresh("calls:threads", 1 if quick else 9, 2 if quick else 25)
    rows: Rows = {}
    for name in ("get", "put", "list"):
        rows[name] = (median_ratio(times[name], times[f"canned {name}"]), _beside(times, name))
        if name in motos:
            canned = statistics.median(times[f"canned {name}"])
            rows[name][1]["moto"] = statistics.median(motos[name]) / canned
    for name in ("sign_payload", "start_job"):
        rows[name] = (_signatures(times, name, name), _beside(times, name))
        rows[name][1]["at best"] = _signatures(times, f"signing {name}", name)
        rows[name][1]["signature µs"] = statistics.median(times["signature"]) * 1e6
    rows["threads"] = (
        median_ratio(in_threads["canned"], in_threads["ours"]),
        {
            "time": "wall",
            "at best": median_ratio(in_threads["canned in turn"], in_threads["ours in turn"]),
        },
    )
    return rows


def _signatures(times: Times, measured: str, name: str) -> float:
    """How much longer than its canned answer a call takes, in signatures."""
    return statistics.median(
        (one - canned) / signature
        for one, canned, signature in zip(
            times[measured], times[f"canned {name}"], times["signature"], strict=True
        )
    )


def _beside(times: Times, name: str) -> dict[str, object]:
    ours, canned = times[name], times[f"canned {name}"]
    return {
        "least": min(ours) / min(canned),
        "µs": statistics.median(ours) * 1e6,
        "canned µs": statistics.median(canned) * 1e6,
    }


def _get(made: Any) -> object:
    return made.get_signing_profile(profileName="release")


def _put() -> Call:
    names = (f"profile_{number}" for number in itertools.count())
    return lambda made: made.put_signing_profile(profileName=next(names), platformId=LAMBDA)


def _list(made: Any) -> object:
    return made.list_signing_jobs()


def ours(rounds: int, repeat: int) -> Times:
    from signer_mock import mock_signer

    with mock_signer(s3="memory") as mock:
        made = client()
        made.put_signing_profile(profileName="release", platformId=LAMBDA)
        made.put_signing_profile(profileName="oci", platformId=NOTATION)
        mock.objects.create_bucket("code", versioning=True)
        version = mock.objects.put("code", "app.zip", small_zip())

        def start(made: Any) -> object:
            return made.start_signing_job(
                source={"s3": {"bucketName": "code", "key": "app.zip", "version": version}},
                destination={"s3": {"bucketName": "code", "prefix": "signed/"}},
                profileName="release",
            )

        for _ in range(30):
            sign(made)
        calls: dict[str, Call] = {
            "get": _get,
            "put": _put(),
            "list": _list,
            "sign_payload": sign,
            "start_job": start,
        }
        actions = _pairs(made, calls)
        actions["signature"] = signature()
        for name in ("sign_payload", "start_job"):
            signing = canned_like(made, calls[name])
            signing.meta.events.register_first("before-send.signer", signature())
            actions[f"signing {name}"] = partial(calls[name], signing)
        return in_turn(actions, rounds, repeat)


def motos(rounds: int, repeat: int) -> Times:
    from moto import mock_aws

    with mock_aws():
        made = client()
        made.put_signing_profile(profileName="release", platformId=LAMBDA)
        put = _put()
        return in_turn({"get": lambda: _get(made), "put": lambda: put(made)}, rounds, repeat)


def _pairs(made: Any, calls: dict[str, Call]) -> dict[str, Callable[[], object]]:
    """Return each call to ``made``, and the same to a client with canned answers."""
    actions: dict[str, Callable[[], object]] = {}
    for name, call in calls.items():
        actions[name] = partial(call, made)
        actions[f"canned {name}"] = partial(call, canned_like(made, call))
    return actions


THREADS = 8


def threads(rounds: int, repeat: int) -> Times:
    """Eight threads, each with a client of its own, whose calls sign nothing; in wall time."""
    from signer_mock import mock_signer

    with mock_signer():
        made = client()
        made.put_signing_profile(profileName="release", platformId=LAMBDA)
        made.put_signing_profile(profileName="oci", platformId=NOTATION)
        job = [sign(made) for _ in range(30)][-1]["jobId"]
        calls: list[Call] = [
            _get,
            lambda one: one.describe_signing_job(jobId=job),
            _get,
            _list,
            _get,
            _put(),
        ]
        real = [[client()] * len(calls) for _ in range(THREADS)]
        answers = [[canned_like(made, call) for call in calls] for _ in range(THREADS)]

        def in_threads(clients: list[list[Any]]) -> None:
            workers = [threading.Thread(target=_work, args=(calls, own, repeat)) for own in clients]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()

        def in_turn_of(clients: list[list[Any]]) -> None:
            for own in clients:
                _work(calls, own, repeat)

        actions = {
            "ours": partial(in_threads, real),
            "canned": partial(in_threads, answers),
            "ours in turn": partial(in_turn_of, real),
            "canned in turn": partial(in_turn_of, answers),
        }
        return in_turn(actions, rounds, timer=wall_seconds)


def _work(calls: list[Call], clients: list[Any], repeat: int) -> None:
    for _ in range(repeat):
        for call, made in zip(calls, clients, strict=True):
            call(made)
