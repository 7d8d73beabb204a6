"""Envelopes that differ in what their protected headers say; the signature is always good."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from functools import cache
from typing import Any

from tests.helpers.envelope_cases.case import Case, cases
from tests.helpers.envelope_cases.headers import (
    AUTHENTIC_TIME,
    EXPIRY,
    JOB,
    PLUGIN,
    PROFILE_VERSION,
    with_headers,
)
from tests.helpers.forgery import Key, forge_envelope, good_chain, good_header, issue
from tests.helpers.signing import JOB_ARN, PROFILE_VERSION_ARN, pem

PLUGIN_MIN_VERSION = "io.cncf.notary.verificationPluginMinVersion"


def algorithms(other_keys: dict[str, Key]) -> list[Case]:
    """`alg` against the key: the envelope is signed with P-384 unless it says otherwise."""
    return [
        *cases(
            "alg",
            "format",
            [
                (name, with_headers({"alg": name}))
                for name in (
                    "none",
                    "HS256",
                    "HS384",
                    "RS384",
                    "EdDSA",
                    "ES256K",
                    "es384",
                    "ES384 ",
                    "PS",
                )
            ],
        ),
        *cases(
            "alg does not fit the key",
            "signature",
            [
                (name, with_headers({"alg": name}))
                for name in ("ES256", "ES512", "PS256", "PS384", "PS512")
            ],
        ),
        # signed as it says, by a key of the leaf's curve, but with another digest
        Case(
            "alg: ES256 with P-384",
            forge_envelope(good_header(alg="ES256"), algorithm="ES256"),
            "signature",
        ),
        *cases(
            "key is not the leaf's",
            "signature",
            [
                (name, forge_envelope(key=key, algorithm="ES384"))
                for name, key in other_keys.items()
            ],
        ),
    ]


def attributes() -> list[Case]:
    """Headers beyond those that AWS writes, and the plugin's own."""
    versions = {
        "1.0.350": "verified", "1.0.349": "verified", "0.9.999": "verified",
        "1.0.350-rc.1": "verified", "1.0.350+build": "verified", "1.0.351": "untrusted",
        "1.0.351-alpha": "untrusted", "1.1.0": "untrusted", "2.0.0": "untrusted",
        "1.0.35000000000000000000000": "untrusted",
        "v1.0.0": "integrity", "1.0": "integrity", "01.0.0": "integrity", "": "integrity",
        "1.0.0-": "integrity", "1.0.0-01": "integrity", " 1.0.0": "integrity",
        "latest": "integrity",
    }  # fmt: skip
    plugin = good_header()
    return [
        *(
            Case(
                f"plugin's minimum version: {version!r}",
                forge_envelope(good_header(plugin_min_version=version)),
                verdict,
            )
            for version, verdict in versions.items()
        ),
        Case(
            "plugin's minimum version: not critical",
            with_headers({PLUGIN_MIN_VERSION: "1.0.0"}),
            "integrity",
        ),
        Case(
            "plugin's minimum version: a number",
            forge_envelope(good_header(plugin_min_version=1)),
            "integrity",
        ),
        Case("plugin: another", with_headers({PLUGIN: "com.example.plugin"}), "untrusted"),
        Case("plugin: in capitals", with_headers({PLUGIN: plugin[PLUGIN].upper()}), "untrusted"),
        Case("plugin: with a space", with_headers({PLUGIN: plugin[PLUGIN] + " "}), "untrusted"),
        Case("attribute: not critical", with_headers({"com.example.more": "x"}), "integrity"),
        Case(
            "attribute: critical",
            forge_envelope(good_header(**{"com.example.more": "x"})),
            "integrity",
        ),
        Case("attribute: null", with_headers({"com.example.more": None}), "integrity"),
        Case("attribute: typ", with_headers({"typ": "JWT"}), "integrity"),
        Case("attribute: kid", with_headers({"kid": "1"}), "integrity"),
        Case("attribute: x5c protected", with_headers({"x5c": []}), "integrity"),
        Case("attribute: b64 false", with_headers({"b64": False}), "integrity"),
        Case("attribute: a number out of range", _raw_number("1e999"), "format"),
        Case("attribute: a long number", _raw_number("1" * 400), "format"),
        Case("attribute: a number in range", _raw_number("1e308"), "integrity"),
        Case(
            "profile version: case of letters",
            with_headers({PROFILE_VERSION: PROFILE_VERSION_ARN.upper()}),
            "verified",
        ),
        Case(
            "profile version: of another profile",
            with_headers({PROFILE_VERSION: PROFILE_VERSION_ARN.replace("prof/", "other/")}),
            "mismatch",
        ),
        Case(
            "profile version: without the version",
            with_headers({PROFILE_VERSION: PROFILE_VERSION_ARN.rpartition("/")[0]}),
            "mismatch",
        ),
        Case(
            "job: of another account",
            with_headers({JOB: JOB_ARN.replace("1234", "4321")}),
            "verified",
        ),
        Case(
            "cty: with a parameter",
            with_headers({"cty": good_header()["cty"] + ";v=1"}),
            "integrity",
        ),
        Case("cty: in capitals", with_headers({"cty": good_header()["cty"].upper()}), "integrity"),
    ]


def _raw_number(number: str) -> bytes:
    text = json.dumps(good_header())[:-1] + f',"com.example.more":{number}}}'
    return forge_envelope(text.encode())


@cache
def old_signer() -> dict[str, Any]:
    """Key and chain, for `forge_envelope`, of somebody who signed in 2020."""
    window = {
        "not_before": datetime(2020, 1, 1, tzinfo=timezone.utc),
        "not_after": datetime(2020, 12, 31, tzinfo=timezone.utc),
    }
    recipes = [recipe.but(**window) for recipe in good_chain()]
    return {"key": recipes[0].key, "chain": issue(recipes)}


def times() -> list[Case]:
    """How the two times may be written, and how they relate."""
    verified = [
        "2026-11-21T20:37:58Z", "2026-11-21T20:37:58+00:00", "2026-11-21T20:37:58-00:00",
        "2026-11-21T22:37:58+02:00", "2026-11-21T12:07:58-08:30", "2026-11-21T20:37:58.5Z",
        "2026-11-21T20:37:58.123456789Z", "2026-11-21T20:37:58.1234567891234Z",
        "2026-11-21T20:37:58,5Z", "2026-11-21T9:37:58Z", "2026-11-21T20:37:58+23:59",
    ]  # fmt: skip
    refused = [
        "2026-11-21T20:37:58", "2026-11-21 20:37:58Z", "2026-11-21t20:37:58Z",
        "2026-11-21T20:37:58z", "2026-11-21T20:37Z", "2026-11-21", "20261121T203758Z",
        "2026-11-21T24:00:00Z", "2026-11-21T20:60:58Z", "2026-11-21T20:37:60Z",
        "2026-02-29T20:37:58Z", "2026-13-21T20:37:58Z", "2026-11-31T20:37:58Z",
        "2026-11-21T20:37:58.Z", "2026-11-21T20:37:58+0200", "2026-11-21T20:37:58+02",
        "2026-11-21T20:37:58+25:00", "2026-11-21T20:37:58+02:61", "2026-11-21T20:37:58 Z",
        " 2026-11-21T20:37:58Z", "2026-11-21T20:37:58Z ", "2026-11-21T20:37:58Zulu",
        "02026-11-21T20:37:58Z", "226-11-21T20:37:58Z", "12026-11-21T20:37:58Z",
        "2026-11-21T20:7:58Z", "2026-1-21T20:37:58Z", "2026-11-1T20:37:58Z",
        "+2026-11-21T20:37:58Z", "2026-11-21T+9:37:58Z", "2026\u06601-21T20:37:58Z",
        "1795293478", "Sat, 21 Nov 2026 20:37:58 GMT", "0001-01-01T00:00:00Z",
    ]  # fmt: skip
    expiries = [
        "2026-11-21T20:37:58Z", "2026-11-21T20:37:57Z", "2026-11-21T22:37:58+02:00",
        "2026-11-21", "never", "2026-11-21T20:37:57.999999999Z",
    ]  # fmt: skip
    return [
        *cases(
            "signed at", "verified", [(at, with_headers({AUTHENTIC_TIME: at})) for at in verified]
        ),
        *cases("signed at", "format", [(at, with_headers({AUTHENTIC_TIME: at})) for at in refused]),
        *cases("expires at", "format", [(at, with_headers({EXPIRY: at})) for at in expiries]),
        *cases(
            "expires at",
            "expired",
            {
                expiry: forge_envelope(
                    good_header(authentic_time="2020-06-01T00:00:00Z", expiry=expiry),
                    **old_signer(),
                )
                for expiry in (
                    "2020-06-01T00:00:01Z",
                    "2020-06-01T00:00:00.1Z",
                    "2020-06-01T00:00:00.000001Z",
                    "2020-05-31T23:00:01-01:00",
                )
            },
            roots=pem(old_signer()["chain"][-1]),
        ),
        Case(
            "expires at: a tenth of a microsecond later",
            forge_envelope(
                good_header(
                    authentic_time="2020-06-01T00:00:00.0000001Z",
                    expiry="2020-06-01T00:00:00.0000002Z",
                ),
                **old_signer(),
            ),
            "expired",
            roots=pem(old_signer()["chain"][-1]),
        ),
        Case("expires at: year 9999", with_headers({EXPIRY: "9999-12-31T23:59:59Z"}), "verified"),
        Case(
            "expires at: year 1, yet in crit",
            with_headers({EXPIRY: "0001-01-01T00:00:00Z"}),
            "format",
        ),
        Case(
            "expires at: not, by way of year 1",
            forge_envelope(
                {
                    **good_header(),
                    EXPIRY: "0001-01-01T00:00:00Z",
                    "crit": [n for n in good_header()["crit"] if n != EXPIRY],
                }
            ),
            "verified",
        ),
        Case(
            "signed when the leaf was not yet valid",
            with_headers({AUTHENTIC_TIME: "2026-11-20T20:37:57Z"}),
            "untrusted",
        ),
        Case(
            "signed at the leaf's first second",
            with_headers({AUTHENTIC_TIME: "2026-11-20T20:37:58Z"}),
            "verified",
        ),
        Case(
            "signed at the leaf's last second",
            with_headers({AUTHENTIC_TIME: "2026-11-22T20:37:58Z"}),
            "verified",
        ),
        Case(
            "signed after the leaf's last second",
            with_headers({AUTHENTIC_TIME: "2026-11-22T20:37:59Z"}),
            "untrusted",
        ),
        Case(
            "signed within the leaf's last second",
            with_headers({AUTHENTIC_TIME: "2026-11-22T20:37:58.5Z"}),
            "untrusted",
        ),
    ]
