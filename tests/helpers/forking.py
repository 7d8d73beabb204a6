"""Run something in a forked child."""

from __future__ import annotations

import os
import select
import signal
import warnings
from collections.abc import Callable

import pytest

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def in_a_child(body: Callable[[], object]) -> str:
    """Run in a forked child, and return what it says."""
    read, write = os.pipe()
    with warnings.catch_warnings():
        # Python 3.12 and later warn of forks of processes with threads, which is the point here.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            text = str(body())
        except BaseException as error:  # noqa: BLE001 - told to the parent
            text = repr(error)
        os.write(write, text.encode())
        os._exit(0)
    os.close(write)
    if not select.select([read], [], [], 20)[0]:
        os.kill(child, signal.SIGKILL)
    with os.fdopen(read) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return text
