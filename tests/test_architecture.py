"""The house: imports go down, rooms are small, nothing heavy at the door."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import signer_mock

PACKAGE = Path(signer_mock.__file__).parent

# Top floor first. A room may import rooms of its own floor and of those below.
FLOORS: list[set[str]] = [
    {"cli", "demo", "pytest_plugin"},
    {"cli_verify", "cli_serve"},
    {"mock", "session"},
    {"server", "serving"},
    {"decorators", "storage", "accounts", "state", "app"},
    {"intercept", "neighbours"},
    {"verify"},
    {"service", "events"},
    {"wire", "signing"},
    {"objects", "clock", "ids", "calls"},
    {"errors"},
]
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}

MODULES = sorted(PACKAGE.rglob("*.py"))


def module_id(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def room_of(path: Path) -> str:
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


def imported_rooms(path: Path) -> Iterator[tuple[str, int]]:
    for name, line in imports_of(path):
        parts = name.split(".")
        if parts[0] == "signer_mock" and len(parts) > 1:
            yield parts[1], line


@pytest.mark.parametrize("path", MODULES, ids=module_id)
def test_every_room_has_a_floor_and_imports_only_go_down(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    assert room in LEVEL, f"{room} has no floor in FLOORS"
    for imported, line in imported_rooms(path):
        if imported in {"mock_signer", "SignerMock"}:
            imported = "mock"  # noqa: PLW2901 - the door's names
        assert LEVEL[imported] >= LEVEL[room], f"{module_id(path)}:{line} imports {imported}"


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [("wire", "service"), ("service", "wire"), ("signing", "service"), ("wire", "signing")],
)
def test_neighbouring_rooms_do_not_know_each_other(room: str, forbidden: str) -> None:
    for path in (PACKAGE / room).rglob("*.py"):
        assert forbidden not in {name for name, _ in imported_rooms(path)}, module_id(path)


@pytest.mark.parametrize("path", MODULES, ids=module_id)
def test_rooms_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 330


def test_only_the_plugin_imports_pytest() -> None:
    guilty = [
        module_id(path)
        for path in MODULES
        if any(name.partition(".")[0] == "pytest" for name, _ in imports_of(path))
    ]
    assert guilty == ["pytest_plugin.py"]
