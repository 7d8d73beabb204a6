"""``handle(world, request) -> response``: one call to AWS Signer.

Whatever catches a call is an adapter above this; whatever knows AWS Signer's rules lies below.
Callers look the function up in this module, so that tests can put checks around it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from time import sleep
from typing import Any, NoReturn

from signer_mock._service.callers import Caller
from signer_mock._service.calls import Call
from signer_mock._service.context import Context
from signer_mock._service.fault import ConnectionFault, Fault, InjectedError
from signer_mock._service.operations import OPERATIONS
from signer_mock._service.world import World
from signer_mock._wire import serialize
from signer_mock._wire.exceptions import (
    MissingAuthenticationTokenException,
    ServiceError,
    TooManyRequestsException,
)
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock._wire.model import load_protocol
from signer_mock._wire.sigv4 import request_scope
from signer_mock.errors import UnsupportedOperationError

_HOST_REGION = re.compile(r"signer(?:-fips)?\.([a-z]{2,5}(?:-[a-z]+)+-\d+)\.")

#: How often a thread lets others run before it waits; far more often than there are threads.
_YIELDS = 100


def handle(world: World, request: HttpRequest) -> HttpResponse:
    """Answer one request; safe to call from many threads.

    Every bad request gets the answer that the service would give. Only what concerns the author
    of a test is raised.

    Args:
        world: All state; the call is recorded in it.
        request: The request as it arrived.

    Raises:
        SignerMockError: The mock cannot do what the call needs.
    """
    if world.is_answering:
        _let_it_finish(world)
    with world.lock:
        now = world.clock.now()
        world.job_controls.settle(now)
        request_id = world.ids.uuid()
        caller, region = _identify(world, request)
        name: str | None = None
        params: Mapping[str, Any] = {}
        status, error_name, delay = 0, None, 0.0
        world.is_answering = True
        try:
            protocol = load_protocol()
            name, labels = protocol.router.match(request.method, request.path)
            if not caller.access_key:
                _refuse_unsigned()
            operation = protocol.operation(name)
            params = operation.parse(request, labels)
            if world.calls.is_strict:
                world.calls.require_expected(name, params)
            delay, fault = _faults(world, name, caller, region, now)
            if fault is not None and fault.kind != "drop response":
                fault.raise_error()
            operation.validate(params)
            ctx = Context(world, caller, region, now)
            if world.identity_policies:
                _authorize(ctx, name, params)
            perform = OPERATIONS.get(name) or _unsupported(name)
            output = perform(ctx, params)
            response = serialize.success(output, request_id, now)
            status = response.status
            if fault is not None:
                fault.raise_error()
        except ServiceError as error:
            response = serialize.failure(error, request_id, now)
            response.is_injected = isinstance(error, (InjectedError, TooManyRequestsException))
            status, error_name = response.status, error.type_name
        except ConnectionFault as error:
            error_name, error.delay = error.kind, delay
            raise
        except Exception as error:
            error_name = type(error).__name__
            raise
        finally:
            world.is_answering = False
            world.calls.record(
                Call(
                    operation=name,
                    account_id=caller.account_id,
                    region=region,
                    params=params,
                    status=status,
                    error=error_name,
                    principal=caller.arn,
                    time=now,
                )
            )
        response.delay = delay
        return response


def _let_it_finish(world: World) -> None:
    """Let the thread that is answering go on, before this one waits for the lock.

    A thread that waits in ``acquire`` gets the lock before it may run Python. Until then all others
    come to wait too, and each call becomes a switch of threads: a lock convoy.
    """
    for _ in range(_YIELDS):  # pragma: no branch - it is answered sooner
        if not world.is_answering:
            return
        sleep(0)


def _authorize(ctx: Context, name: str, params: Mapping[str, Any]) -> None:
    from signer_mock._service.authorization import authorize

    authorize(ctx, name, params)


def _refuse_unsigned() -> None:
    msg = "Missing Authentication Token"
    raise MissingAuthenticationTokenException(msg)


def _faults(
    world: World, name: str, caller: Caller, region: str, now: dt.datetime
) -> tuple[float, Fault | None]:
    if world.faults.is_idle:
        return 0.0, None
    found = world.faults.next_for(name, caller)
    if found[1] is None:
        world.faults.check_rate(name, caller.account_id, region, now)
    return found


def _identify(world: World, request: HttpRequest) -> tuple[Caller, str]:
    scope = request_scope(request)
    region = scope.region if scope else None
    if region is None:
        match = _HOST_REGION.search(request.host)
        region = match[1] if match else world.region
    if scope is None:
        return Caller(world.account_id, "anonymous"), region
    token = request.headers.get("x-amz-security-token")
    return world.identify(scope.access_key, token, region), region


def _unsupported(name: str) -> NoReturn:
    msg = (
        f"signer_mock does not answer {name} yet. See the table of operations in its "
        "README; a newer version may have it."
    )
    raise UnsupportedOperationError(msg)
