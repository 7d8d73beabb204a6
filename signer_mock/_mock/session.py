"""What is started and stopped: one world with everything that is in force with it.

There is at most one at a time; mocks that are started meanwhile share it.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from signer_mock._handle import Application
from signer_mock._intercept import Interception
from signer_mock._mock.storage import choose_store
from signer_mock._moto.wiring import attach
from signer_mock._service.arns import is_account_id
from signer_mock._service.calls import Call, CallLog
from signer_mock._service.events import JobEvents
from signer_mock._service.world import World, WorldSnapshot
from signer_mock.errors import ActivationError
from signer_mock.objects import InMemoryObjects

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
        for name, is_right, expected in _CHECKS:
            value = getattr(self, name)
            if value is not None and not is_right(value):
                msg = f"mock_signer({name}={value!r}): expected {expected}."
                raise ActivationError(msg)
        if self.s3 is not None:
            choose_store(self.s3, InMemoryObjects())


def _is_region(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) is not None


_CHECKS: tuple[tuple[str, Any, str], ...] = (
    ("account_id", is_account_id, "a string of twelve digits"),
    ("region_name", _is_region, "a region's name, such as 'eu-west-1'"),
    ("block_other_aws", lambda value: isinstance(value, bool), "True or False"),
    ("credentials", lambda value: value in ("fake", "keep"), "'fake' or 'keep'"),
    ("seed", lambda value: isinstance(value, (int, str)), "an int or a str"),
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What ``mock.snapshot()`` returns; only ``mock.restore()`` looks into it."""

    world: WorldSnapshot
    calls: Sequence[Call]
    events: Sequence[Mapping[str, Any]]


class Session:
    """One world, from the first start of a mock to the last stop.

    Args:
        options: those of the mock that was started first.
    """

    def __init__(self, options: Options) -> None:
        self.world = World(
            account_id=options.account_id or DEFAULT_ACCOUNT_ID,
            region=options.region_name or "us-east-1",
            seed=options.seed,
        )
        self.calls = CallLog()
        self.app = Application(self.world, self.calls)
        s3 = "auto" if options.s3 is None else options.s3
        self.world.object_store = choose_store(s3, self.world.memory_objects)
        self.events = JobEvents()
        attach(self.world, self.events, acm_when_used=s3 == "moto")
        self.starts = 0
        self._options = options
        self._interception = Interception(
            handle=self.app.handle,
            block_other_aws=options.block_other_aws is not False,
            fake_credentials_of=None
            if options.credentials == "keep"
            else self.world.callers.default_account,
            region=options.region_name,
            start_moto=s3 == "moto",
            account_of=self.world.callers.account_of,
        )

    @property
    def is_active(self) -> bool:
        """Whether it is in force now."""
        return self in _active

    def require_agreement(self, inner: Options) -> None:
        """Refuse options that this world does not have.

        Raises:
            ActivationError: naming the options that differ.
        """
        defaults = {
            "account_id": DEFAULT_ACCOUNT_ID,
            "region_name": self.world.region,
            "s3": "auto",
            "block_other_aws": True,
            "credentials": "fake",
        }
        differing = []
        for field in fields(inner):
            wanted, given = getattr(inner, field.name), getattr(self._options, field.name)
            given = defaults.get(field.name) if given is None else given
            if wanted is not None and wanted != given:
                differing.append(f"{field.name}={wanted!r} (outside: {given!r})")
        if differing:
            msg = (
                "A mock_signer inside another shares its world, so it cannot have options of its "
                f"own: {', '.join(differing)}. Give them to the outer one, or leave them out here."
            )
            raise ActivationError(msg)

    def begin(self) -> None:
        """Put it in force."""
        self.world.region = self._interception.begin()

    def end(self) -> None:
        """Take it out of force; the world stays as it is."""
        self._interception.end()

    def reset(self) -> None:
        """Make the world a fresh one."""
        with self.world.lock:
            self.world.reset()
            self.calls.clear()
            self.events.clear()

    def snapshot(self) -> Snapshot:
        """Everything as it is now."""
        with self.world.lock:
            return Snapshot(self.world.snapshot(), tuple(self.calls), tuple(self.events))

    def restore(self, snapshot: Snapshot) -> None:
        """Make everything what it was."""
        with self.world.lock:
            self.world.restore(snapshot.world)
            self.calls.restore(snapshot.calls)
            self.events.restore(snapshot.events)


_lock = threading.RLock()
_active: list[Session] = []


def start(options: Options) -> Session:
    """Start once more the session that is active, or a new one.

    Raises:
        ActivationError: the active one has other options, or calls cannot be caught.
    """
    with _lock:
        if _active:
            _active[0].require_agreement(options)
        else:
            session = Session(options)
            session.begin()
            _active.append(session)
        _active[0].starts += 1
        return _active[0]


def stop(session: Session) -> None:
    """Take back one start of a session; the last one ends it."""
    with _lock:
        session.starts -= 1
        if session.starts == 0:
            _active.remove(session)
            session.end()


# A child that is forked while another thread is inside a call goes on with a copy of the world, in
# which that thread does not exist: it must not find the locks taken.


def _before_fork() -> None:
    _lock.acquire()
    for session in _active:
        session.world.lock.acquire()


def _after_fork() -> None:
    for session in _active:
        session.world.lock.release()
    _lock.release()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork
    )
