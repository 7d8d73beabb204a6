"""signer_mock: AWS Signer (code signing; not KMS, not SigV4) for tests, with real signatures."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signer_mock._mock.mock import SignerMock
    from signer_mock._mock.mock_signer import mock_signer
    from signer_mock.errors import ActivationError, SignerMockError, UnmockedCallError

    __version__: str

__all__ = [
    "ActivationError",
    "SignerMock",
    "SignerMockError",
    "UnmockedCallError",
    "__version__",
    "mock_signer",
]


# The pytest plugin makes every pytest run of its users import this module, so load the rest lazily.
def __getattr__(name: str) -> Any:
    if name in {"SignerMock", "mock_signer"}:
        return getattr(import_module("signer_mock._mock.mock_signer"), name)
    if name in {"ActivationError", "SignerMockError", "UnmockedCallError"}:
        return getattr(import_module("signer_mock.errors"), name)
    if name == "__version__":
        from importlib.metadata import version

        return version("signer-mock")
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
