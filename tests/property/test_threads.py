"""Many clients at once: what must hold afterwards, whoever came first."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from signer_mock import SignerMock
from signer_mock.verify import verify_lambda_zip
from tests.helpers.constants import ACCOUNT, LAMBDA, NOTATION, OTHER, PAYLOAD, PAYLOAD_FORMAT
from tests.helpers.signing import make_zip

THREADS = 8


def run_all(work: Callable[[int], None], count: int = THREADS) -> None:
    """Have several threads do some work at once; the first failure of any is raised."""
    failures: list[BaseException] = []
    start = threading.Barrier(count)

    def run(number: int) -> None:
        start.wait()
        try:
            work(number)
        except BaseException as failure:  # noqa: BLE001 - whatever it is, the test raises it
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def attempt(outcomes: Counter[str], function: Callable[..., Any], **params: Any) -> Any:
    """Make a call and count how it ended."""
    try:
        answer = function(**params)
    except ClientError as error:
        outcomes[error.response["code"]] += 1
        return None
    outcomes["done"] += 1
    return answer


def test_of_many_that_make_one_profile_one_succeeds(signer_mock: SignerMock) -> None:
    outcomes: Counter[str] = Counter()
    for name in ("one", "two", "six"):

        def put(_number: int, name: str = name) -> None:
            client = signer_mock.client("signer")
            attempt(outcomes, client.put_signing_profile, profileName=name, platformId=LAMBDA)

        run_all(put)

    assert outcomes == {"done": 3, "ProfileAlreadyExists": 3 * THREADS - 3}
    profiles = signer_mock.client("signer").list_signing_profiles()["profiles"]
    assert [profile["profileName"] for profile in profiles] == ["one", "two", "six"]


def test_of_many_that_change_a_policy_from_one_revision_one_succeeds(
    signer_mock: SignerMock, signer_client: Any, notation_profile: str
) -> None:
    revision = signer_client.add_profile_permission(
        profileName=notation_profile, statementId="s", action="signer:SignPayload", principal=OTHER
    )["revisionId"]
    outcomes: Counter[str] = Counter()

    def add(number: int) -> None:
        attempt(
            outcomes,
            signer_mock.client("signer").add_profile_permission,
            profileName=notation_profile,
            statementId=f"s{number}",
            action="signer:GetSigningProfile",
            principal=OTHER,
            revisionId=revision,
        )

    run_all(add)

    assert outcomes == {"done": 1, "PolicyRevisionIdMismatch": THREADS - 1}
    permissions = signer_client.list_profile_permissions(profileName=notation_profile)
    assert len(permissions["permissions"]) == 2


@pytest.mark.parametrize(
    "rounds", [4, pytest.param(400, marks=[pytest.mark.soak, pytest.mark.timeout(0)])]
)
def test_what_many_clients_did_is_all_there(
    signer_mock: SignerMock, signer_client: Any, rounds: int
) -> None:
    """Each thread signs, revokes, tags and lists, in two accounts; nothing gets lost or doubled."""
    signer_mock.objects.create_bucket("src", versioning=True)
    signer_mock.objects.create_bucket("dst")
    version = signer_mock.objects.put("src", "app.zip", make_zip({"app.py": b"pass"}))
    for account in (ACCOUNT, OTHER):
        client = signer_mock.account(account).client("signer")
        client.put_signing_profile(profileName="code", platformId=LAMBDA)
        client.put_signing_profile(profileName="image", platformId=NOTATION)
    made: dict[int, list[str]] = {}
    revoked: dict[int, set[str]] = {}

    def work(number: int) -> None:
        client = signer_mock.account((ACCOUNT, OTHER)[number % 2]).client("signer")
        made[number], revoked[number] = [], set()
        for one in range(rounds):
            payload = client.sign_payload(
                profileName="image", payload=PAYLOAD, payloadFormat=PAYLOAD_FORMAT
            )
            token = f"{number}-{one}"
            job = {
                "profileName": "code",
                "source": {"s3": {"bucketName": "src", "key": "app.zip", "version": version}},
                "destination": {"s3": {"bucketName": "dst"}},
                "clientRequestToken": token,
            }
            started = client.start_signing_job(**job)["jobId"]
            assert client.start_signing_job(**job)["jobId"] == started
            made[number] += [payload["jobId"], started]
            if one % 2:
                client.revoke_signature(jobId=payload["jobId"], reason="because")
                revoked[number].add(payload["jobId"])
            arn = client.get_signing_profile(profileName="code")["arn"]
            client.tag_resource(resourceArn=arn, tags={f"t{number}": str(one)})
            assert client.list_tags_for_resource(resourceArn=arn)["tags"][f"t{number}"] == str(one)
            assert client.list_signing_jobs(maxResults=5)["jobs"]

    run_all(work)

    for parity, account in enumerate((ACCOUNT, OTHER)):
        client = signer_mock.account(account).client("signer")
        pages = client.get_paginator("list_signing_jobs").paginate()
        jobs = [job for page in pages for job in page["jobs"]]
        mine = [number for number in range(THREADS) if number % 2 == parity]
        wanted = Counter(job_id for number in mine for job_id in made[number])
        assert Counter(job["jobId"] for job in jobs) == wanted
        assert set(wanted.values()) == {1}
        assert {job["jobId"] for job in jobs if job["isRevoked"]} == {
            job_id for number in mine for job_id in revoked[number]
        }
        tags = client.get_signing_profile(profileName="code")["tags"]
        assert tags == {f"t{number}": str(rounds - 1) for number in mine}
    signed = [key for key in signer_mock.objects.keys("dst") if key.endswith(".zip")]
    assert len(signed) == THREADS * rounds
    roots = [signer_mock.account(one).trust_root_pem for one in (ACCOUNT, OTHER)]
    for key in signed[:4]:
        verify_lambda_zip(signer_mock.objects.get("dst", key), roots)
    succeeded = Counter(call.operation for call in signer_mock.calls if call.status == 200)
    assert succeeded["SignPayload"] == THREADS * rounds
    assert succeeded["StartSigningJob"] == 2 * THREADS * rounds
    assert len(signer_mock.events) == 2 * THREADS * rounds


def test_a_snapshot_in_the_midst_of_calls_is_one_moment(
    signer_mock: SignerMock, signer_client: Any, notation_profile: str
) -> None:
    """A job is in a snapshot with its call, or neither is."""
    stop = threading.Event()
    snapshots: list[Any] = []

    def work(number: int) -> None:
        client = signer_mock.client("signer")
        if number:
            while not stop.is_set():
                client.sign_payload(
                    profileName=notation_profile, payload=PAYLOAD, payloadFormat=PAYLOAD_FORMAT
                )
            return
        try:
            for _ in range(20):
                snapshots.append(signer_mock.snapshot())  # noqa: PERF401 - while others sign
        finally:
            stop.set()

    run_all(work, 3)

    for snapshot in snapshots[::5]:
        signer_mock.restore(snapshot)
        signed = [call for call in signer_mock.calls if call.operation == "SignPayload"]
        pages = signer_client.get_paginator("list_signing_jobs").paginate()
        assert sum(len(page["jobs"]) for page in pages) == len(signed)
