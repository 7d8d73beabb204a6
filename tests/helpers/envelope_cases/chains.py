"""Envelopes with chains that keep or break the rules, always signed by the leaf's key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from tests.helpers.envelope_cases.case import Case
from tests.helpers.forgery import (
    Certificate,
    Key,
    authority_recipe,
    forge_envelope,
    good_chain,
    good_header,
    issue,
)
from tests.helpers.signing import pem

LEAF, REGIONAL, INTERMEDIATE, ROOT = range(4)
_SIZES = {256: "256", 384: "384", 521: "512", 2048: "256", 3072: "384", 4096: "512"}


def _envelope(chain: list[x509.Certificate], key: Any) -> bytes:
    kind = "PS" if isinstance(key, rsa.RSAPrivateKey) else "ES"
    algorithm = kind + _SIZES.get(key.key_size, "384")
    return forge_envelope(good_header(alg=algorithm), key=key, chain=chain, algorithm=algorithm)


def _case(name: str, recipes: list[Certificate], verdict: str) -> Case:
    chain = issue(recipes)
    return Case(f"chain: {name}", _envelope(chain, recipes[0].key), verdict, roots=pem(chain[-1]))


def _but(position: int, **changes: Any) -> list[Certificate]:
    recipes = good_chain()
    recipes[position] = recipes[position].but(**changes)
    return recipes


def leaf_rules() -> list[Case]:
    """Key usage, extended key usage and basic constraints of the leaf."""
    signing = "digital_signature"
    usages: dict[str, tuple[str, ...] | None] = {
        "absent": None,
        "without digitalSignature": ("content_commitment",),
        "empty": (),
        **{f"and {bit}": (signing, bit) for bit in (
            "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign")},
        "for enciphering only": (signing, "key_agreement", "encipher_only"),
        "for deciphering only": (signing, "key_agreement", "decipher_only"),
    }  # fmt: skip
    purposes = ExtendedKeyUsageOID
    forbidden = {
        "serverAuth": purposes.SERVER_AUTH,
        "clientAuth": purposes.CLIENT_AUTH,
        "emailProtection": purposes.EMAIL_PROTECTION,
        "timeStamping": purposes.TIME_STAMPING,
        "OCSPSigning": purposes.OCSP_SIGNING,
    }
    signer = purposes.CODE_SIGNING
    return [
        *(_case(f"leaf key usage {name}", _but(LEAF, usage=bits), "chain")
          for name, bits in usages.items()),
        _case("leaf key usage not critical", _but(LEAF, usage_critical=False), "chain"),
        _case("leaf key usage and nonRepudiation",
              _but(LEAF, usage=(signing, "content_commitment")), "verified"),
        *(_case(f"leaf purpose {name}", _but(LEAF, purposes=(oid,)), "chain")
          for name, oid in forbidden.items()),
        *(_case(f"leaf purposes code signing, {name}", _but(LEAF, purposes=(signer, oid)), "chain")
          for name, oid in forbidden.items()),
        _case("leaf purpose none", _but(LEAF, purposes=()), "verified"),
        _case("leaf purpose any",
              _but(LEAF, purposes=(purposes.ANY_EXTENDED_KEY_USAGE,)), "verified"),
        _case("leaf purpose unknown",
              _but(LEAF, purposes=(ObjectIdentifier("1.2.3.4"),)), "verified"),
        _case("leaf purpose any and code signing",
              _but(LEAF, purposes=(signer, purposes.ANY_EXTENDED_KEY_USAGE)), "verified"),
        _case("leaf basic constraints absent", _but(LEAF, basic=None), "verified"),
        _case("leaf basic constraints not critical", _but(LEAF, basic_critical=False), "verified"),
        _case("leaf is an authority", _but(LEAF, basic=(True, None)), "chain"),
        _case("leaf is an authority of length 0", _but(LEAF, basic=(True, 0)), "chain"),
    ]  # fmt: skip


def authority_rules() -> list[Case]:
    """Basic constraints and key usage of each authority."""
    made = []
    for position, name in ((REGIONAL, "regional"), (INTERMEDIATE, "intermediate"), (ROOT, "root")):
        refused: dict[str, dict[str, Any]] = {
            "basic constraints absent": {"basic": None},
            "basic constraints say no": {"basic": (False, None)},
            "key usage absent": {"usage": None},
            "key usage not critical": {"usage_critical": False},
            "key usage without keyCertSign": {"usage": ("crl_sign", "digital_signature")},
        }
        accepted: dict[str, dict[str, Any]] = {
            "basic constraints not critical": {"basic_critical": False},
            "key usage keyCertSign only": {"usage": ("key_cert_sign",)},
            "key usage of every kind": {"usage": (
                "key_cert_sign", "crl_sign", "digital_signature", "key_encipherment")},
            "purpose serverAuth": {"purposes": (ExtendedKeyUsageOID.SERVER_AUTH,)},
            "no path length": {"basic": (True, None)},
            "a long path length": {"basic": (True, 9)},
        }  # fmt: skip
        made += [_case(f"{name} {what}", _but(position, **changes), "chain")
                 for what, changes in refused.items()]  # fmt: skip
        made += [_case(f"{name} {what}", _but(position, **changes), "verified")
                 for what, changes in accepted.items()]  # fmt: skip
    lengths = {
        (INTERMEDIATE, 0): "chain", (ROOT, 0): "chain", (ROOT, 1): "chain",
        (REGIONAL, 0): "verified", (INTERMEDIATE, 1): "verified", (ROOT, 2): "verified",
    }  # fmt: skip
    return [
        *made,
        *(_case(f"path length {length} at place {position}", _but(position, basic=(True, length)),
                verdict) for (position, length), verdict in lengths.items()),
    ]  # fmt: skip


def orders() -> list[Case]:
    """Which certificates there are, and in which order."""
    recipes = good_chain()
    chain = issue(recipes)
    leaf, regional, intermediate, root = chain
    key = recipes[0].key
    stranger = issue([authority_recipe("stranger", None)])[0]
    again = issue([recipes[3]])[0]  # the root's key and name, in another certificate
    arrangements: dict[str, tuple[list[x509.Certificate], str]] = {
        "backwards, signed by the leaf": ([root, intermediate, regional, leaf], "signature"),
        "authorities backwards": ([leaf, root, intermediate, regional], "chain"),
        "two swapped": ([leaf, intermediate, regional, root], "chain"),
        "no root": ([leaf, regional, intermediate], "chain"),
        "no intermediate": ([leaf, regional, root], "chain"),
        "no regional": ([leaf, intermediate, root], "chain"),
        "leaf only": ([leaf], "chain"),
        "leaf and root": ([leaf, root], "chain"),
        "leaf twice": ([leaf, leaf, regional, intermediate, root], "chain"),
        "intermediate twice": ([leaf, regional, intermediate, intermediate, root], "chain"),
        "root twice": ([leaf, regional, intermediate, root, root], "chain"),
        "root in two certificates": ([leaf, regional, intermediate, root, again], "chain"),
        "another certificate of the root's key": (
            [leaf, regional, intermediate, again],
            "untrusted",
        ),
        "a stranger at the end": ([leaf, regional, intermediate, root, stranger], "chain"),
        "a stranger instead of the root": ([leaf, regional, intermediate, stranger], "chain"),
        "a stranger in the middle": ([leaf, regional, stranger, intermediate, root], "chain"),
        "leaf again at the end": ([leaf, regional, intermediate, root, leaf], "chain"),
    }
    return [
        *(Case(f"chain: {name}", _envelope(certificates, key), verdict, roots=pem(root))
          for name, (certificates, verdict) in arrangements.items()),
        *_shapes(),
        *_names(),
    ]  # fmt: skip


def _shapes() -> list[Case]:
    lone = Certificate("lone")
    long = [
        Certificate("leaf"),
        *(authority_recipe(f"authority {i}", None) for i in range(9)),
        authority_recipe("root", None),
    ]
    self_signed = good_chain()
    self_signed[INTERMEDIATE] = self_signed[INTERMEDIATE].but(
        signing_key=self_signed[INTERMEDIATE].key, issuer_name="intermediate")  # fmt: skip
    lone_authority = authority_recipe("lone", None)
    both = lone_authority.but(usage=("digital_signature", "key_cert_sign"))
    return [
        _case("of one", [lone], "verified"),
        _case("of one, without purpose", [lone.but(purposes=())], "verified"),
        _case("of one, an authority", [lone_authority], "chain"),
        _case("of one, an authority that signs", [both], "chain"),
        _case("of one, issued by another name", [lone.but(issuer_name="other")], "chain"),
        _case("of one, signed by another key",
              [lone.but(signing_key=ec.generate_private_key(ec.SECP384R1()))], "chain"),
        _case("of one, with a broken purpose",
              [lone.but(purposes=(ExtendedKeyUsageOID.SERVER_AUTH,))], "chain"),
        _case("of one, with SHA-256", [lone.but(digest=hashes.SHA256())], "verified"),
        _case("of two", [Certificate("leaf"), authority_recipe("root", 0)], "verified"),
        _case("of three", [Certificate("leaf"), *good_chain()[2:]], "verified"),
        _case("of eleven", long, "verified"),
        _case("self-signed in the middle", self_signed, "chain"),
        _case("self-signed leaf that is not alone",
              [lone.but(signing_key=lone.key, issuer_name="lone"), authority_recipe("root", 0)],
              "chain"),
    ]  # fmt: skip


def _names() -> list[Case]:
    same = [
        Certificate("same"),
        *(authority_recipe("same", length) for length in (0, 1, None)),
    ]
    return [
        _case("one name for all", same, "verified"),
        _case("leaf issued by another name", _but(LEAF, issuer_name="other"), "chain"),
        _case("leaf issued by a name in capitals", _but(LEAF, issuer_name="REGIONAL"), "chain"),
        _case("leaf issued by a name with a space", _but(LEAF, issuer_name="regional "), "chain"),
        _case("intermediate issued by another name", _but(INTERMEDIATE, issuer_name="x"), "chain"),
        _case("root issued by another name", _but(ROOT, issuer_name="other"), "chain"),
        _case("names beyond ASCII", [Certificate("Bl\u00e4ttchen"), *good_chain()[1:]], "verified"),
        _printable_issuer(),
    ]


def _printable_issuer() -> Case:
    """The issuer's name as the same text, but as another type of string."""
    recipes = good_chain()
    chain = issue(recipes)
    issuer = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, "regional", x509.name._ASN1Type.PrintableString)]
    )
    leaf = (
        x509.CertificateBuilder(extensions=list(chain[0].extensions))
        .subject_name(chain[0].subject)
        .issuer_name(issuer)
        .public_key(recipes[0].key.public_key())
        .serial_number(1)
        .not_valid_before(recipes[0].not_before)
        .not_valid_after(recipes[0].not_after)
        .sign(recipes[1].key, hashes.SHA384())
    )
    envelope = _envelope([leaf, *chain[1:]], recipes[0].key)
    name = "chain: issuer's name in another type of string"
    return Case(name, envelope, "chain", roots=pem(chain[-1]))


def keys(rsa_keys: dict[int, rsa.RSAPrivateKey]) -> list[Case]:
    """Keys of the leaf and of the authorities, and the digests of the certificates' signatures."""

    def leaf(key: Key) -> list[Certificate]:
        return _but(LEAF, key=key)

    curves: list[tuple[Any, str]] = [
        (ec.SECP256R1(), "verified"), (ec.SECP384R1(), "verified"), (ec.SECP521R1(), "verified"),
    ]  # fmt: skip
    sizes = {2048: "verified", 3072: "verified", 4096: "verified", 1024: "chain", 2560: "chain"}
    wrong = forge_envelope(good_header(alg="PS384"), key=rsa_keys[2048], algorithm="PS384",
                           chain=(chain := issue(leaf(rsa_keys[2048]))))  # fmt: skip
    return [
        *(_case(f"leaf of {curve.name}", leaf(ec.generate_private_key(curve)), verdict)
          for curve, verdict in curves),
        *(_case(f"leaf of RSA {size}", leaf(rsa_keys[size]), verdict)
          for size, verdict in sizes.items()),
        Case("chain: RSA 2048 with PS384", wrong, "format", roots=pem(chain[-1])),
        *(_case(f"root of {curve.name}", _but(ROOT, key=ec.generate_private_key(curve)), "verified")
          for curve in (ec.SECP224R1(), ec.SECP256R1(), ec.SECP521R1())),
        *(_case(f"root of RSA {size}", _but(ROOT, key=rsa_keys[size]), "verified")
          for size in (2048, 3072, 4096, 2560)),
        *(_case(f"root that signs with {digest.name}", _but(ROOT, digest=digest), "verified")
          for digest in (hashes.SHA256(), hashes.SHA384(), hashes.SHA512())),
        *(_case(f"{name} signed with {digest.name}", _but(position, digest=digest), "chain")
          for digest in (hashes.SHA224(), hashes.SHA3_256())
          for position, name in ((LEAF, "leaf"), (INTERMEDIATE, "intermediate"), (ROOT, "root"))),
        _case("another key signed the root",
              _but(ROOT, signing_key=good_chain()[1].key), "chain"),
        _case("an RSA root that did not sign",
              _but(ROOT, key=rsa_keys[2048], signing_key=rsa_keys[3072]), "chain"),
        _case("an RSA intermediate that did not sign",
              [recipe.but(signing_key=rsa_keys[3072]) if recipe.name == "regional" else recipe
               for recipe in _but(INTERMEDIATE, key=rsa_keys[2048])], "chain"),
        _case("an RSA intermediate that signed",
              _but(INTERMEDIATE, key=rsa_keys[2048]), "verified"),
        _case("an RSA name over a signature of ECDSA",
              [recipe.but(signing_key=ec.generate_private_key(ec.SECP384R1()))
               if recipe.name == "regional" else recipe
               for recipe in _but(INTERMEDIATE, key=rsa_keys[2048])], "chain"),
        _case("leaf signed by a stranger",
              _but(LEAF, signing_key=ec.generate_private_key(ec.SECP384R1())), "chain"),
        _case("regional signed by a stranger",
              _but(REGIONAL, signing_key=ec.generate_private_key(ec.SECP384R1())), "chain"),
    ]  # fmt: skip


def validities() -> list[Case]:
    """Every certificate must be valid at the signing time; the present does not matter."""
    at = good_chain()[0].not_before + timedelta(days=1)
    made = []
    for position, name in enumerate(("leaf", "regional", "intermediate", "root")):
        windows = {
            "ended before": (at - timedelta(days=2), at - timedelta(seconds=1), "untrusted"),
            "begins after": (at + timedelta(seconds=1), at + timedelta(days=2), "untrusted"),
            "ends just then": (at - timedelta(days=2), at, "verified"),
            "begins just then": (at, at + timedelta(days=2), "verified"),
        }
        made += [
            _case(f"{name} {what}", _but(position, not_before=start, not_after=end), verdict)
            for what, (start, end, verdict) in windows.items()
        ]
    return made
