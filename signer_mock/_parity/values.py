"""Requests and expectations filled in: ``{variables}``, and directives that begin with ``$``."""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

SIGNATURE_ENTRY = "META_INF/aws_signer_signature_v1.0.SF"

_VARIABLE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


class MissingVariableError(Exception):
    """A variable that no earlier step has set."""

    def __init__(self, name: str) -> None:
        super().__init__(f"an earlier step gave no {name}")


def fill(value: Any, variables: Mapping[str, Any]) -> Any:
    """Put variables in, and work out directives.

    Args:
        value: A part of a probe.
        variables: What ``{name}`` stands for. A text that is one variable and nothing else
            becomes the variable's value, of whatever type.

    Raises:
        MissingVariableError: A variable is not there.
    """
    if isinstance(value, str):
        whole = _VARIABLE.fullmatch(value)
        if whole:
            return _look_up(whole[1], variables)
        return _VARIABLE.sub(lambda match: str(_look_up(match[1], variables)), value)
    if isinstance(value, list):
        return [fill(item, variables) for item in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        ((name, argument),) = value.items()
        if name in _DIRECTIVES:
            return _DIRECTIVES[name](fill(argument, variables))
    return {fill(key, variables): fill(item, variables) for key, item in value.items()}


def _look_up(name: str, variables: Mapping[str, Any]) -> Any:
    if name not in variables:
        raise MissingVariableError(name)
    return variables[name]


def example_zip(*entries: str) -> bytes:
    """Make a small Lambda package, the same bytes each time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in entries:
            archive.writestr(zipfile.ZipInfo(name), "" if name.endswith("/") else f"# {name}\n")
    return buffer.getvalue()


FILES: Mapping[str, Callable[[], bytes]] = {
    "zip": lambda: example_zip("app.py", "lib/tool.py"),
    "empty-zip": example_zip,
    # To the service a zip with this entry is signed already.
    "signed-zip": lambda: example_zip("app.py", "META_INF/", SIGNATURE_ENTRY),
    "text": lambda: b"not a zip\n",
    "firmware": lambda: bytes(range(256)),
}


def _compact(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))


def _statement(statement_id: str, argument: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Sid": statement_id,
        "Effect": "Allow",
        "Principal": {"AWS": argument["principal"]},
        "Action": argument["action"],
        "Resource": argument["resource"],
    }


def _statement_ids(argument: Mapping[str, Any]) -> list[str]:
    """Return ids of at most 64 characters that give a policy exactly the wanted size."""
    size = argument["bytes"]
    each = len(_compact(_statement("", argument))) + 1  # with its comma or bracket
    count = next(n for n in range(1, size) if n * (each + 1) < size <= n * (each + 64) + 1)
    spare = size - 1 - count * each
    lengths = [spare // count + (number < spare % count) for number in range(count)]
    ids = [chr(ord("a") + number) * length for number, length in enumerate(lengths)]
    parts = {"first": ids[:1], "others": ids[1:-1], "last": ids[-1:], "too-long": [ids[-1] + "x"]}
    return parts[argument["part"]]


_DIRECTIVES: Mapping[str, Callable[[Any], Any]] = {
    "$repeat": lambda argument: argument[0] * argument[1],
    "$tags": lambda count: {f"key{number}": "v" for number in range(count)},
    "$tag_keys": lambda count: [f"key{number}" for number in range(count)],
    "$now": lambda seconds: int(time.time()) + seconds,
    "$sum": sum,
    "$json": _compact,
    "$compact_length": lambda document: len(_compact(document)),
    "$statement_ids": _statement_ids,
    "$file": lambda name: FILES[name](),
}
