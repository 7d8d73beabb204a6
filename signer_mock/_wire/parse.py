"""From an HTTP request to the operation's input, as boto3 was given it."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from signer_mock._wire.exceptions import SerializationException
from signer_mock._wire.http import HttpRequest

_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))",
    re.IGNORECASE | re.ASCII,
)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_SURROGATE = re.compile(r"[\ud800-\udfff]")

_Convert = Callable[[Any, str], Any]


class InputParser:
    """Parses the input of one operation.

    Args:
        shape: botocore's input shape of the operation.
    """

    def __init__(self, shape: Any) -> None:
        self._path: list[tuple[str, str]] = []
        self._query: list[tuple[str, str, bool, _Convert]] = []
        self._body: list[tuple[str, str, _Convert]] = []
        for name, member in shape.members.items():
            wire_name = member.serialization.get("name", name)
            location = member.serialization.get("location")
            if location == "uri":
                self._path.append((name, wire_name))
            elif location == "querystring":
                is_list = member.type_name == "list"
                scalar = member.member if is_list else member
                self._query.append((name, wire_name, is_list, _QUERY[scalar.type_name]))
            else:
                self._body.append((name, wire_name, _body_converter(member)))

    def parse(self, request: HttpRequest, labels: Mapping[str, str]) -> dict[str, Any]:
        """The input's members that the request carries; absent and null ones are left out.

        Args:
            request: the request.
            labels: the decoded path parameters.

        Raises:
            SerializationException: the body is not a JSON object, or a value has the wrong type.
        """
        params: dict[str, Any] = {name: labels[wire] for name, wire in self._path}
        for name, label in params.items():
            _text(label, name)
        if self._query and request.query:
            self._parse_query(request.query, params)
        if self._body and request.body:
            document = _load_object(request.body)
            for name, wire_name, convert in self._body:
                value = document.get(wire_name)
                if value is not None:
                    params[name] = convert(value, name)
        return params

    def _parse_query(self, query: str, params: dict[str, Any]) -> None:
        given: dict[str, list[str]] = {}
        for key, value in parse_qsl(query, keep_blank_values=True):
            given.setdefault(key, []).append(value)
        for name, wire_name, is_list, convert in self._query:
            values = given.get(wire_name)
            if values is None:
                continue
            if is_list:
                params[name] = [convert(value, name) for value in values]
            else:
                params[name] = convert(values[-1], name)


def _load_object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        msg = "The request body is not valid JSON."
        raise SerializationException(msg) from error
    if not isinstance(document, dict):
        raise _wrong_type("the request body", "a JSON object", document)
    return document


def _refuse_constant(name: str) -> Any:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


def _wrong_type(where: str, expected: str, value: Any) -> SerializationException:
    found = {
        bool: "a boolean",
        dict: "an object",
        list: "an array",
        str: "a string",
        int: "a number",
        float: "a number",
        type(None): "null",
    }[type(value)]
    return SerializationException(f"Expected {expected} at '{where}', found {found}.")


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise _wrong_type(where, "a string", value)
    if not value.isascii() and _SURROGATE.search(value):
        msg = f"Expected valid Unicode at '{where}'."
        raise SerializationException(msg)
    return value


def _integer(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong_type(where, "an integer", value)
    return value


def _boolean(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong_type(where, "a boolean", value)
    return value


def _blob(value: Any, where: str) -> bytes:
    try:
        return base64.b64decode(_text(value, where), validate=True)
    except (binascii.Error, ValueError) as error:
        msg = f"Expected base64 at '{where}'."
        raise SerializationException(msg) from error


def _epoch_seconds(value: Any, where: str) -> dt.datetime:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong_type(where, "a number of seconds since 1970", value)
    try:
        return _EPOCH + dt.timedelta(seconds=value)
    except OverflowError as error:
        msg = f"The time at '{where}' is out of range."
        raise SerializationException(msg) from error


def _query_integer(value: str, where: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,19}", value, re.ASCII):
        raise _wrong_type(where, "an integer", value)
    return int(value)


def _query_boolean(value: str, where: str) -> bool:
    if value.lower() not in {"true", "false"}:
        raise _wrong_type(where, "true or false", value)
    return value.lower() == "true"


def _query_timestamp(value: str, where: str) -> dt.datetime:
    match = _TIMESTAMP.fullmatch(value)
    if match is None:
        raise _wrong_type(where, "an ISO 8601 time such as 2026-01-02T03:04:05Z", value)
    seconds, fraction, sign, hours, minutes = match.groups()
    offset = dt.timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    micros = int((fraction or "0").ljust(6, "0")[:6])
    try:
        local = dt.datetime.fromisoformat(seconds).replace(
            microsecond=micros, tzinfo=dt.timezone.utc
        )
        return local + offset if sign == "-" else local - offset
    except (ValueError, OverflowError) as error:
        msg = f"The time at '{where}' is out of range."
        raise SerializationException(msg) from error


_QUERY: dict[str, _Convert] = {
    "string": _text,
    "integer": _query_integer,
    "boolean": _query_boolean,
    "timestamp": _query_timestamp,
}

_BODY_SCALARS: dict[str, _Convert] = {
    "string": _text,
    "integer": _integer,
    "boolean": _boolean,
    "blob": _blob,
    "timestamp": _epoch_seconds,
}


def _body_converter(shape: Any) -> _Convert:
    if shape.type_name == "structure":
        return _structure_converter(shape)
    if shape.type_name == "map":
        return _map_converter(shape)
    return _BODY_SCALARS[shape.type_name]


def _structure_converter(shape: Any) -> _Convert:
    members = [
        (name, member.serialization.get("name", name), _body_converter(member))
        for name, member in shape.members.items()
    ]

    def convert(value: Any, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong_type(where, "an object", value)
        return {
            name: member(value[wire], f"{where}.{name}")
            for name, wire, member in members
            if value.get(wire) is not None
        }

    return convert


def _map_converter(shape: Any) -> _Convert:
    convert_value = _body_converter(shape.value)

    def convert(value: Any, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong_type(where, "an object", value)
        return {
            _text(key, where): convert_value(item, f"{where}.{key}") for key, item in value.items()
        }

    return convert
