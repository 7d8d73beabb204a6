"""The server's throughput beside ministack's: the same requests, in turn, in wall time."""

from __future__ import annotations

import contextlib
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from benchmarks.canned import LAMBDA, NOTATION, PAYLOAD_FORMAT, small_zip
from benchmarks.load import ACCOUNT, request, requests_per_second
from benchmarks.measure import BENCHMARKS, environment, median_ratio

Rows = dict[str, tuple[float, dict[str, object]]]
Make = Callable[[int], bytes]

MINISTACK = BENCHMARKS / ".venv-peers" / "bin" / "ministack"
_SERVE = "import sys; from signer_mock._cli.main import main; sys.exit(main())"
_OURS = [sys.executable, "-c", _SERVE, "serve", "--port"]


class Server:
    """A server, with a package in its S3, a profile and a job.

    Args:
        port: Where it listens.
        with_s3: Whether it has an S3; otherwise it is signer-mock with buckets of its own.
        with_payloads: Whether it answers SignPayload.
    """

    def __init__(self, port: int, *, with_s3: bool, with_payloads: bool) -> None:
        self.port = port
        self.serial = 0
        self.version = self._store(small_zip()) if with_s3 else self._put(small_zip())
        signer = self._client("signer")
        signer.put_signing_profile(profileName="bench", platformId=LAMBDA)
        if with_payloads:
            signer.put_signing_profile(profileName="oci", platformId=NOTATION)
        self.job = [signer.start_signing_job(**self.order(-n))["jobId"] for n in range(30)][-1]

    def order(self, number: int) -> dict[str, Any]:
        return {
            "source": {"s3": {"bucketName": "bench", "key": "app.zip", "version": self.version}},
            "destination": {"s3": {"bucketName": "bench", "prefix": "signed/"}},
            "profileName": "bench",
            "clientRequestToken": f"token-{self.serial}-{number}",
        }

    def _store(self, data: bytes) -> str:
        s3 = self._client("s3")
        s3.create_bucket(Bucket="bench")
        s3.put_bucket_versioning(Bucket="bench", VersioningConfiguration={"Status": "Enabled"})
        return str(s3.put_object(Bucket="bench", Key="app.zip", Body=data)["VersionId"])

    def _put(self, data: bytes) -> str:
        url = f"http://127.0.0.1:{self.port}/_signer_mock/objects/bench"
        for target, body in ((url, b""), (f"{url}/app.zip", data)):
            order = urllib.request.Request(target, data=body, method="PUT")
            with urllib.request.urlopen(order) as answer:
                stored = json.load(answer)
        return str(stored["version"])

    def _client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name="us-east-1",
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="x",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )


def get(_server: Server) -> Make:
    return lambda _number: request("GET", "/signing-profiles/bench")


def put(server: Server) -> Make:
    return lambda number: request(
        "PUT", f"/signing-profiles/p_{server.serial}_{number}", {"platformId": LAMBDA}
    )


def describe(server: Server) -> Make:
    return lambda _number: request("GET", f"/signing-jobs/{server.job}")


def page(_server: Server) -> Make:
    return lambda _number: request("GET", "/signing-jobs")


def start_job(server: Server) -> Make:
    return lambda number: request("POST", "/signing-jobs", server.order(number))


def sign_payload(_server: Server) -> Make:
    body = {"profileName": "oci", "payload": "e30=", "payloadFormat": PAYLOAD_FORMAT}
    return lambda _number: request("POST", "/signing-jobs/with-payload", body)


def run(*, quick: bool, ministack: Path = MINISTACK) -> Rows:
    ours, with_s3, theirs = free_port(), free_port(), free_port()
    if quick:  # only whether it runs: against ourselves
        peer, with_peers_s3 = [*_OURS, str(theirs)], False
    elif ministack.exists():
        peer, with_peers_s3 = [str(ministack)], True
    else:
        raise SystemExit(
            f"There is no ministack at {ministack}. Make an environment for it with `./run test "
            "tests/parity`, or leave its rows out with `--only` and the other groups' names."
        )
    rounds, share = (1, 0.004) if quick else (5, 1)
    with (
        running([*_OURS, str(ours)], ours),
        running([*_OURS, str(with_s3), *([] if quick else ["--with-moto"])], with_s3),
        running(peer, theirs, GATEWAY_PORT=str(theirs), LOG_LEVEL="WARNING"),
    ):
        alone = Server(ours, with_s3=False, with_payloads=True)
        over_s3 = Server(with_s3, with_s3=not quick, with_payloads=False)
        other = Server(theirs, with_s3=with_peers_s3, with_payloads=False)
        return {
            name: _compare((server, make), (other, make_theirs), rounds, int(count * share) or 1)
            for name, server, make, make_theirs, count in (
                ("server_get", alone, get, get, 2000),
                ("server_put", alone, put, put, 1000),
                ("server_describe", alone, describe, describe, 2000),
                ("server_list", alone, page, page, 400),
                ("server_job", alone, start_job, start_job, 200),
                ("server_job_s3", over_s3, start_job, start_job, 200),
                ("server_payload", alone, sign_payload, start_job, 200),
            )
        }


def _compare(
    ours: tuple[Server, Callable[[Server], Make]],
    theirs: tuple[Server, Callable[[Server], Make]],
    rounds: int,
    count: int,
) -> tuple[float, dict[str, object]]:
    rates: list[list[float]] = [[], []]
    for _ in range(rounds):
        for (server, make), measured in zip((ours, theirs), rates, strict=True):
            server.serial += 1
            measured.append(requests_per_second(server.port, make(server), count))
    return median_ratio(*rates), {
        "requests/s": statistics.median(rates[0]),
        "ministack requests/s": statistics.median(rates[1]),
        "time": "wall",
    }


@contextlib.contextmanager
def running(command: list[str], port: int, **environ: str) -> Iterator[None]:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, env={**environment(), **environ}, stdout=log, stderr=log, cwd=Path.home()
        )
        try:
            deadline = time.monotonic() + 60
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise SystemExit(f"{command[0]} did not start:\n{log.read().decode()}")
                time.sleep(0.02)
            yield
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
