"""The `notation` command, installed with a plugin, a trust store and a trust policy."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.interop.go_tools import PLUGIN

SCOPE = "local/app"


@dataclass(frozen=True)
class Notation:
    """The command, installed with a plugin, a trust store and a trust policy."""

    program: Path
    environment: Mapping[str, str]
    home: Path
    image: str
    profile_arn: str

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.program, *arguments],
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def sign(self, *options: str) -> subprocess.CompletedProcess[str]:
        named = ("--plugin", PLUGIN, "--id", self.profile_arn)
        return self("sign", "--oci-layout", *named, *options, self.image)

    def verify(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self("verify", "--oci-layout", "--scope", SCOPE, *options, self.image)

    def trust(self, root_pem: bytes, *identities: str) -> None:
        store = self.home / "truststore" / "x509" / "signingAuthority" / "aws-signer-ts"
        store.mkdir(parents=True, exist_ok=True)
        (store / "root.crt").write_bytes(root_pem)
        policy = {
            "name": "aws-signer-tp",
            "registryScopes": [SCOPE],
            "signatureVerification": {"level": "strict"},
            "trustStores": ["signingAuthority:aws-signer-ts"],
            "trustedIdentities": list(identities),
        }
        document = {"version": "1.0", "trustPolicies": [policy]}
        (self.home / "trustpolicy.json").write_text(json.dumps(document))
        (self.home / "trustpolicy.json").chmod(0o600)  # notation warns of anything laxer


def install(
    program: Path,
    plugin: Path,
    environment: Mapping[str, str],
    home: Path,
    image: str,
    profile_arn: str,
) -> Notation:
    """Installs the plugin into a new home of notation's."""
    installed = home / "libexec" / "plugins" / PLUGIN / f"notation-{PLUGIN}"
    installed.parent.mkdir(parents=True)
    shutil.copy2(plugin, installed)
    settings = {
        **environment,
        "NOTATION_CONFIG": str(home),
        "NOTATION_LIBEXEC": str(home / "libexec"),
        "NOTATION_CACHE": str(home / "cache"),
        "NOTATION_EXPERIMENTAL": "1",  # for --oci-layout
    }
    return Notation(program, settings, home, image, profile_arn)
