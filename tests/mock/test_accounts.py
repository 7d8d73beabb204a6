"""Accounts, regions and partitions: what a test author holds, and that they are kept apart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography import x509

from signer_mock import SignerMock, mock_signer
from signer_mock.errors import ActivationError, SignerMockError
from signer_mock.verify import UntrustedError, verify_notation_envelope
from tests.helpers.constants import ACCOUNT, IOT, LAMBDA, NOTATION, OTHER, PAYLOAD_FORMAT
from tests.helpers.moto import code_signing_pair
from tests.helpers.refusals import expect_refusal, refusal


def profile_names(client: Any) -> list[str]:
    return [one["profileName"] for one in client.list_signing_profiles()["profiles"]]


def sign_payload(client: Any, name: str = "image") -> dict[str, Any]:
    client.put_signing_profile(profileName=name, platformId=NOTATION)
    answer: dict[str, Any] = client.sign_payload(
        profileName=name, payload=b'{"targetArtifact":{}}', payloadFormat=PAYLOAD_FORMAT
    )
    return answer


# Accounts


def test_an_account_does_not_see_another_ones_profiles_and_jobs(signer_mock):
    mine, other = signer_mock.client("signer"), signer_mock.account(OTHER).client("signer")
    job_id = sign_payload(mine)["jobId"]

    assert profile_names(mine) == ["image"]
    assert profile_names(other) == []
    assert other.list_signing_jobs()["jobs"] == []
    assert refusal(other.describe_signing_job, jobId=job_id).response["Error"]["Code"] == (
        "ResourceNotFoundException"
    )
    expect_refusal(
        other.cancel_signing_profile,
        404,
        "ResourceNotFoundException",
        "Signing Profile with name image does not exist.",
        "ProfileNotFound",
        profileName="image",
    )


def test_two_accounts_may_use_one_name(signer_mock):
    arns = {
        signer_mock.account(number)
        .client("signer")
        .put_signing_profile(profileName="release", platformId=LAMBDA)["arn"]
        for number in (ACCOUNT, OTHER)
    }
    assert arns == {
        f"arn:aws:signer:us-east-1:{account}:/signing-profiles/release"
        for account in (ACCOUNT, OTHER)
    }


def test_a_client_token_is_an_accounts_own(signer_mock):
    signer_mock.objects.create_bucket("src", versioning=True)
    version = signer_mock.objects.put("src", "app.zip", b"anything")
    jobs = set()
    for number in (ACCOUNT, OTHER):
        client = signer_mock.account(number).client("signer")
        client.put_signing_profile(profileName="release", platformId=LAMBDA)
        jobs.add(
            client.start_signing_job(
                source={"s3": {"bucketName": "src", "key": "app.zip", "version": version}},
                destination={"s3": {"bucketName": "src"}},
                profileName="release",
                clientRequestToken="the same",
            )["jobId"]
        )
    assert len(jobs) == 2


def test_each_account_signs_with_keys_of_its_own(signer_mock):
    mine, other = signer_mock.account(), signer_mock.account(OTHER)
    envelope = sign_payload(mine.client("signer"))["signature"]

    verify_notation_envelope(envelope, mine.trust_root_pem)
    with pytest.raises(UntrustedError):
        verify_notation_envelope(envelope, other.trust_root_pem)


def test_the_default_account_is_the_one_asked_for(signer_mock):
    assert signer_mock.account().account_id == signer_mock.account_id == ACCOUNT
    with pytest.raises(ActivationError, match="twelve digits"):
        signer_mock.account("12345")


@pytest.mark.parametrize(
    "account_id",
    ["", "12345678901", "1234567890123", "12345678901x", "\N{FULLWIDTH DIGIT ONE}" * 12],
)
def test_an_account_has_twelve_digits(signer_mock, account_id):
    with pytest.raises(ActivationError, match="twelve digits"):
        signer_mock.account(account_id)


def test_principals_say_who_they_are(signer_mock):
    account = signer_mock.account(OTHER)
    assert account.arn == f"arn:aws:iam::{OTHER}:root"
    assert account.role("teams/ci").arn == f"arn:aws:iam::{OTHER}:role/teams/ci"
    assert account.user("maria").arn == f"arn:aws:iam::{OTHER}:user/maria"
    assert repr(account.role("ci")) == f"<Principal arn:aws:iam::{OTHER}:role/ci>"


@pytest.mark.parametrize("name", ["", "a b", "a/", "/a", "a:b", "ä", "a\n", "*", 3, None])
@pytest.mark.parametrize("kind", ["role", "user"])
def test_a_name_that_iam_would_refuse_is_refused(signer_mock, kind, name):
    with pytest.raises(SignerMockError, match=f"cannot be the name of a {kind}"):
        getattr(signer_mock.account(), kind)(name)


def test_a_client_takes_what_boto3_takes(signer_mock):
    from botocore.config import Config

    client = signer_mock.account(OTHER).client(
        "signer", "eu-west-1", config=Config(user_agent_extra="mine")
    )
    assert client.meta.region_name == "eu-west-1"
    assert "mine" in client.meta.config.user_agent
    assert signer_mock.session("eu-west-1").region_name == "eu-west-1"


def test_the_errors_of_one_client_are_caught_by_the_classes_of_another(signer_mock):
    for principal in (
        signer_mock,
        signer_mock.account(OTHER),
        signer_mock.account(OTHER).role("ci"),
    ):
        classes = principal.client().exceptions
        with pytest.raises(classes.ResourceNotFoundException):
            principal.client("signer", "eu-west-1").get_signing_profile(profileName="missing")


def test_clients_may_be_made_in_threads(signer_mock):
    with ThreadPoolExecutor(8) as pool:
        clients = list(pool.map(lambda _: signer_mock.client(), range(32)))
    assert [one.list_signing_profiles()["profiles"] for one in clients] == [[]] * 32


def test_sessions_share_no_state_but_the_service_models(signer_mock):
    first, second = signer_mock.session(), signer_mock.session()
    heard = []
    first.events.register("before-call.signer", lambda **_: heard.append("first"))
    second.client("signer").list_signing_platforms()
    assert heard == []
    first.client("signer").list_signing_platforms()
    assert heard == ["first"]


def test_many_sessions_do_not_grow_the_search_path_of_service_models(signer_mock):
    def paths(session: Any) -> list[str]:
        found: list[str] = session._session.get_component("data_loader").search_paths
        return found

    signer_mock.session()  # the first of a process adds what boto3 itself brings
    few = len(paths(signer_mock.session()))
    for _ in range(5):
        last = signer_mock.session()
    assert len(paths(last)) == few


def test_service_models_of_the_users_own_are_found(signer_mock, monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    loader = signer_mock.session()._session.get_component("data_loader")
    assert str(tmp_path) in loader.search_paths


# Regions and partitions


def test_a_region_does_not_see_another_ones_profiles(signer_mock):
    sign_payload(signer_mock.client("signer", "eu-west-1"))
    assert profile_names(signer_mock.client("signer", "eu-west-1")) == ["image"]
    assert profile_names(signer_mock.client("signer")) == []
    assert signer_mock.client("signer").list_signing_jobs()["jobs"] == []


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-east-1", "aws"),
        ("ap-southeast-2", "aws"),
        ("cn-north-1", "aws-cn"),
        ("cn-northwest-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-gov-east-1", "aws-us-gov"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)
def test_arns_are_of_the_regions_partition(region, partition):
    with mock_signer(region_name=region) as mock:
        client = mock.client("signer")
        answer = client.put_signing_profile(profileName="release", platformId=LAMBDA)
        start = f"arn:{partition}:signer:{region}:{ACCOUNT}:/signing-profiles/release"
        assert answer["arn"] == start
        assert answer["profileVersionArn"] == f"{start}/{answer['profileVersion']}"
        assert mock.account().role("ci").arn == f"arn:{partition}:iam::{ACCOUNT}:role/ci"
        arn = mock.account().import_certificate(*code_signing_pair())
        assert arn.startswith(f"arn:{partition}:acm:{region}:{ACCOUNT}:certificate/")
        if partition != "aws-us-gov":  # no platform there takes a certificate
            client.put_signing_profile(
                profileName="device", platformId=IOT, signingMaterial={"certificateArn": arn}
            )


def test_all_regions_of_an_account_chain_to_one_root(signer_mock):
    for region in ("us-east-1", "eu-west-1"):
        envelope = sign_payload(signer_mock.client("signer", region))["signature"]
        verify_notation_envelope(envelope, signer_mock.account().trust_root_pem)


# Certificates


def test_an_imported_certificate_comes_back(signer_mock):
    certificate, key = code_signing_pair()
    account = signer_mock.account(OTHER)
    arn = account.import_certificate(certificate, key, region_name="eu-west-1")
    assert arn.startswith(f"arn:aws:acm:eu-west-1:{OTHER}:certificate/")
    assert account.certificate_pem(arn) == certificate


def test_a_certificate_made_for_a_job_can_be_exported(signer_mock):
    arn = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/11111111-2222-4333-8444-555555555555"
    client = signer_mock.client("signer")
    client.put_signing_profile(
        profileName="device", platformId=IOT, signingMaterial={"certificateArn": arn}
    )
    account = signer_mock.account()
    with pytest.raises(SignerMockError, match="has no certificate"):
        account.certificate_pem(arn)

    signer_mock.objects.create_bucket("src", versioning=True)
    version = signer_mock.objects.put("src", "image.bin", b"firmware")
    client.start_signing_job(
        source={"s3": {"bucketName": "src", "key": "image.bin", "version": version}},
        destination={"s3": {"bucketName": "src"}},
        profileName="device",
    )
    x509.load_pem_x509_certificate(account.certificate_pem(arn))


@pytest.mark.parametrize("arn", ["nonsense", f"arn:aws:acm:us-east-1:{OTHER}:certificate/1"])
def test_a_certificate_that_the_account_does_not_have_is_an_error(signer_mock, arn):
    with pytest.raises(SignerMockError, match="Import one with import_certificate"):
        signer_mock.account().certificate_pem(arn)


def test_what_is_no_certificate_with_its_key_is_not_imported(signer_mock):
    certificate, key = code_signing_pair()
    _, other_key = code_signing_pair("RSA")
    for pair, message in [
        ((b"x", key), "certificate is not valid PEM"),
        ((certificate, b"x"), "private key is not valid"),
        ((certificate, other_key), "does not belong"),
        ((certificate.decode(), key), "in PEM, as bytes"),
        ((certificate, key.decode()), "in PEM, as bytes"),
    ]:
        with pytest.raises(SignerMockError, match=message):
            signer_mock.account().import_certificate(*pair)
    assert signer_mock._world.account(ACCOUNT).certificates == {}


# Beginning anew


def filled(mock: SignerMock) -> Any:
    mock.clock.freeze("2031-05-06T07:08:09Z")
    mock.objects.create_bucket("src")
    sign_payload(mock.client("signer"))
    return mock


def test_a_reset_is_a_fresh_world(signer_mock):
    filled(signer_mock).reset()
    client = signer_mock.client("signer")

    assert signer_mock.calls[:] == ()
    assert list(signer_mock.events) == []
    assert signer_mock.clock.now().year != 2031
    assert profile_names(client) == []
    assert client.list_signing_jobs()["jobs"] == []
    signer_mock.objects.create_bucket("src")


def test_clients_and_accounts_outlive_a_reset(signer_mock):
    account, client, events = (
        signer_mock.account(),
        signer_mock.client("signer"),
        signer_mock.events,
    )
    root = account.trust_root_pem
    filled(signer_mock).reset()

    envelope = sign_payload(client)["signature"]
    assert account.trust_root_pem != root
    verify_notation_envelope(envelope, account.trust_root_pem)
    assert len(events) == 1


def test_page_tokens_do_not_outlive_a_reset(signer_mock):
    client = signer_mock.client("signer")
    token = client.list_signing_platforms(maxResults=1)["nextToken"]
    signer_mock.reset()
    error = refusal(client.list_signing_platforms, maxResults=1, nextToken=token)
    assert error.response["Error"]["Code"] == "ValidationException"


def test_ids_repeat_after_a_reset_where_a_seed_was_given():
    with mock_signer(seed=7) as mock:
        first = sign_payload(mock.client("signer"))["jobId"]
        mock.reset()
        assert sign_payload(mock.client("signer"))["jobId"] == first


def test_mocks_that_share_a_world_share_its_reset(signer_mock):
    with mock_signer() as inner:
        filled(signer_mock)
        inner.reset()
    assert profile_names(signer_mock.client("signer")) == []


def test_a_mock_that_was_not_started_cannot_be_reset():
    with pytest.raises(ActivationError, match="not been started"):
        mock_signer().reset()
