"""What a verifier returns for a good signature."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signer_mock._signing.errors import VerificationError

if TYPE_CHECKING:
    from cryptography import x509


@dataclass(frozen=True, repr=False)
class VerifiedSignature:
    """What a verified signature says about itself.

    Attributes:
        profile_version_arn: The signing profile version that made it; None for IoT documents,
            which do not name one.
        job_arn: The signing job that made it; None for IoT documents.
        signed_at: When it was made, in UTC; None for IoT documents.
        expires_at: When it ends, in UTC; None if it never does, or does not say.
        certificates: The chain that vouches for it, leaf first.
        warnings: What ``policy="Warn"`` let pass (Lambda only), most important first.
    """

    profile_version_arn: str | None
    job_arn: str | None
    signed_at: dt.datetime | None
    expires_at: dt.datetime | None
    certificates: tuple[x509.Certificate, ...]
    warnings: tuple[VerificationError, ...] = ()

    def __repr__(self) -> str:
        from signer_mock._views.text import plain

        facts = [
            f"by {self.profile_version_arn}" if self.profile_version_arn else "",
            f"job {self.job_arn}" if self.job_arn else "",
            f"signed {self.signed_at:%Y-%m-%d %H:%M:%S} UTC" if self.signed_at else "",
            f"expires {self.expires_at:%Y-%m-%d %H:%M:%S} UTC" if self.expires_at else "",
            f"{len(self.certificates)} certificates",
            *(f"warning: {warning}" for warning in self.warnings),
        ]
        return plain(f"<VerifiedSignature {', '.join(fact for fact in facts if fact)}>")

    def _repr_html_(self) -> str:
        from signer_mock._views.summaries import signature_view

        return signature_view(self)
