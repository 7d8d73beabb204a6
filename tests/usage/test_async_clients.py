"""aiobotocore's clients, and tests of asyncio, pytest-asyncio and anyio."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from moto import mock_aws

from signer_mock import mock_signer
from signer_mock.errors import UnmockedCallError
from signer_mock.server import serve_world
from tests.helpers.constants import LAMBDA, NOTATION, OWN_KEY, PAYLOAD_FORMAT
from tests.helpers.usage import VARIABLES, environment, in_order, names, put

aiobotocore_session = pytest.importorskip("aiobotocore.session")
AioConfig = pytest.importorskip("aiobotocore.config").AioConfig


def client(service: str = "signer", **options: Any) -> Any:
    """What ``async with`` opens."""
    return aiobotocore_session.get_session().create_client(service, **options)


async def aio_names(aio: Any) -> list[str]:
    return [p["profileName"] for p in (await aio.list_signing_profiles())["profiles"]]


@pytest.mark.asyncio
@mock_signer
async def test_both_kinds_of_client_share_one_world():
    async with client() as aio:
        await aio.put_signing_profile(profileName="asynchronous", platformId=LAMBDA)
        put("synchronous")
        assert await aio_names(aio) == ["asynchronous", "synchronous"]
        assert names() == ["asynchronous", "synchronous"]


@pytest.mark.asyncio
async def test_a_client_made_before_the_mock_works_in_each_and_in_no_other_time():
    async with client(region_name="us-east-1", **OWN_KEY) as aio:
        for _ in range(2):
            async with mock_signer():
                await aio.put_signing_profile(profileName="profile", platformId=LAMBDA)
                assert await aio_names(aio) == ["profile"]


@pytest.mark.asyncio
async def test_a_client_made_where_there_are_no_credentials_is_mocked(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/does/not/exist")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/does/not/exist")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    async with client(region_name="us-east-1") as aio:
        with mock_signer(account_id="210987654321") as mock:
            assert await aio_names(aio) == []
            assert mock.calls[-1].account_id == "210987654321"


@pytest.mark.asyncio
async def test_errors_arrive_as_the_clients_own_exceptions(signer_mock):
    async with client() as aio:
        with pytest.raises(aio.exceptions.ResourceNotFoundException) as refusal:
            await aio.get_signing_profile(profileName="unknown")
    assert refusal.value.response["code"] == "ProfileNotFound"


@pytest.mark.asyncio
async def test_paginators_waiters_payloads_and_presigned_urls_work(signer_mock):
    async with client() as aio:
        await aio.put_signing_profile(profileName="profile", platformId=NOTATION)
        payload = b'{"targetArtifact":{"mediaType":"application/vnd.oci.image.manifest.v1+json",'
        payload += b'"digest":"sha256:' + b"a" * 64 + b'","size":16724}}'
        signed = await aio.sign_payload(
            profileName="profile",
            payload=payload,
            payloadFormat=PAYLOAD_FORMAT,
        )
        assert signed["signature"]
        await aio.get_waiter("successful_signing_job").wait(jobId=signed["jobId"])
        jobs = [
            job["jobId"]
            async for page in aio.get_paginator("list_signing_jobs").paginate()
            for job in page["jobs"]
        ]
        assert jobs == [signed["jobId"]]
        assert "X-Amz-Credential" in await aio.generate_presigned_url("list_signing_platforms")


@pytest.mark.asyncio
async def test_many_calls_at_once(signer_mock):
    async with client() as aio:
        puts = [
            aio.put_signing_profile(profileName=f"profile_{number:02}", platformId=LAMBDA)
            for number in range(20)
        ]
        await asyncio.gather(*puts)
        assert len(await aio_names(aio)) == 20


@pytest.mark.asyncio
async def test_other_services_are_refused_for_asynchronous_clients_too(signer_mock):
    async with client("s3") as s3:
        with pytest.raises(UnmockedCallError, match="mock_aws"):
            await s3.list_buckets()


@pytest.mark.asyncio
async def test_after_the_stop_an_asynchronous_client_is_refused():
    with mock_signer():
        opened = client()
        aio = await opened.__aenter__()
        assert await aio_names(aio) == []
    with pytest.raises(UnmockedCallError, match="after the mock had stopped"):
        await aio_names(aio)
    await opened.__aexit__(None, None, None)


@pytest.mark.asyncio
@pytest.mark.parametrize("first", ["moto", "ours"])
async def test_beside_moto_the_mock_answers_signer(first):
    with in_order(first, mock_signer(), mock_aws()):
        async with client() as aio:
            assert await aio_names(aio) == []
            with pytest.raises(ClientError) as refusal:
                await aio.get_signing_profile(profileName="unknown")
            assert refusal.value.response["code"] == "ProfileNotFound"


def test_aiobotocore_that_is_imported_inside_a_mock_is_intercepted(pytester):
    script = pytester.makepyfile(
        """
        import asyncio, sys
        from signer_mock import mock_signer

        async def main():
            with mock_signer(region_name="us-east-1") as mock:
                assert "aiobotocore" not in sys.modules
                from aiobotocore.session import get_session
                async with get_session().create_client("signer") as aio:
                    assert (await aio.list_signing_profiles())["profiles"] == []
                assert len(mock.calls) == 1

        asyncio.run(main())
        assert "responses" not in sys.modules
        print("it ran")
        """
    )
    result = pytester.runpython(script)
    result.stdout.fnmatch_lines(["it ran"])


@pytest.fixture
@mock_signer
async def anyios_profile() -> AsyncIterator[str]:
    put("of_the_fixture")
    yield "of_the_fixture"
    assert names() == ["of_the_fixture", "of_the_test"]


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_an_async_generator_fixture_of_anyio_keeps_its_world_for_the_test(
    anyios_profile, anyio_backend
):
    put("of_the_test")
    assert names() == ["of_the_fixture", "of_the_test"]


@pytest.mark.asyncio
async def test_a_task_that_is_cancelled_ends_its_mock():
    before = environment()
    started = asyncio.Event()

    @mock_signer
    async def work():
        put("profile")
        started.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert environment() == before


@pytest.mark.asyncio
async def test_two_tasks_at_the_same_time_share_the_world_of_the_first():
    @mock_signer
    async def work(name, meet):
        put(name)
        await meet.wait()
        return names()

    meet = asyncio.Event()
    tasks = [asyncio.create_task(work(name, meet)) for name in ("one", "two")]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    meet.set()
    assert await asyncio.gather(*tasks) == [["one", "two"]] * 2


@pytest.mark.asyncio
async def test_asynchronous_clients_get_faults_and_retry(signer_mock):
    signer_mock.faults.fail("ListSigningProfiles", "TooManyRequestsException", times=2)
    signer_mock.faults.timeout("ListSigningProfiles")
    async with client() as aio:
        started = time.perf_counter()
        answer = await aio.list_signing_profiles()
        assert time.perf_counter() - started < 1
        assert answer["ResponseMetadata"]["RetryAttempts"] == 3
        signer_mock.faults.drop_response("ListSigningProfiles", times=None)
        with pytest.raises(ConnectionClosedError):
            await aio.list_signing_profiles()


@pytest.mark.asyncio
async def test_a_delayed_call_does_not_block_the_event_loop(signer_mock):
    signer_mock.faults.delay("ListSigningProfiles", seconds=0.2)
    async with client() as aio:
        slow = asyncio.ensure_future(aio.list_signing_profiles())
        await asyncio.sleep(0)
        while not signer_mock.faults.fired:  # noqa: ASYNC110 - there is nothing else to await
            await asyncio.sleep(0.001)
        await aio.list_signing_platforms()
        assert not slow.done()
        await slow


def test_on_trio_calls_are_delayed_and_retried_too(signer_mock):
    anyio = pytest.importorskip("anyio")
    pytest.importorskip("trio")
    httpx_session = pytest.importorskip("aiobotocore.httpxsession")

    signer_mock.faults.delay("ListSigningProfiles", seconds=0.05)
    signer_mock.faults.fail("ListSigningProfiles", "TooManyRequestsException", times=2)

    async def call() -> Any:
        config = AioConfig(http_session_cls=httpx_session.HttpxSession)
        async with client(config=config) as aio:
            return await aio.list_signing_profiles()

    started = time.perf_counter()
    answer = anyio.run(call, backend="trio")
    assert 0.05 <= time.perf_counter() - started < 1
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2


@pytest.mark.asyncio
@pytest.mark.parametrize("with_moto", [False, True])
async def test_what_the_mock_does_not_answer_goes_out_with_its_body(with_moto):
    config = AioConfig(s3={"addressing_style": "path"})
    with serve_world(with_moto=with_moto) as server, mock_signer(block_other_aws=False):
        async with client("s3", endpoint_url=server.url, config=config) as aio:
            if with_moto:
                await aio.create_bucket(Bucket="code")
                await aio.put_object(Bucket="code", Key="app", Body=io.BytesIO(b"code"))
                answer = await aio.get_object(Bucket="code", Key="app")
                assert await answer["Body"].read() == b"code"
            else:
                with pytest.raises(ClientError, match="--with-moto"):
                    await aio.list_buckets()


@pytest.mark.asyncio
async def test_waits_that_no_fault_asked_for_are_kept(signer_mock):
    waits = [0.05]
    async with client() as aio:
        aio.meta.events.register_first(
            "needs-retry.signer.*", lambda **_: waits.pop() if waits else None
        )
        started = time.perf_counter()
        await aio.list_signing_profiles()
    assert time.perf_counter() - started >= 0.05
