"""Compare other emulators of AWS Signer with the ledger, and write ``docs/comparison.md``.

``python docs/comparison.py`` runs ``signer-mock parity`` against each, on this machine's loopback
interface. ``./run test`` installs them into ``.venv-peers``.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from signer_mock._cli.parity import main as parity  # noqa: E402 - found by the line above
from signer_mock._parity.guard import ALLOWED  # noqa: E402 - as above
from signer_mock._parity.records import NOT_RUN  # noqa: E402 - as above
from signer_mock._parity.report import RESULTS, difference_rows  # noqa: E402 - as above
from tests.helpers.parity import ACCOUNT, equip, second_profile  # noqa: E402 - as above

PAGE = ROOT / "docs" / "comparison.md"
PEERS = Path(os.environ.get("SIGNER_MOCK_PEERS", ROOT / ".venv-peers"))
CONFIDENCES = ("seen live", "documented", "assumed")

# Whatever it wants to listen on, it listens on the loopback interface.
_ON_LOOPBACK = """
import socket, sys
from importlib.metadata import entry_points

class Loopback(socket.socket):
    def bind(self, address):
        if self.family == socket.AF_INET:
            address = ("127.0.0.1", *address[1:])
        super().bind(address)

socket.socket = Loopback
name, *sys.argv[1:] = sys.argv[1:]
(command,) = entry_points(group="console_scripts", name=name)
sys.exit(command.load()())
"""


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextlib.contextmanager
def running(name: str, *arguments: str, **environ: str) -> Iterator[None]:
    """An emulator, in a process of its own."""
    python = PEERS / "bin" / "python"
    process = subprocess.Popen(  # noqa: S603 - our own words
        [python, "-c", _ON_LOOPBACK, name, *arguments],
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=tempfile.gettempdir(),
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(port: int) -> None:
    """Return when something listens on a port.

    Raises:
        TimeoutError: nothing does.
    """
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
            return
        time.sleep(0.2)
    msg = f"Nothing listens on port {port}."
    raise TimeoutError(msg)


def version_of(package: str) -> str:
    """The version of a package in the emulators' environment."""
    program = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
    done = subprocess.run(  # noqa: S603 - a command of our own
        [PEERS / "bin" / "python", "-c", program, package],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def compare(url: str) -> dict[str, Any]:
    """The recording of a run against an endpoint, with all that it can be given."""

    def client(service: str) -> Any:
        return boto3.Session().client(
            service,
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="test",  # noqa: S106 - no secret
        )

    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w") as nowhere:
        before = dict(os.environ)
        os.environ.update(second_profile(Path(folder)))
        file = Path(folder) / "recording.json"
        with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
            options = [*equip(client), "--second-profile", "second"]
            parity(["--endpoint-url", url, *options, "--record", str(file)])
        for name in second_profile(Path(folder)):
            del os.environ[name]
        os.environ.update(before)
        recording: dict[str, Any] = json.loads(file.read_text())
        return recording


def compare_all() -> dict[str, dict[str, Any]]:
    """The recordings of all emulators, by name and version."""
    found = {}
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running("ministack", GATEWAY_PORT=str(port), LOG_LEVEL="ERROR"):
        wait_for(port)
        found[f"ministack {version_of('ministack')}"] = compare(url)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running("moto_server", "-H", "127.0.0.1", "-p", str(port)):
        wait_for(port)
        found[f"moto {version_of('moto')}"] = compare(url)
    return found


def results(recording: Mapping[str, Any]) -> dict[str, str]:
    """The result of each row."""
    return {row: found["result"] for row, found in recording["rows"].items()}


def operations(recording: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The operations of AWS Signer that did once what they were asked to, and the others."""
    succeeded = set(recording["succeeded"])
    return sorted(ALLOWED["signer"] & succeeded), sorted(ALLOWED["signer"] - succeeded)


def confidences() -> dict[str, str]:
    """The confidence of each row of the ledger."""
    rows = re.findall(r"^\| ([a-z-]+\.[a-z0-9-]+) \|(.*)\|$", LEDGER_TEXT, re.MULTILINE)
    return {row: cells.split(" | ")[2].strip() for row, cells in rows}


LEDGER_TEXT = (ROOT / "docs" / "fidelity.md").read_text()


def page(recordings: Mapping[str, Mapping[str, Any]]) -> str:
    """The page, as Markdown."""
    ledger = confidences()
    lines = [
        "# Comparison with other emulators",
        "",
        "What other emulators of AWS answer where this mock answers as [the ledger](fidelity.md)",
        "says, by [`signer-mock parity`](how-to/parity.md). `python docs/comparison.py` writes",
        "this page; a test runs it again. Every emulator gets the same calls in the same order, a",
        "versioned bucket, a certificate of its own ACM, a role of its own IAM, and",
        "`--irreversible`.",
        "",
        "Read it with care. The ledger is what *this* mock does, so it has no differences here.",
        "A row that is *assumed* proves nothing against anybody: look at those that were *seen",
        "live* or *documented*. An emulator may leave out on purpose what its users do not need,",
        "and these do much that this mock does not: they emulate dozens of other services. An",
        "operation that an emulator does not have counts as *status* where a row needs it to",
        "succeed, and as *not run* where a row needs a refusal or builds on it.",
        "",
        f"| emulator | rows | {' | '.join(RESULTS)} | operations that succeeded once |",
        f"|---|---|{'--:|' * len(RESULTS)}--:|",
    ]
    for name, recording in recordings.items():
        found = results(recording)
        answered, others = operations(recording)
        total = f"{len(answered)} of {len(answered) + len(others)}"
        for confidence in CONFIDENCES:
            rows = [result for row, result in found.items() if ledger.get(row) == confidence]
            counts = " | ".join(str(rows.count(result)) for result in RESULTS)
            lines.append(f"| {name} | {confidence} | {counts} | {total} |")
    for name, recording in recordings.items():
        _, others = operations(recording)
        different = {
            row: found
            for row, found in recording["rows"].items()
            if found["result"] not in ("same", NOT_RUN)
        }
        lines += ["", f"## {name}", ""]
        lines += [f"Never succeeded: {', '.join(others) or 'none'}.", ""]
        lines += ["| Row | Result | Where | Expected | Found |", "|---|---|---|---|---|"]
        lines += map(_steady, difference_rows(different))
        lines += ["", "Not run, or only in part:", ""]
        for reason, rows in not_run(recording).items():
            lines.append(f"* {reason}: {', '.join(f'`{row}`' for row in rows)}")
    return "\n".join(lines) + "\n"


def _steady(line: str) -> str:
    """The line without what is another one in each run."""
    line = re.sub(r"<([a-z-]+)-\d+>", r"<\1>", line)
    return re.sub(r"\b[A-Za-z0-9]{40,}\b", "<text>", line)


def not_run(recording: Mapping[str, Any]) -> dict[str, list[str]]:
    """The rows that were not looked at, by the reason."""
    grouped: dict[str, list[str]] = {}
    for row, found in recording["rows"].items():
        if found["result"] == NOT_RUN:
            grouped.setdefault(found["reasons"][0], []).append(row)
    return grouped


if __name__ == "__main__":
    PAGE.write_text(page(compare_all()))
