"""Keep one world active from the first start of a mock to the last stop.

At most one is active; mocks that are started meanwhile share it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError

from signer_mock import _handle
from signer_mock._intercept import install
from signer_mock._intercept.environment import Environment, OwnMoto
from signer_mock._intercept.guard import ActiveMock
from signer_mock._mock.options import Options
from signer_mock._mock.storage import choose_store
from signer_mock._moto.services import MotoServices
from signer_mock._service.callers import issue_credentials
from signer_mock._service.new_world import new_world

if TYPE_CHECKING:
    from signer_mock._service.world import World
    from signer_mock._wire.http import HttpResponse


class Activation:
    """A world, and everything that is patched or set while it is active.

    Args:
        options: Those of the mock that is started first.

    Attributes:
        world: All state.
        holders: The mocks that have started it, once for each start that has not been undone.

    Raises:
        MissingExtraError: moto is asked for and not installed.
    """

    def __init__(self, options: Options) -> None:
        self._region = options.region_name
        self._options = options = options.with_defaults()
        self.world = world = new_world(str(options.account_id), seed=options.seed)
        world.object_store = choose_store(options.s3, world.memory_objects)
        world.calls.always_strict = bool(options.strict)
        world.others = MotoServices(world, acm_when_used=options.s3 == "moto")
        self.holders: list[object] = []
        credentials = issue_credentials(world.account_id) if options.credentials == "fake" else None
        # In the order of entering.
        self._parts: list[OwnMoto | Environment | ActiveMock] = []
        if options.s3 == "moto":
            self._parts.append(OwnMoto())
        if credentials is not None:
            self._parts.append(
                Environment(credentials.access_key, credentials.secret_key, self._region)
            )
        self._parts.append(
            ActiveMock(
                handle=partial(_handle.handle, world),
                block_other_aws=bool(options.block_other_aws),
                account_of=world.account_of,
                own_credentials=credentials,
                answer_in_front=partial(_answer_in_front, world),
            )
        )

    def hold(self, holders: Sequence[object]) -> None:
        """Enter with the first holder, leave with the last one.

        Idempotent: a second call completes what the first one was interrupted in.

        Args:
            holders: The mocks that have started it, from now on.

        Raises:
            ActivationError: This botocore cannot be patched.
        """
        if not holders:
            for part in reversed(self._parts):
                part.leave()
            active.clear()
        elif self not in active:
            install()
            for part in self._parts:
                part.enter()
            self.world.region = self._region or _region_of_clients()
            active.append(self)
        self.holders = list(holders)

    @property
    def options(self) -> Options:
        """The options, with their defaults."""
        return replace(self._options, region_name=self.world.region)


def _answer_in_front(world: World, *request: Any) -> HttpResponse | None:
    from signer_mock._moto.front import answer_in_front

    return answer_in_front(world, *request)


def _region_of_clients() -> str:
    region = os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        # With credentials="keep" only: otherwise the region has been set.
        from botocore.session import Session

        with suppress(BotoCoreError):
            region = Session().get_config_variable("region")
    return region or "us-east-1"


#: Held during each start and stop.
lock = threading.RLock()
#: The present activation, if there is one.
active: list[Activation] = []


def require_as_expected() -> None:
    """Check what a strict test asked for, where a strict mock is active.

    Raises:
        StrictError: A call was not expected, or a fault or an expected call never came.
    """
    for activation in active:
        activation.world.require_as_expected()


# A forked child has a copy of the world, but not the thread that may hold a lock in it. So fork
# only while no other thread holds one.


def _before_fork() -> None:
    lock.acquire()
    for activation in active:
        activation.world.lock.acquire()


def _after_fork() -> None:
    for activation in active:
        activation.world.lock.release()
    lock.release()


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork
    )
