"""Bytes from a socket, with a limit on each piece and a deadline for the whole."""

from __future__ import annotations

import re
import socket
import time

_CHUNK = 1 << 16
#: An empty line. Bare LF ends it too, so that what is wrong is told at once, not by a time-out.
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


class ConnectionEnded(Exception):  # noqa: N818 - the ordinary end of a connection is no error
    """The peer has closed the connection, or said nothing for too long between requests."""


class DeadlinePassed(Exception):  # noqa: N818
    """A request began and did not arrive in time."""


class TooLong(Exception):  # noqa: N818
    """The piece asked for does not end within its limit."""


class Stream:
    """What a client sends.

    Args:
        connection: the socket, plain or TLS.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = bytearray()
        self._deadline = 0.0

    def wait(self, seconds: float) -> None:
        """Wait for the first byte of a request.

        Raises:
            ConnectionEnded: none came.
        """
        # Some clients end a body with one line break too many; RFC 9112 §2.2 says to skip it.
        while not self._buffer.lstrip(b"\r\n"):
            self._buffer.clear()
            self._connection.settimeout(seconds)
            try:
                self._receive()
            except TimeoutError as error:
                raise ConnectionEnded from error
        del self._buffer[: len(self._buffer) - len(self._buffer.lstrip(b"\r\n"))]

    def start(self, seconds: float) -> None:
        """From now on everything has to arrive within so many seconds."""
        self._deadline = time.monotonic() + seconds

    def head(self, limit: int) -> bytes:
        """Everything up to the first empty line, without it.

        Raises:
            TooLong: there is none within ``limit`` bytes.
        """
        searched = 0
        while True:
            match = _END_OF_HEAD.search(self._buffer, max(0, searched - 3))
            if match is not None and match.start() <= limit:
                head = bytes(self._buffer[: match.start()])
                del self._buffer[: match.end()]
                return head
            searched = len(self._buffer)
            if searched > limit:
                raise TooLong
            self._fill()

    def begins_like_a_request(self) -> bool:
        """Whether the first byte can be that of a method; of a TLS handshake it cannot."""
        return self._buffer[:1].isalpha()

    def first_line(self) -> bytes:
        """What has come so far of the first line, for the choice of an error."""
        return bytes(self._buffer.partition(b"\n")[0])

    def line(self, limit: int) -> bytes:
        """One line, without its end.

        Raises:
            TooLong: it does not end within ``limit`` bytes.
        """
        while True:
            end = self._buffer.find(b"\n", 0, limit + 2)
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 1]
                return line.removesuffix(b"\r")
            if len(self._buffer) > limit:
                raise TooLong
            self._fill()

    def exactly(self, count: int) -> bytes:
        """So many bytes."""
        if len(self._buffer) >= count:
            data = bytes(self._buffer[:count])
            del self._buffer[:count]
            return data
        pieces = [bytes(self._buffer)]
        missing = count - len(self._buffer)
        self._buffer.clear()
        while missing:
            self._fill()
            piece = bytes(self._buffer[:missing])
            del self._buffer[: len(piece)]
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def _fill(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise DeadlinePassed
        self._connection.settimeout(left)
        try:
            self._receive()
        except TimeoutError as error:
            raise DeadlinePassed from error

    def _receive(self) -> None:
        data = self._connection.recv(_CHUNK)
        if not data:
            raise ConnectionEnded
        self._buffer += data
