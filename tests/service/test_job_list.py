"""The index of jobs: filtered pages hold what looking at every job would find."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import pytest

from signer_mock import mock_signer
from signer_mock._service.job_list import JobList
from tests.helpers.constants import NOTATION, PAYLOAD_FORMAT

FILTERS = [
    {"status": "Failed"},
    {"status": "InProgress"},
    {"status": "Succeeded", "requestedBy": "nobody"},
    {"status": "Failed", "isRevoked": False},
    {"requestedBy": "arn:aws:iam::123456789012:user/rare"},
    {"platformId": NOTATION, "status": "Failed"},
    {"jobInvoker": "210987654321"},
]


def listed(client: Any, **filters: Any) -> list[str]:
    """Every job that the pages show."""
    pages = client.get_paginator("list_signing_jobs").paginate(**filters)
    return [job["jobId"] for page in pages for job in page["jobs"]]


@pytest.mark.parametrize("filters", FILTERS, ids="-".join)
def test_filtered_pages_hold_what_matches_while_jobs_end(filters):
    chance = random.Random(str(filters))
    rare = "arn:aws:iam::123456789012:user/rare"
    with mock_signer(region_name="us-east-1") as mock:
        client = mock.client("signer")
        client.put_signing_profile(profileName="oci", platformId=NOTATION)
        client.sign_payload(profileName="oci", payload=b"{}", payloadFormat=PAYLOAD_FORMAT)
        store = mock._world.store(mock.account_id, "us-east-1")
        (first,) = store.jobs
        for _ in range(4):
            for _ in range(300):
                job = dataclasses.replace(
                    first,
                    job_id=mock._world.ids.uuid(),
                    status=chance.choices(
                        ["Succeeded", "Failed", "InProgress"], weights=[90, 5, 5]
                    )[0],
                    requested_by=rare if chance.random() < 0.02 else first.requested_by,
                    invoker="210987654321" if chance.random() < 0.02 else first.invoker,
                )
                store.jobs.append(job)
                store.jobs_by_id[job.job_id] = job
            expected = [
                job.job_id
                for job in reversed(store.jobs)
                if filters.get("status") in (None, job.status)
                and filters.get("requestedBy") in (None, job.requested_by)
                and filters.get("jobInvoker") in (None, job.invoker)
            ]
            assert listed(client, **filters) == expected
            for job in store.jobs:
                if job.status == "InProgress" and chance.random() < 0.5:
                    job.status = chance.choice(["Succeeded", "Failed"])


def test_the_oldest_job_is_found_behind_many_others(signer_mock, signer_client, notation_profile):
    first = signer_client.sign_payload(
        profileName=notation_profile, payload=b"{}", payloadFormat=PAYLOAD_FORMAT
    )["jobId"]
    store = signer_mock._world.store(signer_mock.account_id, "us-east-1")
    store.jobs += [
        dataclasses.replace(store.jobs[0], job_id=f"job-{number}", status="Failed")
        for number in range(200)
    ]
    assert listed(signer_client, status="Succeeded") == [first]


def test_only_filters_that_the_index_knows_name_candidates():
    assert JobList().candidates({"isRevoked": True}) is None
    assert JobList().candidates({"status": "Failed"}) == []
