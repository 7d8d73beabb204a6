"""Name look-ups: the guard for HTTP clients that no other module here intercepts.

httpx, aiohttp, urllib3, urllib and most others written in Python call ``socket.getaddrinfo`` before
they connect. Like the other patches, this one stays and does nothing without an active mock.
Somebody who replaces the function later answers in its place: then nothing is looked up.
"""

from __future__ import annotations

import functools
import socket
from collections.abc import Callable
from typing import Any

from signer_mock._intercept.botocore_session import MARK
from signer_mock._intercept.guard import check_look_up


def install() -> None:
    """Patch the resolver, unless it is patched already."""
    original = socket.getaddrinfo
    if getattr(original, MARK, None) is not True:
        socket.getaddrinfo = _guarded(original)


def _guarded(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def getaddrinfo(host: Any, *args: Any, **options: Any) -> Any:
        check_look_up(host)
        return original(host, *args, **options)

    setattr(getaddrinfo, MARK, True)
    return getaddrinfo
