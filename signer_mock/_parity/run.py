"""Play probes against a target: one outcome for each row that each check names."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from signer_mock._parity.cleanup import take_back
from signer_mock._parity.compare import (
    Bindings,
    compare,
    status_differences,
    worst,
)
from signer_mock._parity.guard import NO_JOB, ForbiddenCallError
from signer_mock._parity.probes import Probe, Step, kept_profiles
from signer_mock._parity.records import NOT_RUN, Capture, Given, Outcome
from signer_mock._parity.send import Answer, Sender
from signer_mock._parity.structure import structure_of
from signer_mock._parity.values import MissingVariableError, fill

_PAGES = 40
_POLLS = 30
_SECONDS_BETWEEN_POLLS = {True: 2.0, False: 0.2}


class _CannotGoOnError(Exception):
    """A call that the rest of its probe needs got another answer."""


@dataclass
class Run:
    """The probes, played.

    Args:
        probes: In order; a probe that makes a profile comes before those that use it.
        sender: To the target.
        given: What else the command line gave.
        progress: Called with each probe that has ended, and its outcomes.

    Attributes:
        outcomes: Of all checks so far.
        captures: All calls of steps so far.
        started: The probes of which at least one call was sent.
        problems: What could not be undone, and what was never sent.
        failed: Whether the run broke off, or a probe asked for what is never sent.
    """

    probes: Sequence[Probe]
    sender: Sender
    given: Given
    progress: Callable[[Probe, Sequence[Outcome]], None] = lambda _probe, _outcomes: None
    outcomes: list[Outcome] = field(default_factory=list)
    captures: list[Capture] = field(default_factory=list)
    started: list[Probe] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    states: dict[str, str | None] = field(default_factory=dict)
    jobs: int = 0
    failed: bool = False

    def play(self) -> None:
        """Play all probes; an interrupt ends it in good order.

        Raises:
            NoAnswerError: Nothing can be sent at all.
        """
        ended: set[str] = set()
        try:
            for name in kept_profiles(self.probes):
                self.states[name] = self._state(name)
            for probe in self.probes:
                before = len(self.outcomes)
                self._play_probe(probe)
                ended.add(probe.name)
                self.progress(probe, self.outcomes[before:])
        except KeyboardInterrupt:
            self.failed = True
            self.problems.append("Interrupted.")
            for probe in self.probes:
                if probe.name not in ended:
                    self._skip(probe, "interrupted", probe.steps)

    def never_succeeded(self) -> set[str]:
        """Return the operations that should have succeeded once and did not.

        An endpoint without an operation refuses all of its calls, so none of its refusals shows
        anything.
        """
        expected = {
            step.operation
            for probe in self.started
            for step in probe.steps
            if step.refused is None and step.service != "s3"
        }
        return expected - self.sender.succeeded

    def name_of(self, profile: str) -> str:
        """Return the name of a kept profile under this run's prefix."""
        return f"{self.sender.target.prefix}_{profile}"

    def _state(self, profile: str) -> str | None:
        answer = self.sender.call("GetSigningProfile", {"profileName": self.name_of(profile)})
        body = answer.body if isinstance(answer.body, dict) else {}
        return str(body.get("status", "Active")) if answer.succeeded else None

    def _play_probe(self, probe: Probe) -> None:
        reason = self._why_not(probe)
        if reason is not None:
            self._skip(probe, reason, probe.steps)
            return
        self.started.append(probe)
        try:
            self._play_steps(probe)
        finally:
            effects = self.sender.effects
            self.jobs += len(effects.jobs) + len(effects.payloads)
            self.problems += take_back(self.sender, map(self.name_of, self.states))
            if probe.makes:
                self.states[probe.makes] = self._state(probe.makes)

    def _why_not(self, probe: Probe) -> str | None:
        lacking = self.given.lacks(self.sender.target, probe.needs)
        if lacking:
            return f"needs {', '.join(lacking)}"
        if probe.makes and self.states[probe.makes] is not None:
            name = self.name_of(probe.makes)
            return f"{name} is there from an earlier run: give another --prefix to see it made"
        states = {made: one.state for made, one in kept_profiles(self.probes).items()}
        for used in probe.uses:
            if self.states[used] != states[used]:
                found = self.states[used] or "not there"
                return f"the profile {self.name_of(used)} is {found}"
        return None

    def _skip(self, probe: Probe, reason: str, steps: Sequence[Step]) -> None:
        """Record that the rows of some steps were not checked."""
        self.outcomes += [
            Outcome(row, NOT_RUN, probe.name, step.operation, reason=reason)
            for step in steps
            for check in step.checks
            for row in check.rows
        ]

    def _play_steps(self, probe: Probe) -> None:
        variables, bindings = self._variables(), Bindings()
        for number, step in enumerate(probe.steps):
            variables["fresh"] = f"{self.name_of(probe.name.replace('-', '_'))}_{number}"
            try:
                for variable, values in step.each.items():
                    for value in fill(values, variables):
                        variables[variable] = value
                        self._play_step(probe, step, variables, bindings)
                if not step.each:
                    self._play_step(probe, step, variables, bindings)
            except MissingVariableError as error:
                self._skip(probe, str(error), [step])
            except _CannotGoOnError as error:
                self._skip(probe, str(error), probe.steps[number + 1 :])
                return
            except ForbiddenCallError as error:
                self.failed = True
                self.problems.append(f"Probe {probe.name}: {error}")
                self._skip(probe, str(error), probe.steps[number:])
                return

    def _play_step(
        self, probe: Probe, step: Step, variables: dict[str, Any], bindings: Bindings
    ) -> None:
        params = fill(step.params, variables)
        checks = [
            replace(check, body=fill(check.body, variables), headers=fill(check.headers, variables))
            for check in step.checks
        ]
        answer = _prepared(self._ask(step, params), step, fill(step.pick, variables))
        self.captures.append(Capture(probe.name, step.operation, params, answer))
        if not step.checks and status_differences(step, None, answer):
            found = f"{answer.status or ''} {answer.error or ''}".strip()
            msg = f"{step.operation}, which it needs, answered {found}"
            raise _CannotGoOnError(msg)
        for check in checks:
            differences = compare(step, check, answer, bindings)
            self.outcomes += [
                Outcome(row, worst(differences), probe.name, step.operation, differences)
                for row in check.rows
            ]
        variables.update(_captured(step, answer))

    def _variables(self) -> dict[str, Any]:
        target, given = self.sender.target, self.given
        known = {
            "account": target.account_id,
            "region": target.region,
            "prefix": target.prefix,
            "bucket": target.bucket,
            "no_bucket": target.no_bucket,
            "no_job": NO_JOB,
            "nobody": self.name_of("nobody"),
            "partition": given.partition,
            "principal": given.principal,
            "certificate": given.certificate,
            "role": given.role,
            "second": given.second,
            **{name: self.name_of(name) for name in self.states},
        }
        return {name: value for name, value in known.items() if value is not None}

    def _ask(self, step: Step, params: Mapping[str, Any]) -> Answer:
        def once(more: Mapping[str, Any]) -> Answer:
            return self.sender.call(
                step.operation,
                {**params, **more},
                service=step.service,
                change=step.change,
                caller=step.caller,
            )

        answer = once({})
        if step.until is not None:
            for _ in range(_POLLS):
                if _has(answer, step.until) or answer.status not in (200, 404):
                    break
                time.sleep(_SECONDS_BETWEEN_POLLS[self.sender.target.live])
                answer = once({})
        if step.pages is not None and answer.succeeded and isinstance(answer.body, dict):
            items = list(answer.body.get(step.pages) or [])
            token = answer.body.get("nextToken")
            for _ in range(_PAGES):
                if not token:
                    break
                page = once({"nextToken": token})
                if not page.succeeded or not isinstance(page.body, dict):
                    return page
                items += page.body.get(step.pages) or []
                token = page.body.get("nextToken")
            answer.body = {step.pages: items}
        return answer


def _has(answer: Answer, wanted: Mapping[str, Sequence[Any]]) -> bool:
    body = answer.body if isinstance(answer.body, dict) else {}
    return all(body.get(member) in values for member, values in wanted.items())


def _prepared(answer: Answer, step: Step, pick: Mapping[str, Any]) -> Answer:
    """Return the answer with its signatures parsed, and only the items that were asked for."""
    if not isinstance(answer.body, dict) or not answer.succeeded:
        return answer
    body = dict(answer.body)
    for member, kind in step.read.items():
        data = body.get(member)
        if isinstance(data, (str, bytes)):
            body[member] = structure_of(kind, data)
    for member, (name, values) in pick.items():
        if isinstance(body.get(member), list):
            body[member] = [
                item for item in body[member] if isinstance(item, dict) and item.get(name) in values
            ]
    return replace(answer, body=body)


def _captured(step: Step, answer: Answer) -> dict[str, Any]:
    if not answer.succeeded:
        return {}
    found = {}
    for name, path in step.capture.items():
        value = answer.body
        for part in path.split(".") if path else []:
            if isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            else:
                value = None
        if value is not None:
            found[name] = value
    return found
