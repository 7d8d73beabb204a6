"""One envelope with the verdict that it deserves; `envelope_cases` has them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from signer_mock._signing.notation.envelope import read_envelope
from signer_mock.verify import (
    ExpiredError,
    IntegrityError,
    MismatchError,
    UntrustedError,
    VerificationError,
    verify_notation_envelope,
)
from tests.helpers.constants import ARTIFACT
from tests.helpers.forgery import envelope_root_pem
from tests.helpers.signing import PROFILE_ARN

# Refused by notation-core-go, because the signature is not good, because the certificates break a
# rule, or because something has not the right form.
REFUSALS = ("signature", "chain", "format")

# What notation-go makes of an envelope that notation-core-go accepts.
TRUST: Mapping[str, type[VerificationError] | None] = {
    "verified": None,
    "integrity": IntegrityError,  # content type, or headers that concern the plugin
    "untrusted": UntrustedError,
    "mismatch": MismatchError,
    "expired": ExpiredError,
}


@dataclass(frozen=True)
class Case:
    """An envelope, its verdict (of REFUSALS or TRUST), and what a verifier is told beside it."""

    name: str
    envelope: bytes
    verdict: str
    roots: bytes = field(default_factory=envelope_root_pem)
    identities: tuple[str, ...] = (PROFILE_ARN,)
    artifact: Mapping[str, object] = field(default_factory=lambda: ARTIFACT)

    def __post_init__(self) -> None:
        assert self.verdict in REFUSALS or self.verdict in TRUST, self

    @property
    def error(self) -> type[VerificationError] | None:
        """What `verify_notation_envelope` raises; None if it verifies."""
        return IntegrityError if self.verdict in REFUSALS else TRUST[self.verdict]


class NothingRevoked:
    """A source that knows of no revocation."""

    def revoked_entities(self, **question: object) -> list[str]:
        assert question["certificate_hashes"]
        return []


def our_verdict(case: Case) -> str:
    """What `verify_notation_envelope` makes of a case, in the same words."""
    try:
        verify_notation_envelope(
            case.envelope,
            case.roots,
            case.identities,
            artifact=case.artifact,
            revocation=NothingRevoked(),
        )
    except IntegrityError:
        return _refusal(case.envelope) or "integrity"
    except VerificationError as error:
        return next(name for name, kind in TRUST.items() if kind is type(error))
    return "verified"


def _refusal(envelope: bytes) -> str | None:
    try:
        read_envelope(envelope)
    except IntegrityError as error:
        starts = {"certificate-chain is invalid": "chain", "signature is invalid": "signature"}
        return next(
            (kind for text, kind in starts.items() if str(error).startswith(text)), "format"
        )
    return None


def cases(
    prefix: str,
    verdict: str,
    envelopes: Mapping[str, bytes] | Iterable[tuple[str, bytes]],
    **told: object,
) -> list[Case]:
    """Several envelopes of one verdict."""
    rows = envelopes.items() if isinstance(envelopes, Mapping) else envelopes
    return [Case(f"{prefix}: {name}", envelope, verdict, **told) for name, envelope in rows]  # type: ignore[arg-type]  # Case checks its own fields
