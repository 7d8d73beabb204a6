"""Write an account's trust root where ``notation`` and ``openssl`` look for it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from signer_mock._service.platforms import NOTATION
from signer_mock.errors import InvalidArgumentError, SignerMockError

if TYPE_CHECKING:
    from signer_mock._service.world import World


def write_trust_store(
    world: World,
    account_id: str,
    path: str | os.PathLike[str],
    trusted_identities: Iterable[str] | None,
) -> Path:
    """Do what ``Account.write_trust_store`` documents."""
    identities = _identities(world, account_id, trusted_identities)
    folder = Path(path)
    name = f"signer-mock-{account_id}"
    store = folder / "truststore" / "x509" / "signingAuthority" / name
    policy = {
        "version": "1.0",
        "trustPolicies": [
            {
                "name": name,
                "registryScopes": ["*"],
                "signatureVerification": {"level": "strict"},
                "trustStores": [f"signingAuthority:{name}"],
                "trustedIdentities": identities,
            }
        ],
    }
    root = world.account(account_id).authority.trust_root_pem
    try:
        store.mkdir(parents=True, exist_ok=True)
        (store / "root.crt").write_bytes(root)
        (folder / "root.pem").write_bytes(root)
        file = folder / "trustpolicy.json"
        file.write_text(json.dumps(policy, indent=2) + "\n")
        file.chmod(0o600)  # notation warns of anything laxer
    except OSError as error:
        msg = f"write_trust_store() cannot write to {folder}: {error}. Pass a folder."
        raise SignerMockError(msg) from error
    return folder


def _identities(world: World, account_id: str, given: Iterable[str] | None) -> list[str]:
    if given is not None:
        identities = [] if isinstance(given, (str, bytes)) else list(given)
        if not identities or not all(isinstance(arn, str) for arn in identities):
            msg = (
                "trusted_identities must be a list of ARNs of signing profiles or of their "
                f"versions, not {given!r:.80}."
            )
            raise InvalidArgumentError(msg)
        return identities
    with world.lock:
        found = {
            profile.arn
            for (owner, _), store in world.stores().items()
            for profile in store.profiles.values()
            if owner == account_id and profile.platform.platform_id == NOTATION
        }
    if not found:
        msg = (
            f"Account {account_id} has no signing profile for {NOTATION}, and notation wants to "
            "know whom to trust. Put a profile first, or pass trusted_identities=[arn]."
        )
        raise SignerMockError(msg)
    return sorted(found)
