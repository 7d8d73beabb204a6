"""The command line as a whole: its help, its version, ``python -m signer_mock``."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from signer_mock import mock_signer
from signer_mock._cli import demo
from signer_mock._cli.main import _COMMANDS, main

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


def test_an_unknown_command_gets_the_list_of_commands() -> None:
    done = run("server")
    assert done.returncode == 2
    assert "serve" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def stuck(tmp_path: Path) -> Path:
    """A folder with an ``openssl`` that does not end."""
    program = tmp_path / "openssl"
    program.write_text("#!/bin/sh\n: >started\nexec sleep 60\n")
    program.chmod(0o755)
    return tmp_path


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """Processes started meanwhile take SIGINT, though a shell in the background ignores it."""
    old = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, old)


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_ends_a_command_without_a_word(stuck: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "signer_mock", "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PATH": f"{stuck}:{os.environ['PATH']}", "TMPDIR": str(stuck)},
        start_new_session=True,  # as a terminal does, which interrupts all of a pipeline
    ) as process:
        deadline = time.monotonic() + 40
        while not list(stuck.glob("*/started")):
            assert time.monotonic() < deadline, "openssl was not called"
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert (output, errors) == (b"", b"")
    assert [path.name for path in stuck.iterdir()] == ["openssl"], "its files are left"


# Without a buffer argparse itself passes over what it cannot write.
BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


@pytest.mark.parametrize("line", ["--help", "--version", "sign --help", "demo"])
def test_a_reader_that_goes_away_is_no_error(line: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as output:
        done = subprocess.run(
            [sys.executable, "-m", "signer_mock", *line.split()],
            stdout=output,
            stderr=subprocess.PIPE,
            check=False,
            env=BUFFERED,
        )
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is full")
def test_output_that_cannot_be_written_is_told_in_a_sentence() -> None:
    with Path("/dev/full").open("w") as output:
        done = subprocess.run(
            [sys.executable, "-m", "signer_mock", "--help"],
            stdout=output,
            stderr=subprocess.PIPE,
            check=False,
            env=BUFFERED,
        )
    assert (done.returncode, done.stderr) == (2, b"signer-mock: No space left on device.\n")


def test_a_closed_standard_output_is_no_error() -> None:
    command = f"{sys.executable} -m signer_mock demo >&-"
    done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def shown_on_a_terminal(line: str, **environ: str) -> str:
    master, terminal = pty.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "signer_mock", *line.split()],
            stdout=terminal,
            env={**os.environ, "TERM": "xterm", "NO_COLOR": "", "COLUMNS": "80", **environ},
        )
        os.close(terminal)
        shown = b""
        with process:
            while True:
                try:
                    some = os.read(master, 4096)
                except OSError:  # Linux says so when the other end is closed
                    break
                if not some:
                    break
                shown += some
        assert process.returncode == 0
        return shown.decode()
    finally:
        os.close(master)


def test_a_terminal_sees_colours() -> None:
    assert "\x1b[32myes\x1b[0m" in shown_on_a_terminal("demo")


@pytest.mark.parametrize(
    ("environ", "is_terminal", "is_coloured"),
    [
        ({}, True, True),
        ({"NO_COLOR": ""}, True, True),  # as no-color.org has it, when it is not empty
        ({"NO_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
        ({}, False, False),
    ],
)
def test_colours_can_be_declined(
    environ: dict[str, str],
    is_terminal: bool,
    is_coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in {"NO_COLOR": "", "TERM": "xterm", **environ}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal, raising=False)
    demo._print_rows("title", {"row": "value"})
    assert ("\x1b" in capsys.readouterr().out) is is_coloured


UNREADABLE = [
    pytest.param("absent", "There is no file absent.", id="absent"),
    pytest.param("absent/file", "There is no folder absent.", id="no folder"),
    pytest.param(".", ". is a directory, and a file is needed.", id="directory"),
    pytest.param("file/x", "file/x cannot be used: Not a directory.", id="below a file"),
    pytest.param(
        "/proc/self/mem",
        "/proc/self/mem cannot be used: Input/output error.",
        id="unreadable",
        marks=pytest.mark.skipif(
            not Path("/proc/self/mem").exists(), reason="a file that not even root can read"
        ),
    ),
]


@pytest.mark.parametrize("file", ["{}", "file --root {}", "file --root root.pem --source {}"])
@pytest.mark.parametrize(("name", "complaint"), UNREADABLE)
def test_verify_says_which_file_it_cannot_read(
    file: str,
    name: str,
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    with mock_signer(seed=1) as mock:
        Path("root.pem").write_bytes(mock.account().trust_root_pem)
    Path("file").write_text("{}")
    line = f"verify {file.format(name)}"
    assert main((line if "--root" in line else f"{line} --root root.pem").split()) == 2
    assert capsys.readouterr() == ("", f"signer-mock verify: {complaint}\n")


@pytest.mark.parametrize("line", ["demo {}", "sign {} --profile release", "parity apply {}"])
@pytest.mark.parametrize(("name", "complaint"), UNREADABLE)
def test_every_command_says_which_file_it_cannot_read(
    line: str,
    name: str,
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("{}")
    assert main(line.format(name).split()) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.endswith(f": {complaint}\n")
    assert said.err.count("\n") == 1


def test_a_defect_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_arguments: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("signer_mock._cli.demo.main", fail)
    with pytest.raises(ZeroDivisionError):
        main(["demo"])
