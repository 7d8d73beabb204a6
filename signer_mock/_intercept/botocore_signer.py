"""Sign for clients that were made before the mock, without credentials.

A client made at import time has looked for credentials already. On a machine that has none it
could not even sign; and credentials that must be fetched first (single sign-on, an assumed role)
would ask AWS for them. Signer's calls of such clients are signed with the mock's own key, and so
are those that moto may answer. Other clients keep the key that they have, because the key tells the
account.
"""

from __future__ import annotations

import functools
from types import ModuleType
from typing import TYPE_CHECKING, Any

from signer_mock._intercept.botocore_session import MARK
from signer_mock._intercept.guard import SIGNER_SCOPE, ActiveMock, current
from signer_mock._intercept.moto_state import moto_is_active
from signer_mock._intercept.when_loaded import when_loaded

if TYPE_CHECKING:
    from signer_mock._service.callers import Credentials

_CLASSES = {"botocore.signers": "RequestSigner", "aiobotocore.signers": "AioRequestSigner"}


def install() -> None:
    """Patch the signers: now if they are loaded, else as soon as they are."""
    for name in _CLASSES:
        when_loaded(name, _patch)


def _patch(module: ModuleType) -> None:
    signer_class: Any = getattr(module, _CLASSES[module.__name__], None)
    original = getattr(signer_class, "get_auth_instance", None)
    if original is None or getattr(original, MARK, None) is True:
        return

    is_async = module.__name__ != "botocore.signers"

    # aiobotocore's is a coroutine function with the same arguments; its coroutine is returned.
    @functools.wraps(original)
    def get_auth_instance(
        self: Any,
        signing_name: str,
        region_name: str,
        signature_version: str | None = None,
        request_credentials: Any = None,
        **options: Any,
    ) -> Any:
        if request_credentials is None:  # pragma: no branch - S3 Express only
            active = current()
            own = active.own_credentials if active else None
            if active and own and _needs_own_key(self, signing_name, active):
                request_credentials = _as_botocore_has_them(own, is_async=is_async)
        return original(
            self, signing_name, region_name, signature_version, request_credentials, **options
        )

    setattr(get_auth_instance, MARK, True)
    signer_class.get_auth_instance = get_auth_instance


def _needs_own_key(signer: Any, signing_name: str, active: ActiveMock) -> bool:
    is_signers = signing_name == SIGNER_SCOPE
    if not is_signers and not moto_is_active():
        return False
    credentials = getattr(signer, "_credentials", None)
    if credentials is None:
        return True
    if not is_signers and not active.block_other_aws:
        return False  # a call to AWS that moto lets through needs real credentials
    refresh_needed = getattr(credentials, "refresh_needed", None)
    return refresh_needed is not None and bool(refresh_needed())


def _as_botocore_has_them(credentials: Credentials, *, is_async: bool) -> Any:
    if is_async:
        from aiobotocore.credentials import AioCredentials as BotocoreCredentials
    else:
        from botocore.credentials import Credentials as BotocoreCredentials
    return BotocoreCredentials(
        credentials.access_key, credentials.secret_key, credentials.session_token
    )
