"""Beside moto: moto answers everything but AWS Signer, in whatever order the two are started.

moto answers requests in botocore's ``before-send`` event, which comes before the seam, and it
answers Signer with its own few operations. So its handler is taught to step aside for Signer
while this mock is active. moto is never imported here: it is found when it is loaded already,
and waited for when it is not.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from signer_mock.intercept.activation import SIGNER_SCOPE, current
from signer_mock.intercept.botocore_session import header_text
from signer_mock.intercept.hosts import is_signer_host
from signer_mock.wire.sigv4 import scope_of

_STUBBER = "moto.core.botocore_stubber"
_MODELS = "moto.core.models"
_MARK = "_signer_mock_steps_aside"


def install() -> None:
    """Teach moto to step aside: now if it is loaded, else as soon as it is."""
    module = sys.modules.get(_STUBBER)
    if module is not None:
        _teach(module)
    elif not any(isinstance(finder, _WaitForMoto) for finder in sys.meta_path):
        sys.meta_path.insert(0, _WaitForMoto())


def moto_is_active() -> bool:
    """Whether a moto mock is active in this process."""
    stubber = getattr(sys.modules.get(_MODELS), "botocore_stubber", None)
    return bool(getattr(stubber, "enabled", False))


def _teach(module: ModuleType) -> None:
    stubber = getattr(module, "BotocoreStubber", None)
    if stubber is None:
        return
    original: Any = vars(stubber).get("__call__")
    if original is None or hasattr(original, _MARK):
        return

    @functools.wraps(original)
    def call(self: Any, event_name: str, request: Any, **kwargs: Any) -> Any:
        if current() is not None and _is_signer(request):
            return None
        return original(self, event_name, request, **kwargs)

    setattr(call, _MARK, True)
    stubber.__call__ = call


def _is_signer(request: Any) -> bool:
    parts = urlsplit(request.url)
    scope = scope_of(header_text(request.headers.get("Authorization")), parts.query)
    if scope is not None:
        return scope.service == SIGNER_SCOPE
    return is_signer_host(parts.hostname or "")


class _WaitForMoto(importlib.abc.MetaPathFinder):
    """Leaves the import of moto's stubber to the other finders, and teaches what they found."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != _STUBBER:
            return None
        sys.meta_path.remove(self)
        for finder in sys.meta_path:
            find_spec = getattr(finder, "find_spec", None)
            spec = find_spec(fullname, path, target) if find_spec else None
            if spec is not None and spec.loader is not None:
                spec.loader = _TeachingLoader(spec.loader)
                return spec  # type: ignore[no-any-return]
        return None


class _TeachingLoader(importlib.abc.Loader):
    def __init__(self, loader: importlib.abc.Loader) -> None:
        self._loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        _teach(module)
