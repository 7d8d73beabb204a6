"""Wrap pytest's plain test classes: methods, set-up and tear-down.

``setup_method`` opens a span that ``teardown_method`` ends, so that both and the test between them
share a world of their own. ``setup_class`` opens one for the class, for what is set up once, by
that hook or by fixtures of the class's scope; what a test changes in it is undone after the test.
"""

from __future__ import annotations

from typing import Any

from signer_mock._mock.decorators.members import (
    call_super,
    call_with_optional,
    follow_subclasses,
    is_pytest_fixture,
    wrap_members,
)
from signer_mock._mock.decorators.spans import Mock, Spans

_CLASS_HOOKS = ("setup_class", "teardown_class")
_METHOD_HOOKS = ("setup_method", "teardown_method")
_HOOKS = frozenset(_CLASS_HOOKS + _METHOD_HOOKS)


def wrap_plain_class(cls: type, mock: Mock) -> type:
    """Make the methods of a class, and every test of it and of derived classes, run inside it."""
    spans = Spans(mock)

    def wrap(cls: type) -> None:
        wrap_members(cls, mock, _HOOKS)
        if any(name in vars(cls) for name in _METHOD_HOOKS):
            _wrap_method_hooks(cls, spans)
        if any(name in vars(cls) for name in _CLASS_HOOKS):
            _wrap_class_hooks(cls, spans)

    wrap(cls)
    if not any(name in vars(cls) for name in _METHOD_HOOKS):
        _wrap_method_hooks(cls, spans)
    if not any(name in vars(cls) for name in _CLASS_HOOKS):
        _wrap_class_hooks(cls, spans)
    follow_subclasses(cls, wrap)
    return cls


def _wrap_method_hooks(cls: type, spans: Spans) -> None:
    own = {name: vars(cls).get(name) for name in _METHOD_HOOKS}

    def call(instance: Any, name: str, method: Any) -> None:
        hook = own[name]
        if hook is None:
            call_super(cls, instance, name, method)
        else:
            call_with_optional(hook.__get__(instance, type(instance)), method)

    # pytest counts the arguments, so no *args.
    def setup_method(self: Any, method: Any = None) -> None:
        with spans.beginning(self, undo=spans.test_shares_class_world(type(self))):
            call(self, "setup_method", method)

    def teardown_method(self: Any, method: Any = None) -> None:
        with spans.ending(self):
            call(self, "teardown_method", method)

    _put(cls, own, setup_method, teardown_method)


def _wrap_class_hooks(cls: type, spans: Spans) -> None:
    own = {name: vars(cls).get(name) for name in _CLASS_HOOKS}

    def call(subclass: type, name: str) -> None:
        hook = own[name]
        if hook is None:
            call_super(cls, subclass, name, subclass)
        elif isinstance(hook, (classmethod, staticmethod)):
            hook.__get__(None, subclass)()
        else:
            call_with_optional(hook, subclass)

    def setup_class(subclass: type) -> None:
        with spans.beginning(subclass):
            call(subclass, "setup_class")

    def teardown_class(subclass: type) -> None:
        with spans.ending(subclass):
            call(subclass, "teardown_class")

    _put(cls, own, classmethod(setup_class), classmethod(teardown_class))


def _put(cls: type, own: dict[str, Any], *hooks: Any) -> None:
    for (name, replaced), hook in zip(own.items(), hooks, strict=True):
        if not is_pytest_fixture(replaced):  # a fixture of that name is not a hook
            setattr(cls, name, hook)
