"""NIST's PKI test suite (PKITS) before our rules for chains, as far as they are about the same.

The suite's end entities may encipher, which Notary's rules for a leaf refuse, so these are left out
here; `test_x509_rules` and `interop` are about them. So are CRLs, policies and name constraints,
which Notation does not look at.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from signer_mock._signing.ca import x509_rules
from signer_mock._signing.ca.loading import ChainError, load_certificate
from signer_mock._signing.ca.x509_rules import check_code_signing_chain, order_chain

if TYPE_CHECKING:
    from cryptography import x509

vectors = pytest.importorskip("cryptography_vectors", reason="the `test` extra brings it")
FOLDER = Path(vectors.__file__).parent / "x509" / "PKITS_data" / "certs"
AT = dt.datetime(2012, 1, 1, tzinfo=dt.timezone.utc)

#: Tests of what Notation does not look at: the certificates themselves are good.
NOT_LOOKED_AT = {
    "CRLs": "CRL(?!SigningKeyTest8)|crlIssuer|cRLIssuer|Revoked|onlyContains|onlySomeReasons"
    "|distributionPoint|keyUsageCriticalcRLSign|LongSerialNumberTest18|SelfIssuedOldWithNewTest2"
    "|SelfIssuedNewWithOldTest5",
    "policies": "[pP]olicy",
    "name constraints": "nameConstraints",
    "unknown extensions": "UnknownCriticalCertificateExtension",
}
#: Good by RFC 5280, and refused by Notation or Go.
REFUSED = {
    "a key of DSA": ["ValidDSASignaturesTest4", "ValidDSAParameterInheritanceTest5"],
    "names that are not the same bytes": [
        "ValidNameChainingWhitespaceTest3",
        "ValidNameChainingWhitespaceTest4",
        "ValidNameChainingCapitalizationTest5",
        "ValidRolloverfromPrintableStringtoUTF8StringTest10",
        "ValidUTF8StringCaseInsensitiveMatchTest11",
    ],
    "self-issued authorities count for the path length": [
        "ValidSelfIssuedpathLenConstraintTest15",
        "ValidSelfIssuedpathLenConstraintTest17",
    ],
    "key usage that is not critical": ["ValidkeyUsageNotCriticalTest3"],
}


@cache
def certificates() -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.crt"))}


@cache
def authorities() -> list[x509.Certificate]:
    return [
        load_certificate(der)
        for name, der in certificates().items()
        if not name.endswith("EE") and name != "DSAParametersInheritedCACert"  # not readable
    ]


def is_accepted(der: bytes) -> bool:
    try:
        leaf = load_certificate(der)
        check_code_signing_chain(order_chain(leaf, authorities()), AT)
    except ChainError:
        return False
    return True


def is_good(test: str) -> bool:
    """Whether a chain that ends in this test's end entity must be accepted."""
    if any(test in tests for tests in REFUSED.values()):
        return False
    return not test.startswith("Invalid") or any(
        re.search(pattern, test) for pattern in NOT_LOOKED_AT.values()
    )


def test_every_chain_gets_its_verdict(monkeypatch) -> None:
    monkeypatch.setattr(x509_rules, "_check_leaf", lambda certificate: None)
    entities = {name[:-2]: der for name, der in certificates().items() if name.endswith("EE")}

    assert len(entities) > 200
    assert {test: is_accepted(der) for test, der in entities.items()} == {
        test: is_good(test) for test in entities
    }
    assert {name for names in REFUSED.values() for name in names} <= entities.keys()


def test_no_end_entity_of_the_suite_is_a_code_signer() -> None:
    assert not any(is_accepted(der) for der in certificates().values())
