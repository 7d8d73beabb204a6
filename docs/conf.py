"""Sphinx builds the documentation with this: ``tox -e docs``, where a warning is an error."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.ext.autodoc import FunctionDocumenter
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "signer_mock"
author = "The signer-mock authors"
version = release = version_of("signer-mock")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
nitpicky = True
# Types of other projects, and of ours that are in no public module: shown, not linked.
nitpick_ignore_regex = [
    (r"py:.*", r"(?!signer_mock\.[a-z]).*"),
    (r"py:.*", r"signer_mock\.(_.*|objects\.Bucket)"),
]

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True  # a NamedTuple's fields are members already

copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True

html_theme = "furo"
html_title = "signer_mock"
html_static_path = ["images"]
html_css_files = ["custom.css"]
pygments_dark_style = "github-dark"
add_module_names = False  # the headings have them
toc_object_entries_show_parents = "hide"
python_maximum_signature_line_length = 80
html_copy_source = False
html_show_sourcelink = False


class CommandHelp(SphinxDirective):
    """What a command prints with ``--help``."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        command = [sys.executable, "-m", "signer_mock", *self.arguments, "--help"]
        environ = {**os.environ, "COLUMNS": "92", "NO_COLOR": "1"}
        done = subprocess.run(  # noqa: S603 - a command of our own
            command, capture_output=True, text=True, check=True, env=environ
        )
        return [nodes.literal_block(done.stdout, done.stdout, language="text")]


class FixtureDocumenter(FunctionDocumenter):
    """A fixture of pytest, which is no function any more."""

    objtype = "fixture"
    directivetype = "data"

    @classmethod
    def can_document_member(cls, *_: Any) -> bool:
        return False

    def import_object(self, raiseerror: bool = False) -> bool:
        found = super().import_object(raiseerror)
        self.object = self.object.__wrapped__
        return found

    def format_args(self, **_: Any) -> str:
        return ""


def shorten_rows(_app: Sphinx, page: str, source: list[str]) -> None:
    """Leave out of the ledger's tables what the heading above says, and the tests' folders."""
    if page == "fidelity":
        rows = re.compile(
            r"^\| ([^|]+) \| [^|]+ \| (.+ \| .+ \| .+) \| (?:`[^|`]*::(\w+)`|Test) \|$",
            re.MULTILINE,
        )
        source[0] = rows.sub(
            lambda row: f"| {row[1]} | {row[2]} | {f'`{row[3]}`' if row[3] else 'Test'} |",
            source[0],
        ).replace("|---|---|---|---|---|---|", "|---|---|---|---|---|")


def setup(app: Sphinx) -> None:
    app.connect("source-read", shorten_rows)
    app.add_directive("command-help", CommandHelp)
    app.add_autodocumenter(FixtureDocumenter)
