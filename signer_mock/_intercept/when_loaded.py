"""Patch modules of other libraries once they are loaded, without loading them."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

Action = Callable[[ModuleType], None]

_waiting: dict[str, list[Action]] = {}


def when_loaded(name: str, action: Action) -> None:
    """Call ``action(module)``: now if the module is loaded, else as soon as it is.

    Args:
        name: The module's full name.
        action: Must be idempotent.
    """
    module = sys.modules.get(name)
    if module is not None:
        action(module)
        return
    actions = _waiting.setdefault(name, [])
    if action not in actions:
        actions.append(action)
    watch()


def watch() -> None:
    """Watch for modules that are waited for, also after others have replaced the import hooks."""
    if _waiting and _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


class _Finder(importlib.abc.MetaPathFinder):
    """Leaves the search to the other finders, and wraps the loader that they find."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in _waiting:
            return None
        for finder in tuple(sys.meta_path):
            find_spec = None if finder is self else getattr(finder, "find_spec", None)
            spec = find_spec(fullname, path, target) if find_spec else None
            if spec is None:
                continue
            if hasattr(spec.loader, "exec_module"):  # pragma: no branch - a module without one
                spec.loader = _Loader(spec.loader)
            return spec  # type: ignore[no-any-return]  # a finder is known by duck-typing only
        return None  # pragma: no cover - what is waited for is installed


class _Loader(importlib.abc.Loader):
    """Loads with the real loader, which it restores, then calls the waiting actions."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)  # pragma: no cover - what other loaders have

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)  # type: ignore[no-any-return]  # as above

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:  # pragma: no branch - made by hand
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        actions = _waiting.pop(module.__name__, [])
        if not _waiting and _finder in sys.meta_path:
            sys.meta_path.remove(_finder)
        for action in actions:
            action(module)


_finder = _Finder()
