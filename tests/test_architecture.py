"""The layers of the package: imports go down, modules stay small."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import signer_mock

PACKAGE = Path(signer_mock.__file__).parent

# The top layer comes first. A package may import from its own layer and from those below.
LAYERS: list[set[str]] = [
    {"_cli", "pytest_plugin"},
    {"_mock"},
    {"server"},
    {"_server"},
    {"_handle"},
    {"_intercept", "_moto"},
    {"verify"},
    {"_service"},
    {"_wire", "_signing"},
    {"objects"},
    {"errors"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}

MODULES = sorted(PACKAGE.rglob("*.py"))


def module_id(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def package_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[tuple[str, int]]:
    """Each imported module (or name of the package itself), with its line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "signer_mock":
            for alias in node.names:
                yield f"signer_mock.{alias.name}", node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno


def imported_packages(path: Path) -> Iterator[tuple[str, int]]:
    for name, line in imports_of(path):
        parts = name.split(".")
        if parts[0] == "signer_mock" and len(parts) > 1:
            yield parts[1], line


@pytest.mark.parametrize("path", MODULES, ids=module_id)
def test_every_module_has_a_layer_and_imports_only_go_down(path: Path) -> None:
    package = package_of(path)
    if package == "__init__":
        return
    assert package in LEVEL, f"{package} has no layer in LAYERS"
    for imported, line in imported_packages(path):
        if imported in {"mock_signer", "SignerMock"}:
            imported = "_mock"  # noqa: PLW2901 - names that the package gives lazily
        assert LEVEL[imported] >= LEVEL[package], f"{module_id(path)}:{line} imports {imported}"


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [("_signing", "_service"), ("_wire", "_signing"), ("_signing", "_wire")],
)
def test_packages_of_one_layer_do_not_import_each_other(package: str, forbidden: str) -> None:
    for path in (PACKAGE / package).rglob("*.py"):
        assert forbidden not in {name for name, _ in imported_packages(path)}, module_id(path)


def test_the_rules_of_the_service_know_nothing_of_http() -> None:
    for path in (PACKAGE / "_service").rglob("*.py"):
        wire = {name for name, _ in imports_of(path) if name.startswith("signer_mock._wire")}
        assert wire <= {"signer_mock._wire.exceptions"}, module_id(path)


@pytest.mark.parametrize("path", MODULES, ids=module_id)
def test_modules_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 330


def test_only_the_plugin_imports_pytest() -> None:
    guilty = [
        module_id(path)
        for path in MODULES
        if any(name.partition(".")[0] == "pytest" for name, _ in imports_of(path))
    ]
    assert guilty == ["pytest_plugin.py"]
