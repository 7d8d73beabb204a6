"""Requests drawn from botocore's service model: good ones, bad ones, and nonsense.

Values come mostly from small pools, so that names, versions and ids meet what the mock holds.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from signer_mock._wire.model import service_model
from tests.helpers.constants import (
    ACCOUNT,
    CERTIFICATE,
    IOT,
    LAMBDA,
    NOTATION,
    OTHER,
    PAYLOAD,
    PAYLOAD_FORMAT,
)

MODEL = service_model("signer")
OPERATIONS: list[str] = list(MODEL.operation_names)
NOW = dt.datetime(2026, 1, 31, 12, 0, 0, 250000, tzinfo=dt.timezone.utc)

NAMES = ["held_lambda", "held_notation", "held_iot", "canceled", "revoked", "new_one", "no_such"]
JOB = "00000000-0000-4000-8000-000000000000"

# Values by the name of a member, wherever it occurs.
POOLS: dict[str, list[Any]] = {
    "profileName": NAMES,
    "profileOwner": [ACCOUNT, OTHER],
    "jobOwner": [ACCOUNT, OTHER],
    "jobInvoker": [ACCOUNT, OTHER],
    "platformId": [LAMBDA, NOTATION, IOT, "Nonsense"],
    "payloadFormat": [PAYLOAD_FORMAT, "text/plain"],
    "payload": [PAYLOAD, b"", b"x" * 4096, b"x" * 4097],
    "statementId": ["held", "other", "a" * 64, "a" * 65, "-_", "é"],
    "principal": [ACCOUNT, OTHER, f"arn:aws:iam::{OTHER}:role/ci", "arn:aws:iam::1:role/x", "me"],
    "action": [
        "signer:StartSigningJob",
        "signer:SignPayload",
        "signer:GetSigningProfile",
        "signer:RevokeSignature",
        "signer:*",
    ],
    "bucketName": ["src", "dst", "plain", "nowhere"],
    "key": ["app.zip", "bad.zip", "nothing"],
    "version": ["null", "VERSION"],
    "prefix": ["", "signed/"],
    "certificateArn": [CERTIFICATE, CERTIFICATE.replace(ACCOUNT, OTHER), "arn:aws:acm"],
    "jobId": [JOB, "HELD-JOB", "FAILED-JOB", "a", "%2F", "../x"],
    "nextToken": ["", "AAAA", "TOKEN"],
    "resourceArn": [f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-profiles/{n}" for n in NAMES],
    "requestedBy": [f"arn:aws:iam::{ACCOUNT}:root", "x"],
    "clientRequestToken": ["used", "t1", "t2"],
    "revisionId": ["", "REVISION", "other"],
    "profileVersion": ["VERSION", "AbCdEfGh12"],
    "certificateHashes": [["ab" * 96], [], ["x"]],
}
TIMES = st.one_of(
    st.sampled_from([NOW, NOW - dt.timedelta(days=1), NOW + dt.timedelta(days=1)]),
    st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(9999, 12, 30)).map(  # noqa: DTZ001 - made aware
        lambda time: time.replace(tzinfo=dt.timezone.utc)
    ),
)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)


@cache
def values(name: str, shape: Any) -> st.SearchStrategy[Any]:
    """Values of the right type for a member, within its constraints or beyond them."""
    kind = shape.type_name
    if kind == "structure":
        members = {one: values(one, member) for one, member in shape.members.items()}
        required = {one: members.pop(one) for one in list(shape.required_members)}
        return st.fixed_dictionaries(required, optional=members)
    if kind == "integer":
        return st.integers(-1, 30) | st.integers(-(2**31), 2**31 - 1)
    if kind == "boolean":
        return st.booleans()
    if kind == "timestamp":
        return TIMES
    if kind == "blob":
        return st.sampled_from(POOLS[name]) | st.binary(max_size=30)
    if name in POOLS:
        return st.sampled_from(POOLS[name]) | (TEXT if kind == "string" else st.lists(TEXT))
    if kind == "list":
        return st.lists(values(name, shape.member), max_size=4)
    if kind == "map":
        return st.dictionaries(st.sampled_from(["a", "b", "aws:x", ""]) | TEXT, TEXT, max_size=4)
    enum = shape.metadata.get("enum")
    return st.sampled_from([*enum, "Nonsense"]) if enum else st.sampled_from(["a", "b1"]) | TEXT


def parameters(operation: str) -> st.SearchStrategy[dict[str, Any]]:
    """The input of an operation as a boto3 user would give it, right or wrong."""
    strategy: st.SearchStrategy[dict[str, Any]] = values(
        operation, MODEL.operation_model(operation).input_shape
    )
    return strategy


calls = st.sampled_from(OPERATIONS).flatmap(
    lambda operation: st.tuples(st.just(operation), parameters(operation))
)

#: Any JSON, with numbers and texts at their edges.
any_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.sampled_from(["\ud800", "AAAA", "2026-01-02T03:04:05Z", LAMBDA, "held_lambda"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def raw_requests(draw: st.DrawFn) -> tuple[str, str, bytes, dict[str, str]]:
    """Method, target, body and headers of a request: near to one of the model's, or far from it."""
    operation = draw(st.sampled_from(OPERATIONS))
    model = MODEL.operation_model(operation)
    given = draw(parameters(operation))
    # Now and then a member that the model does not have, or one of any type.
    for name in draw(st.lists(st.sampled_from([*given, "unknown", "Type"]), max_size=2)):
        given[name] = draw(any_json)
    path, query, document = model.http["requestUri"], [], {}
    for name, value in given.items():
        member = model.input_shape.members.get(name)
        location = member.serialization.get("location") if member else None
        if location == "uri":
            path = path.replace(f"{{{name}}}", quote(as_text(value), safe=draw(SAFE)))
        elif location == "querystring":
            listed = value if isinstance(value, list) else [value]
            query += [(name, as_text(one)) for one in listed]
        else:
            document[name] = value
    method = draw(st.sampled_from([model.http["method"]] * 8 + ["GET", "PATCH", "HEAD"]))
    body = json.dumps(document, default=as_json).encode()
    body = draw(st.just(body) | st.just(body) | mangled(body))
    content_type = draw(st.sampled_from(["application/json"] * 6 + ["text/plain", ""]))
    target = path + ("?" + urlencode(query, errors="surrogatepass") if query else "")
    return method, target, body, {"content-type": content_type} if content_type else {}


SAFE = st.sampled_from(["", "", "/", "/:?&="])


def mangled(body: bytes) -> st.SearchStrategy[bytes]:
    """A body cut off, with a byte changed, or any bytes at all."""
    return st.one_of(
        st.integers(0, len(body)).map(lambda end: body[:end]),
        st.tuples(st.integers(0, len(body)), st.binary(min_size=1, max_size=2)).map(
            lambda change: body[: change[0]] + change[1] + body[change[0] + 1 :]
        ),
        any_json.map(lambda value: json.dumps(value).encode()),
        st.binary(max_size=30),
    )


def as_text(value: Any) -> str:
    """A value as botocore writes it into a path or query; nonsense as JSON."""
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return json.dumps(value, default=str)


def as_json(value: Any) -> Any:
    """A value that JSON has no type for, as botocore writes it."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.timestamp()
