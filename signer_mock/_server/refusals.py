"""Errors of the server itself, in the form of the service's."""

from __future__ import annotations

import datetime as dt
import uuid

from signer_mock._wire import serialize
from signer_mock._wire.exceptions import ServiceError
from signer_mock._wire.http import HttpResponse
from signer_mock.errors import SignerMockError


class MalformedRequestException(ServiceError):
    """400: not HTTP/1.1, or a target or body that cannot be read."""


class RequestTimeoutException(ServiceError, status=408):
    """408: the request did not arrive in time."""


class MethodNotAllowedException(ServiceError, status=405):
    """405: the path is right, the method is not."""


class RequestEntityTooLargeException(ServiceError, status=413):
    """413: the body is larger than the server takes."""


class HeadersTooLargeException(ServiceError, status=431):
    """431: the request line and headers are larger than the server takes."""


class NotImplementedException(ServiceError, status=501):
    """501: the mock, or its HTTP, cannot do this."""


class HttpVersionNotSupportedException(ServiceError, status=505):
    """505: neither HTTP/1.0 nor HTTP/1.1."""


class InternalFailure(ServiceError, status=500):
    """500: a defect of signer_mock, or of moto."""


def refusal(error: ServiceError) -> HttpResponse:
    """Return an error of the server as AWS Signer would answer it."""
    return serialize.failure(error, str(uuid.uuid4()), dt.datetime.now(dt.timezone.utc))


def unsupported(error: SignerMockError) -> ServiceError:
    """Return a 501 for what the mock says to the author of a test: botocore retries no 501."""
    return NotImplementedException(str(error), type(error).__name__)


def defect(error: Exception) -> ServiceError:
    """Return a 500 for an exception that nothing foresaw."""
    return InternalFailure(f"signer_mock failed: {type(error).__name__}: {error}")
