"""Build zip archives field by field: every field can lie, and anything can stand between the parts.

`zipfile` writes only what is right. A `Recipe` starts from right, too, and tests change what they
are about. Layout: prefix, then for each item a gap, local header, body and data descriptor; a gap,
central directory, zip64 records, end record, comment, trailing bytes.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

MAX16 = 0xFFFF
MAX32 = 0xFFFFFFFF
STORED = 0
DEFLATED = 8
LOCATOR = ("locator_disk", "locator", "disks")


def deflate(body: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(body) + deflater.flush()


def extra(kind: int, content: bytes) -> bytes:
    return struct.pack("<2H", kind, len(content)) + content


def zip64_extra(*values: int) -> bytes:
    return extra(1, struct.pack(f"<{len(values)}Q", *values))


def unicode_path(name: bytes, of: bytes, *, version: int = 1, crc: int | None = None) -> bytes:
    """Info-ZIP's field 0x7075: `name` instead of the header's own name `of`."""
    return extra(0x7075, struct.pack("<BI", version, zlib.crc32(of) if crc is None else crc) + name)


@dataclass
class Item:
    """An entry. `local` and `central` replace fields of one header: see `_header` for the names.

    `descriptor` is "32", "64", "bare 32" or "bare 64" (without signature), or the very bytes.
    `packed` is what stands for the body, by default the body itself or its deflated form; `tail`
    follows it and counts as compressed data.
    """

    name: bytes
    body: bytes
    method: int = DEFLATED
    flags: int = 0
    before: bytes = b""
    packed: bytes | None = None
    tail: bytes = b""
    descriptor: str | bytes | None = None
    local: dict[str, Any] = field(default_factory=dict)
    central: dict[str, Any] = field(default_factory=dict)

    def compressed(self) -> bytes:
        packed = self.packed
        if packed is None:
            packed = deflate(self.body) if self.method == DEFLATED else self.body
        return packed + self.tail

    def fields(self) -> dict[str, Any]:
        return {
            "version": 20,
            "flags": self.flags | (0x8 if self.descriptor is not None else 0),
            "method": self.method,
            "crc": zlib.crc32(self.body),
            "compressed": len(self.compressed()),
            "size": len(self.body),
            "name": self.name,
            "extra": b"",
        }

    def descriptor_bytes(self) -> bytes:
        if self.descriptor is None or isinstance(self.descriptor, bytes):
            return self.descriptor or b""
        fields = self.fields()
        width = "Q" if "64" in self.descriptor else "I"
        signature = b"" if "bare" in self.descriptor else b"PK\7\x08"
        return signature + struct.pack(
            f"<I2{width}", fields["crc"], fields["compressed"], fields["size"]
        )


@dataclass
class Recipe:
    """An archive. `end` and `end64` replace fields of the end records: see `_ends`.

    `listing` has the indices of the items that the central directory lists, in its order. With
    `absolute`, offsets count from the first byte, prefix included. `saturated` names fields of the
    end record that refer to the zip64 record.
    """

    items: list[Item]
    prefix: bytes = b""
    absolute: bool = False
    listing: list[int] | None = None
    gap: bytes = b""
    zip64: bool = False
    saturated: tuple[str, ...] = ()
    extensible: bytes = b""
    end: dict[str, int] = field(default_factory=dict)
    end64: dict[str, int] = field(default_factory=dict)
    comment: bytes = b""
    trailing: bytes = b""

    def build(self) -> bytes:
        data, offsets = self._before_the_directory()
        start = len(data)
        listing = range(len(self.items)) if self.listing is None else self.listing
        for index in listing:
            fields = {**self.items[index].fields(), "offset": offsets[index]}
            data += _header(b"PK\1\2", {**fields, **self.items[index].central})
        base = self._base()
        data += self._ends(len(listing), len(data) - start, start - base, len(data) - base)
        return bytes(data) + self.comment + self.trailing

    def directory_offset(self) -> int:
        """The true offset of the central directory, in the archive's own counting."""
        return len(self._before_the_directory()[0]) - self._base()

    def _base(self) -> int:
        return 0 if self.absolute else len(self.prefix)

    def _before_the_directory(self) -> tuple[bytearray, list[int]]:
        """Prefix and local entries; the offset of each entry."""
        data = bytearray(self.prefix)
        offsets = []
        for item in self.items:
            data += item.before
            offsets.append(len(data) - self._base())
            local = item.fields()
            if item.descriptor is not None:
                local.update(crc=0, compressed=0, size=0)
            data += _header(b"PK\3\4", {**local, **item.local})
            data += item.compressed() + item.descriptor_bytes()
        return data + self.gap, offsets

    def _ends(self, count: int, size: int, offset: int, end64: int) -> bytes:
        true = {"disk": 0, "directory_disk": 0, "here": count, "count": count}
        true.update(size=size, offset=offset)
        records = b""
        if self.zip64:
            fields = {"length": 44 + len(self.extensible), **true, "locator": end64, "disks": 1}
            fields["locator_disk"] = 0
            fields.update(self.end64)
            records = struct.pack("<4sQ2H", b"PK\6\6", fields["length"], 45, 45)
            records += struct.pack("<2I4Q", *(fields[name] for name in true)) + self.extensible
            records += struct.pack("<4sIQI", b"PK\6\7", *(fields[name] for name in LOCATOR))
        limits = {"size": MAX32, "offset": MAX32}
        fields = {**true, **{name: limits.get(name, MAX16) for name in self.saturated}}
        fields = {**fields, "comment": len(self.comment), **self.end}
        return records + struct.pack(
            "<4s4H2IH", b"PK\5\6", *(fields[name] for name in (*true, "comment"))
        )


def _header(signature: bytes, fields: dict[str, Any]) -> bytes:
    name: bytes = fields["name"]
    more: bytes = fields["extra"]
    common = struct.pack(
        "<5H3I2H",
        *(fields["version"], fields["flags"], fields["method"], 0x6000, 0x5A21),
        *(fields["crc"], fields["compressed"], fields["size"], len(name), len(more)),
    )
    if signature == b"PK\3\4":
        return signature + common + name + more
    comment = fields.get("comment", b"")
    more_fields = (len(comment), fields.get("disk", 0), 0, fields.get("attributes", 0))
    return b"".join(
        (
            signature,
            struct.pack("<H", 20),
            common,
            struct.pack("<3H2I", *more_fields, fields["offset"]),
            *(name, more, comment),
        )
    )
