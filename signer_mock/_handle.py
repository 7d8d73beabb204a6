"""The middle of the house: ``handle(request) -> response``.

Whatever catches a call is an adapter above this; whatever knows AWS Signer's rules lies below.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from signer_mock._service.callers import Caller
from signer_mock._service.calls import Call, CallLog
from signer_mock._service.operations import OPERATIONS
from signer_mock._service.world import Context, World
from signer_mock._wire import serialize
from signer_mock._wire.exceptions import (
    MissingAuthenticationTokenException,
    ServiceError,
)
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock._wire.model import load_protocol
from signer_mock._wire.sigv4 import request_scope
from signer_mock.errors import UnsupportedOperationError

_HOST_REGION = re.compile(r"signer(?:-fips)?\.([a-z]{2,5}(?:-[a-z]+)+-\d+)\.")


class Application:
    """Answers requests out of a world.

    Args:
        world: all state.
        calls: where each call is recorded.
    """

    def __init__(self, world: World, calls: CallLog) -> None:
        self.world = world
        self.calls = calls

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one request; safe to call from many threads.

        Every bad request is answered as the service would; only what concerns the author of a
        test is raised.

        Raises:
            SignerMockError: the mock cannot do what the call needs.
        """
        world = self.world
        with world.lock:
            now = world.clock.now()
            request_id = world.ids.uuid()
            caller, region = self._identify(request)
            name: str | None = None
            params: Mapping[str, Any] = {}
            error: ServiceError | None = None
            try:
                protocol = load_protocol()
                name, labels = protocol.router.match(request.method, request.path)
                if not caller.access_key:
                    msg = "Missing Authentication Token"
                    raise MissingAuthenticationTokenException(msg)
                operation = protocol.operation(name)
                params = operation.parse(request, labels)
                operation.validate(params)
                output = _perform(Context(world, caller, region, now), name, params)
                response = serialize.success(output, request_id, now)
            except ServiceError as raised:
                error = raised
                response = serialize.failure(raised, request_id, now)
            self.calls.record(
                Call(
                    operation=name,
                    account_id=caller.account_id,
                    region=region,
                    params=params,
                    status=response.status,
                    error=error.type_name if error else None,
                    principal=caller.arn,
                    time=now,
                )
            )
            return response

    def _identify(self, request: HttpRequest) -> tuple[Caller, str]:
        scope = request_scope(request)
        region = scope.region if scope else None
        if region is None:
            match = _HOST_REGION.search(request.host)
            region = match[1] if match else self.world.region
        callers = self.world.callers
        if scope is None:
            return Caller(callers.default_account, "anonymous"), region
        token = request.headers.get("x-amz-security-token")
        return callers.identify(scope.access_key, token, region), region


def _perform(ctx: Context, name: str, params: Mapping[str, Any]) -> Mapping[str, Any] | None:
    function = OPERATIONS.get(name)
    if function is None:
        msg = (
            f"signer_mock does not answer {name} yet. See the table of operations in its "
            "README; a newer version may have it."
        )
        raise UnsupportedOperationError(msg)
    return function(ctx, params)
