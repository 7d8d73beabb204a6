"""The README is true: its code runs as it stands, its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def test_the_first_25_lines_of_code_run_as_they_stand():
    code = BLOCKS[0]
    assert len(code.splitlines()) <= 25
    names: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), names)

    names["test_release_is_signed"]()


@pytest.mark.parametrize("code", BLOCKS[1:], ids=lambda code: code.splitlines()[-1].strip())
def test_every_other_piece_of_code_runs_too(code):
    exec(compile(code, "README.md", "exec"), {})


def test_the_first_screen_shows_the_example():
    assert "@mock_signer" in "\n".join(README.splitlines()[:16])


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_links_lead_to_files_of_the_repository(target):
    assert target.startswith("https://") or (ROOT / target).exists()


def test_both_commands_are_subcommands_of_the_run_script():
    script = (ROOT / "run").read_text()
    for command in re.findall(r"^\./run (\w+)", README, re.MULTILINE):
        assert f"\n  {command})" in script
