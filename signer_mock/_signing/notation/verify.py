"""Verify an envelope as ``notation verify`` with AWS Signer's plugin and the level "strict" does.

The order is notation-go's, with the plugin's checks where notation-go calls it; error texts are
theirs where they have one. Left out, because no Signer signature meets them: the notary.x509
scheme's trust store, and native revocation (OCSP and CRL).
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from signer_mock._signing.ca.loading import ChainError
from signer_mock._signing.ca.x509_rules import check_code_signing_chain, is_anchored
from signer_mock._signing.errors import (
    ExpiredError,
    IntegrityError,
    MismatchError,
    UntrustedError,
)
from signer_mock._signing.notation.envelope import NotationSignature, read_envelope
from signer_mock._signing.notation.payload import read_payload, signed_descriptor
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
from signer_mock._signing.verified import VerifiedSignature

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cryptography import x509

PLATFORM = "Notation-OCI-SHA384-ECDSA"
PLUGIN_VERSION = (1, 0, 350)  # the plugin that this module follows

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
    at: dt.datetime,
    revocation: RevocationSource | None,
) -> VerifiedSignature:
    """Do what ``signer_mock.verify.verify_notation_envelope`` documents."""
    signature = read_envelope(envelope)
    if signature.content_type != PAYLOAD_TYPE:
        msg = f"payload content type {signature.content_type!r} not supported"
        raise IntegrityError(msg)
    uses_plugin = _check_plugin(signature)
    _check_authenticity(signature, trusted)
    if trusted_identities is not None and not uses_plugin:
        # Notation itself knows only x509.subject identities, and a profile's ARN is none.
        msg = (
            "no x509 trusted identities are configured in the trust policy, and the signature "
            "names no verification plugin that could judge others."
        )
        raise MismatchError(msg)
    _check_times(signature, at)
    profile_version_arn, job_arn = _plugin_checks(
        signature, uses_plugin, trusted_identities, revocation
    )
    signed = _read_descriptor(signature.payload)
    if artifact is not None:
        _check_artifact(signed, artifact)
    return VerifiedSignature(
        profile_version_arn=profile_version_arn,
        job_arn=job_arn,
        signed_at=signature.signing_time,
        expires_at=signature.expiry,
        certificates=signature.certificates,
    )


def _check_plugin(signature: NotationSignature) -> bool:
    """Tell whether the signature asks for AWS Signer's plugin; raise if it asks for another."""
    name = _critical_text(signature, VERIFICATION_PLUGIN)
    if name is None:
        return False
    minimum = _critical_text(signature, VERIFICATION_PLUGIN_MIN_VERSION)
    if name != AWS_PLUGIN:
        msg = (
            f"The signature needs the verification plugin {name!r}; AWS Signer's is {AWS_PLUGIN!r}."
        )
        raise UntrustedError(msg)
    if minimum is not None:
        match = _SEMVER.fullmatch(minimum)
        if match is None:
            msg = f"{VERIFICATION_PLUGIN_MIN_VERSION} from extended attribute is not a valid SemVer"
            raise IntegrityError(msg)
        # A pre-release comes before its release, so comparing the numbers is enough.
        if tuple(map(int, match.groups())) > PLUGIN_VERSION:
            msg = (
                f"found plugin {name} with version {'.'.join(map(str, PLUGIN_VERSION))} but "
                f"signature verification needs plugin version greater than or equal to {minimum}"
            )
            raise UntrustedError(msg)
    return True


def _critical_text(signature: NotationSignature, name: str) -> str | None:
    if name not in signature.attributes:
        return None
    value = signature.attributes[name]
    if name not in signature.critical:
        msg = f"{name} is not a critical Extended attribute"
        raise IntegrityError(msg)
    if not isinstance(value, str):
        msg = f"{name} from extended attribute is not a string"
        raise IntegrityError(msg)
    if not value.strip():
        msg = f"{name} from extended attribute is an empty string"
        raise IntegrityError(msg)
    return value


def _check_authenticity(signature: NotationSignature, trusted: Sequence[x509.Certificate]) -> None:
    if signature.scheme != SIGNING_AUTHORITY_SCHEME:
        msg = (
            f"The signing scheme is {signature.scheme}; trusted roots of Signer vouch for "
            f"{SIGNING_AUTHORITY_SCHEME} only."
        )
        raise UntrustedError(msg)
    if not is_anchored(signature.certificates, trusted):
        msg = (
            "the signature's certificate chain does not contain any trusted certificate. "
            "Pass the root of the account that signed: account.trust_root_pem."
        )
        raise UntrustedError(msg)


def _check_times(signature: NotationSignature, at: dt.datetime) -> None:
    if signature.expiry is not None and at >= signature.expiry:
        msg = f"digital signature has expired on {signature.expiry}; it was checked at {at}."
        raise ExpiredError(msg)
    try:
        # Only the signing time counts: leaves live three days, signatures years.
        check_code_signing_chain(signature.certificates, signature.signing_time)
    except ChainError as error:
        msg = f"certificate-chain is invalid at the signing time: {error}"
        raise UntrustedError(msg) from None


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
            msg = f'unable to parse attribute "{name}".'
            raise IntegrityError(msg)
    for name in attributes:
        if name not in _PROCESSED | _PLUGIN_HEADERS:
            msg = (
                f'extended critical attribute "{name}" was not processed by the verification '
                f'plugin "{AWS_PLUGIN}"'
            )
            raise IntegrityError(msg)
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
        msg = "The AWSSigner plugin does not support wildcard identity in the trust policy."
        raise MismatchError(msg)
    # The plugin compares without regard to case.
    version = profile_version_arn.casefold()
    profile = version.rpartition("/")[0]
    for identity in trusted_identities:
        parts = _profile_resource(identity)
        if len(parts) == _PROFILE_ARN_PARTS and identity.casefold() == profile:
            return
        if len(parts) == _VERSION_ARN_PARTS and identity.casefold() == version:
            return
    msg = (
        "Signature publisher doesn't match any trusted identities. "
        f"It is {profile_version_arn}; trusted are {list(trusted_identities)}."
    )
    raise MismatchError(msg)


def _profile_resource(identity: str) -> list[str]:
    """Split a signing profile's resource; return no parts if it is not such an ARN."""
    sections = identity.split(":", _ARN_SECTIONS - 1)
    if len(sections) != _ARN_SECTIONS or sections[0] != "arn" or sections[2] != "signer":
        return []
    resource = sections[-1]
    return resource.split("/") if resource.startswith("/signing-profiles/") else []


def _read_descriptor(payload: bytes) -> dict[str, object]:
    try:
        return signed_descriptor(read_payload(payload))
    except ValueError as error:
        msg = f"The payload is malformed: {error}."
        raise IntegrityError(msg) from None


def _check_artifact(signed: dict[str, object], artifact: Mapping[str, object]) -> None:
    expected = {name: artifact.get(name) for name in signed}
    if signed != expected:
        msg = f"content descriptor mismatch: the signature is of {signed}, expected was {expected}."
        raise MismatchError(msg)
