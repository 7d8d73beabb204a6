"""The layers of the package and its public line: imports go down, modules stay small."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import signer_mock

PACKAGE = Path(signer_mock.__file__).parent

# The top layer comes first. A package may import from its own layer and from those below.
LAYERS: list[set[str]] = [
    {"__main__"},
    {"_cli", "pytest_plugin", "types"},
    {"_mock"},
    {"server"},
    {"_server"},
    {"_intercept", "_moto"},
    {"_handle"},
    {"verify", "_parity"},
    {"_service"},
    {"_wire", "_signing"},
    {"objects"},
    {"errors", "records", "_views"},
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


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports for type checkers count too."""
    modules = {module_name(path): path for path in MODULES}
    TopologicalSorter(
        {name: set(imported_modules(path, modules)) for name, path in modules.items()}
    ).prepare()


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def imported_modules(path: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module in modules:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in modules else node.module


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


# The public line: what has no leading underscore is a promise.

PUBLIC = ["errors", "objects", "pytest_plugin", "records", "server", "types", "verify"]

# Classes and functions that other packages of ours use, and that are no promise.
NOT_PROMISED = {"objects": {"Bucket", "MemoryObject"}}

# They describe the repository itself.
ABOUT_THE_INSIDES = {"architecture.md", "CONTRIBUTING.md", "fidelity.md", "CHANGELOG.md"}


def test_exactly_these_modules_are_public() -> None:
    modules = {package_of(path) for path in MODULES} - {"__init__"}
    assert sorted(name for name in modules if not name.startswith("_")) == PUBLIC


@pytest.mark.parametrize("name", ["", *PUBLIC])
def test_a_public_module_lists_its_names_and_each_has_a_docstring(name: str) -> None:
    module = importlib.import_module(f"signer_mock.{name}".rstrip("."))
    assert module.__doc__
    # pytest finds the plugin's names by itself, and people use its fixtures by theirs.
    if name == "pytest_plugin":
        return
    own = {
        key
        for key, value in vars(module).items()
        if (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__ == module.__name__
        and not key.startswith("_")
    }
    assert own - NOT_PROMISED.get(name, set()) <= set(module.__all__)
    assert list(module.__all__) == sorted(module.__all__)
    for public in module.__all__:
        check_docstrings(getattr(module, public))


def check_docstrings(public: object, seen: set[object] | None = None) -> None:
    """What a user can reach has a docstring, and none sends the reader into a private module."""
    if isinstance(public, str):
        return
    document = inspect.getdoc(public)
    assert document, f"{public!r} has no docstring"
    assert "signer_mock._" not in document, f"{public!r} names a private module"
    if not inspect.isclass(public):
        return
    for key, member in vars(public).items():
        if key.startswith("_") or not (callable(member) or isinstance(member, property)):
            continue
        check_docstrings(getattr(public, key) if callable(member) else member)


def test_what_the_mock_hands_out_is_documented_too() -> None:
    from signer_mock import mock_signer
    from signer_mock.server import SignerServer

    with mock_signer() as mock:
        account = mock.account()
        for public in (account, account.role("ci"), mock.clock, mock.calls, mock.objects):
            check_docstrings(type(public))
        check_docstrings(SignerServer)


def test_no_page_of_the_documentation_sends_its_reader_into_a_private_module() -> None:
    root = PACKAGE.parent
    pages = [*(root / "docs").rglob("*.md"), *root.glob("*.md")]
    assert len(pages) > len(ABOUT_THE_INSIDES)
    for page in pages:
        if page.name not in ABOUT_THE_INSIDES:
            text = page.read_text()
            for private in ("signer_mock._", "signer_mock/_"):
                assert private not in text, f"{page.name} names a private module"
