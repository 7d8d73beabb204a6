"""The mutants that `tox -e mutation` makes: one change each, and none where nothing can be seen."""

from __future__ import annotations

import ast

from tests.tools.mutants import mutants_of

SOURCE = '''"""A module."""
from __future__ import annotations

LIMIT: int = 3
PATTERN = re.compile("a+")


@cached(maxsize=5)
def check(value: dict[str, int] | None = None) -> str:
    """Do nothing of the kind."""
    if not value and LIMIT < 4:
        raise ValueError("no")
    value["x"] = 1
    return "yes" if value else "no"
'''

CHANGED = {
    ("LIMIT: int = 3", "another constant"): "LIMIT: int = 4",
    ('PATTERN = re.compile("a+")', "another constant"): "PATTERN = re.compile('a+X')",
    ("if not value and LIMIT < 4:", "and <-> or"): "if not value or LIMIT < 4:",
    ("if not value and LIMIT < 4:", "no not"): "if value and LIMIT < 4:",
    ("if not value and LIMIT < 4:", "another comparison"): "if not value and LIMIT <= 4:",
    ("if not value and LIMIT < 4:", "another constant"): "if not value and LIMIT < 5:",
    ('raise ValueError("no")', "no statement"): "pass",
    ('raise ValueError("no")', "another constant"): "raise ValueError('noX')",
    ('value["x"] = 1', "no statement"): "pass",
    ('value["x"] = 1', "another constant"): "value['xX'] = 1",
    ('return "yes" if value else "no"', "return None"): "return None",
    ('return "yes" if value else "no"', "the opposite condition"): (
        "return 'yes' if not value else 'no'"
    ),
    ('return "yes" if value else "no"', "another constant"): "return 'yesX' if value else 'no'",
}


def test_each_mutant_has_one_change(tmp_path):
    path = tmp_path / "module.py"
    path.write_text(SOURCE)
    plain = ast.unparse(ast.parse(SOURCE)).splitlines()
    mutants = [one for one in mutants_of(path) if not one.number]

    found = {}
    for mutant in mutants:
        changed = mutant.source().splitlines()
        different = [new for old, new in zip(plain, changed, strict=True) if old != new]
        assert len(different) == 1, mutant
        found[mutant.text, mutant.change] = different[0].strip()

    assert found == CHANGED


def test_a_key_tells_equal_changes_on_one_line_apart(tmp_path):
    path = tmp_path / "module.py"
    path.write_text("LIMITS = 1, 2\n")
    keys = [mutant.key.partition(" | ")[2] for mutant in mutants_of(path)]
    assert keys == ["LIMITS = 1, 2 | another constant", "LIMITS = 1, 2 | another constant #1"]
