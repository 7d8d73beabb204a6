"""Amazon ECR's managed signing, in front of moto's ECR.

Signing configurations, the signing status of images and their referrers are answered here. moto
takes the images that are pushed, and keeps their signatures beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from signer_mock._moto import ecr_configuration, ecr_images, ecr_signing
from signer_mock._moto.ecr_errors import InvalidParameterException
from signer_mock._moto.ecr_registry import TARGET, Registry
from signer_mock._moto.front_request import FrontRequest, respond
from signer_mock._wire.exceptions import SerializationException, ServiceError
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock._wire.model import service_model
from signer_mock._wire.parse import input_parser
from signer_mock._wire.validate import input_validator

_MEDIA_TYPE = "application/x-amz-json-1.1"
_Parameters = Mapping[str, Any]

#: What moto does not answer.
_ANSWERED: Mapping[str, Callable[[Registry, _Parameters], Mapping[str, Any]]] = {
    "PutSigningConfiguration": ecr_configuration.put,
    "GetSigningConfiguration": ecr_configuration.get,
    "DeleteSigningConfiguration": ecr_configuration.delete,
    "DescribeImageSigningStatus": ecr_images.describe_signing_status,
    "ListImageReferrers": ecr_images.list_referrers,
}

#: What moto answers, and what has to be known here; None is moto's alone.
_FORWARDED: Mapping[str, Callable[[Registry, _Parameters], HttpResponse | None]] = {
    "PutImage": ecr_signing.put_image,
    "BatchDeleteImage": ecr_images.forget_deleted,
    "DeleteRepository": ecr_images.forget_deleted,
}


def answer(call: FrontRequest) -> HttpResponse | None:
    """Answer a request to ECR; None is moto's alone."""
    target, _, name = call.request.headers.get("x-amz-target", "").partition(".")
    if target != TARGET or (name not in _ANSWERED and name not in _FORWARDED):
        return None
    if name in _FORWARDED:
        try:
            parameters = _parse(name, call.request)
        except SerializationException:
            return None  # moto judges its own operations' input
        try:
            return _FORWARDED[name](Registry.of(call, parameters), parameters)
        except ServiceError as error:
            return _refusal(error)
    if name not in _model().operation_names:  # pragma: no cover - an older botocore only
        return None  # its client cannot have sent it
    try:
        parameters = _parse(name, call.request)
        _validator(name)(parameters)
        output = _ANSWERED[name](Registry.of(call, parameters), parameters)
    except ServiceError as error:
        return _refusal(error)
    return respond(200, output, _MEDIA_TYPE)


def _parse(name: str, request: HttpRequest) -> dict[str, Any]:
    # The parser is that of rest-json, whose bodies have another media type.
    return _parser(name)(HttpRequest(request.method, request.host, "/", body=request.body), {})


@cache
def _model() -> Any:
    return service_model("ecr")


@cache
def _parser(name: str) -> Callable[[HttpRequest, Mapping[str, str]], dict[str, Any]]:
    return input_parser(_model().operation_model(name).input_shape)


@cache
def _validator(name: str) -> Callable[[_Parameters], None]:
    return input_validator(_model().operation_model(name).input_shape, InvalidParameterException)


def _refusal(error: ServiceError) -> HttpResponse:
    body = {"__type": error.type_name, "message": error.message}
    return respond(error.status, body, _MEDIA_TYPE)
