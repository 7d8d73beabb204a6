"""Save a world on a timer, and at each change if that is asked for."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from signer_mock._server.state.file import StateFile
from signer_mock.errors import StateFileError

if TYPE_CHECKING:
    from signer_mock._service.world import World

#: How much of its last changes a server loses that is killed.
SAVE_SECONDS = 2.0


class Saver:
    """Saves a world to its file while a server runs, and once more at the end.

    Args:
        world: What is saved.
        file: Where.
        autosave: Save each change before its request is answered.
    """

    def __init__(self, world: World, file: StateFile, *, autosave: bool) -> None:
        self._world = world
        self._file = file
        self._autosave = autosave
        self._has_changed = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="signer-mock-state", daemon=True)

    def start(self) -> None:
        """Save for the first time, then on the timer.

        Raises:
            StateFileError: The file cannot be written.
        """
        self._file.save(self._world)
        self._thread.start()

    def changed(self, *, by_reading: bool = False) -> None:
        """Tell that something may have changed: save it now with ``autosave``, else soon.

        Args:
            by_reading: A request only read. That changes next to nothing (a key is made when it
                is first needed, a held job may end), which waits for the timer.

        Raises:
            StateFileError: The change cannot be saved at once.
        """
        if self._autosave and not by_reading:
            self._file.save(self._world)
        else:
            self._has_changed = True

    def stop(self) -> None:
        """Save for the last time, if ``start`` did for the first, and close the file.

        Raises:
            StateFileError: The file cannot be written.
        """
        try:
            if self._thread.ident is not None:
                self._stopping.set()
                self._thread.join()
                self._file.save(self._world)
        finally:
            self.close()

    def close(self) -> None:
        """Close the file; nothing more is saved."""
        self._stopping.set()
        self._file.close()

    def _run(self) -> None:
        said = ""
        while not self._stopping.wait(SAVE_SECONDS):
            if not self._has_changed:
                continue
            self._has_changed = False
            try:
                self._file.save(self._world)
            except StateFileError as error:
                self._has_changed = True
                if said != str(error):
                    said = str(error)
                    print(f"signer-mock: {said}", file=sys.stderr, flush=True)  # noqa: T201 - nobody to raise to
