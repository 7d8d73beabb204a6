"""The README's first screen, its links and its commands. ``test_code_blocks`` runs its code."""

from __future__ import annotations

import re

import pytest

from signer_mock._service.operations import OPERATIONS
from tests.helpers.constants import ROOT
from tests.helpers.doc_blocks import blocks_of

README = (ROOT / "README.md").read_text()
REPOSITORY = "https://github.com/signer-mock/signer-mock"
RAW = "https://raw.githubusercontent.com/signer-mock/signer-mock/main/"
LINKS = sorted(set(re.findall(r"\]\(([^)]+)\)", README)))


def test_the_first_screen_has_installation_decorator_fixtures_and_block() -> None:
    screen = "\n".join(README.splitlines()[:32])
    for needed in ("pip install signer-mock", "@mock_signer\n", "(signer_mock, ", "with mock_"):
        assert needed in screen
    assert len(blocks_of(ROOT / "README.md")[1].code.splitlines()) <= 25


@pytest.mark.parametrize("link", LINKS)
def test_links_are_absolute_and_lead_to_files_of_the_repository(link: str) -> None:
    for start in (f"{REPOSITORY}/blob/main/", RAW):
        if link.startswith(start):
            path, _, anchor = link.removeprefix(start).partition("#")
            assert (ROOT / path).is_file()
            if anchor:
                headings = re.findall(r"^#+ (.*)$", (ROOT / path).read_text(), re.MULTILINE)
                assert anchor in {heading.lower().replace(" ", "-") for heading in headings}
            return
    pytest.fail("the package index shows the README too: link to the repository")


def test_the_repository_is_the_one_that_the_package_names() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    urls = re.search(r"^\[project\.urls\]\n((?:.+\n)+)", project, re.MULTILINE)
    assert urls is None or REPOSITORY in urls[1]


def test_both_commands_are_subcommands_of_the_run_script() -> None:
    script = (ROOT / "run").read_text()
    commands = re.findall(r"^\./run (\w+)", README, re.MULTILINE)
    assert commands == ["demo", "test"]
    for command in commands:
        assert f"\n  {command})" in script


def test_it_says_what_the_run_script_installs() -> None:
    script = (ROOT / "run").read_text()
    folders = set(re.findall(r"\.venv(?:-\w+)?", script))
    assert folders == set(re.findall(r"\.venv(?:-\w+)?", README))
    for tool in ("npm", "cargo"):
        assert f"command -v {tool}" in script
        assert tool in README.lower()


def test_it_lists_every_operation() -> None:
    table = README.partition("## Operations")[2].partition("\n## ")[0]
    assert set(re.findall(r"\b[A-Z][a-z]+[A-Z]\w+", table)) == set(OPERATIONS)


def test_every_extra_is_named() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    extras = project.partition("[project.optional-dependencies]")[2].partition("\n[")[0]
    ours = set(re.findall(r"^(\w+) = \[", extras, re.MULTILINE)) - {"test", "lint", "types", "docs"}
    assert ours == set(re.findall(r"signer-mock\[(\w+)\]", README))
