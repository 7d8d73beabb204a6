"""The process environment while a mock is active: credentials and region that lead nowhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from signer_mock.intercept.moto_stubber import moto_is_active

#: What could lead botocore to the user's own credentials, profiles or identity.
_HIDDEN = (
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CREDENTIAL_EXPIRATION",
)
_MISSING: Any = object()


class Environment:
    """Fake credentials in the environment and in boto3's default session, and the way back.

    Args:
        access_key: the key to put there.
        secret_key: its secret.
        region: the region to put there; None keeps the one that is set, or takes us-east-1.
    """

    def __init__(self, access_key: str, secret_key: str, region: str | None) -> None:
        self._values: dict[str, str | None] = {
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_SECRET_ACCESS_KEY": secret_key,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            **dict.fromkeys(_HIDDEN),
        }
        if region is not None or not os.environ.get("AWS_DEFAULT_REGION"):
            self._values["AWS_DEFAULT_REGION"] = region or "us-east-1"
        self._saved: dict[str, str | None] = {}
        self._saved_session: Any = _MISSING
        self._moto_was_active = False

    def enter(self) -> None:
        """Put the fake values in force."""
        self._moto_was_active = moto_is_active()
        self._saved = {name: os.environ.get(name) for name in self._values}
        _set(self._values)
        boto3: Any = sys.modules.get("boto3")
        if boto3 is not None:
            # A session that exists holds the credentials that it has found already.
            self._saved_session = boto3.DEFAULT_SESSION
            boto3.DEFAULT_SESSION = None

    def leave(self) -> None:
        """Put back every variable as it was, whatever has happened to it since."""
        saved = self._saved
        if self._moto_was_active and not moto_is_active():
            # moto was stopped first and has put back what it had saved before us; what we saved
            # are its fake keys.
            saved = {
                name: value
                for name, value in saved.items()
                if os.environ.get(name) == self._values[name]
            }
        _set(saved)
        boto3: Any = sys.modules.get("boto3")
        if boto3 is not None:
            was_loaded = self._saved_session is not _MISSING
            boto3.DEFAULT_SESSION = self._saved_session if was_loaded else None
        self._saved_session = _MISSING


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
