"""The control surface: what a test in another language asks of the server."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from cryptography import x509

from signer_mock.server import SignerServer, serve_world
from signer_mock.verify import verify_lambda_zip
from tests.helpers.constants import LAMBDA, NOTATION, OTHER, PAYLOAD, PAYLOAD_FORMAT
from tests.helpers.server import RawConnection, control, exchange, http, signed
from tests.helpers.zip_archives import code_zip


def test_health_tells_what_is_served() -> None:
    with serve_world(account_id="210987654321", region="eu-west-1") as server:
        answer = control(server, "health").json
    assert answer.pop("version")
    assert answer == {
        "status": "ok",
        "account_id": "210987654321",
        "region": "eu-west-1",
        "with_moto": False,
    }


def test_the_plain_server_signs_what_is_put_into_its_own_buckets(
    signer_server: SignerServer,
) -> None:
    objects = f"{signer_server.url}/_signer_mock/objects"
    assert http(f"{objects}/src", "PUT").json == {"bucket": "src", "versioning": True}
    assert http(f"{objects}/dst?versioning=false", "PUT").json["versioning"] is False
    version = http(f"{objects}/src/a%20b/app.zip", "PUT", code_zip()).json["version"]

    signer = signer_server.client()
    arn = signer.put_signing_profile(profileName="code", platformId=LAMBDA)["profileVersionArn"]
    job_id = signer.start_signing_job(
        source={"s3": {"bucketName": "src", "key": "a b/app.zip", "version": version}},
        destination={"s3": {"bucketName": "dst", "prefix": "signed/"}},
        profileName="code",
    )["jobId"]
    signer.get_waiter("successful_signing_job").wait(jobId=job_id)

    assert http(f"{objects}/dst").json == {"keys": [f"signed/{job_id}.zip"]}
    signed = http(f"{objects}/dst/signed/{job_id}.zip").body
    verified = verify_lambda_zip(signed, signer_server.trust_root_pem(), [arn])
    assert verified.profile_version_arn == arn
    assert http(f"{objects}/src/a%20b/app.zip?version={version}").body == code_zip()


def test_the_state_shows_profiles_and_counts_jobs_and_calls(signer_server: SignerServer) -> None:
    signer_server.client().put_signing_profile(profileName="code", platformId=LAMBDA)
    state = control(signer_server, "state").json
    [profile] = state["accounts"]["123456789012"]["us-east-1"]["profiles"]
    assert profile["profileName"] == "code"
    assert state["accounts"]["123456789012"]["us-east-1"]["jobs"] == 0
    assert state["calls"] == 1


def test_the_state_leaves_out_accounts_that_have_nothing(signer_server: SignerServer) -> None:
    signer_server.client("signer", account_id=OTHER).list_signing_profiles()
    assert OTHER not in control(signer_server, "state").json["accounts"]


def test_the_calls_can_be_looked_at(signer_server: SignerServer) -> None:
    signer = signer_server.client()
    with pytest.raises(signer.exceptions.ResourceNotFoundException):
        signer.get_signing_profile(profileName="nobody")
    [call] = control(signer_server, "calls").json["calls"]
    assert call["operation"] == "GetSigningProfile"
    assert call["params"] == {"profileName": "nobody"}
    assert (call["status"], call["error"]) == (404, "ResourceNotFoundException")


def test_bytes_of_a_call_are_only_counted(signer_server: SignerServer) -> None:
    client = signer_server.client("signer")
    client.put_signing_profile(profileName="image", platformId=NOTATION)
    client.sign_payload(profileName="image", payload=PAYLOAD, payloadFormat=PAYLOAD_FORMAT)
    call = control(signer_server, "calls").json["calls"][-1]
    assert call["params"]["payload"] == f"{len(PAYLOAD)} bytes"
    assert call["time"].endswith("Z")


def test_reset_forgets_all_but_the_keys(signer_server: SignerServer) -> None:
    root = signer_server.trust_root_pem("210987654321")
    signer_server.client().put_signing_profile(profileName="code", platformId=LAMBDA)
    control(signer_server, "clock", "POST", {"freeze": "2030-01-01T00:00:00Z"})
    http(f"{signer_server.url}/_signer_mock/objects/src", "PUT")

    assert control(signer_server, "reset", "POST").json == {"status": "ok"}

    assert control(signer_server, "state").json == {"accounts": {}, "calls": 0}
    assert control(signer_server, "objects/src").status == 404
    assert not control(signer_server, "clock").json["now"].startswith("2030")
    assert signer_server.trust_root_pem("210987654321") == root
    signer_server.client().put_signing_profile(profileName="code", platformId=LAMBDA)


def test_every_account_has_its_trust_root(signer_server: SignerServer) -> None:
    roots = control(signer_server, "trust-roots").json["trust_roots"]
    assert list(roots) == ["123456789012"]
    assert roots["123456789012"].encode() == signer_server.trust_root_pem()

    answer = http(f"{signer_server.url}/_signer_mock/trust-roots/210987654321.pem")
    other = x509.load_pem_x509_certificate(answer.body)
    assert "210987654321" in other.subject.rfc4514_string()
    roots = control(signer_server, "trust-roots").json["trust_roots"]
    assert roots["210987654321"].encode() == answer.body
    assert control(signer_server, "trust-roots/210987654321").json == {
        "trust_roots": {"210987654321": roots["210987654321"]}
    }


def test_no_private_key_is_ever_shown(signer_server: SignerServer) -> None:
    signer_server.client().put_signing_profile(profileName="code", platformId=LAMBDA)
    for path in ("health", "state", "calls", "trust-roots", "clock"):
        answer = control(signer_server, path)
        assert answer.status == 200
        assert b"PRIVATE" not in answer.body


def test_the_clock_can_be_stopped_moved_and_let_go(signer_server: SignerServer) -> None:
    def tell(order: Any) -> str:
        answer = control(signer_server, "clock", "POST", order)
        assert answer.status == 200, answer.body
        return str(answer.json["now"])

    assert tell({"freeze": "2030-01-01T00:00:00Z"}) == "2030-01-01T00:00:00Z"
    assert tell({"advance": {"days": 1, "hours": 1}}) == "2030-01-02T01:00:00Z"
    signer = signer_server.client()
    headers = signer.list_signing_platforms()["ResponseMetadata"]["HTTPHeaders"]
    assert headers["date"] == "Wed, 02 Jan 2030 01:00:00 GMT"
    assert not tell({"resume": True}).startswith("2030-")
    stopped = tell({"freeze": None})
    assert control(signer_server, "clock").json["now"] == stopped


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"freeze": "tomorrow"},
        {"freeze": 7},
        {"advance": 3},
        {"advance": {"fortnights": 1}},
        {"advance": {"days": "1"}},
        {"advance": {"days": 10**10}},
        {"resume": False},
        {"stop": True},
        {"freeze": None, "resume": True},
    ],
    ids=str,
)
def test_invalid_orders_leave_the_clock_alone(signer_server: SignerServer, order: Any) -> None:
    control(signer_server, "clock", "POST", {"freeze": "2030-01-01T00:00:00Z"})
    answer = control(signer_server, "clock", "POST", order)
    assert (answer.status, answer.error) == (400, "ValidationException")
    assert control(signer_server, "clock").json["now"] == "2030-01-01T00:00:00Z"


def test_errors_are_json_for_curl_too(signer_server: SignerServer) -> None:
    """``curl -d`` calls any body a form, which for AWS's operations means XML."""
    url = f"{signer_server.url}/_signer_mock/faults"
    answer = http(url, "POST", b"{", {"Content-Type": "application/x-www-form-urlencoded"})
    assert (answer.status, answer.error) == (400, "SerializationException")
    assert answer.json["message"] == "The request body is not valid JSON."


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
def test_an_order_that_is_no_json_object_is_a_400(signer_server: SignerServer, body: bytes) -> None:
    answer = http(f"{signer_server.url}/_signer_mock/clock", "POST", body)
    assert (answer.status, answer.error) == (400, "SerializationException")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nothing", 404),
        ("GET", "health/deep", 404),
        ("PUT", "faults", 405),
        ("DELETE", "jobs", 405),
        ("POST", "health", 405),
        ("GET", "reset", 405),
        ("DELETE", "clock", 405),
        ("DELETE", "objects/src", 405),
        ("PUT", "objects", 400),
        ("PUT", "objects/absent/key", 400),
        ("GET", "objects/absent", 404),
        ("GET", "objects/absent/key", 404),
        ("GET", "trust-roots/12345", 400),
        ("GET", "trust-roots/%C2%B9%C2%B9", 400),
    ],
)
def test_wrong_paths_and_methods_are_reported(
    signer_server: SignerServer, method: str, path: str, status: int
) -> None:
    answer = http(f"{signer_server.url}/_signer_mock/{path}", method)
    assert answer.status == status
    assert answer.json["message"]
    assert control(signer_server, "health").status == 200


def test_a_bucket_cannot_be_made_twice(signer_server: SignerServer) -> None:
    url = f"{signer_server.url}/_signer_mock/objects/src"
    assert http(url, "PUT").status == 200
    assert http(url, "PUT").status == 400


def test_pages_in_a_browser_are_not_answered(signer_server: SignerServer) -> None:
    answer = http(
        f"{signer_server.url}/_signer_mock/reset", "POST", b"", {"Origin": "https://evil.test"}
    )
    assert (answer.status, answer.error) == (403, "AccessDeniedException")


def test_the_control_surface_is_no_call(signer_server: SignerServer) -> None:
    control(signer_server, "health")
    assert len(signer_server.calls) == 0


def test_a_call_can_be_made_to_fail(signer_server: SignerServer) -> None:
    fault = {"operation": "ListSigningJobs", "error": "TooManyRequestsException", "times": 2}
    [pending] = control(signer_server, "faults", "POST", {"fail": fault}).json["pending"]
    assert pending.items() >= fault.items()
    signer = signer_server.client(config=Config(retries={"total_max_attempts": 1}))
    for _ in range(2):
        with pytest.raises(signer.exceptions.TooManyRequestsException):
            signer.list_signing_jobs()
    assert signer.list_signing_jobs()["jobs"] == []
    shown = control(signer_server, "faults").json
    assert (len(shown["pending"]), len(shown["fired"])) == (0, 2)


def test_faults_can_be_taken_back(signer_server: SignerServer) -> None:
    fault = {"operation": "*", "error": "ExpiredTokenException", "times": None}
    control(signer_server, "faults", "POST", {"fail": fault})
    assert control(signer_server, "faults", "DELETE").json["pending"] == []
    assert signer_server.client().list_signing_jobs()["jobs"] == []


def once(signer_server: SignerServer, **options: Any) -> Any:
    """A client that tries each call once."""
    return signer_server.client(config=Config(retries={"total_max_attempts": 1}, **options))


def test_a_late_answer_delays_no_other_request(signer_server: SignerServer) -> None:
    order = {"delay": {"operation": "ListSigningJobs", "seconds": 1.5, "times": 40}}
    control(signer_server, "faults", "POST", order)
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(RawConnection(signer_server)) for _ in range(40)]
        for connection in slow:
            connection.send(signed("GET", "/signing-jobs"))
        assert exchange(signer_server, signed("GET", "/signing-platforms")).status == 200
        assert time.monotonic() - started < 1.5
        assert {connection.read().status for connection in slow} == {200}
    assert 1.5 <= time.monotonic() - started < 10


def test_a_timeout_is_silence_until_the_client_gives_up(signer_server: SignerServer) -> None:
    control(signer_server, "faults", "POST", {"timeout": {"operation": "ListSigningJobs"}})
    with pytest.raises(ReadTimeoutError):
        once(signer_server, read_timeout=0.3).list_signing_jobs()
    assert signer_server.client().list_signing_jobs()["jobs"] == []


def test_a_response_can_be_lost_after_its_effect(signer_server: SignerServer) -> None:
    order = {"drop_response": {"operation": "PutSigningProfile"}}
    control(signer_server, "faults", "POST", order)
    with pytest.raises(ConnectionClosedError):
        once(signer_server).put_signing_profile(profileName="code", platformId=LAMBDA)
    assert signer_server.client().get_signing_profile(profileName="code")["status"] == "Active"


@pytest.mark.parametrize(
    ("path", "order", "message"),
    [
        ("faults", {"fail": {"operation": "SignPaylod", "error": "RequestExpired"}}, "SignPayload"),
        ("faults", {"fail": {"operation": "SignPayload", "error": "TooMany"}}, "TooMany"),
        ("faults", {"fail": {"operation": "SignPayload"}}, "error"),
        ("faults", {"fail": {"operation": "*", "error": "X", "colour": "red"}}, "colour"),
        ("faults", {"fail": "SignPayload"}, "give one of"),
        ("faults", {"explode": {}}, "give one of"),
        ("faults", {}, "Give one of"),
        ("faults", {"delay": {"operation": "*", "seconds": -1}}, "0 or more"),
        ("faults", {"clear": {}}, "give one of"),
        ("jobs", {"release": {"job_id": "absent"}}, "not held"),
        ("jobs", {"release": {"status": "Lost"}}, "Succeeded"),
        ("jobs", {"fail_next": {}}, "reason"),
        ("jobs", {"finish_after": {"describes": 0}}, "positive"),
        ("jobs", {"hold": None}, "give one of"),
        ("jobs", {"reset": {}}, "give one of"),
        ("jobs", {"_end": {"job_id": "x", "failure": None}}, "give one of"),
    ],
    ids=str,
)
def test_orders_that_make_no_sense_are_a_400_that_says_why(
    signer_server: SignerServer, path: str, order: Any, message: str
) -> None:
    answer = control(signer_server, path, "POST", order)
    assert (answer.status, answer.error) == (400, "ValidationException")
    assert message in answer.json["message"]
    assert signer_server.client().list_signing_jobs()["jobs"] == []


def test_a_job_can_be_held_and_released(signer_server: SignerServer) -> None:
    signer = signer_server.client()
    signer.put_signing_profile(profileName="code", platformId=LAMBDA)
    http(f"{signer_server.url}/_signer_mock/objects/src", "PUT")
    url = f"{signer_server.url}/_signer_mock/objects/src/app.zip"
    version = http(url, "PUT", code_zip()).json["version"]

    def start() -> str:
        return str(
            signer.start_signing_job(
                source={"s3": {"bucketName": "src", "key": "app.zip", "version": version}},
                destination={"s3": {"bucketName": "src"}},
                profileName="code",
            )["jobId"]
        )

    def status(job_id: str) -> str:
        return str(signer.describe_signing_job(jobId=job_id)["status"])

    assert control(signer_server, "jobs", "POST", {"hold": {}}).status == 200
    job_id = start()
    assert status(job_id) == "InProgress"
    assert control(signer_server, "jobs", "POST", {"release": {}}).status == 200
    assert status(job_id) == "Succeeded"
    control(signer_server, "jobs", "POST", {"fail_next": {"reason": "by order"}})
    assert signer.describe_signing_job(jobId=start())["statusReason"] == "by order"
    control(signer_server, "jobs", "POST", {"finish_after": {"describes": 2}})
    job_id = start()
    assert [status(job_id), status(job_id)] == ["InProgress", "Succeeded"]
