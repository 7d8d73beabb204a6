"""The first form of a state file: one JSON document. It is read, and no longer written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from signer_mock._server.state import errors
from signer_mock._server.state.codec import decode
from signer_mock._server.state.document import Install, read_document
from signer_mock.objects import Bucket

FORMAT = "signer_mock state"
VERSION = 1


def read_json(path: Path, data: bytes) -> tuple[Install, str]:
    """Read a file of the first form.

    Returns:
        What fills a world with it, and its checksum.

    Raises:
        StateFileError: It is damaged, foreign or of another version.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        why = "it is neither SQLite nor JSON"
        raise errors.damaged(path, why) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise errors.foreign(path)
    if document.get("version") != VERSION:
        raise errors.other_version(path, document.get("version"))
    state = document.get("state")
    try:
        if not isinstance(state, dict) or document.get("sha256") != checksum(state):
            why = "its content does not match its checksum"
            raise errors.damaged(path, why)
        buckets = decode(dict[str, Bucket], state["objects"]["buckets"])
        install = read_document(state, buckets, decode(int, state["objects"]["stored"]))
    except errors.SENSELESS as error:
        why = f"{type(error).__name__}: {error}"
        raise errors.damaged(path, why) from error
    return install, checksum(state)


def checksum(state: Mapping[str, Any]) -> str:
    """Return the checksum that a file of the first form has for its content."""
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()
