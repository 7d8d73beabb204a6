"""Check an input against the service model: required members, length, range, pattern, enum.

botocore checks only types, required members and minimum lengths before it sends a request; the
service checks all of it. The sentences are those that AWS's services use for these constraints.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from signer_mock._wire.exceptions import ServiceError

_Check = Callable[[Any, str, list[str]], None]
#: A test for values that break the constraint, and the constraint's sentence.
_Constraint = tuple[Callable[[Any], bool], str]


def input_validator(shape: Any, error: type[ServiceError]) -> Callable[[Mapping[str, Any]], None]:
    """Compile the validator of one operation's input.

    Args:
        shape: Botocore's input shape of the operation.
        error: The exception to raise.

    Returns:
        A function that takes parsed input and raises ``error`` with all violations in one message.
    """
    check = _structure_check(shape)

    def validate(params: Mapping[str, Any]) -> None:
        found: list[str] = []
        check(params, "", found)
        if found:
            noun = "error" if len(found) == 1 else "errors"
            msg = f"{len(found)} validation {noun} detected: {'; '.join(found)}"
            raise error(msg)

    return validate


def _violation(value: Any, path: str, constraint: str) -> str:
    if value is None:
        shown = " null"
    elif isinstance(value, (bytes, dict)):
        shown = ""
    elif isinstance(value, list):
        shown = f" '[{', '.join(value)}]'" if all(isinstance(one, str) for one in value) else ""
    else:
        shown = f" '{value}'"
    return f"Value{shown} at '{path}' failed to satisfy constraint: {constraint}"


def _check_of(shape: Any) -> _Check | None:
    """Compile the check of a shape; None if the model constrains nothing in it."""
    constraints = _constraints(shape)
    inner = _INNER[shape.type_name](shape) if shape.type_name in _INNER else None
    if not constraints:
        return inner

    def check(value: Any, path: str, found: list[str]) -> None:
        for is_broken_by, constraint in constraints:
            if is_broken_by(value):
                found.append(_violation(value, path, constraint))
        if inner is not None:
            inner(value, path, found)

    return _check_of_text(shape, check) if shape.type_name == "string" else check


def _check_of_text(shape: Any, check: _Check) -> _Check:
    """Return the check of a string, which is only looked at closely if something is wrong."""
    shortest, longest = shape.metadata.get("min", 0), shape.metadata.get("max", math.inf)
    pattern, values = shape.metadata.get("pattern"), shape.metadata.get("enum")
    matches = re.compile(_in_python(pattern)).fullmatch if pattern else bool
    allowed = frozenset(values) if values else None

    def check_text(value: str, path: str, found: list[str]) -> None:
        is_right = (
            shortest <= len(value) <= longest
            and (not pattern or matches(value))
            and (allowed is None or value in allowed)
        )
        if not is_right:
            check(value, path, found)

    return check_text


def _constraints(shape: Any) -> list[_Constraint]:
    constraints: list[_Constraint] = []
    metadata = shape.metadata
    # botocore shows minimum and maximum of a length and of a number under the same names.
    has_length = shape.type_name in {"string", "blob", "list", "map"}
    measure: Callable[[Any], int] = len if has_length else int
    noun = "length" if has_length else "value"
    if (minimum := metadata.get("min")) is not None:
        constraints.append(
            (
                lambda value: measure(value) < minimum,
                f"Member must have {noun} greater than or equal to {minimum}",
            )
        )
    if (maximum := metadata.get("max")) is not None:
        constraints.append(
            (
                lambda value: measure(value) > maximum,
                f"Member must have {noun} less than or equal to {maximum}",
            )
        )
    if pattern := metadata.get("pattern"):
        matches = re.compile(_in_python(pattern)).fullmatch
        constraints.append(
            (
                lambda value: matches(value) is None,
                f"Member must satisfy regular expression pattern: {pattern}",
            )
        )
    if values := metadata.get("enum"):
        allowed = frozenset(values)
        constraints.append(
            (
                lambda value: value not in allowed,
                f"Member must satisfy enum value set: [{', '.join(values)}]",
            )
        )
    return constraints


def _structure_check(shape: Any) -> _Check:
    members = [
        (name, name in shape.required_members, _check_of(member))
        for name, member in shape.members.items()
    ]

    def check(value: Mapping[str, Any], path: str, found: list[str]) -> None:
        for name, is_required, check_member in members:
            item = value.get(name)
            member_path = f"{path}.{name}" if path else name
            if item is None:
                if is_required:
                    found.append(_violation(None, member_path, "Member must not be null"))
            elif check_member is not None:
                check_member(item, member_path, found)

    return check


def _list_check(shape: Any) -> _Check | None:
    check_member = _check_of(shape.member)
    if check_member is None:
        return None

    def check(value: list[Any], path: str, found: list[str]) -> None:
        for number, item in enumerate(value, start=1):
            check_member(item, f"{path}.{number}.member", found)

    return check


def _map_check(shape: Any) -> _Check:
    check_key, check_value = _check_of(shape.key) or _pass, _check_of(shape.value) or _pass

    def check(value: Mapping[str, Any], path: str, found: list[str]) -> None:
        for key, item in value.items():
            check_key(key, f"{path}.key", found)
            check_value(item, f"{path}.{key}.member", found)

    return check


def _pass(_value: Any, _path: str, _found: list[str]) -> None:
    """Accept any value."""


_INNER: Mapping[str, Callable[[Any], _Check | None]] = {
    "structure": _structure_check,
    "list": _list_check,
    "map": _map_check,
}


def _in_python(pattern: str) -> str:
    """Return a pattern of the model for ``re``, which has no Unicode classes (tags of Lambda)."""
    for theirs, ours in ((r"\p{L}", r"\w"), (r"\p{N}", r"\d"), (r"\p{Z}", r"\s")):
        pattern = pattern.replace(theirs, ours)
    return pattern
