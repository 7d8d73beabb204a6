"""``mock.calls``: what was asked and answered, for a test's own assertions."""

from __future__ import annotations

import pytest

from signer_mock import SignerMockError, _handle, mock_signer
from signer_mock.errors import StrictError
from signer_mock.objects import InMemoryObjects
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
    assert repr(signer_mock.calls[0]) == f"<Call {signer_mock.calls[0]}>"
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


TAGS = {"team": "a", "x": "y"}


def sign_twice(client):
    for name in ("p1", "p2"):
        client.put_signing_profile(
            profileName=name, platformId=LAMBDA, tags={"team": "a", "x": "y"}
        )


def test_calls_are_found_by_operation_and_by_part_of_their_parameters(signer_mock, signer_client):
    sign_twice(signer_client)
    signer_client.list_signing_profiles()
    calls = signer_mock.calls
    assert [call.params["profileName"] for call in calls.of("PutSigningProfile")] == ["p1", "p2"]
    assert len(calls.of("PutSigningProfile", tags={"team": "a"})) == 2
    assert calls.of("PutSigningProfile", tags={"team": "b"}) == ()
    assert calls.of("PutSigningProfile", overrides=None) == ()
    assert calls.of("PutSigningProfile", tags="a") == ()
    assert calls.of("PutSigningProfile", profileName={"p": "1"}) == ()
    (found,) = calls.assert_called("PutSigningProfile", times=1, profileName="p2")
    assert found is calls[1]
    calls.assert_called("ListSigningProfiles")
    calls.assert_not_called("SignPayload")
    calls.assert_not_called("PutSigningProfile", profileName="p3")


def test_a_failed_assertion_shows_what_was_called(signer_mock, signer_client):
    with pytest.raises(AssertionError) as caught:
        signer_mock.calls.assert_called("SignPayload")
    assert str(caught.value) == (
        "Expected SignPayload at least once, but it was never called. There was no call at all."
    )
    sign_twice(signer_client)
    with pytest.raises(AssertionError) as caught:
        signer_mock.calls.assert_called("PutSigningProfile", times=1, platformId=LAMBDA)
    assert str(caught.value) == "\n".join(
        [
            f"Expected PutSigningProfile(platformId='{LAMBDA}') once, but it was called twice.",
            "Calls:",
            *(
                f"  PutSigningProfile [123456789012 us-east-1] -> 200(profileName='{name}', "
                f"platformId='{LAMBDA}', tags={{'team': 'a', 'x': 'y'}})"
                for name in ("p1", "p2")
            ),
        ]
    )
    signer_client.put_signing_profile(profileName="p3", platformId=LAMBDA)
    with pytest.raises(AssertionError, match=r"^Expected PutSigningProfile once, but .* 3 times\."):
        signer_mock.calls.assert_called("PutSigningProfile", times=1)


def test_a_failed_assertion_that_nothing_was_called_shows_the_calls(signer_mock, signer_client):
    signer_client.put_signing_profile(profileName="p1", platformId=LAMBDA)
    call = "PutSigningProfile [123456789012 us-east-1] -> 200"
    shown = f"{call}.\nCalls:\n  {call}(profileName='p1', platformId='{LAMBDA}')"
    with pytest.raises(AssertionError) as caught:
        signer_mock.calls.assert_not_called()
    assert str(caught.value) == f"Expected no call, but there was: {shown}"
    with pytest.raises(AssertionError) as caught:
        signer_mock.calls.assert_not_called("PutSigningProfile", profileName="p1")
    assert str(caught.value) == (
        f"Expected no call of PutSigningProfile(profileName='p1'), but there was: {shown}"
    )


def test_a_misspelled_operation_is_reported(signer_mock):
    calls = signer_mock.calls
    for look in (calls.of, calls.assert_not_called, calls.assert_called, calls.expect):
        with pytest.raises(SignerMockError) as caught:
            look("sign_payload")
        assert str(caught.value) == (
            "mock.calls: there is no operation 'sign_payload'; did you mean 'SignPayload'?"
        )
    with pytest.raises(SignerMockError) as caught:
        calls.expect("???")
    assert str(caught.value) == (
        "mock.calls: there is no operation '???'; it is one of AddProfilePermission, "
        "CancelSigningProfile, DescribeSigningJob, GetRevocationStatus, GetSigningPlatform, "
        "GetSigningProfile, ListProfilePermissions, ListSigningJobs, ListSigningPlatforms, "
        "ListSigningProfiles, ListTagsForResource, PutSigningProfile, RemoveProfilePermission, "
        "RevokeSignature, RevokeSigningProfile, SignPayload, StartSigningJob, TagResource, "
        "UntagResource."
    )


def test_a_call_too_many_is_not_expected(signer_mock, signer_client):
    signer_mock.calls.expect("ListSigningPlatforms", times=1)
    signer_client.list_signing_platforms()
    with pytest.raises(StrictError, match="ListSigningPlatforms was not expected"):
        signer_client.list_signing_platforms()
    signer_mock.calls.clear()


def test_an_unexpected_call_fails_at_once_and_again_at_the_end():
    mock = mock_signer(strict=True)

    @mock
    def swallows():
        mock.calls.expect("ListSigningPlatforms", times=1)
        mock.calls.expect("SignPayload", profileName="p1")
        client = mock.client("signer")
        client.list_signing_platforms()
        with pytest.raises(StrictError, match="ListSigningProfiles was not expected"):
            client.list_signing_profiles()

    with pytest.raises(StrictError) as caught:
        swallows()
    expected = "Expected: ListSigningPlatforms once; SignPayload(profileName='p1'). Announce"
    assert expected in str(caught.value)


def test_an_expected_call_that_never_came_fails_a_strict_test():
    mock = mock_signer(strict=True)

    @mock
    def forgets():
        mock.calls.expect("SignPayload", profileName="release")
        mock.calls.expect("ListSigningPlatforms", times=2)
        mock.client("signer").list_signing_platforms()

    with pytest.raises(StrictError) as caught:
        forgets()
    text = str(caught.value)
    assert "SignPayload(profileName='release') was expected, but called never" in text
    assert "ListSigningPlatforms twice was expected, but called once" in text


def test_no_credentials_are_recorded(signer_mock):
    ci = signer_mock.account().role("ci")
    ci.client("signer").list_signing_profiles()
    credentials = ci.session().get_credentials()
    (call,) = signer_mock.calls
    text = repr(tuple(call))
    for secret in (credentials.access_key, credentials.secret_key, credentials.token):
        assert secret not in text


def test_a_call_on_which_the_object_store_raised_is_recorded(code_zip):
    class Broken(InMemoryObjects):
        def open(self, *_args):
            raise OSError("disk on fire")

    objects = Broken()
    objects.create_bucket("src", versioning=True)
    with mock_signer(s3=objects) as mock:
        client = mock.client("signer")
        client.put_signing_profile(profileName="p1", platformId=LAMBDA)
        with pytest.raises(OSError, match="disk on fire"):
            client.start_signing_job(
                source={"s3": {"bucketName": "src", "key": "k", "version": "v"}},
                destination={"s3": {"bucketName": "src"}},
                profileName="p1",
            )
        (call,) = mock.calls.of("StartSigningJob")
        assert (call.status, call.error) == (0, "OSError")


def test_an_expectation_makes_a_mock_strict_by_itself(signer_mock, signer_client):
    signer_mock.calls.expect("ListSigningPlatforms")
    signer_client.list_signing_platforms()
    with pytest.raises(StrictError) as caught:
        signer_client.get_signing_profile(profileName="release")
    assert str(caught.value) == (
        "GetSigningProfile(profileName='release') was not expected. Expected: "
        "ListSigningPlatforms. Announce it with "
        "mock.calls.expect('GetSigningProfile'), or leave strict=True out."
    )
    # What a strict test is told at its end, which the fixture would tell here.
    with pytest.raises(StrictError) as caught:
        signer_mock._world.require_as_expected()
    heading, problem = str(caught.value).splitlines()
    assert heading == "The strict mock was not used as expected:"
    assert problem.startswith("  GetSigningProfile(profileName='release') was not expected. ")
    assert problem.endswith(" leave strict=True out.")


@pytest.mark.parametrize("forget", [lambda mock: mock.reset(), lambda mock: mock.calls.clear()])
def test_expectations_are_forgotten_with_the_calls(signer_mock, signer_client, forget):
    signer_mock.calls.expect("SignPayload")
    with pytest.raises(StrictError):
        signer_client.list_signing_profiles()
    forget(signer_mock)
    signer_client.list_signing_profiles()
    signer_mock.calls.expect("ListSigningPlatforms")
    signer_client.list_signing_platforms()


def test_a_strict_mock_that_expects_nothing_says_so():
    with mock_signer(strict=True) as mock:
        client = mock.client("signer")
        with pytest.raises(StrictError) as caught:
            client.add_profile_permission(
                profileName="p1", statementId="s", action="signer:SignPayload", principal="x"
            )
        assert str(caught.value).startswith(
            "AddProfilePermission(profileName='p1', action='signer:SignPayload', principal='x', "
            "statementId='s') was not expected. Expected: nothing. Announce it with "
        )
        mock.calls.clear()


@pytest.mark.parametrize(
    ("length", "shown"),
    [(118, f"'{'x' * 118}'"), (119, f"'{'x' * 119}..."), (200, f"'{'x' * 119}...")],
)
def test_a_long_value_is_shortened_in_a_message(signer_mock, length, shown):
    with pytest.raises(AssertionError) as caught:
        signer_mock.calls.assert_called("SignPayload", profileName="x" * length)
    assert str(caught.value).startswith(
        f"Expected SignPayload(profileName={shown}) at least once, but it was never called."
    )
