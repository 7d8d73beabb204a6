"""Profiles in the states that end their use."""

from __future__ import annotations

from typing import Any


def retire(client: Any, name: str, state: str) -> None:
    """Cancel or revoke a profile: ``state`` is ``Canceled`` or ``Revoked``."""
    if state == "Canceled":
        client.cancel_signing_profile(profileName=name)
    else:
        client.revoke_signing_profile(
            profileName=name,
            profileVersion=client.get_signing_profile(profileName=name)["profileVersion"],
            reason="leaked",
            effectiveTime=0,
        )
