"""Read who signed a request, for which service and region: the SigV4 credential scope.

Signatures are not checked, because the mock does not know the secret keys, and neither are
dates, because tests freeze the clock.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qs

from signer_mock._wire.http import HttpRequest

# Credential=KEY/20260101/us-east-1/signer/aws4_request; SigV4a has no region.
_CREDENTIAL = re.compile(
    r"Credential=([^/,\s]+)/\d{8}/(?:([^/,\s]+)/)?([^/,\s]+)/aws4_request", re.IGNORECASE
)


class Scope(NamedTuple):
    """The credential scope of a signed request."""

    access_key: str
    region: str | None
    service: str


def scope_of(authorization: str | None, query: str) -> Scope | None:
    """Return the scope in an ``Authorization`` header or, for a presigned URL, in the query.

    Args:
        authorization: The header's value, or None.
        query: The raw query string.

    Returns:
        The scope, or None if the request is not signed with SigV4.
    """
    if authorization:
        match = _CREDENTIAL.search(authorization)
    elif "X-Amz-Credential=" in query:
        credential = parse_qs(query).get("X-Amz-Credential", [""])[0]
        match = _CREDENTIAL.search(f"Credential={credential}")
    else:
        return None
    return Scope(match[1], match[2], match[3]) if match else None


def request_scope(request: HttpRequest) -> Scope | None:
    """Return the scope of a request, or None if it is not signed with SigV4."""
    return scope_of(request.headers.get("authorization"), request.query)
