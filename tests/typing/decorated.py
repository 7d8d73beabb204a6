"""Read by mypy, never run: what is decorated keeps its type, and options are checked."""

from __future__ import annotations

import unittest
from collections.abc import AsyncIterator, Iterator

from typing_extensions import assert_type

from signer_mock import SignerMock, mock_signer


@mock_signer
def plain(one: int, *, two: str = "x") -> bool:
    return bool(one or two)


@mock_signer(region_name="eu-west-1")
async def asynchronous(one: int) -> str:
    return str(one)


@mock_signer
def generator() -> Iterator[int]:
    yield 1


@mock_signer()
async def async_generator() -> AsyncIterator[int]:
    yield 1


mock = mock_signer(seed=1)


@mock
def by_handle(one: int) -> int:
    return one


@mock_signer
class Plain:
    size: int = 1

    @mock_signer
    def method(self, name: str) -> int:
        return self.size + len(name)

    @mock_signer
    @classmethod
    def of_class(cls, name: str) -> int:
        return len(name)

    @mock_signer
    @staticmethod
    def static(name: str) -> int:
        return len(name)


@mock_signer(account_id="123456789012")
class Case(unittest.TestCase):
    def test_it(self) -> None:
        assert_type(self.id(), str)


class Derived(Case):
    """A decorated class is still a class to derive from."""


def check() -> None:
    assert_type(plain(1, two="y"), bool)
    assert_type(by_handle(1), int)
    assert_type(Plain(), Plain)
    assert_type(Plain().method("x"), int)
    assert_type(Plain.of_class("x"), int)
    assert_type(Plain.static("x"), int)
    assert_type(generator(), Iterator[int])
    assert_type(async_generator(), AsyncIterator[int])
    assert_type(mock, SignerMock)
    with mock_signer() as started:
        assert_type(started, SignerMock)
    assert_type(mock_signer().start(), SignerMock)
    plain("not a number")  # type: ignore[arg-type]  # as it has to be refused
    plain(1, three=1)  # type: ignore[call-arg]  # as it has to be refused
    mock_signer(region="eu-west-1")  # type: ignore[call-overload]  # as it has to be refused
    mock_signer(credentials="mine")  # type: ignore[call-overload]  # as it has to be refused
    Plain().method(1)  # type: ignore[arg-type]  # as it has to be refused


async def check_asynchronous() -> None:
    assert_type(await asynchronous(1), str)
    async with mock_signer() as started:
        assert_type(started, SignerMock)
