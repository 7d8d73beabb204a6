"""One way for all tests to expect a refusal of the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


def refusal(call: Callable[..., Any], /, **params: Any) -> ClientError:
    """The error that the service answers a call with; the test fails if it answers otherwise."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    return caught.value


def expect_refusal(
    call: Callable[..., Any],
    status: int,
    exception: str,
    message: str,
    code: str | None = None,
    /,
    **params: Any,
) -> None:
    """Expect a refusal, wholly: HTTP status, exception class, message and ``code``."""
    error = refusal(call, **params)
    assert type(error).__name__ == exception
    assert error.response["Error"] == {"Code": exception, "Message": message}
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert error.response["code"] == (code or exception)
