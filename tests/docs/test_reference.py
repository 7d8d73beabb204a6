"""The reference has every public name, fixture, option, command, path and variable."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from signer_mock import pytest_plugin
from signer_mock._intercept import environment
from signer_mock._mock.options import Options
from signer_mock._server.control.routes import ROUTES
from signer_mock.server import serve_world

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
API = (REFERENCE / "api.md").read_text()
PUBLIC = sorted(
    path.stem for path in (ROOT / "signer_mock").glob("*.py") if not path.stem.startswith("_")
)


@pytest.mark.parametrize("name", [one for one in PUBLIC if one != "pytest_plugin"])
def test_every_public_module_is_documented_whole(name: str) -> None:
    directive = re.search(
        rf"^\.\. automodule:: signer_mock\.{name}\n((?:   :.*\n)*)", API, re.MULTILINE
    )
    assert directive, "automodule shows all that __all__ lists"
    assert "   :members:\n" in directive[1]
    left_out = re.search(r":exclude-members: (.*)", directive[1])
    for excluded in left_out[1].split(", ") if left_out else ():
        module = importlib.import_module(f"signer_mock.{name}")
        # Only methods between packages of ours, or a name that another public module has.
        assert excluded not in module.__all__ or getattr(module, excluded).__module__ != (
            module.__name__
        )


def test_the_names_of_the_package_itself_are_documented() -> None:
    import signer_mock

    errors = {name for name in signer_mock.__all__ if name.endswith("Error")}
    assert errors <= set(importlib.import_module("signer_mock.errors").__all__)
    for name in set(signer_mock.__all__) - errors:
        assert re.search(rf"^\.\. (autofunction|autoclass|py:data):: {name}\b", API, re.MULTILINE)


@pytest.mark.parametrize("page", sorted(REFERENCE.glob("*.md")), ids=lambda page: page.stem)
def test_no_private_module_is_named(page: Path) -> None:
    assert not re.search(r"signer_mock[./]_(?!_)(?!mock/)", page.read_text())


def test_every_fixture_is_documented() -> None:
    page = (REFERENCE / "pytest.md").read_text()
    fixtures = {
        name
        for name, value in vars(pytest_plugin).items()
        if type(value).__name__ == "FixtureFunctionDefinition" and not name.startswith("_")
    }
    if not fixtures:  # pytest before 8.4 keeps functions
        fixtures = {"signer_mock", "signer_client", "signer_server"}
    assert set(re.findall(r"^\.\. autofixture:: (\w+)", page, re.MULTILINE)) >= fixtures
    assert "`signer_mock_autouse`" in page
    assert "`@pytest.mark.signer_mock(...)`" in page


def test_every_option_of_a_mock_is_documented() -> None:
    page = (REFERENCE / "usage.md").read_text()
    table = page.partition("## Arguments")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(
        inspect.signature(Options).parameters
    )


def test_every_command_is_documented() -> None:
    page = (REFERENCE / "cli.md").read_text()
    command = [sys.executable, "-m", "signer_mock", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    commands = set(re.findall(r"^  ([a-z]+) ", done.stdout.partition("commands:")[2], re.MULTILINE))
    assert commands
    assert set(re.findall(r"^```\{command-help\} (\w+)$", page, re.MULTILINE)) == commands


def test_every_path_of_the_control_surface_is_documented() -> None:
    page = (REFERENCE / "server.md").read_text()
    for route, methods in ROUTES.items():
        name = route.rstrip("/")
        if not name or name.endswith((".css", ".js")):
            continue  # the page for people
        for method in methods:
            assert re.search(rf"`{method} {re.escape(name)}\b", page), f"{method} {route}"


def test_every_environment_variable_is_documented() -> None:
    page = (REFERENCE / "environment.md").read_text()
    mock = environment.Environment("key", "secret", "us-east-1")._values
    with serve_world() as server:
        served = server.environ()
    for name in {*mock, *served}:
        assert f"`{name}`" in page


def test_the_paths_on_the_page_of_the_architecture_exist() -> None:
    page = (ROOT / "docs" / "explanation" / "architecture.md").read_text()
    paths = set(re.findall(r"`(_[a-z_]+/[\w/]*(?:\.py)?)`", page))
    assert len(paths) > 10
    assert [path for path in sorted(paths) if not (ROOT / "signer_mock" / path).exists()] == []
    table = page.partition("## Public and private")[2].partition("\n## ")[0]
    named = set(re.findall(r"^\| `signer_mock\.(\w+)` \|", table, re.MULTILINE))
    assert named == set(PUBLIC)


def test_the_alternatives_are_measured_as_the_comparison_says() -> None:
    comparison = (ROOT / "docs" / "comparison.md").read_text()
    page = (ROOT / "docs" / "explanation" / "alternatives.md").read_text()
    rows = re.findall(r"^\| (\S+ [\d.]+) \| seen live \| ([\d |]+) \|", comparison, re.MULTILINE)
    assert len(rows) == 2
    for emulator, cells in rows:
        same, wording, shape, status, not_run = (int(cell) for cell in cells.split(" | "))
        assert f"| {emulator} | {same} | {wording + shape + status} | {not_run} |" in page
        assert emulator in page.partition("## Measured")[2].partition("\n\n")[2]


def test_properties_say_what_they_are_without_a_colon() -> None:
    """Sphinx takes what precedes a colon in a property's first line for its type."""
    for name in PUBLIC:
        module = importlib.import_module(f"signer_mock.{name}")
        for value in [*vars(module).values(), importlib.import_module("signer_mock").SignerMock]:
            for member, kind in vars(value).items() if inspect.isclass(value) else ():
                if isinstance(kind, property) and not member.startswith("_"):
                    first = (inspect.getdoc(kind) or "").partition("\n")[0]
                    assert not re.search(r"(?<!`)\w: ", first), f"{value.__name__}.{member}"


def test_links_have_texts_of_their_own() -> None:
    """The README leads to the pages in the repository, where a link without a text is invisible."""
    for page in sorted((ROOT / "docs").rglob("*.md")):
        assert "[](" not in page.read_text(), page
