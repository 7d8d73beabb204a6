"""Sign firmware images: the JSON documents of the AWS IoT and FreeRTOS platforms.

``JSONDetached`` (AWSIoTDeviceManagement-SHA256-ECDSA) is exactly what real outputs show.
``JSONEmbedded`` (AmazonFreeRTOS-*) is the same document with the image itself, as ``payload``, in
place of its location, as an accepted answer on AWS re:Post shows
(https://repost.aws/questions/QUzoa5DSyxSpaWQ6RWKfMbUw).
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Literal

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from signer_mock._signing.ca.key_source import KeySource
from signer_mock._signing.errors import UnsignableObjectError

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
    source: KeySource | None = None,
) -> bytes:
    """Make the JSONDetached document for an image that stays in S3.

    Args:
        chunks: The image in pieces, which are hashed as they come and never joined.
        private_key_pem: The signing key in unencrypted PEM.
        hash_name: The platform's hash.
        encryption: The platform's kind of key.
        bucket: The image's bucket.
        key: The image's key.
        version: The version of the image's object.
        source: Makes an ECDSA signature's nonce; a random one if None.

    Raises:
        UnsignableObjectError: The private key is not of the platform's kind.
        ValueError: Signer knows no such hash or encryption.
    """
    digest = _new_digest(hash_name)
    size = 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    document = {
        "rawPayloadSize": size,
        "signature": _sign_digest(digest.digest(), private_key_pem, hash_name, encryption, source),
        "signatureAlgorithm": f"{hash_name}with{encryption}",
        "payloadLocation": {"s3": {"bucketName": bucket, "key": key, "version": version}},
    }
    return _compact(document)


def sign_embedded(
    payload: bytes,
    *,
    private_key_pem: bytes,
    hash_name: HashName,
    encryption: Encryption,
    source: KeySource | None = None,
) -> bytes:
    """Make the JSONEmbedded document, which holds the image in standard base64.

    The signature is over the raw image. Raises the same errors as ``sign_detached``.
    """
    digest = _new_digest(hash_name)
    digest.update(payload)
    document = {
        "rawPayloadSize": len(payload),
        "signature": _sign_digest(digest.digest(), private_key_pem, hash_name, encryption, source),
        "signatureAlgorithm": f"{hash_name}with{encryption}",
        "payload": base64.b64encode(payload).decode("ascii"),
    }
    return _compact(document)


def _new_digest(hash_name: str) -> hashlib._Hash:
    if hash_name not in _HASHES:
        msg = f"hash_name must be one of {sorted(_HASHES)}, not {hash_name!r}."
        raise ValueError(msg)
    # The platform of TI's boot loader prescribes SHA-1; nothing here relies on it for security.
    return hashlib.new(hash_name, usedforsecurity=False)


def _sign_digest(
    digest: bytes,
    private_key_pem: bytes,
    hash_name: str,
    encryption: str,
    source: KeySource | None,
) -> str:
    algorithm = Prehashed(_HASHES[hash_name]())
    private_key = serialization.load_pem_private_key(private_key_pem, password=None)
    if encryption == "ECDSA":
        if not isinstance(private_key, ec.EllipticCurvePrivateKey):
            # The live service's words.
            msg = "can't identify EC private key."
            raise UnsignableObjectError(msg)
        signature = private_key.sign(digest, (source or KeySource()).ecdsa(algorithm))
    elif encryption == "RSA":
        if not isinstance(private_key, rsa.RSAPrivateKey):
            msg = "can't identify RSA private key."
            raise UnsignableObjectError(msg)
        signature = private_key.sign(digest, padding.PKCS1v15(), algorithm)
    else:
        msg = f"encryption must be 'ECDSA' or 'RSA', not {encryption!r}."
        raise ValueError(msg)
    return base64.b64encode(signature).decode("ascii")


def _compact(document: dict[str, object]) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
