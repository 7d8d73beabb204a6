"""What every route of the control surface uses."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl

from signer_mock._wire.exceptions import SerializationException, ValidationException
from signer_mock._wire.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from signer_mock._service.world import World

PREFIX = "/_signer_mock/"


@dataclass(frozen=True, slots=True)
class Surface:
    """What is controlled.

    Attributes:
        world: All state of the server.
        reset_moto: Empties moto's services on this port; None if there are none.
    """

    world: World
    reset_moto: Callable[[], None] | None


#: Answers a request; the text is what follows the route's name in the path.
Handler = Callable[[Surface, HttpRequest, str], HttpResponse]

#: From a name, and a slash where more of the path follows, to a handler for each method.
Routes = Mapping[str, Mapping[str, Handler]]


def json_answer(document: Mapping[str, Any]) -> HttpResponse:
    """Return a document as an answer; times are in ISO 8601, bytes are only counted."""
    body = json.dumps(document, default=_plain, indent=1).encode()
    return HttpResponse(200, {"Content-Type": "application/json"}, body + b"\n")


def _plain(value: dt.datetime | bytes) -> str:
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return value.isoformat().replace("+00:00", "Z")


def read_order(body: bytes) -> dict[str, Any]:
    """Read the JSON object of a request.

    Raises:
        SerializationException: The body is something else.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        msg = "The request body is not valid JSON."
        raise SerializationException(msg) from error
    if not isinstance(document, dict):
        msg = "The request body is not a JSON object."
        raise SerializationException(msg)
    return document


def read_verb(body: bytes, example: str) -> tuple[str, Any]:
    """Read an order with one member, which names what to do.

    Args:
        body: The request's body.
        example: What an order looks like, for the error.

    Raises:
        SerializationException: The body is no JSON object.
        ValidationException: The object has no or several members.
    """
    order = read_order(body)
    if len(order) != 1:
        msg = f"Give one of {example}."
        raise ValidationException(msg)
    return next(iter(order.items()))


_T = TypeVar("_T")


def newest(request: HttpRequest, records: Sequence[_T]) -> Sequence[_T]:
    """Return the newest records, as many as the query's ``newest`` says; all without it.

    Raises:
        ValidationException: It is not a positive number.
    """
    text = dict(parse_qsl(request.query, keep_blank_values=True)).get("newest")
    if text is None:
        return records
    if not re.fullmatch(r"[1-9]\d{0,8}", text, re.ASCII):
        msg = f"newest={text!r}: expected how many to show, 1 or more."
        raise ValidationException(msg)
    return records[-int(text) :]
