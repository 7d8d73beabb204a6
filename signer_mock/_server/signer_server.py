"""A running server: its address, its clients, start and stop."""

from __future__ import annotations

import contextlib
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, overload

from signer_mock._server.state import Saver
from signer_mock._service.world import World

if TYPE_CHECKING:
    # Where this package is not installed, type checkers take the client for Any.
    from mypy_boto3_signer.client import SignerClient
    from typing_extensions import Self

    from signer_mock._server.listener import Listener
    from signer_mock._server.moto_app import MotoApp

_SECRET = "signer-mock"  # noqa: S105 - signatures are not checked


class SignerServer:
    """A server that listens from the start, answers inside ``with``, and stops at its end.

    Attributes:
        world: All state.
        calls: The newest 1,000 calls.
        host: The address that it listens on.
        port: The port.
        url: The value for ``endpoint_url`` or ``AWS_ENDPOINT_URL``.
    """

    def __init__(
        self,
        world: World,
        listener: Listener,
        moto: MotoApp | None = None,
        saver: Saver | None = None,
    ) -> None:
        self.world = world
        self.calls = world.calls
        self._listener = listener
        self._moto = moto
        self._saver = saver
        self._started = self._stopped = False
        self.host = listener.host
        self.port = listener.port
        self.url = listener.url

    def trust_root_pem(self, account_id: str | None = None) -> bytes:
        """Return the root certificate, in PEM, that an account's signatures chain to.

        A server with ``tls`` has its own certificate from the default account's root.

        Args:
            account_id: None is the default account.
        """
        account = self.world.account(account_id or self.world.account_id)
        is_new = not account.has_authority
        root = account.authority.trust_root_pem
        if self._saver is not None and is_new:
            self._saver.changed()
        return root

    def environ(self, account_id: str | None = None) -> dict[str, str]:
        """Return the environment variables that make a subprocess's AWS clients call this server.

        Args:
            account_id: Whose credentials; None is the default account.

        Returns:
            Variables to add to the subprocess's environment. Leave out ``AWS_PROFILE`` if it is
            set there.
        """
        return {
            "AWS_ENDPOINT_URL": self.url,
            # An account id is understood as a key of that account's root.
            "AWS_ACCESS_KEY_ID": account_id or self.world.account_id,
            "AWS_SECRET_ACCESS_KEY": _SECRET,
            "AWS_REGION": self.world.region,
            "AWS_DEFAULT_REGION": self.world.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            # Nobody resolves data-127.0.0.1, where GetRevocationStatus would go.
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        }

    @overload
    def client(
        self,
        service_name: Literal["signer"] = "signer",
        account_id: str | None = None,
        region_name: str | None = None,
        **options: Any,
    ) -> SignerClient: ...
    @overload
    def client(
        self,
        service_name: str,
        account_id: str | None = None,
        region_name: str | None = None,
        **options: Any,
    ) -> Any: ...
    def client(
        self,
        service_name: str = "signer",
        account_id: str | None = None,
        region_name: str | None = None,
        **options: Any,
    ) -> Any:
        """Return a boto3 client that calls this server over HTTP.

        While a ``mock_signer`` is active in this process, it intercepts the client's Signer calls.

        Args:
            service_name: ``"signer"``, or another such as ``"s3"`` of a server with moto.
            account_id: Whose credentials; None is the default account.
            region_name: None is the default region.
            **options: As for ``boto3.client``.
        """
        import boto3
        from botocore.config import Config

        config = Config(inject_host_prefix=False).merge(options.pop("config", None) or Config())
        return boto3.Session().client(
            service_name,
            endpoint_url=self.url,
            aws_access_key_id=account_id or self.world.account_id,
            aws_secret_access_key=_SECRET,
            region_name=region_name or self.world.region,
            config=config,
            **options,
        )

    def start(self) -> Self:
        """Begin to answer, and return at once.

        Raises:
            StateFileError: The state cannot be saved.
        """
        with contextlib.ExitStack() as undo:
            undo.callback(self._listener.stop)
            if self._saver is not None:
                undo.callback(self._saver.close)
                self._saver.start()
            if self._moto is not None:
                self._moto.start()
            self._listener.start()
            undo.pop_all()
        self._started = True
        return self

    def stop(self) -> None:
        """Answer the requests under way, close, and save the state; a second stop does nothing.

        Raises:
            StateFileError: The state cannot be saved.
        """
        if self._stopped:
            return
        self._stopped = True
        self._listener.stop()
        if self._started and self._moto is not None:
            self._moto.stop()
        if self._saver is not None:
            self._saver.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<SignerServer {self.url}>"
