"""How much the server accepts from a client, in bytes and seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a server.

    Attributes:
        body: The largest body in bytes.
        request_seconds: How long a request may take to arrive, from its first byte to its last,
            and a TLS handshake.
        idle_seconds: How long a connection may be silent between requests; longer than the
            SDKs keep one in their pools, so that the client closes it first.
        stop_seconds: How long a stop waits for requests under way.
    """

    body: int = 8 << 20
    request_seconds: float = 30.0
    idle_seconds: float = 120.0
    stop_seconds: float = 5.0
