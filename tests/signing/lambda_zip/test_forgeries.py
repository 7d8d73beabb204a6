"""Archives that some reader reads differently: neither signed nor verified, with a reason.

`app.py` prints 1 in what is signed. Each forgery keeps what our reader would hash and shows another
program to somebody; beside each is who. tests/differential has the readers themselves.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from signer_mock._signing.errors import UnsignableObjectError
from signer_mock._signing.lambda_zip.sign import sign_zip
from signer_mock.verify import IntegrityError, verify_lambda_zip
from tests.helpers.signing import (
    NOW,
    SIGNATURE_ENTRY,
    authority,
    make_zip,
    signature_of,
    signing_arguments,
)
from tests.helpers.zip_forge import (
    MAX32,
    STORED,
    Item,
    Recipe,
    deflate,
    extra,
    unicode_path,
    zip64_extra,
)

BODIES = {"app.py": b"print(1)\n" * 20, "data.bin": bytes(range(200)), "META_INF/": b""}
SIGNATURE = signature_of(sign_zip(make_zip(BODIES), **signing_arguments()))
EVIL = Recipe(
    [Item(name.encode(), b"print(666)" if body else b"") for name, body in BODIES.items()]
).build()
EVIL_DIRECTORY = EVIL.index(b"PK\1\2")


def recipe(**options: Any) -> Recipe:
    items = [Item(name.encode(), body) for name, body in BODIES.items()]
    items[-1].method = STORED
    return Recipe(items, **options)


Change = Callable[[Recipe], None]


def forge(change: Change, *, signed: bool) -> bytes:
    """The archive with one change: for the verifier with its genuine signature as last entry."""
    forged = recipe()
    if signed:
        forged.items.append(Item(SIGNATURE_ENTRY.encode(), SIGNATURE))
    change(forged)
    return forged.build()


def setting(**options: Any) -> Change:
    return lambda forged: forged.__dict__.update(options)


def first(local: dict[str, Any] | None = None, central: dict[str, Any] | None = None) -> Change:
    def change(forged: Recipe) -> None:
        forged.items[0].local.update(local or {})
        forged.items[0].central.update(central or {})

    return change


def first_item(**options: Any) -> Change:
    return lambda forged: forged.items[0].__dict__.update(options)


def stream_of_a_slice(forged: Recipe) -> None:
    """The deflate stream ends where a reader that takes 256 KiB at a time takes the next."""
    size = (256 * 1024 - 4 * 5) // 4
    head = struct.pack("<HH", size, size ^ 0xFFFF) + bytes(size)
    item = forged.items[0]
    item.body = bytes(4 * size)
    item.packed = b"".join(bytes([number == 3]) + head for number in range(4))
    item.tail = deflate(b"print(666)")


def appended_with_an_overrunning_comment(forged: Recipe) -> None:
    forged.trailing = EVIL[:-2] + b"\xff\xff"


def directory_at_the_absolute_offset(forged: Recipe) -> None:
    offset = forged.directory_offset()
    forged.prefix = EVIL[:EVIL_DIRECTORY].ljust(offset, b"\0") + EVIL[EVIL_DIRECTORY:-22]
    forged.prefix = forged.prefix.replace(b"PK\3\4", b"pk\3\4")


def directory_in_a_body_at_the_absolute_offset(forged: Recipe) -> None:
    """Nothing is outside of the entries: the other directory is in a body that is signed."""
    forged.items[1].method = STORED
    forged.items[1].body = EVIL
    there = forged.build().index(EVIL) + EVIL_DIRECTORY
    forged.prefix = b"#!/bin/sh\n".ljust(forged.directory_offset() - there, b"\n")


def directory_in_the_extensible_data(forged: Recipe) -> None:
    count = len(forged.items)
    start = forged.directory_offset()
    record = struct.pack(
        "<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(EVIL) - 22, start
    )
    forged.zip64 = True
    forged.extensible = EVIL[EVIL_DIRECTORY:-22] + record


def zip64_record_in_a_body_at_the_absolute_offset(forged: Recipe) -> None:
    record = b"PK\6\6" + bytes(52)
    forged.zip64 = True
    forged.items[1].method = STORED
    forged.items[1].body = record
    data = forged.build()
    forged.prefix = b"#!/bin/sh\n".ljust(data.rindex(b"PK\6\6") - data.index(record), b"\n")


def unlisted(forged: Recipe) -> None:
    forged.items.insert(0, Item(b"app.py", b"print(666)"))
    forged.listing = list(range(1, len(forged.items)))


def written_thrice(forged: Recipe) -> None:
    forged.listing = [*range(len(forged.items)), 0]
    forged.items += [Item(b"app.py", BODIES["app.py"]), Item(b"app.py", BODIES["app.py"])]


def overlapping(forged: Recipe) -> None:
    """The second entry is within the first one's extra field."""
    inner = forged.items.pop(1)
    packed = Recipe([inner]).build()
    forged.items[0].local["extra"] = extra(0x6666, packed[: packed.index(b"PK\1\2")])
    inner.central["offset"] = 30 + len(b"app.py") + 4
    forged.items.append(inner)


def hidden_directory(forged: Recipe, prefix: bytes = b"#!/bin/sh\n") -> None:
    """76 bytes, the length of the zip64 records, after where the directory starts."""
    forged.prefix = prefix
    forged.zip64 = True
    filler = bytes(76 - 46 - len(b"app.py") - 4)
    forged.items[0].central["extra"] = extra(0x6666, filler + EVIL[EVIL_DIRECTORY:-22])


def another_end_within_a_body(forged: Recipe) -> None:
    """Java goes on searching when bytes follow the end and no entry stands at offset zero."""
    forged.prefix = b"#!/bin/sh\n"
    forged.absolute = True
    forged.items[1].method = STORED
    forged.items[1].body = EVIL
    forged.trailing = b"\n"


def test_an_archive_within_a_body_is_no_second_one() -> None:
    """Without bytes after the end and its comment, nobody goes on searching."""
    forged = Recipe([Item(b"app.py", b"print(1)\n"), Item(b"inner.zip", EVIL, STORED)])
    forged.comment = b"a comment"
    forged.prefix = b"#!/bin/sh\n"
    forged.absolute = True

    signed = sign_zip(forged.build(), **signing_arguments())

    verify_lambda_zip(signed, authority().trust_root_pem, at=NOW)


def test_a_directory_within_the_directory_is_nothing_without_data_before_it() -> None:
    forged = recipe()
    hidden_directory(forged, prefix=b"")

    signed = sign_zip(forged.build(), **signing_arguments())

    verify_lambda_zip(signed, authority().trust_root_pem, at=NOW)


def test_a_comment_that_overruns_the_directory_is_refused() -> None:
    data = bytearray(Recipe([Item(b"app.py", b"print(1)\n")]).build())
    data[data.index(b"PK\1\2") + 32] = 1  # the length of the entry's comment

    with pytest.raises(UnsignableObjectError, match="central directory is damaged"):
        sign_zip(bytes(data), **signing_arguments())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (Recipe([], zip64=True).build(), "The zip archive has no entries."),
        (
            Recipe([], zip64=True).build()[56:],
            "The archive's zip64 end record is missing, or not right before its locator.",
        ),
        (Recipe([]).build(), "The zip archive has no entries."),
        (
            Recipe([], gap=b"PK\3\4").build(),
            "The archive has a local header outside of its entries and its directory.",
        ),
    ],
    ids=["zip64", "a locator alone", "as it is", "a header cut off"],
)
def test_an_archive_of_nothing_but_its_end_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnsignableObjectError) as refusal:
        sign_zip(data, **signing_arguments())
    assert refusal.value.reason == reason


FORGERIES: dict[str, tuple[Change, str]] = {
    # zipfile, unzip: they take the last signature, whatever its comment
    "an end record after the end": (
        setting(trailing=b"PK\5\6" + bytes(16) + b"\1\0"),
        "another end record",
    ),
    "a cut end record after the end": (setting(trailing=b"PK\5\6" + bytes(4)), "another end"),
    "four bytes after the end": (setting(trailing=b"PK\5\6"), "another end"),
    "an archive after the end": (setting(trailing=EVIL), "outside of its entries"),
    "an archive after the end whose comment overruns": (
        appended_with_an_overrunning_comment,
        "another end record follows",
    ),
    "an archive in the comment": (setting(comment=EVIL), "outside of its entries"),
    "an end record in the comment": (
        setting(comment=b"x" + EVIL[-22:-2] + b"\xff\0x"),
        "another end record follows",
    ),
    "a cut end record in the comment": (setting(comment=b"a PK\5\6 b"), "another end"),
    # zipfile against Go and unzip
    "a zip64 count that disagrees": (setting(zip64=True, end64={"count": 2}), "disagree"),
    "a zip64 offset that disagrees": (setting(zip64=True, end64={"offset": 0}), "disagree"),
    "a zip64 size that disagrees": (setting(zip64=True, end64={"size": 46}), "disagree"),
    "a size that disagrees with zip64": (setting(zip64=True, end={"size": 46}), "disagree"),
    "an offset that disagrees with zip64": (setting(zip64=True, end={"offset": 1}), "disagree"),
    "a locator that leads elsewhere": (
        setting(zip64=True, end64={"locator": 5}),
        "locator leads elsewhere",
    ),
    "a locator that leads into a body": (
        zip64_record_in_a_body_at_the_absolute_offset,
        "locator leads elsewhere",
    ),
    **{
        f"another disk in zip64: {name}": (
            setting(zip64=True, end64={name: value}, saturated=("disk", "directory_disk")),
            "split over several disks",
        )
        for name, value in (("disk", 1), ("directory_disk", 1), ("locator_disk", 1), ("disks", 2))
    },
    "a body that cannot be inflated": (
        first_item(packed=b"\xff\xff\xff"),
        "cannot be inflated",
    ),
    "extensible data": (setting(zip64=True, extensible=bytes(8)), "zip64 end record is missing"),
    "a length with extensible data": (
        setting(zip64=True, end64={"length": 60}),
        "extensible data sector",
    ),
    "a directory in the extensible data": (directory_in_the_extensible_data, "disagree"),
    # ZipInputStream: it reads local headers, from the first byte on
    "a local header before it": (setting(prefix=EVIL[:EVIL_DIRECTORY]), "a local header outside"),
    "a local header before it, offsets absolute": (
        setting(prefix=EVIL[:EVIL_DIRECTORY], absolute=True),
        "a local header outside",
    ),
    "a local header in a gap": (
        lambda forged: setattr(forged.items[1], "before", EVIL[:EVIL_DIRECTORY]),
        "a local header outside",
    ),
    "a local header before the directory": (
        setting(gap=EVIL[:EVIL_DIRECTORY]),
        "a local header outside",
    ),
    "an entry that is not listed": (unlisted, "a local header outside"),
    "a directory header before it": (
        setting(prefix=EVIL[EVIL_DIRECTORY:-22]),
        "a directory header outside",
    ),
    "a directory header in a gap": (setting(gap=EVIL[EVIL_DIRECTORY:-22]), "directory header"),
    "an end record before it": (setting(prefix=EVIL[-22:]), "an end record outside"),
    "an end record in a gap": (setting(gap=EVIL[-22:]), "an end record outside"),
    "a zip64 end record in a gap": (setting(gap=b"PK\6\6"), "a zip64 end record outside"),
    "a zip64 locator in a gap": (setting(gap=b"PK\6\7"), "a zip64 locator outside"),
    # Go: it prefers a directory at the offset as written, as if nothing stood before
    "a directory at the absolute offset": (directory_at_the_absolute_offset, "in two ways"),
    "a directory at the absolute offset in a body": (
        directory_in_a_body_at_the_absolute_offset,
        "in two ways",
    ),
    # Java's ZipFile
    "a directory within the directory": (hidden_directory, "hidden in its directory"),
    "a directory within the directory, after one byte": (
        partial(hidden_directory, prefix=b"\n"),
        "hidden in its directory",
    ),
    "another end within a body": (another_end_within_a_body, "another end record precedes it"),
    # headers that disagree
    "another local name": (first({"name": b"apq.py"}), "another name in its own header"),
    "another local method": (first({"method": STORED}), "another method"),
    "other local flags": (first({"flags": 0x800}), "other flags"),
    "a descriptor that is not there": (first({"flags": 8}, {"flags": 8}), "data descriptor"),
    "another local CRC-32": (first({"crc": 1}), "another CRC-32 or other sizes"),
    "another local size": (first({"size": 1}), "another CRC-32 or other sizes"),
    "another local compressed size": (first({"compressed": 1}), "another CRC-32 or other sizes"),
    "other local zip64 sizes": (
        first({"extra": zip64_extra(5, 5)}),
        "another CRC-32 or other sizes",
    ),
    "a saturated size without a value": (first({"size": MAX32}, {"size": MAX32}), "zip64 field"),
    "two zip64 fields": (
        first(None, {"size": MAX32, "extra": zip64_extra(180) + zip64_extra(5)}),
        "more than one zip64 field",
    ),
    "two saturated sizes with one value": (
        first(None, {"size": MAX32, "compressed": MAX32, "extra": zip64_extra(180)}),
        "lacks a size or an offset in its zip64 field",
    ),
    "an empty second zip64 field": (
        first(None, {"size": MAX32, "extra": zip64_extra(180) + extra(1, b"")}),
        "more than one zip64 field",
    ),
    "input left over where a slice of it ends": (stream_of_a_slice, "more bytes after"),
    "a wrong descriptor": (first_item(descriptor=b"PK\7\x08" + bytes(12)), "data descriptor"),
    "input after the deflated stream": (
        first_item(tail=deflate(b"print(666)")),
        "more bytes after its compressed data",
    ),
    "a stored body that is longer": (
        first_item(method=STORED, tail=b"print(666)"),
        "does not have the size",
    ),
    "bodies that overlap": (overlapping, "overlaps"),
    "listed twice, once otherwise": (
        lambda forged: forged.items.append(Item(b"x", b"", STORED, central={"offset": 0})),
        "listed twice",
    ),
    "written twice, once otherwise": (
        lambda forged: forged.__dict__.update(
            items=[*forged.items, Item(b"app.py", b"print(666)")],
            listing=[*range(len(forged.items)), 0],
        ),
        "a local header outside",
    ),
    "written more often than listed": (written_thrice, "a local header outside"),
    # names
    "a NUL in a name": (first_item(name=b"app.py\0.txt"), "has a NUL"),
    "another Unicode path": (
        first(None, {"extra": unicode_path(b"evil.py", b"app.py")}),
        "Unicode path field",
    ),
    "an empty Unicode path": (
        first(None, {"extra": unicode_path(b"", b"app.py")}),
        "has another name, b'', in its Unicode path field",
    ),
    "another local Unicode path": (
        first({"extra": unicode_path(b"evil.py", b"app.py")}),
        "Unicode path field",
    ),
    "a directory with a body": (
        first_item(name=b"app.py/"),
        "is a directory and has a body",
    ),
    "another disk": (first(None, {"disk": 1}), "several disks"),
}


@pytest.mark.parametrize(("change", "reason"), FORGERIES.values(), ids=FORGERIES.keys())
def test_it_is_not_verified(change: Change, reason: str) -> None:
    with pytest.raises(IntegrityError) as refusal:
        verify_lambda_zip(forge(change, signed=True), authority().trust_root_pem, at=NOW)

    assert reason in str(refusal.value)


@pytest.mark.parametrize(("change", "reason"), FORGERIES.values(), ids=FORGERIES.keys())
def test_it_is_not_signed(change: Change, reason: str) -> None:
    with pytest.raises(UnsignableObjectError) as refusal:
        sign_zip(forge(change, signed=False), **signing_arguments())

    assert reason in refusal.value.reason


def test_without_a_change_it_is_both() -> None:
    verify_lambda_zip(forge(lambda forged: None, signed=True), authority().trust_root_pem, at=NOW)
    sign_zip(forge(lambda forged: None, signed=False), **signing_arguments())
