"""Sign a payload: the Notary Project envelope that SignPayload returns.

The layout is that of real AWS Signer signatures: a JWS in flattened JSON, media type
``application/jose+json``, algorithm ES384.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from signer_mock._signing.times import rfc3339_seconds

if TYPE_CHECKING:
    from signer_mock._signing.ca.authority import SigningIdentity

PAYLOAD_TYPE = "application/vnd.cncf.notary.payload.v1+json"
SIGNING_SCHEME = "io.cncf.notary.signingScheme"
SIGNING_TIME = "io.cncf.notary.signingTime"
AUTHENTIC_SIGNING_TIME = "io.cncf.notary.authenticSigningTime"
EXPIRY = "io.cncf.notary.expiry"
VERIFICATION_PLUGIN = "io.cncf.notary.verificationPlugin"
VERIFICATION_PLUGIN_MIN_VERSION = "io.cncf.notary.verificationPluginMinVersion"
SIGNING_PROFILE_VERSION = "com.amazonaws.signer.signingProfileVersion"
SIGNING_JOB = "com.amazonaws.signer.signingJob"

SIGNING_AUTHORITY_SCHEME = "notary.x509.signingAuthority"
AWS_PLUGIN = "com.amazonaws.signer.notation.plugin"

_CRITICAL = [
    SIGNING_SCHEME,
    AUTHENTIC_SIGNING_TIME,
    EXPIRY,
    VERIFICATION_PLUGIN,
    SIGNING_PROFILE_VERSION,
    SIGNING_JOB,
]
_COORDINATE_BYTES = 48  # P-384
_compact = json.JSONEncoder(separators=(",", ":")).encode


def sign_envelope(
    payload: bytes,
    *,
    identity: SigningIdentity,
    signing_time: dt.datetime,
    expiry: dt.datetime,
    profile_version_arn: str,
    job_arn: str,
) -> bytes:
    """Sign ``payload`` byte for byte; return the envelope as UTF-8 JSON.

    The protected header holds ``alg``, ``cty``, the six attributes of real AWS signatures, all
    marked critical, and nothing else: Notation rejects attributes that AWS's plugin does not know.
    The payload is not parsed here; verifiers accept nothing but a JSON object.

    Args:
        payload: What to sign.
        identity: Who signs.
        signing_time: Aware; written in whole seconds of UTC.
        expiry: Likewise.
        profile_version_arn: The signing profile version's ARN.
        job_arn: The signing job's ARN.

    Raises:
        ValueError: A time is naive.
    """
    protected = {
        "alg": "ES384",
        "cty": PAYLOAD_TYPE,
        SIGNING_SCHEME: SIGNING_AUTHORITY_SCHEME,
        AUTHENTIC_SIGNING_TIME: rfc3339_seconds(signing_time),
        EXPIRY: rfc3339_seconds(expiry),
        VERIFICATION_PLUGIN: AWS_PLUGIN,
        SIGNING_PROFILE_VERSION: profile_version_arn,
        SIGNING_JOB: job_arn,
        "crit": _CRITICAL,
    }
    header = _base64url(_compact(protected).encode("ascii"))
    body = _base64url(payload)
    der = identity.sign(f"{header}.{body}".encode("ascii"))
    r, s = decode_dss_signature(der)
    raw = r.to_bytes(_COORDINATE_BYTES, "big") + s.to_bytes(_COORDINATE_BYTES, "big")
    chain = '","'.join(identity.x5c)
    # base64 needs no JSON escaping.
    return (
        f'{{"payload":"{body}","protected":"{header}",'
        f'"header":{{"x5c":["{chain}"]}},"signature":"{_base64url(raw)}"}}'
    ).encode("ascii")


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
