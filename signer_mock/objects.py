"""Where signing jobs read and write: the ``ObjectStore`` protocol, and the store in memory."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import NamedTuple, Protocol, runtime_checkable

from signer_mock.errors import ObjectStoreError

__all__ = [
    "BucketInfo",
    "InMemoryObjects",
    "NotAccessibleError",
    "ObjectStore",
    "SourceObject",
    "StorageCaller",
]

#: The version of objects in a bucket whose versioning is off or suspended.
NULL_VERSION = "null"

_CHUNK = 1 << 20


class StorageCaller(NamedTuple):
    """Whose credentials are used to read and write."""

    account_id: str
    access_key: str
    session_token: str | None
    region: str


class NotAccessibleError(Exception):
    """A bucket or object that is missing, or that the caller may not use.

    Args:
        kind: ``bucket`` or ``object``.
        name: Its name or key.
        hint: What may be wrong, for the author of the test: the log and the report of a failed
            test show it. The service's answer does not.
    """

    def __init__(self, kind: str, name: str, hint: str | None = None) -> None:
        super().__init__(f"{kind} {name}")
        self.kind = kind
        self.name = name
        self.hint = hint


class BucketInfo(NamedTuple):
    """What a signing job needs to know of a bucket.

    Attributes:
        versioning: It is, or has been, versioned.
        region: The bucket's region; None fits any region.
    """

    versioning: bool
    region: str | None


class SourceObject(Protocol):
    """One version of an object, not read yet."""

    @property
    def size(self) -> int:
        """Its size in bytes."""

    def read(self) -> bytes:
        """All of it."""

    def chunks(self) -> Iterator[bytes]:
        """All of it, piece by piece."""


@runtime_checkable
class ObjectStore(Protocol):
    """Where objects are: memory, moto's S3, or a store of the test author's own."""

    def bucket(self, name: str, caller: StorageCaller) -> BucketInfo:
        """Look at a bucket.

        Raises:
            NotAccessibleError: It is missing or not the caller's to use.
        """

    def open(self, bucket: str, key: str, version: str, caller: StorageCaller) -> SourceObject:
        """Find one version of an object.

        Raises:
            NotAccessibleError: Bucket, key or version is missing or not the caller's to read.
        """

    def write(
        self, bucket: str, key: str, data: bytes, content_type: str, caller: StorageCaller
    ) -> None:
        """Write an object.

        Raises:
            NotAccessibleError: The bucket is missing or not the caller's to write.
        """


@dataclass(slots=True)
class MemoryObject:
    """One version of an object in memory; a ``SourceObject``."""

    data: bytes
    content_type: str

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return len(self.data)

    def read(self) -> bytes:
        """All of it."""
        return self.data

    def chunks(self) -> Iterator[bytes]:
        """All of it, piece by piece."""
        view = memoryview(self.data)
        for start in range(0, len(view), _CHUNK):
            yield bytes(view[start : start + _CHUNK])


@dataclass(slots=True)
class Bucket:
    """A bucket in memory, with all that is in it."""

    versioning: bool
    region: str | None
    #: key -> version -> object; the newest version comes last.
    objects: dict[str, dict[str, MemoryObject]] = field(default_factory=dict)


def _copies(buckets: Mapping[str, Bucket]) -> dict[str, Bucket]:
    """Copy buckets; the objects in them never change."""
    return {
        name: Bucket(
            bucket.versioning,
            bucket.region,
            {key: dict(versions) for key, versions in bucket.objects.items()},
        )
        for name, bucket in buckets.items()
    }


class InMemoryObjects:
    """``mock.objects``: buckets in memory, for tests that use no S3.

    Version ids are hashes of bucket, key and a count, so that they repeat from run to run.
    """

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}
        self._lock = threading.RLock()
        self._stored = 0

    def create_bucket(
        self, name: str, *, versioning: bool = False, region: str | None = None
    ) -> None:
        """Create a bucket.

        Args:
            name: Its name.
            versioning: AWS Signer signs only from versioned buckets.
            region: The bucket's region; None fits any region.

        Raises:
            ObjectStoreError: There is one of that name, or it cannot be a name.
        """
        _require_name(name, "bucket")
        with self._lock:
            if name in self._buckets:
                msg = f"mock.objects already has a bucket {name!r}; choose another name."
                raise ObjectStoreError(msg)
            self._buckets[name] = Bucket(versioning, region)

    def put(
        self,
        bucket: str,
        key: str,
        data: bytes,
        content_type: str = "application/octet-stream",
    ) -> str:
        """Store an object.

        Returns:
            Its version id; ``"null"`` in a bucket without versioning.

        Raises:
            ObjectStoreError: There is no such bucket, ``key`` is no string, or ``data`` is not
                bytes.
        """
        if not isinstance(data, (bytes, bytearray, memoryview)):
            hint = "; pass text.encode()" if isinstance(data, str) else ""
            if isinstance(data, PathLike):
                hint = "; pass path.read_bytes()"
            elif hasattr(data, "read"):
                hint = "; pass its content, file.read()"
            if isinstance(key, (bytes, bytearray, memoryview)):
                hint = ": in put(bucket, key, data), key and data look swapped"
            msg = f"mock.objects.put takes bytes, not {type(data).__name__}{hint}."
            raise ObjectStoreError(msg)
        _require_name(key, "key")
        with self._lock:
            holder = self._bucket(bucket, key)
            versions = holder.objects.setdefault(key, {})
            self._stored += 1
            version = NULL_VERSION
            if holder.versioning:
                seed = f"{bucket}/{key}/{self._stored}".encode()
                version = hashlib.sha256(seed).hexdigest()[:32]
            versions.pop(version, None)
            versions[version] = MemoryObject(bytes(data), content_type)
            return version

    def get(self, bucket: str, key: str, version_id: str | None = None) -> bytes:
        """Return the bytes of an object.

        Args:
            bucket: The bucket's name.
            key: The object's key.
            version_id: None is the newest version.

        Raises:
            ObjectStoreError: No such bucket, key or version.
        """
        with self._lock:
            versions = self._bucket(bucket, key).objects.get(key, {})
            newest = next(reversed(versions), None) if version_id is None else version_id
            if newest not in versions:
                wanted = key if version_id is None else f"{key} in version {version_id}"
                msg = (
                    f"mock.objects has no object {wanted!r} in bucket {bucket!r}; "
                    f"it holds {self.keys(bucket)}."
                )
                raise ObjectStoreError(msg)
            return versions[newest].data

    def keys(self, bucket: str) -> list[str]:
        """Return the keys in a bucket, sorted."""
        with self._lock:
            return sorted(self._bucket(bucket).objects)

    def __repr__(self) -> str:
        with self._lock:
            buckets = {name: len(one.objects) for name, one in self._buckets.items()}
        shown = ", ".join(f"{name!r}: {count} objects" for name, count in buckets.items())
        return f"<InMemoryObjects {shown}>" if shown else "<InMemoryObjects, no buckets>"

    def clear(self) -> None:
        """Forget all buckets."""
        with self._lock:
            self._buckets.clear()
            self._stored = 0

    def export(self) -> tuple[dict[str, Bucket], int]:
        """Copy all buckets, and how many objects were ever stored, for ``restore``."""
        with self._lock:
            return _copies(self._buckets), self._stored

    def restore(self, buckets: Mapping[str, Bucket], stored: int) -> None:
        """Replace the buckets by what ``export`` returned."""
        with self._lock:
            self._buckets = _copies(buckets)
            self._stored = stored

    def _bucket(self, name: str, key: str | None = None) -> Bucket:
        if name not in self._buckets:
            advice = f"make it with mock.objects.create_bucket({name!r}, versioning=True)."
            if key in self._buckets:
                advice = f"{key!r} is a bucket: the bucket comes first, then the key."
            msg = f"mock.objects has no bucket {name!r}; {advice}"
            raise ObjectStoreError(msg)
        return self._buckets[name]

    # What signing jobs use: the ``ObjectStore`` protocol

    def bucket(self, name: str, caller: StorageCaller) -> BucketInfo:  # noqa: ARG002 - the protocol
        """See ``ObjectStore.bucket``; every caller may use every bucket."""
        holder = self._buckets.get(name)
        if holder is None:
            kind = "bucket"
            hint = (
                f"mock.objects has no bucket {name!r}; it has {sorted(self._buckets)}. Make it "
                f"with mock.objects.create_bucket({name!r}, versioning=True). Buckets that were "
                "made in moto are found with mock_signer(s3='auto') while moto is active."
            )
            raise NotAccessibleError(kind, name, hint)
        return BucketInfo(holder.versioning, holder.region)

    def open(self, bucket: str, key: str, version: str, caller: StorageCaller) -> SourceObject:
        """See ``ObjectStore.open``."""
        self.bucket(bucket, caller)
        versions = self._buckets[bucket].objects.get(key, {})
        found = versions.get(version)
        if found is None:
            kind = "object"
            hint = (
                f"mock.objects has no object {key!r} in version {version!r} in bucket {bucket!r}; "
                f"its versions: {list(versions)}. mock.objects.put returns the version."
            )
            raise NotAccessibleError(kind, key, hint)
        return found

    def write(
        self, bucket: str, key: str, data: bytes, content_type: str, caller: StorageCaller
    ) -> None:
        """See ``ObjectStore.write``."""
        self.bucket(bucket, caller)
        self.put(bucket, key, data, content_type)


def _require_name(name: object, what: str) -> None:
    if not isinstance(name, str) or not name:
        msg = (
            f"mock.objects: a {what}'s name is a string that is not empty, not {name!r:.80} "
            f"({type(name).__name__})."
        )
        raise ObjectStoreError(msg)
