"""The server as users of boto3, of the fixture and of ``SignerMock.serve`` see it."""

from __future__ import annotations

import gc
import json
import os
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES
from botocore.exceptions import ClientError

from signer_mock import SignerMock, mock_signer
from signer_mock._server.serving import CALLS_KEPT
from signer_mock.errors import ActivationError, MissingExtraError
from signer_mock.server import Limits, SignerServer, serve_world
from signer_mock.verify import verify_notation_envelope
from tests.helpers.constants import LAMBDA, NOTATION, PAYLOAD, PAYLOAD_FORMAT
from tests.helpers.server import RawConnection, ServerProcess, control, exchange, serving, signed
from tests.helpers.slow_objects import SlowObjects

# What a subprocess does that knows nothing of this mock but its environment.
STORY = """
import boto3, os
from botocore.config import Config
# Older botocores have no variable for it.
plain = "AWS_DISABLE_HOST_PREFIX_INJECTION" not in os.environ
signer = boto3.client("signer", config=Config(inject_host_prefix=False) if plain else None)
NOTATION = "Notation-OCI-SHA384-ECDSA"
print(signer.put_signing_profile(profileName="story", platformId=NOTATION)["arn"])
print(signer.get_revocation_status(
    signatureTimestamp="2026-01-01T00:00:00Z",
    platformId=NOTATION,
    profileVersionArn=signer.get_signing_profile(profileName="story")["profileVersionArn"],
    jobArn="arn:aws:signer:us-east-1:123456789012:/signing-jobs/5808635f-aaaa-4000-8000-0123456789ab",
    certificateHashes=["0" * 192],
)["revokedEntities"])
"""


HAS_VARIABLE = "disable_host_prefix_injection" in BOTOCORE_DEFAUT_SESSION_VARIABLES


def run_story(environ: dict[str, str]) -> list[str]:
    if not HAS_VARIABLE:
        del environ["AWS_DISABLE_HOST_PREFIX_INJECTION"]
    done = subprocess.run(
        [sys.executable, "-c", STORY],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_signature_over_http_verifies_under_the_servers_root(signer_server: SignerServer) -> None:
    signer = signer_server.client()
    arn = signer.put_signing_profile(profileName="images", platformId=NOTATION)["profileVersionArn"]
    signed = signer.sign_payload(
        profileName="images", payload=PAYLOAD, payloadFormat=PAYLOAD_FORMAT
    )
    verified = verify_notation_envelope(signed["signature"], signer_server.trust_root_pem(), [arn])
    assert verified.profile_version_arn == arn


def test_a_subprocess_needs_nothing_but_its_environment(signer_server: SignerServer) -> None:
    arn, revoked = run_story(signer_server.environ())
    assert arn == "arn:aws:signer:us-east-1:123456789012:/signing-profiles/story"
    assert revoked == "[]"


def test_a_subprocess_can_be_another_account(signer_server: SignerServer) -> None:
    arn, _ = run_story(signer_server.environ("210987654321"))
    assert ":210987654321:" in arn


def test_an_arn_in_the_path_keeps_its_slashes(signer_server: SignerServer) -> None:
    signer = signer_server.client()
    arn = signer.put_signing_profile(profileName="tagged", platformId=NOTATION)["arn"]
    signer.tag_resource(resourceArn=arn, tags={"team/a": "ü + %2F"})
    assert signer.list_tags_for_resource(resourceArn=arn)["tags"] == {"team/a": "ü + %2F"}
    signer.untag_resource(resourceArn=arn, tagKeys=["team/a"])
    assert signer.list_tags_for_resource(resourceArn=arn)["tags"] == {}


def test_errors_arrive_as_the_models_exceptions(signer_server: SignerServer) -> None:
    signer = signer_server.client()
    with pytest.raises(signer.exceptions.ResourceNotFoundException) as caught:
        signer.get_signing_profile(profileName="nobody")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert caught.value.response["code"] == "ProfileNotFound"


def test_a_mock_serves_its_own_world_to_subprocesses() -> None:
    with mock_signer(account_id="111122223333", region_name="eu-west-1") as mock:
        with mock.serve() as server:
            arn, _ = run_story(server.environ())
        assert arn == "arn:aws:signer:eu-west-1:111122223333:/signing-profiles/story"
        profiles = mock.client("signer").list_signing_profiles()["profiles"]
        assert [profile["profileName"] for profile in profiles] == ["story"]
        assert mock.calls[0].operation == "PutSigningProfile"
        assert server.trust_root_pem() == mock.account().trust_root_pem


def test_a_reset_over_http_is_a_reset_of_the_mock(
    signer_mock: SignerMock, start_job: Callable[..., Any], code_zip: bytes, lambda_profile: str
) -> None:
    start_job(code_zip, lambda_profile)
    assert signer_mock.events
    with signer_mock.serve() as server:
        control(server, "reset", "POST")
    assert (len(signer_mock.events), len(signer_mock.calls)) == (0, 0)


def test_a_read_that_ends_a_held_job_keeps_no_other_client_waiting(code_zip: bytes) -> None:
    objects = SlowObjects()
    objects.create_bucket("code", versioning=True)
    version = objects.put("code", "app.zip", code_zip)
    with mock_signer(s3=objects) as mock, mock.serve() as server, ThreadPoolExecutor() as pool:
        client = mock.client("signer")
        client.put_signing_profile(profileName="release", platformId=LAMBDA)
        mock.jobs.finish_after(describes=1)
        job = client.start_signing_job(
            source={"s3": {"bucketName": "code", "key": "app.zip", "version": version}},
            destination={"s3": {"bucketName": "code"}},
            profileName="release",
        )
        described = pool.submit(exchange, server, signed("GET", f"/signing-jobs/{job['jobId']}"))
        try:
            assert objects.reading.wait(20)
            answer = exchange(server, signed("GET", "/signing-platforms"))
            assert len(answer.json["platforms"]) == 5
        finally:
            objects.go_on.set()
        assert described.result().json["status"] == "Succeeded"


def test_a_mock_without_moto_cannot_serve_its_s3() -> None:
    with mock_signer() as mock, pytest.raises(ActivationError, match="s3='moto'"):
        mock.serve(with_moto=True)


def test_a_server_is_shown_by_its_address() -> None:
    with serve_world() as server:
        assert repr(server) == f"<SignerServer {server.url}>"


def test_a_stop_does_not_wait_for_a_request_that_does_not_end() -> None:
    server = serve_world(limits=Limits(stop_seconds=0.05))
    with RawConnection(server) as connection:
        connection.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf")
        time.sleep(0.1)
        started = time.monotonic()
        server.stop()
        assert time.monotonic() - started < 5
        assert connection.is_closed()


def test_a_mock_that_is_not_started_cannot_be_served() -> None:
    with pytest.raises(ActivationError, match="not been started"):
        mock_signer().serve()


def test_the_server_patches_nothing_in_its_process() -> None:
    program = """
from botocore.httpsession import URLLib3Session
before = URLLib3Session.send
import os
environ = dict(os.environ)
from signer_mock.server import serve_world
with serve_world() as server:
    server.client().list_signing_platforms()
    assert URLLib3Session.send is before and dict(os.environ) == environ
import sys
assert not {"moto", "responses", "werkzeug", "flask", "pytest"} & set(sys.modules), "too much"
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_a_second_stop_does_nothing() -> None:
    with serve_world() as server:
        server.stop()
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((server.host, server.port), timeout=5)


class Client:
    """One of many clients: it knows what every one of its answers must be."""

    def __init__(self, server: ServerProcess, number: int) -> None:
        self.account = f"{number + 1:012d}"
        self.signer = boto3.client(
            "signer",
            endpoint_url=server.url,
            region_name="us-east-1",
            aws_access_key_id=self.account,
            aws_secret_access_key="any",
            config=Config(inject_host_prefix=False, retries={"total_max_attempts": 1}),
        )
        self.requests = 0
        self.jobs: list[str] = []

    def call(self, operation: str, **params: Any) -> Any:
        self.requests += 1
        return getattr(self.signer, operation)(**params)

    def refused(self, operation: str, error: str, **params: Any) -> None:
        with pytest.raises(ClientError) as caught:
            self.call(operation, **params)
        assert caught.value.response["Error"]["Code"] == error

    def round(self, number: int) -> None:
        name = f"profile_{number}"
        arn = self.call("put_signing_profile", profileName=name, platformId=NOTATION)["arn"]
        assert arn == f"arn:aws:signer:us-east-1:{self.account}:/signing-profiles/{name}"
        signed = self.call(
            "sign_payload", profileName=name, payload=PAYLOAD, payloadFormat=PAYLOAD_FORMAT
        )
        assert signed["jobOwner"] == self.account
        assert json.loads(signed["signature"]).keys() >= {"payload", "protected", "signature"}
        self.jobs.append(signed["jobId"])
        job = self.call("describe_signing_job", jobId=signed["jobId"])
        assert (job["status"], job["profileName"]) == ("Succeeded", name)
        self.call("tag_resource", resourceArn=arn, tags={"round": str(number)})
        assert self.call("get_signing_profile", profileName=name)["tags"] == {"round": str(number)}
        newest = self.call("list_signing_jobs", maxResults=1)["jobs"][0]
        assert newest["jobId"] == signed["jobId"]
        self.refused("get_signing_profile", "ResourceNotFoundException", profileName="nobody")
        self.refused("list_signing_jobs", "ValidationException", maxResults=26)
        for _ in range(8):
            platform = self.call("get_signing_platform", platformId=NOTATION)
            assert platform["maxSizeInMB"] > 0

    def everything_is_there(self, rounds: int) -> None:
        pages = self.signer.get_paginator("list_signing_jobs").paginate()
        assert [job["jobId"] for page in pages for job in page["jobs"]] == self.jobs[::-1]
        pages = self.signer.get_paginator("list_signing_profiles").paginate()
        names = [profile["profileName"] for page in pages for profile in page["profiles"]]
        assert names == [f"profile_{number}" for number in range(rounds)]


def test_eight_clients_at_once_lose_nothing_and_the_server_stays_small(tmp_path: Path) -> None:
    rounds = 25
    with serving(tmp_path) as server:
        clients = [Client(server, number) for number in range(8)]

        def work(client: Client) -> None:
            for number in range(rounds):
                client.round(number)

        with ThreadPoolExecutor(len(clients)) as pool:
            for done in [pool.submit(work, client) for client in clients]:
                done.result()
        assert sum(client.requests for client in clients) > 3000
        for client in clients:
            client.everything_is_there(rounds)
        state = control(server, "state").json
        assert state["calls"] == CALLS_KEPT, "older calls are forgotten"
        held = {
            account: (len(regions["us-east-1"]["profiles"]), regions["us-east-1"]["jobs"])
            for account, regions in state["accounts"].items()
        }
        assert held == {client.account: (rounds, rounds) for client in clients}
        assert server.stop() == 0
        assert server.errors == ""


def test_many_connections_need_no_more_threads_and_leave_nothing_open() -> None:
    with serve_world() as server:
        threads = threading.active_count()

        def use(number: int) -> None:
            client = server.client(account_id=f"{number:012d}")
            client.list_signing_platforms()
            client.close()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(use, range(40)))
        assert threading.active_count() <= threads


def test_servers_that_have_stopped_are_forgotten() -> None:
    with serve_world() as server:
        server.client().list_signing_platforms()
        world = weakref.ref(server.world)
    del server
    gc.collect()
    assert world() is None


def test_without_its_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "signer_mock._server.listener", raising=False)
    monkeypatch.delitem(sys.modules, "signer_mock._server.connection", raising=False)
    monkeypatch.setitem(sys.modules, "h11", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'signer-mock\[server\]'"):
        serve_world()
