"""The protocol as botocore's authors test it: their rest-json cases, through our parser and back.

A case runs if everything that it uses occurs in Signer's model too. What does not occur there, and
so is not run:

* input: headers, prefixed headers, payloads, streams, JSON values in headers, documents, unions,
  floats and longs, lists and booleans in a body, timestamp formats, labels other than strings,
  greedy labels, query strings from a map or in the URI template, recursive structures,
  compressed bodies;
* output: headers, status codes, payloads, documents, unions, floats and longs, timestamp formats,
  members with another name on the wire;
* errors: those cases are forms of an error that a client must read. We send one form, which
  ``test_protocol.py`` has botocore read.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import botocore.parsers
import pytest
from botocore.model import ServiceModel

from signer_mock._wire import serialize
from signer_mock._wire.http import HttpRequest
from signer_mock._wire.model import service_model
from signer_mock._wire.parse import input_parser
from signer_mock._wire.route import Router
from tests.helpers import protocol_cases

NOW = dt.datetime(2026, 1, 2, tzinfo=dt.timezone.utc)
TOKEN = "00000000-0000-4000-8000-000000000000"  # what botocore's cases fill in


# Query strings in the template, greedy labels, structures that hold themselves, compressed bodies.
UNSUPPORTED = r"\?|\+}|/RecursiveShapes|/requestcompression"
# Renamed members of a query are read; no output of Signer's has one.
UNSEEN: dict[str, set[str]] = {"input": {"another name"}, "output": set()}


class Case(NamedTuple):
    content: dict[str, Any]
    operation: Any

    def __str__(self) -> str:
        return str(self.content["id"])


def features(shape: Any, value: Any, location: str = "body") -> Iterator[str]:
    """What reading or writing a value of a shape takes; of None, all that the shape has."""
    yield f"{shape.type_name} in {location}"
    yield from {"timestampFormat", "jsonvalue", "payload", "streaming"} & set(shape.serialization)
    if location == "body" and "name" in shape.serialization:
        yield "another name"
    if getattr(shape, "is_document_type", False):
        yield "document"
    if getattr(shape, "is_tagged_union", False):
        yield "union"
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if value is None or name in value:
                inner = None if value is None else value[name]
                yield from features(member, inner, member.serialization.get("location", location))
    elif shape.type_name == "list":
        for item in [None] if value is None else value:
            yield from features(shape.member, item, location)
    elif shape.type_name == "map":
        for item in [None] if value is None else value.values():
            yield from features(shape.value, item, location)


def known_features(direction: str) -> set[str]:
    model = service_model("signer")
    shapes = [
        getattr(model.operation_model(name), f"{direction}_shape") for name in model.operation_names
    ]
    return {one for shape in shapes if shape is not None for one in features(shape, None)}


def cases(direction: str, values: str) -> list[Case]:
    known = known_features(direction)
    found = []
    for suite in protocol_cases.load(direction):
        for content in suite["cases"]:
            given = content["given"]
            if re.search(UNSUPPORTED, given["http"]["requestUri"]):
                continue
            operation = ServiceModel(
                {
                    "metadata": suite["metadata"],
                    "operations": {given["name"]: given},
                    "shapes": suite["shapes"],
                }
            ).operation_model(given["name"])
            shape = getattr(operation, f"{direction}_shape")
            if shape is None or "errorCode" in content:
                continue
            if set(features(shape, content.get(values, {}))) <= known | UNSEEN[direction]:
                found.append(Case(content, operation))
    return found


INPUT, OUTPUT = cases("input", "params"), cases("output", "result")

missing = pytest.mark.skipif(
    not (INPUT and OUTPUT), reason="python tests/helpers/protocol_cases.py has not fetched them"
)


def as_python(value: Any, shape: Any) -> Any:
    """A value of the cases as boto3 has it: bytes and times are themselves, None is absent."""
    if shape.type_name == "blob":
        return value.encode()
    if shape.type_name == "timestamp":
        return dt.datetime.fromtimestamp(value, dt.timezone.utc)
    if shape.type_name == "structure":
        return {
            name: as_python(item, shape.members[name])
            for name, item in value.items()
            # botocore sends nothing for an empty list in a query.
            if item is not None
            and not (item == [] and shape.members[name].serialization.get("location"))
        }
    if shape.type_name == "list":
        return [as_python(item, shape.member) for item in value]
    if shape.type_name == "map":
        return {key: as_python(item, shape.value) for key, item in value.items()}
    return value


@missing
def test_the_cases_are_not_fewer_than_they_were():
    assert (len(INPUT), len(OUTPUT)) == (17, 16)


@missing
@pytest.mark.parametrize("case", INPUT, ids=str)
def test_a_request_of_botocore_is_parsed_to_its_parameters(case):
    shape, sent = case.operation.input_shape, case.content["serialized"]
    http = case.operation.http
    router = Router()
    router.add(http["method"], http["requestUri"], case.operation.name)
    headers = {name.lower(): value for name, value in sent.get("headers", {}).items()}
    request = HttpRequest.from_url(
        sent["method"], f"https://host{sent['uri']}", headers, sent.get("body", "").encode()
    )

    name, labels = router.match(request.method, request.path)
    params = input_parser(shape)(request, labels)

    expected = as_python(case.content["params"], shape)
    for member, member_shape in shape.members.items():
        if member_shape.metadata.get("idempotencyToken"):
            expected.setdefault(member, TOKEN)
    assert name == case.operation.name
    assert params == expected


@missing
@pytest.mark.parametrize("case", OUTPUT, ids=str)
def test_an_output_is_serialised_as_botocore_expects_it(case):
    shape, wanted = case.operation.output_shape, case.content["response"]
    output = as_python(case.content["result"], shape)

    response = serialize.success(output, "id", NOW)

    if "null" not in wanted["body"] and wanted["body"]:
        assert json.loads(response.body) == json.loads(wanted["body"])
    parser = botocore.parsers.create_parser("rest-json")
    parsed = parser.parse(
        {"status_code": response.status, "headers": response.headers, "body": response.body}, shape
    )
    parsed.pop("ResponseMetadata")
    assert parsed == output


def test_base64_and_times_of_the_cases_are_read_as_boto3_has_them():
    shape = service_model("signer").operation_model("SignPayload").input_shape.members["payload"]
    assert as_python("value", shape) == base64.b64decode("dmFsdWU=")
