"""HTTP clients that nobody mocks: while a mock is active, they cannot look up an AWS host."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
import urllib.request
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import urllib3
from moto import mock_aws

from signer_mock import UnmockedCallError, mock_signer

S3 = "bucket.s3.eu-west-1.amazonaws.com"
SIGNER = "signer.eu-west-1.amazonaws.com"
CLOUDFRONT = "d111111abcdef8.cloudfront.net"


async def _httpx(url: str) -> Any:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(url)


async def _aiohttp(url: str) -> Any:
    aiohttp = pytest.importorskip("aiohttp")  # comes with aiobotocore
    # The default resolver may be one in C, where aiodns is installed.
    connector = aiohttp.TCPConnector(resolver=aiohttp.ThreadedResolver())
    async with aiohttp.ClientSession(connector=connector) as client, client.get(url):
        pass


async def _asyncio(url: str) -> Any:
    await asyncio.open_connection(httpx.URL(url).host, 80)


def _http_client(url: str) -> Any:
    http.client.HTTPConnection(httpx.URL(url).host, timeout=2).request("GET", "/")


CLIENTS: dict[str, Callable[[str], Any]] = {
    "urllib": lambda url: urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url),
    "http.client": _http_client,
    "urllib3": lambda url: urllib3.PoolManager(retries=False).request("GET", url),
    "httpx": lambda url: httpx.get(url, trust_env=False),
    "httpx, async": lambda url: asyncio.run(_httpx(url)),
    "aiohttp": lambda url: asyncio.run(_aiohttp(url)),
    "asyncio": lambda url: asyncio.run(_asyncio(url)),
    "socket": lambda url: socket.create_connection((httpx.URL(url).host, 80), timeout=2),
}


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The names that reach the machine's resolver, which knows none of them."""
    names: list[Any] = []

    def resolver(host: Any, *_args: Any, **_options: Any) -> Any:
        names.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    return names


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", [S3, SIGNER, f"{S3}.", "STS.amazonaws.com", "x.api.aws"])
def test_a_connection_to_aws_is_refused(looked_up, client, scheme, host):
    with mock_signer(), pytest.raises(UnmockedCallError, match="would reach real AWS") as refusal:
        CLIENTS[client](f"{scheme}://{host}/")
    assert looked_up == []
    way_out = "mock.serve()" if host == SIGNER else "mock_signer(block_other_aws=False)"
    assert way_out in str(refusal.value)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("host", [CLOUDFRONT, "aws.amazon.com", "amazonaws.com.example.org"])
def test_other_hosts_are_looked_up(looked_up, client, host):
    with mock_signer(), pytest.raises(Exception, match=r"\S") as failure:
        CLIENTS[client](f"http://{host}/")
    assert not isinstance(failure.value, UnmockedCallError)
    # anyio, below httpx, asks with bytes.
    assert [name.decode() if isinstance(name, bytes) else name for name in looked_up] == [host]


def test_block_other_aws_lets_all_but_signer_out(looked_up):
    with mock_signer(block_other_aws=False):
        with pytest.raises(UnmockedCallError):
            httpx.get(f"https://{SIGNER}/", trust_env=False)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"https://{S3}/", trust_env=False)
    assert looked_up == [S3]


@pytest.mark.parametrize("name", [S3.encode(), bytearray(S3.encode()), S3])
def test_names_of_every_type_are_refused(looked_up, name):
    with mock_signer():
        with pytest.raises(UnmockedCallError):
            socket.getaddrinfo(name, 443)
        with pytest.raises(UnmockedCallError):
            socket.getaddrinfo(host=name, port=443)
        for other in (None, "", b"", "127.0.0.1", "::1"):
            with pytest.raises(socket.gaierror):
                socket.getaddrinfo(other, 443)


def test_loopback_connections_work():
    with mock_signer(), socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()
        socket.create_connection(server.getsockname(), timeout=5).close()


def test_beside_moto_it_is_the_same(looked_up):
    with mock_aws(), mock_signer() as mock:
        mock.client("s3").create_bucket(Bucket="bucket")
        with pytest.raises(UnmockedCallError, match="neither signer_mock nor moto"):
            httpx.get(f"https://{S3}/", trust_env=False)
    assert looked_up == []


def test_after_the_stop_names_are_looked_up_again(looked_up):
    with mock_signer():
        pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"https://{S3}/", trust_env=False)
    assert looked_up == [S3]


def test_a_users_later_resolver_replaces_the_guard(monkeypatch):
    with mock_signer():
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_args, **_options: [host])
        assert list(socket.getaddrinfo(S3, 443)) == [S3]  # type: ignore[comparison-overlap]  # fake


def test_a_restored_resolver_is_guarded_by_the_next_mock(looked_up):
    before = socket.getaddrinfo
    with mock_signer():
        assert socket.getaddrinfo is not before
    socket.getaddrinfo = before
    with mock_signer(), pytest.raises(UnmockedCallError):
        socket.getaddrinfo(S3, 443)
    with mock_signer():
        guarded = socket.getaddrinfo
    with mock_signer():
        assert socket.getaddrinfo is guarded, "patched once"


# Threads that outlive the mock


class Straggler:
    """A thread that is started inside a mock and does something after it."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.stopped, self.outcome = threading.Event(), "nothing"
        self._work = work
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self.stopped.wait(10)
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 - told to the test
            self.outcome = type(error).__name__

    def finish(self) -> str:
        self.stopped.set()
        self._thread.join()
        return self.outcome


def test_a_thread_that_outlives_the_mock_cannot_connect_to_aws(looked_up):
    with mock_signer():
        straggler = Straggler(lambda: socket.create_connection((S3, 443)))
        harmless = Straggler(lambda: socket.create_connection((CLOUDFRONT, 443)))
    assert straggler.finish() == "UnmockedCallError"
    assert harmless.finish() == "gaierror"
    assert looked_up == [CLOUDFRONT]


def test_a_thread_that_such_a_thread_starts_cannot_either(looked_up):
    outcomes: list[str] = []

    def connect() -> None:
        try:
            socket.create_connection((S3, 443))
        except Exception as error:  # noqa: BLE001 - told to the test
            outcomes.append(type(error).__name__)

    def in_a_thread(work: Callable[[], None]) -> Callable[[], None]:
        def start() -> None:
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()

        return start

    with mock_signer():
        straggler = Straggler(in_a_thread(in_a_thread(connect)))
    assert straggler.finish() == "nothing"
    assert outcomes == ["UnmockedCallError"]
    in_a_thread(connect)()
    assert outcomes == ["UnmockedCallError", "gaierror"], "a thread of our own is free"
    assert looked_up == [S3]
