"""The sentences of all errors, in one file: of verifiers, failed jobs, and mistakes in tests.

Tests look for the part of a sentence that they are about. People read all of it, so a test that
meets a sentence that ``sentences.txt`` does not have fails. If the new one is meant, run the test
again with ``SIGNER_MOCK_SENTENCES=add``, and read the change of the file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

BOOK = Path(__file__).with_name("sentences.txt")

#: What differs from one error to the next, and the words of other people's libraries.
VARIABLE = (
    (r"\bit is malformed \(.*\)", "it is malformed (WHY)"),
    (r"\b(holds a malformed certificate|certificate is malformed): .*", r"\1: WHY"),
    (r"\bin PEM form \(.*\);", "in PEM form (WHY);"),
    (r"[A-Z][^:]*: line \d+ column \d+ \(char \d+\)", "NOT JSON"),
    (r"\barn:[^\s'\",)\]]+", "ARN"),
    (r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "ID"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z)?", "TIME"),
    (r"(?<![\w'])b?'[^'\n]*'(?!\w)|(?<!\w)b\"[^\"]*\"", "'NAME'"),
    (r"\[[^\]]*\]|\{[^}]*\}", "LIST"),
    (r"-?\d[\d_.e+]*", "NUMBER"),
    (r"is not issued by .*", "is not issued by NAME"),
    (r"(baseNUMBER): (?:Excess|Incorrect|Invalid|Leading|Non|Only).*?(\.\)|\.|)$", r"\1: WHY\2"),
)


def as_sentence(text: str) -> str:
    """The sentence of an error, without what differs from one error to the next."""
    for pattern, name in VARIABLE:
        text = re.sub(pattern, name, text, flags=re.DOTALL)
    return text.replace("\n", " ")


@cache
def book() -> frozenset[str]:
    return frozenset(BOOK.read_text().splitlines())


@pytest.fixture(autouse=True)
def known_sentences(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Compare the sentence of each refusal in a test with the book."""
    if request.node.get_closest_marker("soak"):  # at random, there is no end of them
        yield
        return
    from signer_mock._signing.ca.loading import ChainError
    from signer_mock._signing.errors import UnsignableObjectError, VerificationError
    from signer_mock._signing.lambda_zip.archive.records import ZipFormatError
    from signer_mock.errors import SignerMockError

    met: set[str] = set()
    kinds: list[Any] = [ChainError, SignerMockError, UnsignableObjectError, VerificationError]
    for kind in (*kinds, ZipFormatError):

        def record(error: Exception, *args: Any, original: Any = kind.__init__) -> None:
            met.update(as_sentence(str(text)) for text in args)
            original(error, *args)

        monkeypatch.setattr(kind, "__init__", record)
    yield
    unknown = met - book()
    if os.environ.get("SIGNER_MOCK_SENTENCES") == "add":
        with BOOK.open("a") as file:
            file.write("".join(f"{one}\n" for one in sorted(unknown)))
    else:
        assert not unknown, (
            f"{sorted(unknown)} is not in {BOOK.name}. If it is meant, run the test again with "
            "SIGNER_MOCK_SENTENCES=add."
        )
