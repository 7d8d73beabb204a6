"""Talking to a server: bytes over a socket, HTTP, and a server in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 60  # seconds until a test gives up on a server that should have answered


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str | None:
        return self.headers.get("x-amzn-errortype")


class RawConnection:
    """A TCP connection on which a test says what no client would say."""

    def __init__(self, server: Any) -> None:
        host = server.host.replace("0.0.0.0", "127.0.0.1")
        self._socket = socket.create_connection((host, server.port), timeout=PATIENCE)
        self._file = self._socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def finish_sending(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    def read(self, method: str = "GET") -> Answer:
        """The next answer; framing errors of the server fail the test here."""
        status_line = self._file.readline()
        assert status_line.startswith(b"HTTP/1.1 "), status_line
        headers: dict[str, str] = {}
        while (line := self._file.readline()) != b"\r\n":
            name, _, value = line.decode("latin-1").partition(":")
            assert line.endswith(b"\r\n"), line
            assert name.lower() not in headers, f"{name} twice"
            headers[name.lower()] = value.strip()
        length = 0 if method == "HEAD" else int(headers.get("content-length", "0"))
        body = self._file.read(length)
        assert len(body) == length
        return Answer(int(status_line.split()[1]), headers, body)

    def read_bytes(self, size: int) -> bytes:
        """So many bytes of whatever comes, fewer if the server closes."""
        return self._file.read(size)

    def is_closed(self) -> bool:
        try:
            return self._file.read(1) == b""
        except ConnectionError:
            return True

    def __enter__(self) -> RawConnection:  # noqa: PYI034 - nobody derives from it
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()


def exchange(server: Any, data: bytes) -> Answer:
    """One answer to some bytes on a connection of its own."""
    with RawConnection(server) as connection:
        connection.send(data)
        return connection.read()


def signed(
    method: str, target: str, *headers: str, body: bytes = b"", service: str = "signer"
) -> bytes:
    """A request as a client of the service would sign it."""
    credential = f"123456789012/20260101/us-east-1/{service}/aws4_request"
    lines = [
        f"{method} {target} HTTP/1.1",
        "Host: localhost",
        f"Authorization: AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def http(
    url: str,
    method: str = "GET",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    context: ssl.SSLContext | None = None,
) -> Answer:
    """One request with the standard library's client; errors come back as answers."""
    headers = {"Content-Type": "application/json", **(headers or {})}  # urllib says it is a form
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    handlers = [urllib.request.HTTPSHandler(context=context)] if context else []
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), *handlers)
    try:
        with opener.open(request, timeout=PATIENCE) as response:
            data = response.read()
            named = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, named, data)
    except urllib.error.HTTPError as error:
        with error:
            named = {name.lower(): value for name, value in error.headers.items()}
            return Answer(error.code, named, error.read())


def control(server: Any, path: str, method: str = "GET", order: Any = None) -> Answer:
    """A request to the control surface."""
    body = None if order is None else json.dumps(order).encode()
    return http(f"{server.url}/_signer_mock/{path}", method, body)


@dataclass
class ServerProcess:
    """``signer-mock serve`` in a process of its own."""

    process: subprocess.Popen[str]
    ready: dict[str, Any] = field(default_factory=dict)
    output: str = ""
    errors: str = ""

    @property
    def url(self) -> str:
        return str(self.ready["url"])

    @property
    def host(self) -> str:
        return "127.0.0.1"

    @property
    def port(self) -> int:
        return int(self.ready["port"])

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.output, self.errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode


def command_line(*arguments: object) -> list[str]:
    """``signer-mock`` of the interpreter that runs the tests."""
    program = "import sys; from signer_mock._cli.main import main; sys.exit(main())"
    return [sys.executable, "-c", program, *map(str, arguments)]


@contextlib.contextmanager
def serving(tmp_path: Path, *arguments: object) -> Iterator[ServerProcess]:
    """A running ``signer-mock serve``, ready to answer; stopped at the end."""
    ready_file = tmp_path / f"ready-{os.urandom(4).hex()}.json"
    process = subprocess.Popen(
        command_line("serve", "--ready-file", ready_file, *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    server = ServerProcess(process)
    try:
        deadline = time.monotonic() + PATIENCE
        while not ready_file.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                output, errors = process.communicate()
                raise AssertionError(f"the server did not start: {output}\n{errors}")
            time.sleep(0.02)
        server.ready = json.loads(ready_file.read_text())
        yield server
    finally:
        if process.poll() is None:
            server.stop()


def environment(server: Any, home: Path) -> dict[str, str]:
    """Nothing of the caller's own AWS settings, and the way to the server."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AWS_") and not name.upper().endswith("_PROXY")
    }
    return {**kept, **server.environ(), "HOME": str(home)}
