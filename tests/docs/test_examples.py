"""The examples that people copy: each passes its own tests, away from this repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import metadata
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"

PYTEST = ("pytest", "-q", "-W", "error", "-p", "no:asyncio", "-p", "no:cacheprovider")
UNITTEST = ("unittest",)
# The command of each, and how many of its tests pass.
COMMANDS = {
    "fastapi_app": (PYTEST, 4),
    "image_signing": (PYTEST, 3),
    "lambda_deploy": (PYTEST, 5),
    "pytest_project": (PYTEST, 5),
    "unittest_project": (UNITTEST, 3),
}

# Python runs it at its start: nothing but this process's own sockets can be reached.
NO_NETWORK = """
import socket

def refuse(sock, address):
    raise AssertionError(f"an example tried to connect to {address}")

socket.socket.connect = socket.socket.connect_ex = refuse
"""


def run(project: Path, command: tuple[str, ...], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a project's tests, in a process that has no network."""
    start = folder / "start"
    start.mkdir()
    (start / "sitecustomize.py").write_text(NO_NETWORK)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "PYT"))}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=project,
        env={**kept, "PYTHONPATH": str(start), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


# Each is a process of its own that imports boto3, moto and more, longer on a busy machine.
@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_passes_its_own_tests(name: str, tmp_path: Path) -> None:
    project = tmp_path / name
    shutil.copytree(EXAMPLES / name, project, ignore=shutil.ignore_patterns("__pycache__"))
    command, passing = COMMANDS[name]
    done = run(project, command, tmp_path)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert re.search(rf"\b{passing} passed|Ran {passing} tests", said), said


def test_an_example_that_goes_out_fails(tmp_path: Path) -> None:
    (tmp_path / "test_out.py").write_text(
        "import socket, unittest\n"
        "class Out(unittest.TestCase):\n"
        "    def test(self):\n"
        "        socket.create_connection(('127.0.0.1', 9))\n"
    )
    done = run(tmp_path, UNITTEST, tmp_path)
    assert done.returncode != 0
    assert "tried to connect to ('127.0.0.1', 9)" in done.stderr


def test_every_example_is_listed_and_has_a_short_readme() -> None:
    folders = {path.parent.name for path in EXAMPLES.glob("*/README.md")}
    assert folders == {*COMMANDS, "notebook"}
    index = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for folder in folders:
        assert f"]({folder})" in index
        assert len((EXAMPLES / folder / "README.md").read_text().splitlines()) <= 10


@pytest.mark.parametrize("file", ["*/README.md", "*/.github/workflows/*.yml", "*/pyproject.toml"])
def test_the_extras_that_an_example_names_exist(file: str) -> None:
    named = re.findall(
        r"\b(moto|signer-mock)\[([\w,]+)\]",
        "".join(path.read_text() for path in EXAMPLES.glob(file)),
    )
    assert named
    for distribution, extras in named:
        known = metadata(distribution).get_all("Provides-Extra") or []
        assert set(extras.split(",")) <= set(known)
