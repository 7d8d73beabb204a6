"""Parse an HTTP request into the operation's input, as boto3 was given it."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from signer_mock._wire.exceptions import SerializationException, UnsupportedMediaTypeException
from signer_mock._wire.http import HttpRequest

_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.IGNORECASE | re.ASCII
)
# Base64 with all of its padding. Python's decoder accepts more, and not the same in each version.
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", re.ASCII)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_JSON_TYPES = {
    bool: "a boolean",
    dict: "an object",
    list: "an array",
    str: "a string",
    int: "a number",
    float: "a number",
    type(None): "null",
}

_Parse = Callable[[HttpRequest, Mapping[str, str]], dict[str, Any]]
_Convert = Callable[[Any, str], Any]


def input_parser(shape: Any) -> _Parse:
    """Compile the parser of one operation's input.

    Args:
        shape: Botocore's input shape of the operation.

    Returns:
        A function from a request and its path parameters (see ``Router.match``) to the input's
        members. Absent members, null members and members unknown to the model are left out.
        It raises ``SerializationException`` for a body that is not a JSON object and for a value
        of the wrong type, ``UnsupportedMediaTypeException`` for a body that is declared to be
        anything but JSON.
    """
    members = [
        (member.serialization.get("location"), name, _wire_name(name, member), member)
        for name, member in shape.members.items()
    ]
    path = [(name, wire) for location, name, wire, _ in members if location == "uri"]
    query = [
        (name, wire, _query_converter(member))
        for location, name, wire, member in members
        if location == "querystring"
    ]
    body = [
        (name, wire, _body_converter(member))
        for location, name, wire, member in members
        if location is None
    ]

    def parse(request: HttpRequest, labels: Mapping[str, str]) -> dict[str, Any]:
        params: dict[str, Any] = {name: _text(labels[wire], name) for name, wire in path}
        if query and request.query:
            # Bytes that are not UTF-8 become surrogates, which ``_text`` refuses.
            given = parse_qs(request.query, keep_blank_values=True, errors="surrogateescape")
            params |= _converted(query, given)
        if body and request.body:
            params |= _converted(body, _load_object(request))
        return params

    return parse


def _wire_name(name: str, member: Any) -> str:
    return member.serialization.get("name", name)  # type: ignore[no-any-return] # botocore's


def _converted(
    members: list[tuple[str, str, _Convert]], given: Mapping[str, Any], prefix: str = ""
) -> dict[str, Any]:
    return {
        name: convert(given[wire], prefix + name)
        for name, wire, convert in members
        if given.get(wire) is not None
    }


def _load_object(request: HttpRequest) -> dict[str, Any]:
    media_type = request.headers.get("content-type", "application/json").partition(";")[0]
    if media_type.strip().lower() != "application/json":
        msg = f"Expected a body of the media type application/json, found {media_type}."
        raise UnsupportedMediaTypeException(msg)
    try:
        document = _DECODER.decode(request.body.decode())
    except (ValueError, RecursionError) as error:
        msg = "The request body is not valid JSON."
        raise SerializationException(msg) from error
    return _object(document, "the request body")


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _wrong_type(where: str, expected: str, value: Any) -> SerializationException:
    found = _JSON_TYPES[type(value)]
    return SerializationException(f"Expected {expected} at '{where}', found {found}.")


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong_type(where, "an object", value)
    return value


def _array(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong_type(where, "an array", value)
    return value


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
    if not -(1 << 31) <= value < 1 << 31:
        msg = f"The integer at '{where}' does not fit into 32 bits."
        raise SerializationException(msg)
    return value


def _blob(value: Any, where: str) -> bytes:
    if not _BASE64.fullmatch(_text(value, where)):
        msg = f"Expected base64 at '{where}'."
        raise SerializationException(msg)
    return base64.b64decode(value)


def _epoch_seconds(value: Any, where: str) -> dt.datetime:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong_type(where, "a number of seconds since 1970", value)
    try:
        return _EPOCH + dt.timedelta(seconds=value)
    except OverflowError as error:
        raise _out_of_range(where) from error


def _as_given(value: Any, _where: str) -> Any:
    return value


def _query_integer(value: str, where: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,19}", value, re.ASCII):
        raise _wrong_type(where, "an integer", value)
    return _integer(int(value), where)


def _query_boolean(value: str, where: str) -> bool:
    if value not in {"true", "false"}:
        raise _wrong_type(where, "true or false", value)
    return value == "true"


def _query_timestamp(value: str, where: str) -> dt.datetime:
    match = _TIMESTAMP.fullmatch(value)
    if match is None:
        raise _wrong_type(where, "an ISO 8601 time such as 2026-01-02T03:04:05Z", value)
    seconds, fraction = match.groups("0")
    try:
        time = dt.datetime.fromisoformat(seconds)
    except ValueError as error:
        raise _out_of_range(where) from error
    return time.replace(microsecond=int(fraction.ljust(6, "0")[:6]), tzinfo=dt.timezone.utc)


def _out_of_range(where: str) -> SerializationException:
    return SerializationException(f"The time at '{where}' is out of range.")


# How the types of the model's input members are read. Types that the model does not use, and a
# newer one might, are passed on as they come.
_QUERY: dict[str, _Convert] = {
    "integer": _query_integer,
    "boolean": _query_boolean,
    "timestamp": _query_timestamp,
}
_BODY: dict[str, _Convert] = {
    "string": _text,
    "integer": _integer,
    "blob": _blob,
    "timestamp": _epoch_seconds,
}


def _query_converter(shape: Any) -> _Convert:
    """Compile what reads all values that a query gives for one name."""
    is_list = shape.type_name == "list"
    scalar = shape.member if is_list else shape
    convert: _Convert = _QUERY.get(scalar.type_name, _text)
    if is_list:
        return lambda values, where: [convert(value, where) for value in values]
    return lambda values, where: convert(values[-1], where)


def _body_converter(shape: Any) -> _Convert:
    if shape.type_name == "structure":
        members = [
            (name, _wire_name(name, member), _body_converter(member))
            for name, member in shape.members.items()
        ]
        return lambda value, where: _converted(members, _object(value, where), f"{where}.")
    if shape.type_name == "list":
        convert_item = _body_converter(shape.member)
        return lambda value, where: [
            convert_item(item, f"{where}.{number}")
            for number, item in enumerate(_array(value, where), start=1)
        ]
    if shape.type_name == "map":
        convert = _body_converter(shape.value)
        return lambda value, where: {
            _text(key, where): convert(item, f"{where}.{key}")
            for key, item in _object(value, where).items()
        }
    return _BODY.get(shape.type_name, _as_given)
