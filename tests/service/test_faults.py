"""``mock.faults``: what a test author lets go wrong, as a client meets it."""

from __future__ import annotations

import contextlib
import re
import time

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from signer_mock import SignerMockError, mock_signer
from signer_mock._service.fault import COMMON_ERRORS, MODELLED_ERRORS
from signer_mock.errors import StrictError
from tests.helpers.constants import LAMBDA
from tests.helpers.refusals import refusal

THROTTLED = "TooManyRequestsException"


def once(mock, **options):
    """A client that tries once."""
    retries = {"total_max_attempts": 1}
    return mock.client("signer", config=Config(retries=retries, **options))


def code_of(call):
    return refusal(call).response["Error"]["Code"]


def outcomes(mock):
    return [(call.operation, call.status, call.error) for call in mock.calls]


@pytest.mark.parametrize("mode", ["legacy", "standard"])  # adaptive limits its rate besides
def test_a_client_that_is_throttled_twice_succeeds_with_its_third_attempt(signer_mock, mode):
    signer_mock.faults.fail("ListSigningPlatforms", THROTTLED, times=2)
    client = signer_mock.client("signer", config=Config(retries={"mode": mode}))
    started = time.perf_counter()
    answer = client.list_signing_platforms()
    assert time.perf_counter() - started < 0.5  # the waits between attempts are left out
    assert len(answer["platforms"]) == 5
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    throttled = ("ListSigningPlatforms", 429, THROTTLED)
    assert outcomes(signer_mock) == [throttled, throttled, ("ListSigningPlatforms", 200, None)]
    assert [fault.error for fault in signer_mock.faults.fired] == [THROTTLED, THROTTLED]
    assert signer_mock.faults.pending == ()


def test_every_modelled_error_is_its_own_exception_in_the_client(signer_mock):
    client = once(signer_mock)
    model = client.meta.service_model
    errors = {name for name in model.shape_names if model.shape_for(name).metadata.get("error")}
    assert errors == set(MODELLED_ERRORS)
    for name in sorted(errors):
        signer_mock.faults.fail("SignPayload", name, message="on purpose", code="Because")
        with pytest.raises(getattr(client.exceptions, name)) as caught:
            client.sign_payload(profileName="p1", payload=b"x", payloadFormat="f")
        answer = caught.value.response
        assert answer["Error"] == {"Code": name, "Message": "on purpose"}
        assert answer["code"] == "Because"
        status = model.shape_for(name).metadata["error"]["httpStatusCode"]
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == status


# With the message that each has if a test gives none.
USUAL = {
    "ExpiredTokenException": (403, "The security token included in the request is expired"),
    "IncompleteSignature": (403, "The request signature does not conform to AWS standards."),
    "IncompleteSignatureException": (403, "Authorization header requires 'Credential' parameter."),
    "InternalFailure": (500, "The request processing has failed because of an unknown error."),
    "InternalServiceErrorException": (500, "An internal error occurred."),
    "InvalidClientTokenId": (403, "The security token included in the request is invalid."),
    "InvalidSignatureException": (
        403,
        "The request signature we calculated does not match the signature you provided.",
    ),
    "MalformedHttpRequestException": (400, "The request is malformed at the HTTP level."),
    "MissingAuthenticationTokenException": (403, "Missing Authentication Token"),
    "NotAuthorized": (401, "You do not have permission to perform this action."),
    "OptInRequired": (403, "The AWS access key ID needs a subscription for the service."),
    "RequestAbortedException": (400, "The request was aborted before a reply was sent back."),
    "RequestEntityTooLargeException": (413, "The request is too large."),
    "RequestExpired": (400, "Request has expired."),
    "RequestTimeoutException": (408, "The request was not received in time."),
    "ServiceUnavailable": (503, "The request has failed due to a temporary failure of the server."),
    "ServiceUnavailableException": (503, "Service unavailable"),
    "ThrottlingException": (429, "Rate exceeded"),
    "TooManyRequestsException": (429, "Too Many Requests"),
    "UnrecognizedClientException": (403, "The security token included in the request is invalid."),
    "ValidationException": (400, "ValidationException was injected"),
}


@pytest.mark.parametrize("name", USUAL)
def test_an_error_has_its_usual_status_and_message(signer_mock, name):
    signer_mock.faults.fail("ListSigningPlatforms", name)
    answer = refusal(once(signer_mock).list_signing_platforms).response
    status, message = USUAL[name]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    assert answer["Error"] == {"Code": name, "Message": message}


@pytest.mark.parametrize("name", COMMON_ERRORS)
def test_every_common_error_of_aws_can_be_answered(signer_mock, name):
    signer_mock.faults.fail("*", name)
    response = refusal(once(signer_mock).list_signing_profiles).response
    assert response["Error"]["Code"] == name
    assert response["ResponseMetadata"]["HTTPStatusCode"] == COMMON_ERRORS[name][0]
    assert re.fullmatch(r"[A-Z].*[a-z.]", response["Error"]["Message"])


def test_a_fault_has_no_effect_on_the_state(signer_mock):
    signer_mock.faults.fail("PutSigningProfile", "InternalServiceErrorException")
    client = once(signer_mock)
    with pytest.raises(ClientError):
        client.put_signing_profile(profileName="p1", platformId=LAMBDA)
    assert client.list_signing_profiles()["profiles"] == []


def test_faults_fire_in_the_order_in_which_they_were_added(signer_mock):
    signer_mock.faults.fail("ListSigningProfiles", "ThrottlingException")
    signer_mock.faults.fail("*", "ServiceUnavailable", times=2)
    client = once(signer_mock)
    assert code_of(client.list_signing_profiles) == "ThrottlingException"
    assert code_of(client.list_signing_profiles) == "ServiceUnavailable"
    assert code_of(client.list_signing_platforms) == "ServiceUnavailable"
    assert client.list_signing_profiles()["profiles"] == []


def test_a_fault_without_a_number_fires_until_it_is_cleared(signer_mock):
    signer_mock.faults.fail("*", "InternalFailure", times=None)
    client = once(signer_mock)
    for _ in range(3):
        assert code_of(client.list_signing_profiles) == "InternalFailure"
    signer_mock.faults.clear()
    client.list_signing_profiles()
    assert len(signer_mock.faults.fired) == 3


@pytest.mark.parametrize("kind", ["fail", "delay", "timeout", "disconnect", "drop_response"])
def test_a_fault_hits_one_call_by_default(signer_mock, kind):
    given = {"fail": ("InternalFailure",), "delay": (0,)}.get(kind, ())
    getattr(signer_mock.faults, kind)("ListSigningProfiles", *given)
    client = once(signer_mock)
    with contextlib.suppress(BotoCoreError, ClientError):
        client.list_signing_profiles()
    assert signer_mock.faults.pending == ()
    assert client.list_signing_profiles()["profiles"] == []
    assert len(signer_mock.faults.fired) == 1


def test_a_fault_may_be_for_one_account_or_one_principal_only(signer_mock):
    other, ci = signer_mock.account("210987654321"), signer_mock.account().role("ci")
    signer_mock.faults.fail("*", THROTTLED, account_id="210987654321")
    signer_mock.faults.fail("*", "ExpiredTokenException", principal=ci.arn)
    config = Config(retries={"total_max_attempts": 1})
    once(signer_mock).list_signing_profiles()
    assert code_of(other.client("signer", config=config).list_signing_profiles) == THROTTLED
    assert code_of(ci.client("signer", config=config).list_signing_profiles) == (
        "ExpiredTokenException"
    )
    ci.client("signer", config=config).list_signing_profiles()


def test_retry_after_is_sent_in_both_forms(signer_mock):
    signer_mock.faults.fail("ListSigningProfiles", THROTTLED, retry_after=2.5)
    with pytest.raises(ClientError) as caught:
        once(signer_mock).list_signing_profiles()
    headers = caught.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert (headers["retry-after"], headers["x-amz-retry-after"]) == ("3", "2500")


@pytest.mark.parametrize(
    ("arrange", "expected"),
    [
        (lambda faults: faults.timeout("ListSigningProfiles"), ReadTimeoutError),
        (lambda faults: faults.timeout("ListSigningProfiles", connect=True), ConnectTimeoutError),
        (lambda faults: faults.disconnect("ListSigningProfiles"), EndpointConnectionError),
        (lambda faults: faults.drop_response("ListSigningProfiles"), ConnectionClosedError),
    ],
)
def test_connection_errors_are_botocores_own_and_are_retried(signer_mock, arrange, expected):
    arrange(signer_mock.faults)
    with pytest.raises(expected):
        once(signer_mock).list_signing_profiles()
    arrange(signer_mock.faults)
    answer = signer_mock.client("signer").list_signing_profiles()
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1
    assert len(signer_mock.calls.of("ListSigningProfiles")) == 3


def test_waits_that_no_fault_asked_for_are_kept(signer_mock):
    waits = [0.05]
    client = boto3.client("signer")
    client.meta.events.register_first(
        "needs-retry.signer.*", lambda **_: waits.pop() if waits else None
    )
    started = time.perf_counter()
    client.list_signing_profiles()
    assert time.perf_counter() - started >= 0.05


def test_a_lost_response_has_had_its_effect_and_idempotency_holds(
    buckets, lambda_profile, code_zip
):
    version = buckets.objects.put("src", "app.zip", code_zip)
    buckets.faults.drop_response("StartSigningJob")
    job = buckets.client("signer").start_signing_job(
        source={"s3": {"bucketName": "src", "key": "app.zip", "version": version}},
        destination={"s3": {"bucketName": "dst"}},
        profileName=lambda_profile,
    )
    assert job["ResponseMetadata"]["RetryAttempts"] == 1
    assert len(buckets.calls.of("StartSigningJob")) == 2
    (listed,) = buckets.client("signer").list_signing_jobs()["jobs"]
    assert listed["jobId"] == job["jobId"]


def test_a_delayed_call_delays_no_other_call(signer_mock):
    from concurrent.futures import ThreadPoolExecutor

    signer_mock.faults.delay("ListSigningProfiles", seconds=2)
    client = signer_mock.client("signer")
    with ThreadPoolExecutor() as pool:
        started = time.perf_counter()
        slow = pool.submit(client.list_signing_profiles)
        while not signer_mock.faults.fired:
            time.sleep(0.001)
        client.list_signing_platforms()
        assert time.perf_counter() - started < 2
        slow.result()
        assert time.perf_counter() - started > 2


def test_a_rate_is_measured_by_the_clock_of_the_mock(signer_mock):
    signer_mock.clock.freeze()
    signer_mock.faults.rate("ListSigningPlatforms", per_second=2)
    client = once(signer_mock)
    other = signer_mock.account("210987654321").client("signer")
    for _ in range(2):
        client.list_signing_platforms()
    assert code_of(client.list_signing_platforms) == THROTTLED
    for _ in range(3):
        client.list_signing_profiles()  # no other operation counts
    other.list_signing_platforms()  # nor does another account's call
    signer_mock.client("signer", "eu-west-1").list_signing_platforms()  # or in another region
    signer_mock.clock.advance(seconds=1)
    client.list_signing_platforms()
    signer_mock.clock.advance(days=-1)
    for _ in range(2):
        client.list_signing_platforms()


def test_a_rate_may_be_that_of_each_operation_until_it_is_cleared(signer_mock):
    signer_mock.clock.freeze()
    signer_mock.faults.rate("*", per_second=1)
    client = once(signer_mock)
    for call in (client.list_signing_platforms, client.list_signing_profiles):
        call()
        assert code_of(call) == THROTTLED
    signer_mock.faults.clear()
    client.list_signing_profiles()


@pytest.mark.parametrize(
    ("arrange", "sentence"),
    [
        (lambda f: f.fail("SignPayloads", THROTTLED), "did you mean 'SignPayload'?"),
        (lambda f: f.fail("SignPayload", "TooManyRequests"), f"did you mean '{THROTTLED}'?"),
        (lambda f: f.fail("SignPayload", THROTTLED, times=0), "times=0: expected a positive int"),
        (lambda f: f.timeout("SignPayload", times=True), "times=True: expected a positive int"),
        (lambda f: f.delay("SignPayload", seconds=-1), "expected a number of seconds"),
        (lambda f: f.delay("SignPayload", seconds=float("nan")), "expected a number of seconds"),
        (lambda f: f.fail("SignPayload", THROTTLED, retry_after=-1), "retry_after=-1): expected"),
        (lambda f: f.rate("SignPayload", per_second=0), "expected a positive int"),
        (lambda f: f.rate("Sign", per_second=1), "no operation 'Sign'"),
    ],
)
def test_invalid_faults_are_refused(signer_mock, arrange, sentence):
    with pytest.raises(SignerMockError) as caught:
        arrange(signer_mock.faults)
    assert sentence in str(caught.value)
    assert signer_mock.faults.pending == ()


def test_faults_go_with_a_reset(signer_mock):
    signer_mock.faults.fail("*", THROTTLED, times=2)
    code_of(once(signer_mock).list_signing_profiles)
    assert len(signer_mock.faults.fired) == len(signer_mock.faults.pending) == 1
    signer_mock.reset()
    signer_mock.client("signer").list_signing_profiles()
    assert signer_mock.faults.pending == signer_mock.faults.fired == ()


def test_faults_read_well(signer_mock):
    assert repr(signer_mock.faults) == "(no faults)"
    signer_mock.faults.fail("SignPayload", THROTTLED, times=2)
    signer_mock.faults.delay("*", seconds=0.5, times=None)
    signer_mock.faults.rate("SignPayload", per_second=5)
    assert repr(signer_mock.faults) == (
        "SignPayload: TooManyRequestsException (2 more)\n"
        "*: delay of 0.5 s (until cleared)\n"
        "SignPayload: at most 5 a second"
    )
    assert repr(signer_mock.faults.pending[0]) == (
        "<Fault SignPayload: TooManyRequestsException (2 more)>"
    )


def test_a_strict_mock_fails_where_a_fault_never_fired():
    mock = mock_signer(strict=True)

    @mock
    def strict_test():
        mock.calls.expect("ListSigningPlatforms")
        boto3.client("signer").list_signing_platforms()
        mock.faults.fail("SignPayload", THROTTLED)

    with pytest.raises(StrictError) as caught:
        strict_test()
    assert "SignPayload: TooManyRequestsException (1 more) never fired" in str(caught.value)


def test_a_strict_mock_does_not_hide_the_error_of_the_test():
    mock = mock_signer(strict=True)

    @mock
    def broken_test():
        mock.faults.fail("SignPayload", THROTTLED)
        return 1 / 0

    with pytest.raises(ZeroDivisionError):
        broken_test()
