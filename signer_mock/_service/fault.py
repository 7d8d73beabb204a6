"""What a fault is, and which errors a fault can answer with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, NamedTuple

from signer_mock._service.callers import Caller
from signer_mock._wire.exceptions import (
    AccessDeniedException,
    BadRequestException,
    ConflictException,
    InternalServiceErrorException,
    NotFoundException,
    ResourceNotFoundException,
    ServiceError,
    ServiceLimitExceededException,
    ThrottlingException,
    TooManyRequestsException,
    ValidationException,
)

Kind = Literal["error", "delay", "read timeout", "connect timeout", "disconnect", "drop response"]

EVERY_OPERATION = "*"

# Source: AWS Signer API Reference, "Common Errors", and botocore's lists of errors that it retries.
# With each, the HTTP status and a message for faults that give none.
COMMON_ERRORS: Mapping[str, tuple[int, str]] = {
    "ExpiredTokenException": (403, "The security token included in the request is expired"),
    "IncompleteSignature": (403, "The request signature does not conform to AWS standards."),
    "IncompleteSignatureException": (403, "Authorization header requires 'Credential' parameter."),
    "InternalFailure": (500, "The request processing has failed because of an unknown error."),
    "InvalidClientTokenId": (403, "The security token included in the request is invalid."),
    "InvalidSignatureException": (
        403,
        "The request signature we calculated does not match the signature you provided.",
    ),
    "MalformedHttpRequestException": (400, "The request is malformed at the HTTP level."),
    "MissingAuthenticationTokenException": (403, "Missing Authentication Token"),
    "NotAuthorized": (401, "You do not have permission to perform this action."),
    "OptInRequired": (403, "The AWS access key ID needs a subscription for the service."),
    "RequestAbortedException": (400, "The request was aborted before a reply was sent back."),
    "RequestEntityTooLargeException": (413, "The request is too large."),
    "RequestExpired": (400, "Request has expired."),
    "RequestTimeoutException": (408, "The request was not received in time."),
    "ServiceUnavailable": (503, "The request has failed due to a temporary failure of the server."),
    "ServiceUnavailableException": (503, "Service unavailable"),
    "UnrecognizedClientException": (403, "The security token included in the request is invalid."),
}

#: The errors that AWS Signer's model has, with their HTTP status.
MODELLED_ERRORS: Mapping[str, int] = {
    error.__name__: error.status
    for error in (
        AccessDeniedException,
        BadRequestException,
        ConflictException,
        InternalServiceErrorException,
        NotFoundException,
        ResourceNotFoundException,
        ServiceLimitExceededException,
        ThrottlingException,
        TooManyRequestsException,
        ValidationException,
    )
}

#: Messages of errors that only faults raise; those of the live service are not public.
USUAL_MESSAGES: Mapping[str, str] = {
    "InternalServiceErrorException": "An internal error occurred.",
    "ThrottlingException": "Rate exceeded",
    "TooManyRequestsException": "Too Many Requests",
}


class Fault(NamedTuple):
    """One fault, as ``mock.faults.pending`` and ``mock.faults.fired`` show it.

    Attributes:
        operation: The operation that it hits, or ``"*"``.
        kind: What happens.
        times: How many calls it still hits; None is every call until it is cleared.
        account_id: Only calls of this account; None is all.
        principal: Only calls of this principal, by its ARN; None is all.
        error: The name of the error, for the kind ``"error"``.
        seconds: How long the call is delayed.
    """

    operation: str
    kind: Kind
    times: int | None
    account_id: str | None
    principal: str | None
    error: str | None = None
    seconds: float = 0.0
    message: str = ""
    code: str | None = None
    retry_after: float | None = None

    def __str__(self) -> str:
        what = {"error": self.error, "delay": f"delay of {self.seconds} s"}.get(
            self.kind, self.kind
        )
        times = "until cleared" if self.times is None else f"{self.times} more"
        return f"{self.operation}: {what} ({times})"

    def __repr__(self) -> str:
        return f"<Fault {self}>"

    def hits(self, operation: str, caller: Caller) -> bool:
        """Return whether the fault is for this call."""
        return (
            self.operation in (EVERY_OPERATION, operation)
            and self.account_id in (None, caller.account_id)
            and self.principal in (None, caller.arn, caller.role_arn)
        )

    def raise_error(self) -> None:
        """Fail the call.

        Raises:
            ServiceError: The error response that was asked for.
            ConnectionFault: The connection fails.
        """
        if self.error is not None:
            raise InjectedError(self.error, self)
        raise ConnectionFault(self.kind)


class InjectedError(ServiceError):
    """The error response that a fault asked for."""

    def __init__(self, name: str, fault: Fault) -> None:
        self._name = name
        super().__init__(fault.message, fault.code)
        self.status = MODELLED_ERRORS.get(name) or COMMON_ERRORS[name][0]
        if fault.retry_after is not None:
            # The first is HTTP's, in whole seconds; the second is botocore's, in milliseconds.
            self.headers = {
                "Retry-After": str(math.ceil(fault.retry_after)),
                "x-amz-retry-after": str(round(fault.retry_after * 1000)),
            }

    @property
    def type_name(self) -> str:
        """The name that the fault gave."""
        return self._name


class ConnectionFault(Exception):  # noqa: N818 - not an error of the mock: adapters translate it
    """The connection fails, before the call has had its effect or after it.

    Each adapter raises what its HTTP library raises in that case; the server closes the
    connection.
    """

    #: By how many seconds the failure is late.
    delay = 0.0

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
