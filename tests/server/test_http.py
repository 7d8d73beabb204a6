"""What comes over the socket, as HTTP has it or not; the server answers and goes on."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from signer_mock import _handle
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock.errors import MissingExtraError, UnmockedCallError
from signer_mock.server import Limits, SignerServer, make_wsgi_app, serve_world
from tests.helpers.constants import LAMBDA, NOTATION
from tests.helpers.server import PATIENCE, Answer, RawConnection, control, exchange, http, signed

LIST = signed("GET", "/signing-platforms")


@pytest.fixture
def server() -> Iterator[SignerServer]:
    with serve_world() as server:
        yield server


@pytest.fixture
def impatient() -> Iterator[SignerServer]:
    with serve_world(limits=Limits(body=1000, request_seconds=0.3, idle_seconds=0.3)) as server:
        yield server


def assert_refused(answer: Answer, status: int, error: str) -> None:
    """AWS's form: the name in a header, a message and a code in the body."""
    assert (answer.status, answer.error) == (status, error)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-amzn-requestid"]
    assert set(answer.json) == {"message", "code"}
    assert answer.json["message"]


# h11 decides what valid HTTP is, so what it accepts (such as bare line feeds) is not here.
MALFORMED = {
    "no HTTP at all": b"hello\r\n\r\n",
    "HTTP/0.9": b"GET /signing-platforms\r\n\r\n",
    "a TLS handshake": b"\x16\x03\x01\x02\x00\x01\x00",
    "two spaces": b"GET  /signing-platforms HTTP/1.1\r\nHost: a\r\n\r\n",
    "a space in the path": b"GET /signing platforms HTTP/1.1\r\nHost: a\r\n\r\n",
    "raw UTF-8 in the path": "GET /signing-profiles/ü HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
    "an absolute target with a bad host": b"GET http://[::1/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "another scheme": b"GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "a tunnel": b"CONNECT signer.us-east-1.amazonaws.com:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    "an asterisk": b"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
    "a header without colon": b"GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n",
    "no host": b"GET /signing-platforms HTTP/1.1\r\n\r\n",
    "a host with a word for a port": b"GET /signing-platforms HTTP/1.1\r\nHost: a:b\r\n\r\n",
    "a host with a port out of range": b"GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n",
    "a target with a port out of range": b"GET http://a:99999/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "two lengths": (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"
    ),
    "a negative length": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "a length in words": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ten\r\n\r\n",
    "a length with a plus": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n",
    "a chunk size in words": (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nten\r\n"
    ),
    "a chunk longer than its size": (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n"
    ),
}


@pytest.mark.parametrize("request_bytes", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_http_is_a_400_and_ends_only_its_connection(
    server: SignerServer, request_bytes: bytes
) -> None:
    with RawConnection(server) as connection:
        connection.send(request_bytes)
        assert_refused(connection.read(), 400, "MalformedRequestException")
        assert connection.is_closed()
    assert len(server.client().list_signing_platforms()["platforms"]) == 5


TOO_MUCH = {
    "a long request line": (
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: a",
        431,
        "HeadersTooLargeException",
    ),
    "an endless request line": (b"GET /" + b"a" * 200_000, 431, "HeadersTooLargeException"),
    "a long header": (
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 120_000,
        431,
        "HeadersTooLargeException",
    ),
    "a body too long": (
        b"POST /signing-jobs HTTP/1.1\r\nHost: a\r\nContent-Length: 8388609",
        413,
        "RequestEntityTooLargeException",
    ),
    "a body longer than any": (
        b"POST /signing-jobs HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999999",
        413,
        "RequestEntityTooLargeException",
    ),
    "another coding": (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked",
        501,
        "NotImplementedException",
    ),
    "another version": (b"GET / HTTP/3.0\r\nHost: a", 505, "HttpVersionNotSupportedException"),
}


@pytest.mark.parametrize(("head", "status", "error"), TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_too_much_is_refused_before_it_is_read(
    server: SignerServer, head: bytes, status: int, error: str
) -> None:
    with RawConnection(server) as connection:
        connection.send(head + b"\r\n\r\n")
        assert_refused(connection.read(), status, error)
        assert connection.is_closed()
    assert control(server, "health").status == 200


def test_a_client_in_the_middle_of_a_huge_body_can_read_why(server: SignerServer) -> None:
    answer = http(f"{server.url}/signing-jobs/with-payload", "POST", bytes(20 << 20))
    assert_refused(answer, 413, "RequestEntityTooLargeException")


def test_chunks_that_add_up_to_too_much_are_refused(impatient: SignerServer) -> None:
    chunk = b"200\r\n" + bytes(0x200) + b"\r\n"
    with RawConnection(impatient) as connection:
        connection.send(signed("POST", "/signing-jobs", "Transfer-Encoding: chunked"))
        connection.send(chunk + chunk)
        assert_refused(connection.read(), 413, "RequestEntityTooLargeException")


def test_an_incomplete_request_is_a_408(impatient: SignerServer) -> None:
    chunked = signed("POST", "/signing-jobs", "Transfer-Encoding: chunked")
    for part in (
        b"GET /sign",
        signed("POST", "/signing-jobs", "Content-Length: 9", body=b"{"),
        chunked + b"1",
        chunked + b"9\r\n{",
        chunked + b"0\r\n",
    ):
        with RawConnection(impatient) as connection:
            connection.send(part)
            assert_refused(connection.read(), 408, "RequestTimeoutException")
            assert connection.is_closed()


BYTE_BY_BYTE = {
    "a head": (b"GET /", b"a"),
    "headers": (b"GET / HTTP/1.1\r\n", b"X: y\r\n"),
    "a body": (signed("POST", "/signing-jobs", "Content-Length: 900"), b" "),
    "chunks": (signed("POST", "/signing-jobs", "Transfer-Encoding: chunked"), b"1\r\n \r\n"),
}


@pytest.mark.parametrize(("start", "piece"), BYTE_BY_BYTE.values(), ids=BYTE_BY_BYTE.keys())
def test_a_request_that_comes_byte_by_byte_has_one_deadline(
    impatient: SignerServer, start: bytes, piece: bytes
) -> None:
    enough = threading.Event()
    with RawConnection(impatient) as connection:
        connection.send(start)

        def drip() -> None:
            with contextlib.suppress(OSError):  # once the server has had enough too
                while not enough.wait(0.02):
                    connection.send(piece)

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            assert_refused(connection.read(), 408, "RequestTimeoutException")
        finally:
            enough.set()
            dripping.join()


def test_empty_lines_before_a_request_may_come_alone(server: SignerServer) -> None:
    with RawConnection(server) as connection:
        connection.send(b"\r\n")
        time.sleep(0.05)
        connection.send(b"GET /_signer_mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.read().status == 200


def test_a_client_that_sends_no_more_gets_its_late_answer(server: SignerServer) -> None:
    server.world.faults.delay("ListSigningPlatforms", seconds=0.2)
    with RawConnection(server) as connection:
        connection.send(signed("GET", "/signing-platforms"))
        connection.finish_sending()
        assert connection.read().status == 200
        assert connection.is_closed()


def test_a_hundred_half_sent_requests_block_no_other_client(server: SignerServer) -> None:
    halves = [LIST[:9], LIST[:-2], signed("POST", "/signing-jobs", "Content-Length: 9", body=b"{")]
    with contextlib.ExitStack() as stack:
        for number in range(100):
            connection = stack.enter_context(RawConnection(server))
            connection.send(halves[number % len(halves)])
        # All of them are read by now: a connection is accepted after those before it.
        for _ in range(20):
            started = time.monotonic()
            assert exchange(server, LIST).status == 200
            assert time.monotonic() - started < 1


def test_silent_clients_and_pending_handshakes_block_no_other_client() -> None:
    with serve_world(tls=True) as server, contextlib.ExitStack() as stack:
        for number in range(100):
            connection = stack.enter_context(RawConnection(server))
            connection.send(b"\x16\x03\x01"[: number % 4])
        trusting = ssl.create_default_context(cadata=server.trust_root_pem().decode())
        started = time.monotonic()
        assert http(f"{server.url}/_signer_mock/health", context=trusting).status == 200
        assert time.monotonic() - started < 1
        server.stop()
        assert time.monotonic() - started < 2, "they do not hold up a stop either"


def test_two_hundred_clients_at_once_are_all_answered(server: SignerServer) -> None:
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(RawConnection(server)) for _ in range(200)]
        for _ in range(2):
            for connection in connections:
                connection.send(LIST)
            assert {connection.read().status for connection in connections} == {200}


def test_an_answer_comes_in_one_piece(server: SignerServer) -> None:
    with socket.create_connection((server.host, server.port), timeout=PATIENCE) as plain:
        for _ in range(20):
            plain.sendall(LIST)
            answer = plain.recv(1 << 16)
            head, _, body = answer.partition(b"\r\n\r\n")
            assert f"content-length: {len(body)}".encode() in head.lower()
            assert body


def test_a_reader_that_is_slow_gets_all_of_a_large_answer() -> None:
    size = 40 << 20  # far more than the kernel's buffers hold
    with serve_world(limits=Limits(idle_seconds=1)) as server:
        server.world.memory_objects.create_bucket("large")
        server.world.memory_objects.put("large", "object", bytes(size))
        with RawConnection(server) as connection:
            connection.send(signed("GET", "/_signer_mock/objects/large/object"))
            for _ in range(20):
                # Much at a time: progress shows only when the kernel's buffer drains.
                assert len(connection.read_bytes(size // 20)) == size // 20
                time.sleep(0.15)  # 3 seconds in all, three times the limit


def test_a_client_that_disconnects_early_causes_no_error(
    server: SignerServer, capfd: pytest.CaptureFixture[str]
) -> None:
    for part in (b"", b"GET /", signed("POST", "/signing-jobs", "Content-Length: 9", body=b"{")):
        with RawConnection(server) as connection:
            connection.send(part)
    assert control(server, "health").status == 200
    server.stop()
    assert capfd.readouterr().err == ""


def test_a_silent_connection_is_closed(impatient: SignerServer) -> None:
    with RawConnection(impatient) as connection:
        assert connection.is_closed()


def test_many_requests_go_over_one_connection(server: SignerServer) -> None:
    with RawConnection(server) as connection:
        for _ in range(3):
            connection.send(LIST)
            answer = connection.read()
            assert answer.status == 200
            assert "connection" not in answer.headers
        connection.send(signed("GET", "/signing-platforms", "Connection: close"))
        assert connection.read().headers["connection"] == "close"
        assert connection.is_closed()


def test_requests_that_were_sent_ahead_are_answered_in_order(server: SignerServer) -> None:
    with RawConnection(server) as connection:
        connection.send(LIST + signed("GET", "/signing-platforms/Nope"))
        assert [connection.read().status, connection.read().status] == [200, 404]


def test_an_empty_line_between_requests_is_skipped(server: SignerServer) -> None:
    with RawConnection(server) as connection:
        connection.send(b"\r\n" + LIST)
        assert connection.read().status == 200


def test_an_empty_line_after_a_body_is_skipped(server: SignerServer) -> None:
    body = b'{"platformId":"Notation-OCI-SHA384-ECDSA"}'
    head = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    put = signed("PUT", "/signing-profiles/old_client", *head, body=body)
    with RawConnection(server) as connection:
        for between in (b"\r\n", b"\r\n\r\n", b"\r\n" + LIST + b"\r\n", b""):
            connection.send(put + between)
            assert connection.read().status in {200, 400}  # the name is taken after the first
            if LIST in between:
                assert connection.read().status == 200


def test_a_client_that_offers_another_protocol_is_answered_in_this_one(
    server: SignerServer,
) -> None:
    # Java's client offers HTTP/2 with each request.
    offer = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAA")
    with RawConnection(server) as connection:
        for _ in range(3):
            connection.send(signed("GET", "/signing-platforms", *offer))
            assert connection.read().status == 200


def test_http_1_0_is_answered_and_closed(server: SignerServer) -> None:
    with RawConnection(server) as connection:
        connection.send(b"GET /_signer_mock/health HTTP/1.0\r\n\r\n")
        assert connection.read().status == 200
        assert connection.is_closed()


def test_the_answer_to_head_has_no_body(server: SignerServer) -> None:
    with RawConnection(server) as connection:
        connection.send(b"HEAD /_signer_mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert int(connection.read("HEAD").headers["content-length"]) > 0
        connection.send(LIST)  # would be garbled by a body
        assert connection.read().status == 200


def test_a_client_that_expects_100_continue_gets_it(server: SignerServer) -> None:
    body = b'{"platformId":"Notation-OCI-SHA384-ECDSA"}'
    expect = ("Expect: 100-continue", f"Content-Length: {len(body)}")
    with RawConnection(server) as connection:
        connection.send(signed("PUT", "/signing-profiles/waiting", *expect))
        assert connection.read().status == 100
        connection.send(body)
        assert connection.read().status == 200


def test_a_client_that_waits_before_a_body_too_long_is_refused_at_once(
    impatient: SignerServer,
) -> None:
    expect = ("Expect: 100-continue", "Content-Length: 5000")
    with RawConnection(impatient) as connection:
        connection.send(signed("PUT", "/signing-profiles/waiting", *expect))
        assert_refused(connection.read(), 413, "RequestEntityTooLargeException")


def test_a_chunked_body_arrives_whole(server: SignerServer) -> None:
    body = (
        b"1a;name=value\r\n" + b'{"platformId":"Notation-OC' + b"\r\n"
        b"10\r\n" + b'I-SHA384-ECDSA"}' + b"\r\n0\r\nTrailer: x\r\n\r\n"
    )
    with RawConnection(server) as connection:
        connection.send(signed("PUT", "/signing-profiles/chunked", "Transfer-Encoding: chunked"))
        connection.send(body)
        assert connection.read().status == 200
        connection.send(LIST)
        assert connection.read().status == 200
    assert server.client().get_signing_profile(profileName="chunked")["status"] == "Active"


@pytest.mark.parametrize(
    "target",
    [
        "http://data-localhost:5055/signing-platforms",
        "HTTP://data-signer.us-east-1.amazonaws.com/signing-platforms",
        "https://user@[::1]:5055/signing-platforms?maxResults=3",
        "/signing-platforms",
    ],
)
def test_a_proxys_request_line_and_any_host_are_taken(server: SignerServer, target: str) -> None:
    answer = exchange(server, signed("GET", target))
    assert answer.status == 200


def test_the_host_of_an_absolute_target_counts_and_not_the_header(server: SignerServer) -> None:
    # Unsigned, so that only the host tells the region.
    exchange(
        server,
        b"GET http://data-signer.eu-west-1.amazonaws.com/revocations HTTP/1.1\r\nHost: a\r\n\r\n",
    )
    assert server.calls[-1].region == "eu-west-1"


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/"),
        ("GET", "/signing-profiles/x/y/z"),
        ("DELETE", "/signing-platforms"),
        ("PATCH", "/signing-jobs"),
        ("BREW", "/signing-jobs"),
        ("OPTIONS", "*"),
        ("GET", "/../../etc/passwd"),
        ("GET", "//signing-platforms//x"),
        ("GET", "/%00"),
    ],
)
def test_wrong_methods_and_paths_are_a_404(server: SignerServer, method: str, target: str) -> None:
    answer = exchange(server, signed(method, target))
    assert_refused(answer, 404, "UnknownOperationException")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"text"',
        b'{"platformId": NaN}',
        b'{"platformId": 7}',
        b'{"a":' * 30_000,
        b"\0" * 100,
    ],
    ids=lambda body: body[:12].decode("latin-1"),
)
def test_bad_json_is_a_400(server: SignerServer, body: bytes) -> None:
    head = signed("PUT", "/signing-profiles/bad", f"Content-Length: {len(body)}")
    assert_refused(exchange(server, head + body), 400, "SerializationException")


def test_an_unsigned_request_is_a_403(server: SignerServer) -> None:
    answer = exchange(server, b"GET /signing-platforms HTTP/1.1\r\nHost: a\r\n\r\n")
    assert_refused(answer, 403, "MissingAuthenticationTokenException")


def test_a_request_for_another_service_names_the_option(
    server: SignerServer,
) -> None:
    answer = exchange(server, signed("GET", "/", service="sagemaker-geospatial"))
    assert_refused(answer, 501, "NotImplementedException")
    assert "--with-moto" in answer.json["message"]


def test_an_operation_that_the_mock_does_not_answer_is_a_501(
    server: SignerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signer_mock._handle.OPERATIONS", {})
    answer = exchange(server, LIST)
    assert_refused(answer, 501, "NotImplementedException")
    assert answer.json["code"] == "UnsupportedOperationError"


def test_a_defect_is_a_500_with_its_traceback_on_standard_error(
    server: SignerServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def break_down(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("signer_mock._handle.OPERATIONS", {"ListSigningPlatforms": break_down})
    with RawConnection(server) as connection:
        connection.send(LIST)
        assert_refused(connection.read(), 500, "InternalFailure")
        connection.send(b"GET /_signer_mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.read().status == 200
    assert "break_down" in capfd.readouterr().err


def test_random_bytes_do_not_stop_the_server(server: SignerServer) -> None:
    for _ in range(50):
        with RawConnection(server) as connection:
            connection.send(os.urandom(300) + b"\r\n\r\n")
            connection.finish_sending()
            assert 400 <= connection.read().status < 500
    assert control(server, "health").status == 200


def test_stopping_answers_what_is_under_way_and_frees_port_and_threads() -> None:
    threads = threading.active_count()
    body = b'{"platformId":"Notation-OCI-SHA384-ECDSA"}'
    length = f"Content-Length: {len(body)}"
    with serve_world() as server:
        idle, busy = RawConnection(server), RawConnection(server)
        with idle, busy:
            idle.send(LIST)
            assert idle.read().status == 200  # it is kept alive
            busy.send(signed("PUT", "/signing-profiles/late", "Expect: 100-continue", length))
            assert busy.read().status == 100  # now it is under way
            stopping = threading.Thread(target=server.stop)
            stopping.start()
            busy.send(body)
            assert busy.read().status == 200
            stopping.join()
            assert idle.is_closed()
    assert threading.active_count() == threads
    with serve_world(port=server.port) as again:
        assert control(again, "health").status == 200


def test_two_servers_have_two_worlds() -> None:
    with serve_world() as one, serve_world() as two:
        one.client().put_signing_profile(profileName="only_here", platformId=NOTATION)
        assert two.client().list_signing_profiles()["profiles"] == []


def test_a_port_in_use_is_reported(server: SignerServer) -> None:
    with pytest.raises(OSError, match=r"in use|permitted"):
        serve_world(port=server.port)


def test_tls_has_a_certificate_of_the_accounts_root() -> None:
    with serve_world(tls=True, tls_names=["signer.test"]) as server:
        root = server.trust_root_pem().decode()
        trusting = ssl.create_default_context(cadata=root)
        trusting.verify_flags |= ssl.VERIFY_X509_STRICT
        for host in ("127.0.0.1", "localhost"):
            url = f"https://{host}:{server.port}/_signer_mock/health"
            assert http(url, context=trusting).status == 200
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            http(f"{server.url}/_signer_mock/health")
        # What does not even speak TLS is let go, and nothing else suffers.
        with RawConnection(server) as connection:
            connection.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert connection.is_closed()
        assert http(f"{server.url}/_signer_mock/health", context=trusting).status == 200


def ask_wsgi(server: SignerServer, handle: Any = None, **environ: Any) -> tuple[int, Any]:
    """The status and the document with which the WSGI application answers."""
    app = make_wsgi_app(handle or functools.partial(_handle.handle, server.world))
    credential = "123456789012/20260101/us-east-1/signer/aws4_request"
    environ = {
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": "",
        "HTTP_HOST": "localhost:80",
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential={credential}",
        "wsgi.input": io.BytesIO(),
        **environ,
    }
    statuses: list[str] = []

    def start_response(status: str, _headers: object, _error: object = None) -> Any:
        statuses.append(status)

    body = b"".join(app(environ, start_response))
    return int(statuses[0].partition(" ")[0]), json.loads(body)


def test_the_wsgi_application_answers_as_the_server_does(server: SignerServer) -> None:
    arn = server.client().put_signing_profile(
        profileName="tagged", platformId=NOTATION, tags={"team": "a"}
    )["arn"]
    raw = f"/tags/{arn.replace('/', '%2F')}"
    answer = ask_wsgi(server, PATH_INFO=f"/tags/{arn}", RAW_URI=raw)
    assert answer == (200, {"tags": {"team": "a"}})


def test_the_wsgi_application_does_without_the_raw_target(server: SignerServer) -> None:
    server.client().put_signing_profile(profileName="image", platformId=NOTATION)
    server.client().put_signing_profile(profileName="other", platformId=LAMBDA)
    query = f"platformId={NOTATION}"
    status, answer = ask_wsgi(server, PATH_INFO="/signing-profiles", QUERY_STRING=query)
    assert status == 200
    assert [one["profileName"] for one in answer["profiles"]] == ["image"]


@pytest.mark.parametrize(
    ("environ", "status", "code"),
    [
        ({"RAW_URI": "/x", "HTTP_HOST": "a:b"}, 400, "MalformedRequestException"),
        ({"RAW_URI": "elsewhere"}, 400, "MalformedRequestException"),
        (
            {"RAW_URI": "/tags/x", "REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(1 << 30)},
            413,
            "RequestEntityTooLargeException",
        ),
    ],
    ids=["host", "target", "body"],
)
def test_the_wsgi_application_refuses_as_the_server_does(
    server: SignerServer, environ: dict[str, str], status: int, code: str
) -> None:
    answered, answer = ask_wsgi(server, PATH_INFO="/", **environ)
    assert (answered, answer["code"]) == (status, code)


def test_what_the_handler_cannot_do_is_a_501_of_wsgi(server: SignerServer) -> None:
    def handle(_: HttpRequest) -> HttpResponse:
        msg = "Nobody answers this."
        raise UnmockedCallError(msg)

    status, answer = ask_wsgi(server, handle, PATH_INFO="/", RAW_URI="/")
    assert status == 501
    assert answer["message"] == "Nobody answers this."


def test_without_werkzeug_the_wsgi_application_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "werkzeug", None)
    with pytest.raises(MissingExtraError, match=r"werkzeug: pip install 'signer-mock\[server"):
        make_wsgi_app(lambda _: HttpResponse(200, {}, b""))
