"""Patch the HTTP sessions of aiobotocore (and so of aioboto3), as botocore's is patched.

The mock answers from memory, so it is called directly: there is nothing to wait for. aiobotocore
is never imported here.
"""

from __future__ import annotations

import asyncio
import functools
import io
from collections.abc import Callable
from types import ModuleType
from typing import Any

from botocore.awsrequest import HeadersDict

from signer_mock._intercept.botocore_session import MARK, bind, header_text, to_request
from signer_mock._intercept.connection_faults import note_fault, to_botocore_error
from signer_mock._intercept.guard import answer
from signer_mock._intercept.when_loaded import when_loaded
from signer_mock._service.fault import ConnectionFault
from signer_mock._wire.http import HttpResponse

# The second one is for httpx and trio; older versions do not have it.
_CLASSES = {
    "aiobotocore.httpsession": "AIOHTTPSession",
    "aiobotocore.httpxsession": "HttpxSession",
}


def install() -> None:
    """Patch the sessions: now if aiobotocore is loaded, else as soon as it is."""
    for module, name in _CLASSES.items():
        when_loaded(module, functools.partial(_patch, name=name))


def _patch(module: ModuleType, name: str) -> None:
    session_class: Any = getattr(module, name, None)
    original = getattr(session_class, "send", None)
    if original is not None and getattr(original, MARK, None) is not True:
        session_class.send = _seam(original)


def _seam(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def send(self: Any, request: Any) -> Any:
        authorization = header_text(request.headers.get("Authorization"))
        try:
            response = answer(
                request.method, request.url, authorization, functools.partial(to_request, request)
            )
        except ConnectionFault as fault:
            note_fault(injected=True)
            await _sleep(fault.delay)
            raise to_botocore_error(fault, request.url) from None
        if response is None:
            note_fault(injected=False)
            return await bind(original, self)(request)
        note_fault(injected=response.is_injected)
        await _sleep(response.delay)
        return _to_aio_response(request.url, response)

    setattr(send, MARK, True)
    return send


async def _sleep(seconds: float) -> None:
    if not seconds:
        return
    try:
        asyncio.get_running_loop()
    except RuntimeError:  # trio, which aiobotocore reaches through anyio
        import anyio

        await anyio.sleep(seconds)
    else:
        await asyncio.sleep(seconds)


class _Raw:
    """The parts of aiohttp's and httpx's responses that aiobotocore reads."""

    def __init__(self, response: HttpResponse) -> None:
        self._body = io.BytesIO(response.body)
        self.raw_headers = [
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in response.headers.items()
        ]

    async def read(self, size: int = -1) -> bytes:
        return self._body.read(size)

    aread = read


def _to_aio_response(url: str, response: HttpResponse) -> Any:
    from aiobotocore.awsrequest import AioAWSResponse

    headers = HeadersDict(response.headers)
    return AioAWSResponse(url, response.status, headers, _Raw(response))
