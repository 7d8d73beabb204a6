"""Errors of the server reach every SDK in the form of the service that it called."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from botocore.exceptions import ClientError

from signer_mock.server import SignerServer, serve_world
from tests.helpers.server import exchange, http, signed

# A call of each protocol, and how its errors are named there.
CALLS: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "query": ("cloudformation", "describe_stacks", {}, "NotImplemented"),
    "ec2": ("ec2", "describe_instances", {}, "NotImplemented"),
    "rest-xml, S3": ("s3", "list_buckets", {}, "NotImplemented"),
    "rest-xml, S3 Control": (
        "s3control",
        "get_public_access_block",
        {"AccountId": "123456789012"},
        "NotImplemented",
    ),
    "rest-xml, others": ("route53", "list_hosted_zones", {}, "NotImplemented"),
    "json": ("dynamodb", "list_tables", {}, "NotImplementedException"),
    "rest-json": ("lambda", "list_functions", {}, "NotImplementedException"),
    "another name in signatures": ("ses", "list_identities", {}, "NotImplemented"),
    # The protocol of CloudWatch changed in 2025; either is right.
    "query or cbor": ("cloudwatch", "list_metrics", {}, "NotImplemented"),
}


@pytest.fixture(scope="module")
def plain() -> Iterator[SignerServer]:
    with serve_world() as server:
        yield server


@pytest.fixture
def beside_moto() -> Iterator[SignerServer]:
    with serve_world(with_moto=True) as server:
        yield server


def refusal_of(server: SignerServer, service: str, operation: str, **params: Any) -> Any:
    client = s3control(server) if service == "s3control" else server.client(service)
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**params)
    return caught.value.response


def s3control(server: SignerServer) -> Any:
    """S3 Control without the account before its host, which nobody resolves."""
    client = server.client("s3control")
    client.meta.events.register_first(
        "before-send.s3-control.*",
        lambda request, **_: request.__setattr__("url", request.url.replace("123456789012.", "")),
    )
    return client


def test_a_client_of_smithys_cbor_protocol_can_read_the_refusal(plain: SignerServer) -> None:
    parsers = pytest.importorskip("botocore.parsers")
    if not hasattr(parsers, "RpcV2CBORParser"):
        pytest.skip("this botocore has no such protocol")
    headers = {"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}
    credential = "123456789012/20260101/us-east-1/monitoring/aws4_request"
    headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={credential}"
    path = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
    answer = http(f"{plain.url}{path}", "POST", b"\xa0", headers)
    assert answer.status == 501
    assert answer.headers["content-type"] == "application/cbor"
    raw = {"status_code": 501, "headers": answer.headers, "body": answer.body}
    error = parsers.RpcV2CBORParser().parse(raw, None)["Error"]
    assert error["Code"] == "NotImplementedException"
    assert "--with-moto" in error["Message"]


@pytest.mark.parametrize(
    ("service", "operation", "params", "code"), CALLS.values(), ids=CALLS.keys()
)
def test_a_service_that_is_not_served_is_a_501_in_its_protocol(
    plain: SignerServer, service: str, operation: str, params: dict[str, Any], code: str
) -> None:
    answer = refusal_of(plain, service, operation, **params)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert answer["ResponseMetadata"]["RetryAttempts"] == 0
    assert answer["Error"]["Code"].removesuffix("Exception") == code.removesuffix("Exception")
    assert "--with-moto" in answer["Error"]["Message"]


@pytest.mark.parametrize(
    ("service", "operation", "missing", "extra"),
    [
        ("cloudformation", "describe_stacks", "moto.cloudformation.models", "cloudformation"),
        ("ec2", "describe_instances", "moto.ec2.models", "ec2"),
        ("route53", "list_hosted_zones", "moto.route53.models", "route53"),
        ("dynamodb", "list_tables", "moto.dynamodb.models", "dynamodb"),
        ("lambda", "list_functions", "moto.awslambda.models", "awslambda"),
    ],
)
def test_a_service_whose_extra_is_missing_names_it(
    beside_moto: SignerServer,
    monkeypatch: pytest.MonkeyPatch,
    service: str,
    operation: str,
    missing: str,
    extra: str,
) -> None:
    for name in [name for name in sys.modules if name.startswith(missing.rpartition(".")[0])]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    answer = refusal_of(beside_moto, service, operation)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert f"pip install 'moto[{extra}]'" in answer["Error"]["Message"]
    others = beside_moto.client("s3").list_buckets()["ResponseMetadata"]
    assert others["HTTPStatusCode"] == 200


def test_a_service_that_moto_does_not_have_is_a_501(beside_moto: SignerServer) -> None:
    answer = refusal_of(beside_moto, "chime", "list_accounts")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "moto" in answer["Error"]["Message"]


def test_an_operation_that_moto_does_not_have_is_a_501(beside_moto: SignerServer) -> None:
    answer = refusal_of(beside_moto, "iam", "get_organizations_access_report", JobId="1" * 36)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "moto" in answer["Error"]["Message"]


def test_a_defect_of_moto_is_a_500_in_the_services_protocol(
    beside_moto: SignerServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def break_down(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("moto.iam.models.IAMBackend.list_roles", break_down)
    answer = exchange(
        beside_moto,
        signed(
            "POST",
            "/",
            "Content-Type: application/x-www-form-urlencoded",
            "Content-Length: 35",
            body=b"Action=ListRoles&Version=2010-05-08",
            service="iam",
        ),
    )
    assert answer.status == 500
    assert b"<Code>InternalFailure</Code>" in answer.body
    assert "break_down" in capfd.readouterr().err


def test_a_message_that_quotes_the_request_is_still_xml(plain: SignerServer) -> None:
    answer = exchange(plain, signed("GET", "/", service="s3"))
    assert answer.headers["content-type"] == "application/xml"
    odd = exchange(plain, signed("GET", "/?Action=X", service="<evil>&\xff"))
    assert b"<evil>" not in odd.body
    assert ET.fromstring(odd.body).findtext("Error/Code") == "NotImplemented"
