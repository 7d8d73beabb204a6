"""Chains of certificates, good and bad; each bad one breaks one rule of the Notary Project's."""

from __future__ import annotations

import warnings
from datetime import timedelta
from typing import Any

import pytest
from asn1crypto import core
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from signer_mock._signing.ca import loading
from signer_mock._signing.ca.loading import ChainError, load_certificate
from signer_mock._signing.ca.x509_rules import (
    check_code_signing_chain,
    is_anchored,
    leaf_algorithm,
    order_chain,
)
from tests.helpers.forgery import Certificate, authority_recipe, good_chain, issue
from tests.helpers.signing import NOW, authority

AT = NOW.replace(microsecond=0)
HOUR = timedelta(hours=1)


def chain_with(index: int, **changes: Any) -> list[x509.Certificate]:
    """A good chain but for one change to one certificate: 0 is the leaf, 3 the root."""
    recipes = good_chain()
    recipes[index] = recipes[index].but(**changes)
    return issue(recipes)


def p384() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP384R1())


LEAF, REGIONAL, INTERMEDIATE, ROOT = range(4)

GOOD = {
    "as it is": lambda: issue(good_chain()),
    "leaf: without BasicConstraints": lambda: chain_with(LEAF, basic=None),
    "leaf: BasicConstraints not critical": lambda: chain_with(LEAF, basic_critical=False),
    "leaf: nonRepudiation": lambda: chain_with(
        LEAF, usage=("digital_signature", "content_commitment")
    ),
    "leaf: no EKU": lambda: chain_with(LEAF, purposes=()),
    "leaf: unknown EKU": lambda: chain_with(LEAF, purposes=(x509.ObjectIdentifier("1.2.3.4"),)),
    "leaf: any EKU": lambda: chain_with(
        LEAF, purposes=(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)
    ),
    "leaf: P-256": lambda: chain_with(LEAF, key=ec.generate_private_key(ec.SECP256R1())),
    "leaf: RSA-2048": lambda: chain_with(LEAF, key=rsa.generate_private_key(65537, 2048)),
    "leaf: signed with SHA-256": lambda: chain_with(LEAF, digest=hashes.SHA256()),
    "CA: BasicConstraints not critical": lambda: chain_with(REGIONAL, basic_critical=False),
    "CA: more key usages": lambda: chain_with(
        REGIONAL, usage=("key_cert_sign", "digital_signature", "key_encipherment")
    ),
    "CA: any EKU": lambda: chain_with(REGIONAL, purposes=(ExtendedKeyUsageOID.SERVER_AUTH,)),
    "CA: RSA": lambda: chain_with(INTERMEDIATE, key=rsa.generate_private_key(65537, 2048)),
    "CA: P-224": lambda: chain_with(INTERMEDIATE, key=ec.generate_private_key(ec.SECP224R1())),
    "regional: no path length": lambda: chain_with(REGIONAL, basic=(True, None)),
    "root: path length 2": lambda: chain_with(ROOT, basic=(True, 2)),
    "one certificate": lambda: issue([Certificate("alone")]),
    "one certificate, no BasicConstraints": lambda: issue([Certificate("alone", basic=None)]),
    "two certificates": lambda: issue([good_chain()[LEAF], good_chain()[ROOT]]),
    "five certificates": lambda: issue(
        [*good_chain()[:3], authority_recipe("second intermediate", 2), good_chain()[ROOT]]
    ),
    "all of one name": lambda: issue([one.but(name="same") for one in good_chain()]),
}


@pytest.mark.parametrize("make", GOOD.values(), ids=GOOD.keys())
def test_a_good_chain_passes(make) -> None:
    check_code_signing_chain(make(), AT)


BAD: dict[str, tuple[Any, str]] = {
    "empty": (list, "is empty"),
    "leaf: Ed25519": (
        lambda: chain_with(LEAF, key=ed25519.Ed25519PrivateKey.generate()),
        "unsupported public key type",
    ),
    **{
        f"leaf: {usage}": (
            lambda usage=usage: chain_with(LEAF, usage=("digital_signature", usage)),
            "key usage must not have",
        )
        for usage in (
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
        )
    },
    **{
        f"leaf: {usage}": (
            lambda usage=usage: chain_with(
                LEAF, usage=("digital_signature", "key_agreement", usage)
            ),
            "key usage must not have keyAgreement, ",
        )
        for usage in ("encipher_only", "decipher_only")
    },
    **{
        f"leaf: EKU {name}": (
            lambda name=name: chain_with(
                LEAF, purposes=(x509.OID_CODE_SIGNING, getattr(ExtendedKeyUsageOID, name))
            ),
            "extended key usage must not contain",
        )
        for name in (
            "SERVER_AUTH",
            "CLIENT_AUTH",
            "EMAIL_PROTECTION",
            "TIME_STAMPING",
            "OCSP_SIGNING",
        )
    },
    "leaf: no key usage": (lambda: chain_with(LEAF, usage=None), "key usage must be present"),
    "leaf: key usage not critical": (
        lambda: chain_with(LEAF, usage_critical=False),
        "key usage must be critical",
    ),
    "leaf: no digitalSignature": (
        lambda: chain_with(LEAF, usage=("content_commitment",)),
        "must have digitalSignature",
    ),
    "leaf: is a CA": (lambda: chain_with(LEAF, basic=(True, None)), "is a certificate authority"),
    "leaf: RSA-1024": (
        lambda: chain_with(LEAF, key=rsa.generate_private_key(65537, 1024)),
        "RSA key of 1024 bits",
    ),
    "leaf: P-224": (
        lambda: chain_with(LEAF, key=ec.generate_private_key(ec.SECP224R1())),
        "EC key of 224 bits",
    ),
    "leaf: signed with SHA-224": (
        lambda: chain_with(LEAF, digest=hashes.SHA224()),
        "not issued by",
    ),
    "leaf: signed by another": (lambda: chain_with(LEAF, signing_key=p384()), "not issued by"),
    "leaf: signed by an RSA key, issuer has another": (
        lambda: chain_with(LEAF, signing_key=rsa.generate_private_key(65537, 2048)),
        "not issued by",
    ),
    "leaf: issuer has an RSA key, signed by another": (
        lambda: issue(
            [
                Certificate("leaf", signing_key=p384()),
                authority_recipe("root", None, key=rsa.generate_private_key(65537, 2048)),
            ]
        ),
        "not issued by",
    ),
    "leaf: another issuer's name": (
        lambda: chain_with(LEAF, issuer_name="x"),
        "^certificate 'CN=leaf': is not issued by CN=regional$",
    ),
    "one certificate: CA": (
        lambda: issue([authority_recipe("alone", None, usage=("digital_signature",))]),
        "is a certificate authority",
    ),
    "one certificate: not self-signed": (
        lambda: issue([Certificate("alone", signing_key=p384())]),
        "^certificate 'CN=alone': is the only one of the chain and not self-signed$",
    ),
    "one certificate: not self-issued": (
        lambda: issue([Certificate("alone", issuer_name="other")]),
        "^certificate 'CN=alone': is the only one of the chain and not self-issued$",
    ),
    "without the root": (lambda: issue(good_chain())[:-1], "not a valid self-signed root"),
    "only the leaf": (lambda: issue(good_chain())[:1], "not self-signed"),
    "without the leaf": (lambda: issue(good_chain())[1:], "is a certificate authority"),
    "without the regional": (
        lambda: [one for index, one in enumerate(issue(good_chain())) if index != REGIONAL],
        "not issued by",
    ),
    "upside down": (lambda: issue(good_chain())[::-1], "is self-signed and not the last"),
    "the root twice": (
        lambda: (chain := issue(good_chain())) + chain[-1:],
        "is self-signed and not the last",
    ),
    "another root": (
        lambda: issue(good_chain())[:-1] + issue(good_chain())[-1:],
        "not issued by",
    ),
    "another root behind it": (
        lambda: issue(good_chain()) + issue([authority_recipe("other", None)]),
        "is self-signed and not the last",
    ),
    "five certificates, path length too small": (
        lambda: issue(
            [*good_chain()[:3], authority_recipe("second intermediate", 1), good_chain()[ROOT]]
        ),
        "path length is 1, and 2",
    ),
    "intermediate: path length 0": (
        lambda: chain_with(INTERMEDIATE, basic=(True, 0)),
        "path length is 0, and 1",
    ),
    "root: path length 1": (lambda: chain_with(ROOT, basic=(True, 1)), "path length is 1, and 2"),
}
for _name, _index in (("regional", REGIONAL), ("intermediate", INTERMEDIATE), ("root", ROOT)):
    _made = "not issued by|not a valid self-signed root"
    BAD |= {
        f"{_name}: no BasicConstraints": (lambda i=_index: chain_with(i, basic=None), _made),
        f"{_name}: not a CA": (lambda i=_index: chain_with(i, basic=(False, None)), _made),
        f"{_name}: no keyCertSign": (lambda i=_index: chain_with(i, usage=("crl_sign",)), _made),
        f"{_name}: no key usage": (lambda i=_index: chain_with(i, usage=None), "must be present"),
        f"{_name}: key usage not critical": (
            lambda i=_index: chain_with(i, usage_critical=False),
            "must be critical",
        ),
        f"{_name}: signed by another": (lambda i=_index: chain_with(i, signing_key=p384()), _made),
        f"{_name}: signed with SHA-224": (
            lambda i=_index: chain_with(i, digest=hashes.SHA224()),
            _made,
        ),
        f"{_name}: expired": (
            lambda i=_index: chain_with(i, not_after=AT - HOUR),
            "was invalid at",
        ),
        f"{_name}: not valid yet": (
            lambda i=_index: chain_with(i, not_before=AT + HOUR),
            "was invalid at",
        ),
    }


@pytest.mark.parametrize(("make", "message"), BAD.values(), ids=BAD.keys())
def test_a_bad_chain_is_refused(make, message: str) -> None:
    with pytest.raises(ChainError, match=message):
        check_code_signing_chain(make(), AT)


@pytest.mark.parametrize("length", [1, 4])
@pytest.mark.parametrize(
    ("moment", "valid"),
    [
        (AT - HOUR, True),
        (AT + HOUR, True),
        (AT - HOUR - timedelta(seconds=1), False),
        (AT + HOUR + timedelta(microseconds=1), False),
    ],
)
def test_validity_includes_its_bounds(moment, valid: bool, length: int) -> None:
    recipe = Certificate("leaf", not_before=AT - HOUR, not_after=AT + HOUR)
    chain = issue([recipe, *good_chain()[1:length]])
    if valid:
        check_code_signing_chain(chain, moment)
    else:
        with pytest.raises(ChainError) as refusal:
            check_code_signing_chain(chain, moment)
        bounds = f"it is valid from {AT - HOUR} to {AT + HOUR}"
        assert str(refusal.value) == f"certificate 'CN=leaf': was invalid at {moment}: {bounds}"


def test_without_a_time_the_validity_does_not_matter() -> None:
    check_code_signing_chain(chain_with(LEAF, not_after=AT - HOUR))


@pytest.mark.parametrize("year", [1971, 2026, 2031, 2999])
def test_the_mocks_own_chain_passes_at_any_time(year: int) -> None:
    at = AT.replace(year=year)

    check_code_signing_chain(authority().identity("us-east-1", at).certificates, at)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
        (ec.generate_private_key(ec.SECP521R1()), "ES512"),
        (rsa.generate_private_key(65537, 2048), "PS256"),
        (rsa.generate_private_key(65537, 3072), "PS384"),
    ],
    ids=["P-256", "P-384", "P-521", "RSA-2048", "RSA-3072"],
)
def test_the_algorithm_follows_from_the_leafs_key(key, algorithm: str) -> None:
    (certificate,) = issue([Certificate("alone", key=key)])

    assert leaf_algorithm(certificate) == algorithm


@pytest.mark.parametrize("curve", [ec.SECP256K1, ec.BrainpoolP256R1, ec.BrainpoolP384R1])
def test_a_curve_that_go_does_not_know_makes_a_certificate_unreadable(curve) -> None:
    (certificate,) = issue([Certificate("alone", key=ec.generate_private_key(curve()))])

    with pytest.raises(ChainError, match="unsupported elliptic curve"):
        load_certificate(certificate.public_bytes(Encoding.DER))


@pytest.mark.parametrize("data", [b"", b"x", b"0\x03\x02\x01\x05"])
def test_what_is_no_certificate_is_refused(data: bytes) -> None:
    with pytest.raises(ChainError) as refusal:
        load_certificate(data)
    assert str(refusal.value) == f"it holds a malformed certificate: {refusal.value.__context__}"


@pytest.mark.parametrize("action", ["error", "ignore"])
@pytest.mark.parametrize("serial_number", [0, -1])
def test_a_serial_number_must_be_positive(serial_number: int, action: str) -> None:
    (good,) = issue([Certificate("alone")])
    certificate = asn1.Certificate.load(good.public_bytes(Encoding.DER))
    certificate["tbs_certificate"]["serial_number"] = serial_number

    with warnings.catch_warnings():
        warnings.simplefilter(action)  # type: ignore[arg-type] # mypy widens the names
        with pytest.raises(ChainError, match="serial number is not positive"):
            load_certificate(certificate.dump())


def test_any_certificate_of_the_chain_can_be_the_anchor() -> None:
    chain, other = issue(good_chain()), issue(good_chain())

    assert [is_anchored(chain, [one]) for one in chain] == [True] * 4
    assert is_anchored(chain, [*other, chain[2]])
    assert not is_anchored(chain, other)
    assert not is_anchored(chain, [])


def test_certificates_are_put_in_order() -> None:
    chain, other = issue(good_chain()), issue(good_chain())

    assert order_chain(chain[0], [*other, *reversed(chain)]) == tuple(chain)
    assert order_chain(chain[0], chain[2:]) == (chain[0],)
    assert order_chain(chain[1], chain) == tuple(chain[1:])


ECDSA_SHA384 = bytes.fromhex("300a06082a8648ce3d040303")
ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")


def test_the_two_algorithms_of_a_certificate_are_compared() -> None:
    """Versions of cryptography differ in whether they compare them, and Go does."""
    der = issue(good_chain())[LEAF].public_bytes(Encoding.DER)
    first, second, third = der.split(ECDSA_SHA384)
    loading._check_algorithm(der)

    with pytest.raises(ValueError, match=r"^its two signature algorithms differ$"):
        loading._check_algorithm(first + ECDSA_SHA256 + second + ECDSA_SHA384 + third)
    with pytest.raises(ChainError, match="malformed certificate"):
        load_certificate(first + ECDSA_SHA256 + second + ECDSA_SHA384 + third)


def test_an_ecdsa_algorithm_with_parameters_is_refused() -> None:
    certificate = asn1.Certificate.load(issue(good_chain())[LEAF].public_bytes(Encoding.DER))
    certificate["signature_algorithm"]["parameters"] = core.Null()
    certificate["tbs_certificate"]["signature"]["parameters"] = core.Null()

    with pytest.raises(ValueError, match=r"^its ECDSA algorithm has parameters$"):
        loading._check_algorithm(certificate.dump(force=True))
