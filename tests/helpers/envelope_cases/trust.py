"""Good envelopes before verifiers who trust this or that."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from signer_mock._signing.notation.sign import sign_envelope
from tests.helpers.constants import ARTIFACT
from tests.helpers.envelope_cases.case import Case
from tests.helpers.forgery import authority_recipe, envelope_root_pem, forge_envelope, issue
from tests.helpers.signing import (
    PROFILE_ARN,
    PROFILE_VERSION_ARN,
    authority,
    pem,
    signing_arguments,
)


def as_made() -> list[Case]:
    """Envelopes as the mock makes them, of all times."""
    made = []
    for year in (1971, 2001, 2026, 2031, 2049, 2050, 2090, 2900):
        at = datetime(year, 7, 6, 5, 4, 3, 21, tzinfo=timezone.utc)
        arguments = signing_arguments(signing_time=at, expiry=at + timedelta(days=30 * 135))
        envelope = sign_envelope(b'{"targetArtifact":%s}' % _artifact(), **arguments)
        verdict = "expired" if arguments["expiry"] < datetime.now(timezone.utc) else "verified"
        made.append(Case(f"made in {year}", envelope, verdict, roots=authority().trust_root_pem))
    return made


def _artifact() -> bytes:
    return b'{"mediaType":"%b","digest":"%b","size":388}' % tuple(
        str(ARTIFACT[name]).encode() for name in ("mediaType", "digest")
    )


def roots() -> list[Case]:
    """The trust store."""
    envelope = forge_envelope()
    chain = _certificates()
    stranger = pem(*issue([authority_recipe("stranger", None)]))
    namesake = pem(*issue([authority_recipe("root", None)]))
    return [
        Case("trusted: the root", envelope, "verified"),
        Case("trusted: the root among others", envelope, "verified",
             roots=stranger + envelope_root_pem() + namesake),
        Case("trusted: the intermediate", envelope, "verified", roots=pem(chain[2])),
        Case("trusted: the regional authority", envelope, "verified", roots=pem(chain[1])),
        Case("trusted: the leaf", envelope, "verified", roots=pem(chain[0])),
        Case("trusted: a stranger", envelope, "untrusted", roots=stranger),
        Case("trusted: another of the same name", envelope, "untrusted", roots=namesake),
        Case("trusted: a mock's account", envelope, "untrusted",
             roots=authority().trust_root_pem),
    ]  # fmt: skip


def _certificates() -> list:  # type: ignore[type-arg]  # of certificates
    from tests.helpers.forgery import _envelope_chain

    return list(_envelope_chain()[1])


def identities() -> list[Case]:
    """The trust policy's identities."""
    other = PROFILE_ARN.replace("prof", "other", 1)
    trusted: dict[str, tuple[tuple[str, ...], str]] = {
        "the profile": ((PROFILE_ARN,), "verified"),
        "the version": ((PROFILE_VERSION_ARN,), "verified"),
        "the profile among others": ((other, PROFILE_ARN), "verified"),
        "the version in small letters": ((PROFILE_VERSION_ARN.lower(),), "verified"),
        "the profile's name in capitals": ((PROFILE_ARN.replace("/prof", "/PROF"),), "verified"),
        "the region in capitals": ((PROFILE_ARN.replace("us-east-1", "US-EAST-1"),), "verified"),
        "all in capitals": ((PROFILE_ARN.upper(),), "mismatch"),
        "the service in capitals": ((PROFILE_ARN.replace(":signer:", ":SIGNER:"),), "mismatch"),
        "the resource's kind in capitals": (
            (PROFILE_ARN.replace("signing-profiles", "Signing-Profiles"),), "mismatch"),
        "the start of an ARN": (("arn:x",), "mismatch"),
        "a profile without account": (
            ("arn:aws:signer:/signing-profiles/prof", "arn:aws:signer:/signing-profiles/a"),
            "mismatch",
        ),
        "another profile": ((other,), "mismatch"),
        "another version": ((PROFILE_VERSION_ARN + "3",), "mismatch"),
        "the start of the name": ((PROFILE_ARN[:-1],), "mismatch"),
        "a longer name": ((PROFILE_ARN + "ile",), "mismatch"),
        "with a slash after it": ((PROFILE_ARN + "/",), "mismatch"),
        "without the slash before it": ((PROFILE_ARN.replace(":/s", ":s"),), "mismatch"),
        "another account": ((PROFILE_ARN.replace("123456789012", "210987654321"),), "mismatch"),
        "another region": ((PROFILE_ARN.replace("us-east-1", "eu-west-1"),), "mismatch"),
        "another partition": ((PROFILE_ARN.replace("arn:aws:", "arn:aws-cn:"),), "mismatch"),
        "another service": ((PROFILE_ARN.replace(":signer:", ":acm:"),), "mismatch"),
        "a job": ((PROFILE_ARN.replace("signing-profiles", "signing-jobs"),), "mismatch"),
        "a subject": (("x509.subject:C=US,ST=WA,O=AWS",), "mismatch"),
        "anybody": (("*",), "mismatch"),
    }  # fmt: skip
    envelope = forge_envelope()
    return [
        Case(f"identity: {name}", envelope, verdict, identities=arns)
        for name, (arns, verdict) in trusted.items()
    ]


def artifacts() -> list[Case]:
    """The artifact that is verified."""
    envelope = forge_envelope()
    others: dict[str, dict[str, object]] = {
        "another digest": {"digest": "sha256:" + "ac" * 32},
        "another size": {"size": 389},
        "another media type": {"mediaType": "application/vnd.oci.image.index.v1+json"},
    }
    return [
        Case(f"artifact: {name}", envelope, "mismatch", artifact={**ARTIFACT, **change})
        for name, change in others.items()
    ]
