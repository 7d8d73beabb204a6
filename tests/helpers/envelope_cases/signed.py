"""Envelopes that differ in what was signed, and in the signature's own bytes."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.helpers.constants import ARTIFACT, PAYLOAD
from tests.helpers.envelope_cases.case import Case, cases
from tests.helpers.envelope_cases.forms import envelope_members, loosened, to_json
from tests.helpers.forgery import b64url, forge_envelope, good_chain, good_header, issue
from tests.helpers.signing import pem

P384_ORDER = int(
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    16,
)


def payloads() -> list[Case]:
    """What was signed. Whatever it is, the signature over it is good."""
    target = ARTIFACT
    other = {**target, "digest": "sha256:" + "cd" * 32}

    def about(document: Any) -> bytes:
        return forge_envelope(payload=to_json(document))

    good = PAYLOAD
    return [
        *cases("payload", "verified", {
            "indented": forge_envelope(payload=json.dumps(json.loads(good), indent=2).encode()),
            "with annotations": about({"targetArtifact": {**target, "annotations": {"k": "v"}}}),
            "with an unknown member": about({"targetArtifact": target, "more": 1}),
            "with an unknown member of the artifact": about({"targetArtifact": {**target, "x": 1}}),
            "with bad UTF-8": forge_envelope(payload=b'{"\xff":1,' + good[1:]),
            "with a number out of range": forge_envelope(payload=b'{"x":1e999,' + good[1:]),
            "with names in capitals": about({"TARGETARTIFACT": {
                name.upper(): value for name, value in target.items()}}),
            "with white space": forge_envelope(payload=b"\n " + good + b" \n"),
            "doubled, the right one last": forge_envelope(
                payload=to_json({"targetArtifact": other})[:-1] + b"," + good[1:]),
            "doubled, an empty one last": forge_envelope(
                payload=good[:-1] + b',"targetArtifact":{}}'),
            "doubled, null last": forge_envelope(payload=good[:-1] + b',"targetArtifact":null}'),
            "with every member of a descriptor": about({"targetArtifact": {
                **target, "urls": ["x"], "data": "AAEC", "artifactType": "x/y",
                "platform": {"os": "linux", "os.features": ["x"]}}}),
        }),
        *cases("payload", "format", {
            "empty": forge_envelope(payload=b""),
            "white space": forge_envelope(payload=b"  "),
            "a list": about([json.loads(good)]),
            "text": about("targetArtifact"),
            "a number": about(1),
            "true": about(True),
            "no JSON": forge_envelope(payload=b"targetArtifact"),
            "cut short": forge_envelope(payload=good[:-1]),
            "with a byte order mark": forge_envelope(payload=b"\xef\xbb\xbf" + good),
            "with single quotes": forge_envelope(payload=good.replace(b'"', b"'")),
        }),
        *cases("payload", "mismatch", {
            "an empty object": about({}),
            "the text null": about(None),
            "about null": about({"targetArtifact": None}),
            "about nothing": about({"targetArtifact": {}}),
            "of another digest": about({"targetArtifact": other}),
            "of another size": about({"targetArtifact": {**target, "size": 389}}),
            "of another media type": about({"targetArtifact": {**target, "mediaType": "x/y"}}),
            "without a digest": about({"targetArtifact": {**target, "digest": None}}),
            "with the digest in capitals": about(
                {"targetArtifact": {**target, "digest": target["digest"].upper()}}),  # type: ignore[attr-defined]  # it is a string
            "doubled, another last": forge_envelope(
                payload=good[:-1] + b"," + to_json({"targetArtifact": other})[1:]),
        }),
        *cases("payload", "integrity", {
            "about text": about({"targetArtifact": "x"}),
            "about a list": about({"targetArtifact": [target]}),
            "with a size in text": about({"targetArtifact": {**target, "size": "388"}}),
            "with a fractional size": about({"targetArtifact": {**target, "size": 388.5}}),
            "with a digest that is a number": about({"targetArtifact": {**target, "digest": 1}}),
            "with a size with a point": about({"targetArtifact": {**target, "size": 388.0}}),
            "with a size out of range": about({"targetArtifact": {**target, "size": 1 << 63}}),
            "with an annotation that is a number": about(
                {"targetArtifact": {**target, "annotations": {"k": 1}}}),
            "with annotations in a list": about(
                {"targetArtifact": {**target, "annotations": ["k"]}}),
            "with URLs in text": about({"targetArtifact": {**target, "urls": "x"}}),
            "with data that is not base64": about({"targetArtifact": {**target, "data": "?"}}),
            "with a platform in text": about({"targetArtifact": {**target, "platform": "linux"}}),
            "with features of the platform in text": about(
                {"targetArtifact": {**target, "platform": {"os.features": "x"}}}),
            "with a feature of the platform that is a number": about(
                {"targetArtifact": {**target, "platform": {"os.features": ["x", 1]}}}),
            "with a variant that is a list": about(
                {"targetArtifact": {**target, "platform": {"variant": []}}}),
            "with an artifact type that is a number": about(
                {"targetArtifact": {**target, "artifactType": 1}}),
            "with something after it": forge_envelope(payload=good + b"x"),
            "twice": forge_envelope(payload=good + good),
        }),
    ]  # fmt: skip


def signatures() -> list[Case]:
    """The signature's own bytes."""
    parts = envelope_members()
    raw = base64.urlsafe_b64decode(parts["signature"])
    r, s = (int.from_bytes(half, "big") for half in (raw[:48], raw[48:]))

    def of(signature: bytes) -> bytes:
        return to_json({**parts, "signature": b64url(signature)})

    def pair(first: int, second: int) -> bytes:
        return of(first.to_bytes(48, "big") + second.to_bytes(48, "big"))

    tampered = b64url(PAYLOAD.replace(b"388", b"389"))
    return [
        # ECDSA is malleable, and neither verifier minds
        Case("signature: s negated", pair(r, P384_ORDER - s), "verified"),
        Case("signature: folded", to_json({**parts, "signature": parts["signature"][:9] + "\n"
                                         + parts["signature"][9:]}), "verified"),
        *cases("signature", "signature", {
            "empty": of(b""),
            "DER": of(encode_dss_signature(r, s)),
            "a bit flipped": of(bytes([raw[0] ^ 1]) + raw[1:]),
            "cut short": of(raw[:-1]),
            "too long": of(raw + b"\0"),
            "with a leading zero in each half": of(b"\0" + raw[:48] + b"\0" + raw[48:]),
            "halves swapped": of(raw[48:] + raw[:48]),
            "all zero": of(bytes(96)),
            "r is zero": pair(0, s),
            "s is zero": pair(r, 0),
            "s plus the order": pair(r, P384_ORDER),
            "random": of(bytes(range(96))),
            "of another payload": to_json({**parts, "payload": tampered}),
            "of another header": to_json({**parts, "protected": b64url(
                to_json(good_header(job="arn:aws:signer:us-east-1:1:/signing-jobs/x")))}),
        }),
        *cases("signature", "format", {
            "padded": to_json({**parts, "signature": parts["signature"] + "===="}),
            "with a space": to_json({**parts, "signature": " " + parts["signature"]}),
            "of an impossible length": to_json({**parts, "signature": parts["signature"] + "A"}),
            "in base64": to_json({**parts, "signature": "++//" + parts["signature"][4:]}),
        }),
    ]  # fmt: skip


def rsa_signatures(keys: dict[int, rsa.RSAPrivateKey]) -> list[Case]:
    """PSS with every salt length, and what is not PSS."""
    key, digest = keys[2048], hashes.SHA256()
    chain = issue([good_chain()[0].but(key=key), *good_chain()[1:]])
    good = json.loads(forge_envelope(good_header(alg="PS256"), key=key, chain=chain,
                                     algorithm="PS256"))  # fmt: skip
    signed = f"{good['protected']}.{good['payload']}".encode()

    def of(signature: bytes | str) -> bytes:
        return to_json({**good, "signature": signature if isinstance(signature, str)
                      else b64url(signature)})  # fmt: skip

    def pss(salt: int, mask: hashes.HashAlgorithm = digest) -> bytes:
        return of(key.sign(signed, padding.PSS(padding.MGF1(mask), salt), digest))

    whole = key.sign(signed, padding.PSS(padding.MGF1(digest), 32), digest)
    return [
        *cases("PSS", "verified", {
            "salt of the digest's length": pss(32),
            "no salt": pss(0),
            "the longest salt": pss(256 - 32 - 2),
            "loose bits at its end": of(loosened(b64url(whole))),
        }, roots=pem(chain[-1])),
        *cases("PSS", "signature", {
            "another mask": pss(32, hashes.SHA512()),
            "PKCS #1 v1.5": of(key.sign(signed, padding.PKCS1v15(), digest)),
            "another digest": of(key.sign(
                signed, padding.PSS(padding.MGF1(hashes.SHA384()), 32), hashes.SHA384())),
            "a leading zero": of(b"\0" + whole),
            "cut short": of(whole[:-1]),
        }, roots=pem(chain[-1])),
    ]  # fmt: skip
