"""Our Notation verifier and the Notary Project's own Go code, on the same envelopes."""

from __future__ import annotations

import base64
import json
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from signer_mock._signing.notation.envelope import read_envelope
from tests.helpers.constants import ARTIFACT, NOTATION, PAYLOAD, PAYLOAD_FORMAT
from tests.helpers.envelope_cases.all_cases import DIFFERENCES, GROUPS, cases_of
from tests.helpers.envelope_cases.case import REFUSALS, TRUST, Case, our_verdict
from tests.helpers.forgery import forge_envelope, good_header
from tests.interop.go_tools import Notary

MUTANTS = 300


def go_verdict(answer: dict[str, Any]) -> str:
    """The verdict in the words of `envelope_case`."""
    if not answer["accepted"]:
        return str(answer["class"])
    verified = answer["verified"]
    if verified["verified"]:
        return "verified"
    failed = [check for check in verified["checks"] if check["error"]]
    if failed:
        (check,) = failed
        is_identity = "trusted identi" in check["error"] or "trusted identify" in check["error"]
        return {
            "integrity": "integrity",
            "authenticity": "mismatch" if is_identity else "untrusted",
            "authenticTimestamp": "untrusted",
            "expiry": "expired",
        }[check["check"]]
    # refused without a check's name: by what notation-go says
    words = {
        "content descriptor mismatch": "mismatch",
        "every publisher (*)": "mismatch",  # the plugin refuses to answer
        "error while locating the verification plugin": "untrusted",
        "signature verification needs plugin version": "untrusted",
    }
    return next(
        (verdict for text, verdict in words.items() if text in verified["error"]), "integrity"
    )


Judged = list[tuple[Case, dict[str, Any]]]


@pytest.fixture(scope="module")
def judged(notary: Notary) -> Callable[[str], Judged]:
    """A group's cases with what Go says of each; every case is asked about once."""

    @cache
    def judge(group: str) -> Judged:
        return [(case, ask(notary, case)) for case in cases_of(group)]

    return judge


def ask(notary: Notary, case: Case) -> dict[str, Any]:
    return notary.judge(case.envelope, case.roots, case.identities, case.artifact)


@pytest.mark.parametrize("group", GROUPS)
def test_go_gives_every_case_the_verdict_that_it_deserves(judged, group):
    found = {case.name: go_verdict(answer) for case, answer in judged(group)}
    assert found == {case.name: case.verdict for case in cases_of(group)}


@pytest.mark.parametrize("group", GROUPS)
def test_both_verifiers_agree_but_for_the_listed_differences(judged, group):
    verdicts = {
        case.name: (our_verdict(case), go_verdict(answer)) for case, answer in judged(group)
    }
    differing = {name: ours for name, (ours, go) in verdicts.items() if ours != go}
    assert differing == {name: DIFFERENCES[name][0] for name in verdicts if name in DIFFERENCES}


@pytest.mark.parametrize("group", GROUPS)
def test_both_read_the_same_out_of_an_accepted_envelope(judged, group):
    for case, answer in judged(group):
        said = answer.get("content")
        if said is None or case.name in DIFFERENCES:
            continue
        ours = read_envelope(case.envelope)
        assert base64.b64decode(said["payload"]) == ours.payload
        assert said["contentType"] == ours.content_type
        assert said["scheme"] == ours.scheme
        assert _cut(said["signingTime"]) == ours.signing_time
        assert (said["expiry"] and _cut(said["expiry"])) == ours.expiry
        assert said["attributes"] == {name: name in ours.critical for name in ours.attributes}
        assert [base64.b64decode(der) for der in said["certificates"]] == [
            one.public_bytes(Encoding.DER) for one in ours.certificates
        ]


def _cut(text: str) -> datetime:
    """Go's nanoseconds, cut to Python's microseconds."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    moment = datetime.fromisoformat(whole).replace(tzinfo=timezone.utc)
    return moment + timedelta(microseconds=int(fraction[:6].ljust(6, "0") or 0))


def test_there_are_enough_cases_good_and_bad(capsys):
    verdicts = Counter(case.verdict for group in GROUPS for case in cases_of(group))
    with capsys.disabled():  # the figures are part of what a run shows
        print(  # noqa: T201 - a report of what differs
            f"\n{verdicts.total()} envelopes {dict(verdicts)}, differences: {len(DIFFERENCES)}"
        )
    assert verdicts.total() > 700
    assert min(verdicts[verdict] for verdict in (*REFUSALS, *TRUST)) >= 4


@pytest.mark.parametrize("part", ["document", "protected", "payload"])
def test_both_agree_on_envelopes_that_were_changed_at_random(notary, part):
    """Bytes are changed, doubled, lost and put in; headers and payloads are signed after that."""
    chance = random.Random(part)  # the same ones each time
    original = {
        "document": forge_envelope(),
        "protected": json.dumps(good_header()).encode(),
        "payload": PAYLOAD,
    }[part]
    disagreed = []
    for _ in range(MUTANTS):
        changed = mutate(original, chance)
        options: dict[str, Any] = {part: changed}
        envelope = changed if part == "document" else forge_envelope(**options)
        case = Case("changed", envelope, "verified")
        go, ours = go_verdict(ask(notary, case)), our_verdict(case)
        if ours != go and readers_disagree(changed):
            assert ours in {"format", "integrity"}, (go, ours, changed)  # we refuse those
        elif ours != go and not {ours, go} <= {*REFUSALS}:  # of two faults either may count
            disagreed.append((go, ours, changed))
    assert disagreed == []


NAMES = {name.casefold(): name for name in (
    *("payload", "protected", "header", "signature", "x5c", "alg", "cty", "crit"),
    *("io.cncf.notary.signingAgent", "io.cncf.notary.timestampSignature"),
    *("io.cncf.notary.signingScheme", "io.cncf.notary.signingTime", "io.cncf.notary.expiry"),
    *("io.cncf.notary.authenticSigningTime", "targetArtifact", "mediaType", "digest", "size"),
    *("urls", "annotations", "data", "platform", "artifactType", "architecture", "os"),
    *("os.version", "os.features", "variant"),
)}  # fmt: skip


def readers_disagree(data: bytes) -> bool:
    """Whether JSON is written such that common readers read it differently, or not at all."""
    doubtful = []

    def look(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        folded = [name.casefold() for name, _ in pairs]
        doubtful.append(
            len({*folded}) != len(folded)
            or any(NAMES.get(name.casefold(), name) != name or "\0" in name for name, _ in pairs)
        )
        return dict(pairs)

    try:
        document = json.loads(data.decode(), object_pairs_hook=look)
        json.dumps(document, ensure_ascii=False, allow_nan=False).encode()  # surrogates, 1e999
    except ValueError:
        return True
    return any(doubtful)


def mutate(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        place = chance.randrange(len(data))
        length = chance.choice([1, 1, 2, 5, 40])
        piece = data[place : place + length]
        insert = chance.choice(
            [b"", piece * 2, piece.swapcase(), piece[::-1], bytes([chance.randrange(256)]),
             chance.choice(TOKENS), chance.choice(TOKENS) + piece]
        )  # fmt: skip
        data = data[:place] + insert + data[place + length :]
    return data


# what matters to JSON, base64 and times
TOKENS = [
    *(b"null", b"true", b"0", b"-1", b"1e400", b'""', b"{}", b"[]", b",", b":", b'"', b"\\u0000"),
    *(b"\\ud800", b"\\/", b"\\n", b"\n", b"\r", b" ", b"\t", b"=", b"_", b"-", b"+", b".", b"Z"),
    *(b"\xff", b"\xef\xbb\xbf", b"\xc5\xbf", b"\x00", b'"alg":"none",', b'"crit":[],', b'"x":1,'),
]  # fmt: skip


def test_an_envelope_made_at_a_frozen_time_in_2031_verifies_at_that_time(notary, signer_mock):
    at = signer_mock.clock.freeze("2031-07-06T05:04:03Z")
    client = signer_mock.client("signer")
    client.put_signing_profile(profileName="later", platformId=NOTATION)
    arn = client.get_signing_profile(profileName="later")["arn"]
    envelope = client.sign_payload(
        profileName="later",
        payload=PAYLOAD,
        payloadFormat=PAYLOAD_FORMAT,
    )["signature"]
    said = notary.judge(envelope, signer_mock.account().trust_root_pem, [arn], ARTIFACT)
    assert said["accepted"], said
    assert (said["authenticTime"], said["chainInTime"], said["anchored"]) == ("", "", "")
    assert _cut(said["content"]["signingTime"]) == at
    assert said["verified"]["verified"], said
