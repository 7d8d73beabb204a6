"""Envelopes that break one rule each, and some that look as if they did.

Where readers agree about the JSON, the verdicts are those of the real notation-core-go v1.3.0.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from signer_mock._signing.errors import IntegrityError
from signer_mock._signing.notation.envelope import NotationSignature, read_envelope
from signer_mock._signing.notation.sign import sign_envelope
from tests.helpers.constants import PAYLOAD, PAYLOAD_FORMAT
from tests.helpers.forgery import b64url, forge_envelope, good_chain, good_header, issue, sign_jws
from tests.helpers.signing import EXPIRY, JOB_ARN, NOW, PROFILE_VERSION_ARN, signing_arguments

GOOD = json.loads(forge_envelope())
HEADER = json.dumps(good_header())
X5C = GOOD["header"]["x5c"]
SIGNATURE = base64.urlsafe_b64decode(GOOD["signature"])
CRIT = good_header()["crit"]


def header_with(**changes: Any) -> bytes:
    return forge_envelope(good_header(**changes))


def header_text(text: str | bytes) -> bytes:
    return forge_envelope(text.encode() if isinstance(text, str) else text)


def header_plus(members: str) -> bytes:
    """The good header with further members at its end, possibly repeated ones."""
    return header_text(f"{HEADER[:-1]},{members}}}")


def envelope_with(**members: Any) -> bytes:
    return json.dumps({**GOOD, **members}).encode()


def envelope_without(member: str) -> bytes:
    return json.dumps({name: GOOD[name] for name in GOOD if name != member}).encode()


def envelope_plus(members: str) -> bytes:
    return f"{json.dumps(GOOD)[:-1]},{members}}}".encode()


def signed_parts(protected: str, payload: str) -> bytes:
    """The two encoded parts as they are, with a good signature over them."""
    recipes = good_chain()
    chain = issue(recipes)
    signature = sign_jws(recipes[0].key, "ES384", f"{protected}.{payload}".encode())
    header = json.loads(forge_envelope(chain=chain))["header"]
    return envelope_with(
        payload=payload, protected=protected, signature=b64url(signature), header=header
    )


def test_what_we_sign_reads_back() -> None:
    arguments = signing_arguments()

    signature = read_envelope(sign_envelope(PAYLOAD, **arguments))

    assert signature == NotationSignature(
        payload=PAYLOAD,
        content_type=PAYLOAD_FORMAT,
        scheme="notary.x509.signingAuthority",
        signing_time=NOW.replace(microsecond=0),
        expiry=EXPIRY.replace(microsecond=0),
        attributes={
            "io.cncf.notary.verificationPlugin": "com.amazonaws.signer.notation.plugin",
            "com.amazonaws.signer.signingProfileVersion": PROFILE_VERSION_ARN,
            "com.amazonaws.signer.signingJob": JOB_ARN,
        },
        critical=tuple(CRIT),
        certificates=arguments["identity"].certificates,
    )


ACCEPTED = {
    "as it is": forge_envelope(),
    # header
    "another content type": header_with(cty="text/plain"),
    "no content type": header_with(cty=None),
    "no expiry": header_with(expiry=None),
    "Go's zero time as expiry": forge_envelope(
        {**good_header(expiry="0001-01-01T00:00:00Z"), "crit": [CRIT[0], CRIT[1], *CRIT[3:]]}
    ),
    "an expiry in the past": header_with(
        authentic_time="2026-11-21T01:00:00Z", expiry="2026-11-21T02:00:00Z"
    ),
    "crit in another order": forge_envelope({**good_header(), "crit": CRIT[::-1]}),
    "crit without the Amazon attributes": forge_envelope({**good_header(), "crit": CRIT[:3]}),
    "a further attribute": header_with(**{"x.y": {"a": [1, None, "\u00fc"]}}),
    "notary.x509": forge_envelope(
        {
            **good_header(
                scheme="notary.x509", authentic_time=None, signing_time="2026-11-21T20:37:58Z"
            ),
            "crit": [CRIT[0], *CRIT[2:]],
        }
    ),
    "a huge integer that fits a float": header_plus('"x.y":' + "9" * 300),
    "a tiny number": header_plus('"x.y":1e-999'),
    "white space": header_text(f" {HEADER}\n\t"),
    # payload
    "an empty object": forge_envelope(payload=b"{}"),
    "white space before it": forge_envelope(payload=b"\n {}"),
    "null": forge_envelope(payload=b"null"),
    # envelope
    "further members": envelope_with(more=1),
    "further unprotected headers": envelope_with(header={"x5c": X5C, "more": 1}),
    "signing agent": envelope_with(header={"x5c": X5C, "io.cncf.notary.signingAgent": "me"}),
    "timestamp": envelope_with(header={"x5c": X5C, "io.cncf.notary.timestampSignature": "AAAA"}),
    "line breaks in x5c": envelope_with(header={"x5c": [f"{one[:9]}\r\n{one[9:]}" for one in X5C]}),
    "a line break in the signature": envelope_with(signature=GOOD["signature"] + "\n"),
}


@pytest.mark.parametrize("envelope", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepted(envelope: bytes) -> None:
    assert read_envelope(envelope).certificates


def _padded_otherwise(text: str) -> str:
    return text.rstrip("=") if text.endswith("=") else f"{text}="


REFUSED = {
    # alg
    "alg is a number": (header_with(alg=5), "'alg' is not a string"),
    "no alg": (header_with(alg=None), "signing method '' is invalid"),
    **{
        f"alg {name}": (header_with(alg=name), f"signing method {name!r} is invalid")
        for name in ("none", "HS384", "RS384", "es384", "")
    },
    **{
        f"alg {name}": (header_with(alg=name), "signature is invalid")
        for name in ("ES256", "ES512", "PS256", "PS384", "PS512")
    },
    # crit
    "no crit": (
        forge_envelope({name: one for name, one in good_header().items() if name != "crit"}),
        'missing "crit" header',
    ),
    "empty crit": (forge_envelope({**good_header(), "crit": []}), 'missing "crit" header'),
    "crit is text": (forge_envelope({**good_header(), "crit": "x"}), "is not a list"),
    "crit is an object": (forge_envelope({**good_header(), "crit": {}}), "is not a list"),
    "crit holds a number": (forge_envelope({**good_header(), "crit": [1]}), "than strings"),
    "crit holds null": (
        forge_envelope({**good_header(), "crit": [*CRIT, None]}),
        '"" header is marked critical but not present',
    ),
    **{
        f"crit without {name}": (
            forge_envelope({**good_header(), "crit": [one for one in CRIT if one != name]}),
            f"these required headers are not marked as critical: ['{name}']",
        )
        for name in CRIT[:3]
    },
    **{
        f"crit with {name}": (
            forge_envelope({**good_header(), "crit": [*CRIT, name]}),
            f'"{name}" header is marked critical but not present',
        )
        for name in ("alg", "cty", "crit", "absent", *CRIT[:3])
    },
    # scheme and times
    "no scheme": (header_with(scheme=None), "unsupported SigningScheme: ''"),
    "other scheme": (header_with(scheme="x"), "unsupported SigningScheme: 'x'"),
    "scheme in other case": (
        header_with(scheme="notary.x509.signingauthority"),
        "unsupported SigningScheme",
    ),
    "scheme is a number": (header_with(scheme=1), "is not a string"),
    "both times": (
        header_with(signing_time="2026-11-21T20:37:58Z"),
        '"io.cncf.notary.signingTime" header must not be present',
    ),
    "no signing time": (
        header_with(authentic_time=None),
        '"io.cncf.notary.authenticSigningTime" header must be present',
    ),
    "notary.x509 with the other time": (
        header_with(scheme="notary.x509", signing_time="2026-11-21T20:37:58Z"),
        '"io.cncf.notary.authenticSigningTime" header must not be present',
    ),
    "notary.x509 without a time": (
        header_with(scheme="notary.x509", authentic_time=None),
        "signing-time not present",
    ),
    "Go's zero time": (header_with(authentic_time="0001-01-01T00:00:00Z"), "signing-time not"),
    "expiry equals signing time": (
        header_with(expiry="2026-11-21T20:37:58Z"),
        "expiry cannot be equal or before the signing time",
    ),
    "expiry equals it in another zone": (
        header_with(expiry="2026-11-22T04:37:58+08:00"),
        "expiry cannot be equal or before the signing time",
    ),
    "expiry before signing time": (header_with(expiry="2026-11-21T20:37:57Z"), "expiry cannot be"),
    # the header's JSON
    **{
        f"header {text[:12]!r}": (header_text(text), "")
        for text in ("", "null", "[]", '"x"', "{", HEADER + "x", HEADER + "{}", "\ufeff" + HEADER)
    },
    "NaN": (header_plus('"x.y":NaN'), "NaN is not JSON"),
    "Infinity": (header_plus('"x.y":-Infinity'), "is not JSON"),
    "a number that fits no float": (header_plus('"x.y":1e999'), "out of range"),
    "an integer that fits no float": (header_plus('"x.y":' + "9" * 5000), "out of range"),
    "a control character": (header_plus('"x.y":"\x01"'), "malformed"),
    "UTF-16": (header_text(HEADER.encode("utf-16")), "malformed"),
    "nested too deeply": (header_plus('"x.y":' + "[" * 200_000 + "]" * 200_000), "malformed"),
    # payload
    **{
        f"payload {text!r}": (forge_envelope(payload=text), "")
        for text in (
            b"",
            b"[]",
            b'"x"',
            b"5",
            b"true",
            b"{",
            b"\xff",
            b'{"a":NaN}',
            b"\xef\xbb\xbf{}",
        )
    },
    # the envelope's JSON
    **{
        f"envelope {text!r}": (text, "")
        for text in (b"", b"null", b"[]", b'"x"', b"{}", b"{", b"\xff", b"\xef\xbb\xbf{}")
    },
    "text after it": (forge_envelope() + b"x", "Extra data"),
    "compact": (f"{GOOD['protected']}.{GOOD['payload']}.{GOOD['signature']}".encode(), "malformed"),
    "general JSON": (
        json.dumps(
            {"payload": GOOD["payload"], "signatures": [{**GOOD, "payload": None}]}
        ).encode(),
        "certificate chain is not present",
    ),
    **{
        f"without {name}": (envelope_without(name), "")
        for name in ("payload", "protected", "signature", "header")
    },
    **{
        f"{name} is a number": (envelope_with(**{name: 1}), "not a")
        for name in ("payload", "protected", "signature", "header")
    },
    "header is a list": (envelope_with(header=[]), "not a JSON object"),
    **{
        f"{name} with padding": (envelope_with(**{name: GOOD[name] + "=="}), "illegal base64url")
        for name in ("payload", "protected", "signature")
    },
    **{
        f"a space in {name}": (envelope_with(**{name: GOOD[name] + " "}), "illegal base64url")
        for name in ("payload", "protected", "signature")
    },
    "signing agent is a number": (
        envelope_with(header={"x5c": X5C, "io.cncf.notary.signingAgent": 1}),
        "is not a string",
    ),
    "timestamp is not base64": (
        envelope_with(header={"x5c": X5C, "io.cncf.notary.timestampSignature": "!"}),
        "illegal base64",
    ),
    # signature
    "signature in DER": (
        envelope_with(
            signature=b64url(
                encode_dss_signature(
                    int.from_bytes(SIGNATURE[:48], "big"), int.from_bytes(SIGNATURE[48:], "big")
                )
            )
        ),
        "signature is invalid",
    ),
    "signature a byte short": (envelope_with(signature=b64url(SIGNATURE[:-1])), "signature is"),
    "signature a byte long": (envelope_with(signature=b64url(SIGNATURE + b"\0")), "signature is"),
    "signature of zeros": (envelope_with(signature=b64url(bytes(96))), "signature is invalid"),
    "empty signature": (envelope_with(signature=""), "signature is invalid"),
    "one bit of the signature": (
        envelope_with(signature=b64url(SIGNATURE[:-1] + bytes([SIGNATURE[-1] ^ 1]))),
        "signature is invalid",
    ),
    "another payload": (envelope_with(payload=b64url(b"{}")), "signature is invalid"),
    "another header": (
        envelope_with(protected=b64url(json.dumps(good_header(cty="x")).encode())),
        "signature is invalid",
    ),
    # chain
    "no x5c": (envelope_with(header={}), "certificate chain is not present"),
    "x5c null": (envelope_with(header={"x5c": None}), "certificate chain is not present"),
    "empty x5c": (envelope_with(header={"x5c": []}), "certificate chain is not present"),
    "x5c is text": (envelope_with(header={"x5c": X5C[0]}), "is not a list"),
    "x5c holds a number": (envelope_with(header={"x5c": [*X5C, 1]}), "than strings"),
    "x5c holds null": (envelope_with(header={"x5c": [*X5C, None]}), "malformed certificate"),
    "x5c holds rubbish": (envelope_with(header={"x5c": [*X5C, "AAAA"]}), "malformed certificate"),
    "x5c in base64url": (
        envelope_with(header={"x5c": [one.replace("+", "-").replace("/", "_") for one in X5C]}),
        "illegal base64 data",
    ),
    "x5c with other padding": (
        envelope_with(header={"x5c": [_padded_otherwise(one) for one in X5C]}),
        "illegal base64 data",
    ),
    "x5c without the leaf": (envelope_with(header={"x5c": X5C[1:]}), "signature is invalid"),
    "x5c without the root": (
        envelope_with(header={"x5c": X5C[:-1]}),
        "certificate-chain is invalid, ",
    ),
    "x5c upside down": (envelope_with(header={"x5c": X5C[::-1]}), "signature is invalid"),
}


@pytest.mark.parametrize(("envelope", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(envelope: bytes, message: str) -> None:
    with pytest.raises(IntegrityError) as refusal:
        read_envelope(envelope)

    assert message in str(refusal.value)


# Each could be shown to one reader and mean something else to another.
AMBIGUOUS = {
    "alg twice, the last one right": (header_text('{"alg":"ES256",' + HEADER[1:]), "twice"),
    "alg twice, the last one wrong": (header_plus('"alg":"ES256"'), "'alg' twice"),
    "alg twice, alike": (header_plus('"alg":"ES384"'), "'alg' twice"),
    "alg twice, once with an escape": (header_plus('"\\u0061lg":"ES256"'), "'alg' twice"),
    "ALG beside alg": (header_plus('"ALG":"ES256"'), "differ by case only"),
    "ALG beside alg, null": (header_plus('"ALG":null'), "differ by case only"),
    "ALG in place of alg": (header_text(HEADER.replace('"alg"', '"ALG"')), "differs from 'alg'"),
    "scheme with a long s": (
        header_text(
            HEADER.replace(
                '"io.cncf.notary.signingScheme": ', '"io.cncf.notary.\u017figningScheme": '
            )
        ),
        "by case only",
    ),
    "crit null at last": (header_plus('"crit":null'), "'crit' twice"),
    "a stranger's member twice": (header_plus('"x.y":1,"x.y":1'), "'x.y' twice"),
    "twice deep inside": (header_plus('"x.y":[{"z":{"a":1,"a":2}}]'), "'a' twice"),
    "by case deep inside": (header_plus('"x.y":[{"z":{"a":1,"A":2}}]'), "differ by case only"),
    "a NUL in a name": (header_plus('"alg\\u0000":"none"'), "has a NUL in its name"),
    "a lone surrogate": (header_plus('"x.y":"\\ud800"'), "lone surrogate"),
    "a lone surrogate in a name": (header_plus('"x\\udfff":1'), "lone surrogate"),
    "invalid UTF-8": (header_text(HEADER[:-1].encode() + b',"x.y":"\xff"}'), "is not UTF-8"),
    "payload: twice": (forge_envelope(payload=b'{"a":1,"a":1}'), "'a' twice"),
    "payload: twice deep inside": (
        forge_envelope(payload=b'{"targetArtifact":{"digest":"a","Digest":"b"}}'),
        "differ by case only",
    ),
    "payload: text after the object": (forge_envelope(payload=b"{} and more"), "Extra data"),
    "payload: a number that fits no float": (forge_envelope(payload=b'{"a":1e999}'), "range"),
    "envelope: a number too large for anything": (envelope_plus('"more":1e999'), "out of range"),
    "envelope: payload twice": (envelope_plus('"payload":"e30"'), "'payload' twice"),
    "envelope: payload null at last": (envelope_plus('"payload":null'), "'payload' twice"),
    "envelope: header twice": (envelope_plus('"header":{}'), "'header' twice"),
    "envelope: x5c twice": (
        envelope_with(header={"x5c": X5C, "X5C": X5C}),
        "'x5c' and 'X5C' differ by case only",
    ),
    "envelope: x5c in capitals": (envelope_with(header={"X5C": X5C}), "differs from 'x5c'"),
    "envelope: all in capitals": (
        json.dumps({name.upper(): value for name, value in GOOD.items()}).encode(),
        "by case only",
    ),
    "envelope: twice deep inside": (envelope_plus('"more":[{"a":1,"a":1}]'), "'a' twice"),
}


@pytest.mark.parametrize(("envelope", "message"), AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_what_readers_read_differently_is_refused(envelope: bytes, message: str) -> None:
    with pytest.raises(IntegrityError, match="malformed") as refusal:
        read_envelope(envelope)

    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-21T20:37:58Z", (2026, 11, 21, 20, 37, 58)),
        ("2026-11-22T04:37:58+08:00", (2026, 11, 21, 20, 37, 58)),
        ("2026-11-21T12:37:58-08:00", (2026, 11, 21, 20, 37, 58)),
        ("2026-11-21T20:37:58-00:00", (2026, 11, 21, 20, 37, 58)),
        ("2026-11-21T20:37:58.5Z", (2026, 11, 21, 20, 37, 58, 500000)),
        ("2026-11-21T20:37:58.123456789123Z", (2026, 11, 21, 20, 37, 58, 123456)),
        # Go takes these, too, though RFC 3339 does not
        ("2026-11-21T20:37:58,5Z", (2026, 11, 21, 20, 37, 58, 500000)),
        ("2026-11-21T2:37:58Z", (2026, 11, 21, 2, 37, 58)),
        ("2026-11-22T20:37:58+24:00", (2026, 11, 21, 20, 37, 58)),
    ],
)
def test_times_that_are_understood(text: str, moment: tuple[int, ...]) -> None:
    expected = datetime(*moment, tzinfo=timezone.utc)  # type: ignore[arg-type,misc]  # six numbers

    assert read_envelope(header_with(authentic_time=text)).signing_time == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-21",
        "2026-11-21T20:37:58",
        "2026-11-21T20:37:58.Z",
        "2026-11-21t20:37:58Z",
        "2026-11-21T20:37:58z",
        "2026-11-21 20:37:58Z",
        "2026-11-21T20:37:60Z",
        "2026-11-21T24:00:00Z",
        "2026-11-31T20:37:58Z",
        "2026-02-29T20:37:58Z",
        "2026-11-21T20:37:58+0800",
        "2026-11-21T20:37:58+25:00",
        "2026-11-21T20:37:58+08:61",
        "2026-11-21T20:37:58Z ",
        "02026-11-21T20:37:58Z",
        "\uff12026-11-21T20:37:58Z",
        "0001-01-01T00:00:00+01:00",
        1795293478,
        True,
        ["2026-11-21T20:37:58Z"],
        {},
    ],
)
@pytest.mark.parametrize("member", ["authentic_time", "expiry"])
def test_times_that_are_not(text: object, member: str) -> None:
    with pytest.raises(IntegrityError):
        read_envelope(header_with(**{member: text}))


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ec.generate_private_key(ec.SECP521R1()), "ES512"),
        (rsa.generate_private_key(65537, 2048), "PS256"),
        (rsa.generate_private_key(65537, 3072), "PS384"),
    ],
    ids=["ES256", "ES512", "PS256", "PS384"],
)
def test_other_algorithms_are_read_when_the_key_calls_for_them(key, algorithm: str) -> None:
    recipes = good_chain()
    recipes[0] = recipes[0].but(key=key)
    envelope = forge_envelope(
        good_header(alg=algorithm), key=key, chain=issue(recipes), algorithm=algorithm
    )

    assert read_envelope(envelope).payload == PAYLOAD


def test_an_rsa_key_may_not_sign_with_another_keys_algorithm() -> None:
    key = rsa.generate_private_key(65537, 2048)
    recipes = good_chain()
    recipes[0] = recipes[0].but(key=key)
    envelope = forge_envelope(
        good_header(alg="PS384"), key=key, chain=issue(recipes), algorithm="PS384"
    )

    with pytest.raises(IntegrityError, match=r"derived from signing certificate \(PS256\)"):
        read_envelope(envelope)


def test_line_breaks_within_signed_parts_are_signed_and_skipped() -> None:
    payload = f"{GOOD['payload'][:8]}\n{GOOD['payload'][8:]}"

    assert read_envelope(signed_parts(GOOD["protected"], payload)).payload == PAYLOAD
