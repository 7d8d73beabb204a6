"""Clients, and canned answers at botocore's own seam: a ``before-send`` handler."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse

LAMBDA, NOTATION = "AWSLambda-SHA384-ECDSA", "Notation-OCI-SHA384-ECDSA"
PAYLOAD = b'{"targetArtifact":{"digest":"sha256:00","size":1}}'
PAYLOAD_FORMAT = "application/vnd.cncf.notary.payload.v1+json"


class _Raw(io.BytesIO):
    def stream(self, **_options: Any) -> Iterator[bytes]:
        yield self.read()


def client(service: str = "signer") -> Any:
    return boto3.client(
        service,
        region_name="us-east-1",
        aws_access_key_id="123456789012",
        aws_secret_access_key="x",
    )


def canned_handler(body: bytes, headers: dict[str, str]) -> Callable[..., AWSResponse]:
    """Return a handler of ``before-send`` that gives one answer to everything."""
    return lambda request, **_: AWSResponse(request.url, 200, headers, _Raw(body))


def canned_client(body: bytes, headers: dict[str, str]) -> Any:
    """Return a client of AWS Signer that gets one answer to everything."""
    made = client()
    made.meta.events.register("before-send.signer", canned_handler(body, headers))
    return made


def canned_like(real: Any, call: Callable[[Any], object]) -> Any:
    """Return a client that gets the answer that ``call`` gets from ``real`` now."""
    seen: list[dict[str, Any]] = []

    def note(response_dict: dict[str, Any], **_: object) -> None:
        seen.append(response_dict)

    real.meta.events.register("response-received.signer", note)
    call(real)
    real.meta.events.unregister("response-received.signer", note)
    return canned_client(seen[-1]["body"], dict(seen[-1]["headers"]))


def sign(made: Any, profile: str = "oci") -> Any:
    return made.sign_payload(profileName=profile, payload=PAYLOAD, payloadFormat=PAYLOAD_FORMAT)


def signature() -> Callable[..., None]:
    """Return a function that makes one P-384 signature, with any arguments."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key, algorithm = ec.generate_private_key(ec.SECP384R1()), ec.ECDSA(hashes.SHA384())

    def sign_once(**_: object) -> None:
        key.sign(PAYLOAD, algorithm)

    return sign_once


def small_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "x = 1\n" * 1000)
    return buffer.getvalue()
