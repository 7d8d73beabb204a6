"""Patch the HTTP sessions of aiobotocore (and so of aioboto3), as botocore's is patched.

The mock and moto answer from memory, so they are called directly: there is nothing to wait for.
moto's own handler of ``before-send`` gives aiobotocore an answer that cannot be awaited, so each
request is marked for it to step aside, and moto is asked when the request is sent. aiobotocore is
never imported here.
"""

from __future__ import annotations

import functools
import inspect
import io
from collections.abc import AsyncIterator, Callable
from types import ModuleType
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, HeadersDict

from signer_mock._intercept.botocore_session import MARK, bind, header_text, to_request
from signer_mock._intercept.connection_faults import note_fault, to_botocore_error
from signer_mock._intercept.guard import answer, current
from signer_mock._intercept.moto_state import AWAITED, ask_moto, moto_is_active
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
    when_loaded("aiobotocore.endpoint", _mark_requests)
    for name in _CLASSES:
        when_loaded(name, _patch)


def _mark_requests(module: ModuleType) -> None:
    endpoint_class: Any = getattr(module, "AioEndpoint", None)
    original = getattr(endpoint_class, "create_request", None)
    if original is None or getattr(original, MARK, None) is True:
        return

    @functools.wraps(original)
    async def create_request(self: Any, *args: Any, **options: Any) -> Any:
        request = await original(self, *args, **options)
        setattr(request, AWAITED, True)
        return request

    setattr(create_request, MARK, True)
    endpoint_class.create_request = create_request


def _patch(module: ModuleType) -> None:
    session_class: Any = getattr(module, _CLASSES[module.__name__], None)
    original = getattr(session_class, "send", None)
    if original is not None and getattr(original, MARK, None) is not True:
        session_class.send = _wrap(original)


def _wrap(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def send(self: Any, request: Any) -> Any:
        authorization = header_text(request.headers.get("Authorization"))
        asks_moto = current() is not None and moto_is_active()
        for_moto = await _without_awaiting(request) if asks_moto else request
        try:
            response = answer(
                request.method,
                request.url,
                authorization,
                functools.partial(to_request, request),
                functools.partial(ask_moto, for_moto),
            )
        except ConnectionFault as fault:
            note_fault(injected=True)
            await _sleep(fault.delay)
            raise to_botocore_error(fault, request.url) from None
        if response is None:
            note_fault(injected=False)
            if for_moto.body is not request.body:
                request.reset_stream()  # pragma: no cover - checksums in trailers: TLS only
            return await bind(original, self)(request)
        note_fault(injected=response.is_injected)
        await _sleep(response.delay)
        return _to_aio_response(request.url, response)

    setattr(send, MARK, True)
    return send


async def _sleep(seconds: float) -> None:
    if not seconds:
        return
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:  # trio, which aiobotocore reaches through anyio
        import anyio

        await anyio.sleep(seconds)
    else:
        await asyncio.sleep(seconds)


async def _without_awaiting(request: Any) -> AWSPreparedRequest:
    """Return an unmarked copy of a request, whose body can be read without awaiting."""
    body = request.body
    if inspect.iscoroutinefunction(getattr(body, "read", None)):
        body = await body.read()
    return AWSPreparedRequest(
        request.method, request.url, request.headers, body, request.stream_output
    )


class _Content:
    """The parts of aiohttp's ``StreamReader`` that aiobotocore's streams read."""

    def __init__(self, body: bytes) -> None:
        self._body = io.BytesIO(body)
        self._size = len(body)

    async def read(self, size: int = -1) -> bytes:
        return self._body.read(size)

    async def iter_chunks(self) -> AsyncIterator[tuple[bytes, bool]]:
        if chunk := self._body.read():  # pragma: no branch - nobody streams an empty body
            yield chunk, True

    def at_eof(self) -> bool:  # pragma: no cover - aiohttp's, for other versions of aiobotocore
        return self._body.tell() >= self._size


class _Raw:
    """The parts of aiohttp's and httpx's responses that aiobotocore reads."""

    def __init__(self, url: str, response: HttpResponse) -> None:
        self.url = url
        self.content = _Content(response.body)
        self.read = self.aread = self.content.read
        self.raw_headers = [
            (name.encode("latin-1"), str(value).encode("latin-1"))
            for name, value in response.headers.items()
        ]

    # Older streams of aiobotocore hand ``async with`` on to the response.
    async def __aenter__(self) -> Any:  # pragma: no cover - for older aiobotocore
        return self

    async def __aexit__(self, *_exception: object) -> None:  # pragma: no cover - as above
        self.close()

    def close(self) -> None:
        """Do nothing: no connection is held."""


def _to_aio_response(url: str, response: HttpResponse) -> Any:
    from aiobotocore.awsrequest import AioAWSResponse

    headers = HeadersDict(response.headers)
    return AioAWSResponse(url, response.status, headers, _Raw(url, response))
