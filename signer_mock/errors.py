"""The errors that signer_mock raises for the author of a test.

None of them is one of botocore's types, so no retry hides them.
"""

from __future__ import annotations


class SignerMockError(Exception):
    """Base of everything that signer_mock says to the author of a test."""


class ActivationError(SignerMockError):
    """The mock cannot start, stop or decorate as asked."""


class UnmockedCallError(SignerMockError):
    """A call would have left for real AWS: while a mock was active, or by accident after it."""


class UnsupportedOperationError(SignerMockError):
    """An operation that this version does not answer."""


class MissingExtraError(SignerMockError):
    """An optional package is needed for what was asked."""


class ObjectStoreError(SignerMockError):
    """``mock.objects`` was asked for something that it does not hold, or that makes no sense."""


class StateFileError(SignerMockError):
    """A server's state file cannot be read, or cannot be written."""
