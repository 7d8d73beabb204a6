"""GetRevocationStatus through both of boto3's clients, and ``mock.revoked_entities``."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from signer_mock._wire.model import service_model
from signer_mock.errors import SignerMockError
from tests.helpers.constants import (
    ACCOUNT,
    FREERTOS,
    IOT,
    LAMBDA,
    NOON,
    NOTATION,
    OTHER,
    PAYLOAD_FORMAT,
)
from tests.helpers.refusals import expect_refusal, refusal
from tests.helpers.signing import to_pem

HOUR = dt.timedelta(hours=1)
UNKNOWN_HASH = "0123456789abcdef" * 12

Ask = Callable[..., list[str]]


#: Older botocores send to ``verification.``.
HOST_PREFIX = service_model("signer").operation_model("GetRevocationStatus").endpoint["hostPrefix"]


@pytest.fixture(autouse=True)
def _at_noon(request: pytest.FixtureRequest, signer_mock: Any) -> None:
    signer_mock.clock.freeze(NOON)
    parameters = getattr(request.node, "callspec", None)
    services = boto3.Session().get_available_services()
    if parameters and "signer-data" in parameters.params.values() and "signer-data" not in services:
        pytest.skip("this botocore has no signer-data yet")


@pytest.fixture
def signed(signer_client: Any, notation_profile: str) -> dict[str, Any]:
    """A signature made at noon: the question about it, its chain, job and profile."""
    answer = signer_client.sign_payload(
        profileName=notation_profile, payload=b'{"a":1}', payloadFormat=PAYLOAD_FORMAT
    )
    envelope = json.loads(answer["signature"])
    chain = [base64.b64decode(text) for text in envelope["header"]["x5c"]]
    protected = envelope["protected"] + "=" * (-len(envelope["protected"]) % 4)
    attributes = json.loads(base64.urlsafe_b64decode(protected))
    return {
        "job_id": answer["jobId"],
        "envelope": answer["signature"],
        "profile": notation_profile,
        "version": signer_client.get_signing_profile(profileName=notation_profile)[
            "profileVersion"
        ],
        "chain": chain,
        "question": {
            "signatureTimestamp": NOON,
            "platformId": NOTATION,
            "profileVersionArn": attributes["com.amazonaws.signer.signingProfileVersion"],
            "jobArn": attributes["com.amazonaws.signer.signingJob"],
            "certificateHashes": [UNKNOWN_HASH],
        },
    }


@pytest.fixture(params=["signer", "signer-data"])
def ask(request: pytest.FixtureRequest, signer_mock: Any, signed: dict[str, Any]) -> Ask:
    """GetRevocationStatus about ``signed``, through each of the two clients."""
    client = signer_mock.client(request.param)

    def status(**changes: Any) -> list[str]:
        answer = client.get_revocation_status(**{**signed["question"], **changes})
        return list(answer["revokedEntities"])

    return status


def revoke_profile(client: Any, signed: dict[str, Any], effective: dt.datetime) -> None:
    client.revoke_signing_profile(
        profileName=signed["profile"],
        profileVersion=signed["version"],
        reason="leaked",
        effectiveTime=effective,
    )


# What is revoked


def test_a_good_signature_has_no_revoked_entity(ask):
    assert ask() == []


def test_the_job_of_a_revoked_signature_is_named(ask, signer_client, signed):
    signer_client.revoke_signature(jobId=signed["job_id"], reason="x")
    assert ask() == [signed["question"]["jobArn"]]


@pytest.mark.parametrize(
    ("effective", "is_revoked"),
    [
        (NOON - HOUR, True),
        (NOON - dt.timedelta(seconds=1), True),
        (NOON, False),
        (NOON + HOUR, False),
    ],
)
def test_a_revoked_profile_is_named_for_signatures_made_after_its_effective_time(
    ask, signer_mock, signer_client, signed, effective, is_revoked
):
    signer_mock.clock.advance(hours=2)
    revoke_profile(signer_client, signed, effective)
    expected = [signed["question"]["profileVersionArn"]] if is_revoked else []
    assert ask() == expected


def test_moving_the_effective_time_back_revokes_older_signatures(
    ask, signer_mock, signer_client, signed
):
    signer_mock.clock.advance(hours=2)
    revoke_profile(signer_client, signed, NOON + HOUR)
    assert ask() == []
    revoke_profile(signer_client, signed, NOON - HOUR)
    assert ask() == [signed["question"]["profileVersionArn"]]


def test_canceling_a_profile_revokes_nothing(ask, signer_client, signed):
    signer_client.cancel_signing_profile(profileName=signed["profile"])
    assert ask() == []


def test_everything_revoked_is_named_in_the_order_of_the_request_and_once(
    ask, signer_mock, signer_client, signed
):
    hashes = certificate_hashes(signed["chain"])
    signer_client.revoke_signature(jobId=signed["job_id"], reason="x")
    revoke_profile(signer_client, signed, NOON - HOUR)
    signer_mock.account().revoke_certificate(hashes[1])
    signer_mock.account().revoke_certificate(hashes[0])
    question = signed["question"]
    assert ask(certificateHashes=[*hashes, UNKNOWN_HASH, hashes[1]]) == [
        question["profileVersionArn"],
        question["jobArn"],
        hashes[0],
        hashes[1],
    ]


def test_unknown_entities_are_not_revoked(ask, signer_client, signed):
    signer_client.revoke_signature(jobId=signed["job_id"], reason="x")
    revoke_profile(signer_client, signed, NOON - HOUR)
    arn = f"arn:aws:signer:us-east-1:{ACCOUNT}:"
    assert (
        ask(
            profileVersionArn=f"{arn}/signing-profiles/notation_profile/AAAAAAAAAA",
            jobArn=f"{arn}/signing-jobs/11111111-2222-4333-8444-555555555555",
        )
        == []
    )


def test_a_revocation_is_known_in_every_region_and_account_of_the_partition(
    signer_mock, signer_client, signed
):
    signer_client.revoke_signature(jobId=signed["job_id"], reason="x")
    for client in (
        signer_mock.client("signer", "eu-west-1"),
        signer_mock.account(OTHER).client("signer"),
    ):
        answer = client.get_revocation_status(**signed["question"])
        assert answer["revokedEntities"] == [signed["question"]["jobArn"]]


def test_a_revocation_outlives_the_retention_of_job_and_profile(
    ask, signer_mock, signer_client, signed
):
    signer_client.revoke_signature(jobId=signed["job_id"], reason="x")
    revoke_profile(signer_client, signed, NOON - HOUR)
    signer_mock.clock.advance(days=800)
    signer_client.put_signing_profile(profileName=signed["profile"], platformId=NOTATION)
    question = signed["question"]
    assert ask() == [question["profileVersionArn"], question["jobArn"]]


def test_the_signature_of_a_lambda_job_can_be_asked_about(
    ask, signer_client, lambda_profile, start_job, code_zip
):
    job = start_job(code_zip, lambda_profile)
    arn = f"arn:aws:signer:us-east-1:{ACCOUNT}:"
    question = {
        "platformId": LAMBDA,
        "jobArn": f"{arn}/signing-jobs/{job['jobId']}",
        "profileVersionArn": f"{arn}/signing-profiles/lambda_profile/{job['profileVersion']}",
    }
    assert ask(**question) == []
    signer_client.revoke_signature(jobId=job["jobId"], reason="x")
    assert ask(**question) == [question["jobArn"]]


# Certificates, and their hashes as AWS's manual computes them


def certificate_hashes(chain: list[bytes]) -> list[str]:
    """The hashes of a chain in DER, leaf first, by Python."""
    from cryptography import x509

    digests = [
        hashlib.sha384(x509.load_der_x509_certificate(der).tbs_certificate_bytes).hexdigest()
        for der in chain
    ]
    return [own + issuer for own, issuer in zip(digests, [*digests[1:], digests[-1]], strict=True)]


def openssl_tbs_digest(pem: bytes, folder: Path) -> str:
    """SHA-384 of a certificate's TBSCertificate with the commands of AWS's manual."""
    certificate, tbs = folder / "certificate.pem", folder / "certificate.tbs"
    certificate.write_bytes(pem)

    def openssl(*arguments: str | Path) -> str:
        done = subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True)
        return done.stdout

    openssl("asn1parse", "-in", certificate, "-strparse", "4", "-out", tbs, "-noout")
    digest = openssl("dgst", "-sha384", tbs)
    (found,) = re.findall(r"[0-9a-f]{96}", digest)
    return str(found)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command")
def test_hashes_computed_with_openssl_are_those_of_the_revoked_certificates(
    ask, signer_mock, signed, tmp_path
):
    pems = [to_pem(der) for der in signed["chain"]]
    pems[-1] = signer_mock.account().trust_root_pem  # as a test author exports it
    digests = [openssl_tbs_digest(pem, tmp_path) for pem in pems]
    hashes = [
        own + issuer for own, issuer in zip(digests, [*digests[1:], digests[-1]], strict=True)
    ]
    assert len(hashes) == 4
    assert ask(certificateHashes=hashes) == []
    # An intermediate, by its PEM: it is named, and nothing around it.
    signer_mock.account().revoke_certificate(pems[1])
    assert ask(certificateHashes=hashes) == [hashes[1]]
    # The root, paired with itself, by its hash.
    signer_mock.account().revoke_certificate(hashes[3])
    assert ask(certificateHashes=hashes) == [hashes[1], hashes[3]]


def test_a_certificate_given_as_pem_is_known_under_any_issuer(ask, signer_mock, signed):
    leaf = to_pem(signed["chain"][0])
    own = certificate_hashes(signed["chain"])[0][:96]
    signer_mock.account().revoke_certificate(leaf.decode())
    assert ask(certificateHashes=[own + UNKNOWN_HASH[:96]]) == [own + UNKNOWN_HASH[:96]]
    assert ask(certificateHashes=[UNKNOWN_HASH[:96] + own]) == []


def test_a_certificate_given_as_hash_is_known_by_that_whole_hash(ask, signer_mock, signed):
    whole = certificate_hashes(signed["chain"])[0]
    signer_mock.account().revoke_certificate(whole)
    other_issuer = whole[:96] + UNKNOWN_HASH[:96]
    assert ask(certificateHashes=[other_issuer, whole]) == [whole]


def test_an_imported_iot_certificate_can_be_revoked(ask, signer_mock):
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    from signer_mock._signing.ca.certificates import make_code_signing_certificate

    pem, _ = make_code_signing_certificate("device", "ECDSA", NOON)
    der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    signer_mock.account(OTHER).revoke_certificate(pem)
    (own,) = certificate_hashes([der])
    assert ask(certificateHashes=[own]) == [own]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no certificate",
        b"\xff\xfe",
        UNKNOWN_HASH[:96],
        UNKNOWN_HASH.upper(),
        UNKNOWN_HASH + "0",
    ],
)
def test_revoke_certificate_says_what_it_takes(signer_mock, text):
    with pytest.raises(SignerMockError, match=r"takes one certificate in PEM, or 192 lower-case"):
        signer_mock.account().revoke_certificate(text)


def test_revoke_certificate_takes_one_certificate_at_a_time(signer_mock, signed):
    chain = b"".join(to_pem(der) for der in signed["chain"])
    with pytest.raises(SignerMockError, match=r"it was given 4 certificates.*one by one"):
        signer_mock.account().revoke_certificate(chain)


# Refusals


@pytest.mark.parametrize(
    "text",
    [
        "x",
        UNKNOWN_HASH[:-1],
        UNKNOWN_HASH + "0",
        UNKNOWN_HASH.upper(),
        UNKNOWN_HASH[:96],
        "g" * 192,
        UNKNOWN_HASH[:-1] + "\n",
    ],
)
@pytest.mark.parametrize("client_name", ["signer", "signer-data"])
def test_a_malformed_certificate_hash_is_refused(signer_mock, signed, client_name, text):
    expect_refusal(
        signer_mock.client(client_name).get_revocation_status,
        400,
        "ValidationException",
        f"Invalid certificate hash: {text}. Expected two SHA-384 hashes in lower-case "
        "hexadecimal, 192 characters",
        **{**signed["question"], "certificateHashes": [UNKNOWN_HASH, text]},
    )


def test_certificate_hashes_are_required_and_an_empty_list_is_none(signer_client, signed):
    expect_refusal(
        signer_client.get_revocation_status,
        400,
        "ValidationException",
        "1 validation error detected: Value null at 'certificateHashes' failed to satisfy "
        "constraint: Member must not be null",
        **{**signed["question"], "certificateHashes": []},
    )


@pytest.mark.parametrize(
    "missing", ["signatureTimestamp", "platformId", "profileVersionArn", "jobArn"]
)
def test_every_member_is_required(raw_client, signed, missing):
    question = dict(signed["question"])
    del question[missing]
    expect_refusal(
        raw_client.get_revocation_status,
        400,
        "ValidationException",
        f"1 validation error detected: Value null at '{missing}' failed to satisfy constraint: "
        "Member must not be null",
        **question,
    )


def test_an_unknown_platform_is_refused(signer_client, signed):
    expect_refusal(
        signer_client.get_revocation_status,
        400,
        "ValidationException",
        "Invalid platformId: Nope",
        "InvalidPlatformId",
        **{**signed["question"], "platformId": "Nope"},
    )


@pytest.mark.parametrize("platform", [IOT, FREERTOS, "AmazonFreeRTOS-TI-CC3220SF"])
def test_a_platform_without_revocation_is_refused(signer_client, signed, platform):
    expect_refusal(
        signer_client.get_revocation_status,
        400,
        "ValidationException",
        f"Revocation is not supported for platform {platform}",
        **{**signed["question"], "platformId": platform},
    )


@pytest.mark.parametrize(
    ("member", "service", "resource"),
    [
        ("profileVersionArn", "aws-cn:signer:cn-north-1", "/signing-profiles/p1/AAAAAAAAAA"),
        ("profileVersionArn", "aws:lambda:us-east-1", "/signing-profiles/p1/AAAAAAAAAA"),
        ("profileVersionArn", "aws:signer:us-east-1", "/signing-profiles/p1"),
        ("profileVersionArn", "aws:signer:us-east-1", "/signing-profiles/p1/short"),
        ("profileVersionArn", "aws:signer:us-east-1", "/signing-jobs/11111111"),
        ("jobArn", "aws-us-gov:signer:us-gov-west-1", "/signing-jobs/11111111"),
        ("jobArn", "aws:s3:us-east-1", "/signing-jobs/11111111"),
        ("jobArn", "aws:signer:us-east-1", "/signing-profiles/p1/AAAAAAAAAA"),
        ("jobArn", "aws:signer:us-east-1", "/signing-jobs/a/b"),
    ],
)
def test_an_arn_of_another_kind_or_partition_is_refused(
    signer_client, signed, member, service, resource
):
    arn = f"arn:{service}:{ACCOUNT}:{resource}"
    expect_refusal(
        signer_client.get_revocation_status,
        400,
        "ValidationException",
        f"Invalid {member}: {arn}",
        **{**signed["question"], member: arn},
    )


@pytest.mark.parametrize("member", ["profileVersionArn", "jobArn"])
def test_what_is_no_arn_is_refused(signer_client, signed, member):
    expect_refusal(
        signer_client.get_revocation_status,
        400,
        "ValidationException",
        f"Invalid {member}: this is not an ARN at all",
        **{**signed["question"], member: "this is not an ARN at all"},
    )


@pytest.mark.parametrize("member", ["profileVersionArn", "jobArn"])
@pytest.mark.parametrize(
    ("arn", "complaint"),
    [
        ("arn:aws:signer", "length greater than or equal to 20"),
        ("arn:aws:signer:us-east-1:1:/x" * 100, "length less than or equal to 2048"),
    ],
)
def test_an_arn_of_impossible_length_is_refused(raw_client, signed, member, arn, complaint):
    error = refusal(raw_client.get_revocation_status, **{**signed["question"], member: arn})
    assert type(error).__name__ == "ValidationException"
    assert complaint in error.response["Error"]["Message"]


def test_arns_of_china_are_asked_about_in_china(signer_mock):
    client = signer_mock.client("signer", "cn-northwest-1")
    version = client.put_signing_profile(profileName="p1", platformId=NOTATION)
    answer = client.get_revocation_status(
        signatureTimestamp=NOON,
        platformId=NOTATION,
        profileVersionArn=version["profileVersionArn"],
        jobArn=f"arn:aws-cn:signer:cn-north-1:{ACCOUNT}:/signing-jobs/11111111",
        certificateHashes=[UNKNOWN_HASH],
    )
    assert version["profileVersionArn"].startswith("arn:aws-cn:")
    assert answer["revokedEntities"] == []


# Where it is asked


@pytest.mark.parametrize("client_name", ["signer", "signer-data"])
def test_the_request_goes_to_the_data_host(signer_mock, signed, client_name):
    hosts = []
    client = boto3.client(client_name, region_name="eu-west-1")
    client.meta.events.register(
        f"before-send.{client_name}.GetRevocationStatus",
        lambda request, **_event: hosts.append(request.url.split("/")[2]),
    )
    assert client.get_revocation_status(**signed["question"])["revokedEntities"] == []
    prefix = HOST_PREFIX if client_name == "signer" else "data-"
    assert hosts == [f"{prefix}signer.eu-west-1.amazonaws.com"]
    assert signer_mock.calls[-1].operation == "GetRevocationStatus"
    assert signer_mock.calls[-1].region == "eu-west-1"


@pytest.mark.parametrize(
    ("client_name", "options", "host"),
    [
        (
            "signer",
            {"use_fips_endpoint": True},
            f"{HOST_PREFIX}signer-fips.us-east-1.amazonaws.com",
        ),
        ("signer", {"use_dualstack_endpoint": True}, f"{HOST_PREFIX}signer.us-east-1.api.aws"),
        ("signer-data", {"use_fips_endpoint": True}, None),
        ("signer", {"inject_host_prefix": False}, "signer.us-east-1.amazonaws.com"),
    ],
)
def test_it_is_answered_at_every_kind_of_endpoint(signer_mock, signed, client_name, options, host):
    from botocore.config import Config

    hosts = []
    client = boto3.client(client_name, region_name="us-east-1", config=Config(**options))
    client.meta.events.register(
        f"before-send.{client_name}.GetRevocationStatus",
        lambda request, **_event: hosts.append(request.url.split("/")[2]),
    )
    assert client.get_revocation_status(**signed["question"])["revokedEntities"] == []
    if host is not None:
        assert hosts == [host]


# Without a call


def test_the_mock_itself_answers_as_the_service_does(ask, signer_mock, signer_client, signed):
    hashes = certificate_hashes(signed["chain"])
    question = signed["question"]

    def entities(**changes: Any) -> list[str]:
        return list(
            signer_mock.revoked_entities(
                **{
                    "platform_id": NOTATION,
                    "profile_version_arn": question["profileVersionArn"],
                    "job_arn": question["jobArn"],
                    "signature_timestamp": NOON,
                    "certificate_hashes": hashes,
                    **changes,
                }
            )
        )

    assert entities() == ask(certificateHashes=hashes) == []
    signer_client.revoke_signature(jobId=signed["job_id"], reason="x")
    revoke_profile(signer_client, signed, NOON - HOUR)
    signer_mock.account().revoke_certificate(hashes[2])
    assert entities() == ask(certificateHashes=hashes)
    assert entities() == [question["profileVersionArn"], question["jobArn"], hashes[2]]
    assert entities(signature_timestamp=NOON - 2 * HOUR) == [question["jobArn"], hashes[2]]
    assert entities(profile_version_arn="?", job_arn="", certificate_hashes=[]) == []
    swapped = {
        "profile_version_arn": question["jobArn"],
        "job_arn": question["profileVersionArn"],
    }
    assert entities(**swapped, certificate_hashes=[]) == []
    assert entities(platform_id=IOT) == entities(platform_id="Nope") == []


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("nothing", None),
        ("job", r"Resource\(s\) arn:aws:signer:\S+/signing-jobs/\S+ have been revoked"),
        ("profile", r"Resource\(s\) arn:aws:signer:\S+/signing-profiles/\S+ have been revoked"),
        ("certificate", r"Certificate\(s\) have been revoked"),
    ],
)
@pytest.mark.parametrize("kind", ["envelope", "zip"])
def test_the_verifiers_take_the_mock_for_what_is_revoked(
    signer_mock, signer_client, lambda_profile, start_job, code_zip, signed, kind, what, reason
):
    from signer_mock.verify import RevokedError, verify_lambda_zip, verify_notation_envelope

    account = signer_mock.account()
    if kind == "zip":
        job = start_job(code_zip, lambda_profile)
        job_id, profile, version = job["jobId"], lambda_profile, job["profileVersion"]
        package = signer_mock.objects.get("dst", job["signedObject"]["s3"]["key"])
    else:
        job_id, profile, version = signed["job_id"], signed["profile"], signed["version"]

    if what == "job":
        signer_client.revoke_signature(jobId=job_id, reason="x")
    elif what == "profile":
        signer_client.revoke_signing_profile(
            profileName=profile, profileVersion=version, reason="x", effectiveTime=NOON - HOUR
        )
    elif what == "certificate":
        account.revoke_certificate(to_pem(signed["chain"][1]))

    def verify() -> str | None:
        if kind == "zip":
            return verify_lambda_zip(
                package, account.trust_root_pem, at=NOON, revocation=signer_mock
            ).job_arn
        return verify_notation_envelope(
            signed["envelope"], account.trust_root_pem, at=NOON, revocation=signer_mock
        ).job_arn

    if reason is None:
        assert str(verify()).endswith(f"/signing-jobs/{job_id}")
    else:
        with pytest.raises(RevokedError, match=reason):
            verify()


def test_a_revoked_version_under_another_profiles_name_is_not_revoked(
    signer_mock, signer_client, signed
):
    signer_client.put_signing_profile(profileName="another_profile", platformId=NOTATION)
    signer_client.revoke_signing_profile(
        profileName=signed["profile"],
        profileVersion=signed["version"],
        reason="leaked",
        effectiveTime=NOON - HOUR,
    )
    revoked = signed["question"]["profileVersionArn"]
    for name in ("another_profile", "no_profile"):
        arn = revoked.replace(signed["profile"], name)
        question = {**signed["question"], "profileVersionArn": arn}
        assert signer_client.get_revocation_status(**question)["revokedEntities"] == []
    answer = signer_client.get_revocation_status(**signed["question"])
    assert answer["revokedEntities"] == [revoked]
