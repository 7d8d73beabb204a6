"""Build the sdist and the wheel into ``dist``, check them, and run some tests from the sdist.

``tox -e package`` calls it. Arguments choose the tests.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"

#: What `./run test` and tox use of the repository.
NEEDED = """
    run tox.ini pyproject.toml README.md CHANGELOG.md CONTRIBUTING.md LICENSE
    benchmarks/__main__.py docs/fidelity.md signer_mock/py.typed tests/conftest.py
    tests/constraints.txt tests/sdk/js/package-lock.json tests/interop/notation/go.sum
""".split()
TESTS = ["tests/usage/test_main_job.py", "tests/docs/test_readme.py", "tests/cli/test_demo.py"]


def main() -> int:
    """Do all of it; the first thing that is wrong ends it."""
    shutil.rmtree(DIST, ignore_errors=True)
    run(ROOT, "-m", "build", "--outdir", DIST)
    (wheel,), (sdist,) = DIST.glob("*.whl"), DIST.glob("*.tar.gz")
    run(ROOT, "-m", "twine", "check", "--strict", wheel, sdist)
    with zipfile.ZipFile(wheel) as archive:
        others = {
            name
            for name in archive.namelist()
            if not name.startswith(("signer_mock/", "signer_mock-"))
        }
        assert not others, f"the wheel has {sorted(others)}"
        assert "signer_mock/py.typed" in archive.namelist()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with tarfile.open(sdist) as archive:
            archive.extractall(folder, filter="data")
        (top,) = folder.iterdir()
        examples = [str(path.relative_to(ROOT)) for path in (ROOT / "examples").glob("*")]
        missing = [path for path in NEEDED + examples if not (top / path).exists()]
        assert not missing, f"the sdist lacks {missing}"
        assert (top / "run").stat().st_mode & 0o100, "the sdist's run is not executable"
        run(top, "-m", "venv", ".venv")
        python = top / ".venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        install = "-m pip install --quiet --disable-pip-version-check".split()
        run(top, *install, "--constraint", "tests/constraints.txt", ".[test]", python=python)
        tests = sys.argv[1:] or TESTS
        run(top, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, python=python)
    return 0


def run(folder: Path, *arguments: object, python: Path | str = sys.executable) -> None:
    """Run Python in a folder; a failure ends it all."""
    subprocess.run([str(python), *map(str, arguments)], cwd=folder, check=True)


if __name__ == "__main__":
    sys.exit(main())
