"""AWS Lambda's code signing, in front of moto's Lambda.

Code signing configurations are answered here. A deployment to a function that has one is checked,
and then forwarded to moto, or refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from signer_mock._moto import lambda_configs, lambda_deploy
from signer_mock._moto.front_request import FrontRequest, respond
from signer_mock._wire.exceptions import ServiceError, UnknownOperationException
from signer_mock._wire.http import HttpResponse
from signer_mock._wire.model import Operation, compile_operation, service_model
from signer_mock._wire.route import Router

_Answer = Callable[[FrontRequest, Mapping[str, Any]], "tuple[int, Any] | HttpResponse | None"]

_OPERATIONS: Mapping[str, _Answer] = {
    "CreateCodeSigningConfig": lambda_configs.create,
    "GetCodeSigningConfig": lambda_configs.get,
    "UpdateCodeSigningConfig": lambda_configs.update,
    "DeleteCodeSigningConfig": lambda_configs.delete,
    "ListCodeSigningConfigs": lambda_configs.list_all,
    "ListFunctionsByCodeSigningConfig": lambda_configs.list_functions,
    "PutFunctionCodeSigningConfig": lambda_configs.put_of_function,
    "GetFunctionCodeSigningConfig": lambda_configs.get_of_function,
    "DeleteFunctionCodeSigningConfig": lambda_configs.delete_of_function,
    "ListTags": lambda_configs.list_tags,
    "TagResource": lambda_configs.tag,
    "UntagResource": lambda_configs.untag,
    "CreateFunction": lambda_deploy.create_function,
    "UpdateFunctionCode": lambda_deploy.update_function_code,
    "UpdateFunctionConfiguration": lambda_deploy.update_function_configuration,
    "PublishLayerVersion": lambda_deploy.layer_version,
    "GetLayerVersion": lambda_deploy.layer_version,
    "GetLayerVersionByArn": lambda_deploy.layer_version_by_arn,
}

# The operations that are moto's, whose input moto judges.
_FORWARDED = frozenset(
    name for name, function in _OPERATIONS.items() if function.__module__ == lambda_deploy.__name__
)


@cache
def _model() -> tuple[Any, Router]:
    model, router = service_model("lambda"), Router()
    for name in _OPERATIONS:
        http = model.operation_model(name).http
        # moto takes any version in the first segment, so nothing may slip past with another one.
        rest = http["requestUri"].partition("?")[0].rstrip("/").split("/", 2)[2]
        router.add(http["method"], f"/{{ApiVersion}}/{rest}", name)
    return model, router


@cache
def _operation(name: str) -> Operation:
    return compile_operation(_model()[0].operation_model(name))


def answer(call: FrontRequest) -> HttpResponse | None:
    """Answer a request to Lambda; None is moto's alone."""
    try:
        name, labels = _model()[1].match(call.request.method, call.request.path.rstrip("/"))
    except UnknownOperationException:
        return None
    if "Resource" in labels and not lambda_configs.is_config(labels["Resource"]):
        return None  # the tags of functions are moto's
    try:
        if name in _FORWARDED:
            result = _OPERATIONS[name](call, labels)
        else:
            result = perform(call, name, _operation(name).parse(call.request, labels))
    except ServiceError as error:
        return _refusal(error)
    if isinstance(result, tuple):
        return respond(*result)
    return result


def perform(
    call: FrontRequest, name: str, params: Mapping[str, Any]
) -> tuple[int, Any] | HttpResponse | None:
    """Perform an operation on code signing configurations.

    Raises:
        ServiceError: Lambda refuses it.
    """
    _operation(name).validate(params)
    with call.world.lock:
        return _OPERATIONS[name](call, params)


def _refusal(error: ServiceError) -> HttpResponse:
    body = {"Type": "User", error.message_member: error.message}
    return respond(error.status, body, **{"x-amzn-ErrorType": error.type_name})
