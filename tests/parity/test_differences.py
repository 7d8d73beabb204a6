"""An endpoint that is not as the mock: each difference is told in its tier."""

from __future__ import annotations

import json
from typing import Any

import pytest

from signer_mock._cli.parity import main
from signer_mock._wire.http import HttpRequest, HttpResponse
from tests.helpers.parity import changed_server, is_call, with_body


def is_cancel_of_nobody(request: HttpRequest) -> bool:
    path = "/signing-profiles/signer_mock_parity_nobody"
    return (request.method, request.path) == ("DELETE", path)


def changed_wording(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    body = json.loads(response.body or b"{}")
    if is_cancel_of_nobody(request):
        return with_body(response, {**body, "message": "There is no such profile."})
    return response


def changed_status(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    body = json.loads(response.body or b"{}")
    if is_cancel_of_nobody(request):
        return with_body(response, body, 400)
    return response


def missing_code(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    body = json.loads(response.body or b"{}")
    if is_cancel_of_nobody(request):
        return with_body(response, {"message": body["message"]})
    return response


@pytest.mark.parametrize(
    ("change", "tier", "where", "found"),
    [
        (changed_wording, "wording", "message", "There is no such profile."),
        (changed_status, "status", "status", "400 ResourceNotFoundException"),
        (missing_code, "shape", "code", "(missing)"),
    ],
)
def test_a_difference_is_reported_in_its_tier(
    change: Any, tier: str, where: str, found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with changed_server(change) as url:
        assert main(["--endpoint-url", url, "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    row = report["rows"]["cancel.unknown-profile-404"]
    assert row["result"] == tier
    assert [(one["where"], one["found"]) for one in row["differences"]] == [(where, found)]
    different = [name for name, one in report["rows"].items() if one["differences"]]
    assert different == ["cancel.unknown-profile-404"]
    assert report["counts"][tier] == 1


def missing_member(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    body = json.loads(response.body or b"{}")
    if is_call(request, "GET", "/signing-jobs") and "jobs" in body:
        for job in body["jobs"]:
            del job["isRevoked"]
        return with_body(response, body)
    return response


def other_types(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Times as text."""
    body = json.loads(response.body or b"{}")
    for job in body.get("jobs", []):
        job["createdAt"] = "2026-01-02T03:04:05Z"
    return with_body(response, body) if body else response


def forged(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Envelopes whose signature is another one's: the same shape, and untrue."""
    if not is_call(request, "POST", "/signing-jobs/with-payload"):
        return response
    import base64

    body = json.loads(response.body)
    if "signature" not in body:
        return response
    envelope = json.loads(base64.b64decode(body["signature"]))
    envelope["signature"] = ("A" if envelope["signature"][0] != "A" else "B") + (
        envelope["signature"][1:]
    )
    body["signature"] = base64.b64encode(json.dumps(envelope).encode()).decode()
    return with_body(response, body)


@pytest.mark.parametrize(
    ("change", "rows"),
    [
        (missing_member, {"jobs.isrevoked-createdat-every", "jobs.jobs-payloads-listed"}),
        (
            other_types,
            {
                "jobs.isrevoked-createdat-every",
                "jobs.jobs-payloads-listed",
                "all.times-answers-epoch",
            },
        ),
        (forged, {"payload.jws-flattened-json"}),
    ],
)
def test_rows_that_an_answer_contradicts_are_of_another_shape(
    change: Any, rows: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with changed_server(change) as url:
        assert main(["--endpoint-url", url, "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    different = {name: one["result"] for name, one in report["rows"].items() if one["differences"]}
    assert different == dict.fromkeys(rows, "shape")


def test_an_operation_that_is_not_answered_leaves_what_builds_on_it_not_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def change(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if is_call(request, "POST", "/signing-jobs/with-payload"):
            return HttpResponse(501, {}, b"<html>not implemented</html>")
        return response

    with changed_server(change) as url:
        assert main(["--endpoint-url", url, "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert rows["payload.x5c-four-certificates"]["result"] == "status"
    assert rows["jobs.jobs-payloads-listed"]["result"] == "not run"
    assert rows["jobs.jobs-added-between"]["reasons"] == [
        "SignPayload, which it needs, answered 501 501"
    ]


def test_the_refusals_of_an_operation_that_is_not_there_prove_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def change(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if is_call(request, "GET", "/revocations"):
            headers = {**response.headers, "x-amzn-ErrorType": "ValidationException"}
            return HttpResponse(400, headers, b'{"message": "No such operation", "code": "x"}')
        return response

    with changed_server(change) as url:
        assert main(["--endpoint-url", url, "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert rows["status.unknown-profiles-jobs"]["result"] == "status"
    for refusal in ("status.all-five-members", "status.hash-not-192"):
        assert rows[refusal]["result"] == "not run"
        assert rows[refusal]["reasons"] == [
            "GetRevocationStatus never succeeds, so its refusals show nothing"
        ]


def test_other_peoples_profiles_are_neither_compared_nor_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def change(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        body = json.loads(response.body or b"{}")
        if "profiles" in body:
            body["profiles"].insert(0, {"profileName": "secret_project", "status": "Active"})
            return with_body(response, body)
        return response

    with changed_server(change) as url:
        assert main(["--endpoint-url", url, "--json", "--only", "profiles-list"]) == 0
    assert "secret_project" not in capsys.readouterr().out


def test_a_missing_token_is_reported_and_hides_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def change(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        body = json.loads(response.body or b"{}")
        if is_call(request, "GET", "/signing-platforms"):
            for name in ("nextToken", "maxSizeInMB"):
                body.pop(name, None)
            return with_body(response, body)
        return response

    with changed_server(change) as url:
        assert main(["--endpoint-url", url, "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)["rows"]
    (difference,) = rows["platforms.pages-maxresults-items"]["differences"][:1]
    assert (difference["where"], difference["found"]) == ("nextToken", "(missing)")
    (difference,) = rows["platform.notations-partner-target"]["differences"]
    assert (difference["where"], difference["found"]) == ("maxSizeInMB", "(missing)")
