"""Convert records to JSON and back by their type annotations; what is read is checked."""

from __future__ import annotations

import base64
import collections.abc
import dataclasses
import datetime as dt
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from signer_mock._service.platforms import PLATFORMS, Platform


def encode(value: Any, leave_out: str | None = None) -> Any:
    """Return a record, or a value that a record holds, as JSON's own types.

    Args:
        value: the value.
        leave_out: a field of the record to leave out.

    Raises:
        TypeError: a record holds something that JSON has no form for.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Platform):
        return value.platform_id
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if dataclasses.is_dataclass(value):
        return {
            field.name: encode(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if field.name != leave_out
        }
    msg = f"a state file has no form for {type(value).__name__}"
    raise TypeError(msg)


def decode(expected: Any, value: Any) -> Any:
    """Return the value that ``encode`` was given.

    Args:
        expected: its type, as an annotation has it.
        value: what ``encode`` returned.

    Raises:
        TypeError, ValueError, KeyError: it is not of that type.
    """
    origin, arguments = get_origin(expected), get_args(expected)
    if expected is Any:
        return value
    if origin in (Union, types.UnionType):
        return _decode_optional(arguments, value)
    if expected is dt.datetime:
        time = dt.datetime.fromisoformat(decode(str, value))
        if time.tzinfo is None:
            msg = f"{value} has no time zone"
            raise ValueError(msg)
        return time
    if expected is bytes:
        return base64.b64decode(decode(str, value), validate=True)
    if expected is Platform:
        return PLATFORMS[value]
    if origin is list:
        return [decode(arguments[0], item) for item in _require(list, value)]
    if origin in (dict, collections.abc.Mapping):
        return {
            decode(arguments[0], key): decode(arguments[1], item)
            for key, item in _require(dict, value).items()
        }
    if dataclasses.is_dataclass(expected):
        return expected(**decode_fields(expected, value))  # type: ignore[operator] # a class
    return _require(expected, value)


def decode_fields(record: Any, value: Any) -> dict[str, Any]:
    """Return the fields of a record by name, for its constructor."""
    hints = _hints(record)
    return {name: decode(hints[name], item) for name, item in _require(dict, value).items()}


@cache
def _hints(record: Any) -> dict[str, Any]:
    return get_type_hints(record)


def _decode_optional(arguments: tuple[Any, ...], value: Any) -> Any:
    if value is None and types.NoneType in arguments:
        return None
    (expected,) = (argument for argument in arguments if argument is not types.NoneType)
    return decode(expected, value)


def _require(expected: type, value: Any) -> Any:
    if type(value) is not expected:
        msg = f"expected {expected.__name__}, found {type(value).__name__}"
        raise TypeError(msg)
    return value
