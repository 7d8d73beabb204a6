"""``signer-mock serve`` as whoever starts it sees it: lines, files, signals, exit statuses."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import ssl
import subprocess
import time
from pathlib import Path

import pytest
from cryptography import x509

from signer_mock._server.state.saver import SAVE_SECONDS
from signer_mock.server import Limits
from tests.helpers.constants import NOTATION
from tests.helpers.server import (
    PATIENCE,
    RawConnection,
    ServerProcess,
    command_line,
    control,
    http,
    serving,
    signed,
)


def caller(service: str) -> dict[str, str]:
    """The part of a signature that is looked at."""
    scope = f"123456789012/20260101/us-east-1/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}"}


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command_line(*arguments), capture_output=True, text=True, check=False, timeout=PATIENCE
    )


def test_the_ready_file_tells_all_that_a_client_needs(tmp_path: Path) -> None:
    with serving(tmp_path, "--account", "210987654321", "--region", "eu-west-1") as server:
        assert set(server.ready) == {"url", "port", "pid", "trust_root_pem"}
        assert server.ready["url"] == f"http://127.0.0.1:{server.ready['port']}"
        assert server.ready["pid"] == server.process.pid
        root = x509.load_pem_x509_certificate(server.ready["trust_root_pem"].encode())
        assert "210987654321" in root.subject.rfc4514_string()
        health = control(server, "health").json
        assert (health["account_id"], health["region"]) == ("210987654321", "eu-west-1")
        assert server.stop() == 0
    assert list(tmp_path.iterdir()) == [], "the ready file goes with the server"
    assert server.output.startswith(f"signer-mock is ready at {server.ready['url']} ")
    assert server.errors == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_a_clean_exit(tmp_path: Path, number: signal.Signals) -> None:
    with serving(tmp_path) as server:
        assert server.stop(number) == 0
        assert server.errors == ""


def test_a_signal_stops_it_even_if_the_parent_ignored_it(tmp_path: Path) -> None:
    # A shell starts what it puts into the background with SIGINT ignored.
    old = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with serving(tmp_path) as server:
            assert server.stop(signal.SIGINT) == 0
    finally:
        signal.signal(signal.SIGINT, old)


def test_another_ready_file_of_the_same_name_is_left_alone(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        [file] = tmp_path.iterdir()
        file.write_text("another's")
        server.stop()
        assert file.read_text() == "another's"


def test_the_state_outlives_the_process(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with serving(tmp_path, "--state", file) as server:
        body = json.dumps({"platformId": NOTATION}).encode()
        assert (
            http(f"{server.url}/signing-profiles/kept", "PUT", body, caller("signer")).status == 200
        )
        assert server.stop() == 0
    assert file.stat().st_mode & 0o777 == 0o600
    with serving(tmp_path, "--state", file) as again:
        assert again.ready["trust_root_pem"] == server.ready["trust_root_pem"]
        assert (
            http(f"{again.url}/signing-profiles/kept", headers=caller("signer")).json["status"]
            == "Active"
        )


def put_profile(server: ServerProcess, name: str) -> None:
    body = json.dumps({"platformId": NOTATION}).encode()
    answer = http(f"{server.url}/signing-profiles/{name}", "PUT", body, caller("signer"))
    assert answer.status == 200


def profiles_in(server: ServerProcess) -> list[str]:
    listed = http(f"{server.url}/signing-profiles", headers=caller("signer")).json["profiles"]
    return [profile["profileName"] for profile in listed]


def test_a_kill_loses_at_most_what_the_timer_allows(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with serving(tmp_path, "--state", file) as server:
        put_profile(server, "old")
        time.sleep(SAVE_SECONDS + 1)
        assert server.stop(signal.SIGKILL) == -signal.SIGKILL
    with serving(tmp_path, "--state", file) as again:
        assert profiles_in(again) == ["old"]
        # The root was handed out before the kill.
        assert again.ready["trust_root_pem"] == server.ready["trust_root_pem"]


def test_with_autosave_a_kill_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with serving(tmp_path, "--state", file, "--autosave") as server:
        for number in range(20):
            put_profile(server, f"p_{number:02}")
        assert server.stop(signal.SIGKILL) == -signal.SIGKILL
    with serving(tmp_path, "--state", file) as again:
        assert profiles_in(again) == [f"p_{number:02}" for number in range(20)]
        assert again.ready["trust_root_pem"] == server.ready["trust_root_pem"]


def test_a_second_server_on_the_same_state_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with serving(tmp_path, "--state", file) as server:
        done = run("serve", "--state", file)
        assert done.returncode == 2
        assert "in use by another server" in done.stderr
        assert "Traceback" not in done.stderr
        assert server.stop() == 0


def test_a_signal_ends_it_in_time_despite_half_sent_requests(tmp_path: Path) -> None:
    with serving(tmp_path) as server, contextlib.ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(RawConnection(server)).send(b"GET /half")
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < Limits().stop_seconds + 2


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with serving(tmp_path) as server, RawConnection(server) as connection:
        waiting = ("Expect: 100-continue", "Content-Length: 9")
        connection.send(signed("PUT", "/signing-profiles/half", *waiting))
        assert connection.read().status == 100
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert server.stop() == -signal.SIGTERM


def test_a_foreign_state_file_is_refused_and_left(tmp_path: Path) -> None:
    file = tmp_path / "terraform.tfstate"
    file.write_text('{"version": 4}')
    done = run("serve", "--state", file)
    assert done.returncode == 2
    assert "not a state file of signer_mock" in done.stderr
    assert "Traceback" not in done.stderr
    assert file.read_text() == '{"version": 4}'


def test_a_state_that_cannot_be_saved_is_an_exit_of_1(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with serving(tmp_path, "--state", folder / "state.db") as server:
        shutil.rmtree(folder)
        assert server.stop() == 1
    assert "could not be saved" in server.errors
    assert "Traceback" not in server.errors


def test_tls_prints_the_root_that_its_certificate_has(tmp_path: Path) -> None:
    with serving(tmp_path, "--tls") as server:
        assert server.url.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cadata=server.ready["trust_root_pem"])
        assert http(f"{server.url}/_signer_mock/health", context=trusting).status == 200
        server.stop()
    assert server.ready["trust_root_pem"] in server.output


def test_only_this_machine_can_call_unless_it_is_asked_for(tmp_path: Path) -> None:
    with serving(tmp_path, "--host", "0.0.0.0") as server:
        assert control(server, "health").status == 200
        assert server.ready["url"].startswith("http://127.0.0.1:")
        server.stop()
    assert "Warning: listening on 0.0.0.0." in server.errors


@pytest.mark.parametrize("host", ["localhost", "::1"])
def test_every_loopback_address_is_without_warning(tmp_path: Path, host: str) -> None:
    with serving(tmp_path, "--host", host) as server:
        assert http(f"{server.url}/_signer_mock/health").status == 200
        server.stop()
    assert server.errors == ""


def test_a_port_in_use_is_reported(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        done = run("serve", "--port", server.port)
    assert done.returncode == 2
    assert f"port {server.port} is in use" in done.stderr
    assert "leave out --port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--port", "70000"], "not a port number"),
        (["--port", "-1"], "not a port number"),
        (["--port", "http"], "not a port number"),
        (["--account", "12345"], "twelve digits"),
        (["--account", "12345678901²"], "twelve digits"),
        (["--region", "Virginia"], "not the name of a region"),
        (["--colour", "red"], "unrecognized arguments"),
        (["--ready-file", os.devnull + "/x"], "Not a directory"),
        (["--ready-file", "/absent/ready.json"], "could not be written"),
        (["--host", "absent.invalid"], "cannot listen on absent.invalid"),
        (["--allow-origin", "*"], "scheme and host"),
        (["--autosave"], "needs --state"),
        (["--state", "/absent/state.db"], "no such folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_invalid_options_exit_with_2(arguments: list[str], complaint: str) -> None:
    done = run("serve", *arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_with_s3_serves_moto_beside_signer(tmp_path: Path) -> None:
    with serving(tmp_path, "--with-moto") as server:
        assert http(f"{server.url}/bucket", "PUT", headers=caller("s3")).status == 200
        assert b"<Name>bucket</Name>" in http(f"{server.url}/", headers=caller("s3")).body
        assert control(server, "health").json["with_moto"] is True
        assert server.stop() == 0


def test_a_seed_repeats_the_ids(tmp_path: Path) -> None:
    versions = []
    body = json.dumps({"platformId": NOTATION}).encode()
    for _ in range(2):
        with serving(tmp_path, "--seed", "7") as server:
            answer = http(f"{server.url}/signing-profiles/same", "PUT", body, caller("signer"))
            versions.append(answer.json["profileVersion"])
    assert versions[0] == versions[1]
