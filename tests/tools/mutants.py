"""Make mutants of a module: copies of its source with one small change each.

Annotations, decorators, docstrings and what only type checkers read are left alone. The operators
are our own, because the kept tools leave out what this project is made of: tables and regular
expressions at module level (mutmut changes functions only), messages, and statements that could
be missing (cosmic-ray has no operator for either).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}


@dataclass(frozen=True)
class Mutant:
    """A module with one change.

    Attributes:
        path: The module's file.
        lines: The first and last line of what is changed.
        text: The first of these lines, without indentation.
        change: What was done to it.
        number: Tells equal changes on one line apart.
        index: Which of the module's nodes is changed.
    """

    path: Path
    lines: tuple[int, int]
    text: str
    change: str
    number: int
    index: int

    @property
    def key(self) -> str:
        """A name that stays when lines move."""
        suffix = f" #{self.number}" if self.number else ""
        return f"{self.path.as_posix()} | {self.text} | {self.change}{suffix}"

    def source(self) -> str:
        """The whole module, changed."""
        tree = ast.parse(self.path.read_text())
        node, parent = list(_visit(tree))[self.index]
        _apply(node, parent, self.change)
        return ast.unparse(ast.fix_missing_locations(tree))


def mutants_of(path: Path) -> Iterator[Mutant]:
    """All mutants of a module."""
    source = path.read_text()
    texts = source.splitlines()
    seen: dict[tuple[int, str], int] = {}
    for index, (node, _parent) in enumerate(_visit(ast.parse(source))):
        for change in _changes(node):
            line, last = node.lineno, node.end_lineno  # type: ignore[attr-defined] # they have both
            number = seen.get((line, change), 0)
            seen[line, change] = number + 1
            text = texts[line - 1].strip()
            yield Mutant(path, (line, last), text, change, number, index)


def _visit(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Each node that may be changed, with its parent."""
    for child in _children(node):
        if hasattr(child, "lineno"):
            yield child, node
        yield from _visit(child)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "bases", "keywords"} and isinstance(
            node, (ast.arg, ast.AnnAssign, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        ):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_inert(child):
                yield child


def _is_inert(node: ast.AST) -> bool:
    """Whether a node is a docstring, or something for type checkers."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return True
    if isinstance(node, ast.Assign):
        first = ast.unparse(node.targets[0])
        value = ast.unparse(node.value)
        return first == "__all__" or value.startswith(
            ("TypeVar(", "Callable[", "Literal[", "tuple[")
        )
    return isinstance(node, (ast.Import, ast.ImportFrom))


def _changes(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        yield "another comparison"
    elif isinstance(node, ast.BoolOp):
        yield "and <-> or"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "no not"
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in ARITHMETIC:
        yield "another operator"
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, (bool, int, str, bytes)) and node.value not in {"", b""}:
            yield "another constant"
    elif isinstance(node, (ast.Expr, ast.Continue, ast.Break, ast.Raise)) or (
        isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Name)
    ):
        yield "no statement"
    elif isinstance(node, ast.Return) and node.value is not None:
        if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield "return None"
    elif isinstance(node, (ast.If, ast.IfExp, ast.While)) and isinstance(
        node.test, (ast.Name, ast.Call, ast.Attribute, ast.NamedExpr)
    ):
        yield "the opposite condition"


def _apply(node: ast.AST, parent: ast.AST, change: str) -> None:
    if isinstance(node, ast.Compare):
        node.ops[0] = COMPARISONS[type(node.ops[0])]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.UnaryOp):
        _replace(parent, node, node.operand)
    elif change == "another operator":
        assert isinstance(node, (ast.BinOp, ast.AugAssign))
        node.op = ARITHMETIC[type(node.op)]()
    elif isinstance(node, ast.Constant):
        node.value = _another(node.value)
    elif change == "no statement":
        _replace(parent, node, ast.Pass())
    elif isinstance(node, ast.Return):
        node.value = ast.Constant(None)
    else:
        assert isinstance(node, (ast.If, ast.IfExp, ast.While))
        node.test = ast.UnaryOp(ast.Not(), node.test)


def _another(value: object) -> bool | int | str | bytes:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, bytes):
        return value + b"X"
    # The end of a regular expression is where a character matters, of a sentence it is as good.
    return f"{value}X"


def _replace(parent: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for name, value in ast.iter_fields(parent):
        if value is old:
            setattr(parent, name, new)
        elif isinstance(value, list):
            value[:] = [new if item is old else item for item in value]
