"""Verifies the JSON documents of ``iot_json`` against an image and a certificate.

Devices do the same with the one certificate that was put on them: the documents carry neither a
chain nor a time.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from signer_mock._signing.errors import IntegrityError, MismatchError

if TYPE_CHECKING:
    from cryptography import x509

_ALGORITHMS: dict[str, tuple[hashes.HashAlgorithm, str]] = {
    "SHA256withECDSA": (hashes.SHA256(), "ECDSA"),
    "SHA256withRSA": (hashes.SHA256(), "RSA"),
    "SHA1withRSA": (hashes.SHA1(), "RSA"),  # noqa: S303 - TI's boot loader asks for it
}


def verify_document(
    document: bytes, *, certificate: x509.Certificate, source: bytes | None
) -> None:
    """Checks that the certificate's key signed the image that the document is about.

    ``source`` is the image. A document of the embedded kind brings its own; if both are there they
    must be equal. Raises IntegrityError; MismatchError if the certificate's key is not of the
    document's kind; ValueError if there is no image at all.
    """
    members = _members(document)
    image = _image(members, source)
    if members["rawPayloadSize"] != len(image):
        msg = (
            f"The document says that the image has {members['rawPayloadSize']} bytes; it has "
            f"{len(image)}."
        )
        raise IntegrityError(msg)
    algorithm, encryption = _algorithm(members["signatureAlgorithm"])
    digest = hashlib.new(algorithm.name, image, usedforsecurity=False).digest()
    signature = _base64(members["signature"], "signature")
    key = certificate.public_key()
    try:
        if encryption == "ECDSA" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, digest, ec.ECDSA(Prehashed(algorithm)))
        elif encryption == "RSA" and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, digest, padding.PKCS1v15(), Prehashed(algorithm))
        else:
            msg = (
                f"The document is signed with {members['signatureAlgorithm']}, and the "
                "certificate's key is of another kind; pass the certificate that signed it."
            )
            raise MismatchError(msg)
    except InvalidSignature:
        msg = (
            "The signature is not that of this certificate's key over this image: the image was "
            "changed, or another certificate signed it."
        )
        raise IntegrityError(msg) from None


def _members(document: bytes) -> dict[str, Any]:
    try:
        members = json.loads(document.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        msg = f"The document is not JSON: {error}."
        raise IntegrityError(msg) from None
    if not isinstance(members, dict):
        msg = "The document is not a JSON object."
        raise IntegrityError(msg)
    for name in ("rawPayloadSize", "signature", "signatureAlgorithm"):
        if name not in members:
            msg = f"The document lacks {name!r}."
            raise IntegrityError(msg)
    return members


def _image(members: dict[str, Any], source: bytes | None) -> bytes:
    if "payload" not in members:
        if "payloadLocation" not in members:
            msg = "The document has neither 'payload' nor 'payloadLocation'."
            raise IntegrityError(msg)
        if source is None:
            msg = (
                "The document's image is elsewhere, at "
                f"{members['payloadLocation']}; pass its bytes as `source`."
            )
            raise ValueError(msg)
        return source
    embedded = _base64(members["payload"], "payload")
    if source is not None and source != embedded:
        msg = "The image in the document is not the one that was passed."
        raise IntegrityError(msg)
    return embedded


def _algorithm(name: object) -> tuple[hashes.HashAlgorithm, str]:
    if not isinstance(name, str) or name not in _ALGORITHMS:
        msg = f"signatureAlgorithm is {name!r}; known are {sorted(_ALGORITHMS)}."
        raise IntegrityError(msg)
    return _ALGORITHMS[name]


def _base64(value: object, name: str) -> bytes:
    if not isinstance(value, str):
        msg = f"The document's {name!r} is not a string."
        raise IntegrityError(msg)
    try:
        return base64.b64decode(value, validate=True)
    except ValueError as error:
        msg = f"The document's {name!r} is not base64: {error}."
        raise IntegrityError(msg) from None
