"""Whose call it is: from the access key of a request to an account and a principal."""

from __future__ import annotations

import string
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from moto import mock_aws

from signer_mock import SignerMock, mock_signer
from signer_mock._service import callers
from signer_mock._service.callers import decode_access_key, encode_access_key
from tests.helpers.constants import ACCOUNT, IOT, LAMBDA, OTHER
from tests.helpers.moto import TRUST, assumed, sign, upload

SESSION = f"arn:aws:sts::{OTHER}:assumed-role/ci/build-7"


def signer_with(access_key: str, region: str = "us-east-1") -> Any:
    return boto3.client(
        "signer", region_name=region, aws_access_key_id=access_key, aws_secret_access_key="x"
    )


def account_of(client: Any) -> str:
    """The account that a client's call is answered in, as an ARN of the answer has it."""
    arn: str = client.put_signing_profile(profileName="whose", platformId=LAMBDA)["arn"]
    return arn.split(":")[4]


# Keys of this mock


def test_a_client_of_boto3_is_the_root_of_the_default_account(signer_mock):
    boto3.client("signer", "us-east-1").list_signing_platforms()
    assert signer_mock.calls[-1].principal == f"arn:aws:iam::{ACCOUNT}:root"


def test_every_account_has_keys_of_its_own(signer_mock):
    assert account_of(signer_mock.client("signer")) == ACCOUNT
    assert account_of(signer_mock.account(OTHER).client("signer")) == OTHER


@pytest.mark.parametrize(
    ("principal", "arn"),
    [
        (lambda account: account, f"arn:aws:iam::{OTHER}:root"),
        (lambda account: account.user("maria"), f"arn:aws:iam::{OTHER}:user/maria"),
        (lambda account: account.user("staff/maria"), f"arn:aws:iam::{OTHER}:user/staff/maria"),
        (
            lambda account: account.role("ci"),
            f"arn:aws:sts::{OTHER}:assumed-role/ci/signer-mock",
        ),
        (
            lambda account: account.role("teams/ci"),
            f"arn:aws:sts::{OTHER}:assumed-role/ci/signer-mock",
        ),
    ],
    ids=["root", "user", "user with a path", "role", "role with a path"],
)
def test_a_job_names_who_asked_for_it(signer_mock, principal, arn):
    signer_mock.objects.create_bucket("src", versioning=True)
    version = signer_mock.objects.put("src", "app.zip", b"no zip, and none is needed")
    source = {"s3": {"bucketName": "src", "key": "app.zip", "version": version}}
    client = principal(signer_mock.account(OTHER)).client("signer")
    client.put_signing_profile(profileName="release", platformId=LAMBDA)

    job = sign(client, source)

    assert job["requestedBy"] == arn
    assert job["jobInvoker"] == job["jobOwner"] == OTHER


def test_a_principal_always_has_the_same_key_and_no_two_share_one(signer_mock):
    account = signer_mock.account(OTHER)
    principals = [account, account.user("a"), account.role("a"), account.role("b/a")]
    keys = [one.session().get_credentials().access_key for one in principals]
    assert len(set(keys)) == len(keys)
    assert keys == [one.session().get_credentials().access_key for one in principals]
    assert [key[:4] for key in keys] == ["AKIA", "AKIA", "ASIA", "ASIA"]
    assert all(map(callers.is_issued_key, keys))
    assert not callers.is_issued_key("AKIAIOSFODNN7EXAMPLE")
    tokens = [one.session().get_credentials().token for one in principals]
    assert tokens == [None, None, "signer-mock-session", "signer-mock-session"]


def test_names_with_one_checksum_still_have_different_keys(signer_mock, monkeypatch):
    monkeypatch.setattr(callers, "zlib", SimpleNamespace(crc32=lambda _data: 2**32 - 1))
    account = signer_mock.account("998877665544")
    first, second = account.user("one"), account.user("two")
    assert [client_arn(signer_mock, one) for one in (first, second, first)] == [
        "arn:aws:iam::998877665544:user/one",
        "arn:aws:iam::998877665544:user/two",
        "arn:aws:iam::998877665544:user/one",
    ]


def client_arn(mock: SignerMock, principal: Any) -> str:
    principal.client("signer").list_signing_platforms()
    return mock.calls[-1].principal


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-central-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)
def test_a_caller_is_of_the_partition_that_it_calls(signer_mock, region, partition):
    role = signer_mock.account().role("ci")
    role.client("signer", region).list_signing_platforms()
    session = f"arn:{partition}:sts::{ACCOUNT}:assumed-role/ci/signer-mock"
    assert signer_mock.calls[-1].principal == session
    assert signer_mock.calls[-1].region == region


# Keys of nobody's


def test_twelve_digits_are_an_account(signer_mock):
    assert account_of(signer_with(OTHER)) == OTHER


@pytest.mark.parametrize("key", ["21098765432", "2109876543210", "21098765432x", "२१०९८७६५४३२१"])
def test_what_is_not_twelve_digits_is_the_default_account(signer_mock, key):
    signer_mock.client("signer").list_signing_platforms()
    assert signer_mock._world.account_of(key) == ACCOUNT


def test_a_key_id_of_awss_form_holds_its_account(signer_mock):
    # A key that AWS documents, with the account that GetAccessKeyInfo gives for it.
    assert account_of(signer_with("ASIAQNZGKIQY56JQ7WML")) == "029608264753"


@pytest.mark.parametrize(
    "key",
    [
        "testing",
        "AKIAIOSFODNN7EXAMPLE",  # from before accounts were encoded
        "AKIA1111111111111111",  # no base32
        "AROAQNZGKIQY56JQ7WML",  # a role's id, not a key's
        "ASIAQNZGKIQY56JQ7WM",
    ],
)
def test_any_other_key_is_the_default_accounts_root(key):
    with mock_signer(account_id=OTHER) as mock:
        assert account_of(signer_with(key)) == OTHER
        assert mock.calls[-1].principal == f"arn:aws:iam::{OTHER}:root"


@given(
    account=st.text(string.digits, min_size=12, max_size=12),
    serial=st.integers(0, 2**32 - 1),
    temporary=st.booleans(),
)
@example(account="000000000000", serial=0, temporary=False)
@example(account="999999999999", serial=2**32 - 1, temporary=True)
def test_an_account_comes_back_out_of_the_key_it_was_put_in(account, serial, temporary):
    key = encode_access_key(account, serial, temporary=temporary)
    assert len(key) == 20
    assert key.isalnum()
    assert decode_access_key(key) == account


# Keys of moto's


def user_session(mock: SignerMock, account_id: str, **user: Any) -> boto3.Session:
    """A session with a key of an IAM user that moto has."""
    iam = mock.account(account_id).client("iam")
    iam.create_user(UserName="maria", **user)
    key = iam.create_access_key(UserName="maria")["AccessKey"]
    return boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="us-east-1")


def test_an_iam_user_of_motos_is_who_asked(both):
    session = user_session(both, OTHER, Path="/staff/")
    session.client("signer").put_signing_profile(profileName="release", platformId=LAMBDA)
    job = sign(session.client("signer"), upload(session.client("s3"), "code"))
    assert job["requestedBy"] == f"arn:aws:iam::{OTHER}:user/staff/maria"
    assert job["jobInvoker"] == job["jobOwner"] == OTHER


def test_an_assumed_role_of_motos_is_who_asked_and_who_revoked(both):
    role = (
        both.account(OTHER)
        .client("iam")
        .create_role(RoleName="ci", Path="/teams/", AssumeRolePolicyDocument=TRUST)
    )
    session = assumed(boto3.client("sts"), role["Role"]["Arn"])
    signer = session.client("signer")
    signer.put_signing_profile(profileName="release", platformId=LAMBDA)
    job = sign(signer, upload(session.client("s3"), "code"))
    signer.revoke_signature(jobId=job["jobId"], reason="key leaked")
    record = signer.describe_signing_job(jobId=job["jobId"])["revocationRecord"]

    assert job["requestedBy"] == record["revokedBy"] == SESSION
    assert session.client("sts").get_caller_identity()["Arn"] == SESSION
    assert job["jobInvoker"] == OTHER


def test_a_role_assumed_by_web_identity_is_known_too(both):
    keys = boto3.client("sts").assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{OTHER}:role/ci", RoleSessionName="build-7", WebIdentityToken="t" * 4
    )["Credentials"]
    signer_with(keys["AccessKeyId"]).list_signing_platforms()
    assert both.calls[-1].principal == SESSION


def test_chained_roles_end_at_the_last_one(both):
    first = assumed(boto3.client("sts"), f"arn:aws:iam::{ACCOUNT}:role/first")
    last = assumed(first.client("sts"), f"arn:aws:iam::{OTHER}:role/ci")
    last.client("signer").list_signing_platforms()
    assert both.calls[-1].principal == SESSION


def test_a_key_of_motos_in_china_is_of_chinas_partition(both):
    iam = both.account(OTHER).client("iam", "cn-north-1")
    iam.create_user(UserName="maria")
    key = iam.create_access_key(UserName="maria")["AccessKey"]["AccessKeyId"]
    signer_with(key, "cn-north-1").list_signing_platforms()
    assert both.calls[-1].principal == f"arn:aws-cn:iam::{OTHER}:user/maria"


@mock_signer
def test_moto_may_start_after_the_mock_and_the_client():
    with mock_aws():
        signer = signer_with("testing")
        session = assumed(boto3.client("sts"), f"arn:aws:iam::{OTHER}:role/ci")
        assert account_of(signer) == ACCOUNT
        assert account_of(session.client("signer")) == OTHER


def test_a_deleted_key_of_motos_says_its_account_still_but_no_user(both):
    session = user_session(both, OTHER)
    key = session.get_credentials().access_key
    both.account(OTHER).client("iam").delete_access_key(UserName="maria", AccessKeyId=key)
    session.client("signer").list_signing_platforms()
    assert both.calls[-1].principal.endswith(":root")


@mock_signer
def test_keys_of_a_stopped_moto_have_no_principal():
    moto = mock_aws()
    moto.start()
    try:
        key = assumed(boto3.client("sts"), f"arn:aws:iam::{OTHER}:role/ci").get_credentials()
    finally:
        moto.stop(remove_data=False)
    with mock_signer() as mock:
        signer_with(key.access_key).list_signing_platforms()
        assert mock.calls[-1].principal == f"arn:aws:iam::{OTHER}:root"


def test_a_moto_that_keeps_its_state_elsewhere_leaves_the_rest_of_the_order(both, monkeypatch):
    session = user_session(both, OTHER)
    key = session.get_credentials().access_key
    monkeypatch.delattr("moto.iam.models.iam_backends")
    assert both._world.identify(key, None, "us-east-1").arn.endswith(":root")


def test_a_key_whose_user_moto_cannot_tell_is_its_accounts_root(both, monkeypatch):
    session = user_session(both, OTHER)
    from moto.iam.models import iam_backends

    monkeypatch.setattr(iam_backends[OTHER]["aws"], "users", {})
    session.client("signer").list_signing_platforms()
    assert both.calls[-1].principal == f"arn:aws:iam::{OTHER}:root"


def test_looking_for_a_key_makes_nothing_in_moto(both):
    from moto.iam.models import iam_backends

    before = list(iam_backends)
    signer_with("unheard-of").list_signing_platforms()
    assert list(iam_backends) == before


# One caller, one account, for moto as well


@pytest.mark.parametrize(
    "key_of",
    [
        lambda mock: mock.account(OTHER).session().get_credentials().access_key,
        lambda mock: mock.account(OTHER).role("ci").session().get_credentials().access_key,
        lambda mock: OTHER,
        lambda mock: encode_access_key(OTHER, 7, temporary=False),
    ],
    ids=["issued", "role", "twelve digits", "encoded"],
)
def test_moto_answers_in_the_account_that_signer_answers_in(both, key_of):
    client = boto3.client(
        "sts", aws_access_key_id=key_of(both), aws_secret_access_key="x", region_name="us-east-1"
    )
    assert client.get_caller_identity()["Account"] == OTHER
    assert account_of(signer_with(key_of(both))) == OTHER


def test_motos_default_account_is_the_mocks(code_zip):
    with mock_aws(), mock_signer(account_id=OTHER):
        assert boto3.client("sts").get_caller_identity()["Account"] == OTHER


def test_motos_own_way_to_name_an_account_stays_in_force(both):
    client = boto3.client("sts")
    client.meta.events.register(
        "before-sign", lambda request, **_: request.headers.add_header("x-moto-account-id", OTHER)
    )
    assert client.get_caller_identity()["Account"] == OTHER


def test_after_the_mock_moto_is_as_it_was(both):
    both.stop()
    try:
        client = boto3.client("sts", aws_access_key_id=OTHER, aws_secret_access_key="x")
        assert client.get_caller_identity()["Account"] == ACCOUNT
    finally:
        both.start()


def test_a_certificate_that_motos_acm_gave_belongs_to_its_importer(both):
    from tests.helpers.moto import code_signing_pair

    certificate, key = code_signing_pair()
    account = both.account(OTHER)
    arn = account.client("acm").import_certificate(Certificate=certificate, PrivateKey=key)
    answer = account.client("signer").put_signing_profile(
        profileName="device",
        platformId=IOT,
        signingMaterial={"certificateArn": arn["CertificateArn"]},
    )
    assert answer["arn"] == f"arn:aws:signer:us-east-1:{OTHER}:/signing-profiles/device"
