"""AWS Signer's error responses, which botocore raises as ``ClientError``."""

from __future__ import annotations

from collections.abc import Mapping


class ServiceError(Exception):
    """An error response of the service.

    Args:
        message: The service's message, word for word where the live wording is known.
        code: The finer reason in the body's ``code`` (boto3 shows it as ``e.response["code"]``);
            by default the exception's own name.
    """

    status = 400
    #: IAM's errors have ``Message`` in the body; the service's own have ``message``.
    message_member = "message"
    #: Sent besides the usual ones.
    headers: Mapping[str, str] = {}

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.type_name

    @property
    def type_name(self) -> str:
        """The error's name on the wire, e.g. ``ValidationException``."""
        return type(self).__name__


class ValidationException(ServiceError):
    """400: the request breaks a rule of the service."""


class BadRequestException(ServiceError):
    """400: the tag operations' name for an invalid request."""


class ServiceLimitExceededException(ServiceError):
    """402: a quota is exceeded."""

    status = 402


class AccessDeniedException(ServiceError):
    """403: the caller is not allowed to do this."""

    status = 403


class NotAuthorizedByPolicy(AccessDeniedException):
    """403 in IAM's form: no statement allows the call."""

    message_member = "Message"

    @property
    def type_name(self) -> str:
        """``AccessDeniedException``, as IAM's errors are named on the wire."""
        return "AccessDeniedException"


class ResourceNotFoundException(ServiceError):
    """404: no such profile, job, platform, policy or statement."""

    status = 404


class NotFoundException(ServiceError):
    """404: the tag operations' name for an unknown resource."""

    status = 404


class ConflictException(ServiceError):
    """409: the revision id is not the current one."""

    status = 409


class ThrottlingException(ServiceError):
    """429: too many requests; the older of the service's two names."""

    status = 429


class TooManyRequestsException(ServiceError):
    """429: too many requests."""

    status = 429


class InternalServiceErrorException(ServiceError):
    """500: the service failed."""

    status = 500


class SerializationException(ServiceError):
    """400: the request cannot be parsed (not JSON, a member of the wrong type)."""


class UnsupportedMediaTypeException(ServiceError):
    """415: the body is not declared to be JSON."""

    status = 415


class MissingAuthenticationTokenException(ServiceError):
    """403: the request is not signed."""

    status = 403


class UnknownOperationException(ServiceError):
    """404: no operation has this method and path."""

    status = 404
