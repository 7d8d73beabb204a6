"""Sequences of calls from two accounts, compared with a model of the service after each."""

from __future__ import annotations

import copy
import datetime as dt
import io
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from signer_mock import mock_signer
from tests.helpers.constants import ACCOUNT, LAMBDA, NOTATION, OTHER, PAYLOAD, PAYLOAD_FORMAT
from tests.property.reference import Job, Profile, Reference, Statement

START = dt.datetime(2026, 1, 31, 12, 0, 0, tzinfo=dt.timezone.utc)
ANY_HASH = "ab" * 96

accounts = st.sampled_from([ACCOUNT, OTHER])
names = st.sampled_from(["one", "two"])
actions = st.sampled_from(
    ["SignPayload", "StartSigningJob", "GetSigningProfile", "RevokeSignature", "PutSigningProfile"]
).map("signer:{}".format)
sids = st.sampled_from(["s1", "s2", "s3"])
tags = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from(["", "x"]), min_size=1)
steps = st.sampled_from(
    [dt.timedelta(seconds=1), dt.timedelta(milliseconds=1)]
    + [dt.timedelta(days=days) for days in (1, 200, 364, 365, 366)]
)
pages = st.sampled_from([None, 1, 2, 25])


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        opened.writestr("app.py", "pass")
    return buffer.getvalue()


CODE = {"good": archive(), "bad": b"no zip at all"}


class SignerMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.mock = mock_signer(seed=1)
        self.mock.start()
        self.clients = {one: self.mock.account(one).client("signer") for one in (ACCOUNT, OTHER)}
        self.snapshots: list[tuple[Any, Reference]] = []

    def teardown(self) -> None:
        self.mock.stop()

    @initialize()
    def begin(self) -> None:
        self.mock.clock.freeze(START)
        self.reference = Reference(now=START)
        self.mock.objects.create_bucket("src", versioning=True)
        self.mock.objects.create_bucket("dst")
        self.versions = {
            key: self.mock.objects.put("src", f"{key}.zip", data) for key, data in CODE.items()
        }

    def call(self, account: str, expected: str | None, operation: str, **params: Any) -> Any:
        """The answer, or None where the reference expected a refusal and there is the same."""
        function = getattr(self.clients[account], operation)
        if expected is None:
            return function(**params)
        with pytest.raises(ClientError) as caught:
            function(**params)
        assert expected in {caught.value.response["Error"]["Code"], caught.value.response["code"]}
        return None

    def any_profile(self, owner: str, name: str) -> Profile | None:
        return self.reference.profile(owner, name)

    # --- What changes state

    @rule(account=accounts, name=names, platform=st.sampled_from([LAMBDA, NOTATION]), tags=tags)
    def put(self, account: str, name: str, platform: str, tags: dict[str, str]) -> None:
        expected = self.reference.put(account, name)
        answer = self.call(
            *(account, expected, "put_signing_profile"),
            profileName=name,
            platformId=platform,
            tags=tags,
        )
        if answer:
            self.reference.profiles.append(
                Profile(
                    account,
                    name,
                    platform,
                    dict(tags),
                    version=answer["profileVersion"],
                    version_arn=answer["profileVersionArn"],
                    arn=answer["arn"],
                )
            )

    @rule(account=accounts, name=names)
    def cancel(self, account: str, name: str) -> None:
        profile = self.any_profile(account, name)
        was_active = profile is not None and profile.status == "Active"
        expected = self.reference.cancel(account, name)
        self.call(account, expected, "cancel_signing_profile", profileName=name)
        if profile and was_active:
            self.read_new_revision(profile)

    @rule(
        account=accounts,
        name=names,
        sid=sids,
        action=actions,
        principal=accounts,
        revision=st.sampled_from(["current", "none", "stale"]),
    )
    def add_permission(
        self, account: str, name: str, sid: str, action: str, principal: str, revision: str
    ) -> None:
        profile = self.any_profile(account, name)
        given = self.revision(profile, revision)
        new = Statement(sid, action, principal)
        expected = self.reference.add(account, name, new, given)
        answer = self.call(
            *(account, expected, "add_profile_permission"),
            profileName=name,
            statementId=sid,
            action=action,
            principal=principal,
            **({"revisionId": given} if given else {}),
        )
        if answer and profile:
            profile.revision = answer["revisionId"]

    @rule(account=accounts, name=names, sid=sids, is_stale=st.booleans())
    def remove_permission(self, account: str, name: str, sid: str, is_stale: bool) -> None:
        profile = self.any_profile(account, name)
        given = self.revision(profile, "stale" if is_stale else "current") or "none"
        expected = self.reference.remove(account, name, sid, given)
        answer = self.call(
            *(account, expected, "remove_profile_permission"),
            profileName=name,
            statementId=sid,
            revisionId=given,
        )
        if answer and profile:
            assert answer["revisionId"] != profile.revision
            profile.revision = answer["revisionId"] if profile.statements else None

    def revision(self, profile: Profile | None, which: str) -> str | None:
        if which == "none":
            return None
        if which == "stale":
            return "11111111-2222-4333-8444-555555555555"
        return profile.revision if profile else None

    def read_new_revision(self, profile: Profile) -> None:
        if profile.statements:
            answer = self.clients[profile.owner].list_profile_permissions(profileName=profile.name)
            assert answer["revisionId"] != profile.revision
            profile.revision = answer["revisionId"]

    @rule(account=accounts, name=names, tags=tags, unwanted=st.booleans())
    def change_tags(self, account: str, name: str, tags: dict[str, str], unwanted: bool) -> None:
        profile = self.any_profile(account, name)
        expected = self.reference.change_tags(account, name)
        arn = f"arn:aws:signer:us-east-1:{account}:/signing-profiles/{name}"
        if unwanted:
            self.call(account, expected, "untag_resource", resourceArn=arn, tagKeys=list(tags))
        else:
            self.call(account, expected, "tag_resource", resourceArn=arn, tags=tags)
        if profile and expected is None:
            remaining = {k: v for k, v in profile.tags.items() if k not in tags}
            profile.tags = remaining if unwanted else {**remaining, **tags}

    @rule(account=accounts, owner=accounts, name=names)
    def sign_payload(self, account: str, owner: str, name: str) -> None:
        expected = self.reference.sign(account, owner, name, "signer:SignPayload")
        answer = self.call(
            *(account, expected, "sign_payload"),
            profileName=name,
            profileOwner=owner,
            payload=PAYLOAD,
            payloadFormat=PAYLOAD_FORMAT,
        )
        if answer:
            job = self.record(account, owner, name, answer, "Succeeded")
            assert answer["metadata"]["com.amazonaws.signer.signingProfileVersion"] == (
                job.profile.version_arn
            )

    @rule(account=accounts, owner=accounts, name=names, code=st.sampled_from(["good", "bad"]))
    def start_job(self, account: str, owner: str, name: str, code: str) -> None:
        expected = self.reference.sign(account, owner, name, "signer:StartSigningJob")
        source = {"bucketName": "src", "key": f"{code}.zip", "version": self.versions[code]}
        answer = self.call(
            *(account, expected, "start_signing_job"),
            profileName=name,
            profileOwner=owner,
            source={"s3": source},
            destination={"s3": {"bucketName": "dst"}},
        )
        if answer:
            job = self.record(
                account, owner, name, answer, "Succeeded" if code == "good" else "Failed"
            )
            is_there = f"{job.job_id}.zip" in self.mock.objects.keys("dst")
            assert is_there == (code == "good")

    def record(self, invoker: str, owner: str, name: str, answer: Any, status: str) -> Job:
        profile = self.any_profile(owner, name)
        assert profile is not None
        assert answer["jobOwner"] == owner
        assert all(answer["jobId"] != job.job_id for job in self.reference.jobs)
        created_at = self.reference.now.replace(microsecond=0)
        job = Job(answer["jobId"], profile, invoker, created_at, status)
        self.reference.jobs.append(job)
        return job

    @precondition(lambda self: self.reference.jobs)
    @rule(data=st.data(), account=accounts, owner=accounts)
    def revoke_signature(self, data: st.DataObject, account: str, owner: str) -> None:
        job = data.draw(st.sampled_from(self.reference.jobs))
        expected = self.reference.revoke_signature(account, owner, job)
        self.call(
            *(account, expected, "revoke_signature"),
            jobId=job.job_id,
            jobOwner=owner,
            reason="because",
        )

    @rule(
        account=accounts,
        name=names,
        ago=st.sampled_from([-1, 0, 1, 86400, 300 * 86400]),
        is_its_version=st.sampled_from([True, True, True, False]),
    )
    def revoke_profile(self, account: str, name: str, ago: int, is_its_version: bool) -> None:
        profile = self.any_profile(account, name)
        was = profile.status if profile else None
        version = profile.version if profile and is_its_version else "AbCdEfGh12"
        at = self.reference.now - dt.timedelta(seconds=ago)
        expected = self.reference.revoke_profile(account, name, version, at)
        self.call(
            *(account, expected, "revoke_signing_profile"),
            profileName=name,
            profileVersion=version,
            reason="because",
            effectiveTime=at,
        )
        if profile and expected is None and was != "Revoked":
            self.read_new_revision(profile)

    @rule(step=steps)
    def wait(self, step: dt.timedelta) -> None:
        self.reference.now = self.mock.clock.advance(seconds=step.total_seconds())

    @rule()
    def snapshot(self) -> None:
        self.snapshots.append((self.mock.snapshot(), copy.deepcopy(self.reference)))

    @precondition(lambda self: self.snapshots)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(self.snapshots) - 1))
        snapshot, reference = self.snapshots[number]
        self.mock.restore(snapshot)
        self.reference = copy.deepcopy(reference)

    @rule()
    def reset(self) -> None:
        self.mock.reset()
        self.snapshots.clear()
        self.begin()

    # --- What is compared

    @rule(account=accounts, page=pages, is_revoked=st.sampled_from([None, True, False]))
    def list_jobs(self, account: str, page: int | None, is_revoked: bool | None) -> None:
        wanted = [
            (job.job_id, job.status, job.is_revoked, job.profile.name, job.created_at)
            for job in self.reference.visible_jobs(account)
            if is_revoked in (None, job.is_revoked)
        ]
        filters = {} if is_revoked is None else {"isRevoked": is_revoked}
        found = [
            tuple(
                job[name] for name in ("jobId", "status", "isRevoked", "profileName", "createdAt")
            )
            for job in self.all_pages(account, "list_signing_jobs", "jobs", page, **filters)
        ]
        assert found == wanted

    @rule(
        account=accounts,
        page=pages,
        statuses=st.sets(st.sampled_from(["Active", "Canceled", "Revoked"]), min_size=1),
    )
    def list_profiles(self, account: str, page: int | None, statuses: set[str]) -> None:
        wanted = [
            (profile.name, profile.version, profile.platform, profile.status, profile.tags)
            for profile in self.reference.visible_profiles(account, statuses)
        ]
        members = ("profileName", "profileVersion", "platformId", "status", "tags")
        found = [
            tuple(profile[name] for name in members)
            for profile in self.all_pages(
                *(account, "list_signing_profiles", "profiles", page), statuses=sorted(statuses)
            )
        ]
        assert found == wanted

    def all_pages(
        self, account: str, operation: str, member: str, page: int | None, **params: Any
    ) -> list[Any]:
        found, token = [], None
        while True:
            more: dict[str, Any] = {"nextToken": token} if token else {}
            more |= {"maxResults": page} if page else {}
            answer = getattr(self.clients[account], operation)(**params, **more)
            assert len(answer[member]) <= (page or 25)
            found += answer[member]
            token = answer.get("nextToken")
            if token is None:
                return found

    @rule(account=accounts, owner=accounts, name=names)
    def get_profile(self, account: str, owner: str, name: str) -> None:
        expected = self.reference.usable(account, owner, name, "signer:GetSigningProfile")
        answer = self.call(
            account, expected, "get_signing_profile", profileName=name, profileOwner=owner
        )
        profile = self.any_profile(owner, name)
        if answer and profile:
            assert answer["status"] == profile.status
            assert answer["tags"] == profile.tags
            record = answer.get("revocationRecord", {})
            effective = record.get("revocationEffectiveFrom")
            if profile.revoked_from is None:
                assert effective is None
            else:
                assert abs(effective - profile.revoked_from) < dt.timedelta(milliseconds=1)

    @rule(account=accounts, name=names)
    def list_permissions(self, account: str, name: str) -> None:
        profile = self.any_profile(account, name)
        expected = None if profile and profile.statements else "PolicyNotFound"
        if profile is None:
            expected = "ProfileNotFound"
        answer = self.call(account, expected, "list_profile_permissions", profileName=name)
        if answer and profile:
            assert answer["revisionId"] == profile.revision
            assert [
                (one["statementId"], one["action"], one["principal"])
                for one in answer["permissions"]
            ] == [(one.sid, one.action, one.principal) for one in profile.statements]

    @precondition(lambda self: self.reference.jobs)
    @rule(data=st.data(), account=accounts)
    def ask_for_revocation(self, data: st.DataObject, account: str) -> None:
        job = data.draw(st.sampled_from(self.reference.jobs))
        profile = data.draw(st.sampled_from(self.reference.profiles))
        signed_at = data.draw(st.sampled_from([job.created_at, self.reference.now, START]))
        job_arn = f"arn:aws:signer:us-east-1:{job.profile.owner}:/signing-jobs/{job.job_id}"
        answer = self.clients[account].get_revocation_status(
            signatureTimestamp=signed_at,
            platformId=profile.platform,
            profileVersionArn=profile.version_arn,
            jobArn=job_arn,
            certificateHashes=[ANY_HASH],
        )
        arns = {"profile": profile.version_arn, "job": job_arn}
        wanted = [arns[one] for one in self.reference.revoked(profile, job, signed_at)]
        assert answer["revokedEntities"] == wanted

    @precondition(lambda self: self.reference.jobs)
    @rule(data=st.data(), account=accounts)
    def describe_job(self, data: st.DataObject, account: str) -> None:
        job = data.draw(st.sampled_from(self.reference.jobs))
        expected = None if job in self.reference.visible_jobs(account) else "JobNotFound"
        answer = self.call(account, expected, "describe_signing_job", jobId=job.job_id)
        if answer:
            assert answer["status"] == job.status
            assert (answer["jobOwner"], answer["jobInvoker"]) == (job.profile.owner, job.invoker)
            assert ("revocationRecord" in answer) == job.is_revoked
            assert ("signedObject" in answer) <= (job.status == "Succeeded")

    @invariant()
    def the_clocks_agree(self) -> None:
        if hasattr(self, "reference"):
            assert self.mock.clock.now() == self.reference.now


SHORT = settings(
    max_examples=12,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
#: 400 runs of up to 50 steps: 20,000.
LONG = settings(SHORT, max_examples=400, stateful_step_count=50, derandomize=False, print_blob=True)

TestSignerMachine = SignerMachine.TestCase
TestSignerMachine.settings = SHORT


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_the_machine_runs_for_long():
    run_state_machine_as_test(SignerMachine, settings=LONG)
