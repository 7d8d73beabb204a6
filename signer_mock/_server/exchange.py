"""One request and its answer: cheroot parses, this limits bodies and refuses in AWS's form."""

from __future__ import annotations

import contextlib
import io
import re
import sys
import time
import traceback
from http.client import responses
from typing import Any

from cheroot.errors import MaxSizeExceeded
from cheroot.server import ChunkedRFile, HeaderReader, HTTPRequest, SizeCheckWrapper

from signer_mock._server.refusals import (
    HeadersTooLargeException,
    HttpVersionNotSupportedException,
    InternalFailure,
    MalformedRequestException,
    NotImplementedException,
    RequestEntityTooLargeException,
    RequestTimeoutException,
    UriTooLongException,
    defect,
    refusal,
    unsupported,
)
from signer_mock._server.wsgi import request_of
from signer_mock._wire.exceptions import ServiceError
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock.errors import SignerMockError

#: What cheroot refuses by itself. Bodies are limited here, so that its 413 is for headers.
_REFUSALS: dict[str, type[ServiceError]] = {
    "400": MalformedRequestException,
    "408": RequestTimeoutException,
    "413": HeadersTooLargeException,
    "414": UriTooLongException,
    "500": InternalFailure,
    "501": NotImplementedException,
    "505": HttpVersionNotSupportedException,
}
_TOO_LARGE = "Request Entity Too Large"  # the OSError of cheroot's that says so
_PIECE = 64 << 10
_NO_BODY = frozenset({204, 304})
_FRAMING = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive"})


class Exchange(HTTPRequest):
    """What cheroot makes for each request of a connection.

    Args:
        server: has ``respond``, ``limits`` and ``body_limit``.
        conn: has ``refused``, to be set where the rest of what the client sends has no meaning.
    """

    request: HttpRequest

    def __init__(self, server: Any, conn: Any) -> None:
        # A proxy's request lines are taken too.
        super().__init__(server, conn, proxy_mode=True)

    def read_request_line(self) -> bool:
        """Read method, target and version; whether they are right."""
        if self.conn.rfile.peek(1)[:1] == b"\x16":  # else it would wait for the end of a line
            msg = "This is not HTTP. Was https:// sent to a server that was started without --tls?"
            return self._refuse(MalformedRequestException(msg))
        try:
            return bool(super().read_request_line())
        except ValueError as error:
            return self._refuse(MalformedRequestException(str(error)))

    def read_request_headers(self) -> bool:
        """Read the headers; whether they are right."""
        try:
            return bool(super().read_request_headers())
        except ServiceError as error:
            return self._refuse(error)

    def header_reader(self, rfile: Any, hdict: dict[bytes, bytes]) -> None:
        """Read the headers and judge them, before the client is told to go on with its body."""
        HeaderReader()(rfile, hdict)
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in hdict.items()}
        self.request = request_of(self.method.decode(), self.uri.decode(), headers)
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            msg = f"Content-Length {length!r} is not a number of bytes."
            raise MalformedRequestException(msg)
        self.length = int(length)
        self.limit = self.server.body_limit(self.request)
        if self.length > self.limit:
            raise self._too_large()

    def respond(self) -> None:
        """Read the body, and answer."""
        try:
            self.request.body = self._body()
        except MaxSizeExceeded:
            self._refuse(self._too_large())
        except ValueError as error:
            self._refuse(MalformedRequestException(str(error)))
        except OSError as error:
            if error.args[:1] != (_TOO_LARGE,):
                raise
            self._refuse(self._too_large())
        else:
            self._send(self._answer())

    def _body(self) -> bytes:
        deadline = time.monotonic() + self.server.limits.request_seconds
        chunks = ChunkedRFile(SizeCheckWrapper(self.conn.rfile, self.limit), self.limit)
        read = chunks.read if self.chunked_read else self.conn.rfile.read1
        left = self.limit if self.chunked_read else self.length
        pieces: list[bytes] = []
        while left and (piece := read(min(left, _PIECE))):
            pieces.append(piece)
            left -= len(piece)
            if time.monotonic() > deadline:
                raise TimeoutError("timed out")  # cheroot knows it by its text
        if self.chunked_read:
            for _ in chunks.read_trailer_lines():  # type: ignore[attr-defined, func-returns-value]  # an error of its stub
                pass  # they say nothing that Signer needs
        elif left:
            msg = f"The body ends {left} bytes before its Content-Length."
            raise ValueError(msg)
        return b"".join(pieces)

    def _too_large(self) -> RequestEntityTooLargeException:
        return RequestEntityTooLargeException(f"The body is larger than {self.limit} bytes.")

    def _answer(self) -> HttpResponse:
        try:
            return self.server.respond(self.request)  # type: ignore[no-any-return]  # cheroot's Any
        except SignerMockError as error:
            return unsupported(error)
        except Exception as error:  # noqa: BLE001 - one bad request must not end the server
            traceback.print_exc(file=sys.stderr)
            return defect(error)

    def simple_response(self, status: str, msg: str = "") -> None:
        """What cheroot says by itself, in the service's form."""
        self._refuse(_REFUSALS.get(status[:3], MalformedRequestException)(msg or status))

    def _refuse(self, error: ServiceError) -> bool:
        self.conn.refused = self.close_connection = True
        self.response_protocol = "HTTP/1.1"  # else it would not say that it closes
        with contextlib.suppress(OSError):
            self._send(refusal(error))
        return False

    def _send(self, response: HttpResponse) -> None:
        is_head = getattr(self, "method", None) == b"HEAD"
        has_body = response.status not in _NO_BODY
        headers = [(k, v) for k, v in response.headers.items() if k.lower() not in _FRAMING]
        if has_body:
            length = str(len(response.body))
            if is_head:  # its answer tells the length of a body that it does not have
                length = {k.lower(): v for k, v in response.headers.items()}.get(
                    "content-length", length
                )
            headers.append(("Content-Length", length))
        self.status = f"{response.status} {responses.get(response.status, '')}".encode()  # type: ignore[assignment]  # cheroot's stub says str, its code bytes
        self.outheaders = [
            (name.encode("latin-1"), re.sub(r"[\r\n]+", " ", value).encode("latin-1", "replace"))
            for name, value in headers
        ]
        # In one piece: Go's client now and then gives up a connection between head and body.
        wire, self.conn.wfile = self.conn.wfile, io.BytesIO()
        try:
            self.ensure_headers_sent()
            if has_body and not is_head:
                self.write(response.body)
            answer = self.conn.wfile.getvalue()
        finally:
            self.conn.wfile = wire
        self.conn.wfile.write(answer)
