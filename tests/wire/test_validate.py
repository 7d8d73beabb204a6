"""Each constraint of the service model, violated: the service refuses what botocore lets through.

The cases are drawn from botocore's model itself, for all 19 operations, so none is forgotten.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from signer_mock._wire.exceptions import BadRequestException
from signer_mock._wire.model import load_protocol, service_model
from tests.helpers.refusals import refusal

MODEL = service_model("signer")
ARN = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/some_profile"
NOW = dt.datetime(2026, 1, 2, tzinfo=dt.timezone.utc)

# One good value for every member, whatever operation it belongs to.
GOOD: dict[str, Any] = {
    "action": "signer:StartSigningJob",
    "certificateHashes": ["ab" * 96],
    "clientRequestToken": "token",
    "destination": {"s3": {"bucketName": "dst"}},
    "effectiveTime": NOW,
    "jobArn": "arn:aws:signer:us-east-1:123456789012:/signing-jobs/some-job",
    "jobId": "some-job",
    "payload": b"{}",
    "payloadFormat": "application/vnd.cncf.notary.payload.v1+json",
    "platformId": "AWSLambda-SHA384-ECDSA",
    "principal": "210987654321",
    "profileName": "some_profile",
    "profileVersion": "AbCdEfGh12",
    "profileVersionArn": ARN + "/AbCdEfGh12",
    "reason": "because",
    "resourceArn": ARN,
    "revisionId": "some-revision",
    "signatureTimestamp": NOW,
    "source": {"s3": {"bucketName": "src", "key": "k", "version": "v"}},
    "statementId": "statement",
    "tagKeys": ["team"],
    "tags": {"team": "a"},
}


class Case(NamedTuple):
    operation: str
    member: str
    value: Any
    constraint: str

    def __str__(self) -> str:
        return f"{self.operation}.{self.member}: {self.constraint}"


def allowed(shape: Any) -> str:
    return ", ".join(shape.metadata["enum"])


def string_of(length: int) -> str:
    return "1" * length


def test_no_value_of_an_enum_is_named_twice():
    enums = [MODEL.shape_for(name).metadata.get("enum", []) for name in MODEL.shape_names]
    assert [values for values in enums if len(set(values)) < len(values)] == []
    assert "SHA384" in MODEL.shape_for("HashAlgorithm").metadata["enum"]


def violations(shape: Any) -> Iterator[tuple[Any, str]]:
    """Bad values of a shape, each with the constraint that it breaks."""
    metadata, kind = shape.metadata, shape.type_name
    if kind in ("string", "blob") and "max" in metadata:
        value = string_of(metadata["max"] + 1)
        limit = f"Member must have length less than or equal to {metadata['max']}"
        yield value.encode() if kind == "blob" else value, limit
    if kind in ("string", "blob") and metadata.get("min"):
        value = string_of(metadata["min"] - 1)
        limit = f"Member must have length greater than or equal to {metadata['min']}"
        yield value.encode() if kind == "blob" else value, limit
    if kind == "integer" and "max" in metadata:
        limit = f"Member must have value less than or equal to {metadata['max']}"
        yield metadata["max"] + 1, limit
        limit = f"Member must have value greater than or equal to {metadata['min']}"
        yield metadata["min"] - 1, limit
    if "pattern" in metadata:
        length = max(metadata.get("min", 2), 2)
        for bad in ("-" * length, "a" * (length - 1) + "\n", "a" * (length - 1) + "é"):
            if shape.name == "TagKey" and bad.startswith("-"):
                continue  # allowed in tag keys
            yield bad, f"Member must satisfy regular expression pattern: {metadata['pattern']}"
    if "enum" in metadata:
        yield "Nonsense", f"Member must satisfy enum value set: [{allowed(shape)}]"
    if kind == "list" and shape.member.metadata.get("enum"):
        yield ["Nonsense"], f"Member must satisfy enum value set: [{allowed(shape.member)}]"
    if kind == "list" and "max" in metadata:
        yield [f"k{n}" for n in range(201)], "Member must have length less than or equal to 200"
    if kind == "map" and "max" in metadata:
        if metadata["min"]:
            yield {}, "Member must have length greater than or equal to 1"
        yield (
            {f"k{n}": "v" for n in range(201)},
            "Member must have length less than or equal to 200",
        )
        yield {"aws:mine": "v"}, "Member must satisfy regular expression pattern"
        yield {"k": "v" * 257}, "Member must have length less than or equal to 256"
    if kind == "structure":
        for name, member in shape.members.items():
            for value, constraint in violations(member):
                yield {name: value}, constraint


def cases() -> Iterator[Case]:
    for operation in MODEL.operation_names:
        shape = MODEL.operation_model(operation).input_shape
        for name, member in shape.members.items():
            for value, constraint in violations(member):
                in_path = member.serialization.get("location") == "uri"
                if in_path and not value:
                    continue  # an empty label is another path
                yield Case(operation, name, value, constraint)
        for name in shape.required_members:
            location = shape.members[name].serialization.get("location")
            if location != "uri" and name != "clientRequestToken":  # botocore fills that one in
                yield Case(operation, name, None, "Member must not be null")


def method_name(operation: str) -> str:
    from botocore import xform_name

    return str(xform_name(operation))


def required(operation: str) -> dict[str, Any]:
    shape = MODEL.operation_model(operation).input_shape
    return {name: GOOD[name] for name in shape.required_members}


ALL = list(cases())


def test_the_model_yields_cases_for_nearly_every_operation():
    assert len(ALL) > 120
    assert (
        len({case.operation for case in ALL}) == 16
    )  # the other three take one unconstrained label


@pytest.mark.parametrize("case", ALL, ids=str)
def test_a_violated_constraint_is_refused(raw_client, case):
    params = {**required(case.operation), case.member: case.value}
    if case.value is None:
        del params[case.member]

    error = refusal(getattr(raw_client, method_name(case.operation)), **params)

    tags = case.operation in ("TagResource", "UntagResource", "ListTagsForResource")
    expected = "BadRequestException" if tags else "ValidationException"
    assert error.response["Error"]["Code"] == expected
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert case.constraint in error.response["Error"]["Message"]
    assert f"'{case.member}" in error.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        *(("ListSigningProfiles", {"maxResults": number}) for number in (1, 25)),
        *(("SignPayload", {"payload": bytes(length)}) for length in (1, 4096)),
        *(("TagResource", {"tags": {f"k{n}": "" for n in range(count)}}) for count in (1, 200)),
        *(("UntagResource", {"tagKeys": ["k"] * count}) for count in (1, 200)),
    ],
)
def test_the_bounds_themselves_are_allowed(operation, params):
    load_protocol().operation(operation).validate({**required(operation), **params})


@pytest.mark.parametrize(
    ("operation", "params", "where"),
    [
        ("UntagResource", {"tagKeys": ["good", "aws:bad"]}, "tagKeys.2.member"),
        ("TagResource", {"tags": {"aws:bad": "v"}}, "tags.key"),
        ("TagResource", {"tags": {"k": "v" * 257}}, "tags.k.member"),
    ],
)
def test_what_is_wrong_in_a_list_or_a_map_is_named(operation, params, where):
    with pytest.raises(BadRequestException, match=f"at '{where}' failed to satisfy"):
        load_protocol().operation(operation).validate({**required(operation), **params})


def test_several_violations_are_reported_together(raw_client):
    error = refusal(
        raw_client.sign_payload, profileName="has-dash", payload=b"x" * 4097, payloadFormat="f"
    )
    assert error.response["Error"]["Message"] == (
        "2 validation errors detected: Value 'has-dash' at 'profileName' failed to satisfy "
        "constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9_]{2,}; "
        "Value at 'payload' failed to satisfy constraint: "
        "Member must have length less than or equal to 4096"
    )
