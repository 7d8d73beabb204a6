"""``SignerMock``: start, stop, nest, decorate; and the state that a test works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

from signer_mock._mock.bound_verifiers import BoundVerifiers
from signer_mock._mock.clients import MakesClients
from signer_mock._mock.options import Options, check_options
from signer_mock._mock.state import ShowsState
from signer_mock._service.arns import is_account_id
from signer_mock.errors import ActivationError

if TYPE_CHECKING:
    import os
    from pathlib import Path

    import boto3
    from typing_extensions import Self

    from signer_mock._mock.accounts import Account
    from signer_mock._mock.activation import Activation
    from signer_mock._service.calls import CallLog
    from signer_mock._service.clock import Clock
    from signer_mock._service.code_signing import Deployment
    from signer_mock._service.faults import Faults
    from signer_mock._service.job_controls import JobControls
    from signer_mock._service.world import ProfileRetention, Snapshot, World
    from signer_mock.objects import InMemoryObjects
    from signer_mock.server import SignerServer

# Preserves the type of the decorated object.
Target = TypeVar(
    "Target",
    bound="Callable[..., Any] | classmethod[Any, Any, Any] | staticmethod[Any, Any]",
)


class SignerMock(MakesClients, ShowsState, BoundVerifiers):
    """A mock of AWS Signer: a decorator, a context manager, or started and stopped by hand.

    The first start creates fresh state, which mocks started meanwhile share. The last stop ends
    the mock; its state can still be read.
    """

    def __init__(self, options: Options | None = None, **misplaced: NoReturn) -> None:
        self._options = check_options(options, misplaced)
        self._activation: Activation | None = None

    def start(self) -> Self:
        """Start the mock. If another one is active, share its state.

        Returns:
            The mock itself.

        Raises:
            ActivationError: A mock with other options is active, or this botocore cannot be
                patched.
            MissingExtraError: moto is asked for and not installed.
        """
        # With the first start, so that importing mock_signer costs little.
        from signer_mock._mock import activation as activations

        with activations.lock:
            if activations.active:
                activation = activations.active[0]
                self._options.require_agreement(activation.options)
            else:
                activation = activations.Activation(self._options)
            mine, holders = self._activation, activation.holders
            try:
                self._activation = activation
                activation.hold([*holders, self])
                return self  # noqa: TRY300 - an interrupt here is undone too
            except BaseException:
                # KeyboardInterrupt can come at any line; a half-started mock could not be stopped.
                activation.hold(holders)
                self._activation = mine
                raise

    def stop(self) -> None:
        """Undo one start(). The last stop ends the mock; its state can still be read.

        Raises:
            ActivationError: The mock is not started.
        """
        from signer_mock._mock import activation as activations

        with activations.lock:
            activation = self._activation
            if activation is None or self not in activation.holders:
                msg = "This mock_signer is not started (or already stopped); call start() first."
                raise ActivationError(msg)
            left = list(activation.holders)
            left.remove(self)
            try:
                activation.hold(left)
            except BaseException:  # pragma: no cover - interrupted: in forked tests
                activation.hold(left)  # as in start()
                raise

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if error is None and self.owns_world:
                self._world.require_as_expected()
        finally:
            self.stop()

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __call__(self, target: Target, /) -> Target:
        """Decorate a function or a test class: each call, or each test, runs in this mock.

        Raises:
            ActivationError: ``target`` cannot be decorated; the message says what to do instead.
        """
        from signer_mock._mock.decorators import decorate

        return cast("Target", decorate(target, self))

    # State

    @property
    def _world(self) -> World:
        if self._activation is None:
            msg = "This mock_signer has not been started; use it inside `with`, or call start()."
            raise ActivationError(msg)
        return self._activation.world

    @property
    def account_id(self) -> str:
        """The default account."""
        return self._world.account_id

    @property
    def region_name(self) -> str:
        """The default region."""
        return self._world.region

    def account(self, account_id: str | None = None) -> Account:
        """Return an account: its clients, roles, trust root and certificates.

        Args:
            account_id: Twelve digits; None is the default account.
        """
        from signer_mock._mock.accounts import Account

        if account_id is not None and not is_account_id(account_id):
            padded = str(account_id).zfill(12)
            hint = f": mock.account({padded!r})" if is_account_id(padded) else ""
            msg = f"mock.account({account_id!r}): expected a string of twelve digits{hint}."
            raise ActivationError(msg)
        return Account(self._world, account_id or self.account_id)

    def session(self, region_name: str | None = None) -> boto3.Session:
        """Create a boto3 session of the default account."""
        return self.account().session(region_name)

    def _create_client(self, service_name: str, region_name: str | None, **options: Any) -> Any:
        return self.account().client(service_name, region_name, **options)

    @property
    def objects(self) -> InMemoryObjects:
        """Buckets in memory, for tests that use no S3."""
        self._world.settle()
        return self._world.memory_objects

    @property
    def clock(self) -> Clock:
        """The mock's clock."""
        return self._world.clock

    @property
    def calls(self) -> CallLog:
        """The requests that reached the mock, oldest first; read-only."""
        return self._world.calls

    @property
    def faults(self) -> Faults:
        """What goes wrong in the next calls, such as errors, delays and lost responses."""
        return self._world.faults

    @property
    def deployments(self) -> Sequence[Deployment]:
        """What Lambda decided about each deployment to a function with a configuration.

        While moto's Lambda is active; oldest first, read-only.
        """
        return self._world.code_signing.deployments

    @property
    def jobs(self) -> JobControls:
        """The signing jobs so far, with methods to hold new ones and to make them fail."""
        self._world.settle()
        return self._world.job_controls

    @property
    def events(self) -> Sequence[Mapping[str, Any]]:
        """Every ended job's events, oldest first, as EventBridge delivers them; read-only."""
        self._world.settle()
        return self._world.events

    @property
    def profile_retention(self) -> ProfileRetention:
        """How long canceled and revoked profiles stay, where AWS's documents differ.

        ``"two years"`` is the API reference's rule and the default. ``"signatures"`` is the newer
        developer guide's: until six months after the profile's last signature has expired.
        """
        return self._world.profile_retention

    @profile_retention.setter
    def profile_retention(self, rule: ProfileRetention) -> None:
        if rule not in ("two years", "signatures"):
            msg = f"mock.profile_retention = {rule!r}: expected 'two years' or 'signatures'."
            raise ActivationError(msg)
        self._world.profile_retention = rule

    def reset(self) -> None:
        """Discard all state, including calls, events and the clock, without a stop.

        Clients and accounts that you took from this mock keep working; new keys and certificates
        are made when needed. moto's state is not changed. Nested mocks share the reset.
        """
        self._world.reset()

    def snapshot(self) -> Snapshot:
        """Copy the current state, with its calls and events, for ``restore``.

        moto's state is not part of it.
        """
        return self._world.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Replace the state by that of a snapshot; a snapshot can be restored many times."""
        self._world.restore(snapshot)

    @property
    def owns_world(self) -> bool:
        """Whether no other mock shares the state of this one."""
        return self._activation is not None and len(self._activation.holders) == 1

    def serve(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        with_moto: bool = False,
        with_s3: bool = False,
        tls: bool = False,
    ) -> SignerServer:
        """Serve this mock over HTTP too, for subprocesses: ``with mock.serve() as server:``.

        Args:
            host: The address to listen on.
            port: 0 takes a free one.
            with_moto: Answer the services that moto mocks in this process on the same port.
            with_s3: The old name of ``with_moto``.
            tls: https, with a certificate of the default account's root for ``localhost``, the
                loopback addresses and ``host``.

        Raises:
            ActivationError: ``with_moto``, and no moto mock is active.
            OSError: The address is not available.
            MissingExtraError: The extra ``server`` is not installed.
        """
        from signer_mock._intercept.moto_state import moto_is_active
        from signer_mock._server.serving import serve_mock

        world = self._world
        with_moto = with_moto or with_s3
        if with_moto and not moto_is_active():
            msg = "mock.serve(with_moto=True) needs moto: start the mock with s3='moto'."
            raise ActivationError(msg)
        return serve_mock(world, host=host, port=port, with_moto=with_moto, tls=tls)

    def export_oci_layout(self, repository: str, path: str | os.PathLike[str]) -> Path:
        """Write a repository of the default account; as ``account().export_oci_layout``."""
        return self.account().export_oci_layout(repository, path)

    def __repr__(self) -> str:
        if self._activation is None:
            return "<SignerMock, not started>"
        state = "active" if self._activation.holders else "stopped"
        return (
            f"<SignerMock {self.account_id} {self.region_name}, {state}, {len(self.calls)} calls>"
        )

    def _repr_html_(self) -> str | None:
        from signer_mock._views.summaries import mock_view

        # A notebook shows the text where there is no HTML.
        return mock_view(self, active=bool(self._activation.holders)) if self._activation else None
