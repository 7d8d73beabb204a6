"""Redact answers before they are shown or recorded: replace what identifies an account."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from signer_mock._parity.guard import Target

_TIMES = {
    *("createdAt", "completedAt", "revokedAt", "signatureExpiresAt"),
    *("revocationEffectiveFrom", "effectiveTime", "signatureTimestamp"),
    *("signatureExpiresBefore", "signatureExpiresAfter"),
}
# Members whose whole value is replaced.
_MEMBERS = {
    "profileVersion": "version",
    "nextToken": "token",
    "clientRequestToken": "token",
    "requestedBy": "principal",
    "revokedBy": "principal",
    "VersionId": "object-version",
    "version": "object-version",
}
_PATTERNS = {
    "key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    # Names of users and roles go with their ARN.
    "principal": re.compile(
        r"arn:[a-z-]+:(?:iam|sts)::[0-9]{12}:(?:user|role|assumed-role|federated-user)/[^\s\",]+"
    ),
    "uuid": re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
    "account": re.compile(r"(?<![0-9a-f])[0-9]{12}(?![0-9a-f])"),
    "time": re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"),
    "region": re.compile(r"\b(?:af|ap|ca|cn|eu|eusc|il|me|mx|sa|us)(?:-[a-z]+)+-[0-9]\b"),
}
# Replaced first, because these contain values that are replaced on their own elsewhere.
_FIRST = ("key", "principal")


class Redactor:
    """Replaces values by placeholders; one value has one placeholder throughout a run.

    Args:
        target: Whose account, region, bucket and prefix are known beforehand.
    """

    def __init__(self, target: Target) -> None:
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._learned: list[str] = []
        self.learn("account", target.account_id)
        self.learn("region", target.region)
        # The longest first: a bucket's name may hold the account.
        self.learn("bucket", target.no_bucket)
        if target.bucket:
            self.learn("bucket", target.bucket)
        self.learn("prefix", target.prefix)

    def learn(self, kind: str, value: str) -> str:
        """Give a value its placeholder; from then on it is replaced inside longer texts too."""
        name = self._name(kind, value)
        if value not in self._learned:
            self._learned.append(value)
            self._learned.sort(key=len, reverse=True)
        return name

    def redact(self, value: Any, member: str = "") -> Any:
        """Replace what identifies, in texts at any depth.

        Args:
            value: Of JSON; bytes are replaced as a whole.
            member: The name of the member that holds it.
        """
        if isinstance(value, Mapping):
            return {
                self._text(str(name)): self.redact(one, str(name)) for name, one in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.redact(one, member) for one in value]
        if isinstance(value, bytes):
            return f"<{len(value)} bytes>"
        if isinstance(value, (int, float)) and not isinstance(value, bool) and member in _TIMES:
            return self._name("time", str(value))
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if not isinstance(value, str):
            # S3's times, as botocore reads them.
            return self._name("time", str(value))
        if member in _MEMBERS and value and not value.startswith("<"):
            return self.learn(_MEMBERS[member], value) if len(value) > 4 else value
        return self._text(value)

    def _text(self, text: str) -> str:
        for kind in _FIRST:
            text = self._replace(kind, text)
        for value in self._learned:
            text = text.replace(value, self._names[value])
        for kind in _PATTERNS.keys() - set(_FIRST):
            text = self._replace(kind, text)
        return text

    def _replace(self, kind: str, text: str) -> str:
        return _PATTERNS[kind].sub(lambda match: self._name(kind, match[0]), text)

    def _name(self, kind: str, value: str) -> str:
        if value not in self._names:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._names[value] = f"<{kind}-{self._counts[kind]}>"
        return self._names[value]
