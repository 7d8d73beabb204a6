"""The errors that signer_mock raises for the author of a test.

None of them is one of botocore's types, so no retry hides them.
"""

from __future__ import annotations

__all__ = [
    "ActivationError",
    "InvalidArgumentError",
    "MissingExtraError",
    "ObjectStoreError",
    "SignerMockError",
    "StateFileError",
    "StrictError",
    "UnmockedCallError",
    "UnsupportedOperationError",
]


class SignerMockError(Exception):
    """The base of all errors that signer_mock raises for the author of a test."""


class ActivationError(SignerMockError):
    """A mock cannot be started, stopped or used as a decorator in this way."""


class UnmockedCallError(SignerMockError):
    """A call would have reached real AWS, while a mock was active or by accident after it."""


class StrictError(SignerMockError):
    """A strict mock met a call that was not expected, or a fault or call was still to come."""


class UnsupportedOperationError(SignerMockError):
    """This version does not answer the operation."""


class InvalidArgumentError(SignerMockError, TypeError, ValueError):
    """An argument is of a wrong type, or makes no sense.

    It is a ``TypeError`` and a ``ValueError`` too, which is what Python's own functions raise.
    """


class MissingExtraError(SignerMockError):
    """An optional package is missing; the message says which extra installs it."""


class ObjectStoreError(SignerMockError):
    """``mock.objects`` does not hold what was asked for, or an argument is not valid."""


class StateFileError(SignerMockError):
    """A server's state file cannot be read or written."""
