"""IAM identity policies: what a role or user may do, by its own policies.

Source: AWS IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements reference".
A policy with an unsupported element is refused when it is given, so nothing is ignored silently.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from signer_mock.errors import SignerMockError

Verdict = Literal["allowed", "explicit deny", "implicit deny"]

#: The condition keys that the mock knows, in lower case; ``/`` at the end takes a tag's key.
_KEYS = (
    "signer:profileversion",
    "aws:resourcetag/",
    "aws:requesttag/",
    "aws:tagkeys",
    "aws:requestedregion",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:resourceaccount",
)
_ELEMENTS = {
    "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition",
}  # fmt: skip


def _equals(value: str, wanted: str) -> bool:
    return value == wanted


def _equals_ignoring_case(value: str, wanted: str) -> bool:
    return value.casefold() == wanted.casefold()


def matches(value: str, pattern: str) -> bool:
    """Tell whether a text matches a pattern with ``*`` and ``?``, in time that stays bounded."""
    at = place = start = 0
    star: int | None = None
    while place < len(value):
        if at < len(pattern) and pattern[at] == "*":
            star, start = at, place
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", value[place]):
            at, place = at + 1, place + 1
        elif star is not None:
            start += 1
            at, place = star + 1, start
        else:
            return False
    return all(rest == "*" for rest in pattern[at:])


def _arn_matches(value: str, pattern: str) -> bool:
    parts, wanted = value.split(":", 5), pattern.split(":", 5)
    return len(parts) == len(wanted) == 6 and all(map(matches, parts, wanted))


_Test = Callable[[str, str], bool]

#: An operator's test, and whether it asks for the opposite.
_OPERATORS: Mapping[str, tuple[_Test, bool]] = {
    "StringEquals": (_equals, False),
    "StringNotEquals": (_equals, True),
    "StringEqualsIgnoreCase": (_equals_ignoring_case, False),
    "StringNotEqualsIgnoreCase": (_equals_ignoring_case, True),
    "StringLike": (matches, False),
    "StringNotLike": (matches, True),
    "ArnEquals": (_arn_matches, False),
    "ArnNotEquals": (_arn_matches, True),
    "ArnLike": (_arn_matches, False),
    "ArnNotLike": (_arn_matches, True),
}


class AuthorizationRequest(NamedTuple):
    """A question to a policy.

    Attributes:
        action: E.g. ``signer:SignPayload``.
        resource: Its ARN, or ``*`` for actions on no resource.
        keys: The condition keys of the request, in lower case, with their values.
    """

    action: str
    resource: str
    keys: Mapping[str, Sequence[str]]


class _Condition(NamedTuple):
    operator: str
    key: str
    values: tuple[str, ...]
    quantifier: str | None
    if_exists: bool

    def holds(self, keys: Mapping[str, Sequence[str]]) -> bool:
        found = keys.get(self.key)
        if self.operator == "Null":
            return any((found is None) == (value.lower() == "true") for value in self.values)
        if found is None:
            if self.quantifier is not None:
                return self.quantifier == "ForAllValues"
            return self.if_exists or _OPERATORS[self.operator][1]
        if self.quantifier == "ForAnyValue":
            return any(map(self._takes, found))
        return all(map(self._takes, found))

    def _takes(self, value: str) -> bool:
        test, is_negated = _OPERATORS[self.operator]
        return any(test(value, wanted) for wanted in self.values) != is_negated


class _Statement(NamedTuple):
    is_allow: bool
    actions: tuple[str, ...]
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...]
    not_resources: tuple[str, ...] | None
    conditions: tuple[_Condition, ...]

    def applies(self, request: AuthorizationRequest) -> bool:
        # IAM compares actions without regard to case.
        return (
            _covers(request.action.lower(), self.actions, self.not_actions)
            and _covers(request.resource, self.resources, self.not_resources)
            and all(condition.holds(request.keys) for condition in self.conditions)
        )


def _covers(value: str, patterns: tuple[str, ...], others: tuple[str, ...] | None) -> bool:
    """Tell whether an element of a statement, or its Not form if it has that, names a value."""
    if others is None:
        return any(matches(value, pattern) for pattern in patterns)
    return not any(matches(value, pattern) for pattern in others)


class IdentityPolicies(NamedTuple):
    """All policies of one principal."""

    statements: tuple[_Statement, ...]

    def decide(self, request: AuthorizationRequest) -> Verdict:
        """Return what the policies say: an explicit deny overrides every allow."""
        applying = [one for one in self.statements if one.applies(request)]
        if any(not one.is_allow for one in applying):
            return "explicit deny"
        return "allowed" if applying else "implicit deny"


def read_policies(given: object) -> IdentityPolicies:
    """Read a policy, or a list of them: a dict, or JSON text.

    Raises:
        SignerMockError: It is no valid policy, or has something that the mock does not support;
            the message says what.
    """
    documents = given if isinstance(given, (list, tuple)) else [given]
    return IdentityPolicies(
        tuple(statement for document in documents for statement in _statements(document))
    )


def _statements(given: object) -> Iterable[_Statement]:
    document = _load(given) if isinstance(given, (str, bytes)) else given
    if not isinstance(document, Mapping):
        raise _wrong(f"expected a dict or JSON text, not {type(document).__name__}")
    unknown = set(document) - {"Version", "Id", "Statement"}
    if unknown:
        raise _wrong(
            f"a policy has no element {min(map(str, unknown))!r}, only Version, Id and Statement"
        )
    if document.get("Version", "2012-10-17") not in ("2012-10-17", "2008-10-17"):
        raise _wrong(f"Version {document['Version']!r} is not '2012-10-17'")
    statements = document.get("Statement")
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, (list, tuple)) or not statements:
        raise _wrong("Statement must be a statement, or a list of them")
    return [_statement(one) for one in statements]


def _load(text: str | bytes) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise _wrong("a member is there twice in its JSON")
        return members

    try:
        return json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise _wrong(f"it is not JSON ({error})") from error


def _statement(given: Any) -> _Statement:
    if not isinstance(given, Mapping):
        raise _wrong(f"a statement must be a dict, not {type(given).__name__}")
    unknown = set(given) - _ELEMENTS
    if unknown:
        raise _wrong(
            f"a statement of an identity policy has no {min(map(str, unknown))!r}; it has "
            f"{', '.join(sorted(_ELEMENTS))}"
        )
    if given.get("Effect") not in ("Allow", "Deny"):
        raise _wrong(f"Effect must be 'Allow' or 'Deny', not {given.get('Effect')!r}")
    for one, other in (("Action", "NotAction"), ("Resource", "NotResource")):
        if (one in given) == (other in given):
            raise _wrong(f"a statement must have one of {one} and {other}")
    actions, not_actions = _texts(given, "Action"), _texts(given, "NotAction")
    for action in (*(actions or ()), *(not_actions or ())):
        if action != "*" and action.count(":") != 1:
            raise _wrong(f"{action!r} is no action such as 'signer:SignPayload'")
    not_resources = _texts(given, "NotResource")
    resources = _texts(given, "Resource")
    for resource in (*(resources or ()), *(not_resources or ())):
        if resource != "*" and not resource.startswith("arn:"):
            raise _wrong(f"{resource!r} is no ARN, and not '*'")
    return _Statement(
        given["Effect"] == "Allow",
        tuple(action.lower() for action in actions or ()),
        None if not_actions is None else tuple(action.lower() for action in not_actions),
        tuple(resources or ()),
        None if not_resources is None else tuple(not_resources),
        tuple(_conditions(given.get("Condition", {}))),
    )


def _texts(holder: Mapping[str, Any], name: str) -> list[str] | None:
    if name not in holder:
        return None
    given = holder[name]
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, (list, tuple)) or not texts:
        raise _wrong(f"{name} must be a text, or a list of texts")
    for text in texts:
        if not isinstance(text, str):
            raise _wrong(f"{name} must be a text, or a list of texts")
        if "${" in text:
            raise _wrong(f"policy variables are not supported: {text!r}")
    return list(texts)


def _conditions(given: Any) -> Iterable[_Condition]:
    if not isinstance(given, Mapping):
        raise _wrong("Condition must be a dict")
    for name, tests in given.items():
        quantifier, _, operator = str(name).rpartition(":")
        if_exists = operator.endswith("IfExists")
        operator = operator.removesuffix("IfExists")
        is_null = operator == "Null" and not if_exists and not quantifier
        if quantifier not in ("", "ForAllValues", "ForAnyValue") or (
            operator not in _OPERATORS and not is_null
        ):
            known = ", ".join([*_OPERATORS, "Null"])
            raise _wrong(
                f"the condition operator {name!r} is not supported; supported are {known}, with "
                "ForAllValues:, ForAnyValue: and IfExists"
            )
        if not isinstance(tests, Mapping):
            raise _wrong(f"the condition {name!r} must be a dict from keys to values")
        for key in tests:
            if not _is_known(str(key).lower()):
                raise _wrong(
                    f"the condition key {key!r} is not supported; supported are "
                    "signer:ProfileVersion, aws:ResourceTag/KEY, aws:RequestTag/KEY, aws:TagKeys, "
                    "aws:RequestedRegion, aws:PrincipalAccount, aws:PrincipalArn, "
                    "aws:ResourceAccount"
                )
            values = _texts(tests, key) or []
            # Of a tag's key, IAM compares the case of letters as little as of other keys.
            yield _Condition(
                operator, str(key).lower(), tuple(values), quantifier or None, if_exists
            )


def _is_known(key: str) -> bool:
    return any(
        key.startswith(known) and key != known if known.endswith("/") else key == known
        for known in _KEYS
    )


def _wrong(what: str) -> SignerMockError:
    return SignerMockError(f"This identity policy cannot be used: {what}.")
