"""Our Notation verifier on the envelopes of `envelope_cases`.

`interop/test_notation_differential` shows, where Go is installed, that the verdicts are Notation's.
"""

from __future__ import annotations

import pytest

from tests.helpers.envelope_cases.all_cases import DIFFERENCES, GROUPS, cases_of
from tests.helpers.envelope_cases.case import our_verdict


@pytest.mark.parametrize("group", GROUPS)
def test_every_envelope_gets_the_verdict_that_it_deserves(group):
    expected = {
        case.name: DIFFERENCES[case.name][0] if case.name in DIFFERENCES else case.verdict
        for case in cases_of(group)
    }
    assert {case.name: our_verdict(case) for case in cases_of(group)} == expected


def test_every_name_is_given_once_and_every_listed_difference_is_about_a_case():
    names = [case.name for group in GROUPS for case in cases_of(group)]
    assert len(names) == len(set(names))
    assert set(DIFFERENCES) <= set(names)
    assert "verified" not in {ours for ours, _ in DIFFERENCES.values()}  # we only refuse more
