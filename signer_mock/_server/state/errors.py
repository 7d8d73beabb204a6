"""The errors of a state file."""

from __future__ import annotations

from pathlib import Path

from signer_mock.errors import StateFileError

#: What the readers raise for content that no signer_mock wrote.
SENSELESS = (AttributeError, LookupError, TypeError, ValueError, RecursionError)


def damaged(path: Path, why: object) -> StateFileError:
    """Return the error for a file that cannot be trusted any more."""
    return StateFileError(
        f"The state file {path} is damaged ({why}), and was left as it is. Restore it from a "
        "copy, or move it away to start with an empty state."
    )


def foreign(path: Path) -> StateFileError:
    """Return the error for a file of another program."""
    return StateFileError(
        f"{path} is not a state file of signer_mock, and was left as it is. Give the name of a "
        "file that signer_mock wrote, or of one that does not exist yet."
    )


def other_version(path: Path, version: object) -> StateFileError:
    """Return the error for a file of a version that this signer_mock does not read."""
    return StateFileError(
        f"{path} is a state file of version {version!r}, which this signer_mock does not read. "
        "It was left as it is; use the signer_mock that wrote it."
    )


def in_use(path: Path) -> StateFileError:
    """Return the error for a file that another server has."""
    return StateFileError(
        f"The state file {path} is in use by another server. Stop that one, or give this one a "
        "file of its own."
    )


def not_read(path: Path, why: object) -> StateFileError:
    """Return the error for a file that cannot be opened."""
    return StateFileError(f"The state file {path} cannot be read: {_reason(why)}.")


def not_saved(path: Path, why: object) -> StateFileError:
    """Return the error for a save that failed."""
    return StateFileError(f"The state could not be saved to {path}: {_reason(why)}.")


def _reason(why: object) -> object:
    return why.strerror or why if isinstance(why, OSError) else why
