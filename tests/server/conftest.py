"""Other people's clients; each is skipped where it is not installed, as CONTRIBUTING.md says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from signer_mock.server import SignerServer, serve_world
from tests.helpers.server import environment

GO = Path(__file__).parents[1] / "sdk" / "go"


@pytest.fixture
def code(tmp_path: Path, code_zip: bytes) -> Path:
    file = tmp_path / "app.zip"
    file.write_bytes(code_zip)
    return file


def _command(name: str, variable: str) -> str:
    command = os.environ.get(variable) or shutil.which(name)
    if command is None:
        pytest.skip(f"no `{name}` on PATH, no {variable}")
    version = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)
    if version.returncode != 0:
        pytest.skip(f"{command} does not run: {version.stderr.strip()}")
    return command


@pytest.fixture(scope="session")
def aws_command() -> str:
    return _command("aws", "SIGNER_MOCK_AWS_CLI")


@pytest.fixture
def cli_server() -> Iterator[SignerServer]:
    with serve_world(with_moto=True) as server:
        yield server


Aws = Callable[..., Any]


@pytest.fixture
def aws(aws_command: str, cli_server: SignerServer, tmp_path: Path) -> Aws:
    environ = environment(cli_server, tmp_path)

    def run(*arguments: str, refused: bool = False) -> Any:
        done = subprocess.run(
            [aws_command, *arguments, "--output", "json"],
            env=environ,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        # The first and the second version of the CLI have each their own status for a refusal.
        assert done.returncode in ({254, 255} if refused else {0}), done.stderr
        if refused:
            return done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run


@pytest.fixture(scope="session")
def sam_command() -> str:
    return _command("sam", "SIGNER_MOCK_SAM_CLI")


@pytest.fixture(scope="session")
def build_go(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Build a package of tests/sdk/go; returns the program."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("Go is not installed (no `go` on PATH)")
    offline = {**os.environ, "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    there = subprocess.run(
        [go, "mod", "download"], cwd=GO, env=offline, capture_output=True, check=False
    )
    if there.returncode != 0:
        pytest.skip("the SDK for Go is not downloaded: run `go mod download` in tests/sdk/go")

    def build(package: str) -> str:
        program = tmp_path_factory.mktemp("go") / "program"
        built = subprocess.run(
            [go, "build", "-buildvcs=false", "-o", str(program), package],
            cwd=GO,
            env=offline,
            capture_output=True,
            text=True,
            check=False,
        )
        assert built.returncode == 0, built.stderr
        return str(program)

    return build
