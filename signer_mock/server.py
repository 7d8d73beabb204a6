"""The mock over HTTP, for other processes and other languages.

``serve_world`` starts a server in this process; ``make_wsgi_app`` gives the same as a WSGI
application, for a server of your own. ``signer-mock serve`` is the first on the command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from signer_mock import _handle
from signer_mock._server.control import Control
from signer_mock._server.dispatch import Dispatcher
from signer_mock._server.limits import Limits
from signer_mock._server.state import load_state, save_state
from signer_mock._server.wsgi import make_wsgi_app
from signer_mock._service.arns import DEFAULT_ACCOUNT_ID
from signer_mock._service.world import World
from signer_mock.errors import MissingExtraError

if TYPE_CHECKING:
    import ssl

    from typing_extensions import Self

    from signer_mock._server.listener import Listener
    from signer_mock._server.moto_app import MotoNeighbours

__all__ = ["Limits", "SignerServer", "make_wsgi_app", "serve_world"]

#: How many of the newest calls a server remembers, so that its memory stays flat.
CALLS_KEPT = 1000

_SECRET = "signer-mock"  # noqa: S105 - signatures are not checked

#: The largest object that comes over HTTP, to the neighbours or to the control surface.
MAX_OBJECT = 1 << 30


class SignerServer:
    """A server over a world, listening from the start; ``with`` makes it answer, and stops it.

    Attributes:
        world: all state.
        calls: the calls it remembers.
        host: the address that it listens on.
        port: the port.
        url: what to give as ``endpoint_url`` or ``AWS_ENDPOINT_URL``.
    """

    def __init__(
        self,
        world: World,
        listener: Listener,
        neighbours: MotoNeighbours | None = None,
        state: Path | None = None,
    ) -> None:
        self.world = world
        self.calls = world.calls
        self._listener = listener
        self._neighbours = neighbours
        self._state = state
        self._started = self._stopped = False
        self.host = listener.host
        self.port = listener.port
        self.url = listener.url

    def trust_root_pem(self, account_id: str | None = None) -> bytes:
        """The root certificate, in PEM, that an account's signatures chain to.

        A server with ``tls`` has its own certificate from the default account's root.

        Args:
            account_id: None is the default account.
        """
        account = account_id or self.world.account_id
        return self.world.account(account).authority.trust_root_pem

    def environ(self, account_id: str | None = None) -> dict[str, str]:
        """What a subprocess needs in its environment, so that AWS clients there come here.

        Args:
            account_id: whose credentials; None is the default account.

        Returns:
            Variables to add to those that the subprocess needs otherwise. Where the caller's
            own environment names a profile (``AWS_PROFILE``), that must be left out.
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

    def client(
        self,
        service_name: str = "signer",
        account_id: str | None = None,
        region_name: str | None = None,
        **options: Any,
    ) -> Any:
        """A boto3 client that calls this server over HTTP.

        While a ``mock_signer`` is active in this process, that mock catches the client's Signer
        calls before they leave.

        Args:
            service_name: ``"signer"``, or a neighbour such as ``"s3"``.
            account_id: whose credentials; None is the default account.
            region_name: None is the default region.
            **options: as for ``boto3.client``.
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
        """Begin to answer; returns at once."""
        if self._neighbours is not None:
            self._neighbours.start()
        self._listener.start()
        self._started = True
        return self

    def stop(self) -> None:
        """Answer what is under way, close, and save the state; only the first stop does anything.

        Raises:
            StateFileError: the state cannot be saved.
        """
        if self._stopped:
            return
        self._stopped = True
        self._listener.stop()
        if not self._started:
            return
        if self._neighbours is not None:
            self._neighbours.stop()
        if self._state is not None:
            save_state(self.world, self._state)

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


def serve_world(  # noqa: PLR0913 - the options of `signer-mock serve`, each by its name
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    account_id: str = DEFAULT_ACCOUNT_ID,
    region: str = "us-east-1",
    seed: int | str | None = None,
    with_s3: bool = False,
    tls: bool = False,
    tls_names: Sequence[str] = (),
    limits: Limits | None = None,
    state: Path | None = None,
) -> SignerServer:
    """Make a world of its own and a server for it, listening already; ``with`` makes it answer.

    Args:
        host: the address to listen on.
        port: 0 takes a free one.
        account_id: the default account.
        region: the default region.
        seed: makes ids repeatable.
        with_s3: start moto too, and answer its services on the same port, whatever a request is
            signed for; signing jobs read and write moto's S3.
        tls: https, with a certificate of the default account's root for ``localhost``, the
            loopback addresses, ``host`` and ``tls_names``.
        tls_names: more host names and addresses for that certificate.
        limits: sizes and times that requests may take.
        state: a file that the world is filled from, if it is there, and saved to at the stop.

    Raises:
        OSError: the address cannot be had.
        StateFileError: the state file is damaged, or not one of this signer_mock's.
        MissingExtraError: the extra ``server`` is not installed.
    """
    world = World(account_id, region, seed, log_limit=CALLS_KEPT)
    if state is not None:
        load_state(world, state, seed)
    neighbours = _neighbours(world) if with_s3 else None
    names = [host, *tls_names] if tls else []
    listener = _listen(world, neighbours, host=host, port=port, limits=limits, tls_names=names)
    return SignerServer(world, listener, neighbours, state)


def serve_mock(world: World, *, host: str, port: int, with_s3: bool, tls: bool) -> SignerServer:
    """Make a server for the world of a started mock; ``SignerMock.serve`` is its public form.

    Args:
        world: all state of the mock.
        host: the address to listen on.
        port: 0 takes a free one.
        with_s3: answer the services of moto, which is started already, on the same port.
        tls: as for ``serve_world``.

    Raises:
        OSError: the address cannot be had.
        MissingExtraError: the extra ``server`` is not installed.
    """
    neighbours = _neighbours(world) if with_s3 else None
    names = [host] if tls else []
    listener = _listen(world, neighbours, host=host, port=port, tls_names=names)
    return SignerServer(world, listener)


def _listen(
    world: World,
    neighbours: MotoNeighbours | None,
    *,
    host: str,
    port: int,
    limits: Limits | None = None,
    tls_names: Sequence[str] = (),
) -> Listener:
    limits = limits or Limits()
    dispatcher = Dispatcher(
        partial(_handle.handle, world),
        Control(world, neighbours.reset if neighbours else None).answer,
        neighbours.answer if neighbours else None,
        body=limits.body,
        object_body=MAX_OBJECT,
    )
    return _listener_class()(
        dispatcher.answer,
        host,
        port,
        limits=limits,
        tls=_tls(world, tls_names) if tls_names else None,
        body_limit=dispatcher.body_limit,
    )


def _listener_class() -> type[Listener]:
    try:
        from signer_mock._server.listener import Listener
    except ImportError as error:
        msg = f"The server needs more packages ({error}): pip install 'signer-mock[server]'."
        raise MissingExtraError(msg) from error
    return Listener


def _neighbours(world: World) -> MotoNeighbours:
    from signer_mock._server.moto_app import MotoNeighbours

    return MotoNeighbours(world)


def _tls(world: World, names: Sequence[str]) -> ssl.SSLContext:
    from signer_mock._server.tls import server_context

    return server_context(world.account(world.account_id).authority, names)
