"""signer_mock: AWS Signer (code signing; not KMS, not SigV4) for tests, with real signatures."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signer_mock.mock import SignerMock, mock_signer

__all__ = ["SignerMock", "mock_signer"]


def __getattr__(name: str) -> Any:
    # The pytest plugin is loaded in every pytest run of its users: the rest comes when used.
    if name in __all__:
        return getattr(import_module("signer_mock.mock"), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
