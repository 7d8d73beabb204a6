"""An endpoint that is not as the mock: each difference is told in its tier."""

from __future__ import annotations

import json
from typing import Any

import pytest

from signer_mock._cli.parity import main
from signer_mock._parity import run as run_module
from signer_mock._parity.compare import Bindings, compare
from signer_mock._parity.probes import Check, Step
from signer_mock._parity.send import Answer
from signer_mock._wire.http import HttpRequest, HttpResponse
from tests.helpers.parity import Change, changed_server, is_call, with_body


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


def without(member: str, method: str, path: str) -> Change:
    """Leave a member out of the answers to some calls."""

    def change(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        body = json.loads(response.body or b"{}")
        if is_call(request, method, path) and body.pop(member, None) is not None:
            return with_body(response, body)
        return response

    return change


@pytest.mark.parametrize(
    ("member", "call", "probe"),
    [
        ("platforms", ("GET", "/signing-platforms"), "platforms-pages"),
        ("jobs", ("GET", "/signing-jobs"), "payload"),
        ("signature", ("POST", "/signing-jobs/with-payload"), "payload"),
        ("tags", ("GET", "/tags/"), "tags"),
    ],
)
def test_a_member_that_is_not_there_is_told_and_ends_nothing(
    member: str, call: tuple[str, str], probe: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with changed_server(without(member, *call)) as url:
        assert main(["--endpoint-url", url, "--json", "--only", probe]) == 1
    rows = json.loads(capsys.readouterr().out)["rows"]
    found = [one for row in rows.values() for one in row["differences"]]
    assert (member, "(missing)") in [(one["where"], one["found"]) for one in found]
    assert not any(list(one["expected"]) == ["$only"] for one in found)


def test_an_unreadable_answer_is_a_difference_of_status(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def change(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if is_call(request, "GET", "/signing-platforms/AWSLambda"):
            return HttpResponse(200, dict(response.headers), b"\xff")
        return response

    with changed_server(change) as url:
        only = ["--only", "platforms-list", "--only", "platform-lambda"]
        assert main(["--endpoint-url", url, "--json", *only]) == 1
    rows = json.loads(capsys.readouterr().out)["rows"]
    (difference,) = rows["platform.lambda-platform-partner"]["differences"]
    assert difference["tier"] == "status"
    assert difference["expected"] == "an answer"
    assert difference["found"].startswith("no readable answer (")


@pytest.mark.parametrize(
    ("second", "pages", "found"),
    [("last", 2, None), ("refused", 2, "400 ValidationException"), ("endless", 41, "AWSLambda")],
)
def test_pages_are_followed_to_their_end_but_not_for_ever(
    second: str, pages: int, found: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []
    whole: dict[str, Any] = {}

    def change(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if request.path != "/signing-platforms" or request.query not in ("", "nextToken=more"):
            return response
        asked.append(request.query)
        if not request.query:
            whole.update(json.loads(response.body))
            first = {"platforms": whole["platforms"][:3], "nextToken": "more"}
            return with_body(response, first)
        if second == "refused":
            return response
        rest = {"last": {"platforms": whole["platforms"][3:]}, "endless": {"nextToken": "more"}}
        headers = {"Content-Type": "application/json"}
        return HttpResponse(200, headers, json.dumps(rest[second]).encode())

    with changed_server(change) as url:
        status = main(["--endpoint-url", url, "--json", "--only", "platforms-list"])
    rows = json.loads(capsys.readouterr().out)["rows"]
    differences = [one["found"] for row in rows.values() for one in row["differences"]]
    assert status == int(found is not None)
    assert found is None or found in str(differences)
    assert len(asked) == 3 * pages  # by three steps


@pytest.mark.parametrize(("looks", "asked"), [(3, 3), (100, 31)])
def test_what_takes_its_time_is_waited_for_but_not_for_ever(
    looks: int, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "_SECONDS_BETWEEN_POLLS", {True: 0, False: 0})
    seen: list[str] = []

    def change(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        body = json.loads(response.body or b"{}")
        if request.method == "GET" and body.get("status") == "Succeeded":
            seen.append(request.path)
            if seen.count(request.path) < looks:
                return with_body(response, {**body, "status": "InProgress"})
        return response

    with changed_server(change) as url:
        main(["--endpoint-url", url, "--only", "jobs-filters"])
    assert seen.count(seen[0]) == asked


CHECKED = Step("signer", "GetSigningProfile", {})
FIRST, SECOND = (f"{digit * 8}-1111-4111-8111-111111111111" for digit in "12")


@pytest.mark.parametrize(
    ("check", "answer", "tier", "where", "found"),
    [
        ({"status": 200}, Answer(202), "status", "status", "202"),
        ({}, Answer(None, "cut off"), "status", "answer", "cut off"),
        ({"headers": {"x-id": "<uuid>"}}, Answer(200), "shape", "header x-id", "(missing)"),
        (
            {"headers": {"x-id": "<uuid>"}},
            Answer(200, headers={"x-id": "7"}),
            "shape",
            "header x-id",
            "7",
        ),
        ({"empty": True}, Answer(200, body={"a": 1}), "shape", "body", {"a": 1}),
        ({"body": {"a": 1}}, Answer(200, body="text"), "shape", "body", "text"),
        ({"body": {"a": [1]}}, Answer(200, body={"a": [1, 2]}), "shape", "a", [1, 2]),
        ({"body": {"a": [1]}}, Answer(200, body={"a": 1}), "shape", "a", 1),
        (
            {"body": {"a": {"$members": ["b", "c"]}}},
            Answer(200, body={"a": {"c": 1, "b": 1}}),
            "shape",
            "members of a",
            ["c", "b"],
        ),
        (
            {"body": {"a": {"$only": {"b": 1}}}},
            Answer(200, body={"a": {"b": 1, "c": 2}}),
            "shape",
            "a.c",
            2,
        ),
        ({"body": {"a": "<text>"}}, Answer(200, body={"a": 5}), "shape", "a", 5),
        ({"body": {"a": "a <b>"}}, Answer(200, body={"a": "a b"}), "shape", "a", "a b"),
        ({"body": {"a": "<int>"}}, Answer(200, body={"a": True}), "shape", "a", True),
        ({"body": {"a": "<int>"}}, Answer(200, body={"a": 1.5}), "shape", "a", 1.5),
        ({"body": {"a": "<time-1+1 DAYS>"}}, Answer(200, body={"a": 9}), "shape", "a", 9),
        (
            {"body": {"a": "<iso-1+1 DAYS>"}},
            Answer(200, body={"a": "2026-01-02T03:04:05Z"}),
            "shape",
            "a",
            "2026-01-02T03:04:05Z",
        ),
        (
            {"body": {"a": "<uuid-1>", "b": "<uuid-2>"}},
            Answer(200, body={"a": FIRST, "b": FIRST}),
            "shape",
            "b",
            FIRST,
        ),
        (
            {"body": {"a": "<uuid-1>", "b": "<uuid-1>"}},
            Answer(200, body={"a": FIRST, "b": SECOND}),
            "shape",
            "b",
            SECOND,
        ),
    ],
)
def test_each_difference_has_its_place(
    check: dict[str, Any], answer: Answer, tier: str, where: str, found: Any
) -> None:
    (difference,) = compare(CHECKED, Check(("row",), **check), answer, Bindings())
    assert (difference.tier, difference.where, difference.found) == (tier, where, found)


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        ({"a": "<uuid-1>", "b": "<uuid-2>"}, {"a": FIRST, "b": SECOND}),
        ({"a": "<int-1>", "b": "<int-2>"}, {"a": 5, "b": 5}),
        ({"a": "<b> <uuid>"}, {"a": f"<b> {FIRST}"}),
        ({"a": "<time-1>", "b": "<time-1+1 DAYS>"}, {"a": 0, "b": 86400}),
        ({"a": {"$members": ["b"]}}, {"a": {"b": 1}}),
    ],
)
def test_what_placeholders_allow_is_no_difference(expected: Any, body: Any) -> None:
    assert compare(CHECKED, Check(("row",), body=expected), Answer(200, body=body), Bindings()) == (
        ()
    )
