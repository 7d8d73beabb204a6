"""Wrap functions of every kind, each by a function of the same kind."""

from __future__ import annotations

import contextlib
import functools
import inspect
import weakref
from collections.abc import Callable
from typing import Any, cast

from signer_mock._mock.decorators.spans import Mock

# By the code of what contextlib's decorators return: calling that only creates the manager.
_MANAGERS: dict[Any, Callable[..., Callable[..., Any]]] = {
    decorator(lambda: None).__code__: decorator
    for decorator in cast(
        "tuple[Any, ...]", (contextlib.contextmanager, contextlib.asynccontextmanager)
    )
}

#: What was wrapped here, for the report of a failed test.
decorated: weakref.WeakSet[Callable[..., Any]] = weakref.WeakSet()


def wrap_function(function: Callable[..., Any], mock: Mock) -> Callable[..., Any]:
    """Wrap a callable so that each call runs inside the mock until it ends.

    Args:
        function: Any callable but a class.
        mock: Entered for each call.
    """
    manager = _MANAGERS.get(getattr(function, "__code__", None))
    inner = getattr(function, "__wrapped__", None)
    if manager is not None and inner is not None:
        return manager(wrap_function(inner, mock))
    # inspect does not recognise an object with an async __call__.
    body = function if inspect.isroutine(function) else getattr(function, "__call__", function)  # noqa: B004 - to look at it
    wrap = next((wrap for is_kind, wrap in _KINDS if is_kind(function) or is_kind(body)), _plain)
    wrapper = wrap(function, mock)
    decorated.add(wrapper)
    return wrapper


def _plain(function: Callable[..., Any], mock: Mock) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with mock:
            result = function(*args, **kwargs)
        # Another decorator may have hidden the kind of the function; its body has not run yet.
        if inspect.iscoroutine(result):
            return _coroutine(lambda: result, mock)()
        if inspect.isgenerator(result):
            return _generator(lambda: result, mock)()
        if inspect.isasyncgen(result):
            return _async_generator(lambda: result, mock)()
        return result

    return wrapper


def _coroutine(function: Callable[..., Any], mock: Mock) -> Callable[..., Any]:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        with mock:
            return await function(*args, **kwargs)

    return wrapper


def _generator(function: Callable[..., Any], mock: Mock) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with mock:
            return (yield from function(*args, **kwargs))

    return wrapper


def _async_generator(function: Callable[..., Any], mock: Mock) -> Callable[..., Any]:
    # Python has no ``yield from`` for these; contextlib and others do send and throw.
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        with mock:
            generator = function(*args, **kwargs)
            try:
                value = await generator.__anext__()
                while True:
                    try:
                        received = yield value
                    except GeneratorExit:  # noqa: PERF203 - any turn may be thrown into
                        raise
                    except BaseException as error:  # noqa: BLE001 - thrown in from outside
                        value = await generator.athrow(error)
                    else:
                        value = await generator.asend(received)
            except StopAsyncIteration:
                return
            finally:
                await generator.aclose()

    return wrapper


_Wrap = Callable[[Callable[..., Any], Mock], Callable[..., Any]]
_KINDS: tuple[tuple[Callable[[Any], bool], _Wrap], ...] = (
    (inspect.iscoroutinefunction, _coroutine),
    (inspect.isasyncgenfunction, _async_generator),
    (inspect.isgeneratorfunction, _generator),
)
