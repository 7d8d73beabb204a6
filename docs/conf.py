"""Sphinx builds the documentation with this: ``tox -e docs``, where a warning is an error."""

from __future__ import annotations

from importlib.metadata import version as version_of

project = "signer-mock"
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

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "signer_mock"
