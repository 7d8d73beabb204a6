"""The command line as a whole: its help, its version, ``python -m signer_mock``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from signer_mock._cli.main import _COMMANDS

CLI = Path(__file__).parents[2] / "signer_mock" / "_cli"


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "signer_mock", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environ},
    )


def test_every_command_is_listed_and_has_a_module() -> None:
    said = run("--help").stdout
    for command, text in _COMMANDS.items():
        assert f"  {command:8}{text}\n" in said
        assert (CLI / f"{command}.py").is_file()


@pytest.mark.parametrize("command", ["", *_COMMANDS])
def test_help_is_plain_text(command: str) -> None:
    done = run(*([command] if command else []), "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: signer-mock {command}".rstrip())
    for markup in ("`", "**", "\x1b", ":func:"):
        assert markup not in done.stdout
    assert done.stderr == ""


def test_the_version_is_that_of_the_distribution() -> None:
    from importlib.metadata import version

    assert run("--version").stdout == f"signer-mock {version('signer-mock')}\n"


def test_without_a_command_it_shows_its_usage() -> None:
    done = run()
    assert done.returncode == 2
    assert "usage: signer-mock" in done.stdout + done.stderr


def test_an_unknown_command_is_told_the_known_ones() -> None:
    done = run("server")
    assert done.returncode == 2
    assert "serve" in done.stderr
    assert "Traceback" not in done.stderr
