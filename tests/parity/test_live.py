"""A live run, simulated: the real hosts, answered by the mock and by moto instead of AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.core import set_initial_no_auth_action_count

from signer_mock import SignerMock, mock_signer
from signer_mock._cli.parity import main
from signer_mock._parity.ledger import RecordingError, propose
from tests.helpers.constants import ROOT
from tests.helpers.parity import ACCOUNT

LEDGER = ROOT / "docs" / "fidelity.md"
USER = "maria.private"


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SignerMock]:
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-such-file"))
    with mock_signer(s3="moto") as mock:
        iam = boto3.client("iam", region_name="us-east-1")
        iam.create_user(UserName=USER)
        key = iam.create_access_key(UserName=USER)["AccessKey"]
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
        # A live run goes to AWS whatever this says.
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        boto3.setup_default_session()
        s3 = boto3.Session().client(
            "s3", region_name="us-east-1", endpoint_url="https://s3.us-east-1.amazonaws.com"
        )
        s3.create_bucket(Bucket="private-code")
        s3.put_bucket_versioning(
            Bucket="private-code", VersioningConfiguration={"Status": "Enabled"}
        )
        yield mock


LINE = ["--live", "--account-id", ACCOUNT, "--region", "us-east-1"]


def test_a_live_run_records_nothing_that_tells_of_the_account(
    live: SignerMock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "recording.json"
    status = main(
        [
            *LINE,
            "--bucket",
            "private-code",
            "--irreversible",
            "--prefix",
            "hush",
            "--record",
            str(file),
        ]
    )
    text = file.read_text()
    shown = capsys.readouterr()
    recording = json.loads(text)
    assert status == 0, shown.out
    assert recording["live"] is True
    assert recording["rows"]["all.unsigned-request-403"]["result"] == "same"
    calls = live.calls
    secrets: set[Any] = {
        ACCOUNT,
        USER,
        "private-code",
        "us-east-1",
        "hush",
        *(call.params.get("jobId") for call in calls.of("DescribeSigningJob")),
        *(call.params.get("profileVersion") for call in calls.of("RevokeSigningProfile")),
    } - {"00000000-0000-4000-8000-000000000000", "0000000000", None}
    assert len(secrets) > 10
    assert [secret for secret in secrets if secret in text or secret in shown.out] == []
    assert "AKIA" not in text
    assert "BEGIN" not in text
    # Placeholders keep what is equal equal.
    (put,) = [one for one in recording["captures"] if one["operation"] == "PutSigningProfile"][:1]
    assert put["body"] == {
        "arn": "arn:aws:signer:<region-1>:<account-1>:/signing-profiles/<prefix-1>_lambda",
        "profileVersion": "<version-1>",
        "profileVersionArn": "arn:aws:signer:<region-1>:<account-1>:/signing-profiles/"
        "<prefix-1>_lambda/<version-1>",
    }


def test_credentials_of_another_account_send_nothing_to_signer(
    live: SignerMock, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--live", "--account-id", "999999999999", "--region", "us-east-1"]) == 2
    assert "These credentials are of another account than 999999999999" in capsys.readouterr().err
    assert len(live.calls) == 0


def test_credentials_that_aws_refuses_send_nothing_to_signer(
    live: SignerMock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN")
    set_initial_no_auth_action_count(0)(main)(LINE)
    said = capsys.readouterr().err
    assert "GetCallerIdentity of the first principal answered 403 InvalidClientTokenId" in said
    assert len(live.calls) == 0


def test_region_and_second_principal_come_from_the_configuration(
    live: SignerMock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "config"
    file.write_text(
        "[default]\nregion = eu-west-1\n"
        "[profile other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = secret\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    line = ["--live", "--account-id", ACCOUNT, "--second-profile", "other"]
    assert main([*line, "--only", "platforms-list"]) == 0
    assert {call.region for call in live.calls} == {"eu-west-1"}


def test_a_recording_proposes_the_changed_rows_as_a_patch(
    live: SignerMock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "recording.json"
    assert main([*LINE, "--only", "platform-notation", "--record", str(file)]) == 0
    capsys.readouterr()
    assert main(["apply", str(file), "--ledger", str(LEDGER)]) == 0
    patch = capsys.readouterr().out.splitlines()
    date = json.loads(file.read_text())["date"]
    removed = [line for line in patch if line.startswith("-|")]
    added = [line for line in patch if line.startswith("+|")]
    assert len(removed) == 2
    assert all("| assumed |" in line for line in removed)
    assert [f"| seen live | LIVE, {date} |" in line for line in added] == [True, True, False]
    assert added[2].startswith("+| LIVE | a run of `signer-mock parity --live`")


@pytest.mark.usefixtures("live")
def test_apply_says_nothing_where_nothing_was_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "recording.json"
    file.write_text(json.dumps(a_recording()))
    assert main(["apply", str(file), "--ledger", str(LEDGER)]) == 0
    assert capsys.readouterr() == ("", "")


def a_recording(**rows: Any) -> dict[str, Any]:
    named = {name.replace("__", ".").replace("_", "-"): row for name, row in rows.items()}
    return {"format": 1, "live": True, "date": "2026-12-01", "rows": named}


def test_a_row_that_differs_becomes_assumed_with_the_live_answer_beside_it() -> None:
    difference = {"tier": "wording", "where": "message", "found": "No `such` | profile\nhere"}
    row = {"result": "wording", "partly": False, "differences": [difference]}
    patch = propose(
        a_recording(cancel__unknown_profile_404=row), LEDGER.read_text(), "docs/fidelity.md"
    )
    (added,) = [line for line in patch.splitlines() if line.startswith("+| cancel")]
    cells = added.split(" | ")
    assert cells[3] == "assumed"
    assert cells[4] == "LIVE, 2026-12-01: differs, message is `No 'such' / profile here`"
    assert len(cells) == 6


def test_a_ledger_without_a_table_of_sources_takes_no_new_source() -> None:
    row = {"result": "same", "partly": False, "differences": []}
    ledger = LEDGER.read_text().replace("| name | what |", "| source | what |")
    with pytest.raises(RecordingError, match=r"no table that begins with \| name \| what \|"):
        propose(a_recording(jobs__both_bounds_exclude=row), ledger, "f.md")


def test_a_row_of_which_a_part_was_seen_stays_assumed() -> None:
    row = {"result": "same", "partly": True, "differences": []}
    patch = propose(a_recording(jobs__both_bounds_exclude=row), LEDGER.read_text(), "f.md")
    (added,) = [line for line in patch.splitlines() if line.startswith("+| jobs")]
    assert "| assumed | no source; LIVE, 2026-12-01, in part |" in added


def test_what_is_known_already_changes_nothing() -> None:
    same = {"result": "same", "partly": False, "differences": []}
    not_run = {"result": "not run", "partly": False, "differences": []}
    rows = a_recording(cancel__unknown_profile_404=same, platform__unknown_platform_404=not_run)
    assert propose(rows, LEDGER.read_text(), "docs/fidelity.md") == ""


@pytest.mark.parametrize(
    ("recording", "complaint"),
    [
        (
            {"format": 1, "live": False, "endpoint": "http://e", "rows": {}},
            "of http://e, not of AWS",
        ),
        ({"format": 2, "live": True, "rows": {}}, "not a recording"),
        ({}, "not a recording"),
        (
            a_recording(no__such_row={"result": "same", "partly": False, "differences": []}),
            "has no rows no.such-row",
        ),
    ],
)
def test_another_recording_is_refused(recording: dict[str, Any], complaint: str) -> None:
    with pytest.raises(RecordingError, match=complaint):
        propose(recording, LEDGER.read_text(), "docs/fidelity.md")


@pytest.mark.parametrize("content", [None, "{", "[]", "{}"])
def test_apply_tells_what_it_cannot_read(
    content: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "recording.json"
    if content is not None:
        file.write_text(content)
    assert main(["apply", str(file), "--ledger", str(LEDGER)]) == 2
    assert "signer-mock parity apply:" in capsys.readouterr().err
