"""A server's world in a file, from one run to the next."""

from __future__ import annotations

import dataclasses
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from signer_mock._server.state import load_state, save_state
from signer_mock._server.state.document import read_world, write_world
from signer_mock._service.records import DEFAULT_VALIDITY, Job, Profile
from signer_mock._service.stores import RegionStore
from signer_mock._service.world import World
from signer_mock.errors import StateFileError
from signer_mock.server import SignerServer, serve_world
from signer_mock.verify import verify_notation_envelope
from tests.helpers.constants import IOT, LAMBDA, NOTATION, PAYLOAD, PAYLOAD_FORMAT
from tests.helpers.server import http
from tests.helpers.zip_archives import code_zip

OWNER, PARTNER = "123456789012", "210987654321"
CERTIFICATE = f"arn:aws:acm:us-east-1:{OWNER}:certificate/11111111-2222-4333-8444-555555555555"


def live(server: SignerServer) -> dict[str, Any]:
    """Do a bit of everything; returns what must be the same in the next run."""
    owner, partner = server.client(), server.client(account_id=PARTNER)
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
        principal=PARTNER,
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
        profileName="images", profileOwner=OWNER, payload=PAYLOAD, payloadFormat=PAYLOAD_FORMAT
    )
    return {"order": order, "job_id": job_id}


def look(server: SignerServer) -> Any:
    """All that the operations show."""
    seen: dict[str, Any] = {}
    for account in (OWNER, PARTNER):
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
        {key: dataclasses.asdict(store) for key, store in world.stores().items()},
        {account.account_id: account.certificates for account in world.accounts()},
        world.memory_objects.export(),
        world.revoked_certificates,
    )


def _answers(seen: dict[str, Any]) -> list[Any]:
    return [answer for held in seen.values() for answer in held["profiles"] + held["jobs"]]


def test_a_server_goes_on_where_the_last_one_stopped(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
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
    file = tmp_path / "state.json"
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


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    link.symlink_to(real)
    with serve_world(state=link) as server:
        server.client().put_signing_profile(profileName="images", platformId=NOTATION)
    assert link.is_symlink()
    assert '"images"' in real.read_text()


def test_seeded_ids_go_on_and_do_not_begin_again(tmp_path: Path) -> None:
    file = tmp_path / "state.json"

    def next_version() -> str:
        with serve_world(state=file, seed=7) as server:
            number = len(server.world.store(OWNER, "us-east-1").profiles)
            answer = server.client().put_signing_profile(
                profileName=f"p_{number}", platformId=NOTATION
            )
            return str(answer["profileVersion"])

    versions = [next_version() for _ in range(3)]
    assert len(set(versions)) == 3


def test_a_job_under_way_is_a_failed_one_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with serve_world(state=file) as server:
        job_id = live(server)["job_id"]
        job = server.world.store(OWNER, "us-east-1").jobs_by_id[job_id]
        job.status, job.status_reason, job.completed_at = "InProgress", None, None
    with serve_world(state=file) as server:
        answer = server.client().describe_signing_job(jobId=job_id)
        assert answer["status"] == "Failed"
        assert "stopped" in answer["statusReason"]


def a_state_file(folder: Path) -> Path:
    file = folder / "state.json"
    with serve_world(state=file) as server:
        live(server)
    return file


def edited(file: Path, **changes: Any) -> bytes:
    return json.dumps({**json.loads(file.read_text()), **changes}).encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is damaged"),
        (b"\0\1\2", "is damaged"),
        (b'{"format": "signer_mock st', "is damaged"),
        (b"[]", "not a state file"),
        (b"{}", "not a state file"),
        (b'{"format": "terraform", "version": 4}', "not a state file"),
        (b'{"format": "signer_mock state", "version": 2}', "version 2"),
        (b'{"format": "signer_mock state", "version": 1}', "checksum"),
        (b'{"format": "signer_mock state", "version": 1, "state": {}}', "checksum"),
        (b"[" * 100_000, "is damaged"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_foreign_or_damaged_file_is_refused_and_left_as_it_was(
    tmp_path: Path, content: bytes, message: str
) -> None:
    file = tmp_path / "state.json"
    file.write_bytes(content)
    with pytest.raises(StateFileError, match=message):
        serve_world(state=file)
    assert file.read_bytes() == content
    assert list(tmp_path.iterdir()) == [file]


def test_a_truncated_file_is_refused_wherever_it_was_cut(tmp_path: Path) -> None:
    whole = a_state_file(tmp_path).read_bytes()
    file = tmp_path / "cut.json"
    for end in range(0, len(whole) - 1, len(whole) // 40):
        file.write_bytes(whole[:end])
        with pytest.raises(StateFileError):
            load_state(World(), file)


def test_one_changed_character_is_noticed(tmp_path: Path) -> None:
    file = a_state_file(tmp_path)
    file.write_bytes(file.read_bytes().replace(b'"images"', b'"Images"', 1))
    with pytest.raises(StateFileError, match="checksum"):
        load_state(World(), file)


def wrong_states(state: dict[str, Any]) -> dict[str, Any]:
    """States with a right checksum that no signer_mock has written."""
    profile, job = state["profiles"][0], state["jobs"][0]
    store = state["stores"][0]
    return {
        "nothing": {},
        "a part missing": {k: v for k, v in state.items() if k != "jobs"},
        "accounts in a list": {**state, "accounts": []},
        "keys that are none": {**state, "accounts": {OWNER: {"authority": {"root.key": "x"}}}},
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


def test_a_state_that_makes_no_sense_is_refused_whatever_its_checksum(tmp_path: Path) -> None:
    from signer_mock._server.state import _checksum

    file = a_state_file(tmp_path)
    state = json.loads(file.read_text())["state"]
    for name, wrong in wrong_states(state).items():
        file.write_bytes(edited(file, state=wrong, sha256=_checksum(wrong)))
        world = World()
        with pytest.raises(StateFileError, match="is damaged"):
            load_state(world, file)
        assert everything(world) == everything(World()), name


def test_a_file_that_cannot_be_read_or_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(StateFileError, match="cannot be read"):
        load_state(World(), tmp_path)
    with pytest.raises(StateFileError, match="no such folder"):
        serve_world(state=tmp_path / "absent" / "state.json")
    with pytest.raises(StateFileError, match="could not be saved"):
        save_state(World(), tmp_path / "absent" / "state.json")


def test_a_save_that_fails_leaves_the_old_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = a_state_file(tmp_path)
    before = file.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("signer_mock._server.state.atomic.os.fsync", full)
    with pytest.raises(StateFileError, match="No space left"):
        save_state(World(), file)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_a_server_that_could_not_start_saves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    serve_world(state=file).stop()
    assert not file.exists()


def test_every_field_of_a_store_and_a_record_is_saved() -> None:
    """Who adds a field to a store has to say how ``state/document.py`` keeps it."""
    assert {field.name for field in dataclasses.fields(RegionStore)} == {
        "profiles",
        "profile_history",
        "jobs",
        "jobs_by_id",
        "request_tokens",
    }
    world = World()
    kept = {
        "_accounts",
        "_regions",
        "memory_objects",
        "revoked_certificates",
    }
    # Made anew by whoever makes the world.
    surroundings = {
        "lock",
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
        "epoch",
        "_busy",
        "profile_retention",
    }
    assert set(vars(world)) == kept | surroundings
    assert dataclasses.is_dataclass(Profile)
    assert dataclasses.is_dataclass(Job)


def test_a_profile_that_was_saved_without_a_period_is_read_with_the_default() -> None:
    with serve_world() as server:
        live(server)
        state = write_world(server.world)
    for profile in state["profiles"]:
        profile["validity"] = None
    world = World()
    read_world(json.loads(json.dumps(state)))(world)
    profiles = world.store(OWNER, "us-east-1").profiles
    assert {profile.validity for profile in profiles.values()} == {DEFAULT_VALIDITY}
