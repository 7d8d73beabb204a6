"""The account's certificate chain, as OpenSSL and the certificates themselves see it."""

from __future__ import annotations

import copy
import hashlib
import pickle
import threading
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from signer_mock._signing.ca.authority import CertificateAuthority, certificate_hashes
from signer_mock._signing.ca.certificates import make_code_signing_certificate
from signer_mock._signing.ca.key_source import KeySource
from tests.helpers.constants import ACCOUNT
from tests.helpers.signing import NOW, authority, openssl, pem

if TYPE_CHECKING:
    from pathlib import Path


def verify_with_openssl(
    ca: CertificateAuthority, chain: tuple[x509.Certificate, ...], at: datetime, folder: Path
) -> str:
    (folder / "root.pem").write_bytes(ca.trust_root_pem)
    (folder / "others.pem").write_bytes(pem(*chain[1:-1]))
    (folder / "leaf.pem").write_bytes(pem(chain[0]))
    return openssl(
        *("verify", "-x509_strict", "-purpose", "any", "-attime", str(int(at.timestamp()))),
        *("-CAfile", folder / "root.pem", "-untrusted", folder / "others.pem"),
        folder / "leaf.pem",
    ).stdout


@pytest.mark.parametrize("year", [1971, 2000, 2026, 2031, 2049, 2050, 2120, 2900])
def test_openssl_accepts_the_chain_under_any_frozen_clock(year: int, tmp_path: Path) -> None:
    ca = CertificateAuthority(ACCOUNT)
    at = datetime(year, 1, 1, tzinfo=timezone.utc)

    chain = ca.identity("us-east-1", at).certificates

    assert verify_with_openssl(ca, chain, at, tmp_path).endswith("leaf.pem: OK\n")


WINDOW = r" is outside 1970\.\.2999, the mock's certificates' window\.$"


def test_openssl_refuses_the_chain_of_another_account(tmp_path: Path) -> None:
    chain = authority().identity("us-east-1", NOW).certificates

    other = CertificateAuthority("210987654321")

    assert "OK" not in verify_with_openssl(other, chain, NOW, tmp_path)


def test_subjects_have_awss_order_and_say_that_they_are_not_awss() -> None:
    chain = authority().identity("eu-west-1", NOW).certificates

    names = [[(part.rfc4514_attribute_name, part.value) for part in one.subject] for one in chain]

    common = [("O", "AWS Signer mock"), ("OU", "Account 123456789012 - not AWS")]
    start = [("C", "US"), ("ST", "WA")]
    assert names == [
        [*start, ("L", "Seattle"), *common, ("CN", "AWS Signer")],
        [*start, *common, ("CN", "AWS Signer eu-west-1 Code Signing CA G1")],
        [*start, *common, ("CN", "AWS Signer Code Signing Int CA G1")],
        [*start, *common, ("CN", "AWS Signer Code Signing Root CA G1")],
    ]


def test_extensions_of_the_whole_chain() -> None:
    chain = authority().identity("us-east-1", NOW).certificates

    constraints = [one.extensions.get_extension_for_class(x509.BasicConstraints) for one in chain]
    usages = [one.extensions.get_extension_for_class(x509.KeyUsage) for one in chain]

    assert all(extension.critical for extension in [*constraints, *usages])
    assert [(one.value.ca, one.value.path_length) for one in constraints] == [
        (False, None),
        (True, 0),
        (True, 1),
        (True, None),
    ]
    assert all(one.value.digital_signature for one in usages)
    assert [one.value.key_cert_sign for one in usages] == [False, True, True, True]
    assert [one.value.crl_sign for one in usages] == [False, True, True, True]
    purposes = chain[0].extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [x509.OID_CODE_SIGNING]


def test_each_certificate_points_to_its_issuers_key() -> None:
    chain = authority().identity("us-east-1", NOW).certificates

    for own, issuer in zip(chain, [*chain[1:], chain[-1]], strict=True):
        pointer = own.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
        key = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        assert pointer.key_identifier == key.digest
        own.verify_directly_issued_by(issuer)


def test_all_keys_are_p384_and_all_signatures_sha384() -> None:
    for certificate in authority().identity("us-east-1", NOW).certificates:
        key = certificate.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert isinstance(key.curve, ec.SECP384R1)
        assert isinstance(certificate.signature_hash_algorithm, hashes.SHA384)


def test_one_leaf_serves_a_region_until_its_window_is_left() -> None:
    ca = CertificateAuthority(ACCOUNT)
    first = ca.identity("us-east-1", NOW)
    issued = NOW.replace(microsecond=0)

    assert ca.identity("us-east-1", issued + timedelta(days=3)) is first
    assert ca.identity("us-east-1", issued - timedelta(hours=1)) is first

    later = ca.identity("us-east-1", issued + timedelta(days=3, microseconds=1))
    assert later.certificates[1:] == first.certificates[1:]
    assert later.certificates[0].serial_number != first.certificates[0].serial_number
    assert later.certificates[0].public_key() != first.certificates[0].public_key()


def test_a_clock_that_moves_back_gets_another_leaf() -> None:
    ca = CertificateAuthority(ACCOUNT)
    ca.identity("us-east-1", NOW)

    earlier = NOW - timedelta(days=365)
    leaf = ca.identity("us-east-1", earlier).certificates[0]

    assert leaf.not_valid_before_utc <= earlier <= leaf.not_valid_after_utc


def test_a_leaf_lives_about_three_days() -> None:
    leaf = CertificateAuthority(ACCOUNT).identity("us-east-1", NOW).certificates[0]

    assert leaf.not_valid_after_utc == NOW.replace(microsecond=0) + timedelta(days=3)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc < timedelta(days=3, hours=2)


def test_regions_share_the_root_and_the_intermediate_only() -> None:
    ca = CertificateAuthority(ACCOUNT)

    east, west = (ca.identity(region, NOW).certificates for region in ("us-east-1", "us-west-2"))

    assert east[2:] == west[2:]
    assert east[0] != west[0]
    assert east[1] != west[1]


def test_the_trust_root_is_the_last_of_the_chain() -> None:
    ca = CertificateAuthority(ACCOUNT)

    root = x509.load_pem_x509_certificate(ca.trust_root_pem)

    assert ca.identity("us-east-1", NOW).certificates[-1] == root


def test_a_restored_authority_has_the_same_keys() -> None:
    ca = CertificateAuthority(ACCOUNT)
    identity = ca.identity("us-east-1", NOW)

    restored = CertificateAuthority.restore(ACCOUNT, ca.export())

    assert restored.trust_root_pem == ca.trust_root_pem
    again = restored.identity("us-east-1", NOW)
    assert again.certificates == identity.certificates
    assert again.private_key.private_numbers() == identity.private_key.private_numbers()
    assert restored.identity("us-west-2", NOW).certificates[2:] == identity.certificates[2:]


def test_an_export_holds_only_what_was_made_and_only_text() -> None:
    ca = CertificateAuthority(ACCOUNT)
    assert ca.export() == {}
    assert ca.trust_root_pem

    data = ca.export()

    assert sorted(data) == ["root.crt", "root.key"]
    assert data["root.key"].startswith("-----BEGIN PRIVATE KEY-----")


@pytest.mark.parametrize("copier", [copy.deepcopy, lambda ca: pickle.loads(pickle.dumps(ca))])
def test_an_authority_can_be_copied_and_pickled(copier) -> None:
    ca = CertificateAuthority(ACCOUNT)
    ca.identity("us-east-1", NOW)

    copied = copier(ca)

    assert copied is not ca
    assert copied.account_id == ACCOUNT
    assert copied.export() == ca.export()


def test_restoring_something_else_says_what_is_wrong() -> None:
    with pytest.raises(ValueError, match=r"^The exported authority lacks 'root\.crt'\.$"):
        CertificateAuthority.restore(
            ACCOUNT,
            {"root.key": authority().export()["root.key"]} if authority().trust_root_pem else {},
        )
    certificate, key = make_code_signing_certificate("rsa", "RSA", NOW)
    data = {"root.key": key.decode(), "root.crt": certificate.decode()}
    with pytest.raises(
        ValueError, match=r"^The exported key 'root' is not an elliptic-curve key\.$"
    ):
        CertificateAuthority.restore(ACCOUNT, data)


def test_threads_get_one_and_the_same_identity() -> None:
    ca = CertificateAuthority(ACCOUNT)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(ca.identity("us-east-1", NOW)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len({id(identity) for identity in found}) == 1


def test_a_time_outside_the_chains_window_or_without_a_zone_is_refused() -> None:
    ca = CertificateAuthority(ACCOUNT)
    with pytest.raises(ValueError, match=r"outside 1970..2999"):
        ca.identity("us-east-1", datetime(1969, 12, 31, tzinfo=timezone.utc))
    with pytest.raises(ValueError, match="no time zone"):
        ca.identity("us-east-1", NOW.replace(tzinfo=None))


def test_a_leaf_lies_within_its_issuers_validity(tmp_path: Path) -> None:
    first = datetime(1970, 1, 1, tzinfo=timezone.utc)
    last = datetime(2999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)
    for moment, start, end in (
        (first, first, first + timedelta(days=3)),
        (
            NOW,
            NOW.replace(microsecond=0) - timedelta(hours=1),
            NOW.replace(microsecond=0) + timedelta(days=3),
        ),
        (last, last - timedelta(hours=1), last),
    ):
        ca = CertificateAuthority(ACCOUNT)
        chain = ca.identity("us-east-1", moment).certificates

        assert chain[0].not_valid_before_utc == start
        assert chain[0].not_valid_after_utc == end
        # OpenSSL takes a certificate for expired in its last second.
        at = min(moment, last - timedelta(seconds=1))
        assert verify_with_openssl(ca, chain, at, tmp_path).endswith("leaf.pem: OK\n")
    for outside in (first - timedelta(microseconds=1), last + timedelta(microseconds=1)):
        with pytest.raises(ValueError, match=WINDOW):
            CertificateAuthority(ACCOUNT).identity("us-east-1", outside)


def test_a_repr_shows_no_key() -> None:
    identity = authority().identity("us-east-1", NOW)

    assert "private_key" not in repr(identity)
    assert repr(authority()) == "CertificateAuthority('123456789012')"


def test_certificate_hashes_pair_each_certificate_with_its_issuer() -> None:
    identity = authority().identity("us-east-1", NOW)
    leaf, regional, intermediate, root = (
        hashlib.sha384(one.tbs_certificate_bytes).hexdigest() for one in identity.certificates
    )

    assert identity.certificate_hashes == (
        leaf + regional,
        regional + intermediate,
        intermediate + root,
        root + root,
    )
    assert certificate_hashes(identity.certificates[-1:]) == (root + root,)
    assert certificate_hashes([]) == ()


@pytest.mark.parametrize(
    ("key_type", "shown"), [("ECDSA", "NIST CURVE: P-256"), ("RSA", "Public-Key: (2048 bit)")]
)
def test_a_code_signing_certificate_for_iot(key_type, shown: str, tmp_path: Path) -> None:
    certificate_pem, key_pem = make_code_signing_certificate("firmware", key_type, NOW)
    (tmp_path / "certificate.pem").write_bytes(certificate_pem)

    shown_text = openssl("x509", "-in", tmp_path / "certificate.pem", "-noout", "-text").stdout
    text = " ".join(shown_text.replace("CN=", "CN = ").split())  # OpenSSLs differ in white space

    assert shown in text
    assert "Subject: CN = firmware" in text
    assert "Key Usage: critical Digital Signature X509v3" in text
    assert "Extended Key Usage: Code Signing Signature" in text
    assert openssl("pkey", "-noout", "-check", input=key_pem.decode()).returncode == 0
    certificate = x509.load_pem_x509_certificate(certificate_pem)
    now = NOW.replace(microsecond=0)
    assert certificate.not_valid_before_utc == now - timedelta(days=1)
    assert certificate.not_valid_after_utc == now + timedelta(days=3652)  # ten years
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert [name.value for name in names] == ["firmware"]


@pytest.mark.parametrize("key_type", ["ECDSA", "RSA"])
@pytest.mark.parametrize("seed", [None, 7])
def test_a_seed_makes_no_key_of_rsa(key_type: Any, seed: int | None) -> None:
    made = [
        make_code_signing_certificate("firmware", key_type, NOW, KeySource(seed)) for _ in range(2)
    ]
    assert (made[0] == made[1]) is (seed is not None and key_type == "ECDSA")


def test_an_unknown_key_type_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^key_type must be 'ECDSA' or 'RSA', not 'DSA'\.$"):
        make_code_signing_certificate("x", "DSA", NOW)  # type: ignore[arg-type]  # the mistake


def test_a_servers_leaf_is_for_servers_only() -> None:
    leaf = authority().server_identity(["localhost", "127.0.0.1"]).certificates[0]

    def extension(kind):
        return leaf.extensions.get_extension_for_class(kind)

    usage = extension(x509.KeyUsage)
    assert leaf.subject.rfc4514_string() == "CN=signer-mock server"
    assert usage.critical
    assert usage.value.digital_signature
    assert not usage.value.key_cert_sign
    assert not usage.value.crl_sign
    assert extension(x509.BasicConstraints).critical
    assert not extension(x509.BasicConstraints).value.ca
    assert list(extension(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]
    # As RFC 5280 has them (4.2.1.6, 4.2.1.12): there is a subject, and other purposes are no harm.
    assert not extension(x509.ExtendedKeyUsage).critical
    assert not extension(x509.SubjectAlternativeName).critical
