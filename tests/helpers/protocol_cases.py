"""botocore's own test cases of the rest-json protocol: in its source distribution, in no wheel.

``python tests/helpers/protocol_cases.py`` gets them once, as ``./run test`` and tox do; the tests
that need them are skipped where that was not possible. They are kept outside the project.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

#: Held to one version, so that the same cases are run everywhere.
VERSION = "1.43.117"
CACHE = Path(os.environ.get("SIGNER_MOCK_TEST_CACHE") or Path.home() / ".cache" / "signer-mock")
FOLDER = CACHE / f"botocore-{VERSION}"


def load(direction: str) -> list[dict[str, Any]]:
    """The suites of cases for ``input`` or ``output``; none if they were not fetched."""
    path = FOLDER / f"{direction}.json"
    return json.loads(path.read_text()) if path.exists() else []


def fetch() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    # A constraint for the environment may name another version.
    environment = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}
    with tempfile.TemporaryDirectory() as temporary:
        options = "--quiet --disable-pip-version-check --no-deps --no-binary=botocore".split()
        command = [sys.executable, "-m", "pip", "download", *options, f"--dest={temporary}"]
        subprocess.run([*command, f"botocore=={VERSION}"], check=True, env=environment)
        (archive,) = Path(temporary).glob("*.tar.gz")
        with tarfile.open(archive) as source:
            for direction in ("input", "output"):
                inner = f"botocore-{VERSION}/tests/unit/protocols/{direction}/rest-json.json"
                member = source.extractfile(inner)
                assert member is not None
                (FOLDER / f"{direction}.json").write_bytes(member.read())


if __name__ == "__main__" and not load("output"):
    try:
        fetch()
    except (subprocess.CalledProcessError, OSError) as error:
        sys.exit(f"no protocol cases, so their tests are skipped: {error}")
