"""The request to CloudFormation under way, and the failure of a resource."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from signer_mock._moto.front_request import FrontRequest


_CODES = {403: "AccessDenied", 404: "NotFound", 429: "Throttling"}


class ResourceFailedError(Exception):
    """A resource of a stack could not be made, changed or deleted; the message is the reason.

    Attributes:
        logical_id: The resource's name in the template, once it is known.
        resource_type: Its type.
    """

    logical_id = ""
    resource_type = ""

    @classmethod
    def by_service(cls, message: str, status: int = 400) -> ResourceFailedError:
        """Return the failure that a service's refusal is.

        Args:
            message: The service's own words.
            status: The HTTP status of its response.
        """
        return cls.by_handler(message, _CODES.get(status, "InvalidRequest"))

    @classmethod
    def by_handler(cls, message: str, code: str) -> ResourceFailedError:
        """Return a failure with one of the codes of CloudFormation's resource handlers."""
        return cls(
            f'Resource handler returned message: "{message}" '
            f"(RequestToken: {uuid.uuid4()}, HandlerErrorCode: {code})"
        )


@dataclass(slots=True)
class StackRequest:
    """A request to CloudFormation that is under way.

    Attributes:
        call: The request.
        depth: How many stacks are being made, one within the other.
    """

    call: FrontRequest
    depth: int = 0

    def parameter(self, name: str) -> str | None:
        """Return a parameter of the request."""
        request = self.call.request
        for text in (request.body.decode("utf-8", "replace"), request.query):
            values = parse_qs(text).get(name)
            if values:
                return values[0]
        return None

    @property
    def keeps_failed(self) -> bool:
        """Whether what was made before a failure stays."""
        disabled = (self.parameter("DisableRollback") or "").lower() == "true"
        return disabled or self.parameter("OnFailure") == "DO_NOTHING"


_current: ContextVar[StackRequest | None] = ContextVar("signer_mock_stack_request", default=None)


def current() -> StackRequest | None:
    """Return the request under way, or None where moto is left alone."""
    return _current.get()


@contextmanager
def under_way(call: FrontRequest) -> Iterator[None]:
    """Have moto's CloudFormation make resources with this mock, for one request."""
    token = _current.set(StackRequest(call))
    try:
        yield
    finally:
        _current.reset(token)


def calling(account_id: str, region: str) -> FrontRequest:
    """Return the request as it reaches the service of a resource.

    Stack sets make stacks in other accounts and Regions.
    """
    request = _current.get()
    assert request is not None, "only a request that is under way makes resources"
    call = request.call
    caller = call.caller
    if account_id != caller.account_id:
        caller = call.world.identify(account_id, None, region)  # that account's root
    return replace(call, caller=caller, region=region)
