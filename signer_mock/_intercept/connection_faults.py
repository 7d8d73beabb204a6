"""Injected connection errors as botocore's own, and retries of injected faults without waiting.

botocore waits between attempts with ``time.sleep``, which it finds in its module ``endpoint``. A
test that injects a fault wants the retry, not the wait, so that name is replaced there with one
that leaves out the wait after an injected fault, and sleeps otherwise.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from types import ModuleType
from typing import Any

from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from signer_mock._intercept.when_loaded import when_loaded
from signer_mock._service.fault import ConnectionFault

_MARK = "_signer_mock_waits"

#: Whether the newest response in this context was an injected fault.
_after_fault: ContextVar[bool] = ContextVar("signer_mock_after_fault", default=False)


def note_fault(*, injected: bool) -> None:
    """Remember whether the response that goes out now was injected."""
    if _after_fault.get() != injected:
        _after_fault.set(injected)


def to_botocore_error(fault: ConnectionFault, url: str) -> Exception:
    """Return the exception that botocore raises for such a failure."""
    kinds: dict[str, Any] = {
        "read timeout": ReadTimeoutError,
        "connect timeout": ConnectTimeoutError,
        "disconnect": EndpointConnectionError,
        "drop response": ConnectionClosedError,
    }
    error: Exception = kinds[fault.kind](endpoint_url=url, error="injected by mock.faults")
    return error


def install() -> None:
    """Leave out waits after injected faults, in botocore and, once it is loaded, aiobotocore."""
    import botocore.endpoint

    _patch_time(botocore.endpoint)
    when_loaded("aiobotocore.endpoint", _patch_sleep)


class _Asyncio:  # pragma: no cover - for older aiobotocore
    """The module ``asyncio`` as aiobotocore sees it."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)

    async def sleep(self, seconds: float) -> None:
        """Sleep, unless the attempt before met an injected fault."""
        if not _after_fault.get():
            await self._module.sleep(seconds)


class _Time:
    """The module ``time`` as botocore sees it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    def sleep(self, seconds: float) -> None:
        """Sleep, unless the attempt before met an injected fault."""
        if not _after_fault.get():
            time.sleep(seconds)


def _patch_time(module: ModuleType) -> None:
    if getattr(module, "time", None) is time:
        module.time = _Time()  # type: ignore[attr-defined]  # the module has this name


def _patch_sleep(module: ModuleType) -> None:
    loop = getattr(module, "asyncio", None)
    if isinstance(loop, ModuleType):  # Older versions of aiobotocore sleep by it
        module.asyncio = _Asyncio(loop)  # type: ignore[attr-defined]  # the module has this name
    for name in ("AioEndpoint", "AnyioEndpoint"):
        endpoint: Any = getattr(module, name, None)
        original = vars(endpoint).get("_sleep") if endpoint is not None else None
        if original is None or hasattr(original, _MARK):
            continue

        async def sleep(self: Any, seconds: float, original: Any = original) -> None:
            if not _after_fault.get():
                await original(self, seconds)

        setattr(sleep, _MARK, True)
        endpoint._sleep = sleep  # noqa: SLF001 - no public name for it
