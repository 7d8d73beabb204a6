"""The command line: where it may go, what it shows, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from signer_mock._cli.main import main as signer_mock_main
from signer_mock._cli.parity import main
from signer_mock._parity import run as run_module
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock.server import serve_world
from tests.helpers.parity import (
    ACCOUNT,
    Change,
    changed_answers,
    changed_server,
    equip,
    is_call,
    serving,
    with_body,
)


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "no-such-file"))
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "say where"),
        (["--plan"], "say where"),
        (["--account-id", ACCOUNT], "say where"),
        (["--live"], "--live needs --account-id"),
        (["--live", "--account-id", "me"], "twelve digits"),
        (
            ["--live", "--account-id", ACCOUNT, "--endpoint-url", "http://127.0.0.1:1"],
            "not allowed",
        ),
        (["--endpoint-url", "https://signer.us-east-1.amazonaws.com"], "is AWS itself"),
        (["--endpoint-url", "https://SIGNER.us-east-1.AMAZONAWS.com:443/x"], "is AWS itself"),
        (["--endpoint-url", "https://signer.eu-west-1.api.aws"], "is AWS itself"),
        (["--endpoint-url", "https://signer.cn-north-1.amazonaws.com.cn"], "is AWS itself"),
        (["--endpoint-url", "https://signer.us-east-1.amazonaws.com."], "is AWS itself"),
        (["--endpoint-url", "localhost"], "expected http://host:port"),
        (["--endpoint-url", "http://127.0.0.1:1", "--prefix", "has-dash"], "underscores"),
        (["--endpoint-url", "http://127.0.0.1:1", "--prefix", "x" * 25], "2 to 24"),
    ],
)
def test_invalid_command_lines_are_refused(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert complaint in capsys.readouterr().err


def test_an_endpoint_that_does_not_answer_is_an_exit_of_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--endpoint-url", "http://127.0.0.1:1"]) == 2
    assert "was not answered" in capsys.readouterr().err


def test_live_without_a_region_is_an_exit_of_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--live", "--account-id", ACCOUNT]) == 2
    assert "No region" in capsys.readouterr().err


def test_an_unknown_probe_is_an_exit_of_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--endpoint-url", "http://127.0.0.1:1", "--only", "nothing"]) == 2
    assert "No probe nothing; there are platforms-list" in capsys.readouterr().err


def test_the_plan_sends_nothing_and_tells_all(capsys: pytest.CaptureFixture[str]) -> None:
    requests: list[HttpRequest] = []

    def handle(request: HttpRequest) -> HttpResponse:
        requests.append(request)
        return HttpResponse(200, {}, b"{}")

    with serving(handle) as url:
        assert main(["--endpoint-url", url, "--bucket", "code", "--plan"]) == 0
        shown = capsys.readouterr().out
        assert main(["--endpoint-url", url, "--plan", "--json", "--irreversible"]) == 0
        plan = json.loads(capsys.readouterr().out)
    assert requests == []
    assert 'PutSigningProfile {"profileName": "signer_mock_parity_lambda"' in shown
    assert '"arn:aws:s3:::code/signer_mock_parity/*"' in shown
    assert "signer_mock_parity_canceled, Canceled (its name stays taken for good)" in shown
    assert "AWS's prices for" in shown
    assert "make-revoked needs --irreversible" in shown
    assert any("revocations" in line for line in plan["remains"])
    actions = {action for one in plan["policy"]["Statement"] for action in one["Action"]}
    assert "signer:RevokeSigningProfile" in actions
    assert not any(action.startswith("s3:") for action in actions)


def test_the_plan_names_every_call_that_a_run_then_makes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with serve_world() as server:
        main(["--endpoint-url", server.url, "--plan", "--json"])
        plan = json.loads(capsys.readouterr().out)
        assert main(["--endpoint-url", server.url, "--record", str(tmp_path / "r")]) == 0
        made = {call.operation for call in server.calls if call.operation}
    planned = {
        call.removeprefix("signer-data ").partition(" ")[0]
        for probe in plan["probes"]
        for call in [*probe["calls"], *probe["taken_back_with"]]
    }
    assert made <= planned | {"GetSigningProfile"}
    allowed = {a.partition(":")[2] for s in plan["policy"]["Statement"] for a in s["Action"]}
    assert made <= allowed


def test_only_some_probes_run_with_those_that_make_their_profiles(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serve_world() as server:
        assert main(["--endpoint-url", server.url, "--only", "tags", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert "tags.answers-tags" in report["rows"]
    assert "put.version-ten-mixed" in report["rows"]
    assert "payload.x5c-four-certificates" not in report["rows"]


def test_the_report_in_text_and_in_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    def change(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if is_call(request, "GET", "/signing-platforms/AWSLambda"):
            response.body = response.body.replace(b'"maxSizeInMB":250', b'"maxSizeInMB":5')
        return response

    with changed_server(change) as url:
        arguments = ["parity", "--endpoint-url", url, "--only", "platform-lambda"]
        assert signer_mock_main(arguments) == 1
        text = capsys.readouterr()
        assert signer_mock_main([*arguments, "--markdown"]) == 1
        markdown = capsys.readouterr().out
    assert "shape    platform.lambda-platform-partner" in text.out
    assert "expected 250" in text.out
    assert "3 rows: 1 same, 0 wording, 2 shape, 0 status, 0 not run." in text.out
    assert "platform-lambda" in text.err
    assert (
        "| platform.lambda-platform-partner | shape | GetSigningPlatform, maxSizeInMB | `250` |"
        in (markdown)
    )


def test_an_interrupted_run_takes_back_and_tells_what_remains(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        return response

    with serve_world() as server:
        from signer_mock._parity.run import Run

        original = Run._play_step

        def interrupted(self: Run, probe: Any, step: Any, variables: Any, bindings: Any) -> None:
            original(self, probe, step, variables, bindings)
            if probe.name == "permissions" and step.capture.get("second_revision"):
                raise KeyboardInterrupt

        monkeypatch.setattr(Run, "_play_step", interrupted)
        assert main(["--endpoint-url", server.url, "--json"]) == 2
        report = json.loads(capsys.readouterr().out)
        signer = server.client()
        with pytest.raises(signer.exceptions.ResourceNotFoundException, match="No policies"):
            signer.list_profile_permissions(profileName="signer_mock_parity_lambda")
    assert report["problems"] == ["Interrupted."]
    assert report["complete"] is False
    assert report["rows"]["tags.answers-tags"]["reasons"] == ["interrupted"]
    assert report["rows"]["permissions.any-statement-404"]["result"] == "not run"
    assert report["rows"]["put.version-ten-mixed"]["result"] == "same"
    assert "the profile <prefix-1>_lambda, Active" in report["remains"]


def test_a_profile_that_should_be_refused_is_canceled_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serve_world() as server:
        from signer_mock._service import profiles

        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(profiles.MAX_VALIDITY, "YEARS", 12)
            assert main(["--endpoint-url", server.url, "--json", "--only", "put-refused"]) == 1
        report = json.loads(capsys.readouterr().out)
        canceled = server.client().list_signing_profiles(statuses=["Canceled"])["profiles"]
    (profile,) = canceled
    assert profile["profileName"].startswith("signer_mock_parity_put_refused_")
    assert report["rows"]["put.same-bound-other"]["result"] == "status"
    assert "was made although it should be refused. It was canceled." in report["problems"][0]


def test_a_plan_for_calls_that_leave_nothing_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    line = ["--endpoint-url", "http://127.0.0.1:1", "--plan", "--only", "platforms-list"]
    assert main(line) == 0
    shown = capsys.readouterr().out
    assert "What remains:\n  nothing\n" in shown
    assert "Not run:" not in shown


def test_a_profile_that_is_not_configured_is_an_exit_of_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--endpoint-url", "http://127.0.0.1:1", "--profile", "nobody"]) == 2
    said = capsys.readouterr().err
    assert "A client of signer cannot be made: " in said
    assert "(nobody)" in said


def test_a_run_that_is_interrupted_while_it_takes_back_tells_what_is_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> list[str]:
        raise KeyboardInterrupt

    for probe, left in (
        ("job-refused", "objects in the bucket: <prefix-1>/"),
        ("tags", "permissions and tags of the last probe's profile"),
    ):
        with serve_world(with_s3=True) as server:
            options = [*equip(server.client), "--only", probe]
            line = ["--endpoint-url", server.url, *options]
            monkeypatch.undo()
            assert main([*line, "--only", "make-canceled", "--only", "make-notation"]) == 0
            monkeypatch.setattr(run_module, "take_back", interrupted)
            capsys.readouterr()
            assert main([*line]) == 2
        shown = capsys.readouterr().out
        assert "Look at this:\n  Interrupted.\n" in shown
        assert f"  {left}" in shown


def removing_nothing(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Permissions that stay, however often they are removed."""
    if "/permissions" not in request.path or request.method == "POST":
        return response
    listed = {"revisionId": "1", "permissions": [{"statementId": "one"}]}
    headers = {"Content-Type": "application/json"}
    return HttpResponse(200, headers, json.dumps(listed).encode())


def listing_nothing(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if "/permissions" in request.path and request.method == "GET":
        return HttpResponse(500, {"x-amzn-ErrorType": "InternalServiceErrorException"}, b"{}")
    return response


def keeping_tags(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if request.path.startswith("/tags/") and request.method == "DELETE":
        return HttpResponse(429, {"x-amzn-ErrorType": "TooManyRequestsException"}, b"{}")
    return response


def showing_no_tags(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if request.path.startswith("/tags/") and request.method == "GET":
        return with_body(response, {"tags": {}})
    return response


@pytest.mark.parametrize(
    ("change", "probe", "problem"),
    [
        (removing_nothing, "permissions", "Permissions of <prefix-1>_lambda are still there."),
        (
            listing_nothing,
            "permissions",
            "Permissions of <prefix-1>_lambda cannot be listed: 500 InternalServiceErrorException.",
        ),
        (
            keeping_tags,
            "tags",
            "/signing-profiles/<prefix-1>_lambda are still there: 429 TooManyRequestsException.",
        ),
        (showing_no_tags, "tags", None),
    ],
)
def test_what_cannot_be_taken_back_is_told(
    change: Change, probe: str, problem: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    with changed_server(change) as url:
        main(["--endpoint-url", url, "--only", probe])
    shown = capsys.readouterr().out
    assert (f"{problem}\n" in shown) if problem else ("Look at this" not in shown)


def test_an_object_that_cannot_be_deleted_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with serve_world(with_s3=True) as server:
        options = equip(server.client)
        deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:Delete*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
        server.client("s3").put_bucket_policy(Bucket="parity-code", Policy=policy)
        main(["--endpoint-url", server.url, *options, "--only", "job-lambda"])
    shown = capsys.readouterr().out
    assert shown.count(" is still there: 403 ") == 2


def test_a_bucket_without_versions_is_left_empty(capsys: pytest.CaptureFixture[str]) -> None:
    """The jobs cannot be tried there."""
    with serve_world(with_s3=True) as server:
        s3 = server.client("s3")
        s3.create_bucket(Bucket="plain")
        line = ["--endpoint-url", server.url, "--bucket", "plain", "--only", "job-lambda"]
        main(line)
        assert s3.list_objects_v2(Bucket="plain")["KeyCount"] == 0
    assert "Look at this" not in capsys.readouterr().out


def test_a_signed_object_that_is_not_where_it_should_be_is_not_taken_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def elsewhere(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        body = json.loads(response.body or b"{}")
        if "signedObject" in body and is_call(request, "GET", "/signing-jobs/"):
            body["signedObject"]["s3"]["key"] = "signer_mock_parity/nowhere.zip"
            return with_body(response, body)
        return response

    with changed_answers(elsewhere) as server:
        line = ["--endpoint-url", server.url, *equip(server.client), "--only", "job-lambda"]
        assert main(line) == 1
        left = server.client("s3").list_objects_v2(Bucket="parity-code")["Contents"]
    assert len(left) == 1
    assert "Look at this" not in capsys.readouterr().out
