"""One connection: asyncio carries the bytes, h11 says what they mean as HTTP/1.1."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import h11

from signer_mock._server.events import response_events
from signer_mock._server.limits import Limits
from signer_mock._server.refusals import (
    HeadersTooLargeException,
    HttpVersionNotSupportedException,
    MalformedRequestException,
    NotImplementedException,
    RequestEntityTooLargeException,
    RequestTimeoutException,
    refusal,
)
from signer_mock._server.wsgi import request_of
from signer_mock._service.fault import ConnectionFault
from signer_mock._wire.exceptions import ServiceError
from signer_mock._wire.http import HttpRequest, HttpResponse

#: The largest head of a request, and the longest line within a body, in bytes.
_MAX_HEAD = 64 << 10
#: How long a client that was refused may go on sending, so that it can read why.
_DRAIN_SECONDS = 2.0
#: How much of what a client sent is quoted back to it.
_MAX_QUOTED = 200
_TLS_HANDSHAKE = b"\x16"
_REFUSALS: dict[int, type[ServiceError]] = {
    431: HeadersTooLargeException,
    501: NotImplementedException,
}


class Answerer(Protocol):
    """What a connection needs of its listener."""

    limits: Limits
    connections: set[Connection]

    def body_limit(self, request: HttpRequest) -> int:
        """Return the largest body of a request whose head is known, in bytes."""

    def answer(
        self, request: HttpRequest, then: Callable[[HttpResponse | ConnectionFault], None]
    ) -> None:
        """Answer, and call ``then`` later, in the event loop's thread."""

    def forget(self, connection: Connection) -> None:
        """Drop a connection that is closed."""


class Connection(asyncio.Protocol):
    """Reads requests one after another and writes each answer in one piece.

    A request takes a thread only when all of it has arrived. Its head and body share one deadline.

    Args:
        listener: Answers the requests.
    """

    _transport: asyncio.Transport

    def __init__(self, listener: Answerer) -> None:
        self._listener = listener
        self._limits = listener.limits
        self._http = _new_http()
        self._timer: asyncio.TimerHandle | None = None
        self._receiving = self._answering = self._refused = self._closing = False
        self._request: HttpRequest | None = None
        self._is_head = False
        self._body: list[bytes] = []
        self._limit = self._size = 0
        self._unwritten = 0

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first byte."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._listener.connections.add(self)
        self._wait(self._limits.idle_seconds, self._close_idle)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._refused:
            return
        if not self._receiving and not self._answering:
            data = data.lstrip(b"\r\n")  # empty lines between requests (RFC 9112, 2.2)
        if data:
            self._http.receive_data(data)
            self._read()

    def eof_received(self) -> bool:
        """Answer what is complete though the client sends no more."""
        if self._answering:
            self._closing = True
            return self._transport.can_write_eof()
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Forget the connection."""
        self._stop_waiting()
        self._listener.forget(self)

    # What the listener calls.

    def finish(self) -> None:
        """Close once the request under way is answered, at once if there is none."""
        self._closing = True
        if not self._receiving and not self._answering:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    # Reading

    def _read(self) -> None:
        while not self._answering and not self._refused:
            if not self._receiving:
                if not self._http.trailing_data[0]:
                    break
                self._receiving = True
                self._wait(self._limits.request_seconds, self._refuse_late)
            try:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    self._tell_to_go_on()
                    break
                self._take(event)
            except h11.RemoteProtocolError as error:
                self._refuse(self._malformed(error))
            except ServiceError as error:
                self._refuse(error)

    def _take(self, event: Any) -> None:
        if isinstance(event, h11.Request):
            self._begin(event)
        elif isinstance(event, h11.Data):
            self._size += len(event.data)
            if self._size > self._limit:
                raise self._too_large()
            self._body.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            self._answer()
        else:
            self._transport.close()

    def _begin(self, event: h11.Request) -> None:
        self._is_head = event.method == b"HEAD"
        if event.http_version not in {b"1.0", b"1.1"}:
            msg = f"HTTP/{event.http_version.decode()} is not served here; HTTP/1.1 is."
            raise HttpVersionNotSupportedException(msg)
        if len(event.target) + sum(len(n) + len(v) for n, v in event.headers) > _MAX_HEAD:
            msg = f"The head of the request is larger than {_MAX_HEAD} bytes."
            raise HeadersTooLargeException(msg)
        headers: dict[str, str] = {}
        for raw_name, raw_value in event.headers:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        method, target = event.method.decode("latin-1"), event.target.decode("latin-1")
        self._request = request_of(method, target, headers)
        self._body, self._size = [], 0
        self._limit = self._listener.body_limit(self._request)
        if int(headers.get("content-length", "0")) > self._limit:
            raise self._too_large()

    def _tell_to_go_on(self) -> None:
        if self._http.they_are_waiting_for_100_continue:
            go_on = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
            self._transport.write(self._http.send(go_on) or b"")

    def _answer(self) -> None:
        assert self._request is not None
        self._request.body = b"".join(self._body)
        self._receiving, self._answering, self._body = False, True, []
        self._stop_waiting()
        # Data that a client sends ahead waits in its own socket.
        self._transport.pause_reading()
        self._listener.answer(self._request, self._write_answer)

    def _malformed(self, error: h11.RemoteProtocolError) -> ServiceError:
        kind = _REFUSALS.get(error.error_status_hint, MalformedRequestException)
        if self._http.trailing_data[0].startswith(_TLS_HANDSHAKE):
            return kind("This is not HTTP. Was https:// sent to a server without --tls?")
        return kind(f"The request is not valid HTTP/1.1: {str(error)[:_MAX_QUOTED]}.")

    def _too_large(self) -> ServiceError:
        return RequestEntityTooLargeException(f"The body is larger than {self._limit} bytes.")

    # Writing

    def _write_answer(self, response: HttpResponse | ConnectionFault) -> None:
        if response.delay:  # a test wants it late; no thread waits
            self._wait(response.delay, partial(self._write_now, response))
        else:
            self._write_now(response)

    def _write_now(self, response: HttpResponse | ConnectionFault) -> None:
        self._answering = False
        if self._transport.is_closing():
            return  # pragma: no cover - the client went while it was answered
        if isinstance(response, ConnectionFault):
            self._fail(response)
            return
        self._write(response, close=self._closing)
        if self._closing or self._http.our_state is not h11.DONE:
            self._transport.close()
            return
        self._is_head = False
        self._begin_next()
        self._wait(self._limits.idle_seconds, self._close_idle)
        self._transport.resume_reading()
        self._read()

    def _begin_next(self) -> None:
        sent_ahead = self._http.trailing_data[0]
        self._http.start_next_cycle()
        if sent_ahead.startswith(b"\r\n"):  # h11 takes no empty line between requests
            self._http = _new_http()
            if sent_ahead := sent_ahead.lstrip(b"\r\n"):
                self._http.receive_data(sent_ahead)

    def _fail(self, fault: ConnectionFault) -> None:
        """Close without an answer or, for a timeout, say nothing until the client gives up."""
        if "timeout" not in fault.kind:
            self._transport.abort()
            return
        self._refused = True
        self._stop_waiting()
        self._transport.resume_reading()

    def _refuse(self, error: ServiceError) -> None:
        """Say why, and ignore what the client goes on to send: a plain close would be a reset."""
        self._refused, self._receiving = True, False
        if self._http.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            self._transport.close()  # pragma: no cover - half of an answer is sent
            return  # pragma: no cover - as above
        self._write(refusal(error), close=True)
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self._wait(_DRAIN_SECONDS, self.abort)

    def _write(self, response: HttpResponse, *, close: bool) -> None:
        events = response_events(response, is_head=self._is_head, close=close)
        # In one piece: Go's client now and then gives up a connection between head and body.
        self._transport.write(b"".join(self._http.send(event) or b"" for event in events))

    # Waiting

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        self._stop_waiting()
        self._timer = asyncio.get_running_loop().call_later(seconds, then)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse_late(self) -> None:
        seconds = self._limits.request_seconds
        self._refuse(RequestTimeoutException(f"The request did not arrive within {seconds:g} s."))

    def _close_idle(self) -> None:
        unwritten = self._transport.get_write_buffer_size()
        if unwritten and unwritten != self._unwritten:  # a slow reader of a large answer
            self._unwritten = unwritten
            self._wait(self._limits.idle_seconds, self._close_idle)
        else:
            self._transport.abort()


def _new_http() -> h11.Connection:
    return h11.Connection(h11.SERVER, max_incomplete_event_size=_MAX_HEAD)
