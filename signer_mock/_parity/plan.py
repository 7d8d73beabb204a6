"""What a run would do: its calls, the permissions it needs, what stays, and what it may cost."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from signer_mock._parity.guard import Target
from signer_mock._parity.probes import Probe, Step, kept_profiles
from signer_mock._parity.records import Given

# The resources that IAM authorizes an operation on (Service Authorization Reference, AWS Signer).
_ON_JOBS = {"DescribeSigningJob", "RevokeSignature", "GetRevocationStatus"}
_ON_EVERYTHING = {
    *("ListSigningPlatforms", "GetSigningPlatform", "ListSigningProfiles", "ListSigningJobs"),
    "PutSigningProfile",
}
_ON_PROFILES = {
    *("GetSigningProfile", "CancelSigningProfile", "RevokeSigningProfile", "GetRevocationStatus"),
    *("AddProfilePermission", "ListProfilePermissions", "RemoveProfilePermission"),
    *("StartSigningJob", "SignPayload", "TagResource", "UntagResource", "ListTagsForResource"),
}
_OBJECT_ACTIONS = ("GetObject", "GetObjectVersion", "PutObject", "DeleteObject")
#: AWS Signer looks at the bucket with the caller's rights.
_BUCKET_ACTIONS = ("GetBucketLocation", "GetBucketVersioning", "ListBucket", "ListBucketVersions")

# The calls that undo what a probe changed, beside its steps.
_TAKING_BACK = {
    "permissions": ("ListProfilePermissions", "RemoveProfilePermission"),
    "tags": ("ListTagsForResource", "UntagResource"),
    "objects": ("s3 GetObject", "s3 DeleteObject"),
}


def make_plan(probes: Sequence[Probe], target: Target, given: Given) -> dict[str, Any]:
    """Describe a run without sending anything.

    Args:
        probes: Those that were chosen.
        target: Where they would go.
        given: What else the command line gave.

    Returns:
        A JSON document; ``plan_text`` writes it for people.
    """
    running = [one for one in probes if not given.lacks(target, one.needs)]
    kept = kept_profiles(running)
    operations = {
        (step.service.replace("signer-data", "signer"), step.operation)
        for probe in running
        for step in probe.steps
    }
    # A profile that should have been refused and was not is canceled.
    operations |= {("signer", "GetSigningProfile"), ("signer", "CancelSigningProfile")}
    for probe in running:
        for leftover in probe.leaves:
            for call in _TAKING_BACK.get(leftover, ()):
                service, _, operation = call.rpartition(" ")
                operations.add((service or "signer", operation))
    return {
        "target": target.endpoint_url or f"AWS Signer, {target.account_id} in {target.region}",
        "first": [
            *(["sts GetCallerIdentity {}"] if target.live else []),
            *(_line("GetSigningProfile", {"profileName": f"{target.prefix}_{n}"}) for n in kept),
        ],
        "probes": [_planned(probe, target, given) for probe in running],
        "not_run": {
            probe.name: f"needs {', '.join(given.lacks(target, probe.needs))}"
            for probe in probes
            if probe not in running
        },
        "policy": least_policy(operations, target, given),
        "remains": _remains(running, target),
        "cost": {
            "signatures": _count(running, ("StartSigningJob", "SignPayload")),
            "s3_requests": 4 * _count(running, ("PutObject",)) + _count(running, ("GetObject",)),
        },
    }


def _planned(probe: Probe, target: Target, given: Given) -> dict[str, Any]:
    known = {
        "prefix": target.prefix,
        "account": target.account_id,
        "region": target.region,
        "partition": given.partition,
        "bucket": target.bucket,
        "no_bucket": target.no_bucket,
        "nobody": f"{target.prefix}_nobody",
        "certificate": given.certificate,
        "role": given.role,
        "second": given.second,
        **{one: f"{target.prefix}_{one}" for one in (*probe.uses, probe.makes) if one},
    }
    calls = []
    for number, step in enumerate(probe.steps):
        name = probe.name.replace("-", "_")
        known["fresh"] = f"{target.prefix}_{name}_{number}"
        calls.append(_call(step, known))
    taken_back = [call for one in probe.leaves for call in _TAKING_BACK.get(one, ())]
    return {
        "name": probe.name,
        "about": probe.about,
        "rows": len(probe.rows),
        "only_once": f"{target.prefix}_{probe.makes}" if probe.makes else None,
        "calls": calls,
        "taken_back_with": taken_back,
    }


def _call(step: Step, known: Mapping[str, Any]) -> str:
    service = "" if step.service == "signer" else f"{step.service} "
    line = service + _line(step.operation, step.params)
    line = re.sub(
        r"\{([a-z_][a-z0-9_]*)\}",
        lambda match: str(known.get(match[1]) or match[0]),
        line,
    )
    remarks = [
        *([f"as {step.caller}"] if step.caller != "first" else []),
        *(["until it has ended"] if step.until else []),
        *(["all pages"] if step.pages else []),
        *([f"for each {name}" for name in step.each]),
        *([f"changed: {', '.join(step.change)}"] if step.change else []),
        *([f"to be refused: {step.refused[0]} {step.refused[1]}"] if step.refused else []),
    ]
    return f"{line}  [{'; '.join(remarks)}]" if remarks else line


def _line(operation: str, params: Mapping[str, Any]) -> str:
    return f"{operation} {json.dumps(params)}"


def least_policy(operations: set[tuple[str, str]], target: Target, given: Given) -> dict[str, Any]:
    """Return the IAM policy that allows exactly these operations."""
    signer = {operation for service, operation in operations if service == "signer"}
    arn = f"arn:{given.partition}:signer:{target.region}:{target.account_id}:"
    profiles = f"{arn}/signing-profiles/{target.prefix}_*"
    statements = [
        _allow("signer", signer & _ON_EVERYTHING, ["*"]),
        _allow("signer", signer & _ON_PROFILES, [profiles]),
        _allow("signer", signer & _ON_JOBS, [f"{arn}/signing-jobs/*"]),
    ]
    if target.bucket and any(service == "s3" for service, _ in operations):
        bucket = f"arn:{given.partition}:s3:::{target.bucket}"
        objects = {*_OBJECT_ACTIONS, "DeleteObjectVersion"}
        statements += [
            _allow("s3", objects, [f"{bucket}/{target.prefix}/*"]),
            _allow("s3", set(_BUCKET_ACTIONS), [bucket]),
        ]
    return {"Version": "2012-10-17", "Statement": [one for one in statements if one["Action"]]}


def _allow(service: str, actions: set[str], resources: list[str]) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": sorted(f"{service}:{action}" for action in actions),
        "Resource": resources,
    }


def _remains(probes: Sequence[Probe], target: Target) -> list[str]:
    found = [
        f"the profile {target.prefix}_{name}, {probe.state}"
        + (" (its name stays taken for good)" if probe.state != "Active" else "")
        for name, probe in kept_profiles(probes).items()
    ]
    signatures = _count(probes, ("StartSigningJob", "SignPayload"))
    if signatures:
        found.append(f"about {signatures} signing jobs in the list of jobs")
    if any("revocation" in probe.leaves for probe in probes):
        found.append("the revocations of signatures and profiles that this run makes, for good")
    return found


def _count(probes: Sequence[Probe], operations: tuple[str, ...]) -> int:
    steps = (step for probe in probes for step in probe.steps)
    return sum(step.operation in operations and step.refused is None for step in steps)


def plan_text(plan: Mapping[str, Any]) -> str:
    """Write a plan for people."""
    lines = [f"Nothing is sent. A run against {plan['target']} would make these calls:", ""]
    lines += ["First:", *(f"  {call}" for call in plan["first"]), ""]
    for probe in plan["probes"]:
        lines.append(f"{probe['name']}: {probe['about']} ({probe['rows']} rows)")
        if probe["only_once"]:
            lines.append(f"  (only while there is no profile {probe['only_once']})")
        lines += [f"  {call}" for call in probe["calls"]]
        if probe["taken_back_with"]:
            lines.append(f"  to take back: {', '.join(probe['taken_back_with'])}")
        lines.append("")
    if plan["not_run"]:
        lines += ["Not run:", *(f"  {name} {why}" for name, why in plan["not_run"].items()), ""]
    lines += ["The least IAM policy:", json.dumps(plan["policy"], indent=2), ""]
    lines += ["What remains:", *(f"  {one}" for one in plan["remains"] or ["nothing"]), ""]
    cost = plan["cost"]
    lines.append(
        f"What it costs: AWS's prices for {cost['signatures']} signatures of AWS Signer and about "
        f"{cost['s3_requests']} requests to S3, each of a few kilobytes."
    )
    lines.append("A profile that is not refused as it should be is canceled; its name stays taken.")
    return "\n".join(lines)
