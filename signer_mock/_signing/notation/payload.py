"""Read which artifact a Notary payload is about, as notation-go's structs do (see ``go_json``).

notation-go reads the payload into an OCI descriptor, so a member of a wrong type makes the whole
signature bad, even a member that nobody compares.
"""

from __future__ import annotations

import re

from signer_mock._signing.notation.go_json import JSONObject, decode_base64, read_document

_INTEGER = re.compile(rb"-?[0-9]+")
_LARGEST_INT64 = (1 << 63) - 1
_SMALLEST_INT64 = -(1 << 63)


def signed_descriptor(payload: bytes) -> dict[str, object]:
    """Return the ``mediaType``, ``digest`` and ``size`` of the artifact; "" and 0 where absent.

    Raises:
        ValueError: The payload, or any member of the artifact, is not in the form of an OCI
            descriptor.
    """
    document = read_document(payload, checked_numbers=False)
    holder = document if isinstance(document, JSONObject) else JSONObject()
    target = _object(holder, "targetArtifact")
    target.text("artifactType")
    decode_base64(target.text("data"))
    _texts(target, "urls")
    _all_text(_object(target, "annotations"), "annotations")
    platform = _object(target, "platform")
    for name in ("architecture", "os", "os.version", "variant"):
        platform.text(name)
    _texts(platform, "os.features")
    return {
        "mediaType": target.text("mediaType"),
        "digest": target.text("digest"),
        "size": _int64(target, "size"),
    }


def _object(holder: JSONObject, name: str) -> JSONObject:
    """A struct's inner object; repeated ones add to each other, and null adds nothing."""
    whole = JSONObject()
    for value in holder.field(name):
        if value is None:
            continue
        if not isinstance(value, JSONObject):
            msg = f"{name!r} is not an object"
            raise ValueError(msg)  # noqa: TRY004 - a document's fault
        whole += value
    return whole


def _texts(holder: JSONObject, name: str) -> None:
    for value in holder.field(name):
        if value is None:
            continue
        if not isinstance(value, list) or isinstance(value, JSONObject):
            msg = f"{name!r} is not a list"
            raise ValueError(msg)  # noqa: TRY004 - a document's fault
        if not all(text is None or isinstance(text, str) for text in value):
            msg = f"{name!r} holds something else than strings"
            raise ValueError(msg)


def _all_text(holder: JSONObject, name: str) -> None:
    if not all(value is None or isinstance(value, str) for _, value in holder):
        msg = f"{name!r} holds something else than strings"
        raise ValueError(msg)


def _int64(holder: JSONObject, name: str) -> int:
    number = 0
    for value in holder.field(name):
        if value is None:
            continue
        # an unchecked number comes as its text
        if not isinstance(value, bytes) or not _INTEGER.fullmatch(value) or len(value) > 20:
            msg = f"{name!r} is not a whole number"
            raise ValueError(msg)
        number = int(value)
        if not _SMALLEST_INT64 <= number <= _LARGEST_INT64:
            msg = f"{name!r} is out of range"
            raise ValueError(msg)
    return number
