"""Envelopes that differ in their protected header, always with a good signature over it."""

from __future__ import annotations

import json
from typing import Any

from tests.helpers.envelope_cases.case import Case, cases
from tests.helpers.forgery import forge_envelope, good_header

SCHEME = "io.cncf.notary.signingScheme"
SIGNING_TIME = "io.cncf.notary.signingTime"
AUTHENTIC_TIME = "io.cncf.notary.authenticSigningTime"
EXPIRY = "io.cncf.notary.expiry"
PLUGIN = "io.cncf.notary.verificationPlugin"
PLUGIN_MIN_VERSION = "io.cncf.notary.verificationPluginMinVersion"
PROFILE_VERSION = "com.amazonaws.signer.signingProfileVersion"
JOB = "com.amazonaws.signer.signingJob"

# not strings; what Go makes of null differs from header to header
WRONG_TYPES: dict[str, Any] = {"a number": 1, "a list": ["x"], "an object": {"x": 1}, "true": True}


def _without(*names: str) -> bytes:
    """The good header without some members; what is left of `crit` names the rest."""
    header = good_header()
    for name in names:
        del header[name]
    header["crit"] = [name for name in header["crit"] if name not in names]
    return forge_envelope(header)


def _with(**changes: Any) -> bytes:
    """The good header with members of these full names set ("__" is "."), null included."""
    return with_headers({name.replace("__", "."): value for name, value in changes.items()})


def with_headers(changes: dict[str, Any]) -> bytes:
    return forge_envelope({**good_header(), **changes})


def _raw(*members: tuple[str, Any], first: bool = False) -> bytes:
    """The good header with members written in addition to those that are there, so twice."""
    good = list(good_header().items())
    pairs = [*members, *good] if first else [*good, *members]
    text = ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in pairs)
    return forge_envelope(b"{" + text.encode() + b"}")


def _critical(*names: Any) -> bytes:
    return forge_envelope({**good_header(), "crit": list(names)})


def _not_critical(*names: str) -> bytes:
    return _critical(*(name for name in good_header()["crit"] if name not in names))


def missing() -> list[Case]:
    """Each header missing."""
    return [
        Case("nothing is missing", forge_envelope(), "verified"),
        *cases(
            "missing",
            "format",
            {
                "alg": _without("alg"),
                "crit": forge_envelope({k: v for k, v in good_header().items() if k != "crit"}),
                "signingScheme": _without(SCHEME),
                "authenticSigningTime": _without(AUTHENTIC_TIME),
                "everything but alg": forge_envelope({"alg": "ES384"}),
                "everything": forge_envelope({}),
            },
        ),
        *cases(
            "missing",
            "integrity",
            {
                "cty": _without("cty"),
                "signingProfileVersion": _without(PROFILE_VERSION),
                "signingJob": _without(JOB),
                "both of Signer's": _without(PROFILE_VERSION, JOB),
            },
        ),
        Case("missing: expiry", _without(EXPIRY), "verified"),
        Case("missing: verificationPlugin", _without(PLUGIN), "mismatch"),
        Case(
            "missing: crit names an absent header",
            _critical(*good_header()["crit"], "absent"),
            "format",
        ),
    ]


def wrong_types() -> list[Case]:
    """Each header of a wrong type."""
    made = []
    for name in ("alg", "cty", SCHEME, AUTHENTIC_TIME, EXPIRY):
        made += cases(
            f"{name} is",
            "format",
            {kind: with_headers({name: value}) for kind, value in WRONG_TYPES.items()},
        )
    for name in (PLUGIN, PROFILE_VERSION, JOB):
        wrong = {**WRONG_TYPES, "null": None}
        made += cases(
            f"{name} is",
            "integrity",
            {kind: with_headers({name: value}) for kind, value in wrong.items()},
        )
    made += cases(
        "null:",
        "format",
        {
            "alg": with_headers({"alg": None}),
            "crit": with_headers({"crit": None}),
            "signingScheme": with_headers({SCHEME: None}),
            "authenticSigningTime": with_headers({AUTHENTIC_TIME: None}),
            "expiry, yet in crit": with_headers({EXPIRY: None}),
        },
    )
    made += cases(
        "empty text:",
        "format",
        {
            "alg": with_headers({"alg": ""}),
            "signingScheme": with_headers({SCHEME: ""}),
            "authenticSigningTime": with_headers({AUTHENTIC_TIME: ""}),
            "expiry": with_headers({EXPIRY: ""}),
        },
    )
    made += cases(
        "empty text:",
        "integrity",
        {
            "cty": with_headers({"cty": ""}),
            "verificationPlugin": with_headers({PLUGIN: ""}),
            "verificationPlugin of spaces": with_headers({PLUGIN: "  "}),
        },
    )
    return [
        *made,
        Case("null: cty", with_headers({"cty": None}), "integrity"),
        Case("empty text: signingProfileVersion", with_headers({PROFILE_VERSION: ""}), "mismatch"),
        Case("empty text: signingJob", with_headers({JOB: ""}), "verified"),
        Case("the header is a list", forge_envelope(b"[]"), "format"),
        Case("the header is null", forge_envelope(b"null"), "format"),
        Case("the header is text", forge_envelope(b'"ES384"'), "format"),
        Case("the header is empty", forge_envelope(b""), "format"),
        Case("the header is no JSON", forge_envelope(b"{alg: ES384}"), "format"),
    ]


def doubled() -> list[Case]:
    """Headers that occur twice: Go counts the last one, and letters of either case."""
    old = "2020-01-01T00:00:00Z"
    return [
        *cases(
            "twice, alike",
            "verified",
            [(name, _raw((name, value))) for name, value in good_header().items()],
        ),
        Case("twice: alg, none last", _raw(("alg", "none")), "format"),
        Case("twice: alg, none first", _raw(("alg", "none"), first=True), "verified"),
        Case("twice: scheme, unknown last", _raw((SCHEME, "x")), "format"),
        Case("twice: scheme, unknown first", _raw((SCHEME, "x"), first=True), "verified"),
        Case("twice: expiry, past last", _raw((EXPIRY, old)), "format"),
        Case("twice: expiry, past first", _raw((EXPIRY, old), first=True), "verified"),
        Case("twice: expiry, null last", _raw((EXPIRY, None)), "format"),
        Case("twice: time, a number first", _raw((AUTHENTIC_TIME, 1), first=True), "format"),
        Case("twice: crit, empty last", _raw(("crit", [])), "format"),
        Case("twice: crit, empty first", _raw(("crit", []), first=True), "verified"),
        Case("twice: crit, null last", _raw(("crit", None)), "format"),
        Case("twice: cty, other last", _raw(("cty", "text/plain")), "integrity"),
        Case("twice: profile, other last", _raw((PROFILE_VERSION, "x/y/z")), "mismatch"),
        Case("twice: profile, other first", _raw((PROFILE_VERSION, "x/y"), first=True), "verified"),
        # a struct's member in capitals counts, too, and stays an attribute that nobody processes
        Case("in capitals: ALG beside alg, alike", _raw(("ALG", "ES384")), "integrity"),
        Case("in capitals: ALG beside alg, other", _raw(("ALG", "ES256")), "format"),
        Case("in capitals: CTY beside cty", _raw(("CTY", "text/plain")), "integrity"),
        Case("in capitals: CRIT beside crit", _raw(("CRIT", [])), "format"),
        Case("in capitals: expiry past", _raw((EXPIRY.upper(), old)), "format"),
        Case("in capitals: signing time", _raw((SIGNING_TIME.upper(), old)), "format"),
        Case("in capitals: only ALG", _renamed("alg", "ALG"), "format"),
        Case("in capitals: only CTY", _renamed("cty", "CTY"), "integrity"),
        Case("in capitals: only CRIT", _renamed("crit", "Crit"), "integrity"),
        Case("in capitals: kelvin sign", _raw(("\u212a", 1)), "integrity"),
        Case(
            "in capitals: long s in crit",
            _renamed(SCHEME, SCHEME.replace("s", "\u017f", 1)),
            "integrity",
        ),
    ]


def _renamed(old: str, new: str) -> bytes:
    return forge_envelope({new if k == old else k: v for k, v in good_header().items()})


def critical() -> list[Case]:
    """What `crit` must and must not hold."""
    all_six = good_header()["crit"]
    return [
        *cases(
            "not critical",
            "format",
            [(name, _not_critical(name)) for name in (SCHEME, AUTHENTIC_TIME, EXPIRY)],
        ),
        Case("not critical: anything", _critical(), "format"),
        Case("not critical: verificationPlugin", _not_critical(PLUGIN), "integrity"),
        Case("not critical: signingProfileVersion", _not_critical(PROFILE_VERSION), "verified"),
        Case("not critical: signingJob", _not_critical(JOB), "verified"),
        Case("not critical: both of Signer's", _not_critical(PROFILE_VERSION, JOB), "verified"),
        *cases(
            "critical and should not be",
            "format",
            [(name, _critical(*all_six, name)) for name in ("alg", "cty", "crit", SIGNING_TIME)],
        ),
        Case("crit: twice a required one", _critical(*all_six, SCHEME), "format"),
        Case("crit: twice an extended one", _critical(*all_six, JOB), "verified"),
        Case("crit: backwards", _critical(*reversed(all_six)), "verified"),
        Case("crit: in capitals", _critical(*(name.upper() for name in all_six)), "format"),
        Case("crit: an empty name", _critical(*all_six, ""), "format"),
        Case("crit: a null", _critical(*all_six, None), "format"),
        Case("crit: a number", _critical(*all_six, 1), "format"),
        Case("crit: text", _with(crit=SCHEME), "format"),
        Case("crit: an object", _with(crit={SCHEME: True}), "format"),
        Case("crit: an x5c", _critical(*all_six, "x5c"), "format"),
    ]


def schemes() -> list[Case]:
    """The signing scheme, and which time goes with it."""
    x509 = "notary.x509"
    crit = [SCHEME, EXPIRY, PLUGIN, PROFILE_VERSION, JOB]
    x509_header = good_header(scheme=x509, authentic_time=None, signing_time="2026-11-21T20:37:58Z")
    return [
        *cases(
            "scheme",
            "format",
            {
                "unknown": with_headers({SCHEME: "notary.x509.signingauthority"}),
                "with a space": with_headers({SCHEME: "notary.x509.signingAuthority "}),
                "notary.x509 with an authentic time": with_headers({SCHEME: x509}),
                "signing authority with both times": with_headers(
                    {SIGNING_TIME: "2026-11-21T20:37:58Z"}
                ),
                "signing authority with the other time": forge_envelope(
                    good_header(authentic_time=None, signing_time="2026-11-21T20:37:58Z")
                ),
                "notary.x509 without a time": forge_envelope(
                    {**good_header(scheme=x509, authentic_time=None), "crit": crit}
                ),
                "notary.x509 with its time critical": forge_envelope(x509_header),
            },
        ),
        Case("scheme: notary.x509", forge_envelope({**x509_header, "crit": crit}), "untrusted"),
        Case("scheme: other time is null", with_headers({SIGNING_TIME: None}), "verified"),
    ]
