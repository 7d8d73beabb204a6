"""The only code that patches: HTTP sessions, signers, the resolver, moto, the environment."""

from __future__ import annotations

from signer_mock._intercept import (
    aiobotocore_session,
    botocore_session,
    botocore_signer,
    connection_faults,
    crt_client,
    moto_stubber,
    requests_session,
    resolver,
)
from signer_mock._intercept.when_loaded import watch


def install() -> None:
    """Patch what calls go through, once a process; without an active mock, the patches are inert.

    Raises:
        ActivationError: This botocore cannot be patched.
    """
    for adapter in (
        botocore_session,
        botocore_signer,
        connection_faults,
        aiobotocore_session,
        requests_session,
        moto_stubber,
        crt_client,
        resolver,
    ):
        adapter.install()
    watch()
