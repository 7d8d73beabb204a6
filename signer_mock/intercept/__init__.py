"""The only code that patches: botocore's HTTP session, moto's stubber, the environment."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from signer_mock.errors import MissingExtraError
from signer_mock.intercept import botocore_session, moto_stubber
from signer_mock.intercept.activation import Activation, activate
from signer_mock.intercept.environment import Environment
from signer_mock.service.callers import issue_credentials
from signer_mock.wire.http import HttpRequest, HttpResponse


class Interception:
    """Everything that is in force while a mock is active.

    Args:
        handle: answers Signer requests.
        block_other_aws: refuse requests to other AWS hosts.
        fake_credentials_of: the account whose fake credentials stand in the environment; None
            leaves the environment alone.
        region: the region to put into the environment; None keeps the one that is there.
        start_moto: start moto's mock too.
    """

    def __init__(
        self,
        handle: Callable[[HttpRequest], HttpResponse],
        *,
        block_other_aws: bool,
        fake_credentials_of: str | None,
        region: str | None,
        start_moto: bool,
    ) -> None:
        self._activation = Activation(handle, block_other_aws)
        self._account = fake_credentials_of
        self._region = region
        self._start_moto = start_moto
        self._environment: Environment | None = None
        self._moto: Any = None

    def begin(self) -> str:
        """Put it in force.

        Returns:
            The region that clients get by default.

        Raises:
            ActivationError: this botocore cannot be patched.
            MissingExtraError: moto is asked for and not installed.
        """
        botocore_session.install()
        moto_stubber.install()
        if self._start_moto:
            self._moto = _moto_mock()
            self._moto.start()
        if self._account is not None:
            credentials = issue_credentials(self._account)
            self._environment = Environment(
                credentials.access_key, credentials.secret_key, self._region
            )
            self._environment.enter()
        activate(self._activation)
        return self._region or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"

    def end(self) -> None:
        """Put everything back as it was."""
        activate(None)
        if self._environment is not None:
            self._environment.leave()
        if self._moto is not None:
            self._moto.stop()


def _moto_mock() -> Any:
    try:
        from moto import mock_aws
    except ImportError as error:
        msg = "mock_signer(s3='moto') needs moto: pip install 'signer-mock[s3]'."
        raise MissingExtraError(msg) from error
    return mock_aws()
