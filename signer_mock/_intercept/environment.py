"""Set fake credentials and a region in the process environment while a mock is active.

moto sets its own fake keys too, and each of the two restores what it found. That is right if the
last to start is the first to stop. For the other orders, moto's starts and stops are followed
here, so that in the end everything is as it was before both.
"""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from signer_mock._intercept import moto_stubber
from signer_mock.errors import MissingExtraError

#: Variables that lead botocore to the user's own credentials, profiles or identity.
_HIDDEN = (
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_CREDENTIAL_FILE",
    "AWS_ACCOUNT_ID",
)
#: Variables that moto's mocks set and restore.
_SHARED_WITH_MOTO = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
#: The attribute in which a moto mock keeps what it will restore.
_MOTOS_KEYS = "_orig_creds"


class Environment:
    """Fake credentials in the environment, and no default session in boto3.

    Args:
        access_key: The key to put there.
        secret_key: Its secret.
        region: The region to put there; None keeps the one that is set, or takes us-east-1.
    """

    def __init__(self, access_key: str, secret_key: str, region: str | None) -> None:
        self._values: dict[str, str | None] = {
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_SECRET_ACCESS_KEY": secret_key,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            **dict.fromkeys(_HIDDEN),
        }
        if region is not None or not os.environ.get("AWS_DEFAULT_REGION"):
            self._values["AWS_DEFAULT_REGION"] = region or "us-east-1"
        self._saved: dict[str, str | None] | None = None
        self.saved_session: Any = None

    def enter(self) -> None:
        """Set the fake values."""
        # Both are saved before anything is changed, so that leave() is right at any moment.
        saved, session = _get(self._values), _default_session()
        self._saved, self.saved_session = saved, session
        _set({name: value for name, value in self._values.items() if value != saved[name]})
        # A session that exists holds the credentials that it has found already.
        _set_default_session(None)
        _moto.entered = self

    def leave(self) -> None:
        """Restore every variable, whatever has happened to it since.

        Idempotent; does nothing before ``enter``.
        """
        saved = self._saved
        if saved is None:
            return
        _moto.entered = None
        _left.update({name: (fake, saved[name]) for name, fake in self._values.items()})
        if self not in _moto.found():
            _set(saved)
            _set_default_session(self.saved_session)
            return
        # moto mocks that were started inside are still active: their keys stay, and at their stop
        # they will restore our values, which are corrected then.
        if _moto.owed is None:
            _moto.owed = ({name: saved[name] for name in _SHARED_WITH_MOTO}, self.saved_session)
        _set({name: saved[name] for name in saved if name not in _SHARED_WITH_MOTO})
        _set_default_session(None)

    def save(self, values: Mapping[str, str | None], session: Any) -> None:
        """Remember these as the values from before, and set the fake ones again."""
        if self._saved is not None:  # pragma: no branch - stopped meanwhile
            changed = {name: one for name, one in values.items() if one != self._values[name]}
            self._saved.update(changed)
        _set({name: self._values[name] for name in values})
        self.saved_session = session
        _set_default_session(None)


#: By variable: what stopped mocks had set it to, and what they restored.
_left: dict[str, tuple[str | None, str | None]] = {}


def forget() -> None:
    """Forget what mocks have set so far."""
    _left.clear()


def was_faked() -> bool:
    """Tell whether a mock has set anything since ``forget``, or sets it now."""
    return bool(_left) or _moto.entered is not None


def put_back_again(before: Mapping[str, str]) -> None:
    """Correct variables after pytest's monkeypatch, used inside a decorated test, is undone.

    monkeypatch saved the mock's values, and restores them after the mock has stopped. Variables
    that had other values before monkeypatch began are not touched.

    Args:
        before: The environment when monkeypatch began.
    """
    if _moto.entered is not None:
        return
    for name, (fake, own) in _left.items():
        if os.environ.get(name) == fake != own == before.get(name):
            _set({name: own})


class _Start(NamedTuple):
    """A start of a moto mock that has not been stopped.

    Attributes:
        found: The environment of ours that it found.
        keys: What the mock had kept before, for its stop. A moto mock may be started again while
            it is active (as it decorates a class, say), but has one place for what it found.
    """

    found: Environment | None
    keys: dict[str, str | None] | None


class _Moto:
    """What is known of moto's mocks, which may start or stop in any order.

    Attributes:
        entered: The environment in force.
        starts: Those of moto's active mocks, the last one last.
        owed: What has to be put back when the last that found ours stops: variables and session.
        keys_before_start: What a moto mock had kept when it began to start.
        session_before_stop: The default session when a moto mock began to stop.
    """

    def __init__(self) -> None:
        self.entered: Environment | None = None
        self.starts: weakref.WeakKeyDictionary[Any, list[_Start]] = weakref.WeakKeyDictionary()
        self.owed: tuple[dict[str, str | None], Any] | None = None
        self.keys_before_start: dict[str, str | None] | None = None
        self.session_before_stop: Any = None

    def follow(self, event: moto_stubber.Event, mock: Any) -> None:
        """Follow a start or stop of a moto mock."""
        if event == "starting":
            kept = getattr(mock, _MOTOS_KEYS, None)
            self.keys_before_start = None if kept is None else dict(kept)
        elif event == "started":
            start = _Start(self.entered, self.keys_before_start)
            self.starts.setdefault(mock, []).append(start)
        elif event == "stopping":
            self.session_before_stop = _default_session()
        else:
            starts = self.starts.get(mock)
            start = starts.pop() if starts else _Start(None, None)
            if start.keys is not None:
                setattr(mock, _MOTOS_KEYS, start.keys)
            self._stopped(start.found)

    def found(self) -> list[Environment]:
        """Return our environments that moto's active mocks have found."""
        if not self.starts:
            return []
        starts = (start for starts in self.starts.values() for start in starts)
        return [start.found for start in starts if start.found is not None]

    def _stopped(self, found: Environment | None) -> None:
        entered = self.entered
        if found is not None:
            if found is entered or any(other is not entered for other in self.found()):
                return  # in turn, or another one is still to put back our values
            owed, self.owed = self.owed, None
            if owed is None:
                return  # pragma: no cover - nothing was taken over
            if entered is not None:
                entered.save(*owed)
            else:
                _set(owed[0])
                _set_default_session(owed[1])
        elif entered is not None:
            # It was started before us: what it has restored is what we have to restore.
            session = _default_session()
            if session is self.session_before_stop is not None or moto_stubber.moto_is_active():
                session = entered.saved_session  # moto has left it alone
            entered.save(_get(_SHARED_WITH_MOTO), session)


class OwnMoto:
    """A moto mock for ``s3="moto"`` that leaves credentials and default session alone.

    Raises:
        MissingExtraError: moto is not installed.
    """

    def __init__(self) -> None:
        try:
            from moto import mock_aws
        except ImportError as error:
            msg = "mock_signer(s3='moto') needs moto: pip install 'signer-mock[s3]'."
            raise MissingExtraError(msg) from error
        self._mock = mock_aws()
        self._is_started = False

    def enter(self) -> None:
        """Start it."""
        before, active = _Shared(), self._count()
        try:
            self._mock.start()
            before.put_back()
            self._is_started = True
        except BaseException:  # pragma: no cover - interrupted: in forked tests
            self._stop(before, active)
            raise

    def leave(self) -> None:
        """Stop it. Idempotent; does nothing before ``enter``."""
        if not self._is_started:
            return  # pragma: no cover - interrupted before it was started
        before, active = _Shared(), self._count()
        try:
            self._stop(before, active - 1)
        except BaseException:  # pragma: no cover - as above
            self._stop(before, active - 1)
            raise

    def _count(self) -> int:
        """Count moto's active mocks, which shows whether a start or stop has happened."""
        count: int = getattr(type(self._mock), "_nested_count", 0)
        return count

    def _stop(self, before: _Shared, left: int) -> None:
        if self._count() > left:  # pragma: no branch - interrupted after moto's stop
            # moto deletes variables that it did not find at its start, and fails if one is missing.
            _set({name: os.environ.get(name) or "moto's" for name in _SHARED_WITH_MOTO})
            self._mock.stop()
        before.put_back()
        self._is_started = False


class _Shared:
    """The present values of what moto's mocks change."""

    def __init__(self) -> None:
        self._values = _get(_SHARED_WITH_MOTO)
        self._session = _default_session()

    def put_back(self) -> None:
        _set(self._values)
        _set_default_session(self._session)


_moto = _Moto()
moto_stubber.listeners.append(_moto.follow)


def _get(names: Iterable[str]) -> dict[str, str | None]:
    values = dict.fromkeys(names)
    return {**values, **{name: os.environ[name] for name in _present(values)}}


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is not None:
            os.environ[name] = value
    for name in _present(name for name, value in values.items() if value is None):
        del os.environ[name]


def _present(names: Iterable[str]) -> list[str]:
    """Return those variables that are set.

    ``os.environ`` raises two exceptions for each that is not, which took half of a mock's start and
    stop; so its dictionary is asked, where it has one.
    """
    environ: Any = os.environ
    try:
        values = environ._data  # noqa: SLF001 - there is no public name for it
    except AttributeError:  # somebody has put a plain dictionary in its place
        return [name for name in names if name in environ]
    return [name for name in names if _encoded(name) in values]


@cache
def _encoded(name: str) -> Any:
    return os.environ.encodekey(name)


def _default_session() -> Any:
    return getattr(sys.modules.get("boto3"), "DEFAULT_SESSION", None)


def _set_default_session(session: Any) -> None:
    boto3: Any = sys.modules.get("boto3")
    if boto3 is not None:
        boto3.DEFAULT_SESSION = session
