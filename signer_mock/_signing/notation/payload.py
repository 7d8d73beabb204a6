"""Read which artifact a Notary payload is about.

notation-go reads the payload into an OCI descriptor, so a member of a wrong type makes the whole
signature bad, even a member that nobody compares.
"""

from __future__ import annotations

import json

from signer_mock._signing.notation.go_base64 import decode_base64
from signer_mock._signing.strict_json import member, read_json, text_member, texts_member

_INT64 = 1 << 63


def check_signable(payload: bytes) -> None:
    """Reject a JSON object that verifiers would refuse, because readers disagree about it.

    Other bytes are left alone: no reader takes them for the description of an artifact.

    Raises:
        ValueError: It is such an object, in UTF-8 or in another encoding that readers guess.
    """
    text = payload.decode(json.detect_encoding(payload), "replace")
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        signed_descriptor(read_payload(payload))


def read_payload(payload: bytes) -> dict[str, object]:
    """Parse a payload, which must be a JSON object, or null for an empty one.

    Raises:
        ValueError: It is something else.
    """
    return {} if payload.strip() == b"null" else read_object(payload, "payload")


def read_object(data: bytes, what: str) -> dict[str, object]:
    """Parse a JSON object that every reader reads alike.

    Raises:
        ValueError: It is something else.
    """
    try:
        document = read_json(data)
    except ValueError as error:
        msg = f"the {what} cannot be read: {error}"
        raise ValueError(msg) from None
    if not isinstance(document, dict):
        msg = f"the {what} is not a JSON object"
        raise ValueError(msg)  # noqa: TRY004 - the document is wrong, not an argument
    return document


def signed_descriptor(payload: dict[str, object]) -> dict[str, object]:
    """Return the ``mediaType``, ``digest`` and ``size`` of the artifact; "" and 0 where absent.

    Raises:
        ValueError: A member of the artifact is not in the form of an OCI descriptor.
    """
    target = _object(payload, "targetArtifact")
    text_member(target, "artifactType")
    decode_base64(text_member(target, "data"))
    texts_member(target, "urls")
    for name, value in _object(target, "annotations").items():
        if value is not None and not isinstance(value, str):
            msg = f"the annotation {name!r} is not a string"
            raise ValueError(msg)
    platform = _object(target, "platform")
    for name in ("architecture", "os", "os.version", "variant"):
        text_member(platform, name)
    texts_member(platform, "os.features")
    return {
        "mediaType": text_member(target, "mediaType"),
        "digest": text_member(target, "digest"),
        "size": _size(target),
    }


def _object(holder: dict[str, object], name: str) -> dict[str, object]:
    value = member(holder, name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        msg = f"{name!r} is not an object"
        raise ValueError(msg)  # noqa: TRY004 - the document is wrong, not an argument
    return value


def _size(target: dict[str, object]) -> int:
    size = member(target, "size")
    if size is None:
        return 0
    if type(size) is not int or not -_INT64 <= size < _INT64:
        msg = f"'size' is {size!r}, not a whole number of 64 bits"
        raise ValueError(msg)
    return size
