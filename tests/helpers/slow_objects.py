"""An object store whose reads wait for the test."""

from __future__ import annotations

import threading

from signer_mock.objects import InMemoryObjects


class SlowObjects(InMemoryObjects):
    """Objects in memory; a read waits until the test lets it go on."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.reading = threading.Event()
        self.go_on = threading.Event()

    def open(self, bucket, key, version, caller):
        found = super().open(bucket, key, version, caller)
        return SlowObject(self, found)


class SlowObject:
    def __init__(self, store, found):
        self._store, self._found = store, found
        self.size = found.size

    def read(self):
        self._store.reads += 1
        self._store.reading.set()
        assert self._store.go_on.wait(20)
        return self._found.read()

    def chunks(self):
        yield self.read()
