"""``mock.calls``: what was asked and answered, for a test's own assertions."""

from __future__ import annotations

import pytest

from signer_mock import _handle
from tests.helpers.constants import LAMBDA
from tests.helpers.refusals import refusal


def test_each_call_is_recorded_with_its_parameters_and_outcome(signer_mock):
    client = signer_mock.client("signer", "eu-west-1")
    client.put_signing_profile(profileName="p1", platformId=LAMBDA, tags={"a": "b"})
    refusal(client.get_signing_profile, profileName="nope")

    put, get = signer_mock.calls
    assert (put.operation, put.status, put.error) == ("PutSigningProfile", 200, None)
    assert put.params == {"profileName": "p1", "platformId": LAMBDA, "tags": {"a": "b"}}
    assert (put.account_id, put.region) == ("123456789012", "eu-west-1")
    assert put.principal == "arn:aws:iam::123456789012:root"
    assert (get.operation, get.status, get.error) == (
        "GetSigningProfile",
        404,
        "ResourceNotFoundException",
    )


def test_the_log_reads_like_a_sequence(signer_mock, signer_client):
    for _ in range(3):
        signer_client.list_signing_platforms()
    assert len(signer_mock.calls) == 3
    assert signer_mock.calls[-1] is signer_mock.calls[2]
    assert list(signer_mock.calls[1:]) == [
        signer_mock.calls[1],
        signer_mock.calls[2],
    ]
    assert str(signer_mock.calls[0]) == "ListSigningPlatforms [123456789012 us-east-1] -> 200"
    assert repr(signer_mock.calls).count("\n") == 2


def test_the_log_is_read_only(signer_mock):
    with pytest.raises(AttributeError):
        signer_mock.calls = []
    assert not hasattr(signer_mock.calls, "append")


def test_a_request_without_operation_is_recorded_too(signer_mock, signer_client):
    from signer_mock._wire.http import HttpRequest

    _handle.handle(signer_mock._world, HttpRequest.from_url("GET", "https://x/nowhere", {}))
    (call,) = signer_mock.calls
    assert (call.operation, call.status) == (None, 404)
    assert str(call) == "(unknown operation) [123456789012 us-east-1] -> 404 " + str(call.error)
