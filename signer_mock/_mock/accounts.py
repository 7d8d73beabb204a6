"""``mock.account(...)``: an account's clients, roles, users and certificates."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signer_mock._mock.clients import MakesClients, botocore_session, shared_session
from signer_mock._service import inspection
from signer_mock._service.arns import parse_arn, partition_of
from signer_mock._service.callers import issue_credentials
from signer_mock._service.identity_policy import read_policies
from signer_mock._service.stores import CodeSigningCertificate
from signer_mock.errors import SignerMockError

if TYPE_CHECKING:
    import boto3

    from signer_mock._service.world import World

Policy = Mapping[str, Any] | str | Sequence[Mapping[str, Any] | str]

# An optional path and a name, in the characters that IAM allows.
_IAM_NAME = re.compile(r"(?:[!-.0-~]+/)*[\w+=,.@-]+", re.ASCII)


class Principal(MakesClients):
    """An account's root, or one of its roles or users; creates boto3 clients that call as it.

    Attributes:
        account_id: Twelve digits.
    """

    def __init__(self, world: World, account_id: str, resource: str = "root") -> None:
        self._world = world
        self._resource = resource
        self.account_id = account_id

    @property
    def arn(self) -> str:
        """The IAM ARN, as permissions name it (that of a role, not of its session).

        The partition is that of the mock's own region.
        """
        partition = partition_of(self._world.region)
        return f"arn:{partition}:iam::{self.account_id}:{self._resource}"

    def session(self, region_name: str | None = None) -> boto3.Session:
        """Create a boto3 session with this principal's credentials.

        Args:
            region_name: None is the mock's own region.
        """
        import boto3

        credentials = issue_credentials(self.account_id, self._resource)
        return boto3.Session(
            botocore_session=botocore_session(),
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.session_token,
            region_name=region_name or self._world.region,
        )

    def _create_client(self, service_name: str, region_name: str | None, **options: Any) -> Any:
        options["region_name"] = region_name or self._world.region
        with shared_session(self._world, self.arn, self.session) as session:
            return session.client(service_name, **options)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.arn}>"


class Account(Principal):
    """An account of the mock; every account exists once it is named."""

    def _repr_html_(self) -> str:
        from signer_mock._views.summaries import account_view

        world = self._world
        found = inspection.certificates(world)
        with world.lock:
            revoked = {text[:96] for text in world.revoked_certificates}
        return account_view(
            self,
            [one for one in found if one.account_id == self.account_id],
            world.clock.now(),
            revoked,
        )

    def role(self, name: str, policy: Policy | None = None) -> Principal:
        """Return the account as a session of one of its roles.

        Args:
            name: The role's name, with its path if it has one (``"ci"``, ``"teams/ci"``), or its
                ARN.
            policy: What the role may do: an identity policy (a dict or JSON text) or a list of
                them; ``"moto"`` takes those that moto's IAM has. It replaces the one given
                before; None keeps that one. A role without a policy may do everything.

        Raises:
            SignerMockError: No role can have that name, or the policy cannot be used.
        """
        return self._principal("role", name, policy)

    def user(self, name: str, policy: Policy | None = None) -> Principal:
        """Return the account as one of its IAM users.

        Args:
            name: The user's name, with its path if it has one, or its ARN.
            policy: As for ``role``.

        Raises:
            SignerMockError: No user can have that name, or the policy cannot be used.
        """
        return self._principal("user", name, policy)

    def _principal(self, kind: str, name: object, policy: Policy | None) -> Principal:
        arn = parse_arn(name) if isinstance(name, str) else None
        if arn is not None:
            if (arn.service, arn.account_id) != ("iam", self.account_id):
                msg = (
                    f"{name!r} is not a {kind} of account {self.account_id}. Take it from "
                    f"mock.account({arn.account_id!r})."
                )
                raise SignerMockError(msg)
            prefix, _, name = arn.resource.partition("/")
            if prefix != kind:
                msg = f"arn {arn.resource!r} is not that of a {kind}."
                raise SignerMockError(msg)
        if not isinstance(name, str) or not _IAM_NAME.fullmatch(name):
            msg = (
                f"{name!r} cannot be the name of a {kind}: expected letters, digits and +=,.@-_ "
                "with a path before it at most, as in 'teams/ci'."
            )
            raise SignerMockError(msg)
        principal = Principal(self._world, self.account_id, f"{kind}/{name}")
        if policy is not None:
            policies = None if policy == "moto" else read_policies(policy)
            self._world.identity_policies[self.account_id, f"{kind}/{name}"] = policies
        return principal

    @property
    def trust_root_pem(self) -> bytes:
        """The root certificate, in PEM, that the account's signatures chain to."""
        return self._world.account(self.account_id).authority.trust_root_pem

    def write_trust_store(
        self,
        path: str | os.PathLike[str],
        *,
        trusted_identities: Iterable[str] | None = None,
    ) -> Path:
        """Write the trust root for ``notation verify`` and ``openssl`` into a folder.

        The folder is one for ``NOTATION_CONFIG``: it has ``trustpolicy.json``, which is replaced if
        it is there, and ``truststore/x509/signingAuthority/signer-mock-ACCOUNT/root.crt``. For
        ``openssl -CAfile`` there is ``root.pem``.

        Args:
            path: The folder; it is made if it is not there.
            trusted_identities: ARNs of signing profiles, or of their versions, whose signatures the
                policy trusts; None is all of this account's Notation profiles.

        Returns:
            The folder.

        Raises:
            SignerMockError: There is no profile to trust, or the folder cannot be written.
            InvalidArgumentError: ``trusted_identities`` is no list of ARNs.
        """
        from signer_mock._mock.trust_store import write_trust_store

        return write_trust_store(self._world, self.account_id, path, trusted_identities)

    def certificate_pem(self, certificate_arn: str) -> bytes:
        """Return the code-signing certificate behind an ACM ARN, in PEM.

        Raises:
            SignerMockError: Neither this account nor moto's ACM has it, and no job has used it yet.
        """
        certificates = self._world.account(self.account_id).certificates
        found = certificates.get(certificate_arn) or self._elsewhere(certificate_arn)
        if found is None:
            msg = (
                f"Account {self.account_id} has no certificate {certificate_arn!r}. Import one "
                "with import_certificate(cert_pem, key_pem), or run a signing job of a profile "
                f"that names it. It has: {sorted(certificates)}."
            )
            raise SignerMockError(msg)
        return found.certificate_pem

    def _elsewhere(self, certificate_arn: str) -> CodeSigningCertificate | None:
        from signer_mock._signing.errors import UnsignableObjectError

        arn = parse_arn(certificate_arn)
        if arn is None or arn.account_id != self.account_id:
            return None
        with suppress(UnsignableObjectError):
            return self._world.others.find_certificate(certificate_arn)
        return None

    def import_certificate(
        self, cert_pem: bytes, key_pem: bytes, region_name: str | None = None
    ) -> str:
        """Import a code-signing certificate and its key under a new ACM ARN.

        Args:
            cert_pem: The certificate, in PEM.
            key_pem: Its private key, in unencrypted PEM.
            region_name: None is the mock's own region.

        Returns:
            The certificate's ARN, for ``signingMaterial``.

        Raises:
            SignerMockError: The two are not PEM, or do not belong together.
        """
        from signer_mock._signing.ca.key_pair import require_key_pair

        try:
            require_key_pair(cert_pem, key_pem)
        except (ValueError, TypeError) as error:
            msg = f"import_certificate() takes a certificate and its key in PEM, as bytes. {error}"
            raise SignerMockError(msg) from error
        region = region_name or self._world.region
        arn = (
            f"arn:{partition_of(region)}:acm:{region}:{self.account_id}:"
            f"certificate/{self._world.ids.uuid()}"
        )
        certificate = CodeSigningCertificate(bytes(cert_pem), bytes(key_pem))
        self._world.account(self.account_id).certificates[arn] = certificate
        return arn

    def export_oci_layout(
        self, repository: str, path: str | os.PathLike[str], region_name: str | None = None
    ) -> Path:
        """Write a repository of moto's ECR, signatures included, as an OCI image layout.

        ``notation verify --oci-layout`` reads it. moto keeps no layers, so the layout has none;
        notation needs none. An existing layout is overwritten.

        Args:
            repository: The repository's name.
            path: The folder; made if it does not exist.
            region_name: None is the mock's own region.

        Returns:
            The folder.

        Raises:
            SignerMockError: moto's ECR is not active, or has no such repository.
            OSError: The folder cannot be written.
        """
        from signer_mock._moto.ecr_layout import export_layout

        client = self.client("ecr", region_name)
        return export_layout(client, self._world.image_signing.blobs, repository, path)

    def revoke_certificate(self, certificate: bytes | str) -> None:
        """Revoke a certificate: GetRevocationStatus then names it.

        Args:
            certificate: One certificate in PEM, or its hash as GetRevocationStatus takes it:
                192 lower-case hex digits. It may belong to any account, or come from elsewhere.

        Raises:
            SignerMockError: It is neither a certificate nor such a hash.
        """
        text = certificate.decode("latin-1") if isinstance(certificate, bytes) else certificate
        if not re.fullmatch(r"[0-9a-f]{192}", text):
            text = _certificate_digest(text)
        self._world.revoked_certificates.add(text)


def _certificate_digest(pem: str) -> str:
    from cryptography import x509

    from signer_mock._signing.ca.authority import certificate_hashes

    try:
        certificates = x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        certificates = []
    if len(certificates) != 1:
        msg = (
            "revoke_certificate() takes one certificate in PEM, or 192 lower-case hex digits as "
            f"GetRevocationStatus takes them; it was given {len(certificates)} certificates in "
            f"{pem[:60]!r}. Give the certificates of a chain one by one."
        )
        raise SignerMockError(msg)
    # The first half is the certificate's own hash; the second is its issuer's.
    (pair,) = certificate_hashes(certificates)
    return pair[: len(pair) // 2]
