"""A request and a response, independent of any HTTP library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(slots=True)
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
        parts = urlsplit(url)
        return cls(
            method.upper(), parts.hostname or "", parts.path or "/", parts.query, headers, body
        )


@dataclass(slots=True)
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
