"""The exceptions of AWS Lambda that code signing raises (botocore's model of Lambda)."""

from __future__ import annotations

from signer_mock._wire.exceptions import ServiceError


class InvalidParameterValueException(ServiceError):
    """400: a parameter cannot be used."""


class ResourceConflictException(ServiceError):
    """409: the resource is in use."""

    status = 409


class _WithCapital(ServiceError):
    message_member = "Message"


class ResourceNotFoundException(_WithCapital):
    """404: there is no such configuration or function."""

    status = 404


class CodeSigningConfigNotFoundException(_WithCapital):
    """404: the configuration that a function names does not exist."""

    status = 404


class InvalidCodeSignatureException(_WithCapital):
    """400: the integrity check failed; it blocks whatever the policy says."""


class CodeVerificationFailedException(_WithCapital):
    """400: expiry, mismatch or revocation, where the policy is to enforce."""
