"""Decorate callables of every kind, and test classes, so that they run inside a mock."""

from __future__ import annotations

import functools
import inspect
from typing import Any

from signer_mock._mock.decorators.functions import wrap_function
from signer_mock._mock.decorators.members import is_pytest_fixture, nested_classes
from signer_mock._mock.decorators.spans import Mock
from signer_mock.errors import ActivationError

__all__ = ["Mock", "decorate"]


def decorate(target: Any, mock: Mock) -> Any:
    """Make each call of a function, or each test of a class, run inside a mock.

    Args:
        target: A function of any kind (``def``, ``async def``, generator, async generator), a
            ``classmethod`` or ``staticmethod``, another callable, or a class.
        mock: May be entered more than once.

    Returns:
        A function of the same kind and signature; a class is changed and returned itself.

    Raises:
        ActivationError: ``target`` cannot be mocked; says what to do instead.
    """
    refusal = _refusal(target)
    if refusal is not None:
        raise ActivationError(refusal)
    if isinstance(target, (classmethod, staticmethod)):
        return type(target)(decorate(target.__func__, mock))
    if isinstance(target, type):
        return _decorate_class(target, mock)
    return wrap_function(target, mock)


def _decorate_class(cls: type, mock: Mock) -> type:
    # Importing unittest pulls in asyncio; only pay for it when a class is decorated.
    import unittest

    from signer_mock._mock.decorators.plain_classes import wrap_plain_class
    from signer_mock._mock.decorators.unittest_classes import wrap_test_case

    for nested in nested_classes(cls):
        if nested.__name__.startswith("Test"):
            _decorate_class(nested, mock)
    if issubclass(cls, unittest.TestCase):
        return wrap_test_case(cls, mock)
    return wrap_plain_class(cls, mock)


def _refusal(target: Any) -> str | None:
    if is_pytest_fixture(target):
        return (
            f"mock_signer cannot decorate {target!r}: pytest has made a fixture of it already. "
            "Put @pytest.fixture on top, and @mock_signer below it."
        )
    if isinstance(target, (property, functools.cached_property)):
        kind = type(target).__name__
        return (
            f"mock_signer cannot decorate a {kind}. Put @{kind} on top, and @mock_signer below it."
        )
    if inspect.isawaitable(target) or inspect.isgenerator(target) or inspect.isasyncgen(target):
        return (
            f"mock_signer was given {target!r}, which is what a function returned. Decorate the "
            "function itself, without calling it."
        )
    if not callable(target) and not isinstance(target, (classmethod, staticmethod)):
        return (
            f"mock_signer decorates functions and classes; {target!r} is neither. Its options "
            "have names: mock_signer(region_name='eu-west-1')."
        )
    return None
