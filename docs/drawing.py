"""Draw the packages and their imports from the code: ``python docs/drawing.py``.

It writes ``docs/images/architecture-light.svg`` and ``-dark.svg``. A test draws them again and
compares. An arrow leads from a package to one that it imports; an import that other arrows imply is
left out, and so are imports for type checkers.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "signer_mock"
IMAGES = ROOT / "docs" / "images"

#: What is lazily reached by a name of the package itself.
LAZY = {"mock_signer": "_mock", "SignerMock": "_mock", "UnmockedCallError": "errors"}
ABOUT = {
    "_cli": "command line",
    "_handle": "handle(world, request)",
    "_intercept": "the only code that patches",
    "_mock": "start, stop, decorate",
    "_moto": "moto's services",
    "_parity": "probes of the ledger",
    "_server": "HTTP",
    "_service": "AWS Signer's rules",
    "_signing": "keys and signatures",
    "_views": "tables and text",
    "_wire": "the AWS protocol",
    "errors": "errors for test authors",
    "objects": "object stores",
    "pytest_plugin": "fixtures and marker",
    "records": "read-only state",
    "server": "the server's names",
    "types": "names for annotations",
    "verify": "verifiers",
}
THEMES = {
    "light": {"ink": "#1f2328", "soft": "#59636e", "line": "#8c959f", "own": "#f6f8fa"}
    | {"public": "#ddf4ff", "edge": "#0969da"},
    "dark": {"ink": "#f0f6fc", "soft": "#9198a1", "line": "#6e7681", "own": "#1c2128"}
    | {"public": "#12314f", "edge": "#4493f8"},
}
WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 168, 46, 26, 44, 14

Graph = dict[str, set[str]]


def imports_of(node: ast.AST) -> Iterator[str]:
    """The packages that a module imports when it runs."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        if isinstance(child, ast.ImportFrom) and child.module == "signer_mock":
            yield from (LAZY.get(alias.name, alias.name) for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module:
            yield from (
                child.module.split(".")[1:2] if child.module.startswith("signer_mock.") else ()
            )
        else:
            yield from imports_of(child)


def graph() -> Graph:
    """Each package with those that it imports."""
    found: Graph = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if not name.startswith("__"):
            found.setdefault(name, set()).update(imports_of(ast.parse(path.read_text())))
    return {name: {one for one in used if one in found} - {name} for name, used in found.items()}


def reachable(imports: Graph, start: str) -> set[str]:
    """All that a package imports, directly or not."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for name in imports[waiting.pop()] - seen:
            seen.add(name)
            waiting.append(name)
    return seen


def reduced(imports: Graph) -> Graph:
    """Without imports that others imply; two packages that import each other keep theirs."""
    deep = {name: reachable(imports, name) for name in imports}
    return {
        name: {
            one
            for one in used
            if name in deep[one]
            or not any(one in deep[other] for other in used - {one} if one not in deep.get(one, ()))
        }
        for name, used in imports.items()
    }


def rows_of(imports: Graph) -> list[list[str]]:
    """The packages by the longest way down, the top first."""
    deep = {name: reachable(imports, name) for name in imports}

    def depth(name: str, above: frozenset[str] = frozenset()) -> int:
        below = {one for one in imports[name] if name not in deep[one]} - above
        return 1 + max((depth(one, above | {name}) for one in below), default=0)

    rows = defaultdict(list)
    twins = {name: {one for one in deep[name] if name in deep[one]} | {name} for name in imports}
    level = {name: max(depth(one) for one in twins[name]) for name in imports}
    for name in sorted(imports):
        if not imports[name]:  # nothing holds it down
            level[name] = min(level[one] for one in imports if name in imports[one]) - 1
        rows[level[name]].append(name)
    return [rows[level] for level in sorted(rows, reverse=True)]


def crossings(order: tuple[tuple[str, ...], ...], arrows: Graph) -> float:
    """How long all arrows are together; the shortest are the least tangled."""
    place = {name: column - (len(row) - 1) / 2 for row in order for column, name in enumerate(row)}
    return sum(abs(place[name] - place[one]) for name, used in arrows.items() for one in used)


def arranged(rows: list[list[str]], arrows: Graph) -> list[tuple[str, ...]]:
    """The rows, each in an order that keeps arrows short."""
    order = [tuple(row) for row in rows]
    for _ in range(4):
        for index, row in enumerate(order):
            order[index] = min(
                permutations(sorted(row)),
                key=lambda one: crossings((*order[:index], one, *order[index + 1 :]), arrows),
            )
    return order


def draw(theme: str) -> str:
    """The drawing as SVG."""
    colour = THEMES[theme]
    arrows = reduced(graph())
    rows = arranged(rows_of(graph()), arrows)
    columns = max(map(len, rows))
    width = columns * (WIDTH + GAP_X) - GAP_X + 2 * MARGIN
    height = len(rows) * (HEIGHT + GAP_Y) - GAP_Y + 2 * MARGIN
    place = {}
    for level, row in enumerate(rows):
        left = (width - len(row) * (WIDTH + GAP_X) + GAP_X) / 2
        for column, name in enumerate(row):
            place[name] = (left + column * (WIDTH + GAP_X), MARGIN + level * (HEIGHT + GAP_Y))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" font-family="system-ui, sans-serif" role="img">\n'
        "<title>The packages of signer_mock and their imports</title>\n"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        f'markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="{colour["line"]}"/>'
        "</marker></defs>"
    )
    parts = [head]
    for name, used in sorted(arrows.items()):
        parts += [arrow(place[name], place[one], colour["line"]) for one in sorted(used)]
    for name, (x, y) in sorted(place.items()):
        public = not name.startswith("_")
        fill, edge = (
            (colour["public"], colour["edge"]) if public else (colour["own"], colour["line"])
        )
        middle = x + WIDTH / 2
        parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="6" '
            f'fill="{fill}" stroke="{edge}"/>'
            f'<text x="{middle:g}" y="{y + 20:g}" text-anchor="middle" font-size="14" '
            f'font-family="ui-monospace, monospace" fill="{colour["ink"]}">{escape(name)}</text>'
            f'<text x="{middle:g}" y="{y + 36:g}" text-anchor="middle" font-size="11" '
            f'fill="{colour["soft"]}">{escape(ABOUT[name])}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def arrow(start: tuple[float, float], end: tuple[float, float], line: str) -> str:
    """A curve from the foot of one box to the head of another, or between neighbours in a row."""
    (x1, y1), (x2, y2) = start, end
    if y1 == y2:
        side = 1 if x2 > x1 else -1
        a, b = x1 + WIDTH * (side > 0), x2 + WIDTH * (side < 0)
        y = y1 + HEIGHT / 2 + 6 * side
        path = f"M{a:g} {y:g}H{b:g}"
    else:
        a, b, top, foot = x1 + WIDTH / 2, x2 + WIDTH / 2, y1 + HEIGHT, y2 - 1
        bend = min(40, (foot - top) / 2)
        path = f"M{a:g} {top:g}C{a:g} {top + bend:g} {b:g} {foot - bend:g} {b:g} {foot:g}"
    return (
        f'<path d="{path}" fill="none" stroke="{line}" stroke-width="1.3" marker-end="url(#tip)"/>'
    )


def main() -> None:
    """Write the drawings."""
    IMAGES.mkdir(exist_ok=True)
    for theme in THEMES:
        (IMAGES / f"architecture-{theme}.svg").write_text(draw(theme), encoding="utf-8")


if __name__ == "__main__":
    main()
