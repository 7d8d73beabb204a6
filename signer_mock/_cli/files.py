"""Read and write files, and say in a sentence what went wrong."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def sentence_of(error: OSError) -> str:
    """Return what an ``OSError`` says, without its number and class."""
    name = error.filename
    if name is None:
        return f"{error.strerror or error}."
    path = os.fsdecode(name) if isinstance(name, (bytes, str)) else str(name)
    if isinstance(error, FileNotFoundError):
        folder = Path(path).parent
        return f"There is no {f'file {path}' if folder.is_dir() else f'folder {folder}'}."
    if isinstance(error, IsADirectoryError) or Path(path).is_dir():
        return f"{path} is a directory, and a file is needed."
    return f"{path} cannot be used: {error.strerror}."


def read_file(path: Path) -> bytes:
    """Read a file.

    Raises:
        OSError: It cannot be read; the error names it.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        # One that comes while reading does not name the file.
        error.filename = error.filename or str(path)
        raise


def replace_file(path: Path, data: bytes) -> None:
    """Write a file under another name in the same folder, then give it its name.

    Args:
        path: The file, which everyone may read; a link stays a link.
        data: Its new content.

    Raises:
        OSError: It cannot be written; what was there is as it was.
    """
    target = path.resolve()
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        error.filename = str(path)
        raise
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        if isinstance(error, OSError):
            error.filename, error.filename2 = str(path), None
        raise
