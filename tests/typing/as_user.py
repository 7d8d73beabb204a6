"""Read by mypy and pyright, never run: a test module as a user writes it, with its types."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import contextmanager

import pytest
from typing_extensions import assert_type

from signer_mock import SignerMock, SignerMockError, mock_signer
from signer_mock.errors import InvalidArgumentError, StrictError
from signer_mock.objects import InMemoryObjects
from signer_mock.records import Certificate, Records, Revocation, SigningJob, SigningProfile
from signer_mock.server import SignerServer, serve_world
from signer_mock.types import (
    Account,
    Call,
    CallLog,
    Clock,
    Deployment,
    Fault,
    Faults,
    JobControls,
    Principal,
    Snapshot,
)
from signer_mock.verify import (
    ExpiredError,
    VerificationError,
    VerifiedSignature,
    verify_iot_object,
    verify_lambda_zip,
    verify_notation_envelope,
)


@pytest.fixture
def account(signer_mock: SignerMock) -> Account:
    return signer_mock.account("210987654321")


@contextmanager
@mock_signer
def managed() -> Generator[int, None, None]:
    yield 1


@mock_signer(seed=1, s3="memory")
async def stream(count: int) -> AsyncIterator[int]:
    yield count


def test_state(signer_mock: SignerMock, account: Account, signer_server: SignerServer) -> None:
    assert_type(signer_mock.calls, CallLog)
    assert_type(signer_mock.calls[0], Call)
    assert_type(signer_mock.calls.of("SignPayload"), Sequence[Call])
    assert_type(signer_mock.calls[0].time, dt.datetime)
    assert_type(signer_mock.clock, Clock)
    assert_type(signer_mock.clock.advance(dt.timedelta(days=1)), dt.datetime)
    assert_type(signer_mock.clock.advance(days=1, hours=-2.5), dt.datetime)
    assert_type(signer_mock.clock.freeze("2031-05-06T12:00:00Z"), dt.datetime)
    assert_type(signer_mock.faults, Faults)
    assert_type(signer_mock.faults.fired, Sequence[Fault])
    assert_type(signer_mock.jobs, JobControls)
    assert_type(signer_mock.jobs[0], SigningJob)
    assert_type(signer_mock.jobs[0].completed_at, dt.datetime | None)
    assert_type(signer_mock.profiles, Records[SigningProfile])
    assert_type([profile.name for profile in signer_mock.profiles], list[str])
    assert_type(signer_mock.profiles[0].revocation, Revocation | None)
    assert_type(signer_mock.certificates[0], Certificate)
    assert_type(signer_mock.deployments, Sequence[Deployment])
    assert_type(signer_mock.objects, InMemoryObjects)
    assert_type(signer_mock.objects.put("code", "app.zip", b""), str)
    assert_type(signer_mock.snapshot(), Snapshot)
    assert_type(account.role("ci", policy={"Statement": []}), Principal)
    assert_type(account.trust_root_pem, bytes)
    assert_type(signer_server.calls, CallLog)
    assert_type(signer_server.environ(), dict[str, str])
    with signer_mock.jobs.hold(), signer_mock.serve() as server:
        assert_type(server, SignerServer)
    with serve_world() as started:
        assert_type(started.url, str)


def test_verifiers(signer_mock: SignerMock, account: Account) -> None:
    root = account.trust_root_pem
    verified = verify_lambda_zip(b"", root, ["arn"], revocation=signer_mock)
    assert_type(verified, VerifiedSignature)
    assert_type(verify_notation_envelope(b"", [root]), VerifiedSignature)
    assert_type(verify_iot_object(b"", root), VerifiedSignature)
    assert_type(signer_mock.verify_lambda_zip(b"", policy="Warn"), VerifiedSignature)
    assert_type(signer_mock.verify_notation_envelope(b""), VerifiedSignature)
    assert_type(signer_mock.verify_iot_object(b"", "arn"), VerifiedSignature)
    assert_type(verified.signed_at, dt.datetime | None)
    try:
        signer_mock.verify_lambda_zip(b"")
    except ExpiredError as error:
        assert_type(error, ExpiredError)
        raise SignerMockError from error
    except (VerificationError, InvalidArgumentError, StrictError) as error:
        assert_type(str(error), str)


async def test_decorated() -> None:
    with managed() as number:
        assert_type(number, int)
    async for count in stream(1):
        assert_type(count, int)
    async with mock_signer() as mock:
        assert_type(mock, SignerMock)
