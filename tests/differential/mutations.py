"""Changes to a right archive, each by a name; a test applies several of them at random.

Some are what tools do, some are noise, and some are ways to hide another program: its bodies
contain EVIL.
"""

from __future__ import annotations

import dataclasses
import random
import struct
import zlib
from collections.abc import Callable

from tests.helpers.zip_forge import (
    DEFLATED,
    MAX16,
    MAX32,
    STORED,
    Item,
    Recipe,
    deflate,
    extra,
    unicode_path,
    zip64_extra,
)

Mutation = Callable[[random.Random, Recipe], None]
MUTATIONS: dict[str, Mutation] = {}
EVIL = b"EVIL"


def mutation(change: Mutation) -> Mutation:
    MUTATIONS[change.__name__.replace("_", " ")] = change
    return change


def evil_items(rng: random.Random, recipe: Recipe) -> list[Item]:
    """The same names with other bodies."""
    return [
        Item(item.name, EVIL + item.body, rng.choice((STORED, DEFLATED))) for item in recipe.items
    ]


def evil_archive(rng: random.Random, recipe: Recipe, shift: int = 0) -> bytes:
    """A whole archive, whose offsets count from `shift` bytes before it."""
    return Recipe(evil_items(rng, recipe), prefix=bytes(shift), absolute=True).build()[shift:]


def parts(data: bytes) -> tuple[bytes, bytes, bytes]:
    """(local entries, central directory, end record) of a plain archive."""
    _, _, _, _, _, size, offset, _ = struct.unpack("<4s4H2IH", data[-22:])
    return data[:offset], data[offset : offset + size], data[-22:]


def snippet(rng: random.Random, recipe: Recipe) -> bytes:
    """Something that may stand where nothing should."""
    archive = evil_archive(rng, recipe)
    local, central, end = parts(archive)
    return rng.choice(
        (
            bytes(rng.randrange(1, 40)),
            b"PK",
            b"PK\7\x08",
            b"#!/usr/bin/env python\n",
            rng.randbytes(rng.randrange(1, 60)),
            local,
            central,
            end,
            end[: rng.randrange(4, 22)],
            archive,
            b"PK\6\6" + bytes(52),
            b"PK\6\7" + bytes(16),
        )
    )


def some(rng: random.Random, recipe: Recipe) -> Item:
    return rng.choice(recipe.items)


# --- what tools do


@mutation
def methods(rng: random.Random, recipe: Recipe) -> None:
    for item in recipe.items:
        item.method = rng.choice((STORED, DEFLATED))


@mutation
def descriptors(rng: random.Random, recipe: Recipe) -> None:
    for item in recipe.items:
        if rng.random() < 0.6:
            item.descriptor = rng.choice(("32", "64", "bare 32", "bare 64"))
            if rng.random() < 0.3:
                fields = item.fields()
                item.local.update({name: fields[name] for name in ("crc", "compressed", "size")})


@mutation
def local_zip64(rng: random.Random, recipe: Recipe) -> None:
    item = some(rng, recipe)
    sizes = (len(item.body), len(item.compressed()))
    item.local["extra"] = zip64_extra(*rng.choice((sizes, sizes, (0, 0), (5, 9), sizes[:1])))
    if rng.random() < 0.7:
        item.local.update(compressed=MAX32, size=MAX32)


@mutation
def central_zip64(rng: random.Random, recipe: Recipe) -> None:
    item = some(rng, recipe)
    sizes = (len(item.body), len(item.compressed()))
    values, fields = rng.choice(
        (
            (sizes, {"size": MAX32, "compressed": MAX32}),
            (sizes[:1], {"size": MAX32}),
            (sizes[1:], {"compressed": MAX32}),
            (sizes, {}),
            ((7, 7), {}),
            ((), {"size": MAX32}),
        )
    )
    item.central.update(fields, extra=zip64_extra(*values))
    if rng.random() < 0.2:
        item.central["extra"] += zip64_extra(1, 2, 3)


@mutation
def zip64_end(rng: random.Random, recipe: Recipe) -> None:
    recipe.zip64 = True
    names = ("here", "count", "size", "offset")
    recipe.saturated = rng.choice(((), names, tuple(rng.sample(names, rng.randrange(1, 4)))))


@mutation
def utf8_flags(rng: random.Random, recipe: Recipe) -> None:
    for item in recipe.items:
        item.flags |= 0x0800


@mutation
def compression_flags(rng: random.Random, recipe: Recipe) -> None:
    some(rng, recipe).flags |= rng.choice((2, 4, 6))


@mutation
def other_extra_fields(rng: random.Random, recipe: Recipe) -> None:
    item = some(rng, recipe)
    item.local["extra"] = item.local.get("extra", b"") + extra(0x5455, bytes(5))
    item.central["extra"] = item.central.get("extra", b"") + extra(0x7875, bytes(11))


@mutation
def versions(rng: random.Random, recipe: Recipe) -> None:
    some(rng, recipe).local["version"] = rng.choice((10, 45, 63))
    some(rng, recipe).central["version"] = rng.choice((10, 45, 63))


@mutation
def another_order(rng: random.Random, recipe: Recipe) -> None:
    recipe.listing = list(range(len(recipe.items)))
    items = list(recipe.items)
    rng.shuffle(items)
    recipe.listing = [items.index(item) for item in recipe.items]
    recipe.items = items


@mutation
def listed_twice(rng: random.Random, recipe: Recipe) -> None:
    recipe.listing = list(range(len(recipe.items)))
    recipe.listing.insert(rng.randrange(len(recipe.items)), rng.randrange(len(recipe.items)))


@mutation
def written_and_listed_twice(rng: random.Random, recipe: Recipe) -> None:
    """As Ant does: the directory lists the first body twice. Now and then the bodies differ."""
    index = rng.randrange(len(recipe.items))
    twin = dataclasses.replace(recipe.items[index])
    if rng.random() < 0.3:
        twin.body = EVIL
    recipe.listing = [*range(len(recipe.items)), index]
    recipe.items.append(twin)


@mutation
def harmless_prefix(rng: random.Random, recipe: Recipe) -> None:
    recipe.prefix = b"#!/usr/bin/env python3\n" * rng.randrange(1, 5)
    recipe.absolute = rng.random() < 0.5


@mutation
def comments(rng: random.Random, recipe: Recipe) -> None:
    recipe.comment = b"a comment"
    some(rng, recipe).central["comment"] = b"of an entry"


@mutation
def trailing_zeros(rng: random.Random, recipe: Recipe) -> None:
    recipe.trailing = bytes(rng.choice((1, 10, 22, 100, 5000)))


# --- anything anywhere


@mutation
def something_before(rng: random.Random, recipe: Recipe) -> None:
    recipe.prefix = snippet(rng, recipe)
    recipe.absolute = rng.random() < 0.5


@mutation
def something_in_a_gap(rng: random.Random, recipe: Recipe) -> None:
    some(rng, recipe).before = snippet(rng, recipe)


@mutation
def something_before_the_directory(rng: random.Random, recipe: Recipe) -> None:
    recipe.gap = snippet(rng, recipe)


@mutation
def something_in_the_comment(rng: random.Random, recipe: Recipe) -> None:
    recipe.comment = snippet(rng, recipe)


@mutation
def something_after_it(rng: random.Random, recipe: Recipe) -> None:
    recipe.trailing += snippet(rng, recipe)


@mutation
def something_in_an_extra_field(rng: random.Random, recipe: Recipe) -> None:
    header = rng.choice((some(rng, recipe).local, some(rng, recipe).central))
    header["extra"] = header.get("extra", b"") + extra(0x6666, snippet(rng, recipe))


@mutation
def something_in_an_entry_comment(rng: random.Random, recipe: Recipe) -> None:
    some(rng, recipe).central["comment"] = snippet(rng, recipe)


@mutation
def something_after_a_deflated_body(rng: random.Random, recipe: Recipe) -> None:
    item = some(rng, recipe)
    item.method = DEFLATED
    item.tail = rng.choice((deflate(EVIL), snippet(rng, recipe), b"\0"))


@mutation
def a_broken_extra_field(rng: random.Random, recipe: Recipe) -> None:
    header = rng.choice((some(rng, recipe).local, some(rng, recipe).central))
    header["extra"] = header.get("extra", b"") + rng.choice((b"\0", b"\1\0\xff\0", bytes(3)))


# --- fields that lie


@mutation
def headers_that_differ(rng: random.Random, recipe: Recipe) -> None:
    item = some(rng, recipe)
    header = rng.choice((item.local, item.central))
    name = rng.choice(("flags", "method", "crc", "compressed", "size", "name"))
    true = item.fields()
    header[name] = rng.choice(
        {
            "flags": (0, 8, 0x800, 0x20, 1, 0x2000),
            "method": (STORED, DEFLATED, 12),
            "crc": (0, zlib.crc32(EVIL + item.body), MAX32),
            "compressed": (0, true["compressed"] + 1, max(0, true["compressed"] - 1), MAX32),
            "size": (0, true["size"] + 1, max(0, true["size"] - 1), MAX32),
            "name": (b"evil.py", item.name + b"\0", item.name[:-1], b"", item.name.upper()),
        }[name]
    )


@mutation
def a_central_field(rng: random.Random, recipe: Recipe) -> None:
    some(rng, recipe).central[rng.choice(("disk", "offset", "attributes"))] = rng.choice(
        (0, 1, 30, MAX16)
    )


@mutation
def fields_of_the_end(rng: random.Random, recipe: Recipe) -> None:
    name = rng.choice(("disk", "directory_disk", "here", "count", "size", "offset", "comment"))
    recipe.end[name] = rng.choice((0, 1, 2, 46, 76, MAX16))


@mutation
def fields_of_the_zip64_end(rng: random.Random, recipe: Recipe) -> None:
    recipe.zip64 = True
    fields = ("disk", "directory_disk", "here", "count", "size", "offset", "length", "locator")
    recipe.end64[rng.choice((*fields, "disks"))] = rng.choice((0, 1, 2, 44, 46, 76, MAX16))


@mutation
def names(rng: random.Random, recipe: Recipe) -> None:
    item = some(rng, recipe)
    item.name = rng.choice(
        (b"a\0b", b"../up", b"back\\slash", b"/root", b"caf\x82", b"d/", "ü☃".encode(), b"C:x")
    )


@mutation
def same_names(rng: random.Random, recipe: Recipe) -> None:
    some(rng, recipe).name = some(rng, recipe).name


@mutation
def a_unicode_path(rng: random.Random, recipe: Recipe) -> None:
    item = some(rng, recipe)
    name = rng.choice((item.name, item.name, b"evil.py", b"", b"\xff", item.name + b"\0x"))
    options = rng.choice(({}, {}, {"version": 2}, {"crc": 5}))
    field = unicode_path(name, item.name, **options)
    for header in rng.choice(
        ((item.local, item.central), (item.local, item.central), (item.local,), (item.central,))
    ):
        header["extra"] = header.get("extra", b"") + field


@mutation
def a_wrong_descriptor(rng: random.Random, recipe: Recipe) -> None:
    item = some(rng, recipe)
    item.descriptor = rng.choice((b"", bytes(12), b"PK\7\x08" + bytes(12), rng.randbytes(16)))


@mutation
def not_listed(rng: random.Random, recipe: Recipe) -> None:
    evil = rng.choice(evil_items(rng, recipe))
    position = rng.randrange(len(recipe.items) + 1)
    listing = list(range(len(recipe.items))) if recipe.listing is None else recipe.listing
    recipe.listing = [index + (index >= position) for index in listing]
    recipe.items.insert(position, evil)


@mutation
def overlapping(rng: random.Random, recipe: Recipe) -> None:
    """A local header within another's extra field or body, listed as an entry of its own."""
    inner = Item(b"evil.py", EVIL * 3, STORED)
    hidden = parts(Recipe([inner]).build())[0]
    outer = some(rng, recipe)
    outer.local["extra"] = extra(0x6666, hidden)
    at = recipe.items.index(outer)
    offset = sum(len(parts(Recipe([one]).build())[0]) for one in recipe.items[:at])
    inner.central["offset"] = offset + 30 + len(outer.name) + 4
    inner.name = outer.name
    recipe.items.append(inner)


# --- ways to hide an archive in another


@mutation
def an_archive_in_the_comment(rng: random.Random, recipe: Recipe) -> None:
    before = len(recipe.build()) - len(recipe.comment) - len(recipe.trailing)
    recipe.comment = evil_archive(rng, recipe, rng.choice((0, before)))


@mutation
def an_archive_appended(rng: random.Random, recipe: Recipe) -> None:
    before = len(recipe.build())
    recipe.trailing += evil_archive(rng, recipe, rng.choice((0, before)))
    if rng.random() < 0.5:
        overrun = struct.pack("<H", rng.choice((1, 100, MAX16)))
        recipe.trailing = recipe.trailing[:-2] + overrun


@mutation
def a_cut_end_record(rng: random.Random, recipe: Recipe) -> None:
    whole = b"PK\5\6" + bytes(16) + b"\1\0"
    recipe.trailing += rng.choice((whole, whole[: rng.randrange(4, 22)]))


@mutation
def a_directory_at_the_absolute_offset(rng: random.Random, recipe: Recipe) -> None:
    """Go reads this one, if it is there."""
    recipe.prefix = b""
    recipe.absolute = False
    offset = recipe.directory_offset()
    evil = [Item(item.name, EVIL, STORED) for item in recipe.items]
    local, central, _ = parts(Recipe(evil).build())
    if len(local) <= offset:
        recipe.prefix = local.ljust(offset, b"\0") + central
        if rng.random() < 0.5:
            recipe.prefix = b"#" + recipe.prefix[1:]


@mutation
def a_longer_body(rng: random.Random, recipe: Recipe) -> None:
    """Room for other things: a whole archive as a stored body."""
    item = some(rng, recipe)
    item.method = STORED
    item.body = evil_archive(rng, recipe)


@mutation
def two_directories(rng: random.Random, recipe: Recipe) -> None:
    """The end record names one, the zip64 record another."""
    local, central, _ = parts(evil_archive(rng, recipe))
    recipe.prefix = local
    recipe.absolute = True
    recipe.gap = central
    recipe.zip64 = True
    start = recipe.directory_offset()
    fields = {"offset": start - len(central), "size": len(central)}
    if rng.random() < 0.5:
        fields["size"] += len(recipe.build()) - 22 - start
    rng.choice((recipe.end, recipe.end64)).update(fields)


@mutation
def a_zip64_record_elsewhere(rng: random.Random, recipe: Recipe) -> None:
    evil = Recipe(evil_items(rng, recipe), zip64=True, saturated=("count", "size", "offset"))
    data = evil.build()
    recipe.prefix = data[:-42]
    recipe.absolute = rng.random() < 0.5
    recipe.zip64 = True
    recipe.saturated = rng.choice(((), ("count", "size", "offset")))
    recipe.end64["locator"] = len(data) - 98


@mutation
def a_directory_in_the_extensible_data(rng: random.Random, recipe: Recipe) -> None:
    local, central, _ = parts(evil_archive(rng, recipe))
    recipe.prefix = local
    recipe.absolute = True
    recipe.zip64 = True
    recipe.extensible = central
    start = len(recipe.build()) - 42 - len(central)
    if rng.random() < 0.5:
        count = len(recipe.items)
        fields = (44, 45, 45, 0, 0, count, count, len(central), start)
        recipe.extensible += struct.pack("<4sQ2H2I4Q", b"PK\6\6", *fields)
    else:
        recipe.end.update(offset=start, size=len(central))


@mutation
def a_directory_within_the_directory(rng: random.Random, recipe: Recipe) -> None:
    """Java looks for it the length of the zip64 records later than others do."""
    evil = Item(recipe.items[0].name, EVIL, STORED)
    local, central, _ = parts(Recipe([evil]).build())
    recipe.items[0].local["extra"] = extra(0x6666, local)
    recipe.zip64 = True
    filler = 76 - 46 - len(recipe.items[0].name) - 4
    if filler < 0:
        return
    central = central[:42] + struct.pack("<I", 30 + len(evil.name) + 4) + central[46:]
    recipe.items[0].central["extra"] = extra(0x6666, bytes(filler) + central)
    if rng.random() < 0.7:
        recipe.prefix = b"prefix"


@mutation
def the_first_entry_not_first(rng: random.Random, recipe: Recipe) -> None:
    """With bytes after the end, Java wants a local header first and else looks for another end."""
    recipe.prefix = b"some prefix"
    recipe.absolute = True
    recipe.trailing += b"\n"
