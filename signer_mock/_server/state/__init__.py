"""A world in a file: what a long-lived server keeps from one run to the next.

The file is JSON with a format name, a version and a checksum, so that one that is damaged or
somebody else's is refused before anything is taken from it. It holds the private keys (a mock's:
they are worth nothing elsewhere), so only its owner may read it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signer_mock._server.state.atomic import replace_file
from signer_mock._server.state.document import read_world, write_world
from signer_mock._service.ids import IdSource
from signer_mock.errors import StateFileError

if TYPE_CHECKING:
    from signer_mock._service.world import World

FORMAT = "signer_mock state"
VERSION = 1


def save_state(world: World, path: Path) -> None:
    """Write a world to a file, all or nothing; only its owner may read it.

    What moto holds is not saved, nor is the clock: after a load it follows the machine's.

    Args:
        world: the world.
        path: the file; one that is there is replaced.

    Raises:
        StateFileError: it cannot be written; what was there is as it was.
    """
    with world.lock:
        state = write_world(world)
    document = {
        "format": FORMAT,
        "version": VERSION,
        "sha256": _checksum(state),
        "state": state,
    }
    try:
        replace_file(path, json.dumps(document, indent=1).encode(), private=True)
    except OSError as error:
        msg = f"The state could not be saved to {path}: {error}."
        raise StateFileError(msg) from error


def load_state(world: World, path: Path, seed: int | str | None = None) -> bool:
    """Fill a world from a file.

    Args:
        world: a world in which nothing has happened.
        path: the file.
        seed: the world's own; ids go on repeatably, without repeating those in the file.

    Returns:
        Whether there was such a file.

    Raises:
        StateFileError: it is no state file, damaged, or of another version. It is left as it
            is, and so is the world.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        if not path.resolve().parent.is_dir():
            msg = f"The state cannot be kept in {path}: there is no such folder."
            raise StateFileError(msg) from None
        return False
    except OSError as error:
        msg = f"The state file {path} cannot be read: {error}."
        raise StateFileError(msg) from error
    state = _open(path, data)
    try:
        install = read_world(state)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from error
    with world.lock:
        install(world)
        if seed is not None:
            world.ids = IdSource(f"{seed}/{_checksum(state)}")
    return True


def _open(path: Path, data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "it is not JSON") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        msg = (
            f"{path} is not a state file of signer_mock, and was left as it is. Give the name of "
            "a file that signer_mock wrote, or of one that does not exist yet."
        )
        raise StateFileError(msg)
    if document.get("version") != VERSION:
        msg = (
            f"{path} is a state file of version {document.get('version')!r}; this signer_mock "
            f"reads version {VERSION}. It was left as it is; use the signer_mock that wrote it."
        )
        raise StateFileError(msg)
    state = document.get("state")
    if not isinstance(state, dict) or document.get("sha256") != _checksum(state):
        raise _damaged(path, "its content does not match its checksum")
    return state


def _damaged(path: Path, why: str) -> StateFileError:
    return StateFileError(
        f"The state file {path} is damaged ({why}), and was left as it is. Restore it from a "
        "copy, or move it away to begin anew."
    )


def _checksum(state: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()
