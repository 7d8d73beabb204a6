"""Pages: sizes, tokens, what a token is bound to, and that a page costs the same in any list."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from signer_mock import mock_signer
from signer_mock._service.paging import Paginator
from tests.helpers.constants import LAMBDA, NOTATION, PAYLOAD_FORMAT
from tests.helpers.refusals import expect_refusal

LISTS = {
    "list_signing_jobs": "jobs",
    "list_signing_profiles": "profiles",
    "list_signing_platforms": "platforms",
}

Sign = Callable[[int], list[str]]


@pytest.fixture
def sign(signer_client: Any, notation_profile: str) -> Sign:
    """Make a number of jobs; returns their ids, oldest first."""

    def make(count: int) -> list[str]:
        return [
            signer_client.sign_payload(
                profileName=notation_profile, payload=b"{}", payloadFormat=PAYLOAD_FORMAT
            )["jobId"]
            for _ in range(count)
        ]

    return make


def ids(answer: dict[str, Any]) -> list[str]:
    return [job["jobId"] for job in answer["jobs"]]


def refused_token(call: Callable[..., Any], **params: Any) -> None:
    expect_refusal(
        call, 400, "ValidationException", "The nextToken is invalid.", "InvalidNextToken", **params
    )


# Sizes


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 7, 25])
def test_pages_of_any_size_hold_everything_once_and_in_order(signer_client, sign, size):
    made = sign(6)
    pages = list(
        signer_client.get_paginator("list_signing_jobs").paginate(
            PaginationConfig={"PageSize": size}
        )
    )
    assert [job_id for page in pages for job_id in ids(page)] == made[::-1]
    assert all(len(page["jobs"]) == size for page in pages[:-1])
    assert 1 <= len(pages[-1]["jobs"]) <= size
    assert "nextToken" not in pages[-1]


def test_a_page_without_a_size_holds_25(signer_client, sign):
    made = sign(27)
    first = signer_client.list_signing_jobs()
    assert ids(first) == made[:1:-1]
    second = signer_client.list_signing_jobs(nextToken=first["nextToken"])
    assert ids(second) == made[1::-1]
    assert "nextToken" not in second


def test_pages_of_one_walk_may_differ_in_size(signer_client, sign):
    made = sign(6)[::-1]
    first = signer_client.list_signing_jobs(maxResults=1)
    second = signer_client.list_signing_jobs(maxResults=3, nextToken=first["nextToken"])
    third = signer_client.list_signing_jobs(nextToken=second["nextToken"])
    assert [ids(first), ids(second), ids(third)] == [made[:1], made[1:4], made[4:]]


def test_a_page_with_a_filter_holds_as_many_as_it_can(signer_client, sign, start_job):
    first_half = sign(3)
    signer_client.put_signing_profile(profileName="lambda_profile", platformId=LAMBDA)
    for _ in range(3):
        start_job(b"no zip", "lambda_profile")
    second_half = sign(2)
    page = signer_client.list_signing_jobs(platformId=NOTATION, maxResults=4)
    assert ids(page) == [*second_half[::-1], *first_half[:0:-1]]
    rest = signer_client.list_signing_jobs(platformId=NOTATION, nextToken=page["nextToken"])
    assert ids(rest) == first_half[:1]


def test_a_filtered_list_is_the_same_when_it_is_asked_again(signer_client, sign):
    first = sign(3)
    sign(120)  # so many that an index is asked for the older ones
    asked = {"requestedBy": "arn:aws:iam::123456789012:root", "maxResults": 25}
    seen = []
    for _ in range(2):
        walk = signer_client.get_paginator("list_signing_jobs").paginate(**asked)
        seen.append([job["jobId"] for page in walk for job in page["jobs"]])
    assert seen[0] == seen[1]
    assert len(seen[0]) == len(set(seen[0])) == 123
    assert seen[0][-3:] == first[::-1]


def test_no_token_leads_to_an_empty_page(signer_client, sign, start_job):
    made = sign(3)
    signer_client.revoke_signature(jobId=made[2], reason="x")
    page = signer_client.list_signing_jobs(isRevoked=True, maxResults=1)
    assert ids(page) == made[2:]
    assert "nextToken" not in page


# Tokens


def test_jobs_added_between_two_pages_do_not_disturb_the_walk(signer_client, sign):
    made = sign(4)
    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = signer_client.list_signing_jobs(maxResults=1, **token)
        seen += ids(page)
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
        sign(2)
    assert seen == made[::-1]


def test_profiles_put_or_canceled_between_two_pages_do_not_disturb_the_walk(signer_client):
    for name in ("p1", "p2", "p3", "p4"):
        signer_client.put_signing_profile(profileName=name, platformId=LAMBDA)
    first = signer_client.list_signing_profiles(maxResults=2)
    signer_client.cancel_signing_profile(profileName="p1")
    signer_client.put_signing_profile(profileName="p5", platformId=LAMBDA)
    second = signer_client.list_signing_profiles(nextToken=first["nextToken"])
    assert [one["profileName"] for one in second["profiles"]] == ["p3", "p4", "p5"]


def test_a_token_can_be_used_again(signer_client, sign):
    sign(3)
    token = signer_client.list_signing_jobs(maxResults=1)["nextToken"]
    again = [ids(signer_client.list_signing_jobs(nextToken=token)) for _ in range(2)]
    assert again[0] == again[1]
    assert len(again[0]) == 2


@pytest.mark.parametrize("operation", LISTS)
@pytest.mark.parametrize(
    "token", ["x", "AAAA", "1", "ä", "=", "A" * 32, "../..", "eyJwbGFjZSI6IDF9", "0" * 5000]
)
def test_a_made_up_token_is_refused(signer_client, sign, operation, token):
    sign(3)
    refused_token(getattr(signer_client, operation), nextToken=token)


def test_a_token_changed_in_any_place_is_refused(signer_client, sign):
    sign(3)
    token = signer_client.list_signing_jobs(maxResults=1)["nextToken"]
    for place, character in enumerate(token):
        other = "A" if character != "A" else "B"
        refused_token(
            signer_client.list_signing_jobs,
            nextToken=token[:place] + other + token[place + 1 :],
        )


@pytest.mark.parametrize("change", ["{}=", "{}\n", " {}", "{}!", "!{}", "{}AAAA"])
def test_a_token_spelled_otherwise_is_refused(signer_client, sign, change):
    sign(3)
    token = signer_client.list_signing_jobs(maxResults=1)["nextToken"]
    refused_token(signer_client.list_signing_jobs, nextToken=change.format(token))


def test_a_token_tells_nothing_of_what_it_leads_to(signer_client, sign):
    made = sign(3)
    token = signer_client.list_signing_jobs(maxResults=1)["nextToken"]
    inside = base64.urlsafe_b64decode(token)
    assert not any(job_id.encode() in inside for job_id in made)


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"status": "Failed"},
        {"status": "Succeeded", "platformId": NOTATION},
        {"isRevoked": False},
        {"platformId": NOTATION},
    ],
)
def test_a_token_is_bound_to_its_filters(signer_client, sign, filters):
    sign(3)
    page = signer_client.list_signing_jobs(maxResults=1, status="Succeeded")
    refused_token(signer_client.list_signing_jobs, nextToken=page["nextToken"], **filters)
    rest = signer_client.list_signing_jobs(nextToken=page["nextToken"], status="Succeeded")
    assert len(rest["jobs"]) == 2


def test_a_token_is_bound_to_its_operation(signer_client, sign):
    sign(3)
    token = signer_client.list_signing_jobs(maxResults=1)["nextToken"]
    refused_token(signer_client.list_signing_profiles, nextToken=token)
    refused_token(signer_client.list_signing_platforms, nextToken=token)


def test_a_token_is_bound_to_its_account_and_region(signer_mock, signer_client, sign):
    sign(3)
    token = signer_client.list_signing_jobs(maxResults=1)["nextToken"]
    refused_token(signer_mock.client("signer", "eu-west-1").list_signing_jobs, nextToken=token)
    other = signer_mock.account("210987654321").client("signer")
    refused_token(other.list_signing_jobs, nextToken=token)
    role = signer_mock.account().role("ci").client("signer")
    assert len(role.list_signing_jobs(nextToken=token)["jobs"]) == 2


def test_a_token_of_another_world_is_refused():
    tokens: list[str] = []
    for _ in range(2):
        with mock_signer() as mock:  # one seed makes the same tokens, on purpose
            client = mock.client("signer")
            if tokens:
                refused_token(client.list_signing_platforms, nextToken=tokens[0])
            tokens.append(client.list_signing_platforms(maxResults=1)["nextToken"])


# Cost


class CountedList(list[Any]):
    """A list that counts how many of its items were looked at."""

    looks = 0

    def __getitem__(self, place: Any) -> Any:
        self.looks += 1
        return super().__getitem__(place)


@pytest.mark.parametrize("length", [100, 100_000])
@pytest.mark.parametrize("newest_first", [True, False])
def test_a_page_looks_only_at_its_own_items(length, newest_first):
    paginator = Paginator(b"secret")
    items = CountedList(range(length))
    token: dict[str, str | None] = {}
    for _ in range(3):
        items.looks = 0
        page, next_token = paginator.page(
            items, "q", {"maxResults": 25, **token}, lambda _item: True, newest_first=newest_first
        )
        token = {"nextToken": next_token}
        assert items.looks == 26
    expected = range(length)[::-1] if newest_first else range(length)
    assert page == list(expected[50:75])


@pytest.mark.parametrize("count", [100, 100_000])
@pytest.mark.parametrize("filters", [{}, {"platformId": NOTATION, "status": "Succeeded"}])
def test_a_page_of_jobs_looks_at_the_same_number_of_jobs_in_any_list(
    signer_mock, signer_client, sign, count, filters
):
    sign(1)
    store = signer_mock._world.store(signer_mock.account_id, "us-east-1")
    (job,) = store.jobs
    store.jobs = CountedList(
        dataclasses.replace(job, job_id=f"job-{number}") for number in range(count)
    )
    page = signer_client.list_signing_jobs(maxResults=10, **filters)
    assert ids(page) == [f"job-{count - 1 - number}" for number in range(10)]
    signer_client.list_signing_jobs(maxResults=10, nextToken=page["nextToken"], **filters)
    assert store.jobs.looks == 22
