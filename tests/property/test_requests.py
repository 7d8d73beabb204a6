"""Any request at all gets an answer of the service, and a refused one changes nothing.

``tests/helpers/answer_checks.py`` looks at each answer: its shape, the form of a refusal, and that
nothing has changed by one. Here the requests are made up.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError, ParamValidationError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from signer_mock import SignerMock, _handle, mock_signer
from signer_mock._wire.http import HttpRequest
from tests.helpers.constants import (
    ACCOUNT,
    CERTIFICATE,
    IOT,
    LAMBDA,
    NOTATION,
    PAYLOAD,
    PAYLOAD_FORMAT,
)
from tests.property.strategies import MODEL, NOW, calls, raw_requests

SHORT = settings(
    phases=[Phase.explicit, Phase.generate],
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
#: Ten requests an example, ten parts of each of two ways: 200,000. Parts, because hypothesis keeps
#: what it has tried.
LONG = settings(SHORT, max_examples=1000, derandomize=False, print_blob=True, phases=tuple(Phase))
PARTS = pytest.mark.parametrize("part", range(10))


class Held:
    """A mock that holds something of everything, and goes back to it before each example."""

    def __init__(self, mock: SignerMock) -> None:
        self.mock = mock
        mock.clock.freeze(NOW)
        # No retries, or botocore waits; no validation, or it refuses itself.
        config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
        self.client = mock.client("signer", config=config)
        client = self.client
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("app.py", "pass")
        mock.objects.create_bucket("src", versioning=True)
        mock.objects.create_bucket("dst")
        mock.objects.create_bucket("plain")
        self.names = {"VERSION": mock.objects.put("src", "app.zip", buffer.getvalue())}
        bad = mock.objects.put("src", "bad.zip", b"no zip")
        for name, platform in (
            *(("held_lambda", LAMBDA), ("held_notation", NOTATION), ("canceled", LAMBDA)),
            ("revoked", NOTATION),
        ):
            client.put_signing_profile(profileName=name, platformId=platform, tags={"a": "1"})
        client.put_signing_profile(
            profileName="held_iot",
            platformId=IOT,
            signingMaterial={"certificateArn": CERTIFICATE},
            signingParameters={"certname": "x"},
        )
        for key, version in (("app.zip", self.names["VERSION"]), ("bad.zip", bad)):
            job = client.start_signing_job(
                profileName="held_lambda",
                source={"s3": {"bucketName": "src", "key": key, "version": version}},
                destination={"s3": {"bucketName": "dst"}},
            )
            self.names["HELD-JOB" if key == "app.zip" else "FAILED-JOB"] = job["jobId"]
        client.sign_payload(profileName="revoked", payload=PAYLOAD, payloadFormat=PAYLOAD_FORMAT)
        self.names["REVISION"] = client.add_profile_permission(
            profileName="held_lambda",
            statementId="held",
            action="signer:GetSigningProfile",
            principal=ACCOUNT,
        )["revisionId"]
        client.cancel_signing_profile(profileName="canceled")
        version = client.get_signing_profile(profileName="revoked")["profileVersion"]
        client.revoke_signing_profile(
            profileName="revoked", profileVersion=version, reason="x", effectiveTime=NOW
        )
        self.names["TOKEN"] = client.list_signing_profiles(maxResults=1)["nextToken"]
        self.snapshot = mock.snapshot()

    def named(self, value: Any) -> Any:
        """A drawn value with the names that only this mock knows put in."""
        if isinstance(value, str):
            return self.names.get(value, value)
        if isinstance(value, dict):
            return {name: self.named(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.named(item) for item in value]
        return value


@pytest.fixture(scope="module")
def held() -> Iterator[Held]:
    with mock_signer(seed=2) as mock:
        yield Held(mock)


def call_all(held: Held, drawn: list[tuple[str, dict[str, Any]]]) -> None:
    held.mock.restore(held.snapshot)
    for operation, unnamed in drawn:
        params = held.named(unnamed)
        function = getattr(held.client, xform_name(operation))
        try:
            answer = function(**params)
        # What botocore cannot send.
        except (ParamValidationError, HTTPClientError, ValueError):
            continue
        except ClientError as error:
            assert_modelled(operation, error)
        else:
            assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
            assert_recorded(held, operation, params)


def assert_modelled(operation: str, error: ClientError) -> None:
    shapes = {shape.name for shape in MODEL.operation_model(operation).error_shapes}
    # The model's lists of errors leave it out for ListSigningProfiles.
    allowed = {*shapes, "ValidationException", "SerializationException"}
    allowed.add("UnknownOperationException")  # an empty label
    assert error.response["Error"]["Code"] in allowed, f"{operation}: {error}"
    assert 400 <= error.response["ResponseMetadata"]["HTTPStatusCode"] < 500


def assert_recorded(held: Held, operation: str, params: dict[str, Any]) -> None:
    call = held.mock.calls[-1]
    assert (call.operation, call.status, call.error) == (operation, 200, None)
    # botocore adds a token where none is given, and leaves out lists that are empty.
    sent = {name: value for name, value in params.items() if value != []}
    assert {k: v for k, v in call.params.items() if k in sent or k != "clientRequestToken"} == sent


def send_all(held: Held, drawn: list[tuple[str, str, bytes, dict[str, str]]]) -> None:
    held.mock.restore(held.snapshot)
    credential = f"Credential={ACCOUNT}/20260131/us-east-1/signer/aws4_request"
    for method, unnamed_target, unnamed_body, headers in drawn:
        target, body = unnamed_target, unnamed_body
        for name, value in held.names.items():
            target = re.sub(rf"\b{name}\b", value, target)
            body = body.replace(name.encode(), value.encode())
        url = f"https://signer.us-east-1.amazonaws.com{target}"
        authorization = {"authorization": f"AWS4-HMAC-SHA256 {credential}"}
        request = HttpRequest.from_url(method, url, {**headers, **authorization}, body)
        response = _handle.handle(held.mock._world, request)
        assert response.status == 200 or 400 <= response.status < 500


batches = st.lists(calls, min_size=10, max_size=10)
raw_batches = st.lists(raw_requests(), min_size=10, max_size=10)


@SHORT
@given(batches)
def test_any_call_of_boto3_gets_an_answer_of_the_service(held, drawn):
    call_all(held, drawn)


@SHORT
@given(raw_batches)
def test_any_request_gets_an_answer_of_the_service(held, drawn):
    send_all(held, drawn)


@pytest.mark.soak
@pytest.mark.timeout(0)
@PARTS
@LONG
@given(drawn=batches)
def test_a_hundred_thousand_calls_of_boto3(held, part, drawn):
    call_all(held, drawn)


@pytest.mark.soak
@pytest.mark.timeout(0)
@PARTS
@LONG
@given(drawn=raw_batches)
def test_a_hundred_thousand_requests(held, part, drawn):
    send_all(held, drawn)
