"""Which key signs a job in which format; the formats themselves are in ``_signing/``.

``_signing/``, and with it cryptography, is imported when the first signature is made.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal

from signer_mock._service.platforms import IOT, LAMBDA
from signer_mock._service.records import Job
from signer_mock._service.stores import CodeSigningCertificate
from signer_mock.objects import SourceObject

if TYPE_CHECKING:
    from signer_mock._service.world import World


def expiry(job: Job, signed_at: dt.datetime) -> dt.datetime | None:
    """Return when a signature of the job expires; None on platforms whose signatures do not."""
    if not job.profile.platform.is_managed:
        return None
    return job.profile.validity.after(signed_at)


def sign_payload(world: World, job: Job, payload: bytes) -> bytes:
    """Return the Notation envelope of a payload."""
    from signer_mock._signing.notation.sign import sign_envelope

    validity = job.profile.validity
    return sign_envelope(
        payload,
        identity=world.account(job.owner).authority.identity(job.region, job.created_at),
        signing_time=job.created_at,
        expiry=validity.after(job.created_at),
        profile_version_arn=job.profile.version_arn,
        job_arn=job.arn,
    )


def sign_object(world: World, job: Job, content: SourceObject, now: dt.datetime) -> bytes:
    """Return the signed object of a job.

    Raises:
        UnsignableObjectError: The content or the certificate does not suit the platform.
    """
    if job.profile.platform.platform_id == LAMBDA:
        return _sign_zip(world, job, content, now)
    return _sign_json(world, job, content)


def _sign_zip(world: World, job: Job, content: SourceObject, now: dt.datetime) -> bytes:
    from signer_mock._signing.lambda_zip.sign import sign_zip

    validity = job.profile.validity
    return sign_zip(
        content.read(),
        identity=world.account(job.owner).authority.identity(job.region, now),
        signing_time=now,
        expiry=validity.after(now),
        profile_version_arn=job.profile.version_arn,
        job_arn=job.arn,
    )


def _sign_json(world: World, job: Job, content: SourceObject) -> bytes:
    from signer_mock._signing.ca.key_source import KeySource
    from signer_mock._signing.iot import sign as iot_json

    profile, source = job.profile, job.source or {}
    configuration = (profile.overrides or {}).get("signingConfiguration") or {}
    platform = profile.platform
    encryption = configuration.get("encryptionAlgorithm", platform.encryption_algorithms[0])
    hash_name = configuration.get("hashAlgorithm", platform.hash_algorithms[0])
    certificate = _certificate(world, job, encryption)
    if platform.platform_id == IOT:
        return iot_json.sign_detached(
            content.chunks(),
            private_key_pem=certificate.private_key_pem,
            hash_name=hash_name,
            encryption=encryption,
            bucket=source["bucketName"],
            key=source["key"],
            version=source["version"],
            source=KeySource(world.account(job.owner).seed),
        )
    return iot_json.sign_embedded(
        content.read(),
        private_key_pem=certificate.private_key_pem,
        hash_name=hash_name,
        encryption=encryption,
        source=KeySource(world.account(job.owner).seed),
    )


def _certificate(
    world: World, job: Job, encryption: Literal["ECDSA", "RSA"]
) -> CodeSigningCertificate:
    """Return the certificate behind the profile's ARN; make one for an unknown ARN."""
    arn = job.profile.certificate_arn
    assert arn is not None  # only platforms with a certificate sign JSON
    certificates = world.account(job.owner).certificates
    found = world.others.find_certificate(arn)
    if found is not None:
        return found
    if arn not in certificates:
        from signer_mock._signing.ca.certificates import make_code_signing_certificate
        from signer_mock._signing.ca.key_source import KeySource

        pair = make_code_signing_certificate(
            arn.rpartition("/")[2],
            encryption,
            job.created_at,
            KeySource(world.account(job.owner).seed),
        )
        certificates[arn] = CodeSigningCertificate(*pair)
    return certificates[arn]
