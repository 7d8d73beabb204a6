"""The constraints of the service model: required, length, pattern, range, enumeration.

botocore checks only types, required members and minimum lengths before it sends; all the rest
reaches the service, so it is checked here. Patterns must match the whole value. The sentences
are those that AWS's services of this family use for model constraints.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_Check = Callable[[Any, str, list[str]], None]


class InputValidator:
    """Validates the parsed input of one operation.

    Args:
        shape: botocore's input shape of the operation.
    """

    def __init__(self, shape: Any) -> None:
        self._check = _structure_check(shape, prefix="")

    def problems(self, params: Mapping[str, Any]) -> str | None:
        """All violations in one sentence of AWS's form, or None."""
        found: list[str] = []
        self._check(params, "", found)
        if not found:
            return None
        noun = "error" if len(found) == 1 else "errors"
        return f"{len(found)} validation {noun} detected: " + "; ".join(found)


def _violation(value: Any, path: str, constraint: str) -> str:
    if isinstance(value, (bytes, dict)):
        shown = ""
    elif isinstance(value, list):
        shown = f" '[{', '.join(map(str, value))}]'"
    else:
        shown = f" '{value}'"
    return f"Value{shown} at '{path}' failed to satisfy constraint: {constraint}"


def _structure_check(shape: Any, prefix: str) -> _Check:
    required = frozenset(shape.required_members)
    members = [
        (name, prefix + name, name in required, _value_check(member, prefix + name))
        for name, member in shape.members.items()
    ]
    # Members without any constraint of their own need no visit.
    members = [entry for entry in members if entry[2] or entry[3]]

    def check(value: Any, _path: str, found: list[str]) -> None:
        for name, path, is_required, check_value in members:
            item = value.get(name)
            if item is None:
                if is_required:
                    found.append(
                        f"Value null at '{path}' failed to satisfy constraint: "
                        "Member must not be null"
                    )
            elif check_value is not None:
                check_value(item, path, found)

    return check


def _value_check(shape: Any, path: str) -> _Check | None:
    kind = shape.type_name
    if kind == "structure":
        return _structure_check(shape, path + ".")
    checks: list[_Check] = []
    if kind in {"string", "blob", "list", "map"}:
        checks.extend(_length_checks(shape.metadata))
    elif kind in {"integer", "long"}:
        checks.extend(_range_checks(shape.metadata))
    if shape.metadata.get("pattern"):
        checks.append(_pattern_check(shape.metadata["pattern"]))
    if shape.metadata.get("enum"):
        checks.append(_enum_check(shape.metadata["enum"]))
    if kind == "list":
        checks.extend(_member_checks(shape.member, path))
    if kind == "map":
        checks.extend(_map_checks(shape, path))
    return _all_of(checks)


def _all_of(checks: list[_Check]) -> _Check | None:
    if len(checks) <= 1:
        return checks[0] if checks else None

    def check(value: Any, path: str, found: list[str]) -> None:
        for one in checks:
            one(value, path, found)

    return check


def _length_checks(metadata: Mapping[str, Any]) -> list[_Check]:
    minimum, maximum = metadata.get("min", 0), metadata.get("max")
    if not minimum and maximum is None:
        return []

    def check(value: Any, path: str, found: list[str]) -> None:
        if len(value) < minimum:
            found.append(
                _violation(
                    value, path, f"Member must have length greater than or equal to {minimum}"
                )
            )
        if maximum is not None and len(value) > maximum:
            found.append(
                _violation(value, path, f"Member must have length less than or equal to {maximum}")
            )

    return [check]


def _range_checks(metadata: Mapping[str, Any]) -> list[_Check]:
    minimum, maximum = metadata.get("min"), metadata.get("max")
    if minimum is None and maximum is None:
        return []

    def check(value: int, path: str, found: list[str]) -> None:
        if minimum is not None and value < minimum:
            found.append(
                _violation(
                    value, path, f"Member must have value greater than or equal to {minimum}"
                )
            )
        if maximum is not None and value > maximum:
            found.append(
                _violation(value, path, f"Member must have value less than or equal to {maximum}")
            )

    return [check]


def _pattern_check(pattern: str) -> _Check:
    matches = re.compile(pattern).fullmatch

    def check(value: str, path: str, found: list[str]) -> None:
        if not matches(value):
            found.append(
                _violation(
                    value, path, f"Member must satisfy regular expression pattern: {pattern}"
                )
            )

    return check


def _enum_check(values: list[str]) -> _Check:
    allowed = frozenset(values)
    constraint = f"Member must satisfy enum value set: [{', '.join(values)}]"

    def check(value: str, path: str, found: list[str]) -> None:
        if value not in allowed:
            found.append(_violation(value, path, constraint))

    return check


def _member_checks(member: Any, path: str) -> list[_Check]:
    check_member = _value_check(member, path + ".member")
    if check_member is None:
        return []

    def check(value: list[Any], path: str, found: list[str]) -> None:
        for number, item in enumerate(value, start=1):
            check_member(item, f"{path}.{number}.member", found)

    return [check]


def _map_checks(shape: Any, path: str) -> list[_Check]:
    check_key = _value_check(shape.key, path + ".key")
    check_value = _value_check(shape.value, path + ".value")

    def check(value: Mapping[str, Any], path: str, found: list[str]) -> None:
        for key, item in value.items():
            if check_key is not None:
                check_key(key, f"{path}.key", found)
            if check_value is not None:
                check_value(item, f"{path}.{key}.member", found)

    return [check] if check_key or check_value else []
