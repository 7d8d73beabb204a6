"""Beside moto: our mock answers Signer and moto the rest, whichever starts or stops first."""

from __future__ import annotations

import itertools
import os
import unittest
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from signer_mock import mock_signer
from tests.helpers.constants import LAMBDA
from tests.helpers.usage import (
    EARLY,
    VARIABLES,
    environment,
    names,
    passed,
    put,
    run_cases,
    session,
    signer,
)


def both_answer(client=None) -> None:
    """Signer from our mock, which knows more than moto's; S3 from moto."""
    assert names(client or signer()) == []
    s3 = session().client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="bucket")
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["bucket"]


def test_moto_outside():
    with mock_aws(), mock_signer():
        both_answer()


def test_moto_inside():
    with mock_signer(), mock_aws():
        both_answer()


@mock_signer
@mock_aws
def test_our_decorator_on_top():
    both_answer()


@mock_aws
@mock_signer
def test_motos_decorator_on_top():
    both_answer()


@pytest.mark.parametrize("first", ["moto", "ours"])
@pytest.mark.parametrize("base", [unittest.TestCase, object], ids=["TestCase", "plain class"])
def test_both_decorators_on_a_class_in_either_order(first, base):
    def test_it(self):
        both_answer()

    cls: Any = type("TestBoth", (base,), {"test_it": test_it})
    cls = mock_signer(mock_aws(cls)) if first == "moto" else mock_aws(mock_signer(cls))
    if base is object:
        cls().test_it()
        with mock_aws():  # moto leaves the data of a class without its set-up to later tests
            pass
    else:
        passed(run_cases(cls), 1)


def test_moto_started_by_hand_while_we_are_active_and_stopped_first():
    with mock_signer():
        early = signer()
        moto = mock_aws()
        moto.start()
        both_answer(early)
        moto.stop()
        assert names(early) == []


def test_moto_started_by_hand_before_and_stopped_before():
    moto = mock_aws()
    moto.start()
    with mock_signer():
        both_answer()
        moto.stop()
        assert names(signer()) == []
        assert names(EARLY) == []


def test_moto_started_inside_outlives_the_mock():
    mock, moto = mock_signer(), mock_aws()
    mock.start()
    moto.start()
    both_answer()
    mock.stop()
    assert session().client("s3").list_buckets()["Buckets"]
    moto.stop()


@mock_aws
def test_without_the_mock_moto_answers_signer():
    with mock_signer():
        assert names(signer()) == []
    client = signer(region_name="us-east-1")
    client.put_signing_profile(profileName="motos", platformId=LAMBDA)
    assert client.get_signing_profile(profileName="motos")["profileName"] == "motos"


def test_a_client_that_moto_has_patched_by_hand_is_mocked_too():
    from moto.core.models import patch_client

    client = session(region_name="us-east-1").client(
        "signer", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    with mock_aws(), mock_signer():
        patch_client(client)
        assert names(client) == []


def test_errors_come_from_our_mock_when_both_are_active():
    with mock_aws(), mock_signer(), pytest.raises(ClientError) as refusal:
        signer().get_signing_profile(profileName="unknown")
    assert refusal.value.response["code"] == "ProfileNotFound"


def test_a_service_that_moto_leaves_out_is_guarded():
    from signer_mock.errors import UnmockedCallError

    with mock_signer(), mock_aws(config={"core": {"passthrough": {"services": ["s3"]}}}):
        assert names() == []
        with pytest.raises(UnmockedCallError, match=r"s3\.amazonaws\.com"):
            session().client("s3").list_buckets()


def test_s3_moto_inside_a_moto_mock_of_the_users_shares_its_state():
    with mock_aws():
        session().client("s3", region_name="us-east-1").create_bucket(Bucket="outer")
        with mock_signer(s3="moto") as mock:
            assert [bucket["Name"] for bucket in mock.client("s3").list_buckets()["Buckets"]] == [
                "outer"
            ]


def _sequences(ours: int, motos: int) -> Iterator[list[str]]:
    """Every order in which so many mocks of each kind can start and stop; moto's own nest."""

    def go(done: list[str], active: int, nested: int, ours: int, motos: int) -> Iterator[list[str]]:
        if not (active or nested or ours or motos):
            yield done
        if ours and not active:
            yield from go([*done, "start"], 1, nested, ours - 1, motos)
        if active:
            yield from go([*done, "stop"], 0, nested, ours, motos)
        if motos:
            yield from go([*done, "moto start"], active, nested + 1, ours, motos - 1)
        if nested:
            yield from go([*done, "moto stop"], active, nested - 1, ours, motos)

    yield from go([], 0, 0, ours, motos)


ORDERS = list(_sequences(2, 2))


@pytest.mark.parametrize("is_set", [True, False], ids=["keys and session", "nothing"])
def test_every_order_of_starts_and_stops_ends_with_the_environment_as_it_was(monkeypatch, is_set):
    # No order sends a request, and nine tenths of moto's start are the patterns that it registers.
    monkeypatch.setattr("moto.core.models.responses_mock.add", lambda response: None)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    if is_set:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "own")
        monkeypatch.setenv("AWS_SESSION_TOKEN", "own")
    own_session = session(region_name="us-east-1") if is_set else None
    before = environment()
    assert len(ORDERS) == 140
    for order, makes_session in itertools.product(ORDERS, [True, False]):
        boto3.DEFAULT_SESSION = own_session
        _run(order, makes_session=makes_session)
        assert environment() == before, order
        assert boto3.DEFAULT_SESSION is own_session, order


def _run(order: list[str], *, makes_session: bool) -> None:
    ours, motos = [], []
    for step in order:
        if step == "start":
            ours.append(mock_signer().start())
        elif step == "stop":
            ours.pop().stop()
        elif step == "moto start":
            moto = mock_aws()
            moto.start(reset=False)
            motos.append(moto)
        else:
            motos.pop().stop(remove_data=False)
        if ours:
            assert os.environ["AWS_ACCESS_KEY_ID"] not in {"", "AKIAIOSFODNN7EXAMPLE"}, order
            assert "AWS_SESSION_TOKEN" not in os.environ, order
        if makes_session and (ours or motos):
            boto3.DEFAULT_SESSION = object()  # as boto3.client would, and much faster


def test_a_profile_is_seen_through_every_change_of_neighbour():
    with mock_signer():
        put("before")
        with mock_aws():
            put("inside")
        assert names() == ["before", "inside"]


@pytest.mark.parametrize("base", [unittest.TestCase, object], ids=["TestCase", "plain class"])
@pytest.mark.parametrize("set_up", [True, False], ids=["with set-up", "without set-up"])
@pytest.mark.parametrize("top", ["moto", "ours"])
def test_both_decorators_on_a_class_leave_the_environment_as_it_was(top, set_up, base, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "own")
    before, default = environment(), boto3.DEFAULT_SESSION
    hook = "setUp" if base is unittest.TestCase else "setup_method"

    def test_it(self):
        both_answer()

    def do_set_up(self):
        assert names() == []

    do_set_up.__name__ = hook  # moto looks at it
    members: dict[str, Any] = {"test_it": test_it, **({hook: do_set_up} if set_up else {})}
    cls: Any = type("TestBoth", (base,), members)
    cls = mock_aws(mock_signer(cls)) if top == "moto" else mock_signer(mock_aws(cls))
    if base is unittest.TestCase:
        passed(run_cases(cls), 1)
    else:
        instance = cls()
        instance.setup_method()
        instance.test_it()
        instance.teardown_method()
    assert environment() == before
    assert boto3.DEFAULT_SESSION is default


@pytest.mark.parametrize("order", ["moto ours moto", "ours moto moto"])
@pytest.mark.parametrize("own", ["AKIAIOSFODNN7EXAMPLE", None])
def test_one_moto_mock_that_is_entered_twice_puts_the_environment_back(order, own, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, own) if own else monkeypatch.delenv(name, raising=False)
    before = environment()
    own_session = boto3.DEFAULT_SESSION = session()
    moto = mock_aws()
    mocks: dict[str, Any] = {"moto": moto, "ours": mock_signer()}
    with ExitStack() as stack:
        for name in order.split():
            stack.enter_context(mocks[name])
        both_answer()
    assert environment() == before
    assert boto3.DEFAULT_SESSION is own_session
