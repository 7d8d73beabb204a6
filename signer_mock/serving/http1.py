"""HTTP/1.1 as RFC 9112 has it: one request off a stream, one response as bytes.

It is strict where leniency lets two readers disagree about where a request ends, and keeps the
path as it was sent: the ``%2F`` of an ARN must reach the router.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from signer_mock.serving.refusals import (
    HeadersTooLargeException,
    HttpVersionNotSupportedException,
    MalformedRequestException,
    NotImplementedException,
    RequestEntityTooLargeException,
    UriTooLongException,
)
from signer_mock.serving.stream import Stream, TooLong
from signer_mock.wire.http import HttpRequest, HttpResponse

MAX_REQUEST_LINE = 64 << 10
MAX_HEAD = 96 << 10
MAX_HEADERS = 200
_MAX_CHUNK_LINE = 4 << 10

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(rb"(" + _TOKEN + rb") ([!-~]+) (HTTP/\d\.\d)")
_HEADER = re.compile(rb"(" + _TOKEN + rb"):[ \t]*([^\x00\r\n]*?)[ \t]*")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")
_LENGTH = re.compile(r"[0-9]{1,15}")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s/?#@\[\]:]*)(?::[0-9]*)?")

_NO_BODY = frozenset({204, 304})
_FRAMING = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive"})


@dataclass(slots=True)
class Head:
    """A request before its body has been read.

    Attributes:
        request: all but the body.
        keep_alive: the client would like to send another one.
        length: of the body in bytes; None if it is chunked.
        expects_continue: the client waits for a word before it sends the body.
    """

    request: HttpRequest
    keep_alive: bool
    length: int | None
    expects_continue: bool


def read_head(stream: Stream) -> Head:
    """Read request line and headers.

    Raises:
        ServiceError: they are not HTTP, or too long.
    """
    if not stream.begins_like_a_request():
        msg = "This is not HTTP. Was https:// sent to a server that was started without --tls?"
        raise MalformedRequestException(msg)
    try:
        lines = stream.head(MAX_HEAD).split(b"\r\n")
    except TooLong:
        if len(stream.first_line()) > MAX_REQUEST_LINE:
            msg = f"The request line is longer than {MAX_REQUEST_LINE} bytes."
            raise UriTooLongException(msg) from None
        msg = f"The headers are longer than {MAX_HEAD} bytes."
        raise HeadersTooLargeException(msg) from None
    if len(lines[0]) > MAX_REQUEST_LINE:
        msg = f"The request line is longer than {MAX_REQUEST_LINE} bytes."
        raise UriTooLongException(msg)
    match = _REQUEST_LINE.fullmatch(lines[0])
    if match is None:
        msg = "The request line is not HTTP/1.1: expected METHOD TARGET HTTP/1.1."
        raise MalformedRequestException(msg)
    method, target, version = (part.decode("ascii") for part in match.groups())
    if version not in {"HTTP/1.0", "HTTP/1.1"}:
        msg = f"{version} is not supported; use HTTP/1.1."
        raise HttpVersionNotSupportedException(msg)
    headers = _headers(lines[1:])
    authority, path, query = _target(method, target, headers.get("host"), version)
    headers["host"] = authority
    request = HttpRequest(method, _host_name(authority), path, query, headers)
    tokens = {token.strip().lower() for token in headers.get("connection", "").split(",")}
    keep_alive = "close" not in tokens if version == "HTTP/1.1" else "keep-alive" in tokens
    expects = version == "HTTP/1.1" and headers.get("expect", "").lower() == "100-continue"
    return Head(request, keep_alive, _length(headers, version), expects)


def _headers(lines: list[bytes]) -> dict[str, str]:
    if len(lines) > MAX_HEADERS:
        msg = f"There are more than {MAX_HEADERS} headers."
        raise HeadersTooLargeException(msg)
    headers: dict[str, str] = {}
    for line in lines:
        match = _HEADER.fullmatch(line)
        if match is None:
            msg = f"A header line is malformed: {line[:80].decode('latin-1')!r}."
            raise MalformedRequestException(msg)
        name, value = match[1].decode("ascii").lower(), match[2].decode("latin-1")
        if name not in headers:
            headers[name] = value
        elif name in {"host", "content-length", "transfer-encoding", "authorization"}:
            msg = f"The header {name} is given more than once."
            raise MalformedRequestException(msg)
        else:
            headers[name] += f", {value}"
    return headers


def _target(method: str, target: str, host: str | None, version: str) -> tuple[str, str, str]:
    """Authority, raw path and raw query of any form of request target but a tunnel's."""
    if host is None and version == "HTTP/1.1":
        msg = "The header Host is missing."
        raise MalformedRequestException(msg)
    if method == "CONNECT":
        msg = (
            "CONNECT is not supported: this is no tunnel. Give the server's address as the "
            "endpoint URL; only plain http:// may come through it as a proxy."
        )
        raise MalformedRequestException(msg)
    if target.startswith("/"):
        path, _, query = target.partition("?")
    elif target.lower().startswith(("http://", "https://")):
        # What a client sends that takes this server for its proxy; the Host header yields.
        try:
            parts = urlsplit(target)
        except ValueError:
            parts = urlsplit("")
        if not parts.netloc:
            msg = f"The request target {target!r} has no valid host."
            raise MalformedRequestException(msg)
        host, path, query = parts.netloc.rpartition("@")[2], parts.path or "/", parts.query
    elif target == "*" and method == "OPTIONS":
        path, query = "*", ""
    else:
        msg = f"The request target {target!r} is neither a path nor an absolute http:// URL."
        raise MalformedRequestException(msg)
    return host or "", path, query


def _host_name(authority: str) -> str:
    match = _HOST.fullmatch(authority)
    if match is None:
        msg = f"The host {authority!r} is not valid."
        raise MalformedRequestException(msg)
    return match[1].strip("[]").lower()


def _length(headers: dict[str, str], version: str) -> int | None:
    coding, length = headers.get("transfer-encoding"), headers.get("content-length")
    if coding is not None:
        if length is not None or version == "HTTP/1.0":
            msg = "Transfer-Encoding goes neither with Content-Length nor with HTTP/1.0."
            raise MalformedRequestException(msg)
        if coding.lower() != "chunked":
            msg = f"The transfer coding {coding!r} is not supported; use chunked."
            raise NotImplementedException(msg)
        return None
    if length is None:
        return 0
    if not _LENGTH.fullmatch(length):
        msg = f"Content-Length {length!r} is not a number of bytes."
        raise MalformedRequestException(msg)
    return int(length)


def read_body(stream: Stream, head: Head, limit: int, send: Callable[[bytes], None]) -> bytes:
    """Read the body.

    Args:
        stream: where from.
        head: what came before it.
        limit: its largest size in bytes.
        send: writes to the client, which may wait for a word to go on.

    Raises:
        ServiceError: it is too large, or its chunks are malformed.
    """
    if head.length is not None and head.length > limit:
        raise _too_large(limit)
    if head.length == 0:
        return b""
    if head.expects_continue:
        send(b"HTTP/1.1 100 Continue\r\n\r\n")
    if head.length is not None:
        return stream.exactly(head.length)
    try:
        return _chunks(stream, limit)
    except TooLong:
        msg = "A line of the chunked body is too long."
        raise MalformedRequestException(msg) from None


def _chunks(stream: Stream, limit: int) -> bytes:
    body = bytearray()
    while True:
        match = _CHUNK_SIZE.fullmatch(stream.line(_MAX_CHUNK_LINE))
        if match is None:
            msg = "The size of a chunk is not a hexadecimal number."
            raise MalformedRequestException(msg)
        size = int(match[1], 16)
        if size == 0:
            break
        if len(body) + size > limit:
            raise _too_large(limit)
        body += stream.exactly(size)
        if stream.line(0) != b"":
            msg = "A chunk is longer than its size says."
            raise MalformedRequestException(msg)
    for _ in range(MAX_HEADERS):  # trailers say nothing that Signer needs
        if stream.line(_MAX_CHUNK_LINE) == b"":
            return bytes(body)
    msg = f"There are more than {MAX_HEADERS} trailers."
    raise HeadersTooLargeException(msg)


def _too_large(limit: int) -> RequestEntityTooLargeException:
    return RequestEntityTooLargeException(f"The body is larger than {limit} bytes.")


_REASONS = {status.value: status.phrase for status in HTTPStatus}


def format_response(response: HttpResponse, method: str, *, keep_alive: bool) -> bytes:
    """A response as it goes over the wire."""
    status = response.status
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, '')}"]
    declared = str(len(response.body))
    for name, value in response.headers.items():
        if name.lower() in _FRAMING:
            # The answer to a HEAD tells the length of a body that it does not have.
            if name.lower() == "content-length" and method == "HEAD":
                declared = value
            continue
        lines.append(f"{name}: {value}".replace("\r", " ").replace("\n", " "))
    if status not in _NO_BODY:
        lines.append(f"Content-Length: {declared}")
    lines.append(f"Connection: {'keep-alive' if keep_alive else 'close'}")
    head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
    return head if method == "HEAD" or status in _NO_BODY else head + response.body
