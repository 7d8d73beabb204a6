"""SignPayload: the answer, and the envelope as an independent JOSE library reads it.

The rules of the envelope are judged case by case in test_signing_notation.py, and by Notation's
own Go libraries in tests/interop.
"""

from __future__ import annotations

import base64
import json
import subprocess
from typing import Any

import pytest
from cryptography import x509
from joserfc import jws
from joserfc.jwk import ECKey
from joserfc.registry import HeaderParameter

from tests.helpers.constants import LAMBDA, PAYLOAD, PAYLOAD_FORMAT
from tests.helpers.refusals import expect_refusal, refusal

ATTRIBUTES = [
    "io.cncf.notary.signingScheme",
    "io.cncf.notary.authenticSigningTime",
    "io.cncf.notary.expiry",
    "io.cncf.notary.verificationPlugin",
    "com.amazonaws.signer.signingProfileVersion",
    "com.amazonaws.signer.signingJob",
]


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sign(client: Any, profile: str, payload: bytes = PAYLOAD) -> Any:
    return client.sign_payload(profileName=profile, payload=payload, payloadFormat=PAYLOAD_FORMAT)


def test_the_envelope_verifies_with_an_independent_jose_library(signer_client, notation_profile):
    envelope = json.loads(sign(signer_client, notation_profile)["signature"])
    leaf = base64.b64decode(envelope["header"]["x5c"][0])
    registry = jws.JWSRegistry(
        header_registry={
            name: HeaderParameter("Notary's", "str", required=True) for name in ATTRIBUTES
        },
        algorithms=["ES384"],
    )
    registry.max_header_length = 4096
    key = ECKey.import_key(certificate_key(leaf))

    verified = jws.deserialize_json(envelope, key, registry=registry)

    assert verified.payload == PAYLOAD


def certificate_key(der: bytes) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    key = x509.load_der_x509_certificate(der).public_key()
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_the_protected_header_holds_the_six_attributes_and_no_other(
    signer_mock, signer_client, notation_profile
):
    signer_mock.clock.freeze("2023-07-18T10:51:39.700Z")
    answer = sign(signer_client, notation_profile)
    envelope = json.loads(answer["signature"])
    protected = json.loads(unpadded(envelope["protected"]))

    assert set(envelope) == {"payload", "protected", "header", "signature"}
    assert set(envelope["header"]) == {"x5c"}
    assert unpadded(envelope["payload"]) == PAYLOAD
    assert len(unpadded(envelope["signature"])) == 96
    version = signer_client.get_signing_profile(profileName=notation_profile)
    assert protected == {
        "alg": "ES384",
        "cty": PAYLOAD_FORMAT,
        "io.cncf.notary.signingScheme": "notary.x509.signingAuthority",
        "io.cncf.notary.authenticSigningTime": "2023-07-18T10:51:39Z",
        "io.cncf.notary.expiry": "2034-10-18T10:51:39Z",
        "io.cncf.notary.verificationPlugin": "com.amazonaws.signer.notation.plugin",
        "com.amazonaws.signer.signingProfileVersion": version["profileVersionArn"],
        "com.amazonaws.signer.signingJob": "arn:aws:signer:us-east-1:123456789012:/signing-jobs/"
        + answer["jobId"],
        "crit": protected["crit"],
    }
    assert sorted(protected["crit"]) == sorted(ATTRIBUTES)


def test_openssl_accepts_the_chain_under_the_exported_root(
    signer_mock, signer_client, notation_profile, tmp_path
):
    envelope = json.loads(sign(signer_client, notation_profile)["signature"])
    names = ["leaf.der", "regional.der", "intermediate.der", "root.der"]
    for name, item in zip(names, envelope["header"]["x5c"], strict=True):
        (tmp_path / name).write_bytes(base64.b64decode(item))
    (tmp_path / "root.pem").write_bytes(signer_mock.account().trust_root_pem)

    result = subprocess.run(
        "openssl verify -x509_strict -CAfile root.pem "
        "-untrusted intermediate.der -untrusted regional.der leaf.der".split(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stdout) == (0, "leaf.der: OK\n"), result.stderr
    chain = [x509.load_der_x509_certificate((tmp_path / name).read_bytes()) for name in names]
    subjects = [certificate.subject for certificate in chain]
    assert len(set(subjects)) == 4
    assert [certificate.issuer for certificate in chain] == [*subjects[1:], subjects[-1]]


def test_the_metadata_names_job_and_profile_version(signer_client, notation_profile):
    answer = sign(signer_client, notation_profile)
    profile = signer_client.get_signing_profile(profileName=notation_profile)
    assert answer["jobOwner"] == "123456789012"
    assert answer["metadata"] == {
        "com.amazonaws.signer.signingJob": "arn:aws:signer:us-east-1:123456789012:/signing-jobs/"
        + answer["jobId"],
        "com.amazonaws.signer.signingProfileVersion": profile["profileVersionArn"],
    }


def test_the_job_of_a_payload_has_neither_source_nor_signed_object(signer_client, notation_profile):
    job_id = sign(signer_client, notation_profile)["jobId"]
    (listed,) = signer_client.list_signing_jobs()["jobs"]
    described = signer_client.describe_signing_job(jobId=job_id)
    for job in (listed, described):
        assert job["jobId"] == job_id
        assert job["status"] == "Succeeded"
        assert job["signingMaterial"] == {}
        assert "source" not in job
        assert "signedObject" not in job
    assert described["statusReason"] == "Signing Succeeded"


@pytest.mark.parametrize(
    "payload",
    [b"x", b"\x00\xff" * 2048, b'{ "targetArtifact" : {} }\n', b'X{"a":1,"a":2}'],
    ids=["1", "4096", "json", "no-json"],
)
def test_the_payloads_bytes_are_signed_as_they_are(signer_client, notation_profile, payload):
    envelope = json.loads(sign(signer_client, notation_profile, payload)["signature"])
    assert unpadded(envelope["payload"]) == payload


AMBIGUOUS = {
    "a member twice": b'{"targetArtifact":{},"targetArtifact":{"size":1}}',
    "a member of the artifact twice": b'{"targetArtifact":{"size":1,"size":2}}',
    "a member of another object twice": b'{"more":[{"a":1,"b":{},"a":1}]}',
    "members that differ by case": b'{"targetArtifact":{"digest":"a","Digest":"b"}}',
    "a member in another case": b'{"targetartifact":{"size":1}}',
    "an escaped name": rb'{"more":{"a":1,"\u0061":2}}',
    "a NUL in a name": rb'{"more\u0000":1}',
    "a lone surrogate": rb'{"more":"\ud800"}',
    "a size in other words": b'{"targetArtifact":{"size":13.0}}',
    "an infinite number": b'{"more":1e999}',
    "a constant of JavaScript": b'{"more":NaN}',
    "two objects": b'{"targetArtifact":{}} {"targetArtifact":{"size":1}}',
    "white space before it": b'\r\n\t {"a":1,"a":2}',
    "a byte order mark": b'\xef\xbb\xbf{"targetArtifact":{}}',
    "not UTF-8": b'{"more":"\xff"}',
    "UTF-16": '{"targetArtifact":{}}'.encode("utf-16"),
    "UTF-16 without a mark": '{"targetArtifact":{}}'.encode("utf-16-be"),
    "nested deeply": b'{"a":' * 800 + b"1",
}


@pytest.mark.parametrize("payload", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_a_payload_that_readers_read_differently_is_not_signed(
    signer_client, notation_profile, payload
):
    error = refusal(
        signer_client.sign_payload,
        profileName=notation_profile,
        payload=payload,
        payloadFormat=PAYLOAD_FORMAT,
    )

    assert type(error).__name__ == "ValidationException"
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error.response["code"] == "InvalidJobParameters"
    assert signer_client.list_signing_jobs()["jobs"] == []


def test_the_refusal_of_a_payload_says_what_is_wrong_with_it(signer_client, notation_profile):
    expect_refusal(
        signer_client.sign_payload,
        400,
        "ValidationException",
        "The payload is a JSON object that cannot be verified once signed: the payload cannot be "
        "read: it has the member 'size' twice.",
        "InvalidJobParameters",
        profileName=notation_profile,
        payload=AMBIGUOUS["a member of the artifact twice"],
        payloadFormat=PAYLOAD_FORMAT,
    )


def test_the_certificates_outlive_a_signing_far_in_the_future(
    signer_mock, signer_client, notation_profile
):
    from cryptography import x509

    signer_mock.clock.freeze("2031-05-06T07:08:09Z")
    envelope = json.loads(sign(signer_client, notation_profile)["signature"])
    for item in envelope["header"]["x5c"]:
        certificate = x509.load_der_x509_certificate(base64.b64decode(item))
        assert certificate.not_valid_before_utc <= signer_mock.clock.now()
        assert certificate.not_valid_after_utc > signer_mock.clock.now()


def test_two_signatures_of_one_payload_are_two_jobs(signer_client, notation_profile):
    first, second = (sign(signer_client, notation_profile) for _ in range(2))
    assert first["jobId"] != second["jobId"]
    assert first["signature"] != second["signature"]


def test_another_payload_format_is_refused(signer_client, notation_profile):
    expect_refusal(
        signer_client.sign_payload,
        400,
        "ValidationException",
        f"Payload format application/json is not supported. Use {PAYLOAD_FORMAT}.",
        "InvalidJobParameters",
        profileName=notation_profile,
        payload=PAYLOAD,
        payloadFormat="application/json",
    )


def test_a_lambda_profile_signs_no_payloads(signer_client, lambda_profile):
    expect_refusal(
        signer_client.sign_payload,
        400,
        "ValidationException",
        f"SignPayload is not supported for platform {LAMBDA}. Use StartSigningJob.",
        "InvalidJobParameters",
        profileName=lambda_profile,
        payload=PAYLOAD,
        payloadFormat=PAYLOAD_FORMAT,
    )


def test_an_unknown_profile_signs_no_payloads(signer_client):
    expect_refusal(
        signer_client.sign_payload,
        404,
        "ResourceNotFoundException",
        "profile with name nope does not exist",
        "ProfileNotFound",
        profileName="nope",
        payload=PAYLOAD,
        payloadFormat=PAYLOAD_FORMAT,
    )


def test_a_canceled_profile_signs_no_payloads(signer_client, notation_profile):
    signer_client.cancel_signing_profile(profileName=notation_profile)
    expect_refusal(
        signer_client.sign_payload,
        400,
        "ValidationException",
        "Cannot sign with a profile in Canceled state",
        "ProfileNotActive",
        profileName=notation_profile,
        payload=PAYLOAD,
        payloadFormat=PAYLOAD_FORMAT,
    )
