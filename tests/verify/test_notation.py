"""`verify_notation_envelope` as a test author uses it: the verdicts of `notation verify`."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509

from signer_mock._signing.ca.authority import CertificateAuthority, certificate_hashes
from signer_mock._signing.notation.sign import sign_envelope
from signer_mock.verify import (
    ExpiredError,
    IntegrityError,
    MismatchError,
    RevokedError,
    UntrustedError,
    VerificationError,
    VerifiedSignature,
    verify_notation_envelope,
)
from tests.helpers.constants import ARTIFACT, NOTATION, PAYLOAD
from tests.helpers.forgery import (
    envelope_root_pem,
    forge_envelope,
    good_chain,
    good_header,
    issue,
)
from tests.helpers.signing import (
    EXPIRY,
    JOB_ARN,
    NOW,
    PROFILE_ARN,
    PROFILE_VERSION_ARN,
    authority,
    pem,
    signing_arguments,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


class Revocations:
    """Says what it was told to, and remembers what it was asked."""

    def __init__(self, *revoked: str) -> None:
        self.revoked = revoked
        self.asked: list[dict[str, Any]] = []

    def revoked_entities(self, **question: Any) -> Sequence[str]:
        self.asked.append(question)
        return self.revoked


def signed(**changes: Any) -> bytes:
    return sign_envelope(PAYLOAD, **signing_arguments(**changes))


def forged(**changes: Any) -> bytes:
    return forge_envelope(good_header(**changes))


def verify(
    envelope: bytes, identities: Sequence[str] | None = (PROFILE_ARN,), **options: Any
) -> VerifiedSignature:
    options = {"at": NOW, **options}
    return verify_notation_envelope(envelope, authority().trust_root_pem, identities, **options)


def verify_forged(envelope: bytes, **options: Any) -> VerifiedSignature:
    options = {"at": NOW, "trusted_identities": [PROFILE_ARN], **options}
    return verify_notation_envelope(envelope, envelope_root_pem(), **options)


def test_a_good_signature_says_who_made_it() -> None:
    arguments = signing_arguments()

    assert verify(sign_envelope(PAYLOAD, **arguments)) == VerifiedSignature(
        profile_version_arn=PROFILE_VERSION_ARN,
        job_arn=JOB_ARN,
        signed_at=NOW.replace(microsecond=0),
        expires_at=EXPIRY.replace(microsecond=0),
        certificates=arguments["identity"].certificates,
    )


def test_all_errors_are_verification_errors() -> None:
    errors = (IntegrityError, UntrustedError, MismatchError, ExpiredError, RevokedError)

    assert all(issubclass(error, VerificationError) for error in errors)
    assert all(not issubclass(one, other) for one in errors for other in errors if one != other)


def test_under_a_clock_frozen_in_2031() -> None:
    at = NOW.replace(year=2031)

    result = verify(signed(signing_time=at), at=at + timedelta(days=900))

    assert result.signed_at == at.replace(microsecond=0)


# --- trust


def test_roots_come_as_one_pem_as_several_or_as_a_list() -> None:
    root = authority().trust_root_pem
    other = CertificateAuthority("210987654321").trust_root_pem
    for roots in (root, other + root, [other, root], (one for one in (other, root))):
        verified = verify_notation_envelope(signed(), roots, [PROFILE_ARN], at=NOW)
        assert pem(verified.certificates[-1]) == root


def test_a_certificate_below_the_root_can_be_trusted_too() -> None:
    for certificate in signing_arguments()["identity"].certificates:
        verify_notation_envelope(signed(), pem(certificate), [PROFILE_ARN], at=NOW)


def test_a_signature_of_another_account_is_not_trusted() -> None:
    other = CertificateAuthority("210987654321")
    envelope = signed(identity=other.identity("us-east-1", NOW))

    with pytest.raises(UntrustedError, match="does not contain any trusted certificate"):
        verify(envelope)
    verify_notation_envelope(envelope, other.trust_root_pem, [PROFILE_ARN], at=NOW)


def test_a_chain_that_was_not_valid_when_it_signed_is_not_trusted() -> None:
    recipes = good_chain()
    recipes[0] = recipes[0].but(not_after=NOW - timedelta(hours=1))
    chain = issue(recipes)
    envelope = forge_envelope(key=recipes[0].key, chain=chain)

    with pytest.raises(UntrustedError, match=r"invalid at the signing time: .*'CN=leaf'"):
        verify_notation_envelope(envelope, pem(chain[-1]), [PROFILE_ARN], at=NOW)


def test_a_leaf_may_have_expired_since() -> None:
    result = verify(signed(), at=NOW + timedelta(days=365 * 5))

    assert result.certificates[0].not_valid_after_utc < NOW + timedelta(days=4)


def test_the_other_signing_scheme_is_not_trusted() -> None:
    header = good_header(
        scheme="notary.x509", authentic_time=None, signing_time="2026-11-21T20:37:58Z"
    )
    header["crit"].remove("io.cncf.notary.signingTime")

    with pytest.raises(UntrustedError, match=r"signing scheme is notary.x509"):
        verify_forged(forge_envelope(header))


# --- integrity


@pytest.mark.parametrize(
    "envelope",
    [b"", b"{}", b"not JSON", signed()[:-1], signed()[1:]],
    ids=["empty", "no members", "not JSON", "without its end", "without its start"],
)
def test_bytes_that_are_no_envelope_are_an_integrity_error(envelope: bytes) -> None:
    with pytest.raises(IntegrityError):
        verify(envelope)


def test_a_changed_payload_is_an_integrity_error() -> None:
    envelope = signed().replace(b'"payload":"', b'"payload":"e30', 1)

    with pytest.raises(IntegrityError, match="signature is invalid"):
        verify(envelope)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/vnd.cncf.notary.payload.v2+json", None]
)
def test_the_content_type_must_be_notarys(content_type: str | None) -> None:
    with pytest.raises(IntegrityError, match=r"payload content type .* not supported"):
        verify_forged(forged(cty=content_type))


# --- plugin


@pytest.mark.parametrize("name", ["com.example.plugin", "COM.amazonaws.signer.notation.plugin"])
def test_a_signature_that_needs_another_plugin_is_refused(name: str) -> None:
    with pytest.raises(UntrustedError, match=f"needs the verification plugin '{name}'"):
        verify_forged(forged(plugin=name))


@pytest.mark.parametrize(("name", "message"), [(" ", "is an empty string"), (5, "is not a string")])
def test_a_plugins_name_must_be_text(name: object, message: str) -> None:
    with pytest.raises(IntegrityError, match=message):
        verify_forged(forged(plugin=name))


@pytest.mark.parametrize("member", ["verificationPlugin", "verificationPluginMinVersion"])
def test_the_plugins_attributes_must_be_critical(member: str) -> None:
    header = good_header(plugin_min_version="1.0.0")
    header["crit"].remove(f"io.cncf.notary.{member}")

    with pytest.raises(IntegrityError, match=f"{member} is not a critical Extended attribute"):
        verify_forged(forge_envelope(header))


@pytest.mark.parametrize("version", ["0.0.1", "1.0.0", "1.0.350", "1.0.350-rc.1", "1.0.350+build"])
def test_a_plugin_version_up_to_the_implemented_one_is_accepted(version: str) -> None:
    verify_forged(forged(plugin_min_version=version))


@pytest.mark.parametrize("version", ["1.0.351", "1.1.0", "2.0.0", "1.0.1000", "1.1.0-alpha"])
def test_a_signature_that_needs_a_newer_plugin_is_refused(version: str) -> None:
    with pytest.raises(UntrustedError, match="needs plugin version greater than or equal to"):
        verify_forged(forged(plugin_min_version=version))


@pytest.mark.parametrize(
    "version", ["1", "1.0", "v1.0.0", "1.0.0.0", "01.0.0", "1.0.0-", "x", 5, " "]
)
def test_a_plugin_version_must_be_a_semver(version: object) -> None:
    with pytest.raises(IntegrityError, match="verificationPluginMinVersion"):
        verify_forged(forged(plugin_min_version=version))


@pytest.mark.parametrize("critical", [True, False])
def test_an_attribute_that_the_plugin_does_not_process_is_refused(critical: bool) -> None:
    header = good_header(**{"com.example.more": "x"})
    if not critical:
        header["crit"].remove("com.example.more")

    with pytest.raises(IntegrityError, match=r'"com\.example\.more" was not processed'):
        verify_forged(forge_envelope(header))


@pytest.mark.parametrize("value", [None, 5, ["x"]])
def test_the_profile_version_must_be_there_as_text(value: object) -> None:
    with pytest.raises(IntegrityError, match=r"unable to parse attribute .*signingProfileVersion"):
        verify_forged(forged(profile_version=value))


def test_the_job_is_only_needed_to_ask_for_revocations() -> None:
    envelope = forged(job=None)

    assert verify_forged(envelope).job_arn is None
    with pytest.raises(IntegrityError, match=r"unable to parse attribute .*signingJob"):
        verify_forged(envelope, revocation=Revocations())


def test_the_amazon_attributes_need_not_be_critical() -> None:
    header = good_header()
    header["crit"] = [name for name in header["crit"] if "amazonaws" not in name]

    assert verify_forged(forge_envelope(header)).profile_version_arn == PROFILE_VERSION_ARN


def test_without_a_plugin_no_profile_can_be_matched() -> None:
    envelope = forged(plugin=None)

    with pytest.raises(MismatchError, match="no x509 trusted identities are configured"):
        verify_forged(envelope)
    assert verify_forged(envelope, trusted_identities=None).job_arn == JOB_ARN


# --- identity


@pytest.mark.parametrize(
    "identities",
    [
        [PROFILE_ARN],
        [PROFILE_VERSION_ARN],
        [PROFILE_ARN.replace("prof", "PROF").replace("signing-PROFiles", "signing-profiles")],
        [PROFILE_VERSION_ARN[:-10] + PROFILE_VERSION_ARN[-10:].lower()],
        ["x509.subject:C=US", "arn:aws:s3:::b", "nonsense", "", PROFILE_ARN],
        None,
    ],
)
def test_identities_that_match(identities: list[str] | None) -> None:
    verify(signed(), identities)


@pytest.mark.parametrize(
    "identity",
    [
        PROFILE_ARN + "x",
        PROFILE_ARN[:-1],
        PROFILE_ARN + "/",
        PROFILE_VERSION_ARN[:-1] + "3",
        PROFILE_VERSION_ARN + "/more",
        PROFILE_ARN.replace("123456789012", "210987654321"),
        PROFILE_ARN.replace("us-east-1", "us-west-2"),
        PROFILE_ARN.replace("arn:aws:", "arn:aws-cn:"),
        PROFILE_ARN.upper(),
        PROFILE_ARN.replace(":signer:", ":Signer:"),
        PROFILE_ARN.replace("/signing-profiles/", "signing-profiles/"),
        PROFILE_ARN.replace("/signing-profiles/", "/Signing-profiles/"),
        "x509.subject:C=US,ST=WA,O=AWS Signer mock",
        "",
        "arn:x",
        "arn:aws:signer:/signing-profiles/prof",
        "arn:aws:signer:/signing-profiles/a",
    ],
)
def test_identities_that_do_not(identity: str) -> None:
    with pytest.raises(MismatchError, match=r"doesn't match any trusted identities\. It is arn:"):
        verify(signed(), [identity])


def test_no_identities_match_nothing() -> None:
    with pytest.raises(MismatchError):
        verify(signed(), [])


def test_the_plugin_takes_no_wildcard() -> None:
    with pytest.raises(MismatchError, match="does not support wildcard identity"):
        verify(signed(), [PROFILE_ARN, "*"])


# --- expiry


@pytest.mark.parametrize(
    ("after", "expired"),
    [(timedelta(seconds=-1), False), (timedelta(0), True), (timedelta(days=1), True)],
)
def test_a_signature_ends_at_its_expiry(after: timedelta, expired: bool) -> None:
    at = EXPIRY.replace(microsecond=0) + after
    if expired:
        with pytest.raises(ExpiredError, match="has expired on 2038-02-21 20:37:58"):
            verify(signed(), at=at)
    else:
        verify(signed(), at=at)


def test_a_signature_without_expiry_never_ends() -> None:
    assert verify_forged(forged(expiry=None), at=NOW.replace(year=2990)).expires_at is None


def test_the_time_of_verification_is_now_unless_given() -> None:
    past = NOW.replace(year=2001)
    envelope = signed(signing_time=past, expiry=past + timedelta(days=1))

    with pytest.raises(ExpiredError):
        verify(envelope, at=None)
    verify(envelope, at=past)


# --- revocation


def test_revocation_is_asked_as_the_plugin_asks() -> None:
    revocations = Revocations()
    arguments = signing_arguments()

    verify(sign_envelope(PAYLOAD, **arguments), revocation=revocations)

    assert revocations.asked == [
        {
            "platform_id": NOTATION,
            "profile_version_arn": PROFILE_VERSION_ARN,
            "job_arn": JOB_ARN,
            "signature_timestamp": NOW.replace(microsecond=0),
            "certificate_hashes": certificate_hashes(arguments["identity"].certificates),
        }
    ]


@pytest.mark.parametrize(
    ("revoked", "message"),
    [
        ([JOB_ARN], f"Resource(s) {JOB_ARN} have been revoked."),
        (
            [JOB_ARN, PROFILE_VERSION_ARN],
            f"Resource(s) {JOB_ARN}, {PROFILE_VERSION_ARN} have been revoked.",
        ),
        (["ab" * 96], "Certificate(s) have been revoked."),
        (
            ["ab" * 96, JOB_ARN],
            f"Resource(s) {JOB_ARN} have been revoked. Certificate(s) have been revoked.",
        ),
    ],
)
def test_a_revoked_signature(revoked: list[str], message: str) -> None:
    with pytest.raises(RevokedError) as refusal:
        verify(signed(), revocation=Revocations(*revoked))

    assert str(refusal.value) == message


def test_an_error_of_the_source_of_revocations_is_raised() -> None:
    class Broken:
        def revoked_entities(self, **_: Any) -> Sequence[str]:
            raise ConnectionError("no answer")

    with pytest.raises(ConnectionError, match="no answer"):
        verify(signed(), revocation=Broken())


# --- artifact


def test_the_artifact_that_was_signed() -> None:
    verify(signed(), artifact=ARTIFACT)
    verify(signed(), artifact={**ARTIFACT, "annotations": {"not": "compared"}})


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "sha256:" + "cd" * 32},
        {"size": 389},
        {"mediaType": "application/json"},
        {"size": None},
    ],
)
def test_another_artifact_is_a_mismatch(change: dict[str, object]) -> None:
    with pytest.raises(MismatchError) as refusal:
        verify(signed(), artifact={**ARTIFACT, **change})
    assert str(refusal.value) == (
        f"content descriptor mismatch: the signature is of {ARTIFACT}, "
        f"expected was { ({**ARTIFACT, **change}) }."
    )


@pytest.mark.parametrize("payload", [b"{}", b'{"targetArtifact":{}}', b"null"])
def test_a_payload_without_an_artifact_is_a_mismatch(payload: bytes) -> None:
    with pytest.raises(MismatchError):
        verify_forged(forge_envelope(payload=payload), artifact=ARTIFACT)


@pytest.mark.parametrize("payload", [b"{}", b'{"targetArtifact":{"size":null}}', b"null"])
def test_what_a_payload_does_not_say_is_empty_as_in_go(payload: bytes) -> None:
    nothing = {"mediaType": "", "digest": "", "size": 0}

    verify_forged(forge_envelope(payload=payload), artifact=nothing)

    with pytest.raises(MismatchError, match="content descriptor mismatch"):
        verify_forged(forge_envelope(payload=payload), artifact={**nothing, "size": 1})


@pytest.mark.parametrize("member", [b'"targetArtifact":5', b'"targetArtifact":{"size":"388"}'])
def test_a_payload_that_is_no_descriptor_cannot_be_compared(member: bytes) -> None:
    with pytest.raises(IntegrityError, match="payload is malformed"):
        verify_forged(forge_envelope(payload=b"{" + member + b"}"), artifact=ARTIFACT)


@pytest.mark.parametrize(
    "target",
    [
        *(
            {"platform": {name: 5}}
            for name in ("architecture", "os", "os.version", "variant", "os.features")
        ),
        {"platform": {"os.features": "seccomp"}},
        {"platform": {"os.features": ["seccomp", 5]}},
        {"platform": {"os.features": {"seccomp": True}}},
        {"size": 388.0},
        {"size": True},
        {"annotations": {"a": 1}},
    ],
)
@pytest.mark.parametrize("artifact", [ARTIFACT, None])
def test_every_member_of_the_descriptor_must_be_of_its_type(target, artifact) -> None:
    payload = json.dumps({"targetArtifact": {**ARTIFACT, **target}}).encode()

    with pytest.raises(IntegrityError, match="payload is malformed"):
        verify_forged(forge_envelope(payload=payload), artifact=artifact)


@pytest.mark.parametrize("size", [2**63, -(2**63) - 1, True, 1.0, "1"])
def test_a_size_must_be_a_whole_number_of_64_bits(size) -> None:
    payload = json.dumps({"targetArtifact": {**ARTIFACT, "size": size}}).encode()

    with pytest.raises(
        IntegrityError, match=f"'size' is {re.escape(repr(size))}, not a whole number of 64 bits\\b"
    ):
        verify_forged(forge_envelope(payload=payload))


@pytest.mark.parametrize("size", [2**63 - 1, -(2**63)])
def test_a_size_may_be_any_whole_number_of_64_bits(size) -> None:
    payload = json.dumps({"targetArtifact": {**ARTIFACT, "size": size}}).encode()
    verify_forged(forge_envelope(payload=payload))


def test_a_payload_with_text_behind_it_is_refused() -> None:
    with pytest.raises(IntegrityError, match="payload cannot be read"):
        verify_forged(forge_envelope(payload=PAYLOAD + b"x"))


# --- the result


def test_the_result_cannot_be_changed() -> None:
    result = verify(signed())

    with pytest.raises(AttributeError):
        result.job_arn = "another"  # type: ignore[misc]  # the mistake
    assert isinstance(result.certificates[0], x509.Certificate)
