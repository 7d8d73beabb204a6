"""The mock over HTTP, for other processes and other languages.

``serve_world`` starts a server in this process; ``make_wsgi_app`` gives the same as a WSGI
application, for a server of your own.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from signer_mock.app import Application
from signer_mock.calls import CallLog
from signer_mock.service.world import World
from signer_mock.serving.listener import Limits, Listener
from signer_mock.serving.wsgi import make_wsgi_app

if TYPE_CHECKING:
    from typing_extensions import Self

    from signer_mock.wire.http import HttpRequest, HttpResponse

__all__ = ["Limits", "SignerServer", "make_wsgi_app", "serve_world"]

#: How many of the newest calls a long-lived server remembers.
CALLS_KEPT = 1000


class SignerServer:
    """A running server; a context manager, which stops it at its end.

    Attributes:
        world: all state.
        calls: the newest calls.
        host: the address that it listens on.
        port: the port.
        url: what to give as ``endpoint_url`` or ``AWS_ENDPOINT_URL``.
    """

    def __init__(self, app: Application, listener: Listener) -> None:
        self.world = app.world
        self.calls = app.calls
        self._listener = listener
        self.host = listener.host
        self.port = listener.port
        self.url = listener.url

    def trust_root_pem(self, account_id: str | None = None) -> bytes:
        """The root certificate, in PEM, that an account's signatures chain to.

        Args:
            account_id: None is the default account.
        """
        account = account_id or self.world.callers.default_account
        return self.world.account(account).authority.trust_root_pem

    def start(self) -> Self:
        """Begin to answer; returns at once."""
        self._listener.start()
        return self

    def stop(self) -> None:
        """Answer what is under way, then close; stopping twice is stopping once."""
        self._listener.stop()

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


def serve_world(
    app: Application | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    account_id: str = "123456789012",
    region: str = "us-east-1",
    seed: int | str | None = None,
    limits: Limits | None = None,
) -> SignerServer:
    """A server over a world, listening already; ``with`` starts and stops it.

    Args:
        app: what answers; None is a fresh world.
        host: the address to listen on.
        port: 0 takes a free one.
        account_id: the default account of a fresh world.
        region: the default region of a fresh world.
        seed: makes the ids of a fresh world repeatable.
        limits: sizes and times that requests may take.

    Raises:
        OSError: the address cannot be had.
    """
    if app is None:
        app = Application(World(account_id, region, seed), CallLog(CALLS_KEPT))
    handle: Callable[[HttpRequest], HttpResponse] = app.handle
    return SignerServer(app, Listener(handle, host, port, limits=limits))
