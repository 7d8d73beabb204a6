"""Put a server together."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from signer_mock import _handle
from signer_mock._server.browsers import BrowserGuard, check_origins
from signer_mock._server.control import PREFIX, Control
from signer_mock._server.dispatch import Dispatcher
from signer_mock._server.limits import Limits
from signer_mock._server.signer_server import SignerServer
from signer_mock._server.state import Saver, StateFile
from signer_mock._service.arns import DEFAULT_ACCOUNT_ID
from signer_mock._service.new_world import new_world
from signer_mock._service.world import World
from signer_mock.errors import MissingExtraError

if TYPE_CHECKING:
    import ssl

    from signer_mock._server.listener import Listener
    from signer_mock._server.moto_app import MotoApp

#: How many calls a server keeps, so that its memory stays flat.
CALLS_KEPT = 1000

#: The largest object that comes over HTTP, to moto's S3 or to the control surface.
#: SQLite, which keeps it, has a limit of a billion bytes.
MAX_OBJECT = 900 << 20

#: Our control surface and moto's own.
_PRIVATE = (PREFIX, "/moto-api")


def serve_world(  # noqa: PLR0913 - the options of `signer-mock serve`, each by its name
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    account_id: str = DEFAULT_ACCOUNT_ID,
    region: str = "us-east-1",
    seed: int | str | None = None,
    with_moto: bool = False,
    with_s3: bool = False,
    tls: bool = False,
    tls_names: Sequence[str] = (),
    allow_origins: Sequence[str] = (),
    limits: Limits | None = None,
    state: Path | None = None,
    autosave: bool = False,
) -> SignerServer:
    """Make a server with a world of its own, listening already; ``with`` makes it answer.

    Args:
        host: The address to listen on.
        port: 0 takes a free one.
        account_id: The default account.
        region: The default region.
        seed: Makes ids, keys and signatures repeatable, but for RSA keys.
        with_moto: Start moto too, and answer its services on the same port; signing jobs read
            and write moto's S3.
        with_s3: The old name of ``with_moto``.
        tls: https, with a certificate of the default account's root for ``localhost``, the
            loopback addresses, ``host`` and ``tls_names``.
        tls_names: More host names and addresses that the server has.
        allow_origins: Web pages that may call the server, as browsers name them in ``Origin``:
            ``https://app.test``. All others are refused.
        limits: Sizes and times that requests may take.
        state: A file that the world is filled from, if it is there, and saved to every few
            seconds and at the stop. One server has it at a time.
        autosave: Save each change before its request is answered.

    Raises:
        OSError: The address cannot be had.
        ValueError: An origin is not valid.
        StateFileError: The state file is damaged, in use by another server, or was not written
            by signer_mock.
        MissingExtraError: The extra ``server`` is not installed.
    """
    world = new_world(account_id, region, seed, log_limit=CALLS_KEPT)
    origins = check_origins(allow_origins)
    with contextlib.ExitStack() as undo:
        saver = None
        if state is not None:
            file = StateFile(state)
            undo.callback(file.close)
            file.load(world, seed)
            saver = Saver(world, file, autosave=autosave)
        moto = _moto_app(world) if with_moto or with_s3 else None
        listener = _listen(
            world,
            moto,
            host=host,
            port=port,
            tls=tls,
            names=tls_names,
            origins=origins,
            limits=limits or Limits(),
            saver=saver,
        )
        undo.pop_all()
    return SignerServer(world, listener, moto, saver)


def serve_mock(world: World, *, host: str, port: int, with_moto: bool, tls: bool) -> SignerServer:
    """Make a server for the world of a started mock; ``SignerMock.serve`` is its public form.

    Args:
        world: All state of the mock.
        host: The address to listen on.
        port: 0 takes a free one.
        with_moto: Answer the services of moto, which is started already, on the same port.
        tls: As for ``serve_world``.

    Raises:
        OSError: The address cannot be had.
        MissingExtraError: The extra ``server`` is not installed.
    """
    moto = _moto_app(world) if with_moto else None
    return SignerServer(world, _listen(world, moto, host=host, port=port, tls=tls))


def _listen(  # noqa: PLR0913 - all that a server is made of
    world: World,
    moto: MotoApp | None,
    *,
    host: str,
    port: int,
    tls: bool,
    names: Sequence[str] = (),
    origins: frozenset[str] = frozenset(),
    limits: Limits = Limits(),  # noqa: B008 - it is immutable
    saver: Saver | None = None,
) -> Listener:
    try:
        from signer_mock._server.listener import Listener
    except ImportError as error:
        msg = f"The server needs more packages ({error}): pip install 'signer-mock[server]'."
        raise MissingExtraError(msg) from error
    dispatcher = Dispatcher(
        partial(_handle.handle, world),
        Control(world, moto.reset if moto else None).answer,
        moto.answer if moto else None,
        guard=BrowserGuard(host, names, "https" if tls else "http", origins, _PRIVATE),
        saver=saver,
        body=limits.body,
        object_body=MAX_OBJECT,
    )
    return Listener(
        dispatcher.answer,
        host,
        port,
        limits=limits,
        tls=_tls(world, [host, *names]) if tls else None,
        body_limit=dispatcher.body_limit,
        is_quick=lambda request: world.job_controls.is_idle and dispatcher.is_reading(request),
    )


def _moto_app(world: World) -> MotoApp:
    from signer_mock._server.moto_app import MotoApp

    return MotoApp(world)


def _tls(world: World, names: Sequence[str]) -> ssl.SSLContext:
    from signer_mock._server.tls import server_context

    return server_context(world.account(world.account_id).authority, names)
