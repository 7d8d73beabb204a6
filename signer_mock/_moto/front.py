"""Requests to services that moto mocks, answered in front of moto where moto lacks something.

In this process they come from moto's stubber, over HTTP from the server's port.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from signer_mock._moto.backends import moto_answers
from signer_mock._moto.front_request import FrontRequest

if TYPE_CHECKING:
    from signer_mock._service.world import World
    from signer_mock._wire.http import HttpRequest, HttpResponse
    from signer_mock._wire.sigv4 import Scope


def _lambda() -> Callable[[FrontRequest], HttpResponse | None]:
    from signer_mock._moto.lambda_front import answer

    return answer


def _ecr() -> Callable[[FrontRequest], HttpResponse | None]:
    from signer_mock._moto.ecr_front import answer

    return answer


def _cloudformation() -> Callable[[FrontRequest], HttpResponse | None]:
    from signer_mock._moto.stack_front import answer

    return answer


#: moto's name of a service -> what gives the function that answers in front of it.
_FRONTS: Mapping[str, Callable[[], Callable[[FrontRequest], HttpResponse | None]]] = {
    "lambda": _lambda,
    "ecr": _ecr,
    "cloudformation": _cloudformation,
}


def answer_in_front(
    world: World,
    request: HttpRequest,
    scope: Scope,
    forward: Callable[[HttpRequest], HttpResponse | None],
) -> HttpResponse | None:
    """Answer a request that moto cannot answer alone.

    Args:
        world: The state of the mock.
        request: The request.
        scope: That of its signature.
        forward: Sends a request on to moto.

    Returns:
        The response, or None for a request that is moto's alone.
    """
    find = _FRONTS.get(scope.service)
    if find is None or not moto_answers(scope.service):
        return None
    region = scope.region or world.region
    token = request.headers.get("x-amz-security-token")
    caller = world.identify(scope.access_key, token, region)
    return find()(FrontRequest(world, request, caller, region, forward))
