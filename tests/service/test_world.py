"""The world under threads, under questions about what is not there, and under snapshots."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from signer_mock._service.new_world import new_world
from signer_mock._service.world import World
from signer_mock.errors import ObjectStoreError, SignerMockError, StrictError
from tests.helpers.constants import LAMBDA
from tests.helpers.refusals import expect_refusal


def test_threads_that_ask_at_once_for_a_root_get_the_same():
    script = """
import threading
from signer_mock import mock_signer

with mock_signer() as mock:
    barrier = threading.Barrier(6)
    roots = []

    def ask():
        barrier.wait()
        roots.append(mock.account().trust_root_pem)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
assert len(roots) == 6 and len(set(roots)) == 1, len(set(roots))
"""
    # In a fresh process, where cryptography is imported by the first of them.
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


@pytest.fixture
def frequent_switches() -> Iterator[None]:
    """Threads take turns after a microsecond instead of five milliseconds."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_a_snapshot_may_be_taken_while_another_thread_names_accounts(frequent_switches):
    accounts = [f"{number:012}" for number in range(400)]

    def name_accounts(world: World) -> None:
        for account_id in accounts:
            world.account(account_id)
            world.store(account_id, "us-east-1")

    # Without the lock about half of these worlds fail; all numbers are bounded, because snapshots
    # in a row can keep the other thread waiting for the lock.
    for _ in range(10):
        world = new_world()
        thread = threading.Thread(target=name_accounts, args=[world])
        thread.start()
        sizes = [len(world.snapshot().accounts) for _ in range(20)]
        thread.join()

        assert sizes == sorted(sizes)
        assert set(world.snapshot().accounts) == set(accounts)


def test_a_question_about_strange_places_makes_none(signer_mock, signer_client):
    before = signer_mock._world.stores()
    signer_client.get_revocation_status(
        signatureTimestamp="2026-01-02T03:04:05Z",
        platformId=LAMBDA,
        profileVersionArn="arn:aws:signer:mars-1:000000000007:/signing-profiles/ab/0123456789",
        jobArn="arn:aws:signer:venus-1:000000000008:/signing-jobs/x",
        certificateHashes=["ab" * 96],
    )
    expect_refusal(
        signer_client.get_signing_profile,
        403,
        "AccessDeniedException",
        "User: arn:aws:iam::123456789012:root is not authorized to perform: "
        "signer:GetSigningProfile on resource: "
        "arn:aws:signer:us-east-1:000000000009:/signing-profiles/release",
        profileName="release",
        profileOwner="000000000009",
    )
    assert signer_mock._world.stores().keys() - before.keys() <= {("123456789012", "us-east-1")}


def put_profiles(client, first: int, last: int) -> None:
    for number in range(first, last):
        client.put_signing_profile(profileName=f"profile_{number}", platformId=LAMBDA)


def test_a_page_token_is_good_again_after_a_restore(signer_mock, signer_client):
    put_profiles(signer_client, 0, 4)
    token = signer_client.list_signing_profiles(maxResults=2)["nextToken"]
    snapshot = signer_mock.snapshot()
    signer_mock.reset()
    signer_mock.restore(snapshot)

    page = signer_client.list_signing_profiles(maxResults=2, nextToken=token)["profiles"]

    assert [profile["profileName"] for profile in page] == ["profile_2", "profile_3"]


def test_a_page_token_of_what_is_no_longer_there_is_refused(signer_mock, signer_client):
    put_profiles(signer_client, 0, 2)
    snapshot = signer_mock.snapshot()
    put_profiles(signer_client, 2, 6)
    token = signer_client.list_signing_profiles(maxResults=4)["nextToken"]
    signer_mock.restore(snapshot)

    expect_refusal(
        signer_client.list_signing_profiles,
        400,
        "ValidationException",
        "The nextToken is invalid.",
        "InvalidNextToken",
        maxResults=4,
        nextToken=token,
    )


@pytest.mark.parametrize("data", [5, "text", None, ["bytes"]])
def test_objects_are_bytes(signer_mock, data):
    signer_mock.objects.create_bucket("b")
    with pytest.raises(ObjectStoreError, match=r"mock\.objects\.put takes bytes, not "):
        signer_mock.objects.put("b", "k", data)
    assert signer_mock.objects.keys("b") == []


def test_a_key_on_an_unknown_curve_is_refused(signer_mock, tmp_path):
    for command in (
        "openssl ecparam -name secp112r1 -genkey -noout -out key.pem",
        "openssl req -x509 -new -key key.pem -subj /CN=odd -out cert.pem",
    ):
        subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    with pytest.raises(SignerMockError, match="is not valid"):
        signer_mock.account().import_certificate(
            (tmp_path / "cert.pem").read_bytes(), (tmp_path / "key.pem").read_bytes()
        )


def test_what_a_strict_mock_reports_it_reports_once():
    world = new_world()
    world.calls.always_strict = True
    world.faults.timeout("ListSigningPlatforms")
    with pytest.raises(StrictError, match="never fired"):
        world.require_as_expected()
    world.require_as_expected()


def test_a_reset_that_keeps_the_keys_keeps_those_that_no_seed_makes():
    world, other = new_world(), new_world()
    authority = other.account("111122223333").authority
    world.account("111122223333").authority = authority
    world.reset(keep_keys=True)
    assert world.account("111122223333").authority is authority
    world.reset()
    assert world.account("111122223333").authority is not authority
