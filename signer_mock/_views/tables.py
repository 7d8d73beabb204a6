"""A table for each kind of record that the mock holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from signer_mock._views.html import Markup, badge, stacked, table, view
from signer_mock._views.text import SHOWN, cut, plain


class _Kind(NamedTuple):
    name: str
    columns: tuple[str, ...]
    row: Callable[[Any], Sequence[object]]


def time_text(moment: dt.datetime | None) -> str:
    """Return a time in UTC to the second."""
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""


def _pairs(mapping: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={cut(repr(value), 80)}" for name, value in mapping.items())


def _profile(one: Any) -> Sequence[object]:
    value, unit = one.validity
    return (
        stacked(badge(one.status), one.status_reason),
        stacked(one.name, one.version),
        stacked(one.account_id, one.region),
        one.platform_id,
        f"{value} {str(unit).lower()}" if value else "",
        _pairs(one.tags),
    )


def _object(place: Mapping[str, str]) -> str:
    return "/".join(place[name] for name in ("bucketName", "key") if name in place)


def _job(one: Any) -> Sequence[object]:
    revoked = badge("Revoked") if one.revocation else None
    reason = one.status_reason if one.status != "Succeeded" else None
    return (
        stacked(badge(one.status), revoked, reason),
        one.job_id,
        stacked(one.account_id, one.region),
        stacked(one.profile_name, one.platform_id),
        _object(one.source) or "payload",
        _object(one.signed_object),
        time_text(one.created_at),
    )


def _call(one: Any) -> Sequence[object]:
    kind = "good" if one.status < 400 else "bad"
    return (
        badge(f"{one.status} {one.error or 'OK'}", kind),
        one.operation or "(unknown operation)",
        stacked(one.account_id, one.region),
        _pairs(one.params),
        time_text(one.time),
    )


def _event(one: Mapping[str, Any]) -> Sequence[object]:
    detail = one.get("detail", {})
    return (
        badge(str(detail.get("status"))),
        one.get("detail-type"),
        stacked(one.get("account"), one.get("region")),
        detail.get("job_id"),
        one.get("time"),
    )


def _permission(one: Any) -> Sequence[object]:
    return (one.statement_id, one.principal, one.action, one.profile_name, one.profile_version)


def _revocation(one: Any) -> Sequence[object]:
    since = time_text(one.effective_from) or "always"
    return (badge("Revoked"), one.entity, one.reason, since, time_text(one.revoked_at))


def _deployment(one: Any) -> Sequence[object]:
    outcome = badge("deployed", "good") if one.deployed else badge("refused", "bad")
    return (
        stacked(badge(one.signature_status), outcome),
        one.operation,
        one.layer_arn or one.function_arn,
        stacked(*one.findings),
        time_text(one.time),
    )


def _certificate(one: Any) -> Sequence[object]:
    from cryptography import x509

    return (one.account_id, *certificate_cells(one.name, x509.load_pem_x509_certificate(one.pem)))


def certificate_cells(name: str, certificate: Any) -> Sequence[object]:
    """Return the cells that tell of a certificate: name, subject, validity, serial number."""
    return (
        name,
        certificate.subject.rfc4514_string(),
        stacked(
            f"from {time_text(certificate.not_valid_before_utc)}",
            f"to {time_text(certificate.not_valid_after_utc)}",
        ),
        f"{certificate.serial_number:x}",
    )


CERTIFICATE_COLUMNS = ("Certificate", "Subject", "Valid (UTC)", "Serial number")

_KINDS = {
    "SigningProfile": _Kind(
        "signing profile",
        ("Status", "Profile, version", "Account, region", "Platform", "Signatures last", "Tags"),
        _profile,
    ),
    "SigningJob": _Kind(
        "signing job",
        ("Status", "Job", "Account, region", "Profile", "Source", "Signed object", "Started (UTC)"),
        _job,
    ),
    "Call": _Kind(
        "call", ("Answer", "Operation", "Account, region", "Parameters", "Time (UTC)"), _call
    ),
    "Event": _Kind("event", ("Status", "Event", "Account, region", "Job", "Time (UTC)"), _event),
    "Permission": _Kind(
        "permission", ("Statement", "Principal", "Action", "Profile", "Version"), _permission
    ),
    "Revocation": _Kind(
        "revocation",
        ("Status", "Revoked", "Reason", "Signatures since (UTC)", "Revoked at (UTC)"),
        _revocation,
    ),
    "Deployment": _Kind(
        "deployment", ("Outcome", "Operation", "Target", "Findings", "Time (UTC)"), _deployment
    ),
    "Certificate": _Kind("certificate", ("Account", *CERTIFICATE_COLUMNS), _certificate),
}


def records_table(records: Sequence[Any], kind: str | None = None, shown: int = SHOWN) -> Markup:
    """Return a table of the newest records.

    Args:
        records: Records of one kind, oldest first.
        kind: The name of their class; None goes by the first.
        shown: How many to show.
    """
    if not records:
        return table(f"No {_KINDS[kind].name}s" if kind else "Nothing here", (), ())
    name = type(records[0]).__name__
    found = _KINDS["Event" if isinstance(records[0], Mapping) else name]
    count = len(records)
    note = f"The newest {shown:,}; {count - shown:,} earlier ones are not shown."
    return table(
        f"{count:,} {found.name}{'' if count == 1 else 's'}",
        found.columns,
        (found.row(one) for one in records[-shown:]),
        note if count > shown else "",
    )


def records_view(records: Sequence[Any], kind: str | None = None) -> str:
    """Return the view of some records; arguments as for ``records_table``."""
    return view(records_table(records, kind))


def lines_table(title: str, lines: Sequence[object]) -> Markup:
    """Return lines of text below a title."""
    return table(title, ("",), ([plain(line)] for line in lines))
