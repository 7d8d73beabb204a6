"""Read by mypy and pyright, never run: each marked line is an error to both, and no other is."""

from __future__ import annotations

from signer_mock import SignerMock, mock_signer
from signer_mock.types import Account, JobControls
from signer_mock.verify import verify_lambda_zip


@mock_signer
def decorated(one: int) -> str:
    return str(one)


def mistakes(mock: SignerMock, account: Account, jobs: JobControls) -> None:
    decorated("1")  # type: ignore[arg-type]  # the mistake
    decorated(1).bit_length()  # type: ignore[attr-defined]  # the mistake
    mock_signer(region="eu-west-1")  # type: ignore[call-overload]  # the mistake
    mock_signer("eu-west-1")  # type: ignore[call-overload]  # the mistake
    mock_signer(credentials="mine")  # type: ignore[call-overload]  # the mistake
    SignerMock("123456789012")  # type: ignore[arg-type]  # the mistake
    SignerMock(region_name="eu-west-1")  # type: ignore[arg-type]  # the mistake
    mock.account(123456789012)  # type: ignore[arg-type]  # the mistake
    mock.clock.freeze(5)  # type: ignore[arg-type]  # the mistake
    mock.clock.advance(5)  # type: ignore[arg-type]  # the mistake
    mock.clock.advance(days="1")  # type: ignore[arg-type]  # the mistake
    mock.restore("x")  # type: ignore[arg-type]  # the mistake
    mock.objects.put("code", "app.zip", "text")  # type: ignore[arg-type]  # the mistake
    mock.calls[0].status = 200  # type: ignore[misc]  # the mistake
    mock.profiles[0].name = "x"  # type: ignore[misc]  # the mistake
    mock.account_id = "123456789012"  # type: ignore[misc]  # the mistake
    jobs.release(job_id=5)  # type: ignore[arg-type]  # the mistake
    account.role(5)  # type: ignore[arg-type]  # the mistake
    verify_lambda_zip(b"", account)  # type: ignore[arg-type]  # the mistake
    mock.verify_lambda_zip(b"", policy="warn")  # type: ignore[arg-type]  # the mistake


def with_without_brackets() -> None:
    with mock_signer:  # type: ignore[attr-defined]  # the mistake
        pass
