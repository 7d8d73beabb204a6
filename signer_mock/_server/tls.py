"""Serve https with a certificate from the mock's own authority."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization

from signer_mock._signing.ca.certificates import private_key_pem

if TYPE_CHECKING:
    from signer_mock._signing.ca.authority import CertificateAuthority

#: Names of this machine; some SDKs put ``data-`` or ``verification.`` before them.
LOCAL_NAMES = (
    "localhost",
    "data-localhost",
    "verification.localhost",
    "verification-localhost",
    "127.0.0.1",
    "::1",
)


def server_context(authority: CertificateAuthority, names: Sequence[str]) -> ssl.SSLContext:
    """Make a TLS context with a new key and a chain to an account's root.

    Args:
        authority: The account's certificate authority.
        names: Host names and addresses in addition to ``LOCAL_NAMES``.
    """
    wanted = list(dict.fromkeys([*LOCAL_NAMES, *names]))
    identity = authority.server_identity(wanted)
    # Clients have the root already.
    chain = identity.certificates[:-1]
    pem = b"".join(c.public_bytes(serialization.Encoding.PEM) for c in chain)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Python's ssl reads keys from files only; this one is deleted before the server listens.
    with tempfile.TemporaryDirectory(prefix="signer-mock-") as folder:
        file = Path(folder, "server.pem")
        file.touch(mode=0o600)
        file.write_bytes(private_key_pem(identity.private_key) + pem)
        context.load_cert_chain(file)
    return context
