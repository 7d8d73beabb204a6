"""Convert records to JSON and back by their type annotations; what is read is checked."""

from __future__ import annotations

import base64
import collections.abc
import dataclasses
import datetime as dt
import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from signer_mock._service.platforms import PLATFORMS, Platform

_Reader = Callable[[Any], Any]


def encode(value: Any, leave_out: str | None = None) -> Any:
    """Return a record, or a value that a record holds, as JSON's own types.

    Args:
        value: The value.
        leave_out: A field of the record to leave out.

    Raises:
        TypeError: A record holds something that JSON has no form for.
    """
    if value is None or isinstance(value, (str, bool, int, float)):
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
            name: encode(getattr(value, name))
            for name in _field_names(value.__class__)
            if name != leave_out
        }
    msg = f"a state file has no form for {type(value).__name__}"
    raise TypeError(msg)


@cache
def _field_names(record: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(record))


def decode(expected: Any, value: Any) -> Any:
    """Return the value that ``encode`` was given.

    Args:
        expected: Its type, as an annotation has it.
        value: What ``encode`` returned.

    Raises:
        TypeError, ValueError, KeyError: It is not of that type.
    """
    return _reader(expected)(value)


def decode_fields(record: Any, value: Any) -> dict[str, Any]:
    """Return the fields of a record by name, for its constructor."""
    readers = _field_readers(record)
    return {name: readers[name](item) for name, item in _require(dict, value).items()}


# A file may have very many records, so what a type says is looked at once.
@cache
def _field_readers(record: Any) -> dict[str, _Reader]:
    return {name: _reader(hint) for name, hint in get_type_hints(record).items()}


@cache
def _reader(expected: Any) -> _Reader:
    origin, arguments = get_origin(expected), get_args(expected)
    if expected is Any:
        return lambda value: value
    if origin in (Union, types.UnionType):
        return _optional_reader(arguments)
    if expected is dt.datetime:
        return _read_time
    if expected is bytes:
        return lambda value: base64.b64decode(_require(str, value), validate=True)
    if expected is Platform:
        return lambda value: PLATFORMS[value]
    if origin is list:
        item = _reader(arguments[0])
        return lambda value: [item(each) for each in _require(list, value)]
    if origin in (dict, collections.abc.Mapping):
        key, item = map(_reader, arguments)
        return lambda value: {key(name): item(each) for name, each in _require(dict, value).items()}
    if dataclasses.is_dataclass(expected):
        return lambda value: expected(**decode_fields(expected, value))  # type: ignore[operator] # a class
    return lambda value: _require(expected, value)


def _optional_reader(arguments: tuple[Any, ...]) -> _Reader:
    (expected,) = (argument for argument in arguments if argument is not types.NoneType)
    read = _reader(expected)
    return lambda value: None if value is None else read(value)


def _read_time(value: Any) -> dt.datetime:
    time = dt.datetime.fromisoformat(_require(str, value))
    if time.tzinfo is None:
        msg = f"{value} has no time zone"
        raise ValueError(msg)
    return time


def _require(expected: type, value: Any) -> Any:
    if type(value) is not expected:
        msg = f"expected {expected.__name__}, found {type(value).__name__}"
        raise TypeError(msg)
    return value
