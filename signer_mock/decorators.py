"""Turning a callable into one that runs inside a mock."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, ParamSpec, TypeVar

from signer_mock.errors import ActivationError

_P = ParamSpec("_P")
_R = TypeVar("_R")


def decorate(
    function: Callable[_P, _R], new_mock: Callable[[], AbstractContextManager[Any]]
) -> Callable[_P, _R]:
    """Wrap a function so that each call of it runs inside a mock of its own.

    Args:
        function: a plain function.
        new_mock: makes the mock for one call.

    Raises:
        ActivationError: ``function`` is of a kind that cannot be mocked.
    """
    if (
        not inspect.isfunction(function)
        or inspect.iscoroutinefunction(function)
        or inspect.isgeneratorfunction(function)
        or inspect.isasyncgenfunction(function)
    ):
        msg = f"mock_signer decorates functions; {function!r} is not one."
        raise ActivationError(msg)

    @functools.wraps(function)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with new_mock():
            result = function(*args, **kwargs)
        return result

    return wrapper
