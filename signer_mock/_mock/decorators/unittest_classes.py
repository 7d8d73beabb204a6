"""Wrap ``unittest.TestCase`` classes: each test with its set-up, and the class's set-up.

``run`` is wrapped, because set-up, test, tear-down and clean-ups all happen inside it, also those
of ``IsolatedAsyncioTestCase``. The class's own set-up opens a span that lasts until the class's
clean-ups are done; what a test changes in that world is undone after the test.
"""

from __future__ import annotations

import functools
import unittest
from typing import Any

from signer_mock._mock.decorators.members import (
    call_super,
    follow_subclasses,
    has_hook,
    wrap_members,
)
from signer_mock._mock.decorators.spans import Mock, Spans

_FRAMEWORK = unittest.IsolatedAsyncioTestCase
_HOOKS = frozenset(dir(_FRAMEWORK))


def wrap_test_case(cls: type, mock: Mock) -> type:
    """Make every test of a ``TestCase``, and of classes derived from it, run inside the mock."""
    spans = Spans(mock)

    def wrap(cls: type) -> None:
        wrap_members(cls, mock, _HOOKS)
        for name in ("run", "debug"):
            if name in vars(cls):
                _wrap_run(cls, name, spans)
        if "setUpClass" in vars(cls) or "tearDownClass" in vars(cls):
            _wrap_set_up_class(cls, spans)

    wrap(cls)
    for name in ("run", "debug"):
        if name not in vars(cls):
            _wrap_run(cls, name, spans)
    inherited = ("setUpClass", "tearDownClass")
    if "setUpClass" not in vars(cls) and any(has_hook(cls, name, _FRAMEWORK) for name in inherited):
        _wrap_set_up_class(cls, spans)
    follow_subclasses(cls, wrap)
    return cls


def _wrap_run(cls: type, name: str, spans: Spans) -> None:
    own = vars(cls).get(name)

    @functools.wraps(own or getattr(cls, name))
    def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        undo = spans.test_shares_class_world(type(self))
        with spans.around(self, undo=undo):
            method = getattr(super(cls, self), name) if own is None else own.__get__(self)
            return method(*args, **kwargs)

    setattr(cls, name, run)


def _wrap_set_up_class(cls: type, spans: Spans) -> None:
    own = vars(cls).get("setUpClass")

    def set_up_class(subclass: Any) -> None:
        # A clean-up comes after tearDownClass, and also when setUpClass fails.
        if spans.open(subclass):
            subclass.addClassCleanup(spans.close, subclass)
        try:
            if own is None:
                call_super(cls, subclass, "setUpClass")
            else:
                own.__get__(None, subclass)()
        except Exception:
            raise
        except BaseException:
            # unittest does not know pytest.skip, so no clean-up follows.
            spans.close(subclass)
            raise

    function = functools.wraps(own.__func__)(set_up_class) if own is not None else set_up_class
    cls.setUpClass = classmethod(function)  # type: ignore[attr-defined]  # a TestCase, to be exact
