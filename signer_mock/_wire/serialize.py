"""From an operation's output, or a service error, to an HTTP response."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from signer_mock._wire.exceptions import ServiceError
from signer_mock._wire.http import HttpResponse

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_ENCODE = json.JSONEncoder(separators=(",", ":")).encode

_Convert = Callable[[Any], Any]


def output_serializer(shape: Any) -> Callable[[Mapping[str, Any] | None], bytes]:
    """A function that turns one operation's output into the response body.

    Args:
        shape: botocore's output shape, or None for an operation that answers nothing.

    Returns:
        The function: members that are None are left out, timestamps become epoch seconds,
        blobs base64. An operation without output has an empty body.
    """
    if shape is None:
        return lambda _output: b""
    convert = _structure(shape)
    return lambda output: _ENCODE(convert(output or {})).encode("ascii")


def success(body: bytes, request_id: str, now: dt.datetime) -> HttpResponse:
    """The 200 of an operation."""
    return HttpResponse(200, _headers(body, request_id, now), body)


def failure(error: ServiceError, request_id: str, now: dt.datetime) -> HttpResponse:
    """A service error in the one form that every SDK generation reads (no ``__type``)."""
    body = _ENCODE({error.message_member: error.message, "code": error.code}).encode("ascii")
    headers = _headers(body, request_id, now)
    headers["x-amzn-ErrorType"] = error.type_name
    return HttpResponse(error.status, headers, body)


def _headers(body: bytes, request_id: str, now: dt.datetime) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Date": _http_date(now.replace(microsecond=0)),
        "x-amzn-RequestId": request_id,
    }


@lru_cache(maxsize=8)
def _http_date(whole_second: dt.datetime) -> str:
    return format_datetime(whole_second, usegmt=True)


def epoch_seconds(time: dt.datetime) -> float:
    """Seconds since 1970 with milliseconds, an integer where there are none."""
    millis = (time - _EPOCH) // dt.timedelta(milliseconds=1)
    return millis // 1000 if millis % 1000 == 0 else millis / 1000


def _blob(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _converter(shape: Any) -> _Convert | None:
    kind = shape.type_name
    if kind == "timestamp":
        return epoch_seconds
    if kind == "blob":
        return _blob
    if kind == "structure":
        return _structure(shape)
    if kind == "list":
        convert = _converter(shape.member)
        return (lambda items: [convert(item) for item in items]) if convert else None
    return None


def _structure(shape: Any) -> _Convert:
    converters: dict[str, _Convert | None] = {
        name: _converter(member) for name, member in shape.members.items()
    }

    def convert(value: Mapping[str, Any]) -> dict[str, Any]:
        document = {}
        for name, item in value.items():
            if item is not None:
                convert_item = converters[name]
                document[name] = convert_item(item) if convert_item else item
        return document

    return convert
