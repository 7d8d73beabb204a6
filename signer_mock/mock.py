"""``mock_signer`` and ``SignerMock``: start, stop, nest, decorate; what a test author holds."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar, overload

from signer_mock.accounts import Account
from signer_mock.app import Application
from signer_mock.calls import Call, CallLog
from signer_mock.clock import Clock
from signer_mock.decorators import decorate
from signer_mock.errors import ActivationError
from signer_mock.events import JobEvents
from signer_mock.intercept import Interception
from signer_mock.intercept.moto_stubber import moto_is_active
from signer_mock.neighbours.wiring import attach
from signer_mock.objects import InMemoryObjects
from signer_mock.service.revocations import revoked_entities
from signer_mock.service.world import World
from signer_mock.storage import choose_store

if TYPE_CHECKING:
    import boto3
    from typing_extensions import Self

    from signer_mock.server import SignerServer

_P = ParamSpec("_P")
_R = TypeVar("_R")

DEFAULT_ACCOUNT_ID = "123456789012"


@dataclass(frozen=True, slots=True)
class Options:
    """``mock_signer``'s arguments; None is not given."""

    account_id: str | None = None
    region_name: str | None = None
    s3: Any = None
    block_other_aws: bool | None = None
    credentials: Literal["fake", "keep"] | None = None
    seed: int | str | None = None

    def validate(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            ActivationError: naming the argument and what it takes.
        """
        account = self.account_id
        if account is not None and not re.fullmatch(r"[0-9]{12}", str(account)):
            msg = f"mock_signer(account_id={account!r}): expected a string of twelve digits."
            raise ActivationError(msg)
        if self.credentials not in (None, "fake", "keep"):
            msg = f"mock_signer(credentials={self.credentials!r}): expected 'fake' or 'keep'."
            raise ActivationError(msg)
        choose_store(self.s3 or "auto", InMemoryObjects())

    def require_agreement(self, outer: Options) -> None:
        """Refuse to nest in a mock that was started with other options.

        Raises:
            ActivationError: naming the options that differ.
        """
        differing = [
            f"{field.name}={getattr(self, field.name)!r} (outside: {getattr(outer, field.name)!r})"
            for field in fields(self)
            if getattr(self, field.name) not in (None, getattr(outer, field.name))
        ]
        if differing:
            msg = (
                "A mock_signer inside another shares its world, so it cannot have options of its "
                f"own: {', '.join(differing)}. Give them to the outer one, or leave them out here."
            )
            raise ActivationError(msg)


class _Session:
    """One world and everything that is in force with it, from first start to last stop."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.world = World(
            account_id=options.account_id or DEFAULT_ACCOUNT_ID,
            region=options.region_name or "us-east-1",
            seed=options.seed,
        )
        self.calls = CallLog()
        self.app = Application(self.world, self.calls)
        self.world.object_store = choose_store(options.s3 or "auto", self.world.memory_objects)
        self.events = JobEvents()
        attach(self.world, self.events, acm_when_used=options.s3 == "moto")
        self.starts = 0
        self._interception = Interception(
            handle=self.app.handle,
            block_other_aws=options.block_other_aws is not False,
            fake_credentials_of=None
            if options.credentials == "keep"
            else self.world.callers.default_account,
            region=options.region_name,
            start_moto=options.s3 == "moto",
            account_of=self.world.callers.account_of,
        )

    def begin(self) -> None:
        self.world.region = self._interception.begin()

    def end(self) -> None:
        self._interception.end()

    def reset(self) -> None:
        with self.world.lock:
            self.world.reset()
            self.calls.clear()
            self.events.clear()


_lock = threading.RLock()
_active: list[_Session] = []


class SignerMock:
    """A mock of AWS Signer: decorator, context manager, or started and stopped by hand.

    Mocks that are started while another one is active share its world; the first start makes a
    fresh world, the last stop ends it. What happened can still be looked at after the stop.
    """

    def __init__(self, options: Options | None = None) -> None:
        self._options = options or Options()
        self._options.validate()
        self._session: _Session | None = None
        self._starts = 0

    # Life

    def start(self) -> Self:
        """Put the mock in force.

        Returns:
            The mock itself.

        Raises:
            ActivationError: a mock with other options is active, or this botocore has no place
                where calls can be caught.
        """
        with _lock:
            if _active:
                self._options.require_agreement(_active[0].options)
                session = _active[0]
            else:
                session = _Session(self._options)
                session.begin()
                _active.append(session)
            session.starts += 1
            self._starts += 1
            self._session = session
        return self

    def stop(self) -> None:
        """Take back one start of this mock; the last stop of all ends the world.

        Raises:
            ActivationError: it is not started.
        """
        with _lock:
            if self._starts == 0:
                msg = "This mock_signer is not started (or already stopped); call start() first."
                raise ActivationError(msg)
            self._starts -= 1
            session = self._current
            session.starts -= 1
            if session.starts == 0:
                _active.remove(session)
                session.end()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def __call__(self, function: Callable[_P, _R]) -> Callable[_P, _R]:
        """Decorate a test: each call of it runs in a mock of these options."""
        return decorate(function, lambda: SignerMock(self._options))

    # What a test author holds

    @property
    def _current(self) -> _Session:
        if self._session is None:
            msg = "This mock_signer has not been started; use it inside `with`, or call start()."
            raise ActivationError(msg)
        return self._session

    @property
    def account_id(self) -> str:
        """The default account."""
        return self._current.world.callers.default_account

    @property
    def region_name(self) -> str:
        """The default region."""
        return self._current.world.region

    def account(self, account_id: str | None = None) -> Account:
        """An account: its clients, roles, trust root and certificates.

        Args:
            account_id: twelve digits; None is the default account.
        """
        Options(account_id=account_id).validate()
        return Account(self._current.world, account_id or self.account_id)

    def session(self, region_name: str | None = None) -> boto3.Session:
        """A boto3 session of the default account."""
        return self.account().session(region_name)

    def client(
        self, service_name: str = "signer", region_name: str | None = None, **options: Any
    ) -> Any:
        """A boto3 client of the default account; arguments as for ``boto3.client``."""
        return self.account().client(service_name, region_name, **options)

    @property
    def objects(self) -> InMemoryObjects:
        """Buckets in memory, for tests that use no S3."""
        return self._current.world.memory_objects

    @property
    def clock(self) -> Clock:
        """The mock's clock."""
        return self._current.world.clock

    @property
    def calls(self) -> Sequence[Call]:
        """The requests that reached the mock, oldest first; read-only."""
        return self._current.calls

    @property
    def events(self) -> Sequence[Mapping[str, Any]]:
        """Every ended job's events, oldest first, as EventBridge delivers them; read-only."""
        return self._current.events

    def reset(self) -> None:
        """Begin anew without a stop: a fresh world, no calls, no events, the machine's time.

        Clients, accounts and what else was made of this mock stay good; keys and certificates
        are made anew. What moto holds is moto's and stays. Mocks that share the world share the
        reset.
        """
        self._current.reset()

    def revoked_entities(
        self,
        *,
        platform_id: str,
        profile_version_arn: str,
        job_arn: str,
        signature_timestamp: dt.datetime,
        certificate_hashes: Sequence[str],
    ) -> list[str]:
        """What GetRevocationStatus would name, without a call: ``verify_...(revocation=mock)``.

        Arguments and result are those of ``signer_mock.service.revocations.revoked_entities``.
        """
        world = self._current.world
        with world.lock:
            return revoked_entities(
                world,
                platform_id=platform_id,
                profile_version_arn=profile_version_arn,
                job_arn=job_arn,
                signature_timestamp=signature_timestamp,
                certificate_hashes=certificate_hashes,
            )

    def serve(
        self, host: str = "127.0.0.1", port: int = 0, *, with_s3: bool = False, tls: bool = False
    ) -> SignerServer:
        """This mock's world over HTTP too, for subprocesses: ``with mock.serve() as server:``.

        Args and errors are those of ``signer_mock.server.serve_world``. ``with_s3`` serves what
        moto mocks in this process, so a moto mock has to be active (ActivationError).
        """
        from signer_mock.server import serve_world

        app = self._current.app
        if with_s3 and not moto_is_active():
            msg = "mock.serve(with_s3=True) needs moto: start the mock with s3='moto'."
            raise ActivationError(msg)
        return serve_world(app, host=host, port=port, with_s3=with_s3, tls=tls)

    def __repr__(self) -> str:
        if self._session is None:
            return "<SignerMock, not started>"
        state = "active" if self._session in _active else "stopped"
        return (
            f"<SignerMock {self.account_id} {self.region_name}, {state}, {len(self.calls)} calls>"
        )


@overload
def mock_signer(function: Callable[_P, _R], /) -> Callable[_P, _R]: ...
@overload
def mock_signer(
    *,
    account_id: str | None = None,
    region_name: str | None = None,
    s3: Any = None,
    block_other_aws: bool | None = None,
    credentials: Literal["fake", "keep"] | None = None,
    seed: int | str | None = None,
) -> SignerMock: ...
def mock_signer(
    function: Callable[_P, _R] | None = None,
    /,
    *,
    account_id: str | None = None,
    region_name: str | None = None,
    s3: Any = None,
    block_other_aws: bool | None = None,
    credentials: Literal["fake", "keep"] | None = None,
    seed: int | str | None = None,
) -> SignerMock | Callable[_P, _R]:
    """Mock AWS Signer: as a decorator, bare or called, or as a context manager.

    Args:
        function: what to decorate, when used without brackets.
        account_id: the account of callers that say nothing else; default 123456789012.
        region_name: the default region; default is ``AWS_DEFAULT_REGION``, else us-east-1.
        s3: where signing jobs read and write: ``"auto"`` (default: moto's S3 while a moto mock
            is active, else ``mock.objects``), ``"memory"``, ``"moto"`` (starts moto's S3 too),
            a boto3 S3 client, or an ``ObjectStore``.
        block_other_aws: refuse calls to other AWS services that nothing mocks; default True.
        credentials: ``"fake"`` (default) hides the user's own credentials and configuration
            while active; ``"keep"`` leaves them.
        seed: makes ids repeatable; keys and signatures are random in any case.

    Returns:
        A ``SignerMock``, or the decorated function.

    Raises:
        ActivationError: an argument that cannot be meant.
    """
    mock = SignerMock(Options(account_id, region_name, s3, block_other_aws, credentials, seed))
    return mock if function is None else mock(function)
