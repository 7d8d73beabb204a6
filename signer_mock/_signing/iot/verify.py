"""Verify the documents that ``sign.py`` makes against an image and a certificate.

Devices do the same with the one certificate that they hold: the documents have neither a chain nor
a time.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from signer_mock._signing.errors import IntegrityError, MismatchError
from signer_mock._signing.strict_json import member, read_json
from signer_mock.errors import InvalidArgumentError

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
    """Check that the certificate's key signed the image that the document is about.

    Args:
        document: The signed document.
        certificate: The code signer's.
        source: The image. An embedded document holds it too; then both must be equal.

    Raises:
        IntegrityError: The document is malformed, or the signature is not good.
        MismatchError: The certificate's key is of another kind than the signature.
        InvalidArgumentError: There is no image to verify.
    """
    try:
        members = _members(document)
        size = member(members, "rawPayloadSize")
        embedded = _embedded_image(members)
        name, algorithm, encryption = _algorithm(members)
        signature = _base64(members, "signature")
    except ValueError as error:
        msg = f"The document is malformed: {error}."
        raise IntegrityError(msg) from None
    image = _image(embedded, source, members)
    if type(size) is not int or size != len(image):
        msg = f"The document says that the image has {size!r} bytes; it has {len(image)}."
        raise IntegrityError(msg)
    digest = hashlib.new(algorithm.name, image, usedforsecurity=False).digest()
    key = certificate.public_key()
    try:
        if encryption == "ECDSA" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, digest, ec.ECDSA(Prehashed(algorithm)))
        elif encryption == "RSA" and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, digest, padding.PKCS1v15(), Prehashed(algorithm))
        else:
            msg = (
                f"The document is signed with {name}, and the certificate's key is of another "
                "kind; pass the certificate that signed it."
            )
            raise MismatchError(msg)
    except (InvalidSignature, UnsupportedAlgorithm):
        msg = (
            "The signature is not that of this certificate's key over this image: the image was "
            "changed, or another certificate signed it."
        )
        raise IntegrityError(msg) from None


def _members(document: bytes) -> dict[str, object]:
    try:
        members = read_json(document)
    except ValueError as error:
        msg = f"it is not JSON that every reader reads alike: {error}"
        raise ValueError(msg) from None
    if not isinstance(members, dict):
        msg = "it is not a JSON object"
        raise ValueError(msg)  # noqa: TRY004 - the document is wrong, not an argument
    for name in ("rawPayloadSize", "signature", "signatureAlgorithm"):
        if name not in members:
            msg = f"it lacks {name!r}"
            raise ValueError(msg)
    return members


def _embedded_image(members: dict[str, object]) -> bytes | None:
    """Return the image in the document; None if it is elsewhere."""
    for name in ("payload", "payloadLocation"):
        member(members, name)
    kinds = [name for name in ("payload", "payloadLocation") if name in members]
    if len(kinds) != 1:
        has = "both 'payload' and" if kinds else "neither 'payload' nor"
        msg = f"it has {has} 'payloadLocation'"
        raise ValueError(msg)
    if kinds == ["payload"]:
        return _base64(members, "payload")
    place = _object(_object(members, "payloadLocation"), "s3")
    for name in ("bucketName", "key", "version"):
        if not isinstance(member(place, name), str):
            msg = f"its place in S3 has no {name!r} that is a string"
            raise ValueError(msg)  # noqa: TRY004 - the document is wrong, not an argument
    return None


def _image(embedded: bytes | None, source: bytes | None, members: dict[str, object]) -> bytes:
    if embedded is None:
        if source is None:
            msg = (
                "The document's image is elsewhere, at "
                f"{members['payloadLocation']}; pass its bytes as `source`."
            )
            raise InvalidArgumentError(msg)
        return source
    if source is not None and source != embedded:
        msg = "The image in the document is not the one that was passed."
        raise IntegrityError(msg)
    return embedded


def _algorithm(members: dict[str, object]) -> tuple[str, hashes.HashAlgorithm, str]:
    name = member(members, "signatureAlgorithm")
    if not isinstance(name, str) or name not in _ALGORITHMS:
        msg = f"its signatureAlgorithm is {name!r}; known are {sorted(_ALGORITHMS)}"
        raise ValueError(msg)
    return name, *_ALGORITHMS[name]


def _object(holder: dict[str, object], name: str) -> dict[str, object]:
    value = member(holder, name)
    if not isinstance(value, dict):
        msg = f"its {name!r} is not an object"
        raise ValueError(msg)  # noqa: TRY004 - the document is wrong, not an argument
    return value


def _base64(members: dict[str, object], name: str) -> bytes:
    value = member(members, name)
    if not isinstance(value, str):
        msg = f"its {name!r} is not a string"
        raise ValueError(msg)  # noqa: TRY004 - the document is wrong, not an argument
    try:
        data = base64.b64decode(value, validate=True)
    except ValueError as error:
        msg = f"its {name!r} is not base64: {error}"
        raise ValueError(msg) from None
    if base64.b64encode(data).decode() != value:
        # Decoders disagree about padding and about bits that stand for nothing.
        msg = f"its {name!r} is not canonical base64"
        raise ValueError(msg)
    return data
