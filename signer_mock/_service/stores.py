"""What an account holds: in one region, and in all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signer_mock._service.job_list import JobList

if TYPE_CHECKING:
    from signer_mock._service.records import Job, Profile
    from signer_mock._signing.ca.authority import CertificateAuthority


@dataclass(slots=True, repr=False, eq=False)
class RegionStore:
    """What one account holds in one region.

    ``jobs`` and ``profiles`` only grow, so that a place in them is a page token's anchor.
    """

    profiles: dict[str, Profile] = field(default_factory=dict)
    profile_history: list[Profile] = field(default_factory=list)
    jobs: JobList = field(default_factory=JobList)
    jobs_by_id: dict[str, Job] = field(default_factory=dict)
    #: clientRequestToken -> its job
    request_tokens: dict[str, Job] = field(default_factory=dict)


@dataclass(slots=True, repr=False)
class CodeSigningCertificate:
    """A certificate behind an ACM ARN, with its key."""

    certificate_pem: bytes
    private_key_pem: bytes


class AccountStore:
    """What one account holds in all regions: key material.

    Args:
        account_id: Twelve digits.
        seed: Makes keys and signatures repeatable; None makes them random.
    """

    def __init__(self, account_id: str, seed: int | str | None = None) -> None:
        self.account_id = account_id
        self.seed = seed
        self.certificates: dict[str, CodeSigningCertificate] = {}
        self._authority: dict[str, CertificateAuthority] = {}

    @property
    def authority(self) -> CertificateAuthority:
        """The account's certificate authority, made when it is first needed."""
        if not self._authority:
            from signer_mock._signing.ca.authority import CertificateAuthority

            # If several threads race, all get the first one's value.
            self._authority.setdefault("made", CertificateAuthority(self.account_id, self.seed))
        return self._authority["made"]

    @authority.setter
    def authority(self, authority: CertificateAuthority) -> None:
        authority.use_seed(self.seed)
        self._authority["made"] = authority

    @property
    def has_authority(self) -> bool:
        """Whether the authority has been made; asking does not make it."""
        return bool(self._authority)
