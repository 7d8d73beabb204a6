"""Verifies an envelope as `notation verify` with AWS Signer's plugin and the level "strict" does.

The order is notation-go's, with the plugin's own checks where notation-go calls it (facts,
notation §4); the texts of refusals are theirs where they have one. Not modelled, because no Signer
signature meets them: the notary.x509 scheme's trust store, and native revocation (OCSP and CRL).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from signer_mock._signing.ca.x509_rules import ChainError, check_code_signing_chain, is_anchored
from signer_mock._signing.notation.envelope import NotationSignature, read_envelope
from signer_mock._signing.notation.payload import signed_descriptor
from signer_mock._signing.notation.sign import (
    AWS_PLUGIN,
    PAYLOAD_TYPE,
    SIGNING_AUTHORITY_SCHEME,
    SIGNING_JOB,
    SIGNING_PROFILE_VERSION,
    VERIFICATION_PLUGIN,
    VERIFICATION_PLUGIN_MIN_VERSION,
)
from signer_mock._signing.revocation import RevocationSource, check_not_revoked
from signer_mock._signing.verdict import (
    ExpiredError,
    IntegrityError,
    MismatchError,
    UntrustedError,
    VerifiedSignature,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cryptography import x509

PLATFORM = "Notation-OCI-SHA384-ECDSA"
PLUGIN_VERSION = (1, 0, 350)  # the plugin whose behaviour this file follows

_PLUGIN_HEADERS = {VERIFICATION_PLUGIN, VERIFICATION_PLUGIN_MIN_VERSION}
_PROCESSED = {SIGNING_PROFILE_VERSION, SIGNING_JOB}
_NUMBER = r"(?:0|[1-9][0-9]*)"
_IDENTIFIER = rf"(?:{_NUMBER}|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
_SEMVER = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-{_IDENTIFIER}(?:\.{_IDENTIFIER})*)?"
    r"(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?"
)
_PROFILE_ARN_PARTS = 3  # of the resource, "/signing-profiles/NAME"
_VERSION_ARN_PARTS = 4
_ARN_SECTIONS = 6


def verify_envelope(
    envelope: bytes,
    *,
    trusted: Sequence[x509.Certificate],
    trusted_identities: Sequence[str] | None,
    artifact: Mapping[str, object] | None,
    at: datetime,
    revocation: RevocationSource | None,
) -> VerifiedSignature:
    """The verdict on an envelope; `signer_mock.verify.verify_notation_envelope` describes it."""
    signature = read_envelope(envelope)
    if signature.content_type != PAYLOAD_TYPE:
        raise IntegrityError(f"payload content type {signature.content_type!r} not supported")
    uses_plugin = _check_plugin(signature)
    _check_authenticity(signature, trusted)
    if trusted_identities is not None and not uses_plugin:
        # Notation itself knows only x509.subject identities, and a profile ARN is none
        raise MismatchError(
            "no x509 trusted identities are configured in the trust policy, and the signature "
            "names no verification plugin that could judge others."
        )
    _check_times(signature, at)
    profile_version_arn, job_arn = _plugin_checks(
        signature, uses_plugin, trusted_identities, revocation
    )
    if artifact is not None:
        _check_artifact(signature.payload, artifact)
    return VerifiedSignature(
        profile_version_arn=profile_version_arn,
        job_arn=job_arn,
        signed_at=signature.signing_time,
        expires_at=signature.expiry,
        certificates=signature.certificates,
    )


def _check_plugin(signature: NotationSignature) -> bool:
    """Whether the signature asks for AWS Signer's plugin. Raises if it asks for another."""
    name = _critical_text(signature, VERIFICATION_PLUGIN)
    if name is None:
        return False
    minimum = _critical_text(signature, VERIFICATION_PLUGIN_MIN_VERSION)
    if name != AWS_PLUGIN:
        raise UntrustedError(
            f"The signature needs the verification plugin {name!r}; AWS Signer's is {AWS_PLUGIN!r}."
        )
    if minimum is not None:
        match = _SEMVER.fullmatch(minimum)
        if match is None:
            raise IntegrityError(
                f"{VERIFICATION_PLUGIN_MIN_VERSION} from extended attribute is not a valid SemVer"
            )
        # a pre-release comes before its release, so comparing the numbers is enough
        if tuple(map(int, match.groups())) > PLUGIN_VERSION:
            raise UntrustedError(
                f"found plugin {name} with version {'.'.join(map(str, PLUGIN_VERSION))} but "
                f"signature verification needs plugin version greater than or equal to {minimum}"
            )
    return True


def _critical_text(signature: NotationSignature, name: str) -> str | None:
    if name not in signature.attributes:
        return None
    value = signature.attributes[name]
    if name not in signature.critical:
        raise IntegrityError(f"{name} is not a critical Extended attribute")
    if not isinstance(value, str):
        raise IntegrityError(f"{name} from extended attribute is not a string")
    if not value.strip():
        raise IntegrityError(f"{name} from extended attribute is an empty string")
    return value


def _check_authenticity(signature: NotationSignature, trusted: Sequence[x509.Certificate]) -> None:
    if signature.scheme != SIGNING_AUTHORITY_SCHEME:
        raise UntrustedError(
            f"The signing scheme is {signature.scheme}; trusted roots of Signer vouch for "
            f"{SIGNING_AUTHORITY_SCHEME} only."
        )
    if not is_anchored(signature.certificates, trusted):
        raise UntrustedError(
            "the signature's certificate chain does not contain any trusted certificate. "
            "Pass the root of the account that signed: account.trust_root_pem."
        )


def _check_times(signature: NotationSignature, at: datetime) -> None:
    if signature.expiry is not None and at >= signature.expiry:
        raise ExpiredError(
            f"digital signature has expired on {signature.expiry}; it was checked at {at}."
        )
    try:
        # only the time of signing counts: leaves live three days, signatures years
        check_code_signing_chain(signature.certificates, signature.signing_time)
    except ChainError as error:
        raise UntrustedError(f"certificate-chain is invalid at the signing time: {error}") from None


def _plugin_checks(
    signature: NotationSignature,
    uses_plugin: bool,
    trusted_identities: Sequence[str] | None,
    revocation: RevocationSource | None,
) -> tuple[str | None, str | None]:
    attributes = signature.attributes
    texts: dict[str, str] = {
        name: value for name in _PROCESSED if isinstance(value := attributes.get(name), str)
    }
    if not uses_plugin:
        return texts.get(SIGNING_PROFILE_VERSION), texts.get(SIGNING_JOB)
    needed = (
        [SIGNING_PROFILE_VERSION] if revocation is None else [SIGNING_PROFILE_VERSION, SIGNING_JOB]
    )
    for name in needed:
        if name not in texts:
            raise IntegrityError(f'unable to parse attribute "{name}".')
    for name in attributes:
        if name not in _PROCESSED | _PLUGIN_HEADERS:
            raise IntegrityError(
                f'extended critical attribute "{name}" was not processed by the verification '
                f'plugin "{AWS_PLUGIN}"'
            )
    profile_version_arn = texts[SIGNING_PROFILE_VERSION]
    if trusted_identities is not None:
        _check_identity(profile_version_arn, trusted_identities)
    if revocation is not None:
        check_not_revoked(
            revocation,
            platform_id=PLATFORM,
            profile_version_arn=profile_version_arn,
            job_arn=texts[SIGNING_JOB],
            signed_at=signature.signing_time,
            chain=signature.certificates,
        )
    return profile_version_arn, texts.get(SIGNING_JOB)


def _check_identity(profile_version_arn: str, trusted_identities: Sequence[str]) -> None:
    if "*" in trusted_identities:
        raise MismatchError(
            "The AWSSigner plugin does not support wildcard identity in the trust policy."
        )
    # the plugin compares without regard to case
    version = profile_version_arn.casefold()
    profile, slash, _ = version.rpartition("/")
    for identity in trusted_identities:
        parts = _profile_resource(identity)
        if len(parts) == _PROFILE_ARN_PARTS and slash and identity.casefold() == profile:
            return
        if len(parts) == _VERSION_ARN_PARTS and identity.casefold() == version:
            return
    raise MismatchError(
        "Signature publisher doesn't match any trusted identities. "
        f"It is {profile_version_arn}; trusted are {list(trusted_identities)}."
    )


def _profile_resource(identity: str) -> list[str]:
    """The parts of a signing profile's resource, or none if the identity is not such an ARN."""
    sections = identity.split(":", _ARN_SECTIONS - 1)
    if len(sections) != _ARN_SECTIONS or sections[0] != "arn" or sections[2] != "signer":
        return []
    resource = sections[-1]
    return resource.split("/") if resource.startswith("/signing-profiles/") else []


def _check_artifact(payload: bytes, artifact: Mapping[str, object]) -> None:
    try:
        signed = signed_descriptor(payload)
    except ValueError as error:
        raise IntegrityError(f"The payload is malformed: {error}.") from None
    expected = {name: artifact.get(name) for name in signed}
    if signed != expected:
        raise MismatchError(
            f"content descriptor mismatch: the signature is of {signed}, expected was {expected}."
        )
