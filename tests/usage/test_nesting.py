"""Mocks inside mocks, stops out of turn, threads and forks: each has one defined outcome."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.config import Config

from signer_mock import mock_signer
from signer_mock.errors import ActivationError, UnmockedCallError
from tests.helpers.forking import in_a_child, needs_fork
from tests.helpers.usage import EARLY, environment, names, put, session, signer


def test_a_mock_inside_another_shares_its_world():
    with mock_signer() as outer:
        put("outer")
        with mock_signer() as inner:
            put("inner")
            assert inner.calls is outer.calls
            assert inner.account_id == outer.account_id
        assert names() == ["inner", "outer"], "the inner one's end changes nothing"


def test_an_outermost_start_has_fresh_state():
    mock = mock_signer()
    with mock:
        put("first")
    with mock:
        assert names() == []


def test_the_state_can_be_read_after_the_stop():
    with mock_signer() as mock:
        put("profile")
        mock.objects.create_bucket("bucket")
    assert [call.operation for call in mock.calls] == ["PutSigningProfile"]
    assert mock.objects.keys("bucket") == []
    assert "stopped, 1 calls" in repr(mock)


def test_stops_may_come_in_any_order():
    before = environment()
    first, second, third = mock_signer(), mock_signer(), mock_signer()
    for mock in (first, second, third):
        mock.start()
    put("shared")
    for mock in (second, first):
        mock.stop()
        assert names() == ["shared"]
    third.stop()
    assert environment() == before


def test_one_mock_may_be_started_more_than_once_and_needs_as_many_stops():
    mock = mock_signer()
    with mock:
        with mock:
            put("inside")
        assert names() == ["inside"]
    with pytest.raises(ActivationError, match="not started"):
        mock.stop()


def test_a_stop_without_a_start_is_refused_and_says_what_to_do():
    with pytest.raises(ActivationError, match=r"not started \(or already stopped\); call start"):
        mock_signer().stop()


def test_a_mock_that_was_not_started_has_no_state():
    mock = mock_signer()
    assert repr(mock) == "<SignerMock, not started>"
    for name in ("calls", "clock", "objects", "account_id", "events"):
        with pytest.raises(ActivationError, match="has not been started"):
            getattr(mock, name)


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ({}, {"account_id": "210987654321"}),
        ({"account_id": "111111111111"}, {"account_id": "222222222222"}),
        ({}, {"region_name": "eu-west-1"}),
        ({}, {"s3": "memory"}),
        ({"s3": "memory"}, {"s3": "auto"}),
        ({}, {"block_other_aws": False}),
        ({"block_other_aws": False}, {"block_other_aws": True}),
        ({}, {"credentials": "keep"}),
        ({}, {"seed": 1}),
        ({"seed": 1}, {"seed": 2}),
    ],
)
def test_options_that_contradict_the_outer_mock_are_refused(monkeypatch, outer, inner):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_signer(**outer) as mock:
        name, value = next(iter(inner.items()))
        with pytest.raises(ActivationError, match="inside another") as refusal:
            mock_signer(**inner).start()
        assert f"{name}={value!r}" in str(refusal.value)
        assert mock.owns_world, "the refused one has not been started"


def test_options_that_say_the_same_as_the_outer_mock_are_accepted(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    spelled_out: dict[str, Any] = {
        "account_id": "123456789012",
        "region_name": "eu-west-1",
        "s3": "auto",
        "block_other_aws": True,
        "credentials": "fake",
    }
    with mock_signer(), mock_signer(**spelled_out) as inner:
        assert inner.region_name == "eu-west-1"
    with mock_signer(**spelled_out, seed=7), mock_signer(), mock_signer(seed=7):
        assert names() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"account_id": 123456789012},
        {"account_id": "12345678901"},
        {"account_id": "١٢٣٤٥٦٧٨٩٠١٢"},
        {"account_id": ""},
        {"region_name": ""},
        {"region_name": "us_east_1"},
        {"region_name": b"us-east-1"},
        {"s3": "disk"},
        {"s3": ""},
        {"s3": {}},
        {"block_other_aws": "no"},
        {"credentials": "mine"},
        {"credentials": ""},
        {"seed": 1.5},
        {"seed": b"x"},
    ],
    ids=repr,
)
def test_invalid_options_are_refused_before_anything_starts(wrong):
    name = next(iter(wrong))
    with pytest.raises(ActivationError, match=rf"mock_signer\({name}=.*expected"):
        mock_signer(**wrong)


def test_a_start_that_fails_leaves_nothing_behind(monkeypatch):
    before = environment()
    monkeypatch.setattr("signer_mock._intercept.guard.ActiveMock.enter", lambda active: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        mock_signer(s3="moto").start()
    monkeypatch.undo()
    assert environment() == before
    from signer_mock._intercept.moto_stubber import moto_is_active

    assert not moto_is_active()
    with mock_signer() as mock:
        assert mock.owns_world
        assert names() == []


def test_threads_see_the_mock_that_is_active_and_share_its_world():
    with mock_signer() as mock:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(put, [f"profile_{number:02}" for number in range(40)]))
        assert len(names()) == 25, "a page"
        assert len(mock.calls) == 41


def test_a_mock_may_be_stopped_by_another_thread_than_the_one_that_started_it():
    before = environment()
    mock = mock_signer().start()
    thread = threading.Thread(target=mock.stop)
    thread.start()
    thread.join()
    assert environment() == before


def test_many_threads_may_start_and_stop_at_the_same_time():
    before = environment()

    def use(number):
        for _ in range(20):
            with mock_signer():
                EARLY.list_signing_platforms()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(8)))
    assert environment() == before


class Straggler:
    """A thread that was started inside a mock and calls once more when told to."""

    def __init__(self, client, call=names):
        self.go = threading.Event()
        self.outcome = None
        self._call = (call, client)
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        self.go.wait(10)
        call, client = self._call
        try:
            self.outcome = call(client)
        except Exception as error:  # noqa: BLE001 - told to the test
            self.outcome = error

    def finish(self):
        self.go.set()
        self.thread.join(10)
        return self.outcome


@pytest.mark.parametrize("whose", ["the mock's key", "a key of the user's own"])
def test_a_thread_that_outlives_its_mock_cannot_call_signer(whose):
    with mock_signer() as mock:
        straggler = Straggler(mock.client("signer") if whose == "the mock's key" else EARLY)
    error = straggler.finish()
    assert isinstance(error, UnmockedCallError)
    assert "after the mock had stopped" in str(error)


def test_a_thread_that_outlives_its_mock_cannot_call_other_aws_services():
    s3 = session(region_name="us-east-1").client(
        "s3", aws_access_key_id="own", aws_secret_access_key="own"
    )
    with mock_signer():
        straggler = Straggler(s3, lambda client: client.list_buckets())
    assert isinstance(straggler.finish(), UnmockedCallError)


def test_a_thread_that_outlives_its_mock_is_answered_by_the_next_one():
    with mock_signer():
        straggler = Straggler(EARLY)
    with mock_signer():
        put("of the next".replace(" ", "_"))
        assert straggler.finish() == ["of_the_next"]


def test_a_thread_from_before_the_mock_is_free_again_after_it():
    # It gets as far as the network, which the tests do not have.
    once = Config(retries={"max_attempts": 0})
    straggler = Straggler(
        session(region_name="us-east-1").client(
            "signer", config=once, aws_access_key_id="own", aws_secret_access_key="own"
        )
    )
    with mock_signer():
        assert names() == []
    error = straggler.finish()
    assert error is not None
    assert not isinstance(error, UnmockedCallError)


def test_a_client_of_a_stopped_mock_is_refused_and_works_again_in_the_next():
    with mock_signer():
        client = signer()
        put("gone", client)
    with pytest.raises(UnmockedCallError, match="credentials that signer_mock issued"):
        names(client)
    with mock_signer():
        assert names(client) == []


@needs_fork
def test_a_forked_child_has_a_copy_of_the_state():
    def child():
        put("of_the_child")
        return names()

    with mock_signer() as mock:
        put("of_the_parent")
        assert in_a_child(child) == "['of_the_child', 'of_the_parent']"
        assert names() == ["of_the_parent"]
        assert len(mock.calls) == 2


@needs_fork
def test_a_child_forked_during_a_call_of_another_thread_has_free_locks(monkeypatch):
    inside, leave = threading.Event(), threading.Event()

    with mock_signer() as mock:
        now = mock.clock.now

        def slow_clock():
            if threading.current_thread() is thread:
                inside.set()
                leave.wait(0.2)
            return now()

        monkeypatch.setattr(mock.clock, "now", slow_clock)
        thread = threading.Thread(target=names)
        thread.start()
        inside.wait(10)
        assert in_a_child(names) == "[]"
        leave.set()
        thread.join(10)


@needs_fork
def test_a_forked_child_can_end_the_mock_without_touching_the_parents():
    with mock_signer() as mock:
        assert in_a_child(mock.stop) == "None"
        assert names() == []
