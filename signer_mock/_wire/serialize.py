"""Serialise an operation's output, or a service error, as an HTTP response."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Mapping
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from signer_mock._wire.exceptions import ServiceError
from signer_mock._wire.http import HttpResponse

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


def success(output: Mapping[str, Any] | None, request_id: str, now: dt.datetime) -> HttpResponse:
    """Return the response of a successful operation.

    Args:
        output: The output's members, or None for an operation without output, which has an empty
            body. Members that are None are left out, at every level; times become epoch seconds,
            bytes become base64.
        request_id: The value of ``x-amzn-RequestId``.
        now: The value of ``Date``.
    """
    return _response(200, b"" if output is None else _encode(output), request_id, now)


def failure(error: ServiceError, request_id: str, now: dt.datetime) -> HttpResponse:
    """Return the response of a service error, in the form that every SDK generation reads.

    It has a header ``x-amzn-ErrorType`` and no ``__type`` in the body.
    """
    body = _encode({error.message_member: error.message, "code": error.code})
    response = _response(error.status, body, request_id, now)
    response.headers["x-amzn-ErrorType"] = error.type_name
    response.headers.update(error.headers)
    return response


def _response(status: int, body: bytes, request_id: str, now: dt.datetime) -> HttpResponse:
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Date": _http_date(now.replace(microsecond=0)),
        "x-amzn-RequestId": request_id,
    }
    return HttpResponse(status, headers, body)


@lru_cache(maxsize=8)
def _http_date(whole_second: dt.datetime) -> str:
    return format_datetime(whole_second, usegmt=True)


# The types of values that JSON has, and that hold no others.
_SCALARS = frozenset({str, int, bool, float})


def _plain(value: Any) -> Any:
    """Return a value in the form that the protocol gives it in JSON, without members that are None.

    One pass over the values, because most of them need nothing: an encoder with a function for
    other types calls it for each of them.
    """
    if isinstance(value, dict):
        return {
            name: item if type(item) in _SCALARS else _plain(item)
            for name, item in value.items()
            if item is not None
        }
    if isinstance(value, list):
        return [item if type(item) in _SCALARS else _plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, (str, int, float)):  # a subclass, such as a StrEnum
        return value
    if not value.microsecond:
        return int(value.timestamp())
    millis = (value - _EPOCH) // dt.timedelta(milliseconds=1)
    return millis // 1000 if millis % 1000 == 0 else millis / 1000


_ENCODER = json.JSONEncoder(separators=(",", ":"))


def _encode(document: Any) -> bytes:
    return _ENCODER.encode(_plain(document)).encode()
