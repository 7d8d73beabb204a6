"""Instants as the signed formats write them. Every instant must know its time zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

# ASCII digits only: \d would also take other scripts'
_RFC3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{1,2})(:[0-9]{2}:[0-9]{2})(?:[.,]([0-9]+))?"
    r"(?:Z|([+-])([01][0-9]|2[0-4]):([0-5][0-9]|60))"
)


def in_utc(moment: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a naive datetime: it names no instant."""
    if moment.tzinfo is None:
        raise ValueError(
            f"{moment!r} has no time zone; pass an aware datetime, "
            "such as datetime.now(timezone.utc)."
        )
    return moment.astimezone(timezone.utc)


def rfc3339_seconds(moment: datetime) -> str:
    """`2026-01-02T03:04:05Z`: whole seconds (fractions are cut off), always UTC."""
    return in_utc(moment).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def generalized_time_milliseconds(moment: datetime) -> str:
    """`20260102030405.678Z`: ASN.1 GeneralizedTime in UTC, cut to milliseconds.

    DER (X.690, 11.7) forbids a fraction that ends in zero, so .670 becomes `.67` and a whole
    second has no fraction; the real service's Java library does the same.
    """
    moment = in_utc(moment)
    seconds = moment.replace(microsecond=0, tzinfo=None).isoformat()
    for separator in "-T:":
        seconds = seconds.replace(separator, "")
    fraction = f"{moment.microsecond // 1000:03}".rstrip("0")
    return f"{seconds}.{fraction}Z" if fraction else f"{seconds}Z"


def parse_rfc3339(text: str) -> datetime:
    """The instant that an RFC 3339 text names, in UTC. Raises ValueError.

    As strict, and as lax, as Go's time.Time is in JSON: a capital T and Z, a zone, no leap second;
    but an hour of one digit, a decimal comma, and a zone of up to 24:60 pass. Fractions of any
    length are taken, and cut to microseconds where Go would cut to nanoseconds.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an RFC 3339 time such as 2026-01-02T03:04:05Z")
    day, hour, rest, fraction, sign, zone_hours, zone_minutes = match.groups()
    moment = datetime.fromisoformat(f"{day}T{hour:>02}{rest}").replace(
        microsecond=int((fraction or "")[:6].ljust(6, "0")), tzinfo=timezone.utc
    )
    offset = timedelta(hours=int(zone_hours or 0), minutes=int(zone_minutes or 0))
    try:
        return moment + offset if sign == "-" else moment - offset
    except OverflowError:
        raise ValueError(f"{text!r} is outside the years 1 to 9999") from None
