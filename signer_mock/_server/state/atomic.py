"""Files that are there wholly or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def replace_file(path: Path, data: bytes, *, private: bool) -> None:
    """Write a file under another name in the same folder, then give it its name.

    Args:
        path: the file; a link stays a link, and what it leads to is replaced.
        data: its new content.
        private: only the owner may read it.

    Raises:
        OSError: it cannot be written; what was there is as it was.
    """
    target = path.resolve()
    # mkstemp makes files that only their owner can read.
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if not private:
            Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
