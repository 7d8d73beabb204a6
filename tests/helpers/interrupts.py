"""Raise KeyboardInterrupt at every line of a start or a stop, each in a process of its own.

``python -m tests.helpers.interrupts KIND`` prints what is wrong, as JSON: states that equal
neither the one before the start or stop, nor the one after it.
"""

from __future__ import annotations

import functools
import gc
import itertools
import json
import linecache
import os
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import boto3

import signer_mock
from signer_mock import ActivationError, SignerMock, mock_signer
from signer_mock._intercept.guard import current

PACKAGE = str(Path(signer_mock.__file__).parent)
NO_SUCH_POINT = 3


class Interrupt:
    """A trace function that raises KeyboardInterrupt once, at the line of that number."""

    def __init__(self, point: int, everywhere: bool) -> None:
        self.left = point
        self.everywhere = everywhere
        self.where = ""
        self._seen: set[tuple[FrameType, int]] = set()

    def __call__(self, frame: FrameType, event: str, _arg: Any) -> Any:
        name = frame.f_code.co_filename
        if self.where or not (name.startswith(PACKAGE) or self.everywhere):
            return None
        if event == "line" and not self._is_safe(frame):
            self.left -= 1
            if self.left == 0:
                self.where = f"{name}:{frame.f_lineno}"
                raise KeyboardInterrupt
        return self

    def _is_safe(self, frame: FrameType) -> bool:
        """Tell whether Python delivers no signal at this line: nothing is called there.

        These are ``try:``, and a ``with`` that is come by again, when it is left.
        """
        place = (frame, frame.f_lineno)
        came_by = place in self._seen
        self._seen.add(place)
        line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
        return line == "try:" or (came_by and line.startswith("with "))


class Scenario:
    """What is started around the mock, and which of its starts or stops is interrupted."""

    def __init__(self, name: str) -> None:
        kind, _, self.verb = name.rpartition(" ")
        self.kind = kind
        options: dict[str, Any] = {
            "keep": {"credentials": "keep"},
            "own moto": {"s3": "moto"},
            "own moto inside moto": {"s3": "moto"},
        }.get(kind, {})
        self.mock = mock_signer(**options)
        self.outer = self.mock if kind == "same mock twice" else mock_signer()
        self.moto: Any = None
        if "moto" in kind:
            from moto import mock_aws

            self.moto = mock_aws()
        self.undo: list[Callable[[], Any]] = []
        self.client = boto3.client(
            "signer", "us-east-1", aws_access_key_id="123456789012", aws_secret_access_key="x"
        )
        self.at_first = self.state()

    def prepare(self) -> None:
        if self.kind in {"inside moto", "own moto inside moto"}:
            self.moto.start()
            self.undo.append(self.moto.stop)
        if self.kind in {"nested", "same mock twice"}:
            self.outer.start()
            self.undo.append(self.outer.stop)
        if self.verb == "stop":
            self.mock.start()
        if self.kind == "around moto":
            self.moto.start()
            self.undo.append(self.moto.stop)

    def act(self) -> None:
        self.mock.start() if self.verb == "start" else self.mock.stop()

    def state(self) -> dict[str, Any]:
        """Everything that a start or a stop changes."""
        is_active = current() is not None
        if is_active:
            assert self.client.list_signing_platforms()["platforms"]
        activation = self.mock._activation
        return {
            "environment": {k: v for k, v in os.environ.items() if k.startswith("AWS_")},
            "session": id(boto3.DEFAULT_SESSION),
            "active": is_active,
            "moto": self.moto and type(self.moto)._nested_count,
            "repr": repr(self.mock).partition(",")[2].partition(",")[0],
            "starts": len(activation.holders) if activation else 0,
            "mine": activation.holders.count(self.mock) if activation else 0,
        }

    def finish(self) -> None:
        """Stop all that is started; then everything is as at first, also for other threads."""
        if self.verb == "start":
            self.mock.stop()
        for undo in reversed(self.undo):
            undo()
        is_left = [key for key, value in self.state().items() if value != self.at_first[key]]
        assert set(is_left) <= {"repr"}, f"not as at first: {is_left}"
        assert current() is None
        try:
            self.mock.stop()
        except ActivationError:
            pass
        else:
            raise AssertionError("stopped once more than started")
        done: list[bool] = []
        thread = threading.Thread(target=lambda: done.append(_works(self.client)), daemon=True)
        thread.start()
        thread.join(5)
        assert done == [True], "another thread cannot start a mock any more"


def _works(client: Any) -> bool:
    with mock_signer() as mock:
        assert isinstance(mock, SignerMock)
        return bool(client.list_signing_platforms()["platforms"])


def observe(scenario: Scenario) -> None:
    """Print the states before and after, undisturbed."""
    scenario.prepare()
    before = scenario.state()
    scenario.act()
    after = scenario.state()
    scenario.finish()
    assert before != after
    sys.stdout.write(json.dumps([before, after]))


def interrupt(scenario: Scenario, point: int, before: Any, after: Any, everywhere: bool) -> bool:
    """Interrupt once; returns whether there was such a point."""
    scenario.prepare()
    tracer = Interrupt(point, everywhere)
    sys.settrace(tracer)
    try:
        scenario.act()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(None)
    if not tracer.where:
        return False
    sys.stdout.write(f"{tracer.where}\n")
    state = scenario.state()
    if state == before:
        scenario.act()
        state = scenario.state()
    differing = {key: (state[key], after[key]) for key in state if state[key] != after[key]}
    assert not differing, f"in between: {differing}"
    scenario.finish()
    return True


def in_a_child(work: Callable[[], Any]) -> tuple[int, str]:
    """Do something in a forked process; returns its status and what it printed."""
    end, start = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(start, 1)
        os.dup2(start, 2)
        try:
            status = NO_SUCH_POINT if work() is False else 0
        except BaseException:  # noqa: BLE001 - told to the parent
            traceback.print_exc()
            status = 1
        sys.stdout.flush()
        os._exit(status)
    os.close(start)
    with os.fdopen(end) as said:
        text = said.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text


def attack(name: str, words: list[str]) -> tuple[int, list[str]]:
    """Interrupt a scenario; returns how many points were tried, and what was wrong."""
    stride = next((int(word) for word in words if word.isdigit()), 1)
    scenario = Scenario(name)
    gc.freeze()
    status, text = in_a_child(lambda: observe(scenario))
    assert status == 0, text
    before, after = json.loads(text)
    tried, wrong = 0, []
    for point in itertools.count(1, stride):
        attempt = functools.partial(
            interrupt, scenario, point, before, after, "everywhere" in words
        )
        status, text = in_a_child(attempt)
        if status == NO_SUCH_POINT:
            break
        tried += 1
        if status != 0:
            wrong.append(f"{name}: {text}")
    return tried, wrong


def main() -> None:
    """Attack the start and the stop of a kind of mock; further words choose the points.

    ``cold``: also the imports and patches of a process's first start. ``everywhere``: also in the
    libraries that are called. A number: only each so many points.
    """
    kind, *words = sys.argv[1:]
    boto3.setup_default_session(region_name="eu-west-3")
    if "cold" not in words:
        mock_signer().start().stop()
    verbs = ["stop"] if kind == "around moto" else ["start", "stop"]
    results = [attack(f"{kind} {verb}", words) for verb in verbs]
    wrong = [text for _, texts in results for text in texts]
    sys.stdout.write(json.dumps({"points": sum(tried for tried, _ in results), "wrong": wrong}))


if __name__ == "__main__":
    main()
