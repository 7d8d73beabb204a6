"""What is signed or verified is what every reader reads, over archives composed at random.

An archive that our reader accepts is given to zipfile (of each Python that is here), unzip, Go's
archive/zip, and Java's ZipFile and ZipInputStream. What one of them reads without an error must be
what is signed: the same names and bodies, in order. Two readers need a closer definition:

* ZipFile shows each entry, and for entries of one name the body of one of them;
* ZipInputStream reads local headers from the first byte on, each once, and stops without an error
  at the first byte that is none. So it may see fewer entries, from the start, and with bytes before
  the archive none.
"""

from __future__ import annotations

import itertools
import random
import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from signer_mock._signing.errors import UnsignableObjectError
from signer_mock._signing.lambda_zip.sign import sign_zip
from signer_mock.verify import IntegrityError, verify_lambda_zip
from tests.differential.mutations import MUTATIONS
from tests.differential.readers import Expected, Reader, differs_in_unzip, expected_of
from tests.helpers.signing import (
    NOW,
    SIGNATURE_ENTRY,
    authority,
    make_zip,
    signature_of,
    signing_arguments,
)
from tests.helpers.zip_forge import DEFLATED, STORED, Item, Recipe

GENUINE = {"app.py": b"print(1)\n" * 9, "lib/": b"", "lib/x.bin": bytes(range(40)), "e": b""}
SIGNATURE = signature_of(sign_zip(make_zip(GENUINE), **signing_arguments()))


def items(*, signed: bool, count: int) -> list[Item]:
    methods = (DEFLATED, STORED, STORED, DEFLATED)
    found = [
        Item(name.encode(), body, method)
        for (name, body), method in zip(GENUINE.items(), methods, strict=True)
    ]
    if not signed:
        return found[:count]
    return [*found, Item(b"META_INF/", b"", STORED), Item(SIGNATURE_ENTRY.encode(), SIGNATURE)]


def compose(seed: int) -> tuple[list[str], bytes] | None:
    """Names of changes, and the archive they make; None if they cannot be written."""
    rng = random.Random(seed)
    recipe = Recipe(items(signed=rng.random() < 0.5, count=rng.randrange(1, 5)))
    changes = rng.sample(sorted(MUTATIONS), rng.choice((0, 1, 1, 2, 2, 3, 3, 4, 5, 6)))
    try:
        for change in changes:
            MUTATIONS[change](rng, recipe)
        data = bytearray(recipe.build())
    except struct.error:
        return None
    if rng.random() < 0.1:
        changes.append("a byte")
        # Most headers are near the end.
        position = max(0, len(data) - rng.randrange(1, 600))
        data[position] = rng.choice((0, 1, 8, data[position] ^ 1, 255))
    return changes, bytes(data)


def accept(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The archives that somebody would trust: signed by us, or called good by us."""
    try:
        signed = sign_zip(data, **signing_arguments())
    except UnsignableObjectError:
        pass
    else:
        verify_lambda_zip(signed, authority().trust_root_pem, at=NOW)
        yield "signed", data
        yield "with its signature", signed
    try:
        verified = verify_lambda_zip(data, authority().trust_root_pem, at=NOW, policy="Warn")
    except IntegrityError:
        return
    if verified.job_arn is not None:
        yield "verified", data


def compare(seeds: Iterable[int], all_readers: list[Reader], folder: Path) -> Counter[str]:
    """Compare all readings; the result counts what there was."""
    counts: Counter[str] = Counter()
    accepted: list[tuple[str, Path, list[Expected]]] = []
    for seed in seeds:
        composed = compose(seed)
        if composed is None:
            continue
        changes, data = composed
        counts["generated"] += 1
        counts["accepted"] += bool(found := list(accept(data)))
        for how, archive in found:
            counts[how] += 1
            path = folder / f"{len(accepted)}.zip"
            path.write_bytes(archive)
            accepted.append((f"seed {seed}, {how}: {changes}", path, expected_of(archive)))
    wrong = []
    clean = [True] * len(accepted)
    paths = [path for _, path, _ in accepted]
    for reader in all_readers:
        for index, readings in enumerate(reader.read(paths)):
            label, _, expected = accepted[index]
            for name, differs, reading in zip(
                reader.names, reader.differences, readings, strict=True
            ):
                clean[index] &= reading.is_clean
                counts[f"errors of {name}"] += not reading.is_clean
                if difference := differs(expected, reading):
                    wrong.append(f"{label}: {name} reads {difference}")
    for index, (label, path, expected) in enumerate(accepted):
        difference, is_clean = differs_in_unzip(path, expected)
        clean[index] &= is_clean
        counts["errors of unzip"] += not is_clean
        if difference:
            wrong.append(f"{label}: unzip reads {difference}")
        path.unlink()
    counts["compared"] = len(accepted)
    counts["read alike by all, without any error"] = sum(clean)
    assert wrong == []
    return counts


def test_what_is_accepted_is_read_alike(all_readers: list[Reader], tmp_path: Path) -> None:
    counts = compare(range(400), all_readers, tmp_path)

    assert counts["generated"] > 390
    assert counts["signed"] > 50
    assert counts["verified"] > 30
    assert counts["read alike by all, without any error"] > counts["compared"] // 2


def test_every_change_is_made_and_leads_to_a_refusal_or_to_another_archive() -> None:
    plain = Recipe(items(signed=False, count=4)).build()
    for name, change in MUTATIONS.items():
        archives = set()
        for seed in range(20):
            recipe = Recipe(items(signed=False, count=4))
            change(random.Random(seed), recipe)
            archives.add(recipe.build())
        assert archives != {plain}, name


def test_the_comparison_notices_another_body(all_readers: list[Reader], tmp_path: Path) -> None:
    """Every reader is really asked: what it reads is compared with another archive's entries."""
    path = tmp_path / "archive.zip"
    path.write_bytes(Recipe([Item(b"app.py", b"EVIL", STORED)]).build())
    expected = expected_of(Recipe([Item(b"app.py", b"good", STORED)]).build())

    for reader in all_readers:
        (readings,) = reader.read([path])
        for name, differs, reading in zip(reader.names, reader.differences, readings, strict=True):
            assert differs(expected, reading), name
    assert differs_in_unzip(path, expected)[0]


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_many_more(
    all_readers: list[Reader], tmp_path: Path, record_property, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fixed seeds, then seeds that nobody has seen; a failure names its seed."""
    start = random.SystemRandom().randrange(10**6, 10**9)
    counts: Counter[str] = Counter()
    for first in (*range(1000, 21000, 1000), *range(start, start + 10000, 1000)):
        counts += compare(itertools.islice(range(first, first + 1000), 1000), all_readers, tmp_path)
    with capsys.disabled():
        print(f"\n{dict(counts)}")  # noqa: T201 - the numbers are the point
    assert counts["accepted"] > 5_000
