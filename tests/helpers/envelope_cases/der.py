"""Envelopes with certificates that `cryptography` would not make, put together by hand."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from asn1crypto import core, keys
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.helpers.envelope_cases.case import Case
from tests.helpers.forgery import Certificate, forge_envelope, good_chain, issue
from tests.helpers.signing import pem

LEAF, REGIONAL, INTERMEDIATE, ROOT = range(4)
_SHA384_ECDSA = asn1.SignedDigestAlgorithm({"algorithm": "sha384_ecdsa"})

Edit = Callable[[Any], Any]  # changes a TBSCertificate


class _RawExtension(core.Sequence):  # type: ignore[misc] # asn1crypto has no types
    _fields = [  # noqa: RUF012 - asn1crypto's own form
        ("oid", core.ObjectIdentifier),
        ("critical", core.Boolean, {"default": False}),
        ("value", core.OctetString),
    ]


def _case(
    name: str,
    position: int,
    edit: Edit,
    verdict: str,
    *,
    recipes: list[Certificate] | None = None,
    digest: hashes.HashAlgorithm | None = None,
    algorithm: asn1.SignedDigestAlgorithm = _SHA384_ECDSA,
    outer: asn1.SignedDigestAlgorithm | None = None,
) -> Case:
    """A good chain where one certificate was edited, and signed again by its issuer's key."""
    recipes = recipes or good_chain()
    chain = [one.public_bytes(Encoding.DER) for one in issue(recipes)]
    certificate = asn1.Certificate.load(chain[position])
    tbs = certificate["tbs_certificate"]
    tbs["signature"] = algorithm
    certificate["signature_algorithm"] = outer or algorithm
    edit(tbs)
    issuer_key: Any = recipes[min(position + 1, len(recipes) - 1)].key
    algorithm_used = ec.ECDSA(digest or hashes.SHA384())
    certificate["signature_value"] = issuer_key.sign(tbs.dump(), algorithm_used)
    chain[position] = certificate.dump()
    x5c = [base64.b64encode(der).decode() for der in chain]
    envelope = forge_envelope(key=recipes[0].key, header={"x5c": x5c})
    root = b"-----BEGIN CERTIFICATE-----\n%b-----END CERTIFICATE-----\n" % base64.encodebytes(
        chain[-1]
    )
    return Case(f"certificate: {name}", envelope, verdict, roots=root)


def _extension(oid: str, value: str | None, *, critical: bool = False, add: bool = False) -> Edit:
    """Sets an extension to a value in hex, takes it out (None), or adds it once more."""

    def edit(tbs: Any) -> None:
        kept = [one for one in tbs["extensions"] if add or one["extn_id"].dotted != oid]
        if value is not None:
            parts = {"oid": oid, "critical": critical, "value": bytes.fromhex(value)}
            # loaded, because asn1crypto refuses to make what it cannot read
            kept.append(asn1.Extension.load(_RawExtension(parts).dump()))
        tbs["extensions"] = kept

    return edit


def _set(name: str, value: Any) -> Edit:
    def edit(tbs: Any) -> None:
        tbs[name] = value

    return edit


KEY_USAGE, CONSTRAINTS, PURPOSES = "2.5.29.15", "2.5.29.19", "2.5.29.37"
ALTERNATIVE_NAME, SUBJECT_KEY = "2.5.29.17", "2.5.29.14"


def odd_extensions() -> list[Case]:
    """Extensions in DER that is odd or wrong."""

    def usage(name: str, value: str, verdict: str) -> Case:
        edit = _extension(KEY_USAGE, value, critical=True)
        return _case(f"leaf key usage {name}", LEAF, edit, verdict)

    def constraints(position: int, name: str, value: str, verdict: str) -> Case:
        who = ("leaf", "regional", "intermediate", "root")[position]
        edit = _extension(CONSTRAINTS, value, critical=True)
        return _case(f"{who} basic constraints {name}", position, edit, verdict)

    return [
        usage("as always", "03020780", "verified"),
        usage("with zero bits at its end", "03020080", "verified"),
        usage("of two bytes, the second empty", "0303008000", "verified"),
        usage("encipherOnly without keyAgreement", "03020081", "chain"),
        usage("decipherOnly without keyAgreement", "0303078080", "chain"),
        usage("without bits", "030100", "chain"),
        usage("of an integer", "020180", "chain"),
        usage("with something after it", "0302078000", "verified"),
        usage("cut short", "0302", "chain"),
        constraints(LEAF, "that say no in so many bytes", "3003010100", "verified"),
        constraints(LEAF, "that are empty", "3000", "verified"),
        constraints(REGIONAL, "with true written as 1", "3003010101", "chain"),
        constraints(REGIONAL, "with a negative length", "30060101ff0201ff", "chain"),
        constraints(REGIONAL, "with a great length", "300a0101ff02050100000000", "verified"),
        constraints(ROOT, "with a length in two bytes", "30070101ff02020100", "verified"),
        constraints(REGIONAL, "with something after them", "30030101ff00", "verified"),
        constraints(LEAF, "not an authority, with a length", "3003020100", "verified"),
        _case("leaf purposes no list", LEAF, _extension(PURPOSES, "0500"), "chain"),
        _case("leaf key usage twice", LEAF,
              _extension(KEY_USAGE, "03020780", critical=True, add=True), "chain"),
        _case("leaf unknown extension", LEAF, _extension("1.2.3.4", "0500"), "verified"),
        _case("leaf unknown critical extension", LEAF,
              _extension("1.2.3.4", "0500", critical=True), "verified"),
        _case("root unknown critical extension", ROOT,
              _extension("1.2.3.4", "0500", critical=True), "verified"),
        _case("leaf unknown extension twice", LEAF, lambda tbs: [
            _extension("1.2.3.4", "0500", add=True)(tbs) for _ in range(2)], "chain"),
        _case("leaf subject key identifier broken", LEAF, _extension(SUBJECT_KEY, "05"), "chain"),
        _case("leaf alternative name", LEAF,
              _extension(ALTERNATIVE_NAME, "300d820b6578616d706c652e636f6d"), "verified"),
        _case("leaf alternative name of X.400", LEAF,
              _extension(ALTERNATIVE_NAME, "3004a3023000"), "verified"),
        _case("leaf alternative name of an EDI party", LEAF,
              _extension(ALTERNATIVE_NAME, "3007a505a1030c0178"), "verified"),
        _case("leaf alternative name broken", LEAF, _extension(ALTERNATIVE_NAME, "30"), "chain"),
        _case("leaf without extensions", LEAF, _set("extensions", []), "chain"),
    ]  # fmt: skip


def odd_certificates() -> list[Case]:
    """Versions, serial numbers, algorithms, times and keys that are odd or wrong."""

    def version(number: str) -> Edit:
        def edit(tbs: Any) -> None:
            tbs["version"] = number
            tbs["extensions"] = None

        return edit

    sha1 = asn1.SignedDigestAlgorithm({"algorithm": "sha1_ecdsa"})
    sha256 = asn1.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
    with_null = asn1.SignedDigestAlgorithm({"algorithm": "sha384_ecdsa", "parameters": core.Null()})
    lone = [Certificate("lone")]
    nothing: Edit = lambda tbs: None  # noqa: E731 - a name for one row
    return [
        _case("edited, and nothing changed", LEAF, nothing, "verified"),
        _case("leaf of version 1", LEAF, version("v1"), "chain"),
        _case("root of version 1", ROOT, version("v1"), "chain"),
        _case("leaf of version 1 with extensions", LEAF, _set("version", "v1"), "chain"),
        _case("serial number negative", LEAF, _set("serial_number", -5), "chain"),
        _case("serial number zero", LEAF, _set("serial_number", 0), "verified"),
        _case("root's serial number zero", ROOT, _set("serial_number", 0), "verified"),
        _case("subject's country of three letters", LEAF,
              _set("subject", asn1.Name.build({"country_name": "USA", "common_name": "leaf"})),
              "verified"),
        _case("serial number of 30 bytes", LEAF, _set("serial_number", 1 << 239), "verified"),
        *(_case(f"{name} signed with SHA-1", place, nothing, "chain", algorithm=sha1,
                digest=hashes.SHA1())
          for place, name in ((LEAF, "leaf"), (INTERMEDIATE, "intermediate"), (ROOT, "root"))),
        _case("of one, signed with SHA-1", 0, nothing, "verified", algorithm=sha1, recipes=lone,
              digest=hashes.SHA1()),
        _case("says SHA-256, is SHA-384", LEAF, nothing, "chain", algorithm=sha256),
        _case("says SHA-256 outside and SHA-384 inside", LEAF, nothing, "chain", outer=sha256),
        _case("algorithm with a null", LEAF, nothing, "verified", algorithm=with_null),
        _case("algorithm with a null outside only", LEAF, nothing, "chain", outer=with_null),
        _case("subject empty", LEAF, _set("subject", asn1.Name.build({})), "verified"),
        _case("begins after it ends", LEAF, _backwards, "untrusted"),
        _case("key of secp256k1", LEAF, _key(ec.generate_private_key(ec.SECP256K1())), "chain"),
        _case("root's key of Ed25519", ROOT, _key(ed25519.Ed25519PrivateKey.generate()), "chain"),
        _case("leaf's key of Ed25519", LEAF, _key(ed25519.Ed25519PrivateKey.generate()),
              "signature"),
        _case("leaf's key of P-224", LEAF, _key(ec.generate_private_key(ec.SECP224R1())),
              "signature"),
        _case("leaf's key another P-384", LEAF, _key(ec.generate_private_key(ec.SECP384R1())),
              "signature"),
    ]  # fmt: skip


def _backwards(tbs: Any) -> None:
    before, after = tbs["validity"]["not_before"].native, tbs["validity"]["not_after"].native
    tbs["validity"] = asn1.Validity(
        {"not_before": asn1.Time({"utc_time": after}), "not_after": asn1.Time({"utc_time": before})}
    )


def _key(key: Any) -> Edit:
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return _set("subject_public_key_info", keys.PublicKeyInfo.load(spki))


def damaged() -> list[Case]:
    """Bytes that are no certificate, or one that was changed after it was signed."""
    recipes = good_chain()
    chain = issue(recipes)
    whole = json.loads(forge_envelope(key=recipes[0].key, chain=chain))
    der = [base64.b64decode(item) for item in whole["header"]["x5c"]]

    def with_certificate(position: int, data: bytes) -> bytes:
        items = [*der[:position], data, *der[position + 1 :]]
        encoded = [base64.b64encode(item).decode() for item in items]
        return json.dumps({**whole, "header": {"x5c": encoded}}).encode()

    def flipped(data: bytes, place: int) -> bytes:
        return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]

    made = []
    for position, name in ((LEAF, "leaf"), (ROOT, "root")):
        data = der[position]
        malformed = {
            "empty": b"", "garbage": b"garbage", "cut short": data[:-1],
            "something after it": data + b"\0", "in PEM": pem(chain[position]),
        }  # fmt: skip
        made += [Case(f"certificate: {name} {what}", with_certificate(position, bad), "chain",
                      roots=pem(chain[-1])) for what, bad in malformed.items()]  # fmt: skip
        made += [
            Case(f"certificate: {name} with its signature changed",
                 with_certificate(position, flipped(data, len(data) - 1)), "chain",
                 roots=pem(chain[-1])),
            Case(f"certificate: {name} with its serial number changed",
                 with_certificate(position, flipped(data, 20)), "chain", roots=pem(chain[-1])),
        ]  # fmt: skip
    return made
