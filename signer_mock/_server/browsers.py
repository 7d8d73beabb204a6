"""Keep pages in a browser from driving a server on their user's machine.

Any page can send requests to this machine's ports. Browsers tell where a request comes from
(``Origin``, and ``Sec-Fetch-Site`` where there is no ``Origin``). A page whose own name was made
to point here (DNS rebinding) is known by the ``Host`` that it names, in a request that a browser
sends: other programs may call this machine what they like.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import unquote

from signer_mock._intercept.hosts import is_aws_host
from signer_mock._wire.exceptions import AccessDeniedException
from signer_mock._wire.http import HttpRequest, HttpResponse

_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<authority>[a-z0-9._\[\]:-]+)")


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine's own, reached by nobody else."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def check_origins(origins: Iterable[str]) -> frozenset[str]:
    """Return the origins that may call a server.

    Raises:
        ValueError: One is not an origin; the message says what is.
    """
    given = list(origins)
    for origin in given:
        if not _ORIGIN.fullmatch(origin):
            msg = (
                f"{origin!r} is not an origin: give scheme and host, with the port if it has one, "
                "such as https://app.test or http://localhost:3000."
            )
            raise ValueError(msg)
    return frozenset(given)


class BrowserGuard:
    """Refuses requests of foreign pages, and answers those of allowed ones as browsers expect.

    Args:
        host: The address that the server listens on.
        names: More host names that the server was started for.
        scheme: ``http`` or ``https``.
        allowed: Origins that may call.
        private: Paths begin with one of these where only the server's own names may ask.
    """

    def __init__(
        self,
        host: str,
        names: Iterable[str],
        scheme: str,
        allowed: Collection[str],
        private: tuple[str, ...],
    ) -> None:
        self._names = {host.lower(), *(name.lower() for name in names)}
        self._any_host = not is_loopback(host)
        self._scheme = scheme
        self._allowed = allowed
        self._private = private

    def check(self, request: HttpRequest) -> HttpResponse | None:
        """Refuse a request of a foreign page.

        Returns:
            The answer to an allowed page that asks what it may send (a preflight), else None.

        Raises:
            AccessDeniedException: A foreign page sent the request, or it names another host.
        """
        headers = request.headers
        origin = headers.get("origin")
        if origin is None:
            if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
                msg = "Pages of other sites are not answered; see --allow-origin."
                raise AccessDeniedException(msg)
        elif origin not in self._allowed and not self._is_own(origin, headers.get("host", "")):
            msg = f"Pages from {origin!r} are not answered. To allow them: --allow-origin ORIGIN."
            raise AccessDeniedException(msg)
        elif request.method == "OPTIONS" and "access-control-request-method" in headers:
            return _preflight(request)
        if self._any_host or self._is_name(request.host):
            return None
        if self._is_private(request):
            msg = (
                f"{request.path} answers requests to this machine's own names only, not to "
                f"{request.host!r}: use localhost, or start the server with --tls-name."
            )
            raise AccessDeniedException(msg)
        # Nobody can point a name of AWS elsewhere, and browsers that have this for a proxy use it.
        if origin is None and _is_browser(headers) and not is_aws_host(request.host):
            msg = (
                f"Browsers are answered at this machine's own names only, not at {request.host!r}: "
                "use localhost, or start the server with --tls-name."
            )
            raise AccessDeniedException(msg)
        return None

    def finish(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Let an allowed page read the answer."""
        origin = request.headers.get("origin")
        if origin is not None and origin in self._allowed:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "*"
            response.headers["Vary"] = "Origin"
        return response

    def _is_own(self, origin: str, host: str) -> bool:
        parts = _ORIGIN.fullmatch(origin)
        if parts is None or parts["scheme"] != self._scheme:
            return False
        # Behind a forwarded port the server's own page has another port, as its Host has.
        authority = parts["authority"]
        return authority == host.lower() and self._is_name(re.sub(r":\d+$", "", authority))

    def _is_name(self, host: str) -> bool:
        # HTTP/1.0 has requests without a host; browsers send none of these.
        return not host or is_loopback(host) or host in self._names

    def _is_private(self, request: HttpRequest) -> bool:
        return unquote(request.path).startswith(self._private)


def _is_browser(headers: Mapping[str, str]) -> bool:
    """Tell whether a browser sent a request, by headers that pages cannot leave out."""
    return (
        "sec-fetch-site" in headers
        or headers.get("user-agent", "").startswith("Mozilla/")
        # Node's fetch sends a language too, but with a mode, which browsers keep from plain http.
        or ("accept-language" in headers and "sec-fetch-mode" not in headers)
    )


def _preflight(request: HttpRequest) -> HttpResponse:
    headers = {
        "Access-Control-Allow-Methods": request.headers["access-control-request-method"],
        "Access-Control-Allow-Headers": request.headers.get("access-control-request-headers", "*"),
        "Access-Control-Max-Age": "600",
    }
    if "access-control-request-private-network" in request.headers:
        headers["Access-Control-Allow-Private-Network"] = "true"
    return HttpResponse(204, headers, b"")
