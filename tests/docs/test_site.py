"""The built documentation: no warning, every public name, no private module, no stray link."""

from __future__ import annotations

import html
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.helpers.doc_blocks import PAGES

ROOT = Path(__file__).parents[2]
PUBLIC = sorted(
    path.stem for path in (ROOT / "signer_mock").glob("*.py") if not path.stem.startswith("_")
)
# Fetched by nobody: tests stay on this machine. A new host is looked at by a person, once.
HOSTS = {
    "docs.getmoto.org",
    "github.com",
    "h11.readthedocs.io",
    "raw.githubusercontent.com",
}
# Methods that packages of ours call on the objects that a mock hands out.
BETWEEN_PACKAGES = {"export", "load", "record", "settle", "take"}


# The first test to ask for it waits for Sphinx, which reads all pages: half a minute.
@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for module in ("furo", "myst_parser", "sphinx_copybutton"):
        pytest.importorskip(module, reason="the documentation's tools come with the extra `docs`")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    done = subprocess.run(
        [*command, "docs", str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


def names_of(module: str) -> set[str]:
    """The public names of a module, with the methods and properties of its classes."""
    found = set()
    loaded = importlib.import_module(module)
    for name in loaded.__all__:
        found.add(name)
        value = getattr(loaded, name)
        if inspect.isclass(value):
            found |= {
                f"{name}.{member}"
                for member, kind in vars(value).items()
                if not member.startswith("_")
                and (inspect.isfunction(kind) or isinstance(kind, property))
            }
    return found


@pytest.mark.timeout(600)
def test_every_public_name_is_on_a_page(site: Path) -> None:
    page = (site / "reference" / "api.html").read_text(encoding="utf-8")
    anchors = set(re.findall(r'id="(signer_mock\.[\w.]+)"', page))
    anchors |= {anchor.rpartition(".")[2] for anchor in anchors if anchor.endswith("Error")}
    for module in ["", *PUBLIC]:
        if module == "pytest_plugin":
            continue
        missing = {
            name
            for name in names_of(f"signer_mock.{module}".rstrip("."))
            if not {name, f"signer_mock.{module}.{name}".replace("..", ".")} & anchors
        }
        assert {name.rpartition(".")[2] for name in missing} <= BETWEEN_PACKAGES, missing


@pytest.mark.timeout(600)
def test_no_page_shows_a_private_module(site: Path) -> None:
    pages = [page for page in site.rglob("*.html") if page.stem not in {"changelog", "fidelity"}]
    assert len(pages) > 20
    for page in pages:
        if page.parent.name == "explanation" and page.stem == "architecture":
            continue
        text = html.unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))
        assert not re.search(r"signer_mock\._(?!_)", text), page.name


@pytest.mark.timeout(600)
def test_the_pictures_are_part_of_the_site(site: Path) -> None:
    page = (site / "explanation" / "architecture.html").read_text(encoding="utf-8")
    for theme in ("light", "dark"):
        assert f"only-{theme}" in page
        assert (site / "_images" / f"architecture-{theme}.svg").is_file()


def test_links_out_of_the_documentation_are_known() -> None:
    found: dict[str, str] = {}
    for page in PAGES:
        if page.stem in {"fidelity", "changelog"}:
            continue  # the ledger's sources, and the changelog's forms
        for link in re.findall(r"\]\((https?://[^)]+)\)", page.read_text(encoding="utf-8")):
            found.setdefault(urlsplit(link).netloc, f"{link} on {page.name}")
    assert {host: link for host, link in found.items() if host not in HOSTS} == {}
    assert set(found) == HOSTS
