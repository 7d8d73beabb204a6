"""Between WSGI and the mock's own request and response, in both directions."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote_to_bytes, urlsplit

from signer_mock._server.refusals import (
    MalformedRequestException,
    RequestEntityTooLargeException,
    refusal,
    unsupported,
)
from signer_mock._wire.exceptions import ServiceError
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock.errors import SignerMockError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_MAX_BODY = 8 << 20
_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)


def make_wsgi_app(handle: Callable[[HttpRequest], HttpResponse]) -> WSGIApplication:
    """``handle`` as a WSGI application, for a server of your own.

    The server must say what the request target was before it was decoded, in ``RAW_URI`` or
    ``REQUEST_URI`` (werkzeug, gunicorn and uWSGI do): WSGI's own ``PATH_INFO`` cannot tell the
    ``%2F`` of an ARN from a slash.

    Args:
        handle: answers one request.
    """

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            response = handle(_request(environ))
        except ServiceError as error:
            response = refusal(error)
        except SignerMockError as error:
            response = unsupported(error)
        start_response(f"{response.status} -", list(response.headers.items()))
        return [b"" if environ["REQUEST_METHOD"].upper() == "HEAD" else response.body]

    return app


def request_of(method: str, target: str, headers: dict[str, str]) -> HttpRequest:
    """A request without its body, from what its first lines say.

    Args:
        method: the method.
        target: as it was sent: a path, or what a client sends that takes this for its proxy.
        headers: names in lower case; of an absolute target the host counts, not the header.

    Raises:
        MalformedRequestException: nothing can be told from the target or the host.
    """
    path, _, query = target.partition("?")
    try:
        if _ABSOLUTE.match(target):
            parts = urlsplit(target)
            headers["host"] = parts.netloc.rpartition("@")[2]
            path, query = parts.path or "/", parts.query
        elif not target.startswith("/") and target != "*":
            msg = f"The target {target!r} is neither a path nor an absolute http:// URL."
            raise MalformedRequestException(msg)
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    except ValueError as error:
        msg = f"The host of the request is not valid: {error}."
        raise MalformedRequestException(msg) from error
    return HttpRequest(method.upper(), host, path, query, headers)


def _request(environ: WSGIEnvironment) -> HttpRequest:
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if not target:
        target = quote(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""), safe="/~")
        target += f"?{environ.get('QUERY_STRING', '')}"
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    headers.setdefault("host", environ.get("SERVER_NAME", ""))
    request = request_of(environ["REQUEST_METHOD"], target, headers)
    request.body = _body(environ)
    if len(request.body) > _MAX_BODY:
        msg = f"The body is larger than {_MAX_BODY} bytes."
        raise RequestEntityTooLargeException(msg)
    return request


def _body(environ: WSGIEnvironment) -> bytes:
    stream: Any = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isascii() and length.isdigit():
        return bytes(stream.read(min(int(length), _MAX_BODY + 1)))
    if environ.get("wsgi.input_terminated"):  # a chunked body that the server has unwrapped
        return bytes(stream.read(_MAX_BODY + 1))
    return b""


def call_wsgi(app: WSGIApplication, request: HttpRequest) -> HttpResponse:
    """Have a WSGI application answer a request.

    Args:
        app: the application.
        request: the request; its header ``host`` tells name and port.

    Raises:
        Exception: whatever the application raises.
    """
    status = ""
    headers: list[tuple[str, str]] = []
    written: list[bytes] = []

    def start_response(
        given_status: str, given_headers: list[tuple[str, str]], _exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        nonlocal status, headers
        status, headers = given_status, given_headers
        return written.append

    answer = app(_environ(request), start_response)
    try:
        body = b"".join([*written, *answer])
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()
    merged: dict[str, str] = {}
    for name, value in headers:
        merged[name] = f"{merged[name]}, {value}" if name in merged else value
    return HttpResponse(int(status[:3]), merged, body)


def _environ(request: HttpRequest) -> WSGIEnvironment:
    port = urlsplit(f"//{request.headers.get('host', '')}").port
    target = f"{request.path}?{request.query}" if request.query else request.path
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        # WSGI wants bytes as text of the same numbers.
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query,
        "RAW_URI": target,
        "REQUEST_URI": target,
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": request.host,
        "SERVER_NAME": request.host or "localhost",
        "SERVER_PORT": str(port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        if name not in {"content-length", "transfer-encoding", "content-type"}:
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    if "content-type" in request.headers:
        environ["CONTENT_TYPE"] = request.headers["content-type"]
    # Chunks are unwrapped by now.
    environ["CONTENT_LENGTH"] = str(len(request.body))
    return environ
