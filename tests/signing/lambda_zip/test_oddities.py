"""Archives that look odd, and that tools make: signed, and verified, like any other."""

from __future__ import annotations

import stat
from collections.abc import Callable

import pytest

from signer_mock._signing.lambda_zip.sign import sign_zip
from signer_mock.verify import verify_lambda_zip
from tests.helpers.signing import JOB_ARN, NOW, authority, signing_arguments
from tests.helpers.zip_forge import (
    MAX16,
    MAX32,
    STORED,
    Item,
    Recipe,
    extra,
    unicode_path,
    zip64_extra,
)

BODY = b"print(1)\n" * 20
CAFE = "café.txt".encode()


def app(**options: object) -> Item:
    item = Item(b"app.py", BODY)
    item.__dict__.update(options)
    return item


def with_items(*items: Item, **options: object) -> Callable[[], Recipe]:
    def make() -> Recipe:
        recipe = Recipe([*items, Item(b"data.bin", bytes(range(99)), STORED)])
        recipe.__dict__.update(options)
        return recipe

    return make


SIZES = zip64_extra(len(BODY), len(app().compressed()))
WIDE = {"size": MAX32, "compressed": MAX32}
IN_ZIP64 = {**WIDE, "extra": SIZES}
KNOWN = {name: app().fields()[name] for name in ("crc", "compressed", "size")}
SATURATED = ("here", "count", "size", "offset")
LINK = {"attributes": (stat.S_IFLNK | 0o777) << 16}

ODDITIES = {
    **{
        f"a descriptor of {form} bits": with_items(app(descriptor=form))
        for form in ("32", "64", "bare 32", "bare 64")
    },
    "a descriptor beside known sizes": with_items(app(descriptor="32", local=KNOWN)),
    "a descriptor of a stored body": with_items(app(descriptor="32", method=STORED)),
    "a descriptor of a stored archive": with_items(
        Item(b"inner.zip", Recipe([app()]).build(), STORED, descriptor="64")
    ),
    "zip64 ends that are needless and agree": with_items(app(), zip64=True),
    "zip64 ends after a prefix": with_items(app(), zip64=True, prefix=b"#!python\n"),
    "zip64 ends that are referred to": with_items(app(), zip64=True, saturated=SATURATED),
    "zip64 sizes": with_items(
        app(local={**WIDE, "extra": SIZES}, central={**WIDE, "extra": SIZES})
    ),
    "zip64 sizes beside a descriptor": with_items(
        app(descriptor="64", local={**WIDE, "extra": zip64_extra(0, 0)})
    ),
    "everything of zip64 in the directory": with_items(
        app(
            central={
                **WIDE,
                "offset": MAX32,
                "disk": MAX16,
                "extra": extra(1, SIZES[4:] + bytes(8) + bytes(4)),
            }
        )
    ),
    "zeros after it": with_items(app(), trailing=bytes(5000)),
    "a stored archive in it, zeros after it": with_items(
        Item(b"inner.zip", Recipe([app()]).build(), STORED), trailing=bytes(9)
    ),
    "a newline after it": with_items(app(), trailing=b"\n"),
    "zeros after it, zip64": with_items(app(), zip64=True, trailing=bytes(5000)),
    "a prefix": with_items(app(), prefix=b"#!/usr/bin/env python3\n"),
    "a prefix, offsets absolute": with_items(app(), prefix=b"#!python\n", absolute=True),
    "a prefix, offsets absolute, zeros after it": with_items(
        app(), prefix=b"#!python\n", absolute=True, trailing=bytes(9)
    ),
    "a stored archive far before its end, a prefix, offsets absolute, zeros after it": with_items(
        Item(b"inner.zip", Recipe([app()]).build(), STORED),
        Item(b"large.bin", bytes(2 * MAX16), STORED),
        prefix=b"#!python\n",
        absolute=True,
        trailing=bytes(9),
    ),
    "gaps": with_items(app(before=bytes(7)), gap=b"APK Sig Block 42"),
    "a Unicode path that agrees": with_items(
        Item(
            CAFE,
            BODY,
            local={"extra": unicode_path(CAFE, CAFE)},
            central={"extra": unicode_path(CAFE, CAFE)},
        )
    ),
    "a Unicode path for a name of code page 437": with_items(
        Item(b"caf\x82.txt", BODY, central={"extra": unicode_path(CAFE, b"caf\x82.txt")})
    ),
    "a Unicode path of a former name": with_items(
        app(central={"extra": unicode_path(b"old.py", b"old.py")})
    ),
    "a name of code page 437": with_items(Item(b"caf\x82.txt", BODY)),
    "UTF-8 names with and without the flag": with_items(
        Item(CAFE, BODY), Item("naïve".encode(), BODY, flags=0x800)
    ),
    "two entries of one name": with_items(app(), app(body=b"other")),
    "names that lead out": with_items(Item(b"../up.py", BODY), Item(b"/root.py", BODY)),
    "backslashes": with_items(Item(b"lib\\app.py", BODY)),
    "a symbolic link": with_items(Item(b"bootstrap", b"app.py", STORED, central=LINK)),
    "other extra fields in the two headers": with_items(
        app(
            local={"extra": extra(0x5455, bytes(9))},
            central={"extra": extra(0x5455, bytes(5)) + extra(0x7875, bytes(11))},
        )
    ),
    "padding in an extra field": with_items(app(local={"extra": bytes(3)})),
    "other versions in the two headers": with_items(app(local={"version": 10})),
    "listed in another order": with_items(app(), listing=[1, 0]),
    "listed twice": with_items(app(), listing=[0, 1, 0]),
    "written and listed twice, as Ant does": with_items(app(), app(), listing=[0, 0, 2]),
    "written and listed twice, with descriptors": with_items(
        app(descriptor="32"), app(descriptor="32"), listing=[0, 0, 2]
    ),
    "two of long names written and listed twice": with_items(
        *(Item(b"folder/" * 40 + name, BODY) for name in (b"a", b"a", b"b", b"b")),
        listing=[0, 0, 2, 2, 4],
    ),
    "a deflated directory": with_items(Item(b"lib/", b""), app()),
    "a comment of an entry": with_items(app(central={"comment": b"PK is for Phil Katz"})),
    "an empty name": with_items(Item(b"", BODY)),
    "an empty name, listed last": with_items(Item(b"", BODY), listing=[1, 0]),
    "the longest comment": with_items(app(), comment=bytes(MAX16)),
    "the longest comment, and bytes after it": with_items(
        app(), comment=bytes(MAX16 - 1), trailing=b"\n"
    ),
    "zip64 disks that are referred to": with_items(
        app(), zip64=True, saturated=("disk", "directory_disk")
    ),
    "a Unicode path of another version": with_items(
        app(central={"extra": unicode_path(b"evil.py", b"app.py", version=2)})
    ),
    "an extra field that is cut off": with_items(
        app(central={"extra": unicode_path(b"evil.py", b"app.py")[:-1]})
    ),
    "a Unicode path that is cut off": with_items(app(central={"extra": extra(0x7075, bytes(4))})),
}


@pytest.mark.parametrize("make", ODDITIES.values(), ids=ODDITIES.keys())
def test_it_is_signed_and_verified(make: Callable[[], Recipe]) -> None:
    signed = sign_zip(make().build(), **signing_arguments())

    assert verify_lambda_zip(signed, authority().trust_root_pem, at=NOW).job_arn == JOB_ARN
