"""Identify callers: from a request's access key to an account and a principal."""

from __future__ import annotations

import base64
import binascii
import zlib
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from signer_mock._service.arns import is_account_id, partition_of

if TYPE_CHECKING:
    from collections.abc import Callable

_KEY_ID_LENGTH = 20
# The key ids that AWS issues today encode the account: in base32 after the four-letter prefix, a
# set top bit, then the account id in forty bits.
_TOP_BIT = 1 << 47
_ACCOUNT_SHIFT = 7
_ACCOUNT_MASK = (1 << 40) - 1
_SERIALS = 1 << 32


class Caller(NamedTuple):
    """The principal behind one request.

    Attributes:
        account_id: The principal's account.
        arn: The principal's ARN, as ``requestedBy`` shows it.
        role_arn: The role behind an assumed-role session; permissions name the role.
        access_key: The access key id that signed the request.
        session_token: The session token sent with it.
    """

    account_id: str
    arn: str
    role_arn: str | None = None
    access_key: str = ""
    session_token: str | None = None


class Credentials(NamedTuple):
    """An access key that the mock issued."""

    access_key: str
    secret_key: str
    session_token: str | None = None


class _Principal(NamedTuple):
    account_id: str
    resource: str  # "root", "user/maria", "role/ci"


# All keys that mocks of this process issued. A principal always gets the same key, so this is not
# the state of any one mock. It outlives them all: a request that carries one of these keys must
# never reach AWS, even after its mock has stopped.
_ISSUED: dict[str, _Principal] = {}


@cache
def issue_credentials(account_id: str, resource: str = "root") -> Credentials:
    """Return a principal's access key; the same principal always gets the same key.

    Args:
        account_id: Twelve digits.
        resource: ``root``, ``user/NAME`` or ``role/NAME``.
    """
    is_role = resource.startswith("role/")
    principal = _Principal(account_id, resource)
    serial = zlib.crc32(resource.encode())
    key = encode_access_key(account_id, serial, temporary=is_role)
    while _ISSUED.setdefault(key, principal) != principal:
        # Another principal of the account has the same checksum.
        serial = (serial + 1) % _SERIALS
        key = encode_access_key(account_id, serial, temporary=is_role)
    return Credentials(key, "signer-mock-secret", "signer-mock-session" if is_role else None)


def is_issued_key(access_key: str) -> bool:
    """Tell whether a mock of this process issued an access key id."""
    return access_key in _ISSUED


def identify(
    access_key: str,
    session_token: str | None,
    region: str,
    *,
    default_account: str,
    find_caller: Callable[[str], Caller | None],
) -> Caller:
    """Return the caller behind an access key.

    The first that applies: a key that a mock issued, a key that moto issued, an account id
    used as a key, a key that encodes its account; otherwise the default account's root.

    Args:
        access_key: The access key id.
        session_token: The session token sent with it; kept, not checked.
        region: The region called, which decides the partition of the caller's ARN.
        default_account: The account of keys that do not encode one.
        find_caller: Asked for keys that no mock issued (moto's IAM and STS).
    """
    principal = _ISSUED.get(access_key)
    if principal is None:
        caller = find_caller(access_key)
        if caller is not None:
            return caller._replace(access_key=access_key, session_token=session_token)
        account_id = access_key if is_account_id(access_key) else decode_access_key(access_key)
        principal = _Principal(account_id or default_account, "root")
    return _caller(principal, partition_of(region), access_key, session_token)


@lru_cache(maxsize=256)  # Most calls of a test come from one principal.
def _caller(
    principal: _Principal, partition: str, access_key: str, session_token: str | None
) -> Caller:
    arn, role_arn = _principal_arns(principal, partition)
    return Caller(principal.account_id, arn, role_arn, access_key, session_token)


def _principal_arns(principal: _Principal, partition: str) -> tuple[str, str | None]:
    iam = f"arn:{partition}:iam::{principal.account_id}:{principal.resource}"
    if not principal.resource.startswith("role/"):
        return iam, None
    name = principal.resource.rpartition("/")[2]
    session = f"arn:{partition}:sts::{principal.account_id}:assumed-role/{name}/signer-mock"
    return session, iam


def encode_access_key(account_id: str, serial: int, *, temporary: bool) -> str:
    """Return an access key id that encodes an account id, as AWS's key ids do.

    Args:
        account_id: Twelve digits.
        serial: Distinguishes the keys of one account.
        temporary: Use the prefix of session keys, ``ASIA``, instead of ``AKIA``.
    """
    head = _TOP_BIT | int(account_id) << _ACCOUNT_SHIFT
    raw = head.to_bytes(6, "big") + serial.to_bytes(4, "big")
    return ("ASIA" if temporary else "AKIA") + base64.b32encode(raw).decode("ascii")


def decode_access_key(access_key: str) -> str | None:
    """Return the account id that an access key id encodes, or None.

    Key ids without the top bit are from before AWS encoded accounts; ``AKIAIOSFODNN7EXAMPLE`` of
    AWS's documentation is one.
    """
    if len(access_key) != _KEY_ID_LENGTH or access_key[:4] not in {"AKIA", "ASIA"}:
        return None
    try:
        head = int.from_bytes(base64.b32decode(access_key[4:])[:6], "big")
    except (binascii.Error, ValueError):
        return None
    if not head & _TOP_BIT:
        return None
    account_id = f"{head >> _ACCOUNT_SHIFT & _ACCOUNT_MASK:012d}"
    return account_id if is_account_id(account_id) else None
