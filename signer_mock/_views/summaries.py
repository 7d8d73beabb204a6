"""The views of a whole mock, of an account, and of a verified signature."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Sequence
from typing import Any

from signer_mock._views.html import badge, heading, paragraph, table, view
from signer_mock._views.tables import (
    CERTIFICATE_COLUMNS,
    certificate_cells,
    lines_table,
    records_table,
    time_text,
)


def mock_view(mock: Any, *, active: bool) -> str:
    """Return the view of a mock that has been started, and may have been stopped."""
    state = "active" if active else "stopped"
    parts = [
        heading(f"SignerMock {mock.account_id} {mock.region_name}", badge(state)),
        paragraph(f"The mock's time is {time_text(mock.clock.now())} UTC."),
        records_table(mock.profiles, "SigningProfile", 10),
        records_table(tuple(mock.jobs), "SigningJob", 10),
        records_table(mock.calls, "Call", 10),
    ]
    if mock.revocations:
        parts.append(records_table(mock.revocations, "Revocation", 10))
    if mock.faults.pending:
        parts.append(lines_table("Faults to come", mock.faults.pending))
    if mock.deployments:
        parts.append(records_table(mock.deployments, "Deployment", 10))
    return view(*parts)


def account_view(
    account: Any,
    certificates: Sequence[Any],
    now: dt.datetime,
    revoked: Collection[str],
) -> str:
    """Return the view of an account: who it is, its certificate chain, what it has imported.

    Args:
        account: The account, or one of its principals.
        certificates: Records of the account's certificates, as far as they have been made.
        now: The mock's time.
        revoked: SHA-384 of the TBSCertificate of those that are revoked, in hex.
    """
    from cryptography import x509

    loaded = [(one.name, x509.load_pem_x509_certificate(one.pem)) for one in certificates]
    loaded.sort(key=lambda pair: _place_in_chain(pair[0]))
    rows = [
        (badge(certificate_status(one, now, revoked)), *certificate_cells(name, one))
        for name, one in loaded
    ]
    chain = (
        table(f"{len(rows)} certificates", ("Status", *CERTIFICATE_COLUMNS), rows)
        if rows
        else paragraph("It has no certificates yet: the first signature makes them.")
    )
    return view(heading(f"Account {account.account_id}"), paragraph(account.arn), chain)


def _place_in_chain(name: str) -> int:
    names = ("root", "intermediate", "regional", "leaf")
    first = name.partition("/")[0]
    return names.index(first) if first in names else len(names)


def certificate_status(certificate: Any, now: dt.datetime, revoked: Collection[str]) -> str:
    """Return the word for what a certificate is at a time; ``revoked`` as for ``account_view``."""
    if hashlib.sha384(certificate.tbs_certificate_bytes).hexdigest() in revoked:
        return "Revoked"
    if now < certificate.not_valid_before_utc:
        return "Not yet valid"
    return "Expired" if now > certificate.not_valid_after_utc else "Valid"


def signature_view(verified: Any) -> str:
    """Return the view of what a verifier found."""
    status = badge("Let pass") if verified.warnings else badge("Verified")
    facts = [
        ("Signing profile version", verified.profile_version_arn),
        ("Signing job", verified.job_arn),
        ("Signed (UTC)", time_text(verified.signed_at)),
        ("Expires (UTC)", time_text(verified.expires_at)),
        *(("Warning", warning) for warning in verified.warnings),
    ]
    chain = [
        certificate_cells("leaf" if place == 0 else f"issuer {place}", one)
        for place, one in enumerate(verified.certificates)
    ]
    return view(
        heading("Signature", status),
        table("What it says", ("", ""), [fact for fact in facts if fact[1]]),
        table(
            f"Chain of {len(chain)} certificates" if chain else "No certificates",
            CERTIFICATE_COLUMNS,
            chain,
        ),
    )
