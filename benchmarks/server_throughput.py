"""The server's throughput beside another's, on the same requests in one run.

    python -m benchmarks.server_throughput --ministack PATH    # of an environment of its own
    python -m benchmarks.server_throughput                     # moto's server instead

Clients are processes that send prepared bytes over one connection each, so that they cost next
to nothing; the servers take turns, so that a ratio holds while the machine's speed drifts.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import multiprocessing
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

ACCOUNT = "123456789012"
LAMBDA = "AWSLambda-SHA384-ECDSA"
CLIENTS = 4


def request(method: str, path: str, body: Any = None) -> bytes:
    data = b"" if body is None else json.dumps(body).encode()
    scope = f"{ACCOUNT}/20260101/us-east-1/signer/aws4_request"
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0\r\n"
        f"X-Amz-Date: 20260101T000000Z\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    return head.encode() + data


class Connection:
    """One connection, made anew where the server closes it after each answer."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def call(self, data: bytes) -> int:
        """Send a request, read the whole answer; its status."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(data)
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more()
        head = received[:end].lower()
        if b"transfer-encoding: chunked" in head:
            while not received.endswith(b"0\r\n\r\n"):
                received += self._more()
        else:
            _, found, after = head.partition(b"content-length:")
            length = int(after.split(b"\r\n")[0]) if found else 0
            while len(received) < end + 4 + length:
                received += self._more()
        if b"connection: close" in head:
            self._socket.close()
            self._socket = None
        return int(received[9:12])

    def _more(self) -> bytes:
        assert self._socket is not None
        data = self._socket.recv(1 << 16)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data


def client(port: int, requests: list[bytes], start: Any, done: Any) -> None:
    """One client process: wait for the signal, send all requests, report what was refused."""
    connection = Connection(port)
    start.wait()
    refused = len(requests)
    try:
        refused = sum(connection.call(data) != 200 for data in requests)
    finally:
        done.put(refused)


def requests_per_second(port: int, make: Callable[[int], bytes], count: int) -> float:
    """All clients at once, each with its own requests; none may be refused."""
    start, done = multiprocessing.Event(), multiprocessing.Queue()
    shares = [[make(number) for number in range(k, count, CLIENTS)] for k in range(CLIENTS)]
    clients = [
        multiprocessing.Process(target=client, args=(port, share, start, done)) for share in shares
    ]
    for process in clients:
        process.start()
    time.sleep(0.3)
    began = time.perf_counter()
    start.set()
    refused = sum(done.get() for _ in clients)
    elapsed = time.perf_counter() - began
    for process in clients:
        process.join()
    assert refused == 0, f"{refused} of {count} refused"
    return count / elapsed


def package() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "x = 1\n" * 1000)
    return buffer.getvalue()


class Server:
    """A server, with a package in its S3, a profile and a job."""

    def __init__(self, name: str, port: int) -> None:
        self.name = name
        self.port = port
        self.serial = 0
        self.job = ""
        self.version = self.store(package())
        self.signer = self._client("signer")
        self.signer.put_signing_profile(profileName="bench", platformId=LAMBDA)

    def store(self, data: bytes) -> str:
        s3 = self._client("s3")
        s3.create_bucket(Bucket="bench")
        s3.put_bucket_versioning(Bucket="bench", VersioningConfiguration={"Status": "Enabled"})
        return str(s3.put_object(Bucket="bench", Key="app.zip", Body=data)["VersionId"])

    def start_job(self) -> None:
        self.job = self.signer.start_signing_job(**self.order(-1))["jobId"]

    def order(self, number: int) -> dict[str, Any]:
        return {
            "source": {"s3": {"bucketName": "bench", "key": "app.zip", "version": self.version}},
            "destination": {"s3": {"bucketName": "bench", "prefix": "signed/"}},
            "profileName": "bench",
            "clientRequestToken": f"token-{self.serial}-{number}",
        }

    def _client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name="us-east-1",
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="x",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )


class ServerWithoutS3(Server):
    """signer-mock alone, with its own buckets."""

    def store(self, data: bytes) -> str:
        url = f"http://127.0.0.1:{self.port}/_signer_mock/objects/bench"
        for target, body in ((url, b""), (f"{url}/app.zip", data)):
            order = urllib.request.Request(target, data=body, method="PUT")
            with urllib.request.urlopen(order) as answer:
                stored = json.load(answer)
        return str(stored["version"])


OPERATIONS: dict[str, tuple[Callable[[Server], Callable[[int], bytes]], int]] = {
    "GetSigningProfile": (lambda _: lambda _n: request("GET", "/signing-profiles/bench"), 2000),
    "PutSigningProfile": (
        lambda server: (
            lambda number: request(
                "PUT", f"/signing-profiles/p_{server.serial}_{number}", {"platformId": LAMBDA}
            )
        ),
        1000,
    ),
    "DescribeSigningJob": (
        lambda server: lambda _n: request("GET", f"/signing-jobs/{server.job}"),
        2000,
    ),
    "StartSigningJob": (
        lambda server: lambda number: request("POST", "/signing-jobs", server.order(number)),
        200,
    ),
    "ListSigningJobs, 25 of many": (lambda _: lambda _n: request("GET", "/signing-jobs"), 400),
}


@contextlib.contextmanager
def running(command: list[str], port: int, **environ: str) -> Iterator[None]:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, env={**os.environ, **environ}, stdout=log, stderr=log, cwd=Path.home()
        )
        try:
            deadline = time.monotonic() + 60
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise SystemExit(f"{command[0]} did not start:\n{log.read().decode()}")
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--ministack", default=shutil.which("ministack"), metavar="PATH")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    ours, alone, theirs = free_port(), free_port(), free_port()
    serve = "import sys; from signer_mock._cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", serve, "serve", "--port"]
    if options.ministack:
        other, names = [options.ministack], ("signer-mock", "ministack")
    else:
        other = [sys.executable, "-m", "moto.server", "-p", str(theirs)]
        names = ("signer-mock", "moto_server")
    with (
        running([*command, str(ours), "--with-moto"], ours),
        running([*command, str(alone)], alone),
        running(other, theirs, GATEWAY_PORT=str(theirs), LOG_LEVEL="WARNING"),
    ):
        servers = [Server(name, port) for name, port in zip(names, (ours, theirs), strict=True)]
        print(f"{CLIENTS} clients, requests per second, median of {options.rounds} rounds in turn")
        print(f"{'':32}{names[0]:>14}{names[1]:>14}{'ratio':>9}")
        compare(servers, options.rounds, OPERATIONS)
        if options.ministack:
            servers[0] = ServerWithoutS3(names[0], alone)
            name, start = "StartSigningJob", "StartSigningJob, own buckets"
            compare(servers, options.rounds, {start: OPERATIONS[name]})


def compare(servers: list[Server], rounds: int, operations: dict[str, Any]) -> None:
    for operation, (make, count) in operations.items():
        if "Job" in operation and servers[1].name == "moto_server":
            continue  # it has no signing jobs
        rates: list[list[float]] = [[], []]
        for _ in range(rounds):
            for server, measured in zip(servers, rates, strict=True):
                server.serial += 1
                if "Job" in operation and not server.job:
                    server.start_job()
                measured.append(requests_per_second(server.port, make(server), count))
        ratio = statistics.median(a / b for a, b in zip(*rates, strict=True))
        medians = [statistics.median(measured) for measured in rates]
        print(f"{operation:32}{medians[0]:14.0f}{medians[1]:14.0f}{ratio:9.2f}", flush=True)


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    main()
