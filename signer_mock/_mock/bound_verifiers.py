"""The verifiers of ``signer_mock.verify`` as methods that know a mock's roots, clock and state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from signer_mock._service.arns import parse_arn
from signer_mock.errors import InvalidArgumentError

if TYPE_CHECKING:
    from signer_mock._service.world import World
    from signer_mock.verify import VerifiedSignature


class BoundVerifiers:
    """What ``SignerMock`` verifies with its own roots, clock and revocations."""

    if TYPE_CHECKING:

        @property
        def _world(self) -> World: ...

    def verify_lambda_zip(
        self,
        data: bytes,
        allowed_publishers: Iterable[str] | None = None,
        policy: Literal["Enforce", "Warn"] = "Enforce",
    ) -> VerifiedSignature:
        """Verify a deployment package as Lambda does for a function with code signing.

        It trusts the roots of all accounts of this mock, and asks its clock and its revocations.

        Args:
            data: The zip.
            allowed_publishers: The profile version ARNs of the code signing configuration; None
                allows any publisher in this mock.
            policy: With "Warn", only a broken signature raises; the result's ``warnings`` have
                the rest.

        Returns:
            What the signature says.

        Raises:
            VerificationError: It must not be trusted: ``signer_mock.verify.verify_lambda_zip``
                has the kinds.
            InvalidArgumentError: An argument makes no sense.
        """
        from signer_mock.verify import verify_lambda_zip

        return verify_lambda_zip(
            data,
            self._trusted_roots(),
            allowed_publishers,
            at=self._world.clock.now(),
            revocation=self,
            policy=policy,
        )

    def verify_notation_envelope(
        self,
        envelope: bytes,
        trusted_identities: Iterable[str] | None = None,
        artifact: Mapping[str, object] | None = None,
    ) -> VerifiedSignature:
        """Verify a SignPayload signature as ``notation verify`` with AWS Signer's plugin does.

        It trusts the roots of all accounts of this mock, and asks its clock and its revocations.

        Args:
            envelope: The signature.
            trusted_identities: Signing profile ARNs or profile version ARNs; None accepts any
                publisher in this mock.
            artifact: The OCI descriptor that must have been signed; None accepts any.

        Returns:
            What the signature says.

        Raises:
            VerificationError: It must not be trusted:
                ``signer_mock.verify.verify_notation_envelope`` has the kinds.
            InvalidArgumentError: An argument makes no sense.
        """
        from signer_mock.verify import verify_notation_envelope

        return verify_notation_envelope(
            envelope,
            self._trusted_roots(),
            trusted_identities,
            artifact=artifact,
            at=self._world.clock.now(),
            revocation=self,
        )

    def verify_iot_object(
        self, document: bytes, certificate_arn: str, source: bytes | None = None
    ) -> VerifiedSignature:
        """Verify a signed IoT or FreeRTOS document as a device with a certificate on it does.

        Beyond what a device checks, the certificate must be valid by this mock's clock and must
        not have been revoked with ``account.revoke_certificate``.

        Args:
            document: The signed object.
            certificate_arn: The code-signing certificate's ACM ARN, in any account of this mock.
            source: The image; needed for a detached document, compared for an embedded one.

        Returns:
            A record with ``certificates`` only.

        Raises:
            VerificationError: It must not be trusted: ``signer_mock.verify.verify_iot_object`` has
                the kinds.
            InvalidArgumentError: An argument makes no sense.
            SignerMockError: This mock has no such certificate.
        """
        from signer_mock._mock.accounts import Account
        from signer_mock._signing.ca.authority import certificate_hashes
        from signer_mock.verify import RevokedError, UntrustedError, verify_iot_object

        arn = parse_arn(str(certificate_arn))
        if arn is None or arn.service != "acm":
            msg = (
                "certificate_arn must be the ACM ARN of a certificate, such as "
                f"import_certificate() returns, not {certificate_arn!r:.80}."
            )
            raise InvalidArgumentError(msg)
        pem = Account(self._world, arn.account_id).certificate_pem(certificate_arn)
        verified = verify_iot_object(document, pem, source)
        certificate, now = verified.certificates[0], self._world.clock.now()
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            msg = (
                f"The certificate {certificate_arn} is not valid at {now}: it is valid from "
                f"{certificate.not_valid_before_utc} to {certificate.not_valid_after_utc}."
            )
            raise UntrustedError(msg)
        (digests,) = certificate_hashes([certificate])
        if {digests, digests[: len(digests) // 2]} & self._world.revoked_certificates:
            msg = f"Certificate(s) have been revoked: {certificate_arn}."
            raise RevokedError(msg)
        return verified

    def revoked_entities(
        self,
        *,
        platform_id: str,
        profile_version_arn: str,
        job_arn: str,
        signature_timestamp: dt.datetime,
        certificate_hashes: Sequence[str],
    ) -> list[str]:
        """Ask GetRevocationStatus without a call, as ``verify_...(revocation=mock)`` does.

        Args:
            platform_id: The platform that the signature was made for.
            profile_version_arn: The profile version that signed.
            job_arn: The signing job.
            signature_timestamp: When the signature was made; timezone-aware.
            certificate_hashes: The hashes of the certificate chain, as GetRevocationStatus takes
                them: 192 lower-case hex digits each.

        Returns:
            Those of the ARNs and hashes that are revoked.
        """
        from signer_mock._service.revocations import revoked_entities

        return revoked_entities(
            self._world,
            platform_id=platform_id,
            profile_version_arn=profile_version_arn,
            job_arn=job_arn,
            signature_timestamp=signature_timestamp,
            certificate_hashes=certificate_hashes,
        )

    def _trusted_roots(self) -> list[bytes]:
        """Return the root of every account that can have signed, and of the default one."""
        world = self._world
        _ = world.account(world.account_id).authority  # makes it
        return list(world.trust_roots().values())
