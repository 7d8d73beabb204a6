"""Find and wrap the members of a class's own body."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from signer_mock._mock.decorators.functions import wrap_function
from signer_mock._mock.decorators.spans import Mock


def is_pytest_fixture(candidate: Any) -> bool:
    """Tell whether it is a pytest fixture: an object since pytest 8.4, a mark before."""
    if type(candidate).__name__ == "FixtureFunctionDefinition":
        return True
    return inspect.isfunction(candidate) and hasattr(candidate, "_pytestfixturefunction")


def wrap_members(cls: type, mock: Mock, hooks: frozenset[str]) -> None:
    """Wrap the public functions, static and class methods in a class's own body.

    Args:
        cls: Is changed.
        mock: What they run inside.
        hooks: Names that are left alone.
    """
    for name, member in list(vars(cls).items()):
        if name.startswith("_") or name in hooks or is_pytest_fixture(member):
            continue
        if isinstance(member, (classmethod, staticmethod)):
            if not is_pytest_fixture(member.__func__):
                setattr(cls, name, type(member)(wrap_function(member.__func__, mock)))
        elif inspect.isfunction(member):
            setattr(cls, name, wrap_function(member, mock))


def nested_classes(cls: type) -> Iterator[type]:
    """Yield the classes that were written in a class's own body."""
    for member in list(vars(cls).values()):
        if isinstance(member, type) and member.__qualname__.startswith(f"{cls.__qualname__}."):
            yield member


def follow_subclasses(cls: Any, wrap: Callable[[type], None]) -> None:
    """Wrap each class that is derived from ``cls`` later, too."""
    own = vars(cls).get("__init_subclass__")

    def init_subclass(subclass: Any, /, **kwargs: Any) -> None:
        if own is not None:
            own.__func__(subclass, **kwargs)
        else:
            super(cls, subclass).__init_subclass__(**kwargs)
        wrap(subclass)

    cls.__init_subclass__ = classmethod(init_subclass)


def has_hook(cls: type, name: str, framework: type) -> bool:
    """Tell whether a class or a base of it, outside the framework, has such a method."""
    return any(
        name in vars(ancestor) for ancestor in cls.__mro__ if ancestor not in framework.__mro__
    )


def call_super(cls: type, owner: Any, name: str, *args: Any) -> Any:
    """Call the method that ``owner`` would have without that of ``cls``."""
    family = owner if isinstance(owner, type) else type(owner)
    # pytest runs the hooks of an outer class for the tests of a nested one too.
    method = getattr(super(cls, owner), name, None) if issubclass(family, cls) else None
    return None if method is None else call_with_optional(method, *args)


def call_with_optional(method: Callable[..., Any], *args: Any) -> Any:
    """Call with the arguments, or without if it takes none: pytest allows hooks both."""
    try:
        inspect.signature(method).bind(*args)
    except TypeError:
        args = ()
    return method(*args)  # outside the handler, so that its errors have no context
