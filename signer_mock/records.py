"""What a mock holds, as read-only records: ``mock.profiles``, ``mock.jobs`` and the like.

A record shows the state at the moment when you asked for it. It does not change afterwards; ask the
mock again for the new state. Times are timezone-aware UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

__all__ = ["Certificate", "Permission", "Records", "Revocation", "SigningJob", "SigningProfile"]

_T_co = TypeVar("_T_co", covariant=True)


class Records(tuple[_T_co, ...]):
    """Some records, in order; printed one a line, and shown as a table in a notebook."""

    __slots__ = ()

    def __repr__(self) -> str:
        from signer_mock._views.text import listed

        return listed(self)

    def _repr_html_(self) -> str:
        from signer_mock._views.tables import records_view

        return records_view(self)


class _Record:
    """One record: a line of text, or a table of one row in a notebook."""

    __slots__ = ()

    def _text(self) -> str:
        raise NotImplementedError  # pragma: no cover - abstract

    def __repr__(self) -> str:
        from signer_mock._views.text import plain

        return plain(self._text())

    def _repr_html_(self) -> str:
        from signer_mock._views.tables import records_view

        return records_view((self,))


@dataclass(frozen=True, slots=True, repr=False)
class Permission(_Record):
    """A permission that a signing profile's owner gave.

    Attributes:
        account_id: The owner's account.
        region: The profile's region.
        profile_name: The profile.
        statement_id: The permission's name.
        action: The action, e.g. ``signer:StartSigningJob``.
        principal: Who may do it: an account id or a role's ARN.
        profile_version: The version that it is limited to; None is any.
    """

    account_id: str
    region: str
    profile_name: str
    statement_id: str
    action: str
    principal: str
    profile_version: str | None

    def _text(self) -> str:
        return (
            f"<Permission {self.statement_id}: {self.principal} may {self.action} with "
            f"{self.profile_name}>"
        )


@dataclass(frozen=True, slots=True, repr=False)
class Revocation(_Record):
    """A revocation of a signature, of what a profile signed, or of a certificate.

    Attributes:
        entity: What is revoked: the ARN of a job or profile version, or a certificate's hash.
        reason: The reason that was given; None for certificates.
        revoked_at: When it was revoked; None for certificates.
        revoked_by: The ARN of the principal that revoked it; None for certificates.
        effective_from: Signatures made after this time are not trusted; None for all signatures.
    """

    entity: str
    reason: str | None = None
    revoked_at: dt.datetime | None = None
    revoked_by: str | None = None
    effective_from: dt.datetime | None = None

    def _text(self) -> str:
        since = f" since {self.effective_from:%Y-%m-%d %H:%M:%S}" if self.effective_from else ""
        reason = f": {self.reason!r}" if self.reason is not None else ""
        return f"<Revocation of {self.entity}{since}{reason}>"


@dataclass(frozen=True, slots=True, repr=False)
class SigningProfile(_Record):
    """A signing profile.

    Attributes:
        account_id: The owner's account.
        region: The profile's region.
        name: The profile's name.
        version: The profile's version.
        arn: The profile's ARN.
        version_arn: The ARN of the profile's version.
        platform_id: The signing platform.
        status: ``Active``, ``Canceled`` or ``Revoked``.
        status_reason: The reason for the status, if one was given.
        certificate_arn: The certificate, on platforms that sign with one.
        validity: How long signatures are valid, as ``(value, type)``, e.g. ``(135, "MONTHS")``.
        signing_parameters: The parameters that were given.
        overrides: The overrides that were given.
        tags: The profile's tags.
        permissions: The permissions that others have.
        revocation: The profile's revocation, if it is revoked.
    """

    account_id: str
    region: str
    name: str
    version: str
    arn: str
    version_arn: str
    platform_id: str
    status: str
    status_reason: str | None
    certificate_arn: str | None
    validity: tuple[int | None, str | None]
    signing_parameters: Mapping[str, str]
    overrides: Mapping[str, Any]
    tags: Mapping[str, str]
    permissions: Records[Permission]
    revocation: Revocation | None

    def _text(self) -> str:
        place = f"{self.account_id} {self.region}"
        return f"<SigningProfile {self.name} [{place}] {self.platform_id}: {self.status}>"


@dataclass(frozen=True, slots=True, repr=False)
class SigningJob(_Record):
    """A signing job, of an object or of a payload.

    Attributes:
        job_id: The job's id.
        arn: The job's ARN.
        account_id: The account that owns the profile, and so the job.
        invoker: The account that started the job.
        region: The job's region.
        profile_name: The profile that signs.
        profile_version: The profile's version.
        platform_id: The signing platform.
        status: ``InProgress``, ``Succeeded`` or ``Failed``.
        status_reason: Why the job ended so; None while it is under way.
        requested_by: The ARN of the principal that started it.
        created_at: When it was started.
        completed_at: When it ended; None while it is under way.
        signature_expires_at: When the signature expires; None if there is none or it never does.
        source: ``bucketName``, ``key`` and ``version`` of what is signed; empty for payloads.
        destination: ``bucketName`` and ``prefix`` of where it goes; empty for payloads.
        signed_object: ``bucketName`` and ``key`` of the signed object; empty if there is none.
        revocation: The signature's revocation, if it is revoked.
    """

    job_id: str
    arn: str
    account_id: str
    invoker: str
    region: str
    profile_name: str
    profile_version: str
    platform_id: str
    status: str
    status_reason: str | None
    requested_by: str
    created_at: dt.datetime
    completed_at: dt.datetime | None
    signature_expires_at: dt.datetime | None
    source: Mapping[str, str]
    destination: Mapping[str, str]
    signed_object: Mapping[str, str]
    revocation: Revocation | None

    def _text(self) -> str:
        outcome = self.status + (f" ({self.status_reason!r})" if self.status == "Failed" else "")
        revoked = ", revoked" if self.revocation else ""
        place = f"{self.account_id} {self.region}"
        return f"<SigningJob {self.job_id} [{place}] {self.profile_name}: {outcome}{revoked}>"


@dataclass(frozen=True, slots=True, repr=False)
class Certificate(_Record):
    """A certificate that the mock holds: a link of a signing chain, or one behind an ACM ARN.

    Attributes:
        account_id: The account that it belongs to.
        name: The certificate's ARN, or its place in the account's chain: ``root``,
            ``intermediate``, ``regional/REGION`` or ``leaf/REGION``.
        pem: The certificate in PEM.
    """

    account_id: str
    name: str
    pem: bytes

    def _text(self) -> str:
        return f"<Certificate {self.name} [{self.account_id}]>"
