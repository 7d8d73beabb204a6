"""Tell whether moto is active, without importing it."""

from __future__ import annotations

import sys

MODELS = "moto.core.models"


def moto_is_active() -> bool:
    """Tell whether a moto mock is active in this process."""
    stubber = getattr(sys.modules.get(MODELS), "botocore_stubber", None)
    return bool(getattr(stubber, "enabled", False))
