"""``mock.clock``: frozen, moved, resumed, and beside freezegun and time-machine."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import freezegun
import pytest
import time_machine

from signer_mock.errors import SignerMockError
from tests.helpers.constants import LAMBDA

MAY = dt.datetime(2031, 5, 6, 7, 8, 9, tzinfo=dt.timezone.utc)


def test_a_running_clock_follows_the_machine(signer_mock):
    before = dt.datetime.now(dt.timezone.utc)
    assert before <= signer_mock.clock.now() <= dt.datetime.now(dt.timezone.utc)


@pytest.mark.parametrize(
    "at",
    [
        MAY,
        MAY.replace(tzinfo=None),
        "2031-05-06T07:08:09Z",
        "2031-05-06T09:08:09+02:00",
        MAY.astimezone(dt.timezone(dt.timedelta(hours=-5))),
    ],
)
def test_the_clock_stands_where_it_is_frozen(signer_mock, at):
    assert signer_mock.clock.freeze(at) == MAY
    assert signer_mock.clock.now() == signer_mock.clock.now() == MAY
    assert signer_mock.clock.now().tzinfo is dt.timezone.utc


def test_a_clock_says_what_time_it_is_and_whether_it_stands(signer_mock):
    assert repr(signer_mock.clock).endswith(" UTC, running>")
    signer_mock.clock.freeze(MAY)
    assert repr(signer_mock.clock) == "<Clock 2031-05-06 07:08:09 UTC, frozen>"


def test_freezing_without_a_time_stops_it_where_it_is(signer_mock):
    assert signer_mock.clock.freeze() == signer_mock.clock.now()


def test_a_frozen_clock_advances_and_stays_frozen(signer_mock):
    signer_mock.clock.freeze(MAY)
    assert signer_mock.clock.advance(days=1, hours=-7) == MAY + dt.timedelta(hours=17)
    assert signer_mock.clock.now() == MAY + dt.timedelta(hours=17)


def test_a_running_clock_advances_and_keeps_running(signer_mock):
    signer_mock.clock.advance(days=30)
    first = signer_mock.clock.now()
    assert first - dt.datetime.now(dt.timezone.utc) > dt.timedelta(days=29, hours=23)
    assert signer_mock.clock.now() >= first


def test_resuming_forgets_every_freeze_and_move(signer_mock):
    signer_mock.clock.freeze(MAY)
    signer_mock.clock.advance(days=9)
    signer_mock.clock.resume()
    assert abs(signer_mock.clock.now() - dt.datetime.now(dt.timezone.utc)) < dt.timedelta(hours=1)


@pytest.mark.parametrize(
    "travel",
    [freezegun.freeze_time(MAY), time_machine.travel(MAY, tick=False)],
    ids=["freezegun", "time-machine"],
)
def test_other_peoples_frozen_time_is_followed(signer_mock, start_job, code_zip, travel):
    client = signer_mock.client("signer")
    client.put_signing_profile(profileName="p1", platformId=LAMBDA)
    with travel:
        job = start_job(code_zip, "p1")
    assert job["status"] == "Succeeded"
    assert job["createdAt"] == MAY


def test_a_first_signature_under_freezegun_does_not_spoil_the_rest_of_the_process():
    script = """
import datetime as dt
import subprocess
import sys
import freezegun
from signer_mock._signing.ca.authority import CertificateAuthority

with freezegun.freeze_time("2031-01-01"):
    CertificateAuthority("1" * 12).identity("us-east-1", dt.datetime.now(dt.timezone.utc))
assert dt.datetime.__module__ == "datetime"
CertificateAuthority("2" * 12).identity("us-east-1", dt.datetime.now(dt.timezone.utc))
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


@pytest.mark.parametrize("at", ["1969-12-31T23:59:59Z", "2900-01-01T00:00:00Z", "9999-06-01"])
def test_a_time_at_which_no_certificate_can_be_made_is_refused(signer_mock, at):
    with pytest.raises(SignerMockError, match="it goes from 1970 to 2900"):
        signer_mock.clock.freeze(at)


@pytest.mark.parametrize("years", [-100, 1000, 9000, 1_000_000])
def test_the_clock_cannot_be_moved_out_of_that_time(signer_mock, years):
    before = signer_mock.clock.freeze(MAY)
    with pytest.raises(SignerMockError, match="1970 to 2900"):
        signer_mock.clock.advance(days=365 * years)
    assert signer_mock.clock.now() == before


@pytest.mark.parametrize("at", ["1970-01-01T00:00:00Z", "2899-12-31T23:59:59Z"])
def test_signing_works_at_both_ends_of_the_clock(signer_mock, start_job, code_zip, at):
    signer_mock.clock.freeze(at)
    signer_mock.client("signer").put_signing_profile(profileName="p1", platformId=LAMBDA)
    assert start_job(code_zip, "p1")["status"] == "Succeeded"


def test_resuming_forgets_a_move_of_the_running_clock(signer_mock):
    signer_mock.clock.advance(days=30)
    signer_mock.clock.resume()
    off = abs(signer_mock.clock.now() - dt.datetime.now(dt.timezone.utc))
    assert off < dt.timedelta(hours=1)
