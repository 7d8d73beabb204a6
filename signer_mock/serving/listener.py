"""A socket, a thread a connection, and a way to stop them all."""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from signer_mock.errors import ServiceError, SignerMockError
from signer_mock.serving.http1 import Head, format_response, read_body, read_head
from signer_mock.serving.refusals import RequestTimeoutException, defect, refusal, unsupported
from signer_mock.serving.stream import ConnectionEnded, DeadlinePassed, Stream
from signer_mock.wire.http import HttpRequest, HttpResponse

Respond = Callable[[HttpRequest], HttpResponse]

_DRAIN_SECONDS = 2.0
_DRAIN_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a connection may take.

    Attributes:
        body: the largest body in bytes.
        request_seconds: how long a whole request may take to arrive, from its first byte.
        idle_seconds: how long a connection may be silent between requests; longer than the
            pools of the SDKs keep one, so that it is the client who closes.
        stop_seconds: how long requests under way may take to be answered at a stop.
    """

    body: int = 8 << 20
    request_seconds: float = 30.0
    idle_seconds: float = 120.0
    stop_seconds: float = 5.0


class Listener:
    """Listens on a port and answers with a function.

    Args:
        respond: answers one request; called from many threads. What it raises becomes a 501 if
            it is the mock's own word, else a 500.
        host: the address to listen on.
        port: 0 takes a free one.
        limits: what a connection may take.
        tls: makes it https.
        body_limit: the largest body for one request, by its head; None is ``limits.body``.
    """

    def __init__(
        self,
        respond: Respond,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        limits: Limits | None = None,
        tls: ssl.SSLContext | None = None,
        body_limit: Callable[[HttpRequest], int] | None = None,
    ) -> None:
        self._respond = respond
        self._limits = limits or Limits()
        self._tls = tls
        self._body_limit = body_limit
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=512)
        self.host: str = host
        self.port: int = self._socket.getsockname()[1]
        self._stopping = False
        self._lock = threading.Lock()
        self._connections: dict[threading.Thread, _Connection] = {}
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(
            target=self._accept, name=f"signer-mock-{self.port}", daemon=True
        )

    @property
    def url(self) -> str:
        """The base URL, for clients on this machine, without a slash at its end."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        host = f"[{host}]" if ":" in host else host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}"

    def start(self) -> None:
        """Begin to answer; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Answer what is under way, close every connection, give the port back."""
        with self._lock:
            if self._stopping:
                return
            self._stopping = True
        self._wake.send(b"x")
        if self._thread.ident is not None:
            self._thread.join()
        self._socket.close()
        self._wake.close()
        self._woken.close()
        with self._lock:
            open_now = dict(self._connections)
        for connection in open_now.values():
            connection.finish()
        deadline = time.monotonic() + self._limits.stop_seconds
        for thread, connection in open_now.items():
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                connection.cut()
                thread.join(1.0)

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            self._socket.setblocking(False)
            while not self._stopping:
                selector.select()
                if self._stopping:
                    return
                try:
                    plain, _ = self._socket.accept()
                except BlockingIOError:
                    continue
                except OSError:  # no file descriptor left: one of the connections will end
                    time.sleep(0.05)
                    continue
                self._serve(plain)

    def _serve(self, plain: socket.socket) -> None:
        connection = _Connection(plain, self._limits, self._tls, self._respond, self._body_limit)

        def run() -> None:
            try:
                connection.run()
            finally:
                with self._lock:
                    self._connections.pop(threading.current_thread(), None)

        thread = threading.Thread(target=run, name=f"{self._thread.name}-connection", daemon=True)
        with self._lock:
            self._connections[thread] = connection
        thread.start()


class _Connection:
    """One connection, in a thread of its own."""

    def __init__(
        self,
        plain: socket.socket,
        limits: Limits,
        tls: ssl.SSLContext | None,
        respond: Respond,
        body_limit: Callable[[HttpRequest], int] | None,
    ) -> None:
        self._socket = plain
        self._limits = limits
        self._tls = tls
        self._respond = respond
        self._body_limit = body_limit
        self._finishing = False
        self._busy = False
        self._lock = threading.Lock()

    def finish(self) -> None:
        """Close after the request under way, at once if there is none."""
        with self._lock:
            self._finishing = True
            if not self._busy:
                self._shut(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Close in the middle of whatever goes on."""
        self._shut(socket.SHUT_RDWR)

    def run(self) -> None:
        """Answer requests until one side has had enough."""
        # A peer that goes away in the middle is nobody's mistake here.
        with contextlib.suppress(ConnectionEnded, OSError):
            try:
                self._socket.settimeout(self._limits.request_seconds)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self._tls is not None:
                    self._socket = self._tls.wrap_socket(self._socket, server_side=True)
                stream = Stream(self._socket)
                while self._one(stream):
                    pass
            finally:
                self._socket.close()

    def _one(self, stream: Stream) -> bool:
        stream.wait(self._limits.idle_seconds)
        with self._lock:
            if self._finishing:
                return False
            self._busy = True
        try:
            keep_alive = self._exchange(stream)
        finally:
            with self._lock:
                self._busy = False
        return keep_alive and not self._finishing

    def _exchange(self, stream: Stream) -> bool:
        stream.start(self._limits.request_seconds)
        head: Head | None = None
        try:
            head = read_head(stream)
            limit = self._body_limit(head.request) if self._body_limit else self._limits.body
            head.request.body = read_body(stream, head, limit, self._send)
        except ServiceError as error:
            self._give_up(refusal(error), head)
            return False
        except DeadlinePassed:
            msg = f"The request did not arrive within {self._limits.request_seconds:g} seconds."
            self._give_up(refusal(RequestTimeoutException(msg)), head)
            return False
        keep_alive = head.keep_alive and not self._finishing
        response = self._answer(head.request)
        self._send(format_response(response, head.request.method, keep_alive=keep_alive))
        return keep_alive

    def _answer(self, request: HttpRequest) -> HttpResponse:
        try:
            return self._respond(request)
        except SignerMockError as error:
            return unsupported(error)
        except Exception as error:  # noqa: BLE001 - one bad request must not end the server
            traceback.print_exc(file=sys.stderr)
            return defect(error)

    def _send(self, data: bytes) -> None:
        self._socket.settimeout(self._limits.request_seconds)
        self._socket.sendall(data)

    def _give_up(self, response: HttpResponse, head: Head | None) -> None:
        """Answer a request whose end is unknown, and let the client read that answer.

        Closing while the client still sends would reset the connection and lose the answer, so
        what comes is thrown away for a moment.
        """
        method = head.request.method if head else "GET"
        self._send(format_response(response, method, keep_alive=False))
        self._shut(socket.SHUT_WR)
        deadline = time.monotonic() + _DRAIN_SECONDS
        left = _DRAIN_BYTES
        while left > 0 and time.monotonic() < deadline:
            self._socket.settimeout(max(0.01, deadline - time.monotonic()))
            data = self._socket.recv(1 << 16)
            if not data:
                return
            left -= len(data)

    def _shut(self, how: int) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(how)
