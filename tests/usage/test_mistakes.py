"""What a test's author gets wrong, and what the mock says then."""

from __future__ import annotations

import datetime as dt
import functools
import io
import logging
import os
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

import signer_mock as signer_mock_package
from signer_mock import ActivationError, SignerMock, UnmockedCallError, mock_signer
from signer_mock.errors import InvalidArgumentError, ObjectStoreError, SignerMockError
from signer_mock.verify import verify_lambda_zip
from tests.helpers.constants import LAMBDA
from tests.helpers.sentences import known_sentences
from tests.helpers.usage import VARIABLES, session

__all__ = ["known_sentences"]  # a fixture of every test here

NOON = dt.datetime(2031, 5, 6, 12, tzinfo=dt.timezone.utc)
CLIENT = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}


# The clock


@pytest.mark.parametrize(
    ("at", "says"),
    [
        ("yesterday", r"'yesterday' is no ISO 8601 time.*'2030-01-31T12:00:00Z'"),
        ("", r"'' is no ISO 8601 time"),
        (5, r"5 \(int\).*datetime\.fromtimestamp\(5, timezone\.utc\)"),
        (True, r"True \(bool\)"),
        (1.9e9, r"datetime\.fromtimestamp\(1900000000\.0, timezone\.utc\)"),
        (dt.date(2031, 5, 6), r"a date has no time of day.*'2031-05-06T00:00:00Z'"),
        (dt.timedelta(days=1), r"to move by a timedelta, call mock\.clock\.advance"),
    ],
)
def test_invalid_times_are_refused(signer_mock, at, says):
    signer_mock.clock.freeze(NOON)
    with pytest.raises(InvalidArgumentError, match=f"(?s){says}"):
        signer_mock.clock.freeze(at)
    assert signer_mock.clock.now() == NOON


def test_the_last_moment_there_is_cannot_be_frozen(signer_mock):
    west = dt.timezone(dt.timedelta(hours=-5))
    with pytest.raises(SignerMockError, match="1970 to 2900"):
        signer_mock.clock.freeze(dt.datetime.max.replace(tzinfo=west))


def test_the_clock_is_moved_by_a_timedelta_too(signer_mock):
    signer_mock.clock.freeze(NOON)
    assert signer_mock.clock.advance(dt.timedelta(days=1)) == NOON + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("args", "kwargs", "says"),
    [
        ((), {}, r"how far.*advance\(days=1\)"),
        ((5,), {}, r"5 \(int\).*advance\(seconds=5\)"),
        (("1 day",), {}, r"'1 day' \(str\)"),
        ((dt.timedelta(1),), {"days": 1}, "not both"),
        ((), {"day": 1}, r"'day'; did you mean 'days'\?"),
        ((), {"months": 1}, r"there is no unit 'months'"),
        ((), {"days": "1"}, r"days='1'.*number"),
        ((), {"days": float("nan")}, r"days=nan"),
        ((), {"days": float("inf")}, "1970 to 2900"),
        ((), {"days": 1e300}, "1970 to 2900"),
        ((), {"days": 10**400}, "1970 to 2900"),
        ((dt.timedelta.max,), {}, "1970 to 2900"),
    ],
)
def test_invalid_moves_of_the_clock_are_refused(signer_mock, args, kwargs, says):
    signer_mock.clock.freeze(NOON)
    with pytest.raises(SignerMockError, match=f"(?s){says}"):
        signer_mock.clock.advance(*args, **kwargs)
    assert signer_mock.clock.now() == NOON


# Making a mock


@pytest.mark.parametrize(
    ("given", "meant"),
    [("region", "region_name"), ("account", "account_id"), ("block_aws", "block_other_aws")],
)
def test_an_unknown_option_gets_the_nearest(given, meant):
    wrong: dict[str, Any] = {given: "x"}
    with pytest.raises(InvalidArgumentError, match=rf"'{given}'; did you mean '{meant}'\?"):
        mock_signer(**wrong)


def test_a_mock_is_made_with_mock_signer():
    with pytest.raises(InvalidArgumentError, match=r"mock_signer\(account_id=\.\.\.\)"):
        SignerMock("123456789012")  # type: ignore[arg-type]  # the mistake
    with pytest.raises(InvalidArgumentError, match=r"mock_signer\(region_name=\.\.\.\)"):
        SignerMock(region_name="eu-west-1")  # type: ignore[arg-type]  # the mistake


def test_with_mock_signer_needs_parentheses():
    with (
        pytest.raises(ActivationError, match=r"with mock_signer\(\):"),
        mock_signer,  # type: ignore[attr-defined]  # the mistake
    ):
        pytest.fail("must not be entered")
    with pytest.raises(ActivationError, match=r"mock_signer\(\)"):
        mock_signer.start()  # type: ignore[attr-defined]  # the mistake


def test_mock_signer_itself_has_no_state():
    with pytest.raises(AttributeError, match=r"'calls'.* mock = mock_signer\(\)"):
        _ = mock_signer.calls  # type: ignore[attr-defined]  # the mistake
    with pytest.raises(AttributeError, match=r"has no attribute 'call'$"):
        _ = mock_signer.call  # type: ignore[attr-defined]  # the mistake


def test_completion_offers_what_the_package_has():
    assert set(signer_mock_package.__all__) <= set(dir(signer_mock_package))


async def _async_with():
    async with mock_signer:  # type: ignore[attr-defined]  # the mistake
        pytest.fail("must not be entered")


def test_async_with_mock_signer_needs_parentheses():
    with pytest.raises(ActivationError, match=r"with mock_signer\(\):"):
        _async_with().send(None)


@pytest.mark.parametrize("kind", [property, functools.cached_property])
def test_a_property_is_decorated_below(kind):
    with pytest.raises(ActivationError, match=rf"Put @{kind.__name__} on top"):
        mock_signer()(kind(lambda _self: 1))


def test_an_async_client_cannot_be_the_object_store():
    client = pytest.importorskip("aiobotocore.client")

    class AsyncS3(client.AioBaseClient):  # type: ignore[misc, name-defined]  # it has no types
        def __init__(self):
            self.meta = session().client("s3", **CLIENT).meta

    with pytest.raises(ActivationError, match=r"asynchronous.*boto3\.client\('s3'\)"):
        mock_signer(s3=AsyncS3())


def test_a_boto3_resource_is_refused_as_the_object_store():
    with pytest.raises(ActivationError, match=r"resource\.meta\.client"):
        mock_signer(s3=session().resource("s3", **CLIENT))


# A started mock


@pytest.mark.parametrize(
    ("given", "meant"), [(123456789012, "'123456789012'"), (123, "'000000000123'")]
)
def test_an_account_is_a_string(signer_mock, given, meant):
    with pytest.raises(ActivationError, match=rf"twelve digits: mock\.account\({meant}\)"):
        signer_mock.account(given)


@pytest.mark.parametrize("given", ["x", None, {}])
def test_only_a_snapshot_is_restored(signer_mock, given):
    signer_mock.objects.create_bucket("kept")
    with pytest.raises(InvalidArgumentError, match=r"mock\.snapshot\(\)"):
        signer_mock.restore(given)
    assert signer_mock.objects.keys("kept") == []


def test_a_client_is_refused_as_the_source_of_revocations(signer_mock, signer_client):
    with pytest.raises(InvalidArgumentError, match="pass the mock itself"):
        verify_lambda_zip(b"", signer_mock.account().trust_root_pem, revocation=signer_client)


def test_a_client_of_a_stopped_mock_cannot_call_aws():
    with mock_signer() as mock:
        client = mock.client("signer")
    with pytest.raises(UnmockedCallError, match="Keep the mock active"):
        client.list_signing_profiles()


# mock.objects


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("src", "k", "text"), r"not str; pass text\.encode\(\)"),
        (("src", "k", io.BytesIO(b"x")), r"not BytesIO; pass its content, file\.read\(\)"),
        (("src", "k", Path("app.zip")), r"not \w+Path; pass path\.read_bytes\(\)"),
        (("src", b"x", "k"), r"put\(bucket, key, data\).*swapped"),
        (("k", "src", b"x"), r"'src' is a bucket.*the bucket comes first"),
        (("src", 5, b"x"), r"key.*5 \(int\)"),
        (("src", "", b"x"), r"key.*''"),
    ],
)
def test_what_cannot_be_put_is_refused(buckets, arguments, says):
    with pytest.raises(ObjectStoreError, match=f"(?s){says}"):
        buckets.objects.put(*arguments)
    assert buckets.objects.keys("src") == []


def test_a_swapped_bucket_and_key_are_noticed_when_getting(buckets):
    with pytest.raises(ObjectStoreError, match=r"'src' is a bucket"):
        buckets.objects.get("app.zip", "src")


@pytest.mark.parametrize("name", [None, b"src", 5, ""])
def test_a_bucket_has_a_name(signer_mock, name):
    with pytest.raises(ObjectStoreError, match="name"):
        signer_mock.objects.create_bucket(name)


def start(client, bucket="src", version="1"):
    client.put_signing_profile(profileName="release", platformId=LAMBDA)
    client.start_signing_job(
        profileName="release",
        source={"s3": {"bucketName": bucket, "key": "app.zip", "version": version}},
        destination={"s3": {"bucketName": "dst"}},
    )


@pytest.mark.parametrize(
    ("bucket", "says"),
    [
        ("never", r"no bucket 'never'; it has \['dst', 'src'\].*create_bucket.*s3='auto'"),
        ("src", r"no object 'app\.zip' in version '1'"),
    ],
)
def test_what_signing_jobs_miss_is_logged(buckets, signer_client, caplog, bucket, says):
    caplog.set_level(logging.INFO, "signer_mock")
    with pytest.raises(ClientError, match=r"Please check your permissions$"):
        start(signer_client, bucket)
    assert re.search(says, caplog.text, re.DOTALL)


def test_what_signing_jobs_miss_in_s3_is_logged(caplog):
    caplog.set_level(logging.INFO, "signer_mock")
    with mock_signer(s3="moto") as mock:
        mock.objects.create_bucket("src", versioning=True)
        with pytest.raises(ClientError, match="S3 bucket src not accessible"):
            start(mock.client("signer"))
    assert "NoSuchBucket" in caplog.text
    assert "s3='memory'" in caplog.text


# In the report of a failed test

HEAD = """
    import boto3, pytest
    from signer_mock import mock_signer
"""


def report_of(pytester, source):
    pytester.makepyfile(textwrap.dedent(HEAD) + textwrap.dedent(source))
    others = [w for n in ("asyncio", "anyio", "hypothesispytest") for w in ("-p", f"no:{n}")]
    result = pytester.runpytest_inprocess(*others, "-p", "no:randomly")
    return result, "\n".join(result.outlines)


def test_the_report_tells_that_a_bucket_is_missing(pytester):
    _, text = report_of(
        pytester,
        """
        def test_it(signer_mock, signer_client):
            signer_client.put_signing_profile(
                profileName="release", platformId="AWSLambda-SHA384-ECDSA"
            )
            signer_client.start_signing_job(
                profileName="release",
                source={"s3": {"bucketName": "never", "key": "k", "version": "1"}},
                destination={"s3": {"bucketName": "dst"}},
            )
        """,
    )
    assert "AWS Signer hints" in text
    assert "mock.objects has no bucket 'never'" in text


def test_the_report_has_the_newest_hints_and_calls(pytester):
    _, text = report_of(
        pytester,
        """
        def test_it(signer_client):
            signer_client.put_signing_profile(
                profileName="release", platformId="AWSLambda-SHA384-ECDSA"
            )
            for number in range(60):
                source = {"bucketName": f"bucket-{number}", "key": "k", "version": "1"}
                with pytest.raises(signer_client.exceptions.AccessDeniedException):
                    signer_client.start_signing_job(
                        profileName="release",
                        source={"s3": source},
                        destination={"s3": {"bucketName": "dst"}},
                    )
            assert False
        """,
    )
    hints, calls = text.partition("AWS Signer hints")[2].split("AWS Signer calls")[:2]
    assert re.findall(r"no bucket 'bucket-(\d+)'", hints) == [str(n) for n in range(50, 60)]
    assert re.findall(r"'bucket-(\d+)'", calls) == [str(n) for n in range(10, 60)]


FIXTURE = """
    @pytest.fixture
    def client():
        client = boto3.client("signer", region_name="us-east-1")
        client.list_signing_profiles()
        return client

    @mock_signer
    def test_it(client): pass
"""


def test_the_report_tells_that_fixtures_run_before_a_decorated_test(pytester, monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    result, text = report_of(pytester, FIXTURE)
    result.assert_outcomes(errors=1)
    assert "before the mock" in text
    assert "@pytest.mark.signer_mock" in text


def test_a_fixture_that_was_mocked_gets_no_hint_that_it_was_not(pytester):
    result, text = report_of(
        pytester,
        """
        @mock_signer
        class TestIt:
            def setup_method(self):
                boto3.client("signer").get_signing_profile(profileName="missing")

            def test_it(self): pass
        """,
    )
    result.assert_outcomes(errors=1)
    assert "ResourceNotFoundException" in text
    assert "before the mock" not in text


@pytest.mark.parametrize("fixture", ["signer_mock", "signer_client"])
def test_the_report_tells_which_fixture_a_wide_fixture_can_use(pytester, fixture):
    result, text = report_of(
        pytester,
        f"""
        @pytest.fixture(scope="module")
        def profile({fixture}): pass

        def test_it(profile): pass
        """,
    )
    result.assert_outcomes(errors=1)
    assert "ScopeMismatch" in text
    assert "signer_mock_session" in text.partition("AWS Signer hints")[2]


def test_another_scope_mismatch_gets_no_hint(pytester):
    _, text = report_of(
        pytester,
        """
        @pytest.fixture(scope="module")
        def folder(tmp_path): pass

        def test_it(folder): pass
        """,
    )
    assert "ScopeMismatch" in text
    assert "AWS Signer hints" not in text


def test_a_fixture_that_fails_for_its_own_reasons_gets_no_hint(pytester):
    _, text = report_of(
        pytester,
        """
        @pytest.fixture
        def broken():
            raise RuntimeError

        @mock_signer
        def test_it(broken): pass
        """,
    )
    assert "AWS Signer hints" not in text


@pytest.mark.parametrize("fixture", ["signer_mock", ""])
def test_the_report_tells_that_profiles_are_hidden(pytester, fixture):
    decorator = "" if fixture else "@mock_signer"
    _, text = report_of(
        pytester,
        f"""
        {decorator}
        def test_it({fixture}):
            boto3.Session(profile_name="corp").client("signer")
        """,
    )
    assert "hides the profiles" in text
    assert "credentials='keep'" in text


def test_without_a_mock_a_missing_profile_gets_no_hint(pytester):
    _, text = report_of(
        pytester,
        """
        def test_it():
            boto3.Session(profile_name="corp")
        """,
    )
    assert "ProfileNotFound" in text
    assert "hides the profiles" not in text
