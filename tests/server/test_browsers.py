"""Pages in a browser cannot drive a server on their user's machine, unless they are allowed to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from signer_mock.server import SignerServer, serve_world
from tests.helpers.browser import BROWSER, Browser
from tests.helpers.constants import NOTATION
from tests.helpers.server import Answer, RawConnection, control, exchange, http, signed

APP = "https://app.test"


@pytest.fixture(scope="module")
def server() -> Iterator[SignerServer]:
    with serve_world(with_moto=True, allow_origins=[APP]) as server:
        yield server


def request(
    server: SignerServer, method: str, target: str, *headers: str, host: str = "", body: bytes = b""
) -> Answer:
    """One unsigned request whose headers a test chooses."""
    lines = [
        f"{method} {target} HTTP/1.1",
        f"Host: {host or f'127.0.0.1:{server.port}'}",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    head = "\r\n".join([*lines, "", ""]).encode()
    with RawConnection(server) as connection:
        connection.send(head + body)
        return connection.read(method)


def assert_refused(answer: Answer) -> None:
    assert answer.status == 403
    assert b"AccessDenied" in answer.body
    assert not [name for name in answer.headers if name.startswith("access-control-")]


PLACES = {
    "an operation": signed("GET", "/signing-platforms"),
    "an unsigned operation": b"GET /revocations HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "the control surface": signed("POST", "/_signer_mock/reset"),
    "an object": signed("GET", "/_signer_mock/objects/code/app.zip"),
    "S3": signed("GET", "/", service="s3"),
    "IAM by a link": signed(
        "GET", "/?Action=ListUsers&X-Amz-Credential=a/20260101/us-east-1/iam/aws4_request"
    ),
    "moto's own": b"POST /moto-api/reset HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "moto's own, encoded": b"POST /%6doto%2Dapi/reset HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "nothing": b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


@pytest.mark.parametrize("data", PLACES.values(), ids=PLACES.keys())
@pytest.mark.parametrize(
    "header",
    ["Origin: https://evil.test", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site"],
)
def test_a_request_of_a_foreign_page_is_refused_everywhere(
    server: SignerServer, data: bytes, header: str
) -> None:
    data = data.replace(b"\r\n\r\n", f"\r\n{header}\r\n\r\n".encode(), 1)
    assert_refused(exchange(server, data))


FOREIGN = [
    "null",
    "",
    "http://evil.test",
    "http://evil.test:{port}",
    "http://127.0.0.1",
    "http://127.0.0.1:3000",
    "http://127.0.0.1.evil.test:{port}",
    "http://localhost.evil.test:{port}",
    "http://user@127.0.0.1:{port}",
    "http://127.0.0.1:{port}/",
    "http://127.0.0.1:{port} http://evil.test",
    "https://127.0.0.1:{port}",
    "file://127.0.0.1:{port}",
    "http://[::1",
    "http://127.0.0.1:x",
    "127.0.0.1:{port}",
    "https://app.test.evil.test",
    "http://app.test",
    "https://app.test:444",
]


@pytest.mark.parametrize("origin", FOREIGN)
def test_an_origin_that_only_looks_like_the_servers_own_is_foreign(
    server: SignerServer, origin: str
) -> None:
    header = f"Origin: {origin.format(port=server.port)}"
    assert_refused(request(server, "GET", "/_signer_mock/health", header))


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "signer.localhost"])
def test_the_servers_own_page_is_answered(server: SignerServer, name: str) -> None:
    host = f"{name}:{server.port}"
    own = request(server, "GET", "/_signer_mock/health", f"Origin: http://{host}", host=host)
    assert own.status == 200
    typed = request(server, "GET", "/moto-api/", "Sec-Fetch-Site: none", host=host)
    assert typed.status == 200


def test_a_page_at_a_name_that_was_pointed_here_is_foreign(server: SignerServer) -> None:
    """The name's server answers with 127.0.0.1 the second time: page and host agree then."""
    host = f"evil.test:{server.port}"
    assert_refused(
        request(server, "GET", "/signing-platforms", f"Origin: http://{host}", host=host)
    )


# What browsers send with a page's own GET, which has no Origin. A page can change the language and,
# in Firefox, the agent, but it cannot leave either out.
BROWSERS = {
    "over http": ["Accept-Language: en-US,en;q=0.9"],
    "over http, no language": ["User-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0"],
    "over http, disguised": ["User-Agent: aws-cli/2.0", "Accept-Language:"],
    "over https": ["Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: cors", "Accept-Language: en"],
    "typed": ["Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate", "Accept-Language: en"],
}


@pytest.mark.parametrize("headers", BROWSERS.values(), ids=BROWSERS.keys())
@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1.evil.test", "0.0.0.0", "amazonaws.test"])
def test_a_page_at_a_name_that_was_pointed_here_reads_no_answers(
    server: SignerServer, headers: list[str], host: str
) -> None:
    host = f"{host}:{server.port}"
    for data in PLACES.values():
        head = b"\r\n".join([data.strip(), *(header.encode() for header in headers), b"", b""])
        assert_refused(exchange(server, head.replace(b"Host: localhost", f"Host: {host}".encode())))


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "signer.us-east-1.amazonaws.com", "b.s3.amazonaws.com:80"]
)
@pytest.mark.parametrize("name", ["over http", "typed"])
def test_a_browser_reads_answers_at_names_that_nobody_else_can_point_here(
    server: SignerServer, host: str, name: str
) -> None:
    signed_for = (
        "Authorization: AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/signer/aws4_request"
    )
    answer = request(server, "GET", "/signing-platforms", signed_for, *BROWSERS[name], host=host)
    assert answer.status == 200


@pytest.mark.parametrize(
    "headers",
    [
        ["User-Agent: Boto3/1.40 md/Botocore#1.40 md/awscrt#0.1"],
        ["User-Agent: node", "Accept-Language: *", "Sec-Fetch-Mode: cors"],  # Node's fetch
    ],
)
@pytest.mark.parametrize(
    "host", ["signer-mock:5055", "signer.default.svc", "172.17.0.1", "0.0.0.0"]
)
def test_other_programs_read_answers_by_any_name(
    server: SignerServer, headers: list[str], host: str
) -> None:
    data = signed("GET", "/signing-platforms", *headers)
    data = data.replace(b"Host: localhost", f"Host: {host}".encode())
    assert exchange(server, data).status == 200
    assert (
        exchange(server, signed("GET", f"http://{host}/signing-platforms", *headers)).status == 200
    )


def test_an_allowed_page_may_call_by_any_name(server: SignerServer) -> None:
    data = signed("GET", "/signing-platforms", f"Origin: {APP}", *BROWSERS["over http"])
    assert exchange(server, data.replace(b"localhost", b"signer.test")).status == 200


GUARDED = ["/_signer_mock/health", "/_signer_mock/calls", "/moto-api/data.json", "/%6Doto-api/"]


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "evil.test:5055",
        "127.0.0.1.evil.test",
        "localhost.evil.test",
        "signer.us-east-1.amazonaws.com",
        "192.168.1.5",
        "0.0.0.0",
        "2130706433",
        "localhost@evil.test",
    ],
)
def test_a_host_that_is_not_the_servers_has_no_control(
    server: SignerServer, path: str, host: str
) -> None:
    assert_refused(request(server, "GET", path, host=host))
    assert_refused(request(server, "GET", f"http://{host}{path}"))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "LOCALHOST", "[::1]:80", "a.localhost"])
def test_every_name_of_this_machine_has_control(server: SignerServer, host: str) -> None:
    assert request(server, "GET", "/_signer_mock/health", host=host).status == 200
    assert request(server, "GET", f"http://{host}/_signer_mock/health", host="x").status == 200


def test_the_names_that_a_server_was_started_for_have_control() -> None:
    with serve_world(tls_names=["signer.test"]) as server:
        assert request(server, "GET", "/_signer_mock/health", host="signer.test").status == 200
        assert_refused(request(server, "GET", "/_signer_mock/health", host="other.test"))


def test_a_server_for_a_network_takes_any_host_and_no_foreign_page() -> None:
    with serve_world(host="0.0.0.0") as server:
        assert request(server, "GET", "/_signer_mock/health", host="signer:5055").status == 200
        foreign = "Origin: http://evil.test"
        assert_refused(request(server, "GET", "/_signer_mock/health", foreign))


@pytest.mark.parametrize(
    "host",
    ["signer.us-east-1.amazonaws.com", "data-signer.eu-west-1.amazonaws.com:443", "signer.test"],
)
def test_operations_take_any_host(server: SignerServer, host: str) -> None:
    target = f"http://{host}/signing-platforms"
    assert exchange(server, signed("GET", target)).status == 200
    data = signed("GET", "/signing-platforms").replace(b"Host: localhost", f"Host: {host}".encode())
    assert exchange(server, data).status == 200


def test_a_refused_request_changes_nothing(server: SignerServer) -> None:
    server.client().put_signing_profile(profileName="kept", platformId=NOTATION)
    server.client("s3").create_bucket(Bucket="kept")
    for path in ("/_signer_mock/reset", "/moto-api/reset"):
        for header in ("Origin: http://evil.test", "X-None: x"):
            assert_refused(request(server, "POST", path, header, host="evil.test"))
    assert server.client().get_signing_profile(profileName="kept")["status"] == "Active"
    assert server.client("s3").list_buckets()["Buckets"]


def test_nothing_answers_with_cors_headers_by_itself(server: SignerServer) -> None:
    for data in PLACES.values():
        answer = exchange(server, data)
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_an_allowed_page_is_answered_and_may_read_the_answer(server: SignerServer) -> None:
    order = json.dumps({"platformId": NOTATION}).encode()
    data = signed(
        "PUT",
        "/signing-profiles/page",
        f"Origin: {APP}",
        "Sec-Fetch-Site: cross-site",
        "Content-Type: application/json",
        f"Content-Length: {len(order)}",
        body=order,
    )
    answers = [
        exchange(server, data),
        exchange(server, signed("GET", "/", f"Origin: {APP}", service="s3")),
        request(server, "GET", "/_signer_mock/health", f"Origin: {APP}"),
    ]
    for answer in answers:
        assert answer.status == 200
        assert answer.headers["access-control-allow-origin"] == APP
        assert answer.headers["access-control-expose-headers"] == "*"
        assert "origin" in answer.headers["vary"].lower()


def test_a_page_that_asks_for_no_private_network_is_told_of_none(server: SignerServer) -> None:
    asked = "Access-Control-Request-Method: PUT"
    answer = request(server, "OPTIONS", "/signing-profiles/x", f"Origin: {APP}", asked)
    assert answer.status == 204
    assert "access-control-allow-private-network" not in answer.headers


def test_an_allowed_page_may_ask_before_it_sends(server: SignerServer) -> None:
    asked = (
        "Access-Control-Request-Method: PUT",
        "Access-Control-Request-Headers: authorization,x-amz-date",
        "Access-Control-Request-Private-Network: true",
    )
    for target in ("/signing-profiles/x", "/bucket/key", "/_signer_mock/reset", "/moto-api/reset"):
        answer = request(server, "OPTIONS", target, f"Origin: {APP}", *asked)
        assert answer.status == 204
        assert answer.headers["access-control-allow-origin"] == APP
        assert answer.headers["access-control-allow-methods"] == "PUT"
        assert answer.headers["access-control-allow-headers"] == "authorization,x-amz-date"
        assert answer.headers["access-control-allow-private-network"] == "true"
        assert_refused(request(server, "OPTIONS", target, "Origin: http://evil.test", *asked))


@pytest.mark.parametrize("origin", ["*", "", "app.test", "https://app.test/", "null", "ftp://a"])
def test_an_origin_that_is_none_cannot_be_allowed(origin: str) -> None:
    with pytest.raises(ValueError, match="scheme and host"):
        serve_world(allow_origins=[origin])


READ = """
(async () => {
  const credential = 'Credential=a/20260101/us-east-1/signer/aws4_request';
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=0`;
  const disguise = {'Accept-Language': '', 'User-Agent': 'aws-cli/2.0'};
  const answer = await fetch('/signing-platforms', {
    headers: {Authorization: authorization, ...DISGUISE}, referrerPolicy: 'no-referrer',
  });
  window.answer = answer.status + ' ' + await answer.text();
})().catch(error => { window.answer = String(error); });
"""


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium on the PATH")
@pytest.mark.parametrize("disguise", ["{}", "disguise"])
@pytest.mark.parametrize(("name", "status"), [("localhost", 200), ("rebound.test", 403)])
def test_a_real_browser_at_a_name_that_was_pointed_here(
    server: SignerServer, tmp_path: Path, name: str, status: int, disguise: str
) -> None:
    rules = "--host-resolver-rules=MAP rebound.test 127.0.0.1"
    with Browser(tmp_path, rules) as browser:
        # Whatever is answered here, scripts run at this origin.
        browser.open(f"http://{name}:{server.port}/signing-platforms")
        browser.wait_for("location.host && document.readyState == 'complete'")
        browser.run(READ.replace("DISGUISE", disguise) + ";0")
        browser.wait_for("window.answer")
        answer = browser.run("window.answer")

    assert answer.startswith(f"{status} ")
    assert ("Notation-OCI-SHA384-ECDSA" in answer) == (status == 200)


def test_what_other_programs_send_is_no_page(server: SignerServer) -> None:
    assert control(server, "health").status == 200
    # Node's fetch sends this one, and no Origin.
    assert (
        http(f"{server.url}/_signer_mock/health", headers={"Sec-Fetch-Mode": "cors"}).status == 200
    )
