"""Who calls: from the access key that signed a request to an account and a principal."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from signer_mock._service.arns import partition_of

_ACCOUNT_DIGITS = 12
_KEY_ID_LENGTH = 20
# An access key id holds, in base32 after its four-letter prefix, a set top bit and then the
# account id in forty bits (the layout of the ids that AWS issues today).
_TOP_BIT = 1 << 47
_ACCOUNT_SHIFT = 7
_ACCOUNT_MASK = (1 << 40) - 1
_SERIALS = 1 << 32


@dataclass(frozen=True, slots=True)
class Caller:
    """The principal behind one request.

    Attributes:
        account_id: the account it belongs to.
        arn: as ``requestedBy`` shows it.
        role_arn: the role behind an assumed-role session, which permissions name.
        access_key: the key that signed.
        session_token: the token sent with it.
    """

    account_id: str
    arn: str
    role_arn: str | None = None
    access_key: str = ""
    session_token: str | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key that the mock issued."""

    access_key: str
    secret_key: str
    session_token: str | None = None


@dataclass(frozen=True, slots=True)
class _Principal:
    account_id: str
    resource: str  # "root", "user/maria", "role/ci"


# Every key that any mock of this process has issued, and for whom. A principal always gets the
# same key, so this holds no state of any one mock; and it outlives them all, because a request
# that carries one of these keys must never leave, also when its mock is gone.
_ISSUED: dict[str, _Principal] = {}


def issue_credentials(account_id: str, resource: str = "root") -> Credentials:
    """The key of a principal: always the same one for the same principal.

    Args:
        account_id: twelve digits.
        resource: ``root``, ``user/NAME`` or ``role/NAME``.
    """
    is_role = resource.startswith("role/")
    principal = _Principal(account_id, resource)
    serial = zlib.crc32(resource.encode())
    key = encode_access_key(account_id, serial, temporary=is_role)
    while _ISSUED.setdefault(key, principal) != principal:
        # Another name of the account has the same checksum.
        serial = (serial + 1) % _SERIALS
        key = encode_access_key(account_id, serial, temporary=is_role)
    return Credentials(key, "signer-mock-secret", "signer-mock-session" if is_role else None)


def is_issued_key(access_key: str) -> bool:
    """Whether a mock of this process issued this access key id."""
    return access_key in _ISSUED


#: Finds the caller of a key that a neighbour issued (moto's IAM and STS); None if it did not.
Resolver = Callable[[str], "Caller | None"]


class Callers:
    """Tells whose call it is.

    Args:
        default_account: whose call it is when a key says nothing.
    """

    def __init__(self, default_account: str) -> None:
        self.default_account = default_account
        self.resolvers: list[Resolver] = []

    def identify(self, access_key: str, session_token: str | None, region: str) -> Caller:
        """The caller behind a key.

        In this order: a key that a mock issued, one that a neighbour issued (moto), one of
        twelve digits, one with the account encoded in it, else the default account's root.

        Args:
            access_key: the access key id.
            session_token: sent with it, if one was; kept, not checked.
            region: the region called; it tells the partition of the caller's ARN.
        """
        principal = _ISSUED.get(access_key)
        if principal is None:
            for resolve in self.resolvers:
                caller = resolve(access_key)
                if caller is not None:
                    return replace(caller, access_key=access_key, session_token=session_token)
            principal = _Principal(self._own_account_of(access_key), "root")
        return _caller(principal, partition_of(region), access_key, session_token)

    def account_of(self, access_key: str) -> str:
        """The account of the caller behind a key."""
        return self.identify(access_key, None, "").account_id

    def _own_account_of(self, access_key: str) -> str:
        if len(access_key) == _ACCOUNT_DIGITS and access_key.isascii() and access_key.isdigit():
            return access_key
        return decode_access_key(access_key) or self.default_account


@lru_cache(maxsize=256)  # nearly every call of a test is the same principal's
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


def encode_access_key(account_id: str, serial: int, *, temporary: bool = False) -> str:
    """An access key id in AWS's form that holds an account id.

    Args:
        account_id: twelve digits.
        serial: tells keys of one account apart.
        temporary: ``ASIA`` for a session's key, else ``AKIA``.
    """
    head = _TOP_BIT | int(account_id) << _ACCOUNT_SHIFT
    raw = head.to_bytes(6, "big") + serial.to_bytes(4, "big")
    return ("ASIA" if temporary else "AKIA") + base64.b32encode(raw).decode("ascii")


def decode_access_key(access_key: str) -> str | None:
    """The account id in an access key id of AWS's form, or None.

    Ids without the top bit come from the time before accounts were encoded; the well-known
    ``AKIAIOSFODNN7EXAMPLE`` is one of them.
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
    return account_id if len(account_id) == _ACCOUNT_DIGITS else None
