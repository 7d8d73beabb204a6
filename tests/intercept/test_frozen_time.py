"""Beside freezegun and time-machine: their time is the mock's, in either order."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from cryptography import x509
from freezegun import freeze_time

from signer_mock import mock_signer
from signer_mock._signing.real_datetime import show_cryptography_the_real_datetime
from tests.helpers.constants import NOTATION, PAYLOAD_FORMAT
from tests.helpers.usage import in_order, put, session, signer

THEN = dt.datetime(2031, 5, 6, 7, 8, 9, tzinfo=dt.timezone.utc)


def job_times(client) -> tuple[dt.datetime, dt.datetime]:
    client.put_signing_profile(
        profileName="profile",
        platformId=NOTATION,
        signatureValidityPeriod={"value": 1, "type": "YEARS"},
    )
    job = client.sign_payload(
        profileName="profile",
        payload=b'{"targetArtifact":{"mediaType":"application/vnd.oci.image.manifest.v1+json",'
        b'"digest":"sha256:' + b"a" * 64 + b'","size":1}}',
        payloadFormat=PAYLOAD_FORMAT,
    )
    described = client.describe_signing_job(jobId=job["jobId"])
    return described["createdAt"], described["signatureExpiresAt"]


# A client that is made while freezegun is active costs seconds: it looks through every module.
CLIENT = session(region_name="us-east-1").client(
    "signer", aws_access_key_id="testing", aws_secret_access_key="testing"
)


@pytest.mark.parametrize("first", ["theirs", "ours"])
@pytest.mark.parametrize(
    "theirs",
    [lambda: freeze_time(THEN), lambda: time_machine.travel(THEN, tick=False)],
    ids=["freezegun", "time-machine"],
)
def test_a_frozen_time_is_the_time_of_jobs_and_signatures(theirs, first):
    mock = mock_signer()
    with in_order(first, mock, theirs()):
        assert job_times(CLIENT) == (THEN, THEN.replace(year=2032))
        assert mock.clock.now() == THEN


@freeze_time(THEN)
@mock_signer
def test_freezegun_decorator_above_mock_signer():
    assert job_times(CLIENT)[0] == THEN


@mock_signer
@freeze_time(THEN)
def test_freezegun_decorator_below_mock_signer():
    assert job_times(CLIENT)[0] == THEN


@time_machine.travel(THEN, tick=False)
@mock_signer
def test_time_machine_decorator_above_mock_signer():
    assert job_times(CLIENT)[0] == THEN


@pytest.mark.parametrize("moment", ["1990-01-01", "2999-01-01"])
def test_no_request_is_refused_for_its_date(moment):
    with freeze_time(moment), mock_signer() as mock:
        put("profile", CLIENT)
        assert mock.calls[-1].status == 200


def test_the_mocks_own_clock_moves_on_top_of_theirs():
    with time_machine.travel(THEN, tick=False), mock_signer() as mock:
        mock.clock.advance(days=1)
        assert job_times(signer(region_name="us-east-1"))[0] == THEN + dt.timedelta(days=1)


@freeze_time(THEN)
def test_cryptography_is_shown_the_real_time_and_nobody_else(monkeypatch):
    frozen = dt.datetime
    shown = []
    monkeypatch.setattr(
        x509.InvalidityDate, "public_bytes", lambda _date: shown.append(dt.datetime)
    )

    show_cryptography_the_real_datetime()

    assert [type(one) for one in shown] == [type]  # a fake class has a metaclass of its own
    assert dt.datetime is frozen
    assert dt.datetime.now(dt.timezone.utc) == THEN
