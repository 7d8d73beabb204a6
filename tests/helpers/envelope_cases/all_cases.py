"""Good and bad Notary envelopes with the verdict that each deserves, made with real keys.

One list for two judges: `test_envelope_cases` holds our verifier against the verdicts, and
`interop/test_notation_differential` holds the Notary Project's own Go code against the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.helpers.envelope_cases import chains, der, forms, headers, signed, trust, values
from tests.helpers.envelope_cases.case import Case
from tests.helpers.forgery import Key, good_header


@cache
def _rsa_keys() -> dict[int, rsa.RSAPrivateKey]:
    return {size: rsa.generate_private_key(65537, size) for size in (1024, 2048, 2560, 3072, 4096)}


def _other_keys() -> dict[str, Key]:
    return {
        "P-384": ec.generate_private_key(ec.SECP384R1()),
        "P-256": ec.generate_private_key(ec.SECP256R1()),
    }


GROUPS: Mapping[str, Callable[[], list[Case]]] = {
    "headers missing": headers.missing,
    "headers of wrong types": headers.wrong_types,
    "headers doubled": headers.doubled,
    "critical headers": headers.critical,
    "signing schemes": headers.schemes,
    "algorithms": lambda: values.algorithms(_other_keys()),
    "attributes": values.attributes,
    "times": values.times,
    "documents": forms.documents,
    "members": forms.members,
    "encodings": forms.encodings,
    "payloads": signed.payloads,
    "signatures": signed.signatures,
    "RSA signatures": lambda: signed.rsa_signatures(_rsa_keys()),
    "leaf rules": chains.leaf_rules,
    "authority rules": chains.authority_rules,
    "chain orders": chains.orders,
    "keys": lambda: chains.keys(_rsa_keys()),
    "validities": chains.validities,
    "damaged certificates": der.damaged,
    "odd extensions": der.odd_extensions,
    "odd certificates": der.odd_certificates,
    "as the mock makes them": trust.as_made,
    "trusted roots": trust.roots,
    "trusted identities": trust.identities,
    "artifacts": trust.artifacts,
}


@cache
def cases_of(group: str) -> list[Case]:
    """A group's cases; made once, because each making has other keys."""
    return GROUPS[group]()


_STRICT_DER = "Python's certificate parser takes DER strictly, and refuses what Go's lets pass"
_MICROSECONDS = "Python's times end at the microsecond; Signer itself writes whole seconds"
_AMBIGUOUS = "readers of JSON disagree about it, and we accept only what all read alike"
_READ_WHOLE = "we read the payload as JSON at once, notation-go after its other checks"
_SERIAL = "RFC 5280 forbids the serial number zero, and Python's certificate parser will refuse it"
_GENERAL_NAMES = "Python's certificate parser cannot represent these alternative names"

#: Where our verifier decides otherwise than Notation: its verdict, and why that is right for us.
DIFFERENCES: Mapping[str, tuple[str, str]] = {
    **{
        f"certificate: {name}": ("chain", _STRICT_DER)
        for name in (
            "leaf key usage with something after it",
            "leaf basic constraints that say no in so many bytes",
            "leaf basic constraints not an authority, with a length",
            "regional basic constraints with something after them",
            "algorithm with a null",
        )
    },
    "certificate: serial number zero": ("chain", _SERIAL),
    # As a root it is not read from the trust store either.
    "certificate: root's serial number zero": ("untrusted", _SERIAL),
    **{
        f"certificate: leaf alternative name {name}": ("chain", _GENERAL_NAMES)
        for name in ("of X.400", "of an EDI party")
    },
    "expires at: a tenth of a microsecond later": ("format", _MICROSECONDS),
    **{f"twice, alike: {name}": ("format", _AMBIGUOUS) for name in good_header()},
    **{
        f"twice: {name}": ("format", _AMBIGUOUS)
        for name in (
            "alg, none first",
            "scheme, unknown first",
            "expiry, past first",
            "crit, empty first",
            "cty, other last",
            "profile, other last",
            "profile, other first",
        )
    },
    **{
        f"in capitals: {name}": ("format", _AMBIGUOUS)
        for name in (
            "ALG beside alg, alike",
            "CTY beside cty",
            "only CTY",
            "only CRIT",
            "long s in crit",
        )
    },
    **{
        f"document: {name}": ("format", _AMBIGUOUS)
        for name in (
            "an unknown member with bad UTF-8",
            "an unknown member with a lone surrogate",
            "an unknown huge number",
            "an unknown very long number",
            "names in capitals",
        )
    },
    **{
        f"{member} twice: {name}": ("format", _AMBIGUOUS)
        for member in ("payload", "protected", "header", "signature")
        for name in ("alike", "null last", "null first")
    },
    **{
        f"{member} twice: {name}": ("format", _AMBIGUOUS)
        for member, name in (
            ("payload", "another last"),
            ("payload", "another first"),
            ("payload", "another in capitals last"),
            ("header", "an empty one last"),
            ("header", "another x5c last"),
            ("header", "another x5c first"),
        )
    },
    **{
        f"payload: {name}": ("format", _AMBIGUOUS)
        for name in (
            "with bad UTF-8",
            "with a number out of range",
            "doubled, the right one last",
            "doubled, an empty one last",
            "doubled, null last",
            "doubled, another last",
        )
    },
    "payload: with names in capitals": ("integrity", _AMBIGUOUS),
    "payload: with something after it": ("format", _READ_WHOLE),
    "payload: twice": ("format", _READ_WHOLE),
}
