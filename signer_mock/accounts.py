"""``mock.account(...)``: an account as a test author holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signer_mock.errors import SignerMockError
from signer_mock.service.arns import partition_of
from signer_mock.service.callers import issue_credentials
from signer_mock.service.world import CodeSigningCertificate

if TYPE_CHECKING:
    import boto3

    from signer_mock.service.world import World


class Principal:
    """An account's root, or one of its roles: makes boto3 clients that call as it.

    Attributes:
        account_id: twelve digits.
    """

    def __init__(self, world: World, account_id: str, resource: str = "root") -> None:
        self._world = world
        self._resource = resource
        self.account_id = account_id

    def session(self, region_name: str | None = None) -> boto3.Session:
        """A boto3 session with this principal's credentials.

        Args:
            region_name: None is the mock's own region.
        """
        import boto3

        credentials = issue_credentials(self.account_id, self._resource)
        return boto3.Session(
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.session_token,
            region_name=region_name or self._world.region,
        )

    def client(self, service_name: str, region_name: str | None = None, **options: Any) -> Any:
        """A boto3 client with this principal's credentials.

        Args:
            service_name: e.g. ``"signer"``, ``"s3"``.
            region_name: None is the mock's own region.
            **options: as for ``boto3.client``.
        """
        return self.session(region_name).client(service_name, **options)

    def __repr__(self) -> str:
        return f"<{self.account_id} {self._resource}>"


class Account(Principal):
    """An account of the mock; every account exists once it is named."""

    def role(self, name: str) -> Principal:
        """The account, as a session of one of its roles.

        Args:
            name: the role's name, with its path if it has one: ``"ci"``, ``"teams/ci"``.
        """
        return Principal(self._world, self.account_id, f"role/{name}")

    def user(self, name: str) -> Principal:
        """The account, as one of its IAM users."""
        return Principal(self._world, self.account_id, f"user/{name}")

    @property
    def trust_root_pem(self) -> bytes:
        """The root certificate, in PEM, that the account's signatures chain to."""
        return self._world.account(self.account_id).authority.trust_root_pem

    def certificate_pem(self, certificate_arn: str) -> bytes:
        """The code-signing certificate behind an ACM ARN, in PEM.

        Raises:
            SignerMockError: no certificate was imported under it, and no job has used it yet.
        """
        certificates = self._world.account(self.account_id).certificates
        if certificate_arn not in certificates:
            msg = (
                f"Account {self.account_id} has no certificate {certificate_arn!r}. Import one "
                "with import_certificate(cert_pem, key_pem), or run a signing job of a profile "
                f"that names it. It has: {sorted(certificates)}."
            )
            raise SignerMockError(msg)
        return certificates[certificate_arn].certificate_pem

    def import_certificate(
        self, cert_pem: bytes, key_pem: bytes, region_name: str | None = None
    ) -> str:
        """Put a code-signing certificate and its key behind a new ACM ARN.

        Args:
            cert_pem: the certificate, in PEM.
            key_pem: its private key, in unencrypted PEM.
            region_name: None is the mock's own region.

        Returns:
            The certificate's ARN, for ``signingMaterial``.

        Raises:
            SignerMockError: the two are not PEM, or do not belong together.
        """
        from signer_mock.signing.key_pair import require_key_pair

        try:
            require_key_pair(cert_pem, key_pem)
        except ValueError as error:
            raise SignerMockError(str(error)) from error
        region = region_name or self._world.region
        arn = (
            f"arn:{partition_of(region)}:acm:{region}:{self.account_id}:"
            f"certificate/{self._world.ids.uuid()}"
        )
        certificate = CodeSigningCertificate(bytes(cert_pem), bytes(key_pem))
        self._world.account(self.account_id).certificates[arn] = certificate
        return arn
