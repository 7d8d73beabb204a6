"""Signatures are kept for type checkers: mypy agrees with tests/typing."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_mypy_agrees_with_every_expectation():
    api = pytest.importorskip("mypy.api", reason="mypy comes with the extra `lint`")
    # A type: ignore that is not needed is an error of its own.
    out, errors, status = api.run(
        ["--config-file", str(ROOT / "pyproject.toml"), str(ROOT / "tests" / "typing")]
    )
    assert status == 0, out + errors


def test_the_package_says_that_it_is_typed():
    import signer_mock

    assert (Path(signer_mock.__file__).parent / "py.typed").exists()
    assert set(signer_mock.__all__) >= {"SignerMock", "mock_signer"}
