"""The wire itself: routes, bad requests, and answers that botocore's own parser reads back."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import botocore.parsers
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from signer_mock import _handle
from signer_mock._service.new_world import new_world
from signer_mock._wire import serialize
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock._wire.model import service_model
from signer_mock.server import serve_world
from tests.helpers.refusals import refusal
from tests.helpers.server import exchange, signed

MODEL = service_model("signer")
SIGNED = {
    "authorization": "AWS4-HMAC-SHA256 "
    "Credential=123456789012/20260102/us-east-1/signer/aws4_request, SignedHeaders=h, Signature=0"
}
TIME = dt.datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=dt.timezone.utc)


def ask(method: str, target: str, body: bytes = b"", **headers: str) -> HttpResponse:
    url = f"https://signer.us-east-1.amazonaws.com{target}"
    request = HttpRequest.from_url(method, url, {**SIGNED, **headers}, body)
    return _handle.handle(new_world(), request)


def example(shape: Any) -> Any:
    """A full value of a shape: every member is there."""
    return {
        "structure": lambda: {name: example(m) for name, m in shape.members.items()},
        "list": lambda: [example(shape.member), example(shape.member)],
        "map": lambda: {"key": example(shape.value)},
        "string": lambda: "text é",
        "blob": lambda: b"\x00\xffbytes",
        "boolean": lambda: True,
        "integer": lambda: 25,
        "timestamp": lambda: TIME,
    }[shape.type_name]()


@pytest.mark.parametrize("name", MODEL.operation_names)
def test_botocore_reads_back_every_member_of_every_answer(name):
    shape = MODEL.operation_model(name).output_shape
    output = example(shape) if shape is not None else {}
    response = serialize.success(output, "id", TIME)

    parser = botocore.parsers.create_parser("rest-json")
    parsed = parser.parse(
        {"status_code": response.status, "headers": response.headers, "body": response.body}, shape
    )

    parsed.pop("ResponseMetadata")
    assert parsed == output


@pytest.mark.parametrize(
    ("time", "number"),
    [
        (TIME, 1767323045.678),
        (TIME.replace(microsecond=0), 1767323045),
        (TIME.replace(microsecond=999), 1767323045),
        (dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc), 0),
    ],
)
def test_timestamps_are_epoch_seconds_and_whole_where_they_can_be(time, number):
    body = serialize.success({"createdAt": time}, "id", TIME).body
    assert body == b'{"createdAt":%s}' % repr(number).encode()


def test_a_string_of_a_class_of_its_own_is_a_string():
    class Account(str):
        __slots__ = ()

    body = serialize.success({"jobOwner": Account("123456789012")}, "id", TIME).body
    assert body == b'{"jobOwner":"123456789012"}'


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/"),
        ("GET", "/nowhere"),
        ("PATCH", "/signing-profiles"),
        ("GET", "/signing-jobs/a/b/c"),
        ("PUT", "/signing-profiles//revoke"),
        ("POST", "/signing-profiles"),
        ("GET", "/signing-jobs/"),  # not the list: an empty job id
        ("GET", "/signing-platforms/"),
        ("GET", "//signing-jobs"),
    ],
)
def test_an_unknown_method_or_path_is_not_found(method, target):
    response = ask(method, target)
    assert response.status == 404
    assert response.headers["x-amzn-ErrorType"] == "UnknownOperationException"
    assert json.loads(response.body)["message"].endswith(f"{method} {target}.")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "The request body is not valid JSON."),
        (b"[]", "Expected an object at 'the request body', found an array."),
        (b'{"platformId": 5}', "Expected a string at 'platformId', found a number."),
        (b'{"tags": {"a": true}}', "Expected a string at 'tags.a', found a boolean."),
    ],
    ids=lambda value: repr(value[:30]),
)
def test_a_body_that_cannot_be_read_is_a_serialization_error(body, message):
    response = ask("PUT", "/signing-profiles/some_profile", body)
    assert response.status == 400
    assert response.headers["x-amzn-ErrorType"] == "SerializationException"
    assert json.loads(response.body) == {"message": message, "code": "SerializationException"}


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("maxResults=many", "maxResults"),
        ("isRevoked=TRUE", "isRevoked"),
        ("signatureExpiresBefore=2026-01-02", "signatureExpiresBefore"),
    ],
)
def test_a_query_that_cannot_be_read_is_a_serialization_error(query, where):
    response = ask("GET", f"/signing-jobs?{query}")
    assert response.status == 400
    assert response.headers["x-amzn-ErrorType"] == "SerializationException"
    assert f"'{where}'" in json.loads(response.body)["message"]


def test_a_body_of_another_media_type_is_refused_by_handler_and_server():
    body = b'{"platformId": "AWSLambda-SHA384-ECDSA"}'
    target = "/signing-profiles/some_profile"
    form = "application/x-www-form-urlencoded"

    response = ask("PUT", target, body, **{"content-type": form})
    with serve_world() as server:
        headers = (f"Content-Type: {form}", f"Content-Length: {len(body)}")
        answer = exchange(server, signed("PUT", target, *headers, body=body))

    message = f"Expected a body of the media type application/json, found {form}."
    assert (response.status, answer.status) == (415, 415)
    assert answer.error == response.headers["x-amzn-ErrorType"] == "UnsupportedMediaTypeException"
    assert answer.json["message"] == message
    assert json.loads(response.body)["message"] == message


def test_null_members_count_as_absent():
    body = b'{"platformId": "AWSLambda-SHA384-ECDSA", "tags": null, "signingMaterial": null}'
    assert ask("PUT", "/signing-profiles/some_profile", body).status == 200


@pytest.mark.parametrize(
    ("operation", "params"),
    [("describe_signing_job", {"jobId": ""}), ("get_signing_platform", {"platformId": ""})],
)
def test_an_empty_id_does_not_list_everything(signer_client, operation, params):
    error = refusal(getattr(signer_client, operation), **params)
    assert error.response["Error"]["Code"] == "UnknownOperationException"


def test_an_unsigned_request_is_answered_as_aws_does(signer_mock):
    client = signer_mock.client("signer", config=Config(signature_version=UNSIGNED))
    error = refusal(client.list_signing_platforms)
    assert error.response["Error"] == {
        "Code": "MissingAuthenticationTokenException",
        "Message": "Missing Authentication Token",
    }
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("signer.eu-west-1.amazonaws.com", "eu-west-1"),
        ("data-signer.eu-west-1.amazonaws.com", "eu-west-1"),
        ("signer-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("signer.ap-southeast-1.api.aws", "ap-southeast-1"),
        ("signer.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"),
    ],
)
def test_the_region_of_an_unsigned_request_is_in_its_host(signer_mock, host, region):
    client = signer_mock.client(
        "signer", endpoint_url=f"https://{host}", config=Config(signature_version=UNSIGNED)
    )
    with pytest.raises(ClientError):
        client.list_signing_platforms()
    assert signer_mock.calls[-1].region == region


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Signer.example:8443/a", "signer.example"),
        ("https://user:word@signer.example/a", "signer.example"),
        ("https://[::1]:8443/a", "::1"),
        ("https://[::1]/a", "::1"),
        ("https://:8443/a", ""),
    ],
)
def test_the_host_of_a_request_is_that_of_its_url(url, host):
    assert HttpRequest.from_url("GET", url, {}).host == host


@pytest.mark.parametrize(
    "url", ["https://signer.example", "https://signer.example?a=b", "https://signer.example/#c"]
)
def test_a_url_without_a_path_is_for_the_root(url):
    assert HttpRequest.from_url("GET", url, {}).path == "/"


def test_every_answer_carries_a_request_id_and_the_mocks_date(signer_mock, signer_client):
    signer_mock.clock.freeze("2031-05-06T07:08:09Z")
    metadata = signer_client.list_signing_platforms()["ResponseMetadata"]
    assert metadata["HTTPHeaders"]["date"] == "Tue, 06 May 2031 07:08:09 GMT"
    assert len(metadata["RequestId"]) == 36


def test_an_error_has_the_one_form_that_every_sdk_reads(signer_client):
    error = refusal(signer_client.get_signing_profile, profileName="nope")
    assert error.response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-errortype"] == (
        "ResourceNotFoundException"
    )
    assert error.response["code"] == "ProfileNotFound"
    assert error.response["message"] == error.response["Error"]["Message"]
    assert "__type" not in error.response


def test_a_presigned_url_names_its_operation_and_caller(signer_mock, signer_client):
    url = signer_client.generate_presigned_url("list_signing_platforms", {"maxResults": 2})
    request = HttpRequest.from_url("GET", url, {})

    response = _handle.handle(new_world(), request)

    assert response.status == 200
    assert len(json.loads(response.body)["platforms"]) == 2
