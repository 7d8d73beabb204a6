"""Convert between WSGI and the mock's own request and response, in both directions."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from signer_mock._server.refusals import (
    MalformedRequestException,
    RequestEntityTooLargeException,
    refusal,
    unsupported,
)
from signer_mock._wire.exceptions import ServiceError
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock.errors import MissingExtraError, SignerMockError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_MAX_BODY = 8 << 20
_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)


def make_wsgi_app(handle: Callable[[HttpRequest], HttpResponse]) -> WSGIApplication:
    """Make a WSGI application of ``handle``, for a server of your own.

    The server must say what the request target was before it was decoded, in ``RAW_URI`` or
    ``REQUEST_URI`` (werkzeug, gunicorn and uWSGI do): WSGI's own ``PATH_INFO`` cannot tell the
    ``%2F`` of an ARN from a slash.

    Args:
        handle: Answers one request.

    Raises:
        MissingExtraError: The extra ``server`` is not installed.
    """
    try:
        import werkzeug  # noqa: F401 - only to see whether it is installed
    except ImportError as error:
        msg = f"A WSGI application needs {error.name}: pip install 'signer-mock[server]'."
        raise MissingExtraError(msg) from error

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        from werkzeug.wrappers import Response

        try:
            answer = handle(_request(environ))
        except ServiceError as error:
            answer = refusal(error)
        except SignerMockError as error:
            answer = refusal(unsupported(error))
        time.sleep(answer.delay)
        return Response(answer.body, answer.status, answer.headers)(environ, start_response)

    return app


def request_of(method: str, target: str, headers: dict[str, str]) -> HttpRequest:
    """Make a request without its body, from what its head says.

    Args:
        method: The method.
        target: As it was sent: a path, or the URL that a client sends to its proxy.
        headers: Names in lower case; the host of an absolute target replaces the header.

    Raises:
        MalformedRequestException: The target or the host is not valid.
    """
    path, _, query = target.partition("?")
    try:
        if _ABSOLUTE.match(target):
            parts = urlsplit(target)
            headers["host"] = parts.netloc.rpartition("@")[2]
            path, query = parts.path or "/", parts.query
        elif not target.startswith("/") and (method, target) != ("OPTIONS", "*"):
            msg = f"The target {target!r} is neither a path nor an absolute http:// URL."
            raise MalformedRequestException(msg)
        authority = urlsplit(f"//{headers.get('host', '')}")
        _ = authority.port  # raises where it is not a number up to 65535
    except ValueError as error:
        msg = f"The host of the request is not valid: {error}."
        raise MalformedRequestException(msg) from error
    return HttpRequest(method.upper(), authority.hostname or "", path, query, headers)


def _request(environ: WSGIEnvironment) -> HttpRequest:
    from werkzeug.exceptions import RequestEntityTooLarge
    from werkzeug.wrappers import Request

    given = Request(environ)
    given.max_content_length = _MAX_BODY
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if not target:
        target = quote(given.root_path + given.path, safe="/~")
        target += f"?{environ.get('QUERY_STRING', '')}"
    headers = {name.lower(): value for name, value in given.headers.items()}
    headers.setdefault("host", environ.get("SERVER_NAME", ""))
    request = request_of(given.method, target, headers)
    try:
        request.body = given.get_data()
    except RequestEntityTooLarge as error:
        msg = f"The body is larger than {_MAX_BODY} bytes."
        raise RequestEntityTooLargeException(msg) from error
    return request


def call_wsgi(app: WSGIApplication, request: HttpRequest) -> HttpResponse:
    """Have a WSGI application answer a request.

    Args:
        app: The application.
        request: The request; its header ``host`` tells name and port.

    Raises:
        Exception: Any exception of the application.
    """
    from werkzeug.test import EnvironBuilder, run_wsgi_app

    # Chunks are unwrapped by now, so the builder states the length.
    framing = {"content-length", "transfer-encoding"}
    headers = [(name, value) for name, value in request.headers.items() if name not in framing]
    environ = EnvironBuilder(
        request.path,
        f"http://{request.headers.get('host') or 'localhost'}/",
        query_string=request.query or None,
        method=request.method,
        headers=headers,
        data=request.body,
        multithread=True,
    ).get_environ()
    answer, status, given = run_wsgi_app(app, environ, buffered=True)
    merged = {name: ", ".join(given.getlist(name)) for name in dict.fromkeys(given.keys())}
    return HttpResponse(int(status[:3]), merged, b"".join(answer))
