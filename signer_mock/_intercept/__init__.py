"""The only code that patches: HTTP sessions, signers, moto's stubber, the environment."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any

from botocore.exceptions import BotoCoreError

from signer_mock._intercept import (
    aiobotocore_session,
    botocore_session,
    botocore_signer,
    moto_stubber,
    requests_session,
)
from signer_mock._intercept.activation import Activation, activate
from signer_mock._intercept.environment import Environment, kept_from_moto
from signer_mock._service.callers import issue_credentials
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock.errors import MissingExtraError


class Interception:
    """Everything that is in force while a mock is active.

    Args:
        handle: answers Signer requests.
        block_other_aws: refuse requests to other AWS hosts.
        fake_credentials_of: the account whose fake credentials stand in the environment; None
            leaves the environment alone.
        region: the region to put into the environment; None keeps the one that is there.
        start_moto: start moto's mock too.
        account_of: tells the account of an access key.
    """

    def __init__(
        self,
        handle: Callable[[HttpRequest], HttpResponse],
        *,
        block_other_aws: bool,
        fake_credentials_of: str | None,
        region: str | None,
        start_moto: bool,
        account_of: Callable[[str], str],
    ) -> None:
        self._credentials = (
            None if fake_credentials_of is None else issue_credentials(fake_credentials_of)
        )
        self._activation = Activation(handle, block_other_aws, account_of, self._credentials)
        self._region = region
        self._start_moto = start_moto
        self._undo = ExitStack()

    def begin(self) -> str:
        """Put it in force.

        Returns:
            The region that clients get by default.

        Raises:
            ActivationError: this botocore cannot be patched.
            MissingExtraError: moto is asked for and not installed.
        """
        botocore_session.install()
        for other in (botocore_signer, aiobotocore_session, requests_session, moto_stubber):
            other.install()
        with ExitStack() as undo:
            if self._start_moto:
                undo.enter_context(kept_from_moto(_moto_mock()))
            if self._credentials is not None:
                key, secret = self._credentials.access_key, self._credentials.secret_key
                environment = Environment(key, secret, self._region)
                environment.enter()
                undo.callback(environment.leave)
            activate(self._activation)
            undo.callback(activate, None)
            self._undo = undo.pop_all()
        return self._region or _region_of_clients()

    def end(self) -> None:
        """Put everything back as it was."""
        self._undo.close()


def _region_of_clients() -> str:
    region = os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        # The user's own configuration is in force: in the other case the region has been set.
        from botocore.session import Session

        with suppress(BotoCoreError):
            region = Session().get_config_variable("region")
    return region or "us-east-1"


def _moto_mock() -> Any:
    try:
        from moto import mock_aws
    except ImportError as error:
        msg = "mock_signer(s3='moto') needs moto: pip install 'signer-mock[s3]'."
        raise MissingExtraError(msg) from error
    return mock_aws()
