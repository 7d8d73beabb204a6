"""The file: an SQLite database that one server holds and saves change by change.

It holds the private keys (a mock's: they are worth nothing elsewhere), so only its owner may read
it. Each row has a checksum. A file that is damaged or foreign is refused, and left as it is.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from signer_mock._server.state import errors
from signer_mock._server.state.changes import Changes, ChangeTracker
from signer_mock._server.state.document import Install, read_document
from signer_mock._server.state.json_form import read_json
from signer_mock._server.state.rows import Row, document_of
from signer_mock._service.ids import IdSource
from signer_mock.objects import MemoryObject

if TYPE_CHECKING:
    from signer_mock._service.world import World

#: The first version was a JSON document.
VERSION = 2
#: In the header of an SQLite file, where programs put their own mark.
APPLICATION_ID = 0x53474D4B
#: How long a save waits for a call that holds the world's lock.
LOCK_SECONDS = 5.0

_MAGIC = b"SQLite format 3\0"
_HEADER = 100
_ROWS = """CREATE TABLE rows (
    kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, sha256 BLOB NOT NULL,
    UNIQUE (kind, name))"""
_OBJECTS = """CREATE TABLE objects (
    bucket TEXT NOT NULL, key TEXT NOT NULL, version TEXT NOT NULL,
    content_type TEXT NOT NULL, data BLOB NOT NULL, sha256 BLOB NOT NULL,
    UNIQUE (bucket, key, version))"""
_SCHEMA = f"""
BEGIN;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {VERSION};
{_ROWS};
{_OBJECTS};
COMMIT;
"""


class StateFile:
    """A state file that this server holds from here to ``close``.

    Args:
        path: The file; a link stays a link. It is made if it is not there.

    Raises:
        StateFileError: It is damaged, foreign or of another version, another server has it, or
            it cannot be read or made. It is left as it is.
    """

    _connection: sqlite3.Connection

    def __init__(self, path: Path) -> None:
        self._path = path
        self._target = path.resolve()
        self._lock = threading.Lock()
        self._tracker = ChangeTracker()
        self._is_json = self._is_unused = False
        head = self._head()
        if head is None:
            self._create(self._target)
            self._is_unused = True
        elif head.startswith(_MAGIC):
            self._check_header(head)
            self._connection = self._connect(self._target)
        else:
            read_json(path, self._target.read_bytes())  # refuses what is none
            self._is_json = True

    def load(self, world: World, seed: int | str | None = None) -> None:
        """Fill a world from the file.

        Args:
            world: A world in which nothing has happened.
            seed: The world's own; ids go on repeatably, without repeating those in the file.

        Raises:
            StateFileError: The file is damaged; it is left as it is, and so is the world.
        """
        if self._is_unused:
            return
        if self._is_json:
            self._convert(world, seed)
        else:
            _fill(world, seed, *self._read())
            with world.lock:
                self._tracker.find(world)
            self._tracker.written()

    def save(self, world: World) -> None:
        """Write what has changed since the last save, all or nothing.

        What moto holds is not saved, nor is the clock: after a load it follows the machine's.

        Raises:
            StateFileError: It cannot be written; the file is as it was.
        """
        with self._lock:
            if not self._target.exists():
                raise errors.not_saved(self._path, "it has been removed")
            if not world.lock.acquire(timeout=LOCK_SECONDS):
                raise errors.not_saved(self._path, "a call that is under way does not end")
            try:
                changes = self._tracker.find(world)
            finally:
                world.lock.release()
            if changes:
                self._write(changes)
                self._is_unused = False
            self._tracker.written()

    def close(self) -> None:
        """Give the file to others; one that was made for nothing is removed."""
        with self._lock:
            if not self._is_json:
                self._connection.close()
            if self._is_unused:
                self._target.unlink(missing_ok=True)

    # Opening

    def _head(self) -> bytes | None:
        try:
            with self._target.open("rb") as file:
                return file.read(_HEADER)
        except FileNotFoundError:
            if not self._target.parent.is_dir():
                raise errors.not_saved(self._path, "there is no such folder") from None
            return None
        except OSError as error:
            raise errors.not_read(self._path, error) from error

    def _check_header(self, head: bytes) -> None:
        if len(head) < _HEADER:
            raise errors.damaged(self._path, "it ends within its header")
        if int.from_bytes(head[68:72], "big") != APPLICATION_ID:
            raise errors.foreign(self._path)
        version = int.from_bytes(head[60:64], "big")
        if version != VERSION:
            raise errors.other_version(self._path, version)

    def _connect(self, target: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(
            target, timeout=0, isolation_level=None, check_same_thread=False
        )
        try:
            # From the first transaction on, nobody else can read or write the file.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            connection.close()
            if "locked" in str(error):
                raise errors.in_use(self._path) from error
            raise errors.not_read(self._path, error) from error  # pragma: no cover - the disk fails
        except sqlite3.DatabaseError as error:
            connection.close()
            raise errors.damaged(self._path, error) from error
        return connection

    def _create(self, target: Path) -> None:
        try:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except OSError as error:  # pragma: no cover - between two looks at the folder
            raise errors.not_saved(self._path, error) from error
        self._connection = self._connect(target)
        self._connection.executescript(_SCHEMA)

    # Reading

    def _read(self) -> tuple[Install, str]:
        """Read all of it, and only then hand out what fills a world with it."""
        checksum = hashlib.sha256()

        def check(found: bytes, expected: bytes) -> None:
            checksum.update(expected)
            if found != expected:
                msg = "a row does not match its checksum"
                raise ValueError(msg)

        rows: list[Row] = []
        execute = self._connection.execute
        try:
            (verdict,) = execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise errors.damaged(self._path, verdict)
            # Others could hold an endless query, or change what is written.
            tables = execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
            if list(tables) != [(_ROWS,), (_OBJECTS,)]:
                raise errors.damaged(self._path, "its tables are not those of signer_mock")
            for *row, digest in execute(
                "SELECT kind, name, value, sha256 FROM rows ORDER BY rowid"
            ):
                check(digest, _digest(row))
                rows.append(Row(*row))
            document, buckets, stored = document_of(rows)
            for *head, data, digest in execute(
                "SELECT bucket, key, version, content_type, data, sha256 FROM objects "
                "ORDER BY rowid"
            ):
                check(digest, _digest(head, data))
                bucket, key, version, content_type = head
                versions = buckets[bucket].objects.setdefault(key, {})
                versions[version] = MemoryObject(data, content_type)
            return read_document(document, buckets, stored), checksum.hexdigest()
        except sqlite3.Error as error:
            raise errors.damaged(self._path, error) from error  # pragma: no cover - checked
        except errors.SENSELESS as error:
            raise errors.damaged(self._path, f"{type(error).__name__}: {error}") from error

    def _convert(self, world: World, seed: int | str | None) -> None:
        """Read a file of the first form, and replace it by one of this form."""
        beside = self._target.with_name(f"{self._target.name}.converting")
        self._create(beside)  # fails while another server converts the file
        try:
            # Another one may have done so just before.
            data = self._target.read_bytes()
            if data.startswith(_MAGIC):
                raise errors.in_use(self._path)
            _fill(world, seed, *read_json(self._path, data))
            with world.lock:
                changes = self._tracker.find(world)
            self._write(changes)
            self._connection.close()
            beside.replace(self._target)
        finally:
            self._connection.close()
            beside.unlink(missing_ok=True)
        self._connection = self._connect(self._target)
        self._tracker.written()
        self._is_json = False

    # Writing

    def _write(self, changes: Changes) -> None:
        run = self._connection
        try:
            run.execute("BEGIN IMMEDIATE")
            if changes.everything:
                run.execute("DELETE FROM rows")
                run.execute("DELETE FROM objects")
            run.executemany("DELETE FROM rows WHERE kind = ? AND name = ?", changes.gone)
            run.executemany(
                "DELETE FROM objects WHERE bucket = ? AND key = ? AND version = ?",
                changes.gone_objects,
            )
            run.executemany(
                "INSERT INTO rows VALUES (?, ?, ?, ?) ON CONFLICT (kind, name) "
                "DO UPDATE SET value = excluded.value, sha256 = excluded.sha256",
                ((*row, _digest(row)) for row in changes.rows),
            )
            for place, held in changes.objects:
                head = (*place, held.content_type)
                # A replaced row goes to the end, where the newest version of a key belongs.
                run.execute(
                    "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?)",
                    (*head, held.data, _digest(head, held.data)),
                )
            run.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            with contextlib.suppress(sqlite3.Error):
                run.execute("ROLLBACK")
            raise errors.not_saved(self._path, error) from error


def _fill(world: World, seed: int | str | None, install: Install, checksum: str) -> None:
    with world.lock:
        install(world)
        if seed is not None:
            world.ids = IdSource(f"{seed}/{checksum}")


def _digest(head: tuple[str, ...] | list[str], data: bytes = b"") -> bytes:
    digest = hashlib.sha256(json.dumps(list(head)).encode())
    digest.update(data)
    return digest.digest()
