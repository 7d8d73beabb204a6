"""Undo what a probe has changed, as far as possible."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from signer_mock._parity.send import Answer, Effects, Sender

_PERMISSIONS = 100  # more than a policy can hold


def take_back(sender: Sender, kept: Iterable[str]) -> list[str]:
    """Remove permissions, tags and objects, and cancel profiles that should not have been made.

    Args:
        sender: Knows what has changed; each item is dropped as it is undone.
        kept: The names of the profiles that stay.

    Returns:
        What could not be undone, a sentence each.
    """
    effects, problems = sender.effects, []
    while effects.permitted:
        problems += _remove_permissions(sender, effects.permitted[-1])
        effects.permitted.pop()
    while effects.tagged:
        problems += _remove_tags(sender, effects.tagged[-1])
        effects.tagged.pop()
    while effects.jobs:
        _note_signed_object(sender, effects.jobs[-1])
        effects.jobs.pop()
    while effects.objects:
        key, version = effects.objects[-1]
        params = {"Bucket": sender.target.bucket, "Key": key}
        if version is not None:
            params["VersionId"] = version
        answer = sender.call("DeleteObject", params, service="s3")
        if not answer.succeeded:
            problems.append(f"The object {key} is still there: {_words(answer)}.")
        effects.objects.pop()
    made = set(effects.profiles) - set(kept) - set(effects.canceled)
    for name in sorted(made):
        answer = sender.call("CancelSigningProfile", {"profileName": name})
        state = "was canceled" if answer.succeeded else f"is still there: {_words(answer)}"
        problems.append(f"The profile {name} was made although it should be refused. It {state}.")
    sender.effects = Effects()
    return problems


def _remove_permissions(sender: Sender, name: str) -> list[str]:
    for _ in range(_PERMISSIONS):
        policy = sender.call("ListProfilePermissions", {"profileName": name})
        body = policy.body if isinstance(policy.body, dict) else {}
        if policy.status == 404 or (policy.succeeded and not body.get("permissions")):
            return []
        if not policy.succeeded:
            return [f"Permissions of {name} cannot be listed: {_words(policy)}."]
        params = {
            "profileName": name,
            "revisionId": body.get("revisionId"),
            "statementId": body["permissions"][0].get("statementId"),
        }
        answer = sender.call("RemoveProfilePermission", params)
        if not answer.succeeded:
            # A canceled profile keeps its permissions, which then permit nothing.
            closed = _state(sender, name) in {"Canceled", "Revoked"}
            return [] if closed else [f"Permissions of {name} are still there: {_words(answer)}."]
    return [f"Permissions of {name} are still there."]


def _state(sender: Sender, name: str) -> Any:
    body = sender.call("GetSigningProfile", {"profileName": name}).body
    return body.get("status") if isinstance(body, dict) else None


def _remove_tags(sender: Sender, arn: str) -> list[str]:
    listed = sender.call("ListTagsForResource", {"resourceArn": arn})
    tags = listed.body.get("tags") if isinstance(listed.body, dict) else None
    if not tags:
        return []
    answer = sender.call("UntagResource", {"resourceArn": arn, "tagKeys": sorted(tags)})
    return [] if answer.succeeded else [f"Tags of {arn} are still there: {_words(answer)}."]


def _note_signed_object(sender: Sender, job: str) -> None:
    """Have the object that a job has written deleted with the others."""
    described = sender.call("DescribeSigningJob", {"jobId": job})
    body = described.body if isinstance(described.body, dict) else {}
    place = (body.get("signedObject") or {}).get("s3") or {}
    if place.get("bucketName") != sender.target.bucket or not place.get("key"):
        return
    params = {"Bucket": place["bucketName"], "Key": place["key"]}
    found = sender.call("GetObject", params, service="s3")
    if found.succeeded:
        sender.effects.objects.append((place["key"], found.body.get("VersionId")))


def _words(answer: Answer) -> str:
    return f"{answer.status} {answer.error}"
