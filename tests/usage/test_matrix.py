"""Every way to be mocked beside every way to call: each cell's body runs and Signer is ours.

{moto absent, outside, inside, started by hand} x {client made before, during, in another thread}
x {synchronous, asynchronous client} x {function, async function, generator, class, TestCase}.
"""

from __future__ import annotations

import asyncio
import threading
import unittest
from contextlib import nullcontext
from typing import Any

import pytest
from moto import mock_aws

from signer_mock import mock_signer
from signer_mock._intercept.moto_stubber import moto_is_active
from tests.helpers.constants import LAMBDA
from tests.helpers.usage import environment, passed, run_cases, session

try:
    from aiobotocore.session import get_session
except ImportError:  # it follows a new botocore some days later
    get_session = None

OWN = {
    "region_name": "us-east-1",
    "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key": "own",
}
PUT_AND_LIST = ["PutSigningProfile", "ListSigningProfiles"]
_aio_session: Any = get_session() if get_session else None
needs_aiobotocore = pytest.mark.skipif(get_session is None, reason="aiobotocore is not installed")


class Synchronous:
    """A boto3 client, and what a test does with it."""

    def __init__(self, *, before: bool) -> None:
        self.client: Any = session().client("signer", **OWN) if before else None

    def work(self) -> list[str]:
        client = self.client or session().client("signer")
        client.put_signing_profile(profileName="profile", platformId=LAMBDA)
        return [p["profileName"] for p in client.list_signing_profiles()["profiles"]]

    async def await_work(self) -> list[str]:
        return self.work()

    def close(self) -> None:
        pass


class Asynchronous:
    """An aiobotocore client, and what a test does with it."""

    def __init__(self, *, before: bool) -> None:
        self.client: Any = asyncio.run(self._open(**OWN)) if before else None

    async def _open(self, **options: str) -> Any:
        self.context = _aio_session.create_client("signer", **options)
        return await self.context.__aenter__()

    def work(self) -> list[str]:
        return asyncio.run(self.await_work())

    async def await_work(self) -> list[str]:
        client = self.client or await self._open()
        await client.put_signing_profile(profileName="profile", platformId=LAMBDA)
        names = [p["profileName"] for p in (await client.list_signing_profiles())["profiles"]]
        if self.client is None:
            await self.context.__aexit__(None, None, None)
        return names

    def close(self) -> None:
        if self.client is not None:
            asyncio.run(self.context.__aexit__(None, None, None))


class Cell:
    """One cell: runs its body inside a mock of its kind, and keeps what the body saw."""

    def __init__(self, neighbour: str, when: str, client_class: Any) -> None:
        self.neighbour = neighbour
        self.when = when
        self.client = client_class(before=when == "before")
        self.mock = mock_signer()
        self.seen: list[Any] = []

    # The body, for callers of both kinds.

    def body(self) -> None:
        with self.moto_inside():
            found = self.in_a_thread() if self.when == "other thread" else self.client.work()
            self.note(found)

    async def async_body(self) -> None:
        with self.moto_inside():
            if self.when == "other thread":
                found = await asyncio.to_thread(self.in_a_thread)
            else:
                found = await self.client.await_work()
            self.note(found)

    def in_a_thread(self) -> list[str]:
        found: list[str] = []
        thread = threading.Thread(target=lambda: found.extend(self.client.work()))
        thread.start()
        thread.join()
        return found

    def moto_inside(self) -> Any:
        return mock_aws() if self.neighbour == "inside" else nullcontext()

    def note(self, found: list[str]) -> None:
        self.seen.append((found, [call.operation for call in self.mock.calls], moto_is_active()))

    # The kinds of test.

    def function(self) -> None:
        self.mock(self.body)()

    def async_function(self) -> None:
        @self.mock
        async def test() -> None:
            await self.async_body()

        asyncio.run(test())

    def generator(self) -> None:
        @self.mock
        def fixture() -> Any:
            yield
            self.body()

        for _ in fixture():
            pass

    def plain_class(self) -> None:
        body = self.body

        @self.mock
        class TestPlain:
            def test(self) -> None:
                body()

        TestPlain().test()

    def test_case(self) -> None:
        body = self.body

        @self.mock
        class Case(unittest.TestCase):
            def test(self) -> None:
                body()

        passed(run_cases(Case), 1)

    def run(self, kind: str) -> None:
        if self.neighbour == "outside":
            with mock_aws():
                getattr(self, kind)()
        elif self.neighbour == "by hand":
            moto = mock_aws()
            self.mock.start()
            moto.start()
            getattr(self, kind)()
            moto.stop()
            self.mock.stop()
        else:
            getattr(self, kind)()
        self.client.close()


@pytest.mark.parametrize("neighbour", ["absent", "outside", "inside", "by hand"])
@pytest.mark.parametrize("when", ["before", "during", "other thread"])
@pytest.mark.parametrize(
    "client_class",
    [
        pytest.param(Synchronous, id="boto3"),
        pytest.param(Asynchronous, id="aiobotocore", marks=needs_aiobotocore),
    ],
)
@pytest.mark.parametrize(
    "kind", ["function", "async_function", "generator", "plain_class", "test_case"]
)
def test_the_body_runs_and_signer_is_answered_by_the_mock(neighbour, when, client_class, kind):
    before = environment()
    cell = Cell(neighbour, when, client_class)
    cell.run(kind)
    assert cell.seen == [(["profile"], PUT_AND_LIST, neighbour != "absent")]
    assert environment() == before


def test_where_moto_is_not_installed_every_kind_works(pytester):
    script = pytester.makepyfile(
        """
        import asyncio, sys, unittest
        sys.modules.update(dict.fromkeys(["moto", "aiobotocore", "requests", "responses"]))
        import boto3
        from signer_mock import mock_signer

        def work():
            client = boto3.client("signer", region_name="us-east-1")
            client.put_signing_profile(profileName="profile", platformId="AWSLambda-SHA384-ECDSA")
            found = client.list_signing_profiles()["profiles"]
            assert [profile["profileName"] for profile in found] == ["profile"]
            print("it ran")

        @mock_signer
        async def asynchronous():
            work()

        @mock_signer
        def generator():
            yield
            work()

        @mock_signer
        class Plain:
            def test(self):
                work()

        @mock_signer
        class Case(unittest.TestCase):
            def test(self):
                work()

        mock_signer(work)()
        asyncio.run(asynchronous())
        list(generator())
        Plain().test()
        assert Case("test").run().wasSuccessful()
        """
    )
    result = pytester.runpython(script)
    assert result.ret == 0
    assert result.outlines == ["it ran"] * 5
