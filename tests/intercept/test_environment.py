"""What a mock does to the process environment, and that it leaves no trace of it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Generator, Iterator
from contextlib import nullcontext
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from signer_mock import SignerMock, mock_signer
from tests.helpers.usage import VARIABLES, environment, names, session, signer

USERS_OWN = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "own-secret",
    "AWS_SESSION_TOKEN": "own-token",
    "AWS_PROFILE": "does-not-exist",
    "AWS_CONFIG_FILE": "/does/not/exist",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/own",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/does/not/exist",
    "AWS_ACCOUNT_ID": "111111111111",
    "AWS_CREDENTIAL_FILE": "/does/not/exist",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
}


@pytest.fixture(params=["nothing set", "everything set", "everything empty"])
def before(request, monkeypatch) -> dict[str, str | None]:
    """The environment that a mock finds, in its extremes."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    if request.param == "everything set":
        for name, value in USERS_OWN.items():
            monkeypatch.setenv(name, value)
    if request.param == "everything empty":
        for name in VARIABLES:
            monkeypatch.setenv(name, "")
    return environment()


class Left(Exception):  # noqa: N818 - not an error, a way out
    """Thrown by a body."""


def _context() -> None:
    with mock_signer():
        assert names() == []


def _context_that_fails() -> None:
    with pytest.raises(Left), mock_signer():
        raise Left


def _asynchronous_context() -> None:
    async def body() -> None:
        async with mock_signer():
            assert names() == []

    asyncio.run(body())


def _cancelled_task() -> None:
    @mock_signer
    async def body() -> None:
        await asyncio.Event().wait()

    async def cancel() -> None:
        task = asyncio.ensure_future(body())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())


def _by_hand() -> None:
    mock = mock_signer()
    mock.start()
    mock.stop()


def _decorated() -> None:
    mock_signer(names)()


def _decorated_that_fails() -> None:
    @mock_signer
    def body() -> None:
        raise Left

    with pytest.raises(Left):
        body()


def _generator_left_early() -> None:
    @mock_signer
    def body() -> Generator[None, None, None]:
        yield

    generator = body()
    next(generator)
    generator.close()


def _generator_forgotten() -> None:
    @mock_signer
    def body() -> Iterator[None]:
        yield

    generator = body()
    next(generator)
    del generator


def _nested_and_stopped_out_of_turn() -> None:
    outer, inner = mock_signer(), mock_signer()
    outer.start()
    inner.start()
    outer.stop()
    assert names() == []
    inner.stop()


def _with_motos_s3() -> None:
    with mock_signer(s3="moto", region_name="us-east-1") as mock:
        mock.client("s3").create_bucket(Bucket="here")


def _changed_in_the_body() -> None:
    with mock_signer():
        for name in VARIABLES:
            os.environ.pop(name, None)


def _all_set_in_the_body() -> None:
    with mock_signer(region_name="eu-west-1"):
        for name in set(VARIABLES) - {"AWS_REGION"}:
            os.environ[name] = "changed"


WAYS = [
    _context,
    _context_that_fails,
    _asynchronous_context,
    _cancelled_task,
    _by_hand,
    _decorated,
    _decorated_that_fails,
    _generator_left_early,
    _generator_forgotten,
    _nested_and_stopped_out_of_turn,
    _with_motos_s3,
    _all_set_in_the_body,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.strip("_"))
def test_every_way_of_leaving_puts_every_variable_back(way, before):
    default_session = boto3.DEFAULT_SESSION
    way()
    assert environment() == before
    assert boto3.DEFAULT_SESSION is default_session


def test_variables_are_restored_even_if_the_body_deleted_them(monkeypatch):
    for name, value in USERS_OWN.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    before = environment()
    _changed_in_the_body()
    assert environment() == before


def test_a_variable_that_the_mock_does_not_set_is_the_body_s_own(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("SIGNING_PROFILE", "before")
    with mock_signer():
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
        monkeypatch.setenv("SIGNING_PROFILE", "after")
    assert os.environ["AWS_DEFAULT_REGION"] == "eu-west-2"
    assert os.environ["SIGNING_PROFILE"] == "after"


def test_the_users_own_credentials_profile_and_files_are_hidden_while_active(monkeypatch):
    for name, value in USERS_OWN.items():
        monkeypatch.setenv(name, value)
    with mock_signer() as mock:
        found = session().get_credentials()
        assert found.method == "env"
        assert found.access_key != USERS_OWN["AWS_ACCESS_KEY_ID"]
        assert found.token is None
        assert session().available_profiles == []
        assert "AWS_ACCOUNT_ID" not in os.environ
        assert "AWS_CREDENTIAL_FILE" not in os.environ
        assert names(signer()) == []
        assert mock.calls[-1].region == "eu-central-1", "the region was the user's choice"


def test_a_profile_in_a_config_file_is_ignored(monkeypatch, tmp_path: Path):
    config = tmp_path / "config"
    config.write_text(
        "[default]\nregion = ap-south-1\n[profile sso]\nsso_start_url = https://x.awsapps.com/start\n"
        "sso_region = us-east-1\nsso_account_id = 111111111111\nsso_role_name = admin\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "sso")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with mock_signer() as mock:
        assert names(signer()) == []
        assert (mock.calls[-1].account_id, mock.calls[-1].region) == ("123456789012", "us-east-1")


def test_the_region_is_the_argument_else_the_environment_s_else_us_east_1(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_signer(region_name="sa-east-1") as mock:
        assert mock.region_name == os.environ["AWS_DEFAULT_REGION"] == "sa-east-1"
    with mock_signer() as mock:
        assert mock.region_name == os.environ["AWS_DEFAULT_REGION"] == "eu-central-1"
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with mock_signer() as mock:
        assert mock.region_name == os.environ["AWS_DEFAULT_REGION"] == "us-east-1"


def test_an_environment_that_is_a_plain_dictionary_is_set_and_restored(monkeypatch):
    monkeypatch.setattr(os, "environ", {"AWS_PROFILE": "mine", "HOME": "/"})
    with mock_signer():
        assert "AWS_ACCESS_KEY_ID" in os.environ
        assert "AWS_PROFILE" not in os.environ
    assert os.environ == {"AWS_PROFILE": "mine", "HOME": "/"}


def test_credentials_keep_touches_nothing(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, USERS_OWN[name])
    before = environment()
    boto3.DEFAULT_SESSION = own = session(aws_access_key_id="own", aws_secret_access_key="own")
    with mock_signer(credentials="keep", region_name="us-west-2") as mock:
        assert environment() == before
        assert boto3.DEFAULT_SESSION is own
        assert mock.region_name == "us-west-2"
        names(own.client("signer", region_name="us-west-2"))
        assert mock.calls[-1].region == "us-west-2"


def test_credentials_keep_with_none_at_all_fails_as_it_would_on_aws(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    with mock_signer(credentials="keep") as mock:
        client = signer(region_name="us-east-1")
        with pytest.raises(Exception, match="Unable to locate credentials"):
            names(client)
        assert len(mock.calls) == 0


def test_the_default_session_of_the_user_is_not_used_and_comes_back(monkeypatch):
    own = session(
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="own",
        region_name="eu-west-1",
    )
    boto3.DEFAULT_SESSION = own
    with mock_signer() as mock:
        names(boto3.client("signer"))
        assert mock.calls[-1].region == mock.region_name
        assert boto3.DEFAULT_SESSION is not own
    assert boto3.DEFAULT_SESSION is own


def test_the_pytest_fixture_puts_everything_back(pytester, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "own")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "")
    pytester.makepyfile(
        """
        def test_it(signer_client):
            assert signer_client.list_signing_profiles()["profiles"] == []
            raise RuntimeError
        """
    )
    before = environment()
    pytester.runpytest_inprocess("-p", "no:asyncio").assert_outcomes(failed=1)
    assert environment() == before


def test_a_session_made_inside_is_typed_as_the_mocks_account(signer_mock: SignerMock):
    assert signer_mock.session().region_name == signer_mock.region_name


@pytest.mark.parametrize("outer", [False, True], ids=["alone", "inside the user's moto"])
@pytest.mark.parametrize("own", ["AKIAIOSFODNN7EXAMPLE", "", None])
def test_credentials_keep_with_motos_s3_keeps_them_from_moto_too(own, outer, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
        if own is not None:
            monkeypatch.setenv(name, own)
    outside = environment()
    with mock_aws() if outer else nullcontext():
        before = environment()
        boto3.DEFAULT_SESSION = kept = session()
        with mock_signer(credentials="keep", s3="moto", region_name="us-east-1"):
            assert environment() == before
            assert boto3.DEFAULT_SESSION is kept
            s3 = session().client("s3", aws_access_key_id="own", aws_secret_access_key="own")
            assert s3.list_buckets()["Buckets"] == []
            os.environ["AWS_SECRET_ACCESS_KEY"] = "changed"
        assert os.environ["AWS_SECRET_ACCESS_KEY"] == "changed"
        assert boto3.DEFAULT_SESSION is kept
        del os.environ["AWS_SECRET_ACCESS_KEY"]
        if before["AWS_SECRET_ACCESS_KEY"] is not None:
            os.environ["AWS_SECRET_ACCESS_KEY"] = before["AWS_SECRET_ACCESS_KEY"]
    if own != "":  # moto deletes what was set, but empty
        assert environment() == outside


def test_credentials_keep_takes_the_region_that_botocore_takes(monkeypatch, tmp_path: Path):
    config = tmp_path / "config"
    config.write_text("[default]\nregion = ap-south-1\n[profile other]\nregion = ca-central-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for name in ("AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with mock_signer(credentials="keep") as mock:
        assert mock.region_name == boto3.Session().region_name == "ap-south-1"
    monkeypatch.setenv("AWS_PROFILE", "other")
    with mock_signer(credentials="keep") as mock:
        assert mock.region_name == "ca-central-1"
    monkeypatch.setenv("AWS_PROFILE", "does-not-exist")
    with mock_signer(credentials="keep") as mock:
        assert mock.region_name == "us-east-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_signer(credentials="keep") as mock:
        assert mock.region_name == "eu-west-1"
