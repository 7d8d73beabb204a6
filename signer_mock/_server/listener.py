"""The port: an event loop in a thread of its own, and a few threads that answer."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable

from signer_mock._server.connection import Connection
from signer_mock._server.limits import Limits
from signer_mock._service.fault import ConnectionFault
from signer_mock._wire.http import HttpRequest, HttpResponse

#: Requests that are answered at the same time; connections that wait for one need no thread.
THREADS = 32

_BACKLOG = 512
_ACCEPT_AGAIN_SECONDS = 0.05


class Listener:
    """Listens on a port and answers with a function.

    Args:
        respond: Answers one request; called from many threads. It raises nothing but a
            ``ConnectionFault`` that a test asked for.
        host: The address to listen on.
        port: 0 takes a free one.
        limits: What a connection may take.
        tls: Makes it https.
        body_limit: The largest body for one request, by its head.
        is_quick: Whether a request is answered in less time than it takes to wake a thread for
            it.

    Raises:
        OSError: The address cannot be had.
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
        is_quick: Callable[[HttpRequest], bool],
    ) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        self.host: str = host
        self.port: int = self._socket.getsockname()[1]
        self.limits = limits
        self.body_limit = body_limit
        self.connections: set[Connection] = set()
        self._respond = respond
        self._is_quick = is_quick
        self._tls = tls
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        # Daemons: a server that nobody stops, or an answer that hangs, holds up no interpreter.
        self._threads = [
            threading.Thread(target=target, name=f"signer-mock-{self.port}", daemon=True)
            for target in (self._run, *[self._work] * THREADS)
        ]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening = threading.Event()

    @property
    def url(self) -> str:
        """The base URL, for clients on this machine, without a slash at its end."""
        any_address = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - does not bind to it
        host = any_address.get(self.host, self.host)
        host = f"[{host}]" if ":" in host else host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}"

    def start(self) -> None:
        """Begin to answer; returns at once."""
        for thread in self._threads:
            thread.start()
        self._listening.wait()

    def stop(self) -> None:
        """Answer what is under way within ``stop_seconds``, close all, give the port back."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
            deadline = time.monotonic() + self.limits.stop_seconds
            self._threads[0].join()
            for thread in self._threads[1:]:
                thread.join(max(0.0, deadline - time.monotonic()))
        self._socket.close()

    def answer(
        self, request: HttpRequest, then: Callable[[HttpResponse | ConnectionFault], None]
    ) -> None:
        """Answer, in another thread unless it is quick; then call ``then`` in the event loop's."""
        loop = asyncio.get_running_loop()
        if self._is_quick(request):
            loop.call_soon(then, self._response(request))
            return

        def task() -> None:
            response = self._response(request)
            if not loop.is_closed():  # pragma: no branch - else it took longer than a stop waits
                loop.call_soon_threadsafe(then, response)

        self._tasks.put(task)

    def _response(self, request: HttpRequest) -> HttpResponse | ConnectionFault:
        try:
            return self._respond(request)
        except ConnectionFault as fault:
            return fault

    def forget(self, connection: Connection) -> None:
        """Drop a connection that is closed."""
        self.connections.discard(connection)
        if not self.connections:
            self._empty.set()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        finally:
            self._listening.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping, self._empty = asyncio.Event(), asyncio.Event()
        opening: set[asyncio.Task[None]] = set()
        accepting = asyncio.create_task(self._accept(opening))
        self._listening.set()
        await self._stopping.wait()
        for task in (accepting, *opening):
            task.cancel()
        await asyncio.gather(accepting, *opening, return_exceptions=True)
        for connection in list(self.connections):
            connection.finish()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._all_closed(), self.limits.stop_seconds)
        for connection in list(self.connections):
            connection.abort()
        await self._all_closed()
        for _ in self._threads[1:]:
            self._tasks.put(None)

    async def _all_closed(self) -> None:
        while self.connections:
            self._empty.clear()
            await self._empty.wait()

    async def _accept(self, opening: set[asyncio.Task[None]]) -> None:
        loop = asyncio.get_running_loop()
        self._socket.setblocking(False)
        while True:
            try:
                accepted, _ = await loop.sock_accept(self._socket)
            # The client has gone already, or this process has no more files.
            except OSError:  # pragma: no cover - no test brings it about
                await asyncio.sleep(_ACCEPT_AGAIN_SECONDS)
                continue
            task = asyncio.create_task(self._open(accepted))
            opening.add(task)
            task.add_done_callback(opening.discard)

    async def _open(self, accepted: socket.socket) -> None:
        """Shake hands, each client on its own, and hand over to the connection."""
        with contextlib.suppress(OSError):  # what does not even speak TLS is let go
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: Connection(self),
                accepted,
                ssl=self._tls,
                ssl_handshake_timeout=self.limits.request_seconds if self._tls else None,
            )

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()
