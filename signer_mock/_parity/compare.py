"""One answer against one check: which tier of difference there is, if any.

Expected texts hold placeholders: ``<uuid-1>`` stands for any UUID, the same one wherever the same
number stands in a probe, and another one where another number stands. ``<uuid>`` is any at all.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from signer_mock._parity.probes import Check, Step
from signer_mock._parity.send import Answer
from signer_mock._service.records import ValidityPeriod

#: From none to the worst.
TIERS = ("same", "wording", "shape", "status")

_PATTERNS = {
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "uuid4": r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "version": r"[A-Za-z0-9]{10}",
    "account": r"[0-9]{12}",
    "region": r"[a-z]{2}(?:-[a-z]+)+-[0-9]",
    "token": r"\S+",
    "text": r"(?s:.+)",
    "iso": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "date": r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT",
}
_TOKEN = re.compile(r"<(\w+?)(?:-(\d+))?(?:\+(\d+) (DAYS|MONTHS|YEARS))?>")
_NUMBERS = {"time", "int"}
# Members that people read. A difference in any other member is a difference of shape.
_WORDS = {"message", "Message", "statusReason"}
# Two placeholders of these kinds may stand for the same value.
_MAY_BE_EQUAL = {"time", "iso", "int", "text"}


class Difference(NamedTuple):
    """One thing that is not as expected.

    Attributes:
        tier: ``wording``, ``shape`` or ``status``.
        where: The member, or what of the answer.
        expected: As the probe has it.
        found: As the endpoint answered.
    """

    tier: str
    where: str
    expected: Any
    found: Any

    @property
    def member(self) -> str:
        """The name of the member that differs."""
        return self.where.rpartition(".")[2]


MISSING, ABSENT, EMPTY = MARKS = ("(missing)", "(absent)", "(empty)")

# These describe a list without giving all of it; $only and $not describe any value.
_DIRECTIVES = {
    "$length",
    "$last",
    "$contains",
    "$with",
    "$only",
    "$not",
    "$set",
    "$without",
    "$below",
}


class Bindings:
    """What the numbered placeholders of a probe stand for."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def copy(self) -> Bindings:
        """Return another one with the same bindings."""
        other = Bindings()
        other.values.update(self.values)
        return other

    def bind(self, kind: str, number: str | None, value: Any) -> bool:
        """Tell whether a placeholder can stand for a value, given what it stood for before."""
        if number is None:
            return True
        name = f"{kind}-{number}"
        if name in self.values:
            return bool(self.values[name] == value)
        taken = [one for other, one in self.values.items() if other.startswith(f"{kind}-")]
        if value in taken and kind not in _MAY_BE_EQUAL:
            return False
        self.values[name] = value
        return True

    def get(self, kind: str, number: str | None) -> Any:
        """Return the value behind a placeholder, or None."""
        return self.values.get(f"{kind}-{number}")


def compare(step: Step, check: Check, answer: Answer, bindings: Bindings) -> tuple[Difference, ...]:
    """Compare an answer with what a check expects.

    Args:
        step: The call, which says whether it is refused.
        check: The check, with its variables filled in.
        answer: What came back.
        bindings: Of the probe; new ones are added.

    Returns:
        The differences; none means that the rows of the check hold.
    """
    found = status_differences(step, check, answer)
    if found:
        # An error instead of a success has no members worth comparing, nor the reverse.
        return tuple(found)
    found = list(_match(check.body, answer.body, "", bindings, exact=check.exact))
    body = answer.body if isinstance(answer.body, Mapping) else {}
    found += [
        Difference("shape", name, ABSENT, body[name]) for name in check.absent if name in body
    ]
    for name, pattern in check.headers.items():
        header = answer.headers.get(name)
        if header is None or not _match_text(pattern, header, bindings):
            wanted, got = pattern, MISSING if header is None else header
            found.append(Difference("shape", f"header {name}", wanted, got))
    if check.empty and not answer.is_empty:
        found.append(Difference("shape", "body", EMPTY, answer.body))
    return tuple(found)


def worst(differences: Iterable[Difference]) -> str:
    """Return the worst tier of some differences; ``same`` if there are none."""
    return max((one.tier for one in differences), key=TIERS.index, default="same")


def status_differences(step: Step, check: Check | None, answer: Answer) -> list[Difference]:
    """Check whether a call was refused or not, as the step expects."""
    if answer.status is None:
        return [Difference("status", "answer", "an answer", answer.error)]
    found = f"{answer.status} {answer.error or ''}".strip()
    if step.refused is not None:
        status, error = step.refused
        if (answer.status, answer.error) != (status, error):
            return [Difference("status", "status", f"{status} {error}", found)]
    elif not 200 <= answer.status < 300:
        return [Difference("status", "status", "success", found)]
    if check is not None and check.status not in (None, answer.status):
        return [Difference("status", "status", str(check.status), found)]
    return []


def _match(
    expected: Any, found: Any, where: str, bindings: Bindings, *, exact: bool = False
) -> Iterator[Difference]:
    if isinstance(expected, Mapping) and len(expected) == 1 and next(iter(expected)) in _DIRECTIVES:
        yield from _match_directive(expected, found, where, bindings)
    elif isinstance(expected, Mapping):
        yield from _match_members(expected, found, where, bindings, exact=exact)
    elif isinstance(expected, list):
        if not isinstance(found, list) or len(found) != len(expected):
            yield Difference("shape", where, expected, found)
            return
        for number, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from _match(one, other, f"{where}[{number}]", bindings, exact=exact)
    elif isinstance(expected, str):
        if not _match_text(expected, found, bindings):
            words = where.rpartition(".")[2] in _WORDS and isinstance(found, str) and found
            yield Difference("wording" if words else "shape", where, expected, found)
    elif expected != found or isinstance(expected, bool) != isinstance(found, bool):
        yield Difference("shape", where, expected, found)


def _match_directive(
    expected: Mapping[str, Any], found: Any, where: str, bindings: Bindings
) -> Iterator[Difference]:
    ((name, wanted),) = expected.items()
    if name == "$only":
        yield from _match(wanted, found, where, bindings, exact=True)
        return
    items = found if isinstance(found, list) else []
    if name == "$not":
        holds = found not in (None, wanted)
    elif name == "$below":
        holds = isinstance(found, (int, float)) and found < wanted
    elif name == "$without":
        holds = isinstance(found, Mapping) and not set(wanted) & set(found)
    elif name == "$set":
        holds = sorted(map(str, items)) == sorted(wanted)
    elif name == "$length":
        holds = isinstance(found, list) and len(items) == wanted
    elif name == "$last":
        holds = not list(_match(wanted, items[-1] if items else None, where, bindings))
    elif name == "$contains":
        holds = any(_binds(wanted, item, bindings) for item in items)
    else:
        # $with: the values of one member of all items, in any order.
        ((member, values),) = wanted.items()
        holds = sorted(str(_member(item, member)) for item in items) == sorted(values)
    if not holds:
        yield Difference("shape", where, dict(expected), found)


def _binds(wanted: Any, item: Any, bindings: Bindings) -> bool:
    """Tell whether an item matches; only then bind placeholders."""
    trial = bindings.copy()
    if list(_match(wanted, item, "", trial)):
        return False
    bindings.values.update(trial.values)
    return True


def _member(item: Any, member: str) -> Any:
    return item.get(member) if isinstance(item, Mapping) else None


def _match_members(
    expected: Mapping[str, Any], found: Any, where: str, bindings: Bindings, *, exact: bool
) -> Iterator[Difference]:
    if "$members" in expected:
        # The members by name, in this order.
        names = list(found) if isinstance(found, Mapping) else found
        if names != expected["$members"]:
            yield Difference("shape", f"members of {where}", expected["$members"], names)
        expected = {name: value for name, value in expected.items() if name != "$members"}
    if not isinstance(found, Mapping):
        if expected or exact:
            yield Difference("shape", where or "body", dict(expected), found)
        return
    for name, value in expected.items():
        path = f"{where}.{name}" if where else name
        if name not in found:
            yield Difference("shape", path, value, MISSING)
        else:
            yield from _match(value, found[name], path, bindings, exact=exact)
    if exact:
        for name in found:
            if name not in expected:
                path = f"{where}.{name}" if where else name
                yield Difference("shape", path, ABSENT, found[name])


def _match_text(expected: str, found: Any, bindings: Bindings) -> bool:
    whole = _TOKEN.fullmatch(expected)
    if whole and whole[1] in _NUMBERS:
        return _match_number(whole, found, bindings)
    if not isinstance(found, str):
        return False
    tokens: list[re.Match[str]] = []
    pattern, end = "", 0
    for token in _TOKEN.finditer(expected):
        if token[1] not in _PATTERNS:
            continue
        pattern += re.escape(expected[end : token.start()]) + f"({_PATTERNS[token[1]]})"
        tokens.append(token)
        end = token.end()
    match = re.fullmatch(pattern + re.escape(expected[end:]), found)
    return match is not None and all(
        _bind_text(token, value, bindings)
        for token, value in zip(tokens, match.groups(), strict=True)
    )


def _bind_text(token: re.Match[str], value: str, bindings: Bindings) -> bool:
    kind, number, amount, unit = token.groups()
    if amount is None:
        return bindings.bind(kind, number, value)
    base = bindings.get(kind, number)
    if base is None:
        return False
    start = dt.datetime.fromisoformat(base.replace("Z", "+00:00"))
    return (
        ValidityPeriod(int(amount), unit).after(start).isoformat().replace("+00:00", "Z") == value
    )


def _match_number(token: re.Match[str], found: Any, bindings: Bindings) -> bool:
    kind, number, amount, unit = token.groups()
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return False
    if kind == "int" and not isinstance(found, int):
        return False
    if amount is None:
        return bindings.bind(kind, number, found)
    base = bindings.get(kind, number)
    if base is None:
        return False
    start = dt.datetime.fromtimestamp(int(base), dt.timezone.utc)
    return ValidityPeriod(int(amount), unit).after(start).timestamp() == int(found)
