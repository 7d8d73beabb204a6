"""A request and a response, independent of any HTTP library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True, repr=False, eq=False)
class HttpRequest:
    """A request as it was sent.

    Attributes:
        method: Upper case.
        host: Without the port, lower case.
        path: Percent-encoded as it was sent (an ARN in it keeps its ``%2F``).
        query: The raw query string, without ``?``.
        headers: Names in lower case.
        body: The whole body.
    """

    method: str
    host: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def from_url(
        cls, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> HttpRequest:
        """Build a request from an absolute URL; ``headers`` must have lower-case names."""
        # urlsplit takes as long as the rest of a short call.
        _, _, rest = url.partition("#")[0].partition("://")
        target, _, query = rest.partition("?")
        authority, slash, path = target.partition("/")
        host = authority.rpartition("@")[2]
        end = host.find("]") if host.startswith("[") else host.find(":")
        host = (host if end < 0 else host[:end]).lstrip("[").lower()
        return cls(method.upper(), host, slash + path or "/", query, headers, body)


@dataclass(slots=True, repr=False, eq=False)
class HttpResponse:
    """A response: status, headers and the whole body.

    Attributes:
        delay: By how many seconds a test wants the response to be late; adapters wait for it.
        is_injected: A test asked for this error.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    delay: float = 0.0
    is_injected: bool = False
