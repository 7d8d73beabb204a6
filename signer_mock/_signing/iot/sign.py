"""The JSON documents that carry signatures of firmware images: AWS IoT and FreeRTOS.

`JSONDetached` (AWSIoTDeviceManagement-SHA256-ECDSA) was seen in real outputs and is exact.
`JSONEmbedded` (AmazonFreeRTOS-*) was never found in public: it is inferred to be the same document
with the image itself, as `payload`, in place of its location. `iot_verify` holds the other half.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Literal

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from signer_mock._signing.unsignable import UnsignableObjectError

if TYPE_CHECKING:
    from collections.abc import Iterable

HashName = Literal["SHA256", "SHA1"]
Encryption = Literal["ECDSA", "RSA"]

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {"SHA256": hashes.SHA256, "SHA1": hashes.SHA1}


def sign_detached(
    chunks: Iterable[bytes],
    *,
    private_key_pem: bytes,
    hash_name: HashName,
    encryption: Encryption,
    bucket: str,
    key: str,
    version: str,
) -> bytes:
    """The JSONDetached document for an image that stays in S3 at `bucket`/`key`, `version`.

    The signature is over the bytes of `chunks` in order; they are hashed as they come and never
    held together. Raises UnsignableObjectError if the private key is not of the platform's kind
    (`encryption`), ValueError for a hash or encryption that Signer does not know.
    """
    digest = _new_digest(hash_name)
    size = 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    document = {
        "rawPayloadSize": size,
        "signature": _sign_digest(digest.digest(), private_key_pem, hash_name, encryption),
        "signatureAlgorithm": f"{hash_name}with{encryption}",
        "payloadLocation": {"s3": {"bucketName": bucket, "key": key, "version": version}},
    }
    return _compact(document)


def sign_embedded(
    payload: bytes, *, private_key_pem: bytes, hash_name: HashName, encryption: Encryption
) -> bytes:
    """The JSONEmbedded document: the image travels inside, in standard base64.

    The signature is over the raw image. Errors as for `sign_detached`.
    """
    digest = _new_digest(hash_name)
    digest.update(payload)
    document = {
        "rawPayloadSize": len(payload),
        "signature": _sign_digest(digest.digest(), private_key_pem, hash_name, encryption),
        "signatureAlgorithm": f"{hash_name}with{encryption}",
        "payload": base64.b64encode(payload).decode("ascii"),
    }
    return _compact(document)


def _new_digest(hash_name: str) -> hashlib._Hash:
    if hash_name not in _HASHES:
        raise ValueError(f"hash_name must be one of {sorted(_HASHES)}, not {hash_name!r}.")
    # the platform of TI's boot loader prescribes SHA-1; nothing here relies on it for security
    return hashlib.new(hash_name, usedforsecurity=False)


def _sign_digest(digest: bytes, private_key_pem: bytes, hash_name: str, encryption: str) -> str:
    algorithm = Prehashed(_HASHES[hash_name]())
    private_key = serialization.load_pem_private_key(private_key_pem, password=None)
    if encryption == "ECDSA":
        if not isinstance(private_key, ec.EllipticCurvePrivateKey):
            # the real service's words, measured
            raise UnsignableObjectError("can't identify EC private key.")
        signature = private_key.sign(digest, ec.ECDSA(algorithm))
    elif encryption == "RSA":
        if not isinstance(private_key, rsa.RSAPrivateKey):
            raise UnsignableObjectError("can't identify RSA private key.")
        signature = private_key.sign(digest, padding.PKCS1v15(), algorithm)
    else:
        raise ValueError(f"encryption must be 'ECDSA' or 'RSA', not {encryption!r}.")
    return base64.b64encode(signature).decode("ascii")


def _compact(document: dict[str, object]) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
