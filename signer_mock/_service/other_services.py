"""What AWS Signer asks other services of AWS: IAM and STS, ACM, EventBridge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signer_mock._service.callers import Caller
    from signer_mock._service.stores import CodeSigningCertificate


class OtherServices:
    """The other services as a world asks them. This default has none of them.

    An answer of None means "unknown"; the world then decides by itself.
    """

    def find_caller(self, access_key: str) -> Caller | None:
        """Find the principal that IAM or STS issued an access key to."""

    def knows_principal(self, principal: str) -> bool | None:
        """Tell whether IAM has the account or role that a permission names."""

    def policies_of(self, principal: str) -> list[Any] | None:
        """Return the documents of the identity policies that IAM has for a role or user."""

    def check_certificate(self, arn: str) -> None:
        """Refuse a certificate's ARN that a new profile cannot use.

        Raises:
            ServiceError: ACM does not hold the certificate, or has not issued it.
        """

    def find_certificate(self, arn: str) -> CodeSigningCertificate | None:
        """Find a certificate and its key in ACM, for a signing job.

        Raises:
            UnsignableObjectError: ACM does not hold the certificate any more, or has not issued it.
        """

    def deliver(self, event: Mapping[str, Any]) -> str | None:
        """Put an event on EventBridge's default bus, and return the id that it got there."""
