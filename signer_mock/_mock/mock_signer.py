"""``mock_signer``, which makes a ``SignerMock`` or decorates with one."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, overload

from signer_mock._mock.mock import SignerMock, Target
from signer_mock._mock.options import Options
from signer_mock.errors import ActivationError


@overload
def mock_signer(target: Target, /) -> Target: ...
@overload
def mock_signer(
    *,
    account_id: str | None = None,
    region_name: str | None = None,
    s3: Any = None,
    block_other_aws: bool | None = None,
    credentials: Literal["fake", "keep"] | None = None,
    seed: int | str | None = None,
    strict: bool | None = None,
) -> SignerMock: ...
def mock_signer(target: Any = None, /, **options: Any) -> Any:
    """Mock AWS Signer: as a decorator, bare or called, or as a context manager.

    Args:
        target: What to decorate, when used without parentheses.
        **options: The mock's options:

            ``account_id``: the account of callers whose credentials name no other; default
            123456789012.

            ``region_name``: the default region; default is ``AWS_DEFAULT_REGION``, else us-east-1.

            ``s3``: where signing jobs read and write: ``"auto"`` (default: moto's S3 while a moto
            mock is active, else ``mock.objects``), ``"memory"``, ``"moto"`` (starts moto's S3
            too), a boto3 S3 client, or an ``ObjectStore``.

            ``block_other_aws``: refuse calls to other AWS services that nothing mocks; default
            True.

            ``credentials``: ``"fake"`` (default) hides the user's own credentials and
            configuration while active; ``"keep"`` leaves them.

            ``strict``: fail where a call comes that no ``mock.calls.expect()`` names, or where a
            fault or an expected call never came; default False.

            ``seed``: makes the run repeatable, in another process too. The same seed and calls give
            the same ids and keys, and with a frozen ``mock.clock`` the same certificates and
            signatures, byte for byte. RSA keys are the exception: they are random, and so is what
            they sign. Keys from a seed are not secret. Default None: everything is random.

    Returns:
        A ``SignerMock``, or what was decorated.

    Raises:
        ActivationError: An option is not valid; the message says what it takes.
        InvalidArgumentError: There is no such option; the message names the nearest one.
    """
    for name in options:
        if name not in _SIGNATURE.parameters:
            from signer_mock._service.calls import unknown_name

            raise unknown_name("mock_signer", "option", name, tuple(_SIGNATURE.parameters))
    mock = SignerMock(Options(**options))
    return mock if target is None else mock(target)


# The options are spelled in Options, and above for type checkers; help() shows these.
_SIGNATURE = inspect.Signature(
    [
        option.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for option in inspect.signature(Options).parameters.values()
    ]
)
setattr(mock_signer, "__signature__", _SIGNATURE)  # noqa: B010 - mypy knows no such attribute


class _WithoutBrackets:
    """``mock_signer``, with an error of its own for ``with mock_signer:``."""

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self._function = function

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self._function(*args, **options)

    def __repr__(self) -> str:
        return "<mock_signer>"

    def __getattr__(self, name: str) -> Any:
        msg = f"mock_signer has no attribute {name!r}"
        if not name.startswith("_") and hasattr(SignerMock, name):
            msg += ": it makes a mock when it is called, as in mock = mock_signer(), which has it"
        raise AttributeError(msg, name=name, obj=self)

    def start(self) -> Any:
        msg = (
            "mock_signer makes a mock when it is called: write `with mock_signer():`, or "
            "mock = mock_signer(); mock.start()."
        )
        raise ActivationError(msg)

    def __enter__(self) -> Any:
        self.start()

    def __exit__(self, *_: object) -> None:
        """Never reached."""

    async def __aenter__(self) -> Any:
        self.start()

    async def __aexit__(self, *_: object) -> None:
        """Never reached."""


if not TYPE_CHECKING:  # pragma: no branch - type checkers refuse that mistake themselves
    mock_signer = _WithoutBrackets(mock_signer)
