"""``requests`` to a Signer address or a presigned URL, beside ``responses`` and moto."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import requests
import responses
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from moto import mock_aws
from requests.adapters import HTTPAdapter

from signer_mock import mock_signer
from signer_mock.errors import UnmockedCallError
from signer_mock.server import serve_world
from tests.helpers.constants import LAMBDA
from tests.helpers.usage import in_order, names, put, session, signer

PLATFORMS = "https://signer.us-east-1.amazonaws.com/signing-platforms"


def presigned(operation="list_signing_profiles", **params):
    return signer(region_name="us-east-1").generate_presigned_url(operation, Params=params)


def signed(method: str, url: str, body: bytes = b"") -> requests.PreparedRequest:
    """A request that is signed by hand, as tools without boto3 do."""
    request = AWSRequest(method, url, data=body, headers={"Content-Type": "application/json"})
    credentials = session().get_credentials()
    SigV4Auth(credentials, "signer", "us-east-1").add_auth(request)
    headers = dict(request.headers.items())
    return requests.Request(method, url, headers=headers, data=body).prepare()


def test_a_presigned_url_is_answered_from_the_same_world(signer_mock):
    put("profile")
    answer = requests.get(presigned())
    assert answer.status_code == 200
    assert answer.ok
    assert answer.headers["Content-Type"] == "application/json"
    assert [profile["profileName"] for profile in answer.json()["profiles"]] == ["profile"]
    assert answer.url == answer.request.url


def test_a_request_signed_by_hand_makes_a_profile(signer_mock):
    body = json.dumps({"platformId": LAMBDA}).encode()
    url = "https://signer.us-east-1.amazonaws.com/signing-profiles/by_hand"
    with requests.Session() as http:
        assert http.send(signed("PUT", url, body)).status_code == 200
    assert names() == ["by_hand"]


def test_a_custom_address_is_known_by_its_signature(signer_mock):
    with requests.Session() as http:
        answer = http.send(signed("GET", "http://127.0.0.1:1/signing-profiles"))
    assert answer.json()["profiles"] == []


def test_an_unsigned_request_is_refused_as_the_service_does(signer_mock):
    answer = requests.get(PLATFORMS)
    assert answer.status_code == 403
    assert answer.json()["message"] == "Missing Authentication Token"
    with pytest.raises(requests.HTTPError):
        answer.raise_for_status()


def test_errors_of_the_service_arrive_as_answers(signer_mock):
    answer = requests.get(presigned("get_signing_profile", profileName="unknown"))
    assert (answer.status_code, answer.reason) == (404, "Not Found")
    assert answer.headers["x-amzn-ErrorType"] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("fault", "options", "error"),
    [
        ("timeout", {}, requests.exceptions.ReadTimeout),
        ("timeout", {"connect": True}, requests.exceptions.ConnectTimeout),
        ("disconnect", {}, requests.exceptions.ConnectionError),
        ("drop_response", {}, requests.exceptions.ConnectionError),
    ],
)
def test_faults_of_the_connection_are_errors_of_requests(signer_mock, fault, options, error):
    getattr(signer_mock.faults, fault)("ListSigningPlatforms", **options)
    with pytest.raises(error, match=r"injected by mock\.faults") as raised:
        requests.Session().send(signed("GET", PLATFORMS))
    assert type(raised.value) is error
    assert raised.value.request.url == PLATFORMS


def test_a_delay_holds_a_request_too(signer_mock):
    signer_mock.faults.delay("ListSigningPlatforms", seconds=0.05)
    started = time.monotonic()
    with requests.Session() as http:
        assert http.send(signed("GET", PLATFORMS)).ok
    assert time.monotonic() - started >= 0.05


def test_bodies_of_every_kind_are_read(signer_mock):
    body = b'{"platformId": "AWSLambda-SHA384-ECDSA"}'
    kinds: list[Any] = [body, body.decode(), iter([body[:9], body[9:]])]
    for number, data in enumerate(kinds):
        url = f"https://signer.us-east-1.amazonaws.com/signing-profiles/profile_{number}"
        request = signed("PUT", url, body)
        request.prepare_body(data, None)
        with requests.Session() as http:
            assert http.send(request).status_code == 200
    assert len(names()) == 3


def test_hooks_and_streaming_work(signer_mock):
    seen = []
    with requests.Session() as http:
        answer = http.get(
            presigned(), stream=True, hooks={"response": lambda r, **_: seen.append(r.status_code)}
        )
        assert seen == [200]
        assert b"".join(answer.iter_content(7)) == b'{"profiles":[]}'


def test_the_guard_holds_for_requests_too(signer_mock):
    with pytest.raises(UnmockedCallError, match=r"sts\.amazonaws\.com"):
        requests.get("https://sts.amazonaws.com/")


def test_a_request_that_bypasses_the_session_is_refused(signer_mock):
    with pytest.raises(UnmockedCallError, match=r"requests\.Session\.send"):
        HTTPAdapter().send(requests.Request("GET", PLATFORMS).prepare())


def test_other_hosts_are_left_to_other_mocks(signer_mock):
    with responses.RequestsMock() as users:
        users.get("https://example.org/", body="theirs")
        assert requests.get("https://example.org/").text == "theirs"


@pytest.mark.parametrize("first", ["responses", "ours"])
def test_beside_responses_the_mock_answers_signer_in_either_order(first):
    mock, users = mock_signer(), responses.RequestsMock()
    users.get("https://example.org/", body="theirs")
    users.get("https://sts.amazonaws.com/", body="theirs too")
    with in_order(first, mock, users):
        assert requests.get(presigned()).json()["profiles"] == []
        assert requests.get("https://example.org/").text == "theirs"
        assert requests.get("https://sts.amazonaws.com/").text == "theirs too"
        with pytest.raises(requests.ConnectionError, match="doesn't match any"):
            requests.get("https://example.com/")
        assert len(users.calls) == 3


@mock_signer
@responses.activate
def test_beside_responses_decorator_below_mock_signer():
    assert requests.get(presigned()).status_code == 200


@responses.activate
@mock_signer
def test_beside_responses_decorator_above_mock_signer():
    assert requests.get(presigned()).status_code == 200


def test_responses_may_stop_before_the_mock():
    users = responses.RequestsMock(assert_all_requests_are_fired=False)
    users.start()
    with mock_signer():
        users.stop()
        assert requests.get(presigned()).status_code == 200
        with pytest.raises(UnmockedCallError):
            requests.get("https://sts.amazonaws.com/")


def test_what_responses_passes_through_is_still_guarded(signer_mock):
    with responses.RequestsMock(assert_all_requests_are_fired=False) as users:
        users.add_passthru("https://")
        with pytest.raises(UnmockedCallError):
            requests.get("https://sts.amazonaws.com/")
        assert requests.get(presigned()).status_code == 200


@pytest.mark.parametrize("first", ["moto", "ours"])
def test_beside_moto_the_mock_answers_signer_and_moto_a_presigned_object(first):
    with in_order(first, mock_signer(), mock_aws()):
        assert requests.get(presigned()).json()["profiles"] == []
        s3 = session().client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="key", Body=b"moto's")
        params = {"Bucket": "bucket", "Key": "key"}
        assert requests.get(s3.generate_presigned_url("get_object", params)).content == b"moto's"


def test_after_the_stop_a_presigned_url_is_refused():
    with mock_signer():
        url = presigned()
    with pytest.raises(UnmockedCallError, match="after the mock had stopped"):
        requests.get(url)


def test_a_request_that_an_adapter_refuses_has_no_effect(signer_mock):
    body = json.dumps({"platformId": LAMBDA}).encode()
    url = "https://signer.us-east-1.amazonaws.com/signing-profiles/by_adapter"
    with pytest.raises(UnmockedCallError, match="did not come through"):
        HTTPAdapter().send(signed("PUT", url, body))
    assert len(signer_mock.calls) == 0
    assert names() == []


def test_a_metadata_look_up_is_refused_as_what_it_is(signer_mock):
    with pytest.raises(UnmockedCallError, match="metadata") as refusal:
        requests.get("http://169.254.169.254/latest/meta-data/", timeout=1)
    assert "requests.Session.send" not in str(refusal.value)


def test_a_metadata_look_up_that_responses_answers_is_left_to_it(signer_mock):
    with responses.RequestsMock() as users:
        users.get("http://169.254.169.254/latest/meta-data/", body="role")
        answer = requests.get("http://169.254.169.254/latest/meta-data/", timeout=1)
        assert answer.text == "role"


def test_requests_to_this_machine_pass(signer_mock):
    with serve_world() as server:
        assert requests.get(f"{server.url}/_signer_mock/health").ok
