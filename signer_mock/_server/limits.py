"""What the server takes from a client, in bytes and seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What a connection may take.

    Attributes:
        body: the largest body in bytes.
        request_seconds: how long a request may take to arrive, from its first byte to its last,
            and a TLS handshake.
        idle_seconds: how long a connection may be silent between requests; longer than the
            pools of the SDKs keep one, so that it is the client who closes.
        stop_seconds: how long requests under way may take to be answered at a stop.
    """

    body: int = 8 << 20
    request_seconds: float = 30.0
    idle_seconds: float = 120.0
    stop_seconds: float = 5.0
