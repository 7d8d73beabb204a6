"""The certificate authority of one mock account, and the identities that it signs with.

A real Signer signature ends at AWS's root; a mock's ends at a root of its own, one an account,
so that nobody can mistake one for the other and two accounts never vouch for each other.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from signer_mock._signing.ca.certificates import (
    issue_authority,
    issue_leaf,
    issue_server_leaf,
    make_code_signing_certificate,
    private_key_pem,
    subject_name,
)
from signer_mock._signing.times import in_utc

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = [
    "CertificateAuthority",
    "SigningIdentity",
    "certificate_hashes",
    "make_code_signing_certificate",
]

# AWS's CA certificates live one to a hundred years. The mock's must hold whatever time a test
# freezes the clock at, before or after they were made, so their window is all of practical time.
_AUTHORITIES_START = datetime(1970, 1, 1, tzinfo=timezone.utc)
_AUTHORITIES_END = datetime(2999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)

# A real leaf ends about three days after it signed (facts §10); the hour before absorbs clocks
# that are a little apart.
_LEAF_BEFORE = timedelta(hours=1)
_LEAF_AFTER = timedelta(days=3)

_ORGANIZATION = "AWS Signer mock"


@dataclass(frozen=True)
class SigningIdentity:
    """A private key and the certificates that vouch for it, leaf first, root last.

    The derived forms are computed on first use and kept, because one identity makes many
    signatures. The key stays out of the repr.
    """

    private_key: ec.EllipticCurvePrivateKey = field(repr=False)
    certificates: tuple[x509.Certificate, ...]

    @cached_property
    def chain_der(self) -> tuple[bytes, ...]:
        """The certificates in DER, leaf first."""
        return tuple(
            certificate.public_bytes(serialization.Encoding.DER)
            for certificate in self.certificates
        )

    @cached_property
    def x5c(self) -> tuple[str, ...]:
        """The certificates as JOSE's x5c header wants them: standard base64 of the DER."""
        return tuple(base64.b64encode(der).decode("ascii") for der in self.chain_der)

    @cached_property
    def certificate_hashes(self) -> tuple[str, ...]:
        """The chain as GetRevocationStatus wants it (see `certificate_hashes`)."""
        return certificate_hashes(self.certificates)


def certificate_hashes(chain: Sequence[x509.Certificate]) -> tuple[str, ...]:
    """The `certificateHashes` parameter of GetRevocationStatus for a chain, leaf first.

    Entry i is the lower-case hex SHA-384 of certificate i's TBSCertificate followed by that of
    its issuer, certificate i + 1; the last is paired with itself. 192 hex digits each.
    Source: what AWS's own Notation plugin sends.
    """
    digests = [
        hashlib.sha384(certificate.tbs_certificate_bytes).hexdigest() for certificate in chain
    ]
    return tuple(
        own + issuer for own, issuer in zip(digests, digests[1:] + digests[-1:], strict=True)
    )


@dataclass(frozen=True)
class _Issued:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


class CertificateAuthority:
    """Root, intermediate, one regional CA and one leaf a region, all P-384 with SHA-384.

    Nothing is made before it is asked for; making a whole chain costs four key generations and
    four signatures. Safe to use from several threads.
    """

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id
        self._lock = threading.RLock()
        # "root", "intermediate", "regional/REGION", "leaf/REGION"
        self._issued: dict[str, _Issued] = {}
        self._identities: dict[str, SigningIdentity] = {}

    def __repr__(self) -> str:
        return f"CertificateAuthority({self.account_id!r})"

    @property
    def trust_root_pem(self) -> bytes:
        """The root certificate in PEM: what a verifier has to trust."""
        return self._root().certificate.public_bytes(serialization.Encoding.PEM)

    def identity(self, region: str, now: datetime) -> SigningIdentity:
        """The identity that signs in `region` at `now` (aware).

        The same one is handed out until `now` leaves its leaf's window, in either direction; then
        a new leaf, with a new key and a new serial number, takes its place. Raises ValueError for
        a naive `now`, or one outside 1970..2999, where the mock's CA certificates are not valid.
        """
        moment = in_utc(now)
        identity = self._identities.get(region)
        if identity is not None and _covers(identity.certificates[0], moment):
            return identity
        if not _AUTHORITIES_START <= moment <= _AUTHORITIES_END:
            raise ValueError(f"{now} is outside 1970..2999, the mock's certificates' window.")
        with self._lock:
            leaf = self._issued.get(f"leaf/{region}")
            if leaf is None or not _covers(leaf.certificate, moment):
                leaf = self._issue_leaf(region, moment)
            identity = self._identities.get(region)
            if identity is None or identity.certificates[0] is not leaf.certificate:
                above = (self._regional(region), self._intermediate(), self._root())
                chain = (leaf.certificate, *(issued.certificate for issued in above))
                identity = SigningIdentity(leaf.key, chain)
                self._identities[region] = identity
            return identity

    def server_identity(self, names: Sequence[str]) -> SigningIdentity:
        """A new key and certificate for a TLS server, valid as long as the authority itself.

        Clients look at their own clocks, whatever the mock's or this process's says.

        Args:
            names: host names and IP addresses.
        """
        issuer = self._intermediate()
        key = ec.generate_private_key(ec.SECP384R1())
        certificate = issue_server_leaf(
            key.public_key(),
            names,
            issuer=issuer.certificate,
            signing_key=issuer.key,
            validity=(_AUTHORITIES_START, _AUTHORITIES_END),
        )
        return SigningIdentity(key, (certificate, issuer.certificate, self._root().certificate))

    def export(self) -> dict[str, str]:
        """Every key and certificate made so far, in PEM, for a state file.

        Keys of the dict: `root`, `intermediate`, `regional/REGION`, `leaf/REGION`, each with
        `.key` and `.crt` appended. The private keys are in clear: they are worth nothing outside
        the mock.
        """
        with self._lock:
            data = {}
            for name, issued in self._issued.items():
                data[f"{name}.key"] = private_key_pem(issued.key).decode("ascii")
                pem = issued.certificate.public_bytes(serialization.Encoding.PEM)
                data[f"{name}.crt"] = pem.decode("ascii")
            return data

    @classmethod
    def restore(cls, account_id: str, data: Mapping[str, str]) -> CertificateAuthority:
        """The authority that `export` described. Raises ValueError if `data` is not such."""
        authority = cls(account_id)
        names = {name.removesuffix(".key").removesuffix(".crt") for name in data}
        for name in names:
            try:
                key = serialization.load_pem_private_key(data[f"{name}.key"].encode(), None)
                certificate = x509.load_pem_x509_certificate(data[f"{name}.crt"].encode())
            except KeyError as missing:
                raise ValueError(f"The exported authority lacks {missing}.") from None
            if not isinstance(key, ec.EllipticCurvePrivateKey):
                message = f"The exported key {name!r} is not an elliptic-curve key."
                raise ValueError(message)  # noqa: TRY004 - what is wrong is a file's content
            authority._issued[name] = _Issued(key, certificate)
        return authority

    def __reduce__(
        self,
    ) -> tuple[Callable[[str, Mapping[str, str]], CertificateAuthority], tuple[str, object]]:
        # pickle and copy.deepcopy cannot take a lock or a key; the exported form has neither
        return (CertificateAuthority.restore, (self.account_id, self.export()))

    def _root(self) -> _Issued:
        return self._authority("root", "AWS Signer Code Signing Root CA G1", None, None)

    def _intermediate(self) -> _Issued:
        return self._authority("intermediate", "AWS Signer Code Signing Int CA G1", self._root, 1)

    def _regional(self, region: str) -> _Issued:
        # a common name has at most 64 characters, and test authors make up regions
        common_name = f"AWS Signer {region[:34]} Code Signing CA G1"
        return self._authority(f"regional/{region}", common_name, self._intermediate, 0)

    def _authority(
        self,
        name: str,
        common_name: str,
        issuer: Callable[[], _Issued] | None,
        path_length: int | None,
    ) -> _Issued:
        with self._lock:
            if name not in self._issued:
                parent = issuer() if issuer is not None else None
                key = ec.generate_private_key(ec.SECP384R1())
                certificate = issue_authority(
                    subject_name(common_name, _ORGANIZATION, self._unit()),
                    key.public_key(),
                    issuer=parent.certificate if parent is not None else None,
                    signing_key=parent.key if parent is not None else key,
                    validity=(_AUTHORITIES_START, _AUTHORITIES_END),
                    path_length=path_length,
                )
                self._issued[name] = _Issued(key, certificate)
            return self._issued[name]

    def _issue_leaf(self, region: str, moment: datetime) -> _Issued:
        issuer = self._regional(region)
        key = ec.generate_private_key(ec.SECP384R1())
        whole_second = moment.replace(microsecond=0)
        certificate = issue_leaf(
            subject_name("AWS Signer", _ORGANIZATION, self._unit(), locality="Seattle"),
            key.public_key(),
            issuer=issuer.certificate,
            signing_key=issuer.key,
            # a leaf may not outlive its issuers, nor come before them
            validity=(
                max(whole_second - _LEAF_BEFORE, _AUTHORITIES_START),
                min(whole_second + _LEAF_AFTER, _AUTHORITIES_END),
            ),
            digest=hashes.SHA384(),
        )
        issued = _Issued(key, certificate)
        self._issued[f"leaf/{region}"] = issued
        return issued

    def _unit(self) -> str:
        return f"Account {self.account_id} - not AWS"


def _covers(certificate: x509.Certificate, moment: datetime) -> bool:
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc
