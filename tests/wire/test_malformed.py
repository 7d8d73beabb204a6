"""Requests that a server of the rest-json protocol must refuse, and odd ones that it must read.

The rules are those that Smithy's compliance tests set for servers; the cases are our own, told in
terms of Signer's operations.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from botocore.model import ServiceModel

from signer_mock._wire.exceptions import SerializationException, UnsupportedMediaTypeException
from signer_mock._wire.http import HttpRequest
from signer_mock._wire.model import load_protocol
from signer_mock._wire.parse import input_parser

PROFILE = "/signing-profiles/some_profile"
REVOKE = f"{PROFILE}/revoke"
PAYLOAD = "/signing-jobs/with-payload"
JOBS = "/signing-jobs"


def parse(method: str, target: str, body: bytes | str = b"", **headers: str) -> dict[str, Any]:
    """The input that the mock reads out of a request."""
    raw = body.encode() if isinstance(body, str) else body
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    request = HttpRequest.from_url(method, f"https://host{target}", headers, raw)
    protocol = load_protocol()
    name, labels = protocol.router.match(request.method, request.path)
    return protocol.operation(name).parse(request, labels)


def refused(method: str, target: str, body: bytes | str = b"") -> str:
    with pytest.raises(SerializationException) as caught:
        parse(method, target, body)
    assert caught.value.status == 400
    return caught.value.message


# --- The body as a whole

NOT_JSON = [
    "{",
    "}",
    "{[",
    '{"platformId": "x"}{}',
    'x{"platformId": "x"}',
    '{"platformId": "x"} // a comment',
    '{"platformId": "x" /* a comment */}',
    '{"platformId":\f"x"}',
    "{'platformId': 'x'}",
    '{"platformId": "x",}',
    "{platformId: 1}",
    '{"platformId": "tab\tinside"}',
    '{"signatureValidityPeriod": {"value": 0x42}}',
    '{"signatureValidityPeriod": {"value": 2ABC}}',
    '{"signatureValidityPeriod": {"value": 01}}',
    '{"signatureValidityPeriod": {"value": +1}}',
    '{"signatureValidityPeriod": {"value": .5}}',
    '{"signatureValidityPeriod": {"value": NaN}}',
    '{"signatureValidityPeriod": {"value": Infinity}}',
    '{"signatureValidityPeriod": {"value": -Infinity}}',
    '{"signatureValidityPeriod": {"value": True}}',
    '{null: "x"}',
    '{"tags": {null: "x"}}',
    "[" * 100_000,
    '{"a":' * 100_000,
    b'{"platformId": "\xff"}',
    b'{"platformId": "\xed\xa0\x80"}',  # a surrogate in UTF-8
    '{"platformId": "x"}'.encode("utf-16"),
    '{"platformId": "x"}'.encode("utf-16-be"),
    '{"platformId": "x"}'.encode("utf-8-sig"),
    '{"platformId": "é"}'.encode("latin-1"),
]


@pytest.mark.parametrize("body", NOT_JSON, ids=lambda body: repr(body[:40]))
def test_a_body_that_is_not_json_in_utf8_is_refused(body):
    assert refused("PUT", PROFILE, body) == "The request body is not valid JSON."


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("[]", "an array"),
        ('[{"platformId": "x"}]', "an array"),
        ('"text"', "a string"),
        ("10", "a number"),
        ("1.5", "a number"),
        ("true", "a boolean"),
        ("null", "null"),
    ],
)
def test_a_body_that_is_no_object_is_refused(body, found):
    message = f"Expected an object at 'the request body', found {found}."
    assert refused("PUT", PROFILE, body) == message


@pytest.mark.parametrize("body", ["", "{}", ' \r\n\t{"unknown": [{"a": 1e400}]} '])
def test_a_body_without_members_of_the_operation_is_read(body):
    assert parse("PUT", PROFILE, body) == {"profileName": "some_profile"}


def test_a_member_given_twice_counts_as_it_was_given_last():
    body = '{"platformId": "first", "tags": {"a": "1", "a": "2"}, "platformId": "second"}'
    assert parse("PUT", PROFILE, body) == {
        "profileName": "some_profile",
        "platformId": "second",
        "tags": {"a": "2"},
    }


def test_a_body_is_not_read_where_the_operation_has_none():
    assert parse("GET", JOBS, "no JSON", content_type="text/plain") == {}


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8";version=1',
        "application/json ; charset=iso-8859-1",  # parameters mean nothing: JSON is UTF-8
    ],
)
def test_json_is_read_with_any_parameters_of_its_media_type(content_type):
    body = '{"platformId": "é"}'
    assert parse("PUT", PROFILE, body, content_type=content_type)["platformId"] == "é"


def test_a_body_of_undeclared_type_is_read():
    assert parse("PUT", PROFILE, '{"platformId": "x"}')["platformId"] == "x"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/hal+json",
        "application/x-amz-json-1.1",
        "application/x-www-form-urlencoded",
        "application/json, text/plain",
        "application/json5",
        "text/json",
        "json",
        "",
    ],
)
def test_a_body_of_another_declared_type_is_refused(content_type):
    with pytest.raises(UnsupportedMediaTypeException) as caught:
        parse("PUT", PROFILE, '{"platformId": "x"}', content_type=content_type)
    assert caught.value.status == 415
    assert caught.value.message == (
        f"Expected a body of the media type application/json, found {content_type}."
    )


# --- Members of the body

# A member of each type that bodies have, where it is, and what is expected there.
MEMBERS = {
    "string": ("PUT", PROFILE, '{"platformId": %s}', "a string", "platformId"),
    "integer": (
        *("PUT", PROFILE, '{"signatureValidityPeriod": {"value": %s}}'),
        *("an integer", "signatureValidityPeriod.value"),
    ),
    "structure": ("PUT", PROFILE, '{"overrides": %s}', "an object", "overrides"),
    "nested": (
        *("PUT", PROFILE, '{"overrides": {"signingConfiguration": %s}}'),
        *("an object", "overrides.signingConfiguration"),
    ),
    "map": ("PUT", PROFILE, '{"tags": %s}', "an object", "tags"),
    "map's value": ("PUT", PROFILE, '{"tags": {"k": %s}}', "a string", "tags.k"),
    "blob": ("POST", PAYLOAD, '{"payload": %s}', "a string", "payload"),
    "timestamp": (
        *("PUT", REVOKE, '{"effectiveTime": %s}', "a number of seconds since 1970"),
        "effectiveTime",
    ),
}
JSON = {
    "a string": ['"x"', '"5"', '"true"', '"2026-01-02T03:04:05Z"', '""'],
    "a number": ["1", "1.5", "0", "-1", "1.0", "1e2"],
    "a boolean": ["true", "false"],
    "an array": ["[]", '["x"]', "[1]"],
    "an object": ["{}", '{"x": 1}'],
}
TAKEN = {
    "string": {"a string"},
    "integer": set(),  # some numbers are no integers: below
    "structure": {"an object"},
    "nested": {"an object"},
    "map": {"an object"},
    "map's value": {"a string"},
    "blob": {"a string"},
    "timestamp": {"a number"},
}
WRONG = [
    pytest.param(member, found, literal, id=f"{member} {literal}")
    for member, taken in TAKEN.items()
    for found, literals in JSON.items()
    for literal in literals
    if found not in taken and not (member == "integer" and literal in {"1", "0", "-1"})
]


@pytest.mark.parametrize(("member", "found", "literal"), WRONG)
def test_a_member_of_the_wrong_json_type_is_refused(member, found, literal):
    method, target, body, expected, where = MEMBERS[member]
    message = f"Expected {expected} at '{where}', found {found}."
    assert refused(method, target, body % literal) == message


@pytest.mark.parametrize("member", MEMBERS)
def test_null_is_an_absent_member_but_no_value_of_a_map(member):
    method, target, body, expected, where = MEMBERS[member]
    if member == "map's value":
        message = f"Expected {expected} at '{where}', found null."
        assert refused(method, target, body % "null") == message
    else:
        read = parse(method, target, body % "null")
        assert read in (
            {"profileName": "some_profile"},
            {},
            {"profileName": "some_profile", where.partition(".")[0]: {}},
        )


@pytest.mark.parametrize("number", [2**31 - 1, -(2**31), 0])
def test_an_integer_of_32_bits_is_read(number):
    body = f'{{"signatureValidityPeriod": {{"value": {number}}}}}'
    assert parse("PUT", PROFILE, body)["signatureValidityPeriod"] == {"value": number}
    assert parse("GET", f"{JOBS}?maxResults={number}") == {"maxResults": number}


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 2**63, -(2**63), 10**18])
def test_an_integer_beyond_32_bits_is_refused(number):
    body = f'{{"signatureValidityPeriod": {{"value": {number}}}}}'
    for message, where in (
        (refused("PUT", PROFILE, body), "signatureValidityPeriod.value"),
        (refused("GET", f"{JOBS}?maxResults={number}"), "maxResults"),
    ):
        assert message == f"The integer at '{where}' does not fit into 32 bits."


def test_a_number_of_thousands_of_digits_is_refused():
    body = '{"signatureValidityPeriod": {"value": %s}}' % ("9" * 5000)
    assert refused("PUT", PROFILE, body) == "The request body is not valid JSON."
    assert "'maxResults'" in refused("GET", f"{JOBS}?maxResults={'9' * 5000}")


@pytest.mark.parametrize(
    "text",
    [
        *("xyz", "blob!", "YmxvYg=", "YmxvYg===", "YmxvYg==YmxvYg==", r"YQ==\n", " YQ==", "YQ"),
        *("-_==", "é", "=", "====", "Y===", "A", "YmxvY"),
    ],
)
def test_what_is_not_base64_with_all_its_padding_is_refused(text):
    assert refused("POST", PAYLOAD, f'{{"payload": "{text}"}}') == "Expected base64 at 'payload'."


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", b""),
        ("AA==", b"\0"),
        ("YmxvYg==", b"blob"),
        ("+/+/", b"\xfb\xff\xbf"),
        ("AAA=", b"\0\0"),
    ],
)
def test_base64_is_read(text, data):
    assert parse("POST", PAYLOAD, f'{{"payload": "{text}"}}')["payload"] == data


@pytest.mark.parametrize("number", ["1e400", "-1e400", "253402300800", "-62135596801", "9" * 400])
def test_a_time_beyond_the_calendar_is_refused(number):
    body = f'{{"effectiveTime": {number}}}'
    assert refused("PUT", REVOKE, body) == "The time at 'effectiveTime' is out of range."


@pytest.mark.parametrize(
    ("number", "time"),
    [
        ("0", "1970-01-01T00:00:00"),
        ("-1", "1969-12-31T23:59:59"),
        ("1767323045.678", "2026-01-02T03:04:05.678000"),
        ("1.767323045e9", "2026-01-02T03:04:05"),
        ("253402300799", "9999-12-31T23:59:59"),
    ],
)
def test_a_time_in_a_body_is_a_number_of_seconds(number, time):
    read = parse("PUT", REVOKE, f'{{"effectiveTime": {number}}}')
    assert read["effectiveTime"] == dt.datetime.fromisoformat(f"{time}+00:00")


@pytest.mark.parametrize(
    ("fraction", "microseconds"),
    [("", 0), (".5", 500_000), (".123456", 123_456), (".123456789", 123_456)],
)
def test_a_time_in_a_query_has_up_to_nine_digits_of_a_second(fraction, microseconds):
    read = parse("GET", f"/revocations?signatureTimestamp=2026-01-02T03:04:05{fraction}Z")
    time = dt.datetime(2026, 1, 2, 3, 4, 5, microseconds, dt.timezone.utc)
    assert read["signatureTimestamp"] == time


# --- Unicode


@pytest.mark.parametrize(
    ("method", "target", "body", "where"),
    [
        ("PUT", PROFILE, r'{"platformId": "\ud800"}', "platformId"),
        ("PUT", PROFILE, r'{"platformId": "a\udfffb"}', "platformId"),
        ("PUT", PROFILE, r'{"platformId": "\ude00\ud83d"}', "platformId"),
        ("PUT", PROFILE, r'{"tags": {"k": "\ud800"}}', "tags.k"),
        ("PUT", PROFILE, r'{"tags": {"\ud800": "v"}}', "tags"),
        ("POST", PAYLOAD, r'{"payload": "\ud800"}', "payload"),
        ("GET", "/signing-profiles/a%FFb", "", "profileName"),
        ("GET", "/signing-jobs/%ED%A0%80", "", "jobId"),
        ("GET", "/tags/%C3", "", "resourceArn"),
        ("GET", f"{JOBS}?requestedBy=%FF", "", "requestedBy"),
        ("DELETE", "/tags/x?tagKeys=a&tagKeys=%80", "", "tagKeys"),
    ],
)
def test_half_of_a_surrogate_pair_and_bytes_that_are_not_utf8_are_refused(
    method, target, body, where
):
    assert refused(method, target, body) == f"Expected valid Unicode at '{where}'."


def test_a_whole_surrogate_pair_and_any_other_character_are_read():
    body = r'{"platformId": "\ud83d\ude00 \u0000 é"}'
    assert parse("PUT", PROFILE, body)["platformId"] == "\U0001f600 \0 é"
    assert parse("GET", "/tags/%F0%9F%98%80%2Fx") == {"resourceArn": "\U0001f600/x"}


def test_unicode_that_is_broken_in_an_unknown_member_does_not_matter():
    assert parse("PUT", PROFILE, r'{"unknown": "\ud800"}') == {"profileName": "some_profile"}
    assert parse("GET", f"{JOBS}?unknown=%FF") == {}


# --- Queries

NO_BOOLEANS = (
    "True TRUE y Y yes Yes YES 1 on On ON False FALSE n N no No NO 0 off Off OFF %20true".split()
)


@pytest.mark.parametrize("text", [*NO_BOOLEANS, ""])
def test_a_boolean_in_a_query_is_true_or_false_in_lower_case(text):
    message = "Expected true or false at 'isRevoked', found a string."
    assert refused("GET", f"{JOBS}?isRevoked={text}") == message


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False)])
def test_a_boolean_in_a_query_is_read(text, value):
    assert parse("GET", f"{JOBS}?isRevoked={text}") == {"isRevoked": value}


@pytest.mark.parametrize(
    "text",
    [*"true 1.001 1.0 2ABC 0x42 Infinity NaN %201 1_0 ٣ --1 1e2".split(), "", "1" * 20],
)
def test_what_is_no_integer_in_a_query_is_refused(text):
    message = "Expected an integer at 'maxResults', found a string."
    assert refused("GET", f"{JOBS}?maxResults={text}") == message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "1767323045",
        "1767323045.678",
        "Fri%2C%2002%20Jan%202026%2003%3A04%3A05%20GMT",
        "2026-01-02",
        "2026-01-02T03",
        "2026-01-02T03Z",
        "2026-01-02T0304",
        "2026-01-02T03:04",
        "2026-01-02T03:04Z",
        "2026-01-02T03:04:05",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05,5Z",
        "2026-01-02T03:04:05.1234567890Z",
        "2026-01-02T030405",
        "20260102T030405",
        "20260102T030405Z",
        "20260102T03:04:05Z",
        "2026-01-02%2003:04:05Z",
        "2026-01-02T03:04:05%2B00",
        "2026-01-02T03:04:05%2B00Z",
        "2026-01-02T03:04:05%2B00:00",  # offsets too: SDKs send UTC
        "2026-01-02T03:04:05-08:00",
        "2026-01-02T03:04:05%2B01:00[Europe/Paris]",
        "2026-1-2T3:4:5Z",
        "%2B2026-01-02T03:04:05Z",
        "٢٠٢٦-01-02T03:04:05Z",
        "2026-01-02T03:04:05Z%0A",
    ],
)
def test_a_time_in_a_query_is_iso_8601_in_utc(text):
    message = (
        "Expected an ISO 8601 time such as 2026-01-02T03:04:05Z at 'signatureExpiresBefore', "
        "found a string."
    )
    assert refused("GET", f"{JOBS}?signatureExpiresBefore={text}") == message


@pytest.mark.parametrize(
    "text",
    [
        "2026-13-02T03:04:05Z",
        "2026-02-29T03:04:05Z",
        "2026-01-02T24:04:05Z",
        "2026-01-02T03:04:60Z",
        "0000-01-02T03:04:05Z",
    ],
)
def test_a_time_in_a_query_that_no_calendar_has_is_refused(text):
    message = "The time at 'signatureExpiresBefore' is out of range."
    assert refused("GET", f"{JOBS}?signatureExpiresBefore={text}") == message


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2026-01-02T03:04:05Z", 0),
        ("2026-01-02T03:04:05.6Z", 600000),
        ("2026-01-02T03:04:05.678000Z", 678000),
        ("2026-01-02T03:04:05.678901999Z", 678901),
        ("2026-01-02t03:04:05z", 0),
    ],
)
def test_a_time_in_a_query_is_read(text, micros):
    time = dt.datetime(2026, 1, 2, 3, 4, 5, micros, dt.timezone.utc)
    assert parse("GET", f"{JOBS}?signatureExpiresBefore={text}") == {"signatureExpiresBefore": time}


def test_a_single_value_given_twice_counts_as_it_was_given_last_and_a_list_has_all():
    assert parse("GET", f"{JOBS}?maxResults=1&maxResults=2&status=") == {
        "maxResults": 2,
        "status": "",
    }
    assert parse("DELETE", "/tags/x?tagKeys=b&tagKeys=a&tagKeys=b&tagKeys") == {
        "resourceArn": "x",
        "tagKeys": ["b", "a", "b", ""],
    }


def test_members_of_a_query_are_not_read_from_the_body_nor_the_other_way_round():
    assert parse("GET", JOBS, '{"maxResults": 3}') == {}
    assert parse("PUT", f"{PROFILE}?platformId=x", "{}") == {"profileName": "some_profile"}


def test_a_type_that_the_model_does_not_use_yet_is_passed_on():
    """A newer botocore may add a member: it must not break the operation."""
    members = {
        "flag": {"shape": "Flag"},
        "names": {"shape": "Names"},
        "ratio": {"shape": "Ratio", "location": "querystring"},
    }
    model = ServiceModel(
        {
            "metadata": {"protocol": "rest-json"},
            "operations": {"New": {"name": "New", "input": {"shape": "Input"}}},
            "shapes": {
                "Input": {"type": "structure", "members": members},
                "Flag": {"type": "boolean"},
                "Names": {"type": "list", "member": {"shape": "Name"}},
                "Name": {"type": "string"},
                "Ratio": {"type": "double"},
            },
        }
    )
    read = input_parser(model.operation_model("New").input_shape)

    def parsed(body: bytes) -> dict[str, Any]:
        return read(HttpRequest("POST", "host", "/", "ratio=1.5", {}, body), {})

    assert parsed(b'{"flag": true, "names": ["a"]}') == {
        "flag": True,
        "names": ["a"],
        "ratio": "1.5",
    }
    for body, message in (
        (b'{"names": "a"}', "Expected an array at 'names', found a string."),
        (b'{"names": ["a", 2]}', "Expected a string at 'names.2', found a number."),
    ):
        with pytest.raises(SerializationException) as caught:
            parsed(body)
        assert caught.value.message == message
