"""The probes, as data: ``probes/*.json``, checked and turned into records.

A probe is a list of calls in order. Each call says how it is answered, and its checks name the
rows of ``docs/fidelity.md`` that they prove. ``docs/how-to/parity.md`` describes every member.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from signer_mock.errors import SignerMockError

#: What a probe can ask of the command line.
NEEDS = frozenset({"bucket", "certificate", "irreversible", "live", "role", "second"})

#: What a probe can leave behind; the first three are undone when it ends.
LEFTOVERS = ("objects", "permissions", "tags", "jobs", "profile", "revocation")


class ProbeError(SignerMockError):
    """A probe is not written as a probe must be."""


@dataclass(frozen=True)
class Check:
    """What an answer must show for some rows.

    Attributes:
        rows: Ids of the ledger's rows.
        partly: The rows of which the probes show only a part.
        status: The exact HTTP status; None takes every status that the step takes.
        body: Members of the body, with placeholders.
        absent: Members that the body must not have.
        exact: The body has no other members than those of ``body``.
        headers: Headers of the answer, with placeholders; lower-case names.
        empty: The HTTP body is empty.
    """

    rows: tuple[str, ...]
    partly: tuple[str, ...] = ()
    status: int | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    exact: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    empty: bool = False


@dataclass(frozen=True)
class Step:
    """One call.

    Attributes:
        service: ``signer``, ``signer-data`` or ``s3``.
        operation: As the service's model names it.
        params: Its input, with variables and directives.
        refused: Status and exception, if the call must be refused; None must succeed.
        checks: What the answer must show.
        capture: Variables to set, each from a dotted path into the answer.
        until: Members and the values to wait for, by repeating the call.
        pages: The list member that is collected from all pages.
        pick: List member to (member of an item, values): other items are left out.
        read: How to take a signature apart: answer member to format.
        change: How the request differs from what a client would send.
        caller: ``first``, or ``second`` for the second principal.
        each: A variable and its values: the call is sent once with each.
    """

    service: str
    operation: str
    params: Mapping[str, Any]
    refused: tuple[int, str] | None = None
    checks: tuple[Check, ...] = ()
    capture: Mapping[str, str] = field(default_factory=dict)
    until: Mapping[str, Any] | None = None
    pages: str | None = None
    pick: Mapping[str, Any] = field(default_factory=dict)
    read: Mapping[str, str] = field(default_factory=dict)
    change: Mapping[str, Any] = field(default_factory=dict)
    caller: str = "first"
    each: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Probe:
    """A list of calls that proves some rows of the ledger.

    Attributes:
        name: Unique.
        about: One line for the plan.
        steps: The calls.
        platform: The signing platform that it is about, if one.
        makes: The kept profile that it makes; it runs only while there is none.
        state: The status that this profile ends in.
        uses: The kept profiles that must be there.
        needs: What must be given on the command line.
        leaves: What it leaves behind, before anything is undone.
    """

    name: str
    about: str
    steps: tuple[Step, ...]
    platform: str | None = None
    makes: str | None = None
    state: str = "Active"
    uses: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    leaves: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[str, ...]:
        """The rows that it proves, each once."""
        named = (row for step in self.steps for check in step.checks for row in check.rows)
        return tuple(dict.fromkeys(named))


_PROBE = {"name", "about", "steps", "platform", "makes", "state", "uses", "needs", "leaves"}
_CHECK = {"rows", "partly", "status", "body", "absent", "exact", "headers", "empty"}
_STEP = {
    *("call", "s3", "data", "with", "refused", "checks", "capture", "until", "pages", "pick"),
    *("read", "change", "caller", "each"),
}


def load_probes() -> list[Probe]:
    """Read all probes of the package, in the order in which they run.

    Raises:
        ProbeError: A probe is malformed.
    """
    folder = resources.files(__package__).joinpath("probes")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=str)
    return parse_probes(
        probe for file in files for probe in json.loads(file.read_text(encoding="utf-8"))
    )


def parse_probes(documents: Iterable[Mapping[str, Any]]) -> list[Probe]:
    """Turn probes as written into records.

    Raises:
        ProbeError: A member is unknown or missing, or two probes have one name.
    """
    probes = [_probe(document) for document in documents]
    names = [probe.name for probe in probes]
    makers = {probe.makes: probe for probe in probes if probe.makes}
    for probe in probes:
        _require(names.count(probe.name) == 1, probe.name, "its name is not unique")
        _require(bool(probe.rows), probe.name, "it names no row of the ledger")
        for used in probe.uses:
            _require(used in makers, probe.name, f"no probe makes the profile {used}")
    return probes


def kept_profiles(probes: Iterable[Probe]) -> dict[str, Probe]:
    """Return the profiles that stay for the next run, each with the probe that makes it."""
    return {probe.makes: probe for probe in probes if probe.makes}


def _probe(document: Mapping[str, Any]) -> Probe:
    name = str(document.get("name"))
    _require({"name", "about", "steps"} <= document.keys(), name, "name, about or steps is missing")
    _only(document, _PROBE, name)
    needs = frozenset(document.get("needs", ()))
    leaves = tuple(document.get("leaves", ()))
    _require(needs <= NEEDS, name, f"unknown needs: {sorted(needs - NEEDS)}")
    _require(set(leaves) <= set(LEFTOVERS), name, f"unknown leaves: {leaves}")
    return Probe(
        name=name,
        about=document["about"],
        steps=tuple(_step(step, name) for step in document["steps"]),
        platform=document.get("platform"),
        makes=document.get("makes"),
        state=document.get("state", "Active"),
        uses=tuple(document.get("uses", ())),
        needs=needs,
        leaves=leaves,
    )


def _step(document: Mapping[str, Any], name: str) -> Step:
    _only(document, _STEP | _CHECK, name)
    calls = [key for key in ("call", "s3", "data") if key in document]
    _require(len(calls) == 1, name, "a step has one of call, s3 and data")
    services = {"call": "signer", "s3": "s3", "data": "signer-data"}
    checks = [_check(check, name) for check in document.get("checks", ())]
    if document.keys() & {"rows", "partly"}:
        checks.insert(0, _check({k: v for k, v in document.items() if k in _CHECK}, name))
    else:
        stray = _CHECK & document.keys()
        _require(not stray, name, f"{sorted(stray)} without rows")
    refused = document.get("refused")
    return Step(
        service=services[calls[0]],
        operation=document[calls[0]],
        params=document.get("with", {}),
        refused=(refused[0], refused[1]) if refused else None,
        checks=tuple(checks),
        capture=document.get("capture", {}),
        until=document.get("until"),
        pages=document.get("pages"),
        pick=document.get("pick", {}),
        read=document.get("read", {}),
        change=document.get("change", {}),
        caller=document.get("caller", "first"),
        each=document.get("each", {}),
    )


def _check(document: Mapping[str, Any], name: str) -> Check:
    _only(document, _CHECK, name)
    partly = tuple(document.get("partly", ()))
    rows = (*document.get("rows", ()), *partly)
    _require(bool(rows), name, "a check names no row")
    return Check(
        rows=rows,
        partly=partly,
        status=document.get("status"),
        body=document.get("body", {}),
        absent=tuple(document.get("absent", ())),
        exact=document.get("exact", False),
        headers=document.get("headers", {}),
        empty=document.get("empty", False),
    )


def _only(document: Mapping[str, Any], members: Iterable[str], name: str) -> None:
    unknown = sorted(document.keys() - set(members))
    _require(not unknown, name, f"unknown members: {unknown}")


def _require(holds: bool, name: str, complaint: str) -> None:
    if not holds:
        msg = f"Probe {name}: {complaint}."
        raise ProbeError(msg)
