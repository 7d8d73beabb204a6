"""A server's world in a file, from one run to the next."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import sqlite3
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from signer_mock._server.state import StateFile, saver
from signer_mock._server.state.codec import encode
from signer_mock._server.state.file import _digest
from signer_mock._server.state.json_form import checksum
from signer_mock._service.new_world import new_world
from signer_mock._service.records import DEFAULT_VALIDITY, Job, Profile
from signer_mock._service.stores import RegionStore
from signer_mock._service.world import World
from signer_mock.errors import StateFileError
from signer_mock.server import SignerServer, serve_world
from signer_mock.verify import verify_notation_envelope
from tests.helpers.constants import (
    ACCOUNT,
    CERTIFICATE,
    IOT,
    LAMBDA,
    NOTATION,
    OTHER,
    PAYLOAD,
    PAYLOAD_FORMAT,
)
from tests.helpers.server import http
from tests.helpers.zip_archives import code_zip


def live(server: SignerServer) -> dict[str, Any]:
    """Do a bit of everything; returns what must be the same in the next run."""
    owner, partner = server.client(), server.client(account_id=OTHER)
    objects = f"{server.url}/_signer_mock/objects"
    http(f"{objects}/code?region=us-east-1", "PUT")
    version = http(f"{objects}/code/app.zip", "PUT", code_zip()).json["version"]

    owner.put_signing_profile(
        profileName="code",
        platformId=LAMBDA,
        signatureValidityPeriod={"value": 3, "type": "MONTHS"},
        tags={"team": "a"},
    )
    owner.put_signing_profile(
        profileName="device",
        platformId=IOT,
        signingMaterial={"certificateArn": CERTIFICATE},
        signingParameters={"certname": "x"},
        overrides={"signingConfiguration": {"hashAlgorithm": "SHA256"}},
    )
    owner.put_signing_profile(profileName="images", platformId=NOTATION)
    owner.put_signing_profile(profileName="gone", platformId=NOTATION)
    owner.cancel_signing_profile(profileName="gone")
    partner.put_signing_profile(profileName="theirs", platformId=NOTATION)
    owner.add_profile_permission(
        profileName="images",
        action="signer:SignPayload",
        principal=OTHER,
        statementId="partner",
    )
    order = {
        "source": {"s3": {"bucketName": "code", "key": "app.zip", "version": version}},
        "destination": {"s3": {"bucketName": "code", "prefix": "signed/"}},
        "profileName": "code",
        "clientRequestToken": "once",
    }
    job_id = owner.start_signing_job(**order)["jobId"]
    owner.start_signing_job(**{**order, "profileName": "device", "clientRequestToken": "twice"})
    revoked = owner.start_signing_job(**{**order, "clientRequestToken": "thrice"})["jobId"]
    owner.revoke_signature(jobId=revoked, reason="lost")
    partner.sign_payload(
        profileName="images", profileOwner=ACCOUNT, payload=PAYLOAD, payloadFormat=PAYLOAD_FORMAT
    )
    return {"order": order, "job_id": job_id}


def look(server: SignerServer) -> Any:
    """All that the operations show."""
    seen: dict[str, Any] = {}
    for account in (ACCOUNT, OTHER):
        signer = server.client(account_id=account)
        profiles = signer.list_signing_profiles(includeCanceled=True)["profiles"]
        jobs = signer.list_signing_jobs()["jobs"]
        seen[account] = {
            "profiles": [
                signer.get_signing_profile(profileName=p["profileName"]) for p in profiles
            ],
            "jobs": [signer.describe_signing_job(jobId=job["jobId"]) for job in jobs],
            "revoked": [job["isRevoked"] for job in jobs],
        }
    permissions = server.client().list_profile_permissions(profileName="images")
    for answer in (permissions, *_answers(seen)):
        answer.pop("ResponseMetadata")
    return seen, permissions


def everything(world: World) -> Any:
    """All that the world holds, as plain values."""
    return (
        {
            key: dataclasses.asdict(store)
            for key, store in world.stores().items()
            if store.profile_history or store.jobs
        },
        {account.account_id: account.certificates for account in world.accounts()},
        world.memory_objects.export(),
        world.revoked_certificates,
    )


def _answers(seen: dict[str, Any]) -> list[Any]:
    return [answer for held in seen.values() for answer in held["profiles"] + held["jobs"]]


def test_a_server_continues_from_the_saved_state(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with serve_world(state=file) as server:
        before = live(server)
        seen = look(server)
        held = everything(server.world)
    with serve_world(state=file) as server:
        assert everything(server.world) == held
        assert look(server) == seen
        again = server.client().start_signing_job(**before["order"])
        assert again["jobId"] == before["job_id"], "the request token is remembered"
        url = f"{server.url}/_signer_mock/objects/code/signed/{before['job_id']}.zip"
        assert http(url).status == 200


def test_keys_and_roots_are_the_same_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with serve_world(state=file) as server:
        server.client().put_signing_profile(profileName="images", platformId=NOTATION)
        root = server.trust_root_pem()
        old_leaf = _sign(server)
    with serve_world(state=file) as server:
        assert server.trust_root_pem() == root
        assert _sign(server) == old_leaf


def _sign(server: SignerServer) -> Any:
    signature = server.client().sign_payload(
        profileName="images", payload=PAYLOAD, payloadFormat=PAYLOAD_FORMAT
    )["signature"]
    return verify_notation_envelope(signature, server.trust_root_pem()).certificates[0]


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.touch(mode=0o644)
    file.unlink()
    with serve_world(state=file):
        pass
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file], "nothing is left beside it"


def test_the_file_is_private_from_the_start(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with serve_world(state=file):
        for found in tmp_path.iterdir():
            assert stat.S_IMODE(found.stat().st_mode) == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    link.symlink_to(real)
    with serve_world(state=link) as server:
        server.client().put_signing_profile(profileName="images", platformId=NOTATION)
    assert link.is_symlink()
    assert b'"images"' in real.read_bytes()


def test_seeded_ids_go_on_and_do_not_begin_again(tmp_path: Path) -> None:
    file = tmp_path / "state.json"

    def next_version() -> str:
        with serve_world(state=file, seed=7) as server:
            number = len(server.world.store(ACCOUNT, "us-east-1").profiles)
            answer = server.client().put_signing_profile(
                profileName=f"p_{number}", platformId=NOTATION
            )
            return str(answer["profileVersion"])

    versions = [next_version() for _ in range(3)]
    assert len(set(versions)) == 3


def test_a_job_under_way_is_a_failed_one_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with serve_world(state=file) as server:
        job_id = live(server)["job_id"]
        job = server.world.store(ACCOUNT, "us-east-1").jobs_by_id[job_id]
        job.status, job.status_reason, job.completed_at = "InProgress", None, None
    with serve_world(state=file) as server:
        answer = server.client().describe_signing_job(jobId=job_id)
        assert answer["status"] == "Failed"
        assert "stopped" in answer["statusReason"]


def a_state_file(folder: Path) -> Path:
    file = folder / "state.db"
    with serve_world(state=file) as server:
        live(server)
    return file


def load(file: Path) -> World:
    """What a server would begin with; the file is free again afterwards."""
    world = new_world()
    state = StateFile(file)
    try:
        state.load(world)
    finally:
        state.close()
    return world


VERSION_1 = Path(__file__).with_name("state_of_version_1.json")


def edited(**changes: Any) -> bytes:
    return json.dumps({**json.loads(VERSION_1.read_text()), **changes}).encode()


def sqlite_file(file: Path, *statements: str) -> bytes:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    data = file.read_bytes()
    file.unlink()
    return data


def foreign_files(folder: Path) -> dict[str, tuple[bytes, str]]:
    scratch = folder / "scratch"
    mark = f"PRAGMA application_id={0x53474D4B}"
    table = "CREATE TABLE t (x)"
    return {
        "nothing": (b"", "is damaged"),
        "bytes": (b"\0\1\2", "is damaged"),
        "a cut document": (b'{"format": "signer_mock st', "is damaged"),
        "a list": (b"[]", "not a state file"),
        "an object": (b"{}", "not a state file"),
        "terraform's": (b'{"format": "terraform", "version": 4}', "not a state file"),
        "a later document": (b'{"format": "signer_mock state", "version": 2}', "version 2"),
        "no checksum": (b'{"format": "signer_mock state", "version": 1}', "checksum"),
        "no content": (b'{"format": "signer_mock state", "version": 1, "state": {}}', "checksum"),
        "too deep": (b"[" * 100_000, "is damaged"),
        "another program's database": (sqlite_file(scratch, table), "not a state file"),
        "a later database": (sqlite_file(scratch, table, mark), "version 0"),
        "a database without its tables": (
            sqlite_file(scratch, table, mark, "PRAGMA user_version=2"),
            "is damaged",
        ),
        "a header alone": (b"SQLite format 3\0" + bytes(10), "is damaged"),
        "a header and noise": (
            sqlite_file(scratch, table, mark, "PRAGMA user_version=2")[:100] + b"x" * 5000,
            "is damaged",
        ),
    }


def test_a_foreign_or_damaged_file_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "state"
    for name, (content, message) in foreign_files(tmp_path).items():
        file.write_bytes(content)
        with pytest.raises(StateFileError, match=message):
            serve_world(state=file)
        assert file.read_bytes() == content, name
        assert list(tmp_path.iterdir()) == [file], name


@pytest.mark.parametrize("version", [1, 2])
def test_a_truncated_file_is_refused_at_every_length(tmp_path: Path, version: int) -> None:
    whole = (VERSION_1 if version == 1 else a_state_file(tmp_path)).read_bytes()
    file = tmp_path / "cut"
    for end in range(0, len(whole) - 1, len(whole) // 40):
        file.write_bytes(whole[:end])
        with pytest.raises(StateFileError):
            load(file)
        assert file.read_bytes() == whole[:end]


@pytest.mark.parametrize("version", [1, 2])
def test_one_changed_character_is_noticed(tmp_path: Path, version: int) -> None:
    whole = (VERSION_1 if version == 1 else a_state_file(tmp_path)).read_bytes()
    file = tmp_path / "changed"
    # The word is in profiles and, in SQLite, in the index of their names.
    for text in (b'"images"', b"app.py") if version == 2 else (b'"images"',):
        assert text in whole
        file.write_bytes(whole.replace(text, text.swapcase(), 1))
        with pytest.raises(StateFileError, match="is damaged"):
            load(file)


def wrong_states(state: dict[str, Any]) -> dict[str, Any]:
    """States with a right checksum that no signer_mock has written."""
    profile, job = state["profiles"][0], state["jobs"][0]
    store = state["stores"][0]
    return {
        "nothing": {},
        "a part missing": {k: v for k, v in state.items() if k != "jobs"},
        "accounts in a list": {**state, "accounts": []},
        "keys that are none": {**state, "accounts": {ACCOUNT: {"authority": {"root.key": "x"}}}},
        "a field unknown": {**state, "profiles": [{**profile, "colour": "red"}]},
        "a field missing": {**state, "profiles": [{"name": "x"}]},
        "a number for a name": {**state, "profiles": [{**profile, "name": 7}]},
        "a platform unknown": {**state, "profiles": [{**profile, "platform": "Toaster"}]},
        "a time without zone": {**state, "jobs": [{**job, "created_at": "2026-01-01T00:00:00"}]},
        "a time that is none": {**state, "jobs": [{**job, "created_at": "today"}]},
        "a profile not there": {**state, "jobs": [{**job, "profile": 99}]},
        "a job not there": {**state, "stores": [{**store, "jobs": [99]}]},
        "true for a number": {**state, "objects": {"buckets": {}, "stored": True}},
        "a bucket of text": {**state, "objects": {"buckets": {"b": "x"}, "stored": 0}},
    }


def test_invalid_states_are_refused_even_with_a_good_checksum(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    state = json.loads(VERSION_1.read_text())["state"]
    for name, wrong in wrong_states(state).items():
        file.write_bytes(edited(state=wrong, sha256=checksum(wrong)))
        with pytest.raises(StateFileError, match="is damaged"):
            load(file)
        assert list(tmp_path.iterdir()) == [file], name


WRONG_ROWS = {
    "a kind that is none": ("toaster", "x", {}),
    "a profile without anything": ("profile", "x", {}),
    "a job of no profile": ("job", "x", {"profile": "absent"}),
    "a listing of no job": (
        "listing",
        "x",
        {"account_id": ACCOUNT, "region": "us-east-1", "job": "absent"},
    ),
    "a token of no job": (
        "token",
        "x",
        {"account_id": ACCOUNT, "region": "us-east-1", "token": "x", "job": "absent"},
    ),
    "an account of text": ("account", ACCOUNT, "x"),
    "keys that are none": (
        "account",
        ACCOUNT,
        {"authority": {"root.key": "x"}, "certificates": {}},
    ),
    "a bucket of numbers": ("bucket", "code", {"versioning": 1, "region": None}),
    "a world without its parts": ("world", "world", {}),
}


@pytest.mark.parametrize("row", WRONG_ROWS.values(), ids=WRONG_ROWS.keys())
def test_invalid_rows_are_refused_even_with_a_good_checksum(
    tmp_path: Path, row: tuple[str, str, Any]
) -> None:
    file = a_state_file(tmp_path)
    kind, name, value = row
    text = json.dumps(value)
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute(
            "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)",
            (kind, name, text, _digest((kind, name, text))),
        )
        connection.commit()
    with pytest.raises(StateFileError, match="is damaged"):
        load(file)


@pytest.mark.parametrize("depth", [1_000, 5_000, 100_000])
def test_a_row_that_is_nested_deeply_is_refused(tmp_path: Path, depth: int) -> None:
    file = a_state_file(tmp_path)
    text = '{"versioning":' + "[" * depth + "]" * depth + "}"
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute(
            "INSERT INTO rows VALUES (?, ?, ?, ?)",
            ("bucket", "x", text, _digest(("bucket", "x", text))),
        )
        connection.commit()
    with pytest.raises(StateFileError, match="is damaged"):
        load(file)


@pytest.mark.parametrize("depth", [1_000, 5_000])
def test_a_document_that_is_nested_deeply_is_refused(tmp_path: Path, depth: int) -> None:
    state = '{"accounts":' + "[" * depth + "]" * depth + "}"
    digest = hashlib.sha256(state.encode()).hexdigest()
    file = tmp_path / "state"
    file.write_text(
        f'{{"format": "signer_mock state", "version": 1, "sha256": "{digest}", "state": {state}}}'
    )
    with pytest.raises(StateFileError, match="is damaged"):
        load(file)


ENDLESS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT '' AS kind, '' AS name, '' AS value, x'' AS sha256 FROM n WHERE i < 0"
)


@pytest.mark.timeout(20)  # an endless query is ended by nothing else
@pytest.mark.parametrize(
    "statements",
    [
        ["DROP TABLE rows", f"CREATE VIEW rows AS {ENDLESS}"],
        ["CREATE TRIGGER t AFTER INSERT ON rows BEGIN DELETE FROM rows; END"],
        ["ALTER TABLE rows ADD COLUMN more TEXT"],
        ["CREATE TABLE more (x)"],
        ["CREATE INDEX more ON rows (value)"],
    ],
    ids=["endless view", "trigger", "column", "table", "index"],
)
def test_a_file_with_other_tables_is_refused(tmp_path: Path, statements: list[str]) -> None:
    file = a_state_file(tmp_path)
    with contextlib.closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    with pytest.raises(StateFileError, match="its tables are not those of signer_mock"):
        load(file)


def test_an_object_of_no_bucket_is_refused(tmp_path: Path) -> None:
    file = a_state_file(tmp_path)
    head = ("absent", "k", "v", "text/plain")
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute(
            "INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?)", (*head, b"x", _digest(head, b"x"))
        )
        connection.commit()
    with pytest.raises(StateFileError, match="is damaged"):
        load(file)


def test_a_file_of_the_first_form_is_read_and_replaced(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_bytes(VERSION_1.read_bytes())
    state = json.loads(VERSION_1.read_text())["state"]
    with serve_world(state=file) as server:
        seen = look(server)
        held = everything(server.world)
        root = server.trust_root_pem()
    assert len(seen[0][ACCOUNT]["jobs"]) == len(state["jobs"])
    assert file.read_bytes().startswith(b"SQLite format 3\0")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    with serve_world(state=file) as server:
        assert look(server) == seen
        assert everything(server.world) == held
        assert server.trust_root_pem() == root


def test_a_file_of_the_first_form_is_converted_by_one_server(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_bytes(VERSION_1.read_bytes())
    first, second = StateFile(file), StateFile(file)
    first.load(new_world())
    with pytest.raises(StateFileError, match="in use"):
        second.load(new_world())
    second.close()
    first.close()
    assert list(tmp_path.iterdir()) == [file]


def test_two_servers_on_one_file_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with serve_world(state=file) as server:
        server.client().put_signing_profile(profileName="mine", platformId=NOTATION)
        with pytest.raises(StateFileError, match="in use by another server"):
            serve_world(state=file)
    with serve_world(state=file) as server:
        assert server.client().get_signing_profile(profileName="mine")


def test_a_new_file_is_one_servers_too(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    first = serve_world(state=file)
    with pytest.raises(StateFileError, match="in use by another server"):
        serve_world(state=file)
    first.stop()
    serve_world(state=file).stop()


def test_what_has_changed_is_saved_on_the_timer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saver, "SAVE_SECONDS", 0.05)
    file, copy = tmp_path / "state.db", tmp_path / "copy.db"
    with serve_world(state=file) as server:
        before = live(server)
        held = everything(server.world)
        deadline = time.monotonic() + 10
        while True:  # what a kill would leave
            copy.write_bytes(file.read_bytes())
            if everything(load(copy)) == held:
                break
            assert time.monotonic() < deadline
            time.sleep(0.05)
        # Each change of a kind that was written before.
        server.client().revoke_signature(jobId=before["job_id"], reason="lost")
        server.client().cancel_signing_profile(profileName="code")
        http(f"{server.url}/_signer_mock/objects/code/app.zip", "PUT", b"newer")
        held = everything(server.world)
    assert everything(load(file)) == held


def test_a_timer_that_cannot_save_says_so_once_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(saver, "SAVE_SECONDS", 0.02)
    file = tmp_path / "state.db"
    save = StateFile.save
    failed: list[World] = []

    def full(state: StateFile, world: World) -> None:
        if len(failed) < 3:
            failed.append(world)
            msg = "the disk is full"
            raise StateFileError(msg)
        save(state, world)

    with serve_world(state=file) as server:
        monkeypatch.setattr(StateFile, "save", full)
        live(server)
        deadline = time.monotonic() + 10
        while len(failed) < 3:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        held = everything(server.world)
    assert capsys.readouterr().err == "signer-mock: the disk is full\n"
    assert everything(load(file)) == held


def test_each_change_is_saved_before_its_answer_if_asked(tmp_path: Path) -> None:
    file, copy = tmp_path / "state.db", tmp_path / "copy.db"
    with serve_world(state=file, autosave=True) as server:
        for number in range(3):
            server.client().put_signing_profile(profileName=f"p_{number}", platformId=NOTATION)
            copy.write_bytes(file.read_bytes())
            assert len(load(copy).store(ACCOUNT, "us-east-1").profiles) == number + 1
        http(f"{server.url}/_signer_mock/objects/new", "PUT")
        copy.write_bytes(file.read_bytes())
        assert "new" in load(copy).memory_objects.export()[0]
        root = server.trust_root_pem()
        server.client().sign_payload(
            profileName="p_0", payload=PAYLOAD, payloadFormat=PAYLOAD_FORMAT
        )
        copy.write_bytes(file.read_bytes())
        assert load(copy).account(ACCOUNT).authority.trust_root_pem == root


def test_a_reset_empties_the_file_too(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with serve_world(state=file) as server:
        live(server)
        root = server.trust_root_pem()
    with serve_world(state=file) as server:
        http(f"{server.url}/_signer_mock/reset", "POST")
        server.client().put_signing_profile(profileName="later", platformId=NOTATION)
    world = load(file)
    assert list(world.store(ACCOUNT, "us-east-1").profiles) == ["later"]
    assert world.memory_objects.export() == ({}, 0)
    assert world.account(ACCOUNT).authority.trust_root_pem == root


def test_a_hundred_megabytes_are_saved_and_loaded_in_seconds(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    world = new_world()
    world.memory_objects.create_bucket("large", versioning=True)
    for number in range(10):
        world.memory_objects.put("large", f"object {number}", os.urandom(10 << 20))
    started = time.monotonic()
    state = StateFile(file)
    state.save(world)
    state.close()
    saved = time.monotonic()
    again = load(file)
    loaded = time.monotonic()
    assert everything(again) == everything(world)
    assert saved - started < 5
    assert loaded - saved < 5


def test_what_has_not_changed_is_not_written_again(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with serve_world(state=file) as server:
        live(server)
        server.world.memory_objects.put("code", "large", bytes(10 << 20))
    state = StateFile(file)
    world = new_world()
    state.load(world)
    before = file.stat().st_mtime_ns
    state.save(world)
    assert file.stat().st_mtime_ns == before
    state.close()


def test_a_file_that_cannot_be_read_or_written_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StateFileError, match="cannot be read"):
        load(tmp_path)
    with pytest.raises(StateFileError, match="no such folder"):
        serve_world(state=tmp_path / "absent" / "state.db")
    state = StateFile(tmp_path / "state.db")
    (tmp_path / "state.db").unlink()
    with pytest.raises(StateFileError, match="has been removed"):
        state.save(new_world())
    state.close()


def test_a_save_that_fails_leaves_the_old_state(tmp_path: Path) -> None:
    file = a_state_file(tmp_path)
    world = new_world()
    state = StateFile(file)
    state.load(world)
    held = everything(world)
    world.memory_objects.put("code", "large", bytes(1 << 20))
    [pages] = state._connection.execute("PRAGMA page_count").fetchone()
    state._connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StateFileError, match="full"):
        state.save(world)
    state.close()
    assert everything(load(file)) == held
    assert list(tmp_path.iterdir()) == [file]


def test_a_save_that_failed_can_be_made_up_for(tmp_path: Path) -> None:
    file = a_state_file(tmp_path)
    world = new_world()
    state = StateFile(file)
    state.load(world)
    world.memory_objects.put("code", "large", bytes(1 << 20))
    [pages] = state._connection.execute("PRAGMA page_count").fetchone()
    state._connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StateFileError, match="full"):
        state.save(world)
    state._connection.execute(f"PRAGMA max_page_count={pages + 1000}")
    state.save(world)
    state.close()
    assert everything(load(file)) == everything(world)


def test_a_save_waits_only_so_long_for_a_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signer_mock._server.state.file.LOCK_SECONDS", 0.1)
    state = StateFile(tmp_path / "state.db")
    world = new_world()
    held, enough = threading.Event(), threading.Event()

    def hold() -> None:
        with world.lock:
            held.set()
            enough.wait()

    holding = threading.Thread(target=hold)
    holding.start()
    held.wait()
    with pytest.raises(StateFileError, match="does not end"):
        state.save(world)
    enough.set()
    holding.join()
    state.close()


def test_a_server_that_could_not_start_saves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    serve_world(state=file).stop()
    assert not file.exists()


def test_a_value_without_a_form_is_no_state() -> None:
    with pytest.raises(TypeError, match="a state file has no form for object"):
        encode(object())


def test_every_field_of_a_store_and_a_record_is_saved() -> None:
    """Who adds a field to a store has to say how ``state/document.py`` keeps it."""
    assert {field.name for field in dataclasses.fields(RegionStore)} == {
        "profiles",
        "profile_history",
        "jobs",
        "jobs_by_id",
        "request_tokens",
    }
    world = new_world()
    kept = {
        "_accounts",
        "_regions",
        "memory_objects",
        "revoked_certificates",
    }
    # Made anew by whoever makes the world.
    surroundings = {
        "lock",
        "is_answering",
        "region",
        "clock",
        "ids",
        "_seed",
        "account_id",
        "calls",
        "events",
        "object_store",
        "others",
        "paginator",
        # A test's own wishes, and what goes on at this moment.
        "faults",
        "job_controls",
        "profile_retention",
        "epoch",
        # They belong to moto's Lambda and ECR, which are not saved either.
        "code_signing",
        "image_signing",
        # Given through ``mock.account().role(policy=...)``, which a server does not have.
        "identity_policies",
        "_busy",
    }
    assert set(vars(world)) == kept | surroundings
    assert dataclasses.is_dataclass(Profile)
    assert dataclasses.is_dataclass(Job)


def test_a_profile_that_was_saved_without_a_period_is_read_with_the_default(
    tmp_path: Path,
) -> None:
    file = tmp_path / "state.json"
    state = json.loads(VERSION_1.read_text())["state"]
    for profile in state["profiles"]:
        profile["validity"] = None
    file.write_bytes(edited(state=state, sha256=checksum(state)))
    profiles = load(file).store(ACCOUNT, "us-east-1").profiles
    assert {profile.validity for profile in profiles.values()} == {DEFAULT_VALIDITY}


def test_what_is_motos_is_gone_after_a_restart_and_what_is_signers_is_kept(
    tmp_path: Path,
) -> None:
    """Lambda's configurations go with moto's functions, which they would be of no use without."""
    with serve_world(with_moto=True, state=tmp_path / "state.json") as server:
        put = server.client().put_signing_profile
        arn = put(profileName="code", platformId=LAMBDA)["profileVersionArn"]
        allowed = {"SigningProfileVersionArns": [arn]}
        awslambda = server.client("lambda")
        awslambda.create_code_signing_config(AllowedPublishers=allowed)
        server.client("s3").create_bucket(Bucket="code")
        root = server.trust_root_pem()
    with serve_world(with_moto=True, state=tmp_path / "state.json") as server:
        shown = server.client().get_signing_profile(profileName="code")
        assert shown["profileVersionArn"] == arn
        assert server.trust_root_pem() == root
        assert server.client("lambda").list_code_signing_configs()["CodeSigningConfigs"] == []
