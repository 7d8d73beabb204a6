"""Asks whoever knows whether a signature was revoked, as verifiers ask GetRevocationStatus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from signer_mock._signing.ca.authority import certificate_hashes
from signer_mock._signing.verdict import RevokedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cryptography import x509


class RevocationSource(Protocol):
    """Anything that can answer GetRevocationStatus: the mock, or a test's own stand-in."""

    def revoked_entities(
        self,
        *,
        platform_id: str,
        profile_version_arn: str,
        job_arn: str,
        signature_timestamp: datetime,
        certificate_hashes: Sequence[str],
    ) -> Sequence[str]:
        """Those of the given ARNs and hashes that were revoked; empty if the signature stands."""


def check_not_revoked(
    source: RevocationSource,
    *,
    platform_id: str,
    profile_version_arn: str,
    job_arn: str,
    signed_at: datetime,
    chain: Sequence[x509.Certificate],
) -> None:
    """Raises RevokedError, in the words of AWS's Notation plugin, if `source` names anything."""
    revoked = source.revoked_entities(
        platform_id=platform_id,
        profile_version_arn=profile_version_arn,
        job_arn=job_arn,
        signature_timestamp=signed_at,
        certificate_hashes=certificate_hashes(chain),
    )
    # what starts like an ARN is a resource, anything else a certificate (facts, notation §1.2)
    resources = [entity for entity in revoked if entity.startswith("arn")]
    reasons = [f"Resource(s) {', '.join(resources)} have been revoked."] if resources else []
    if len(resources) < len(revoked):
        reasons.append("Certificate(s) have been revoked.")
    if reasons:
        raise RevokedError(" ".join(reasons))
