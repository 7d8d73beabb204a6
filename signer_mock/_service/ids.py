"""Make ids in the forms that AWS uses."""

from __future__ import annotations

import os
import random
import string

_ALPHANUMERIC = string.ascii_letters + string.digits


# Shared, because seeding one takes as long as the rest of a mock's start.
_by_chance = random.Random()  # noqa: S311 - ids, not secrets
if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    os.register_at_fork(after_in_child=_by_chance.seed)


class IdSource:
    """Makes the ids that AWS would make.

    Args:
        seed: The same seed gives the same ids in the same order; None gives fresh ones.
    """

    def __init__(self, seed: int | str | None = None) -> None:
        self._random = _by_chance if seed is None else random.Random(seed)  # noqa: S311 - ids

    def uuid(self) -> str:
        """Return a UUID4 in lower case: job ids, revision ids, request ids, event ids."""
        digits = f"{self._random.getrandbits(128):032x}"
        variant = "89ab"[int(digits[16], 16) & 3]
        # Each response has one, and uuid.UUID takes four times as long.
        return (
            f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
        )

    def hexadecimal(self, length: int) -> str:
        """Return lower-case hexadecimal digits: the ids of Lambda's configurations."""
        return f"{self._random.getrandbits(4 * length):0{length}x}"

    def profile_version(self) -> str:
        """Return ten mixed-case alphanumerics, e.g. ``IrwHQeF7XW`` (seen on the live service)."""
        return "".join(self._random.choices(_ALPHANUMERIC, k=10))
