"""Starting and stopping: one world, in force from the first start to the last stop.

There is at most one at a time; mocks that are started meanwhile share it.
"""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial

from botocore.exceptions import BotoCoreError

from signer_mock import _handle
from signer_mock._intercept import guard, install
from signer_mock._intercept.environment import Environment, moto_started
from signer_mock._mock.options import Options
from signer_mock._mock.storage import choose_store
from signer_mock._moto.services import MotoServices
from signer_mock._service.callers import issue_credentials
from signer_mock._service.world import World


class Activation:
    """A world, and everything that is in force while it is active.

    Args:
        options: those of the mock that is started first.

    Attributes:
        options: the same, with their defaults.
        world: all state.
        starts: how often mocks have started it, less their stops.
    """

    def __init__(self, options: Options) -> None:
        self._region = options.region_name
        self.options = options = options.with_defaults()
        self.world = World(str(options.account_id), seed=options.seed)
        self.world.object_store = choose_store(options.s3, self.world.memory_objects)
        self.world.calls.is_strict = bool(options.strict)
        self.world.others = MotoServices(self.world, acm_when_used=options.s3 == "moto")
        self.starts = 0
        self._undo = ExitStack()

    def begin(self) -> None:
        """Put it in force.

        Raises:
            ActivationError: this botocore cannot be patched.
            MissingExtraError: moto is asked for and not installed.
        """
        install()
        world = self.world
        credentials = (
            issue_credentials(world.account_id) if self.options.credentials == "fake" else None
        )
        with ExitStack() as undo:
            if self.options.s3 == "moto":
                undo.enter_context(moto_started())
            if credentials is not None:
                environment = Environment(
                    credentials.access_key, credentials.secret_key, self._region
                )
                environment.enter()
                undo.callback(environment.leave)
            guard.activate(
                guard.ActiveMock(
                    handle=partial(_handle.handle, world),
                    block_other_aws=bool(self.options.block_other_aws),
                    account_of=world.account_of,
                    own_credentials=credentials,
                )
            )
            undo.callback(guard.deactivate)
            world.region = self._region or _region_of_clients()
            self.options = replace(self.options, region_name=world.region)
            self._undo = undo.pop_all()

    def end(self) -> None:
        """Put everything back as it was; the world stays as it is."""
        self._undo.close()


def _region_of_clients() -> str:
    region = os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        # The user's own configuration is in force: in the other case the region has been set.
        from botocore.session import Session

        with suppress(BotoCoreError):
            region = Session().get_config_variable("region")
    return region or "us-east-1"


_lock = threading.RLock()
_active: list[Activation] = []


def start(options: Options) -> Activation:
    """Start the active one once more, or a new one.

    Raises:
        ActivationError: the active one has other options, or calls cannot be caught.
    """
    with _lock:
        if _active:
            options.require_agreement(_active[0].options)
        else:
            activation = Activation(options)
            activation.begin()
            _active.append(activation)
        _active[0].starts += 1
        return _active[0]


def stop(activation: Activation) -> None:
    """Undo one start; the last stop ends the activation."""
    with _lock:
        activation.starts -= 1
        if activation.starts == 0:
            _active.remove(activation)
            activation.end()


def require_as_expected() -> None:
    """Check what a strict test asked for, where a strict mock is active.

    Raises:
        StrictError: a call was not expected, or a fault or an expected call never came.
    """
    for activation in _active:
        activation.world.require_as_expected()


# A child that is forked while another thread is inside a call goes on with a copy of the world, in
# which that thread does not exist: it must not find the locks taken.


def _before_fork() -> None:
    _lock.acquire()
    for activation in _active:
        activation.world.lock.acquire()


def _after_fork() -> None:
    for activation in _active:
        activation.world.lock.release()
    _lock.release()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork
    )
