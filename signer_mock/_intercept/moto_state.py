"""Ask moto, if the user has imported it and it is active; it is never imported here."""

from __future__ import annotations

import sys
from typing import Any

from signer_mock._wire.http import HttpResponse

MODELS = "moto.core.models"
#: moto's own header: the account in which it answers a request, whatever key signed it.
ACCOUNT_HEADER = "x-moto-account-id"
#: The attribute of a request that belongs to a client which awaits its answer.
AWAITED = "_signer_mock_awaited"
# What moto's handler answers, with status 404, when it has no such service or path.
_NOT_MOCKED = b"Not yet implemented"


def moto_is_active() -> bool:
    """Tell whether a moto mock is active in this process."""
    return bool(getattr(_stubber(), "enabled", False))


def ask_moto(request: Any) -> HttpResponse | None:
    """Have moto answer a request, as its ``before-send`` handler would in a client it knows.

    Args:
        request: A prepared request of botocore whose body can be read without awaiting.

    Returns:
        moto's answer; None if moto is not active or does not mock this.
    """
    if not moto_is_active():
        return None
    response = _stubber()("before-send", request)
    if response is None:
        return None
    status, body = response.status_code, response.content
    if status == 404 and body == _NOT_MOCKED:
        return None
    return HttpResponse(status, dict(response.headers), body)


def _stubber() -> Any:
    return getattr(sys.modules.get(MODELS), "botocore_stubber", None)
