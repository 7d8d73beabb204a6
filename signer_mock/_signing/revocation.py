"""Ask whether a signature was revoked, as verifiers do with GetRevocationStatus."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Protocol

from signer_mock._signing.ca.authority import certificate_hashes
from signer_mock._signing.errors import RevokedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509


class RevocationSource(Protocol):
    """Anything that answers GetRevocationStatus: a started mock, or a test's own object."""

    def revoked_entities(
        self,
        *,
        platform_id: str,
        profile_version_arn: str,
        job_arn: str,
        signature_timestamp: dt.datetime,
        certificate_hashes: Sequence[str],
    ) -> Sequence[str]:
        """Return those of the given ARNs and hashes that were revoked.

        Args:
            platform_id: The signing platform's id.
            profile_version_arn: The ARN of the profile version that signed.
            job_arn: The ARN of the signing job.
            signature_timestamp: When the signature was made, aware.
            certificate_hashes: One entry a certificate, leaf first, each as
                GetRevocationStatus documents it.
        """


def check_not_revoked(
    source: RevocationSource,
    *,
    platform_id: str,
    profile_version_arn: str,
    job_arn: str,
    signed_at: dt.datetime,
    chain: Sequence[x509.Certificate],
) -> None:
    """Ask ``source`` about a signature.

    Raises:
        RevokedError: ``source`` returned something; worded as AWS's Notation plugin does.
    """
    revoked = source.revoked_entities(
        platform_id=platform_id,
        profile_version_arn=profile_version_arn,
        job_arn=job_arn,
        signature_timestamp=signed_at,
        certificate_hashes=certificate_hashes(chain),
    )
    # The plugin takes what starts like an ARN for a resource and anything else for a certificate.

    resources = [entity for entity in revoked if entity.startswith("arn")]
    reasons = [f"Resource(s) {', '.join(resources)} have been revoked."] if resources else []
    if len(resources) < len(revoked):
        reasons.append("Certificate(s) have been revoked.")
    if reasons:
        raise RevokedError(" ".join(reasons))
