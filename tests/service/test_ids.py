"""Ids have AWS's form, differ, and repeat under a seed."""

from __future__ import annotations

import uuid

import pytest

from signer_mock import mock_signer
from signer_mock._service.ids import IdSource
from tests.helpers.constants import LAMBDA
from tests.helpers.forking import in_a_child, needs_fork


def test_uuids_are_of_version_4_and_differ():
    source = IdSource()
    made = [source.uuid() for _ in range(500)]
    assert len(set(made)) == 500
    for text in made:
        parsed = uuid.UUID(text)
        assert str(parsed) == text
        assert (parsed.version, parsed.variant) == (4, uuid.RFC_4122)


@needs_fork
def test_a_forked_child_makes_other_ids():
    made = in_a_child(IdSource().uuid)
    assert uuid.UUID(made) != uuid.UUID(IdSource().uuid())


@pytest.mark.parametrize("length", [1, 12, 17])
def test_hexadecimal_ids_have_the_length_that_was_asked_for(length):
    made = [IdSource().hexadecimal(length) for _ in range(50)]
    assert {len(text) for text in made} == {length}
    assert set("".join(made)) <= set("0123456789abcdef")
    assert len({text[0] for text in made}) > 5


@pytest.mark.parametrize("kind", ["uuid", "profile_version"])
def test_the_same_seed_gives_the_same_ids_in_the_same_order(kind):
    first, second = IdSource(7), IdSource(7)
    assert [getattr(first, kind)() for _ in range(5)] == [getattr(second, kind)() for _ in range(5)]
    assert getattr(IdSource(8), kind)() != getattr(IdSource(7), kind)()


def test_a_seeded_mock_repeats_its_ids():
    def versions() -> list[str]:
        with mock_signer(seed=42) as mock:
            client = mock.client("signer")
            return [
                client.put_signing_profile(profileName=name, platformId=LAMBDA)["profileVersion"]
                for name in ("p1", "p2")
            ]

    assert versions() == versions()
