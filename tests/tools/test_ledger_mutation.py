"""The edits of ``ledger_rules.txt`` fit the code and the ledger as they are."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.tools.ledger_mutation import Rule, row_tests, rules

RULES = list(rules())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rows[0])
def test_an_edit_changes_one_place_of_a_module_that_still_compiles(rule: Rule) -> None:
    compile(rule.source(), str(rule.path), "exec")
    assert rule.old != rule.new


def test_every_edit_is_a_rows() -> None:
    rows = Counter(row for rule in RULES for row in rule.rows)
    assert set(rows) <= set(row_tests())
    assert [row for row, times in rows.items() if times > 1] == []
