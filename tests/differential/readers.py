"""Other people's readers of zip archives: zipfile, unzip, Go's archive/zip, and Java's two."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from signer_mock._signing.lambda_zip.archive.body import read_body
from signer_mock._signing.lambda_zip.archive.read import read_archive

HERE = Path(__file__).parent
_UTF8_FLAG = 0x0800
_UNREADABLE = "!"


@dataclass(frozen=True)
class Expected:
    """An entry as it is signed. `names` are the ways to decode the stored name."""

    names: frozenset[bytes]
    body: bytes
    digest: str
    offset: int

    @property
    def is_directory(self) -> bool:
        return any(name.endswith(b"/") for name in self.names)


def expected_of(data: bytes) -> list[Expected]:
    """What the code under test reads. Raises ZipFormatError."""
    archive = read_archive(data)
    found = []
    for entry in archive.entries:
        body = b"".join(read_body(archive, entry))
        names = {entry.name, entry.raw_name}
        if not entry.flags & _UTF8_FLAG:
            # readers differ in what they take for the encoding where no flag tells
            names.add(entry.raw_name.decode("cp437").encode())
        digest = hashlib.sha256(body).hexdigest()
        found.append(Expected(frozenset(names), body, digest, entry.local_offset))
    return found


@dataclass(frozen=True)
class Reading:
    """What a reader made of an archive: name and body of each entry, None for an unread body."""

    entries: tuple[tuple[bytes, str | None], ...]
    error: str | None

    @property
    def is_clean(self) -> bool:
        return self.error is None and all(body is not None for _, body in self.entries)


def parse_line(line: str) -> Reading:
    line, _, error = line.partition("ERROR ")
    pairs = (pair.split(":") for pair in line.split())
    return Reading(
        tuple((bytes.fromhex(name), None if body == _UNREADABLE else body) for name, body in pairs),
        error or None,
    )


# --- comparing: each function returns what is wrong, or None


def differs_in_directory(expected: Sequence[Expected], reading: Reading) -> str | None:
    """For readers of the central directory that show each entry: all alike, in order."""
    return _differs(expected, reading, [{one.digest} for one in expected])


def differs_in_file(expected: Sequence[Expected], reading: Reading) -> str | None:
    """For Java's ZipFile, which gives the body of one of several entries of the same name."""
    return _differs(
        expected,
        reading,
        [{other.digest for other in expected if other.names & one.names} for one in expected],
    )


def _differs(
    expected: Sequence[Expected], reading: Reading, bodies: Sequence[set[str]]
) -> str | None:
    # An error may come after some entries have been read.
    if len(reading.entries) != len(expected) and (
        reading.error is None or len(reading.entries) > len(expected)
    ):
        return f"{len(reading.entries)} entries, not {len(expected)}"
    for one, right, (name, body) in zip(expected, bodies, reading.entries, strict=False):
        if name not in one.names:
            return f"the name {name!r} in place of {one.names}"
        if body is not None and body not in right:
            return f"another body of {name!r}"
    return None


def differs_in_stream(expected: Sequence[Expected], reading: Reading) -> str | None:
    """For streaming readers: each local entry once, by offset, up to the first other byte.

    An entry that is listed twice may also stand there twice.
    """
    by_offset = {one.offset: one for one in expected}
    in_order = [by_offset[offset] for offset in sorted(by_offset)]
    again = [
        by_offset[at] for at, times in Counter(e.offset for e in expected).items() if times > 1
    ]
    for name, body in reading.entries:
        if in_order and name in in_order[0].names and body in {None, in_order[0].digest}:
            del in_order[0]
        elif not any(name in one.names and body == one.digest for one in again):
            return f"{name!r} with another body, or at another place"
    return None


Difference = Callable[[Sequence[Expected], Reading], "str | None"]


@dataclass(frozen=True)
class Reader:
    """A program that reads paths and prints lines, one for each of its `differences`."""

    command: tuple[str, ...]
    names: tuple[str, ...]
    differences: tuple[Difference, ...]

    def read(self, paths: Sequence[Path]) -> list[tuple[Reading, ...]]:
        done = subprocess.run(
            self.command,
            input="".join(f"{path}\n" for path in paths),
            capture_output=True,
            text=True,
            check=True,
            timeout=600,
        )
        lines = done.stdout.split("\n")[:-1]
        width = len(self.names)
        assert len(lines) == width * len(paths), done.stderr
        return [
            tuple(map(parse_line, lines[start : start + width]))
            for start in range(0, len(lines), width)
        ]


def pythons() -> list[Reader]:
    """This interpreter's zipfile, and those of the others that pyenv has, old and new."""
    script = str(HERE / "python" / "read_zips.py")
    others = sorted(Path.home().glob(".pyenv/versions/3.*/bin/python"))
    here = f"{sys.version_info.major}.{sys.version_info.minor}."
    commands = [sys.executable] + [str(one) for one in others if here not in str(one)]
    return [
        Reader(
            (command, script),
            ("zipfile " + (re.findall(r"/(3\.\d+)", command) or ["here"])[0],),
            (differs_in_directory,),
        )
        for command in commands
    ]


def go(folder: Path) -> list[Reader]:
    """Go's archive/zip, built into `folder`; nothing where Go is missing."""
    if shutil.which("go") is None:
        return []
    program = folder / ("readzips.exe" if os.name == "nt" else "readzips")
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}
    subprocess.run(
        ["go", "build", "-buildvcs=false", "-o", str(program), "."],
        cwd=HERE / "go",
        env=environment,
        check=True,
        timeout=300,
    )
    return [Reader((str(program),), ("Go",), (differs_in_directory,))]


def javas(folder: Path) -> list[Reader]:
    """Java's ZipFile and ZipInputStream, of each JDK that is installed, compiled into `folder`."""
    if shutil.which("javac") is None:
        return []
    source = str(HERE / "java" / "ReadZips.java")
    subprocess.run(["javac", "--release", "11", "-d", str(folder), source], check=True, timeout=300)
    found = {Path(path).resolve() for path in Path("/usr/lib/jvm").glob("*/bin/java")}
    found |= {Path(path).resolve() for path in [shutil.which("java")] if path}
    readers = []
    for java in sorted(found):
        label = java.parent.parent.name
        command = (str(java), "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", str(folder))
        names = (f"ZipFile of {label}", f"ZipInputStream of {label}")
        readers.append(Reader((*command, "ReadZips"), names, (differs_in_file, differs_in_stream)))
    return readers


# --- unzip has no interface but its output

_UNZIP_HEAD = rb"  ?(?:extracting|inflating): "


def differs_in_unzip(path: Path, expected: Sequence[Expected]) -> tuple[str | None, bool]:
    """What is wrong with `unzip -c`, if anything, and whether it read all without an error."""
    done = subprocess.run(
        ["unzip", "-c", str(path)],
        capture_output=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C.UTF-8", "UNZIP": ""},
    )
    clean = done.returncode in {0, 1}  # 1 is a warning
    rest = done.stdout
    start = re.search(_UNZIP_HEAD, rest)
    rest = rest[start.start() :] if start else b""
    for one in expected:
        head = re.match(_UNZIP_HEAD + rb"(.*?) *\n", rest)
        if head is None:
            break
        shown = {_as_unzip_shows(name) for name in one.names}
        if head[1] not in shown and all(name.isascii() for name in shown):
            if not clean:
                continue  # skipped, for a reason that is not shown on standard output
            return f"the name {head[1]!r} in place of {one.names}", clean
        rest = rest[head.end() :]
        if not rest.startswith(one.body):
            return (f"another body of {head[1]!r}" if clean else None), clean
        rest = rest[len(one.body) :].removeprefix(b"\n")
    else:
        if re.match(_UNZIP_HEAD, rest):
            return f"more than is signed: {rest[:80]!r}", clean
        return None, clean
    return ("less than is signed" if clean else None), clean


def _as_unzip_shows(name: bytes) -> bytes:
    name = re.sub(rb"[\x00-\x1f]", lambda found: b"^" + bytes([found[0][0] + 64]), name)
    return name.rstrip(b" ")
