"""The readers, built once."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.differential import readers
from tests.differential.readers import Reader


@pytest.fixture(scope="session")
def folder(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where programs are built; each xdist worker has its own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    cache = getattr(pytestconfig, "cache", None)  # gone with -p no:cacheprovider
    if cache is None:
        return tmp_path_factory.mktemp("differential")
    return Path(cache.mkdir(f"differential{worker}"))


@pytest.fixture(scope="session")
def all_readers(folder: Path) -> list[Reader]:
    """Every reader but unzip; skips where one of the languages is missing altogether."""
    missing = [name for name in ("go", "javac", "java", "unzip") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)}: not installed, and archives are compared with it")
    return [*readers.pythons(), *readers.go(folder), *readers.javas(folder)]
