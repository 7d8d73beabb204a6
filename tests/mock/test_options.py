"""``mock_signer``'s options: one list of them, wherever they are shown."""

from __future__ import annotations

import dataclasses
import inspect

from signer_mock import mock_signer
from signer_mock._mock.options import Options

NAMES = [option.name for option in dataclasses.fields(Options)]


def test_help_shows_the_options():
    assert list(inspect.signature(mock_signer).parameters) == NAMES
    documented = inspect.getdoc(mock_signer) or ""
    assert all(f"``{name}``:" in documented for name in NAMES)


def test_type_checkers_see_the_same_options():
    source = inspect.getsource(inspect.getmodule(mock_signer))  # type: ignore[arg-type] # it is in one
    overload = source.partition("def mock_signer(\n    *,")[2].partition(") ->")[0]
    given = [line.strip().partition(":")[0] for line in overload.strip().splitlines()]
    assert given == NAMES


def test_the_plugins_marker_shows_the_same_options():
    from signer_mock.pytest_plugin import _MARKER

    given = ", ".join(f"{name}=None" for name in NAMES)
    assert _MARKER.startswith(f"signer_mock(*, {given}):")


def test_a_region_of_the_environment_may_be_any_word(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "nowhere_1")
    with mock_signer() as mock, mock_signer(account_id=mock.account_id) as inner:
        assert inner.region_name == "nowhere_1"
