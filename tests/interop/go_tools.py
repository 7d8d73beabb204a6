"""The Notary Project's Go code, built and spoken to from tests."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self

MODULE = Path(__file__).parent / "notation"
ADMISSION = Path(__file__).parent / "admission"
PLUGIN = "com.amazonaws.signer.notation.plugin"
OLDEST_GO = (1, 24)  # go.mod's `tool` line
OLDEST_GO_OF_ADMISSION = (1, 26, 6)  # what Kyverno's go.mod asks for
BUILD_SECONDS = 900  # without any cache, on a slow line

#: The path of AWS's own plugin, for those who have it where notation does not look.
REAL_PLUGIN_VARIABLE = "SIGNER_MOCK_NOTATION_PLUGIN"


@dataclass(frozen=True)
class GoTools:
    """Paths of the built programs.

    Attributes:
        notary: answers this package's requests (see `Notary`).
        plugin: stands in for AWS's plugin.
        notation: the `notation` command.
    """

    notary: Path
    plugin: Path
    notation: Path


def why_not(oldest: tuple[int, ...] = OLDEST_GO) -> str | None:
    """Why nothing can be built here; None if it can."""
    go = shutil.which("go")
    if go is None:
        return "Go is not installed (no `go` on PATH)"
    said = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=True)
    version = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", said.stdout)
    if version is not None and tuple(int(part or 0) for part in version.groups()) < oldest:
        return f"Go {'.'.join(map(str, oldest))} or newer is needed, this is {said.stdout.strip()}"
    return None


def build(folder: Path) -> GoTools:
    """Build the programs of notation/ into a folder; where they are current, that takes a moment.

    Raises:
        RuntimeError: with what ``go`` said.
    """
    packages = ["./notary", "./plugin", "github.com/notaryproject/notation/cmd/notation"]
    _go_build(MODULE, folder, *packages)
    return GoTools(*(_program(folder, name) for name in ("notary", "plugin", "notation")))


def build_admission(folder: Path) -> Path:
    """Build the program of admission/ into a folder, and return its path.

    Raises:
        RuntimeError: with what ``go`` said.
    """
    _go_build(ADMISSION, folder, ".")
    return _program(folder, "admission")


def _program(folder: Path, name: str) -> Path:
    return folder / f"{name}{'.exe' if os.name == 'nt' else ''}"


def _go_build(module: Path, folder: Path, *packages: str) -> None:
    made = subprocess.run(
        ["go", "build", "-buildvcs=false", "-o", f"{folder}{os.sep}", *packages],
        cwd=module,
        env={**os.environ, "GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"},
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    if made.returncode != 0:
        raise RuntimeError(f"go build in {module.name} failed:\n{made.stderr}")


def real_plugin() -> Path | None:
    """AWS's own plugin, where it is installed as notation wants it or the variable names it."""
    named = os.environ.get(REAL_PLUGIN_VARIABLE)
    if named:
        return Path(named)
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    installed = home / "notation" / "plugins" / PLUGIN / f"notation-{PLUGIN}"
    return installed if installed.exists() else None


class Notary:
    """The notary program, running: a request in, an answer out, as often as one likes."""

    def __init__(self, program: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(environment)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=60)

    def ask(self, kind: str, **request: Any) -> dict[str, Any]:
        """The answer to a request; Go's structs in notary/*.go say what both consist of."""
        pipes = self._process
        assert pipes.stdin is not None
        assert pipes.stdout is not None
        pipes.stdin.write(json.dumps({"kind": kind, **request}).encode() + b"\n")
        pipes.stdin.flush()
        answer: dict[str, Any] = json.loads(pipes.stdout.readline())
        assert "panic" not in answer, answer
        return answer

    def judge(
        self,
        envelope: bytes,
        roots: bytes,
        identities: Sequence[str],
        artifact: Mapping[str, object],
    ) -> dict[str, Any]:
        """What notation-core-go and notation-go say of an envelope."""
        return self.ask(
            "judge",
            envelope=base64.b64encode(envelope).decode(),
            roots=roots.decode(),
            identities=list(identities),
            artifact=dict(artifact),
        )
