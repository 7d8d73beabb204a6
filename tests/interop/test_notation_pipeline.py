"""notation-go signs and verifies with a plugin that calls the mock over HTTP.

The plugin's calls are made by AWS's SDK for Go. Every test runs with the stand-in of notation/
and, where it is installed, with AWS's own plugin.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from signer_mock import SignerMock
from signer_mock.verify import RevokedError, verify_notation_envelope
from tests.helpers.constants import ARTIFACT, NOTATION, PAYLOAD, PAYLOAD_FORMAT
from tests.helpers.signing import pem
from tests.interop.go_tools import GoTools, Notary

OTHER_ACCOUNT = "210987654321"
ALL_CHECKS = ["integrity", "authenticity", "expiry", "authenticTimestamp", "revocation"]


class Pipeline:
    """`notation sign` and `notation verify` as functions, against one mock."""

    def __init__(self, notary: Notary, plugin: Path, mock: SignerMock) -> None:
        self._notary = notary
        self._plugin = str(plugin)
        self._mock = mock
        mock.client("signer").put_signing_profile(profileName="prof", platformId=NOTATION)
        self.profile_arn = str(mock.client("signer").get_signing_profile(profileName="prof")["arn"])

    def try_to_sign(self, key_id: str | None = None, **config: str) -> dict[str, Any]:
        return self._notary.ask(
            "sign",
            plugin=self._plugin,
            keyId=key_id or self.profile_arn,
            artifact=ARTIFACT,
            pluginConfig=config,
        )

    def sign(self, key_id: str | None = None, **config: str) -> bytes:
        answer = self.try_to_sign(key_id, **config)
        assert answer["error"] == ""
        return base64.b64decode(answer["envelope"])

    def verify(
        self,
        envelope: bytes,
        *,
        identities: Sequence[str] | None = None,
        roots: bytes | None = None,
        artifact: Mapping[str, object] = ARTIFACT,
        level: str = "strict",
    ) -> dict[str, Any]:
        return self._notary.ask(
            "verify",
            plugin=self._plugin,
            envelope=base64.b64encode(envelope).decode(),
            roots=(roots or self._mock.account().trust_root_pem).decode(),
            identities=[self.profile_arn] if identities is None else list(identities),
            artifact=dict(artifact),
            level=level,
        )


@pytest.fixture
def pipeline(
    go: GoTools, plugin: Path, signer_mock: SignerMock, aws_environment: Mapping[str, str]
) -> Iterator[Pipeline]:
    with Notary(go.notary, aws_environment) as notary:
        yield Pipeline(notary, plugin, signer_mock)


def failed(verification: dict[str, Any]) -> list[tuple[str, str]]:
    """The checks that failed, and whether that was fatal ("enforce") or a warning ("log")."""
    return [(check["check"], check["action"]) for check in verification["checks"] if check["error"]]


def attributes(envelope: bytes) -> dict[str, Any]:
    protected = json.loads(envelope)["protected"]
    header: dict[str, Any] = json.loads(
        base64.urlsafe_b64decode(protected + "=" * (-len(protected) % 4))
    )
    return header


def job_of(envelope: bytes) -> tuple[str, str]:
    """The ARN and the id of the signing job."""
    arn: str = attributes(envelope)["com.amazonaws.signer.signingJob"]
    return arn, arn.rpartition("/")[2]


# Signing and verifying


def test_what_notation_signs_with_the_plugin_it_verifies_at_level_strict(pipeline, signer_mock):
    envelope = pipeline.sign()
    verification = pipeline.verify(envelope)
    assert (verification["verified"], verification["error"]) == (True, "")
    assert [check["check"] for check in verification["checks"]] == ALL_CHECKS
    called = [call.operation for call in signer_mock.calls]
    assert called[-2:] == ["SignPayload", "GetRevocationStatus"]


def test_the_plugin_sends_the_payload_that_is_signed_and_asks_about_the_whole_chain(
    pipeline, signer_mock
):
    envelope = pipeline.sign()
    pipeline.verify(envelope)
    signing, asking = signer_mock.calls[-2:]
    assert signing.params["payload"] == PAYLOAD
    assert signing.params["profileOwner"] == signer_mock.account_id
    assert asking.params["jobArn"] == job_of(envelope)[0]
    assert len(asking.params["certificateHashes"]) == 4
    assert asking.params["platformId"] == NOTATION


def test_the_job_and_the_profile_become_annotations_of_the_signature(pipeline):
    answer = pipeline.try_to_sign()
    envelope = base64.b64decode(answer["envelope"])
    assert job_of(envelope)[0] in answer["annotations"].values()


def test_a_profile_version_is_a_trusted_identity_too(pipeline):
    envelope = pipeline.sign()
    version = attributes(envelope)["com.amazonaws.signer.signingProfileVersion"]
    assert pipeline.verify(envelope, identities=[version])["verified"]


def test_a_signature_of_another_region_verifies(pipeline, signer_mock):
    there = signer_mock.client("signer", "eu-west-1")
    there.put_signing_profile(profileName="prof", platformId=NOTATION)
    arn = there.get_signing_profile(profileName="prof")["arn"]
    envelope = pipeline.sign(arn, **{"aws-region": "eu-west-1"})
    assert pipeline.verify(envelope, identities=[arn])["verified"]
    assert signer_mock.calls[-2].region == "eu-west-1"


def test_a_shared_profile_signs_for_its_owner(pipeline, signer_mock):
    owner = signer_mock.account(OTHER_ACCOUNT)
    client = owner.client("signer")
    client.put_signing_profile(profileName="lent", platformId=NOTATION)
    client.add_profile_permission(
        profileName="lent",
        action="signer:SignPayload",
        principal=signer_mock.account_id,
        statementId="lend",
    )
    arn = client.get_signing_profile(profileName="lent")["arn"]
    envelope = pipeline.sign(arn)
    assert pipeline.verify(envelope, identities=[arn], roots=owner.trust_root_pem)["verified"]


@pytest.mark.parametrize("at", ["2001-02-03T04:05:06Z", "2031-07-06T05:04:03Z"])
def test_a_signature_made_at_a_frozen_time_was_good_at_that_time(pipeline, signer_mock, at):
    signer_mock.clock.freeze(at)
    verification = pipeline.verify(pipeline.sign())
    # a profile's signatures last 135 months unless it says otherwise, so that one of 2001 is over
    expected = [("expiry", "enforce")] if at < "2015" else []
    assert failed(verification) == expected
    assert verification["verified"] == (not expected)


# Refusals


def test_a_signature_of_another_publisher_is_refused(pipeline):
    other = pipeline.profile_arn.replace("/prof", "/other")
    verification = pipeline.verify(pipeline.sign(), identities=[other])
    assert not verification["verified"]
    assert failed(verification) == [("authenticity", "enforce")]


def test_a_signature_of_another_account_is_not_trusted_by_the_root(pipeline, signer_mock):
    stranger = signer_mock.account(OTHER_ACCOUNT).trust_root_pem
    verification = pipeline.verify(pipeline.sign(), roots=stranger)
    assert failed(verification) == [("authenticity", "enforce")]
    assert "does not contain any trusted certificate" in verification["error"]


def test_a_tampered_payload_breaks_the_signature(pipeline):
    parts = json.loads(pipeline.sign())
    payload = PAYLOAD.replace(b"388", b"389")
    parts["payload"] = base64.urlsafe_b64encode(payload).rstrip(b"=").decode()
    verification = pipeline.verify(json.dumps(parts).encode(), artifact={**ARTIFACT, "size": 389})
    assert failed(verification) == [("integrity", "enforce")]
    assert "verification error" in verification["error"]


def test_a_signature_of_another_artifact_is_refused(pipeline):
    other = {**ARTIFACT, "digest": "sha256:" + "cd" * 32}
    verification = pipeline.verify(pipeline.sign(), artifact=other)
    assert not verification["verified"]
    assert verification["error"] == "content descriptor mismatch"


def test_an_expired_signature_is_refused(pipeline, signer_mock):
    signer_mock.client("signer").put_signing_profile(
        profileName="short",
        platformId=NOTATION,
        signatureValidityPeriod={"value": 1, "type": "DAYS"},
    )
    arn = pipeline.profile_arn.replace("/prof", "/short")
    fresh = pipeline.sign(arn)
    signer_mock.clock.advance(days=-2)
    stale = pipeline.sign(arn)
    assert pipeline.verify(fresh, identities=[arn])["verified"]
    verification = pipeline.verify(stale, identities=[arn])
    assert failed(verification) == [("expiry", "enforce")]
    assert "has expired" in verification["error"]


# Revocation


def revoke_signature(mock: SignerMock, envelope: bytes) -> list[str]:
    arn, job_id = job_of(envelope)
    mock.client("signer").revoke_signature(jobId=job_id, reason="leaked")
    return [arn]


def revoke_profile(mock: SignerMock, envelope: bytes) -> list[str]:
    arn: str = attributes(envelope)["com.amazonaws.signer.signingProfileVersion"]
    _, name, version = arn.rsplit("/", 2)
    mock.client("signer").revoke_signing_profile(
        profileName=name,
        profileVersion=version,
        reason="leaked",
        effectiveTime=mock.clock.now() - timedelta(hours=1),
    )
    return [arn]


def revoke_certificate(mock: SignerMock, envelope: bytes, position: int = 0) -> list[str]:
    der = base64.b64decode(json.loads(envelope)["header"]["x5c"][position])
    mock.account().revoke_certificate(pem(x509.load_der_x509_certificate(der)))
    return []


def revoke_root(mock: SignerMock, envelope: bytes) -> list[str]:
    return revoke_certificate(mock, envelope, position=-1)


def revoke_all(mock: SignerMock, envelope: bytes) -> list[str]:
    profile = revoke_profile(mock, envelope)
    return [*profile, *revoke_signature(mock, envelope), *revoke_root(mock, envelope)]


Revoke = Callable[[SignerMock, bytes], list[str]]
WAYS = [revoke_signature, revoke_profile, revoke_certificate, revoke_root, revoke_all]


@pytest.mark.parametrize("revoke", WAYS)
def test_a_revoked_signature_is_refused(pipeline, signer_mock, revoke):
    envelope, other = pipeline.sign(), pipeline.sign()
    assert pipeline.verify(envelope)["verified"]
    revoke(signer_mock, envelope)
    verification = pipeline.verify(envelope)
    assert not verification["verified"]
    assert failed(verification) == [("revocation", "enforce")]
    assert pipeline.verify(other)["verified"] == (revoke is revoke_signature)


def test_a_revoked_signature_is_a_warning_at_level_permissive(pipeline, signer_mock):
    envelope = pipeline.sign()
    revoke_signature(signer_mock, envelope)
    verification = pipeline.verify(envelope, level="permissive")
    assert verification["verified"]
    assert failed(verification) == [("revocation", "log")]


def test_a_signature_made_before_the_profile_was_revoked_stays_good(pipeline, signer_mock):
    early = pipeline.sign()
    signer_mock.clock.advance(hours=2)
    late = pipeline.sign()
    revoke_profile(signer_mock, late)
    assert pipeline.verify(early)["verified"]
    assert failed(pipeline.verify(late)) == [("revocation", "enforce")]


# What AWS's own plugin says


@pytest.fixture
def real_pipeline(
    go: GoTools, real_plugin: Path, signer_mock: SignerMock, aws_environment: Mapping[str, str]
) -> Iterator[Pipeline]:
    with Notary(go.notary, aws_environment) as notary:
        yield Pipeline(notary, real_plugin, signer_mock)


@pytest.mark.parametrize("revoke", WAYS)
def test_our_verifier_says_of_a_revoked_signature_what_the_real_plugin_says(
    real_pipeline, signer_mock, revoke
):
    envelope = real_pipeline.sign()
    resources = revoke(signer_mock, envelope)
    said = real_pipeline.verify(envelope)["error"]
    for arn in resources:
        assert arn in said
    with pytest.raises(RevokedError) as refusal:
        verify_notation_envelope(
            envelope, signer_mock.account().trust_root_pem, revocation=signer_mock
        )
    # the plugin puts no space between its two sentences
    assert str(refusal.value).replace("revoked. C", "revoked.C") in said


# Errors


def test_notation_shows_the_services_message_about_an_unknown_profile(pipeline, signer_mock):
    client = signer_mock.client("signer")
    with pytest.raises(client.exceptions.ResourceNotFoundException) as refusal:
        client.sign_payload(
            profileName="nobody",
            payload=PAYLOAD,
            payloadFormat=PAYLOAD_FORMAT,
        )
    answer = pipeline.try_to_sign(pipeline.profile_arn.replace("/prof", "/nobody"))
    assert refusal.value.response["Error"]["Message"] in answer["error"]
    assert not answer["envelope"]


def test_a_profile_that_is_not_shared_cannot_be_used(pipeline, signer_mock):
    client = signer_mock.account(OTHER_ACCOUNT).client("signer")
    client.put_signing_profile(profileName="private", platformId=NOTATION)
    answer = pipeline.try_to_sign(client.get_signing_profile(profileName="private")["arn"])
    # no word about why: some versions of the SDK overlook IAM's capital "Message"
    assert "plugin failed to sign" in answer["error"]
    assert not answer["envelope"]
    assert signer_mock.calls[-1].error == "AccessDeniedException"


def test_the_plugin_signs_with_a_profile_and_refuses_its_version(pipeline, signer_mock):
    envelope = pipeline.sign()
    calls = len(signer_mock.calls)
    version = attributes(envelope)["com.amazonaws.signer.signingProfileVersion"]
    answer = pipeline.try_to_sign(version)
    assert "plugin failed to sign" in answer["error"]
    assert len(signer_mock.calls) == calls
