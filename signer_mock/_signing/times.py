"""Read and write times as the signed formats do. Every datetime must be aware."""

from __future__ import annotations

import datetime as dt
import re

# ASCII digits only: \d would also match other scripts' digits.
_RFC3339 = (
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{1,2})(:[0-9]{2}:[0-9]{2})(?:[.,]([0-9]+))?"
    r"(?:Z|([+-])([01][0-9]|2[0-4]):([0-5][0-9]|60))"
)


def in_utc(moment: dt.datetime) -> dt.datetime:
    """Return the same instant in UTC.

    Raises:
        ValueError: ``moment`` is naive.
    """
    if moment.tzinfo is None:
        msg = (
            f"{moment!r} has no time zone; pass an aware datetime, "
            "such as datetime.now(timezone.utc)."
        )
        raise ValueError(msg)
    return moment.astimezone(dt.timezone.utc)


def rfc3339_seconds(moment: dt.datetime) -> str:
    """Format a time as ``2026-01-02T03:04:05Z``: UTC, with fractions of a second cut off."""
    return in_utc(moment).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def generalized_time_milliseconds(moment: dt.datetime) -> str:
    """Format a time as ASN.1 GeneralizedTime, ``20260102030405.678Z``: UTC, cut to milliseconds.

    DER (X.690, 11.7) forbids trailing zeros in the fraction, so .670 becomes ``.67`` and a whole
    second has no fraction. The real service's Java library does the same.
    """
    moment = in_utc(moment)
    seconds = moment.replace(microsecond=0, tzinfo=None).isoformat()
    for separator in "-T:":
        seconds = seconds.replace(separator, "")
    fraction = f"{moment.microsecond // 1000:03}".rstrip("0")
    return f"{seconds}.{fraction}Z" if fraction else f"{seconds}Z"


def parse_rfc3339(text: str) -> dt.datetime:
    """Parse an RFC 3339 time; return it in UTC.

    Exactly as strict as Go's ``time.Time`` in JSON: it requires a capital T and Z and a zone and
    rejects leap seconds, but accepts an hour of one digit, a decimal comma and zones up to 24:60.
    Fractions may have any length and are cut to microseconds (Go cuts to nanoseconds).

    Raises:
        ValueError: ``text`` is not such a time, or is outside the years 1 to 9999.
    """
    match = re.fullmatch(_RFC3339, text)
    # Python words its own errors anew from version to version, and since 3.14 it takes 24:00.
    moment = _moment(match) if match is not None and int(match[2]) < 24 else None
    if match is None or moment is None:
        msg = f"{text!r} is not an RFC 3339 time such as 2026-01-02T03:04:05Z"
        raise ValueError(msg)
    sign, zone_hours, zone_minutes = match.groups()[4:]
    offset = dt.timedelta(hours=int(zone_hours or 0), minutes=int(zone_minutes or 0))
    try:
        return moment + offset if sign == "-" else moment - offset
    except OverflowError:
        msg = f"{text!r} is outside the years 1 to 9999"
        raise ValueError(msg) from None


def _moment(match: re.Match[str]) -> dt.datetime | None:
    day, hour, rest, fraction = match.groups()[:4]
    try:
        moment = dt.datetime.fromisoformat(f"{day}T{hour:>02}{rest}")
    except ValueError:
        return None
    microsecond = int((fraction or "")[:6].ljust(6, "0"))
    return moment.replace(microsecond=microsecond, tzinfo=dt.timezone.utc)
