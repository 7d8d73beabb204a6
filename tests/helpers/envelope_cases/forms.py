"""Envelopes that differ in how they are written down: JSON, base64, payload, signature bytes."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.helpers.constants import PAYLOAD
from tests.helpers.envelope_cases.case import Case, cases
from tests.helpers.forgery import (
    _envelope_chain,
    b64url,
    forge_envelope,
    sign_jws,
)


def envelope_members(**changes: Any) -> dict[str, Any]:
    return {**json.loads(forge_envelope()), **changes}


def to_json(members: Any, **options: Any) -> bytes:
    return json.dumps(members, **options).encode()


def _x5c(*items: Any) -> bytes:
    return forge_envelope(header={"x5c": list(items)})


def _good_x5c() -> list[str]:
    items: list[str] = json.loads(forge_envelope())["header"]["x5c"]
    return items


def documents() -> list[Case]:
    """The JSON document as a whole."""
    good = forge_envelope()
    text = good.decode()
    parts = json.loads(good)
    compact = f"{parts['protected']}.{parts['payload']}.{parts['signature']}"
    backwards = dict(reversed(parts.items()))
    return [
        *cases("document", "verified", {
            "indented": to_json(parts, indent=4),
            "members backwards": to_json(backwards),
            "white space around it": b" \r\n\t" + good + b"\n\n",
            "an unknown member": to_json({**parts, "more": [1, {"x": None}]}),
            "an unknown member with bad UTF-8": b'{"\xff":"\xfe",' + good[1:],
            "an unknown member with a lone surrogate": b'{"more":"\\ud800",' + good[1:],
            "an unknown huge number": b'{"more":1e999999,' + good[1:],
            "an unknown very long number": b'{"more":' + b"9" * 5000 + b"," + good[1:],
            "names in capitals": to_json({name.upper(): value for name, value in parts.items()}),
            "a name with escapes": good.replace(b'"payload"', b'"p\\u0061yload"'),
            "values with escapes": good.replace(b"/", b"\\/"),
            "both general and flattened": to_json({**parts, "signatures": []}),
            "nested a hundred deep": b'{"more":' + b"[" * 100 + b"]" * 100 + b"," + good[1:],
        }),
        *cases("document", "format", {
            "empty": b"",
            "white space": b" \n",
            "null": b"null",
            "a list": b"[]",
            "the envelope in a list": b"[" + good + b"]",
            "an empty object": b"{}",
            "text": b'"jws"',
            "a number": b"1",
            "cut short": good[:-1],
            "cut in half": good[: len(good) // 2],
            "twice": good + good,
            "something after it": good + b"x",
            "a NUL after it": good + b"\0",
            "a byte order mark": b"\xef\xbb\xbf" + good,
            "UTF-16": text.encode("utf-16"),
            "no-break space before it": "\u00a0".encode() + good,
            "a comment": b"/* jws */" + good,
            "a comma too many": good[:-1] + b",}",
            "single quotes": good.replace(b'"', b"'"),
            "names without quotes": good.replace(b'"payload"', b"payload"),
            "NaN": b'{"more":NaN,' + good[1:],
            "Infinity": b'{"more":-Infinity,' + good[1:],
            "a number with a plus": b'{"more":+1,' + good[1:],
            "a number with a leading zero": b'{"more":01,' + good[1:],
            "a number that ends in a point": b'{"more":1.,' + good[1:],
            "a control character": b'{"more":"\n",' + good[1:],
            "an escape that is none": b'{"more":"\\x41",' + good[1:],
            "compact": compact.encode(),
            "compact, quoted": to_json(compact),
            "general": to_json({"payload": parts["payload"], "signatures": [
                {name: parts[name] for name in ("protected", "header", "signature")}]}),
            "COSE": b"\xd2\x84\x43\xa1\x01\x26\xa0\x40\x40",
            "DER": b"\x30\x03\x02\x01\x00",
        }),
    ]  # fmt: skip


def members() -> list[Case]:
    """Each member of the document missing, doubled, of a wrong type."""
    parts = envelope_members()
    made = []
    for name in parts:
        others = {other: value for other, value in parts.items() if other != name}
        absent = {"missing": to_json(others), "null": to_json({**parts, name: None})}
        # an absent signature is an empty one, which is simply not good
        empty = "signature" if name == "signature" else "format"
        made += cases(name, empty, absent)
        wrong: dict[str, Any] = {"a number": 1, "a list": [parts[name]], "true": True}
        if name != "header":
            wrong |= {"an object": {"value": parts[name]}}
            made.append(Case(f"{name} is: empty", to_json({**parts, name: ""}), empty))
        else:
            wrong |= {"text": "x5c", "empty": {}}
        made += cases(
            f"{name} is",
            "format",
            {kind: to_json({**parts, name: value}) for kind, value in wrong.items()},
        )
        text = json.dumps(parts[name])
        made += cases(
            f"{name} twice",
            "verified",
            {
                "alike": _doubled(name, text, last=True),
                "null last": _doubled(name, "null", last=True),
                "null first": _doubled(name, "null", last=False),
            },
        )
    other = json.dumps(b64url(b'{"targetArtifact":{}}'))
    chain = json.dumps({"x5c": _good_x5c()[::-1]})
    return [
        *made,
        Case("payload twice: another last", _doubled("payload", other, last=True), "signature"),
        Case("payload twice: another first", _doubled("payload", other, last=False), "verified"),
        Case("payload twice: another in capitals last", _doubled("PAYLOAD", other, last=True),
             "signature"),
        Case("header twice: an empty one last", _doubled("header", "{}", last=True), "verified"),
        Case("header twice: another x5c last", _doubled("header", chain, last=True), "signature"),
        Case("header twice: another x5c first", _doubled("header", chain, last=False), "verified"),
        Case("header twice: x5c null last", _doubled("header", '{"x5c":null}', last=True),
             "format"),
        Case("header twice: x5c empty last", _doubled("header", '{"x5c":[]}', last=True), "format"),
        *cases("unprotected", "verified", {
            "signing agent": _unprotected({"io.cncf.notary.signingAgent": "notation/1.3.2"}),
            "signing agent null": _unprotected({"io.cncf.notary.signingAgent": None}),
            "timestamp": _unprotected({"io.cncf.notary.timestampSignature": "AAEC"}),
            "timestamp empty": _unprotected({"io.cncf.notary.timestampSignature": ""}),
            "unknown": _unprotected({"alg": "none", "kid": 1, "x5u": "https://example.com"}),
        }),
        *cases("unprotected", "format", {
            "signing agent a number": _unprotected({"io.cncf.notary.signingAgent": 1}),
            "timestamp a number": _unprotected({"io.cncf.notary.timestampSignature": 1}),
            "timestamp unpadded": _unprotected({"io.cncf.notary.timestampSignature": "AA"}),
        }),
    ]  # fmt: skip


def _unprotected(more: dict[str, Any]) -> bytes:
    return forge_envelope(header={"x5c": _good_x5c(), **more})


def _doubled(name: str, text: str, *, last: bool) -> bytes:
    good, member = forge_envelope(), f'"{name}":{text}'.encode()
    return good[:-1] + b"," + member + b"}" if last else b"{" + member + b"," + good[1:]


def encodings() -> list[Case]:
    """base64 in its dialects: url without padding for three members, standard for x5c."""
    parts = envelope_members()
    x5c = _good_x5c()
    protected, payload = parts["protected"], parts["payload"]
    folded = "\n".join(payload[i : i + 60] for i in range(0, len(payload), 60))
    made = [
        *cases("x5c", "format", {
            "missing": forge_envelope(header={}),
            "null": forge_envelope(header={"x5c": None}),
            "empty": _x5c(),
            "text": forge_envelope(header={"x5c": x5c[0]}),
            "an object": forge_envelope(header={"x5c": {"0": x5c[0]}}),
            "in base64url": _x5c(*(item.replace("+", "-").replace("/", "_") for item in x5c)),
            "with PEM": _x5c("-----BEGIN CERTIFICATE-----\n" + x5c[0], *x5c[1:]),
            "with a space": _x5c(" " + x5c[0], *x5c[1:]),
            "with a NUL": _x5c(x5c[0] + "\0", *x5c[1:]),
            "with too much padding": _x5c(x5c[0] + "====", *x5c[1:]),
            "with a number first": _x5c(1, *x5c[1:]),
            "with a number last": _x5c(*x5c, 1),
            "with an object": _x5c({"x": x5c[0]}, *x5c[1:]),
        }),
        *cases("x5c", "chain", {
            "with a null first": _x5c(None, *x5c),
            "with empty text first": _x5c("", *x5c),
            "with a null last": _x5c(*x5c, None),
        }),
        *cases("x5c", "verified", {
            "folded": _x5c(*(item[:64] + "\n" + item[64:] for item in x5c)),
            "folded with CR LF": _x5c(*(item[:64] + "\r\n" + item[64:] for item in x5c)),
        }),
    ]  # fmt: skip
    for name, value in (("protected", protected), ("payload", payload)):
        made += cases(name, "format", {
            "padded": _resigned(**{name: value + "=" * (-len(value) % 4 or 4)}),
            "with a space": _resigned(**{name: value + " "}),
            "in base64": _resigned(**{name: base64.b64encode(b'{"?":">>>??"}').decode()}),
            "with a point": _resigned(**{name: value + "." + value}),
            "of an impossible length": _resigned(**{name: b64url(b"{}") + "AA"}),
        })  # fmt: skip
    return [
        *made,
        Case("payload: folded, signed so", _resigned(payload=folded), "verified"),
        Case(
            "payload: folded, not signed so",
            forge_envelope(payload=PAYLOAD, protected=None).replace(
                payload.encode(), json.dumps(folded)[1:-1].encode()
            ),
            "signature",
        ),
        Case(
            "payload: loose bits at its end, signed so",
            _resigned(payload=_loose(PAYLOAD)),
            "verified",
        ),
        Case(
            "protected: folded, signed so",
            _resigned(protected=protected[:9] + "\n" + protected[9:]),
            "verified",
        ),
    ]


def _loose(data: bytes) -> str:
    """base64url whose last character has bits set that stand for nothing."""
    data += b" " * ((1 - len(data)) % 3)
    return loosened(b64url(data))


def loosened(text: str) -> str:
    return text[:-1] + {"A": "B", "Q": "R", "g": "h", "w": "x"}[text[-1]]


def _resigned(**changes: str) -> bytes:
    """An envelope with other text for `protected` or `payload`, signed over that text."""
    parts = {**envelope_members(), **changes}
    signed = f"{parts['protected']}.{parts['payload']}".encode()
    return to_json({**parts, "signature": b64url(sign_jws(_envelope_chain()[0], "ES384", signed))})
