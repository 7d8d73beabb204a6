"""The envelope that SignPayload returns, read by verifiers that are not ours."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc import jws
from joserfc.jwk import ECKey
from joserfc.registry import HeaderParameter

from signer_mock._signing.notation.sign import sign_envelope
from tests.helpers.constants import PAYLOAD, PAYLOAD_FORMAT
from tests.helpers.signing import JOB_ARN, PROFILE_VERSION_ARN, openssl, signing_arguments

if TYPE_CHECKING:
    from pathlib import Path

ATTRIBUTES = {
    "io.cncf.notary.signingScheme": "notary.x509.signingAuthority",
    "io.cncf.notary.authenticSigningTime": "2026-11-21T20:37:58Z",
    "io.cncf.notary.expiry": "2038-02-21T20:37:58Z",
    "io.cncf.notary.verificationPlugin": "com.amazonaws.signer.notation.plugin",
    "com.amazonaws.signer.signingProfileVersion": PROFILE_VERSION_ARN,
    "com.amazonaws.signer.signingJob": JOB_ARN,
}


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def protected_header(envelope: bytes) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(decode(json.loads(envelope)["protected"]))
    return header


def test_it_is_a_flattened_jws_with_four_members() -> None:
    document = json.loads(sign_envelope(PAYLOAD, **signing_arguments()))

    assert sorted(document) == ["header", "payload", "protected", "signature"]
    assert list(document["header"]) == ["x5c"]
    assert "=" not in document["payload"] + document["protected"] + document["signature"]


def test_the_protected_header_is_what_real_signatures_have_and_nothing_else() -> None:
    header = protected_header(sign_envelope(PAYLOAD, **signing_arguments()))

    assert header == {
        "alg": "ES384",
        "cty": PAYLOAD_FORMAT,
        **ATTRIBUTES,
        "crit": list(ATTRIBUTES),
    }


def test_a_jose_library_accepts_the_signature() -> None:
    arguments = signing_arguments()
    document = json.loads(sign_envelope(PAYLOAD, **arguments))
    key = ECKey.import_key(
        arguments["identity"]
        .private_key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    registry = jws.JWSRegistry(
        header_registry={name: HeaderParameter("Notary's", "str") for name in ATTRIBUTES},
        algorithms=["ES384"],
    )
    registry.max_header_length = 4096

    compact = f"{document['protected']}.{document['payload']}.{document['signature']}"
    assert jws.deserialize_compact(compact, key, registry=registry).payload == PAYLOAD

    assert jws.deserialize_json(document, key, registry=registry).payload == PAYLOAD


def test_openssl_accepts_the_signature_and_refuses_another_payload(tmp_path: Path) -> None:
    document = json.loads(sign_envelope(PAYLOAD, **signing_arguments()))
    raw = decode(document["signature"])
    assert len(raw) == 96
    r, s = (int.from_bytes(half, "big") for half in (raw[:48], raw[48:]))
    (tmp_path / "signature").write_bytes(encode_dss_signature(r, s))
    (tmp_path / "leaf.der").write_bytes(base64.b64decode(document["header"]["x5c"][0]))
    (tmp_path / "signed").write_text(f"{document['protected']}.{document['payload']}")
    (tmp_path / "other").write_text(f"{document['protected']}.{document['payload'][:-1]}X")
    public = openssl("x509", "-inform", "DER", "-in", tmp_path / "leaf.der", "-noout", "-pubkey")
    (tmp_path / "leaf.pub").write_text(public.stdout)

    check: list[str | Path] = ["dgst", "-sha384", "-verify", tmp_path / "leaf.pub"]
    check += ["-signature", tmp_path / "signature"]

    assert openssl(*check, tmp_path / "signed").stdout == "Verified OK\n"
    assert openssl(*check, tmp_path / "other").returncode != 0


def test_x5c_is_the_chain_in_standard_base64_root_included_and_last() -> None:
    arguments = signing_arguments()
    document = json.loads(sign_envelope(PAYLOAD, **arguments))

    assert [base64.b64decode(one, validate=True) for one in document["header"]["x5c"]] == [
        one.public_bytes(serialization.Encoding.DER) for one in arguments["identity"].certificates
    ]


@pytest.mark.parametrize(
    "payload",
    [
        b"{}",
        b'{"a":"\\u003c"}',
        '{"ü":"☃"}'.encode(),
        b' { "spaced" : 1 }\n',
        b"{" + b" " * 4000 + b"}",
    ],
)
def test_payload_bytes_are_signed_verbatim(payload: bytes) -> None:
    document = json.loads(sign_envelope(payload, **signing_arguments()))

    assert decode(document["payload"]) == payload


def test_times_are_whole_seconds_of_utc() -> None:
    zone = timezone(timedelta(hours=8))
    envelope = sign_envelope(
        PAYLOAD,
        **signing_arguments(
            signing_time=datetime(2031, 1, 1, 0, 0, 0, 999999, tzinfo=zone),
            expiry=datetime(2042, 4, 1, 8, 0, 0, 1, tzinfo=zone),
        ),
    )

    header = protected_header(envelope)

    assert header["io.cncf.notary.authenticSigningTime"] == "2030-12-31T16:00:00Z"
    assert header["io.cncf.notary.expiry"] == "2042-04-01T00:00:00Z"


@pytest.mark.parametrize("member", ["signing_time", "expiry"])
def test_a_time_without_a_zone_is_refused(member: str) -> None:
    arguments = signing_arguments()
    arguments[member] = datetime(2031, 1, 1)  # noqa: DTZ001 - the point of it

    with pytest.raises(ValueError, match="no time zone"):
        sign_envelope(PAYLOAD, **arguments)


def test_an_odd_arn_is_still_json() -> None:
    arn = 'arn:aws:signer:us-east-1:123456789012:/signing-jobs/"\\é'

    header = protected_header(sign_envelope(PAYLOAD, **signing_arguments(job_arn=arn)))

    assert header["com.amazonaws.signer.signingJob"] == arn
