"""Every client is mocked: whenever, wherever and however it was made."""

from __future__ import annotations

import inspect
import sys
import threading
import types
from importlib import import_module
from typing import Any
from unittest import mock as unittest_mock

import boto3
import botocore
import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from botocore.stub import Stubber

from signer_mock import mock_signer
from signer_mock._intercept import botocore_session, when_loaded
from signer_mock.errors import ActivationError, UnsupportedOperationError
from tests.helpers.constants import NOTATION, OWN_KEY
from tests.helpers.usage import EARLY, VARIABLES, names, put, session, signer


def test_one_client_is_mocked_out_and_in_and_in_again():
    client = session(region_name="us-east-1").client("signer", **OWN_KEY)
    for _ in range(2):
        with mock_signer():
            put("profile", client)
            assert names(client) == ["profile"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: boto3.client("signer"),
        lambda: boto3.Session().client("signer"),
        lambda: boto3.Session(**OWN_KEY, region_name="us-west-2").client("signer"),
        lambda: boto3.setup_default_session() or boto3.client("signer"),
        lambda: boto3.resource("s3").meta.client.meta and boto3.client("signer"),
        lambda: botocore.session.get_session().create_client("signer"),
        lambda: botocore.session.Session().create_client("signer", region_name="eu-west-3"),
        lambda: signer(config=Config(retries={"mode": "adaptive", "max_attempts": 9})),
        lambda: signer(config=Config(retries={"mode": "standard"}, connect_timeout=1)),
        lambda: signer(config=Config(proxies={"https": "http://proxy.example:3128"})),
        lambda: signer(config=Config(parameter_validation=False, user_agent_extra="x")),
        lambda: signer(use_ssl=False),
        lambda: signer(verify=False),
    ],
    ids=lambda make: inspect.getsource(make).strip().removeprefix("lambda: ").rstrip(","),
)
def test_every_kind_of_client_made_during_the_mock_is_mocked(signer_mock, make):
    assert names(make()) == []
    assert len(signer_mock.calls) == 1


def test_a_client_made_by_a_module_at_import_time_is_mocked(monkeypatch, tmp_path):
    (tmp_path / "code_under_test.py").write_text(
        "import boto3\nclient = boto3.client('signer', region_name='eu-west-1')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "own")
    monkeypatch.delitem(sys.modules, "code_under_test", raising=False)
    import code_under_test  # type: ignore[import-not-found]  # it was written a moment ago

    with mock_signer():
        assert names(code_under_test.client) == []


def test_a_client_made_where_there_are_no_credentials_is_mocked(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/does/not/exist")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/does/not/exist")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    client = signer(region_name="us-east-1")
    with mock_signer(account_id="210987654321") as mock:
        assert names(client) == []
        assert mock.calls[-1].account_id == "210987654321"
        assert names(client) == []


def test_a_client_whose_credentials_would_have_to_be_fetched_is_mocked(monkeypatch, tmp_path):
    config = tmp_path / "config"
    config.write_text(
        "[profile ci]\nrole_arn = arn:aws:iam::123456789012:role/ci\nsource_profile = base\n"
        "[profile base]\naws_access_key_id = own\naws_secret_access_key = own\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    client = session(profile_name="ci", region_name="us-east-1").client("signer")
    with mock_signer():
        assert names(client) == [], "no role was assumed for it"


def test_clients_of_other_threads_are_mocked(signer_mock):
    found = []

    def work():
        put("of_a_thread", signer())
        found.extend(names())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == ["of_a_thread"]


ENDPOINTS = [
    ({"region_name": "eu-west-1"}, "signer.eu-west-1.amazonaws.com"),
    ({"region_name": "us-east-1", "fips": True}, "signer-fips.us-east-1.amazonaws.com"),
    ({"region_name": "eu-west-1", "dual": True}, "signer.eu-west-1.api.aws"),
    ({"region_name": "us-east-1", "fips": True, "dual": True}, "signer-fips.us-east-1.api.aws"),
    ({"region_name": "cn-north-1"}, "signer.cn-north-1.amazonaws.com.cn"),
    (
        {"region_name": "cn-north-1", "dual": True},
        "signer.cn-north-1.api.amazonwebservices.com.cn",
    ),
    ({"region_name": "us-gov-west-1"}, "signer.us-gov-west-1.amazonaws.com"),
    ({"region_name": "eusc-de-east-1"}, "signer.eusc-de-east-1.amazonaws.eu"),
    ({"endpoint_url": "http://localhost:4566"}, "localhost:4566"),
    ({"endpoint_url": "https://signer.internal.example:8443"}, "signer.internal.example:8443"),
    ({"endpoint_url": "https://vpce-1.signer.us-east-1.vpce.amazonaws.com"}, "vpce-1.signer"),
]


@pytest.mark.parametrize(("options", "address"), ENDPOINTS, ids=[a for _, a in ENDPOINTS])
def test_every_endpoint_is_intercepted(signer_mock, options, address):
    if "eusc" in address and "aws-eusc" not in session().get_available_partitions():
        pytest.skip("this botocore does not know the partition yet")
    client = _client("signer", **options)
    assert address in client.meta.endpoint_url
    assert names(client) == []
    assert signer_mock.calls[-1].region == options.get("region_name", signer_mock.region_name)


@pytest.mark.parametrize("service", ["signer", "signer-data"])
@pytest.mark.parametrize(
    "options",
    [{"region_name": "eu-west-1"}, {"region_name": "us-east-1", "fips": True}, {}],
    ids=repr,
)
def test_the_second_host_of_get_revocation_status_is_intercepted(signer_mock, service, options):
    if service not in boto3.Session().get_available_services():
        pytest.skip("this botocore has no signer-data yet")
    asked = _client(service, **options).get_revocation_status(
        signatureTimestamp=0,
        platformId=NOTATION,
        profileVersionArn="arn:aws:signer:us-east-1:123456789012:/signing-profiles/pp/abcdefghij",
        jobArn="arn:aws:signer:us-east-1:123456789012:/signing-jobs/x",
        certificateHashes=["a" * 192],
    )
    assert asked["revokedEntities"] == []
    assert signer_mock.calls[-1].operation == "GetRevocationStatus"


def _client(service, *, fips=False, dual=False, **options):
    config = Config(use_fips_endpoint=fips, use_dualstack_endpoint=dual)
    return session().client(service, config=config, **options)


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL_SIGNER", "AWS_ENDPOINT_URL"])
def test_an_endpoint_in_the_environment_is_intercepted(monkeypatch, name):
    monkeypatch.setenv(name, "http://127.0.0.1:1")
    with mock_signer() as mock:
        client = signer()
        assert client.meta.endpoint_url == "http://127.0.0.1:1", "nothing listens there"
        assert names(client) == []
        assert len(mock.calls) == 1


def test_an_unsigned_client_is_answered_as_the_service_does(signer_mock):
    client = signer(config=Config(signature_version=UNSIGNED))
    with pytest.raises(ClientError) as refusal:
        names(client)
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert refusal.value.response["Error"]["Code"] == "MissingAuthenticationTokenException"


def test_paginators_and_waiters_go_through_the_mock(
    signer_mock, start_job, code_zip, lambda_profile
):
    job = start_job(code_zip, lambda_profile)
    client = signer()
    client.get_waiter("successful_signing_job").wait(jobId=job["jobId"])
    pages = client.get_paginator("list_signing_jobs").paginate(PaginationConfig={"PageSize": 1})
    assert [job["jobId"] for page in pages for job in page["jobs"]] == [job["jobId"]]


def test_a_users_stubber_answers_first(signer_mock):
    client = signer()
    with Stubber(client) as stubber:
        stubber.add_response("list_signing_profiles", {"profiles": [{"profileName": "stubbed"}]})
        assert names(client) == ["stubbed"]
    assert names(client) == []


def test_a_users_patch_inside_the_mock_answers_first_and_can_be_undone(signer_mock):
    patch = unittest_mock.patch.object(URLLib3Session, "send", side_effect=LookupError("patched"))
    with patch, pytest.raises(LookupError, match="patched"):
        names()
    assert names() == []


def test_a_users_patch_around_the_mock_gets_no_signer_calls():
    patch = unittest_mock.patch.object(URLLib3Session, "send", side_effect=LookupError("patched"))
    with patch, mock_signer(block_other_aws=False):
        assert names() == []
        with pytest.raises(LookupError, match="patched"):
            session().client("s3").list_buckets()
    with mock_signer():
        assert names() == []


def test_botocore_is_patched_once():
    for _ in range(3):
        with mock_signer():
            seam = URLLib3Session.send
    assert seam.__wrapped__.__qualname__ == "URLLib3Session.send"
    assert not hasattr(seam.__wrapped__, botocore_session.MARK)


@pytest.mark.parametrize("change", ["no send", "no session class", "another session class"])
def test_a_botocore_that_cannot_be_patched_is_reported_with_its_version(monkeypatch, change):
    botocore_session._session_class.cache_clear()
    monkeypatch.setattr(botocore, "__version__", "9.9.9")
    if change == "no send":
        monkeypatch.delattr(URLLib3Session, "send")
    elif change == "no session class":
        monkeypatch.delattr("botocore.httpsession.URLLib3Session")
    else:

        def create_endpoint(self, http_session_cls=types.SimpleNamespace):
            """As some future botocore may have it."""

        monkeypatch.setattr("botocore.endpoint.EndpointCreator.create_endpoint", create_endpoint)
    with pytest.raises(ActivationError, match=r"botocore 9\.9\.9 does not send .* not started"):
        mock_signer().start()
    monkeypatch.undo()
    with mock_signer() as mock:
        assert mock.owns_world
        assert names() == []


def test_an_operation_that_the_mock_does_not_know_raises_an_error(signer_mock, monkeypatch):
    from signer_mock._service import operations

    monkeypatch.setattr(operations, "OPERATIONS", {})
    monkeypatch.setattr("signer_mock._handle.OPERATIONS", {})
    with pytest.raises(UnsupportedOperationError, match="ListSigningProfiles"):
        EARLY.list_signing_profiles()


def test_nothing_stays_in_the_import_system_once_nothing_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(when_loaded, "_waiting", {})
    others = [finder for finder in sys.meta_path if finder is not when_loaded._finder]
    monkeypatch.setattr(sys, "meta_path", others)
    before = list(sys.meta_path)
    monkeypatch.syspath_prepend(tmp_path)
    seen: list[Any] = []
    for name in ("waited_for_one", "waited_for_two"):
        (tmp_path / f"{name}.py").write_text("")
        when_loaded.when_loaded(name, seen.append)
    import_module("waited_for_one")
    assert when_loaded._finder in sys.meta_path
    import_module("waited_for_two")
    assert [module.__name__ for module in seen] == ["waited_for_one", "waited_for_two"]
    assert sys.meta_path == before
