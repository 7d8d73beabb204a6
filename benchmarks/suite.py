"""A file of many tiny decorated tests, in a process of pytest."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Times, cpu_of_command, median_ratio

Rows = dict[str, tuple[float, dict[str, object]]]

_HEAD = """
import contextlib, os
from benchmarks.canned import LAMBDA, canned_client, canned_handler, client
"""
_DECORATORS = {
    "ours": "from signer_mock import mock_signer as mocked\nmake = client\n",
    "moto": "from moto import mock_aws as mocked\nmake = client\n",
    "canned": """
@contextlib.contextmanager
def nothing():
    yield

mocked = nothing()
BODY = (
    b'{"profileName":"release","platformId":"AWSLambda-SHA384-ECDSA","status":"Active",'
    b'"arn":"arn:aws:signer:us-east-1:123456789012:/signing-profiles/release"}'
)

def make():
    return canned_client(BODY, {"Content-Type": "application/json"})
""",
}
_TEST = """
@mocked
def test_{number}():
    signer.put_signing_profile(profileName="release", platformId=LAMBDA)
    assert signer.get_signing_profile(profileName="release")["platformId"] == LAMBDA
"""


def run(*, quick: bool) -> Rows:
    count, rounds = (3, 1) if quick else (500, 5)
    times: Times = {name: [] for name in _DECORATORS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        commands = {}
        for kind, decorator in _DECORATORS.items():
            path = folder / f"test_{kind}.py"
            tests = "".join(_TEST.format(number=number) for number in range(count))
            path.write_text(f"{_HEAD}{decorator}signer = make()\n{tests}")
            commands[kind] = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
            commands[kind] += ["-p", "signer_mock.pytest_plugin"] if kind == "ours" else []
            commands[kind].append(path.name)
        for _ in range(rounds):
            for kind, command in commands.items():
                times[kind].append(cpu_of_command(command, folder))
    return {
        "suite": (
            median_ratio(times["ours"], times["canned"]),
            {
                "moto": median_ratio(times["moto"], times["canned"]),
                "seconds": statistics.median(times["ours"]),
                "canned seconds": statistics.median(times["canned"]),
            },
        )
    }
