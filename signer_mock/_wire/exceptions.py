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

    def __init_subclass__(cls, status: int | None = None) -> None:
        """Take the HTTP status as an argument of the class statement; by default a base's."""
        if status is not None:
            cls.status = status

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


class ServiceLimitExceededException(ServiceError, status=402):
    """402: a quota is exceeded."""


class AccessDeniedException(ServiceError, status=403):
    """403: the caller is not allowed to do this."""


class NotAuthorizedByPolicy(AccessDeniedException):
    """403 in IAM's form: no statement allows the call."""

    message_member = "Message"

    @property
    def type_name(self) -> str:
        """``AccessDeniedException``, as IAM's errors are named on the wire."""
        return "AccessDeniedException"


class ResourceNotFoundException(ServiceError, status=404):
    """404: no such profile, job, platform, policy or statement."""


class NotFoundException(ServiceError, status=404):
    """404: the tag operations' name for an unknown resource."""


class ConflictException(ServiceError, status=409):
    """409: the revision id is not the current one."""


class ThrottlingException(ServiceError, status=429):
    """429: too many requests; the older of the service's two names."""


class TooManyRequestsException(ServiceError, status=429):
    """429: too many requests."""


class InternalServiceErrorException(ServiceError, status=500):
    """500: the service failed."""


class SerializationException(ServiceError):
    """400: the request cannot be parsed (not JSON, a member of the wrong type)."""


class UnsupportedMediaTypeException(ServiceError, status=415):
    """415: the body is not declared to be JSON."""


class MissingAuthenticationTokenException(ServiceError, status=403):
    """403: the request is not signed."""


class UnknownOperationException(ServiceError, status=404):
    """404: no operation has this method and path."""
