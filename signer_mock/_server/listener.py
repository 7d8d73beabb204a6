"""The port: cheroot's HTTP/1.1 server, in its own threads, answering with a function.

What is added to cheroot: the port is known before anything answers, new connections and TLS
handshakes hold up nobody else, and a client that is refused can read why.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

from cheroot.makefile import MakeFile
from cheroot.server import HTTPConnection, HTTPServer

from signer_mock._server.exchange import Exchange
from signer_mock._server.limits import Limits
from signer_mock._wire.http import HttpRequest, HttpResponse

#: Requests that are answered at the same time; connections that wait for one need no thread.
THREADS = 32

_MAX_HEAD = 64 << 10
_DRAIN_SECONDS = 2.0


class Listener:
    """Listens on a port and answers with a function.

    Args:
        respond: answers one request; called from many threads. What it raises becomes a 501 if
            it is the mock's own word, else a 500.
        host: the address to listen on.
        port: 0 takes a free one.
        limits: what a connection may take.
        tls: makes it https.
        body_limit: the largest body for one request, by its head.

    Raises:
        OSError: the address cannot be had.
    """

    def __init__(
        self,
        respond: Callable[[HttpRequest], HttpResponse],
        host: str,
        port: int,
        *,
        limits: Limits,
        tls: ssl.SSLContext | None,
        body_limit: Callable[[HttpRequest], int],
    ) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
        self.host: str = host
        self.port: int = self._socket.getsockname()[1]
        self._tls = tls
        self._server = _Server(self._socket, respond, limits, tls, body_limit)
        # What a daemon starts is a daemon: a server that nobody stops holds up no interpreter.
        self._thread = threading.Thread(
            target=self._run, name=f"signer-mock-{self.port}", daemon=True
        )
        self._answering = threading.Event()

    @property
    def url(self) -> str:
        """The base URL, for clients on this machine, without a slash at its end."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        host = f"[{host}]" if ":" in host else host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}"

    def start(self) -> None:
        """Begin to answer; returns at once."""
        self._thread.start()
        self._answering.wait()

    def stop(self) -> None:
        """Answer what is under way, close every connection, give the port back."""
        self._server.stop()
        if self._thread.ident is not None:
            self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        try:
            self._server.prepare()
        finally:
            self._answering.set()
        self._server.serve()


class _Server(HTTPServer):
    request_queue_size = 512
    keep_alive_conn_limit: Any = None
    max_request_header_size = _MAX_HEAD
    expiration_interval = 0.1  # a stop waits for the end of one

    def __init__(
        self,
        listening: socket.socket,
        respond: Callable[[HttpRequest], HttpResponse],
        limits: Limits,
        tls: ssl.SSLContext | None,
        body_limit: Callable[[HttpRequest], int],
    ) -> None:
        super().__init__(listening.getsockname()[:2], None, THREADS, server_name="signer-mock")
        self.listening = listening
        self.respond = respond
        self.limits = limits
        self.tls = tls
        self.body_limit = body_limit
        self.ConnectionClass = _Connection
        self.timeout: Any = limits.idle_seconds
        self.shutdown_timeout: Any = limits.stop_seconds

    def bind(self, family: Any, type: Any, proto: int = 0) -> socket.socket:  # noqa: A002, ARG002
        # Bound already, so that the port is known before anything answers.
        self.socket = self.listening
        return self.listening

    def process_conn(self, conn: Any) -> None:
        # A new connection waits for its first byte where idle ones do: no thread, no 408.
        if conn.last_used is None:
            self.put_conn(conn)
        else:
            super().process_conn(conn)

    def clear_stats(self) -> None:
        super().clear_stats()
        # They are registered for the life of the process, and hold the server with its world.
        getattr(logging, "statistics", {}).pop(f"Cheroot HTTPServer {id(self)}", None)

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        # Clients that go away are nobody's mistake here.
        if level >= logging.ERROR:
            super().error_log(msg, level, traceback)


class _Connection(HTTPConnection):
    server: _Server

    def __init__(self, server: _Server, sock: Any, makefile: Any = MakeFile) -> None:
        super().__init__(server, sock, makefile)
        self.RequestHandlerClass = Exchange
        self.refused = False
        sock.settimeout(server.limits.request_seconds)

    def communicate(self) -> bool:
        if self.server.tls is not None and not isinstance(self.socket, ssl.SSLSocket):
            try:
                self.socket = self.server.tls.wrap_socket(
                    self.socket, server_side=True, do_handshake_on_connect=False
                )
                self.rfile = MakeFile(self.socket, "rb", self.rbufsize)
                self.wfile = MakeFile(self.socket, "wb", self.wbufsize)
                self.socket.do_handshake()
            except OSError:
                return False
        return bool(super().communicate())

    def close(self) -> None:
        """Close, and keep nothing open until garbage is collected."""
        if self.refused:
            with contextlib.suppress(OSError):
                self._drain()
        with contextlib.suppress(OSError):  # what it lets through would end cheroot's thread
            super().close()
        self.wfile.raw.close()  # without a flush: nobody reads it
        self.socket.close()

    def _drain(self) -> None:
        """Let the client read why, though it still sends: a plain close would be a reset."""
        self.socket.shutdown(socket.SHUT_WR)
        self.socket.settimeout(_DRAIN_SECONDS)
        deadline = time.monotonic() + _DRAIN_SECONDS
        while time.monotonic() < deadline and self.socket.recv(1 << 16):
            pass
