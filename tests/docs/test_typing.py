"""Signatures are kept for type checkers: mypy and pyright agree with tests/typing."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.helpers.constants import ROOT

TYPING = ROOT / "tests" / "typing"
HAS_STUBS = importlib.util.find_spec("mypy_boto3_signer") is not None

WITH_STUBS = """
    from typing import Any

    from mypy_boto3_signer.client import SignerClient
    from typing_extensions import assert_type

    from signer_mock import SignerMock
    from signer_mock.server import SignerServer


    def test_clients(signer_mock: SignerMock, server: SignerServer) -> None:
        account = signer_mock.account("210987654321")
        assert_type(signer_mock.client("signer"), SignerClient)
        assert_type(signer_mock.client("signer", "eu-west-1"), SignerClient)
        assert_type(signer_mock.client(), SignerClient)
        assert_type(signer_mock.client("s3"), Any)
        assert_type(account.client("signer"), SignerClient)
        assert_type(account.client("signer", use_ssl=False), SignerClient)
        assert_type(account.role("ci").client("signer"), SignerClient)
        assert_type(account.user("ann").client("s3"), Any)
        assert_type(server.client("signer"), SignerClient)
        assert_type(server.client(account_id="210987654321"), SignerClient)
        assert_type(server.client("s3"), Any)
        answer = signer_mock.client("signer").sign_payload(
            profileName="release", payloadFormat="application/json", payload=b""
        )
        assert_type(answer["signature"], bytes)


    def test_mistakes(signer_mock: SignerMock, server: SignerServer) -> None:
        signer_mock.client("signer").get_signing_profile(profileName=1)  # type: ignore[arg-type]
        server.client("signer").cancel_signing_profile(name="x")  # type: ignore[call-arg]
        signer_mock.account().client(5)  # type: ignore[call-overload]
"""

WITHOUT_STUBS = """
    from signer_mock import SignerMock
    from signer_mock.server import SignerServer


    def test_clients(signer_mock: SignerMock, server: SignerServer) -> None:
        client = signer_mock.client("signer")
        client.put_signing_profile(profileName="release", platformId="Notation-OCI-SHA384-ECDSA")
        status: int = client.list_signing_jobs()["ResponseMetadata"]["HTTPStatusCode"]
        signer_mock.account().role("ci").client("signer").anything(status)
        server.client("signer").anything()
        signer_mock.client("s3").anything()
"""


def mypy(cwd: Path, *arguments: str) -> str:
    """What mypy finds in a folder; nothing if all is well."""
    pytest.importorskip("mypy", reason="mypy comes with the extra `lint`")
    command = [sys.executable, "-m", "mypy", "--no-error-summary", *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def pyright(tmp_path: Path, include: Path, mode: str = "strict") -> list[str]:
    """What pyright finds in a folder. A ``type: ignore`` that is not needed is an error too."""
    pytest.importorskip("basedpyright", reason="basedpyright comes with the extra `types`")
    config = tmp_path / "pyrightconfig.json"
    rules = {"reportUnnecessaryTypeIgnoreComment": "error", "enableTypeIgnoreComments": True}
    config.write_text(
        json.dumps(
            {"include": [os.fspath(include)], "typeCheckingMode": mode, "pythonVersion": "3.10"}
            | rules
        )
    )
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "-p", os.fspath(config)]
    command += ["--pythonpath", sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"]
    return [
        f"{Path(found['file']).name}:{found['range']['start']['line'] + 1} {found['message']}"
        for found in report["generalDiagnostics"]
        if found["severity"] == "error"
    ]


def write_user(folder: Path, source: str, *, shadow: bool = False) -> Path:
    """Write a user's project, with mypy strict; ``shadow`` hides mypy-boto3-signer from it."""
    folder.mkdir()
    (folder / "test_project.py").write_text(textwrap.dedent(source))
    (folder / "mypy.ini").write_text("[mypy]\nstrict = true\nfiles = test_project.py\n")
    if shadow:
        hidden = folder / "mypy_boto3_signer"
        hidden.mkdir()
        (hidden / "__init__.py").touch()
        (hidden / "client.py").touch()
    return folder


# A type: ignore that is not needed is an error of its own, so the mistakes are held line by line.


def test_mypy_agrees_with_every_expectation():
    assert not mypy(ROOT, "--config-file", "pyproject.toml", "tests/typing")


@pytest.mark.timeout(180)  # pyright starts node, on a machine that may be busy
def test_pyright_agrees_with_every_expectation(tmp_path):
    assert not pyright(tmp_path, TYPING)


@pytest.mark.skipif(not HAS_STUBS, reason="mypy-boto3-signer comes with the extra `types`")
def test_mypy_knows_signers_client(tmp_path):
    assert not mypy(write_user(tmp_path / "user", WITH_STUBS))


@pytest.mark.skipif(not HAS_STUBS, reason="mypy-boto3-signer comes with the extra `types`")
def test_pyright_knows_signers_client(tmp_path):
    assert not pyright(tmp_path, write_user(tmp_path / "user", WITH_STUBS))


def test_without_its_types_the_client_is_any_to_mypy(tmp_path):
    assert not mypy(write_user(tmp_path / "user", WITHOUT_STUBS, shadow=HAS_STUBS))


def test_without_its_types_the_client_is_no_error_to_pyright(tmp_path):
    # Strict mode reports everything that comes from a package without types.
    user = write_user(tmp_path / "user", WITHOUT_STUBS, shadow=HAS_STUBS)
    assert not pyright(tmp_path, user, mode="standard")


def test_the_fixture_has_the_clients_type():
    from signer_mock import pytest_plugin

    text = Path(pytest_plugin.__file__).read_text()
    assert "def signer_client(signer_mock: SignerMock) -> SignerClient:" in text


def test_the_package_says_that_it_is_typed():
    import signer_mock

    assert (Path(signer_mock.__file__).parent / "py.typed").exists()
    assert set(signer_mock.__all__) >= {"SignerMock", "mock_signer"}
