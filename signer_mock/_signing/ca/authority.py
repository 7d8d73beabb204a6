"""The certificate authority of a mock account, and the identities that sign for it.

A real Signer signature chains to AWS's root. Here each account has a root of its own, so nobody can
mistake a mock signature for a real one, and no account vouches for another.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import threading
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from signer_mock._signing.ca.certificates import (
    issue_authority,
    issue_leaf,
    issue_server_leaf,
    private_key_pem,
    subject_name,
)
from signer_mock._signing.ca.key_source import KeySource
from signer_mock._signing.times import in_utc

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# AWS's CA certificates are valid for one to a hundred years. The mock's must be valid at any time
# at which a test freezes the clock, before or after they were made.
_AUTHORITIES_START = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_AUTHORITIES_END = dt.datetime(2999, 12, 31, 23, 59, 59, tzinfo=dt.timezone.utc)

# The leaves in signatures of the live service end about three days after the signing time. The hour
# before it tolerates clocks that differ a little.
_LEAF_BEFORE = dt.timedelta(hours=1)
_LEAF_AFTER = dt.timedelta(days=3)

_ORGANIZATION = "AWS Signer mock"


class SigningIdentity:
    """A private key and its certificate chain, leaf first, root last.

    Derived forms are computed once, because one identity makes many signatures.
    """

    def __init__(
        self,
        private_key: ec.EllipticCurvePrivateKey,
        certificates: tuple[x509.Certificate, ...],
        source: KeySource | None = None,
    ) -> None:
        self.private_key = private_key
        self.certificates = certificates
        self._algorithm = (source or KeySource()).ecdsa(hashes.SHA384())

    def sign(self, data: bytes) -> bytes:
        """Sign with ECDSA and SHA-384; return the signature in DER."""
        return self.private_key.sign(data, self._algorithm)

    @cached_property
    def chain_der(self) -> tuple[bytes, ...]:
        """Return the certificates in DER, leaf first."""
        return tuple(
            certificate.public_bytes(serialization.Encoding.DER)
            for certificate in self.certificates
        )

    @cached_property
    def x5c(self) -> tuple[str, ...]:
        """Return the certificates as JOSE's x5c header holds them: standard base64 of the DER."""
        return tuple(base64.b64encode(der).decode("ascii") for der in self.chain_der)

    @cached_property
    def certificate_hashes(self) -> tuple[str, ...]:
        """Return the chain as GetRevocationStatus takes it: see ``certificate_hashes``."""
        return certificate_hashes(self.certificates)


def certificate_hashes(chain: Sequence[x509.Certificate]) -> tuple[str, ...]:
    """Compute GetRevocationStatus's ``certificateHashes`` for a chain, leaf first.

    Entry i is the lower-case hex SHA-384 of certificate i's TBSCertificate, followed by that of
    its issuer, certificate i + 1; the last one is paired with itself. Each has 192 hex digits.
    Source: the requests of AWS's Notation plugin.
    """
    digests = [
        hashlib.sha384(certificate.tbs_certificate_bytes).hexdigest() for certificate in chain
    ]
    return tuple(
        own + issuer for own, issuer in zip(digests, digests[1:] + digests[-1:], strict=True)
    )


class _Issued(NamedTuple):
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


class CertificateAuthority:
    """A root, an intermediate, and for each region a CA and a leaf; all P-384 with SHA-384.

    Each is made when first needed; a whole chain costs four key generations and four signatures.
    Safe for use by several threads.

    Args:
        account_id: Twelve digits.
        seed: Makes keys, serial numbers and signatures repeatable; None makes them random.
    """

    def __init__(self, account_id: str, seed: int | str | None = None) -> None:
        self.account_id = account_id
        self._source = KeySource(seed)
        self._lock = threading.RLock()
        # "root", "intermediate", "regional/REGION", "leaf/REGION"
        self._issued: dict[str, _Issued] = {}
        self._identities: dict[str, SigningIdentity] = {}

    def __repr__(self) -> str:
        return f"CertificateAuthority({self.account_id!r})"

    def use_seed(self, seed: int | str | None) -> None:
        """Use this seed for everything that is made from now on."""
        self._source = KeySource(seed)

    @property
    def trust_root_pem(self) -> bytes:
        """Return the root certificate in PEM, for a verifier to trust."""
        return self._root().certificate.public_bytes(serialization.Encoding.PEM)

    def identity(self, region: str, now: dt.datetime) -> SigningIdentity:
        """Return the identity that signs in ``region`` at ``now``.

        Every call gets the same one while ``now`` is within its leaf's validity; after that, or
        before, a leaf with a new key and serial number replaces it.

        Raises:
            ValueError: ``now`` is naive, or outside 1970 to 2999, where the mock's CA certificates
                are valid.
        """
        moment = in_utc(now)
        identity = self._identities.get(region)
        if identity is not None and _covers(identity.certificates[0], moment):
            return identity
        if not _AUTHORITIES_START <= moment <= _AUTHORITIES_END:
            msg = f"{now} is outside 1970..2999, the mock's certificates' window."
            raise ValueError(msg)
        with self._lock:
            leaf = self._issued.get(f"leaf/{region}")
            if leaf is None or not _covers(leaf.certificate, moment):
                leaf = self._issue_leaf(region, moment)
            identity = self._identities.get(region)
            if identity is None or identity.certificates[0] is not leaf.certificate:
                above = (self._regional(region), self._intermediate(), self._root())
                chain = (leaf.certificate, *(issued.certificate for issued in above))
                identity = SigningIdentity(leaf.key, chain, self._source)
                self._identities[region] = identity
            return identity

    def server_identity(self, names: Sequence[str]) -> SigningIdentity:
        """Make a key and certificate for a TLS server, valid as long as the authority.

        Clients check it against their own clock, not the mock's.

        Args:
            names: Host names and IP addresses.
        """
        issuer = self._intermediate()
        purpose = self._purpose(f"server/{','.join(names)}")
        key = self._source.private_key(purpose, ec.SECP384R1())
        certificate = issue_server_leaf(
            key.public_key(),
            names,
            issuer=issuer.certificate,
            signing_key=issuer.key,
            validity=(_AUTHORITIES_START, _AUTHORITIES_END),
            source=self._source,
            purpose=purpose,
        )
        return SigningIdentity(key, (certificate, issuer.certificate, self._root().certificate))

    def export(self) -> dict[str, str]:
        """Return every key and certificate made so far, in PEM, for a state file.

        The dict's keys are ``root``, ``intermediate``, ``regional/REGION`` and ``leaf/REGION``,
        each with ``.key`` and ``.crt`` appended. Private keys are unencrypted: they are worth
        nothing outside the mock.
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
        """Rebuild the authority that ``export`` returned.

        Raises:
            ValueError: ``data`` is not the result of ``export``.
        """
        authority = cls(account_id)
        names = {name.removesuffix(".key").removesuffix(".crt") for name in data}
        for name in names:
            try:
                key = serialization.load_pem_private_key(data[f"{name}.key"].encode(), None)
                certificate = x509.load_pem_x509_certificate(data[f"{name}.crt"].encode())
            except KeyError as missing:
                msg = f"The exported authority lacks {missing}."
                raise ValueError(msg) from None
            if not isinstance(key, ec.EllipticCurvePrivateKey):
                msg = f"The exported key {name!r} is not an elliptic-curve key."
                raise ValueError(msg)  # noqa: TRY004 - the content of a file is wrong
            authority._issued[name] = _Issued(key, certificate)
        return authority

    def __reduce__(
        self,
    ) -> tuple[Callable[[str, Mapping[str, str]], CertificateAuthority], tuple[str, object]]:
        # pickle and copy.deepcopy can handle neither locks nor keys; the exported form has neither.
        return (CertificateAuthority.restore, (self.account_id, self.export()))

    def _root(self) -> _Issued:
        return self._authority("root", "AWS Signer Code Signing Root CA G1", None, None)

    def _intermediate(self) -> _Issued:
        return self._authority("intermediate", "AWS Signer Code Signing Int CA G1", self._root, 1)

    def _regional(self, region: str) -> _Issued:
        # A common name has at most 64 characters, and test authors invent regions.
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
                purpose = self._purpose(name)
                key = self._source.private_key(purpose, ec.SECP384R1())
                certificate = issue_authority(
                    subject_name(common_name, _ORGANIZATION, self._unit()),
                    key.public_key(),
                    issuer=parent.certificate if parent is not None else None,
                    signing_key=parent.key if parent is not None else key,
                    validity=(_AUTHORITIES_START, _AUTHORITIES_END),
                    path_length=path_length,
                    source=self._source,
                    purpose=purpose,
                )
                self._issued[name] = _Issued(key, certificate)
            return self._issued[name]

    def _issue_leaf(self, region: str, moment: dt.datetime) -> _Issued:
        issuer = self._regional(region)
        whole_second = moment.replace(microsecond=0)
        purpose = self._purpose(f"leaf/{region}/{whole_second.isoformat()}")
        key = self._source.private_key(purpose, ec.SECP384R1())
        certificate = issue_leaf(
            subject_name("AWS Signer", _ORGANIZATION, self._unit(), locality="Seattle"),
            key.public_key(),
            issuer=issuer.certificate,
            signing_key=issuer.key,
            # A leaf's validity must lie within its issuers'.
            validity=(
                max(whole_second - _LEAF_BEFORE, _AUTHORITIES_START),
                min(whole_second + _LEAF_AFTER, _AUTHORITIES_END),
            ),
            digest=hashes.SHA384(),
            source=self._source,
            purpose=purpose,
        )
        issued = _Issued(key, certificate)
        self._issued[f"leaf/{region}"] = issued
        return issued

    def _purpose(self, name: str) -> str:
        return f"{self.account_id}/{name}"

    def _unit(self) -> str:
        return f"Account {self.account_id} - not AWS"


def _covers(certificate: x509.Certificate, moment: dt.datetime) -> bool:
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc
