"""Who signed a request, for which service and region: the SigV4 credential scope.

Signatures themselves are not checked: a mock that asked for the secret would only get in the
way, and no request is refused for its date (tests freeze clocks).
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
    """The scope in an ``Authorization`` header or, for a presigned URL, in the query.

    Args:
        authorization: the header's value, if there is one.
        query: the raw query string.

    Returns:
        The scope, or None for a request that is not signed with SigV4.
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
    """The scope of a whole request."""
    return scope_of(request.headers.get("authorization"), request.query)
