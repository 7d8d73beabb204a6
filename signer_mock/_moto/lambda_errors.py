"""The exceptions of AWS Lambda that code signing raises (botocore's model of Lambda)."""

from __future__ import annotations

from signer_mock._wire.exceptions import ServiceError


class InvalidParameterValueException(ServiceError):
    """400: a parameter cannot be used."""


class ResourceConflictException(ServiceError, status=409):
    """409: the resource is in use."""


class _WithCapital(ServiceError):
    message_member = "Message"


class ResourceNotFoundException(_WithCapital, status=404):
    """404: there is no such configuration or function."""


class CodeSigningConfigNotFoundException(_WithCapital, status=404):
    """404: the configuration that a function names does not exist."""


class InvalidCodeSignatureException(_WithCapital):
    """400: the integrity check failed; it blocks whatever the policy says."""


class CodeVerificationFailedException(_WithCapital):
    """400: expiry, mismatch or revocation, where the policy is to enforce."""
