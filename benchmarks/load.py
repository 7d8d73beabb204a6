"""Load for a server: client processes that send prepared bytes over one connection each.

They cost next to nothing, so that what is measured is the server.
"""

from __future__ import annotations

import json
import multiprocessing
import socket
import time
from collections.abc import Callable
from typing import Any

ACCOUNT = "123456789012"
CLIENTS = 4
_FORK = multiprocessing.get_context("fork")


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
    start, done = _FORK.Event(), _FORK.Queue()
    shares = [[make(number) for number in range(k, count, CLIENTS)] for k in range(CLIENTS)]
    clients = [_FORK.Process(target=client, args=(port, share, start, done)) for share in shares]
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
