"""Code signing configurations of AWS Lambda: nine operations.

Sources: AWS Lambda API Reference, and botocore's model of Lambda.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from signer_mock._moto.backends import find_backend
from signer_mock._moto.front_request import FrontRequest
from signer_mock._moto.lambda_errors import (
    CodeSigningConfigNotFoundException,
    InvalidParameterValueException,
    ResourceConflictException,
    ResourceNotFoundException,
)
from signer_mock._service.arns import parse_arn, partition_of
from signer_mock._service.code_signing import CodeSigningConfig
from signer_mock._wire.exceptions import ServiceError

_PAGE = 50
_VERSION = re.compile(r"/signing-profiles/[A-Za-z0-9_]{2,64}/[A-Za-z0-9]{10}")
_Answer = tuple[int, Any]


def create(call: FrontRequest, params: Mapping[str, Any]) -> _Answer:
    """Perform CreateCodeSigningConfig."""
    config_id = f"csc-{call.world.ids.hexadecimal(17)}"
    partition = partition_of(call.region)
    account = call.caller.account_id
    config = CodeSigningConfig(
        config_id,
        f"arn:{partition}:lambda:{call.region}:{account}:code-signing-config:{config_id}",
        _publishers(params) or (),
        _policy(params) or "Warn",
        params.get("Description", ""),
        call.world.clock.now(),
        dict(params.get("Tags") or {}),
    )
    _configs(call)[config.arn] = config
    return 201, {"CodeSigningConfig": config.describe()}


def get(call: FrontRequest, params: Mapping[str, Any]) -> _Answer:
    """Perform GetCodeSigningConfig."""
    return 200, {"CodeSigningConfig": _known(call, params).describe()}


def update(call: FrontRequest, params: Mapping[str, Any]) -> _Answer:
    """Perform UpdateCodeSigningConfig, which keeps what is not given."""
    given = {
        "publishers": _publishers(params),
        "policy": _policy(params),
        "description": params.get("Description"),
    }
    changes = {name: value for name, value in given.items() if value is not None}
    config = _known(call, params)._replace(last_modified=call.world.clock.now(), **changes)
    _configs(call)[config.arn] = config
    return 200, {"CodeSigningConfig": config.describe()}


def delete(call: FrontRequest, params: Mapping[str, Any]) -> _Answer:
    """Perform DeleteCodeSigningConfig; it fails while a function uses the configuration."""
    config = _known(call, params)
    used = next(_functions_with(call, config.arn), None)
    if used is not None:
        msg = (
            f"The code signing configuration {config.arn} is in use by the function {used}. "
            "Detach it from all functions first."
        )
        raise ResourceConflictException(msg)
    del _configs(call)[config.arn]
    return 204, None


def is_config(arn: str) -> bool:
    """Return whether an ARN is that of a configuration."""
    return ":code-signing-config:" in arn


def list_tags(call: FrontRequest, params: Mapping[str, Any]) -> _Answer:
    """Perform ListTags on a configuration."""
    return 200, {"Tags": dict(_tagged(call, params).tags)}


def tag(call: FrontRequest, params: Mapping[str, Any]) -> _Answer:
    """Perform TagResource on a configuration."""
    config = _tagged(call, params)
    tags = {**config.tags, **params["Tags"]}
    _configs(call)[config.arn] = config._replace(tags=tags)
    return 204, None


def untag(call: FrontRequest, params: Mapping[str, Any]) -> _Answer:
    """Perform UntagResource on a configuration."""
    config = _tagged(call, params)
    tags = {key: value for key, value in config.tags.items() if key not in params["TagKeys"]}
    _configs(call)[config.arn] = config._replace(tags=tags)
    return 204, None


def list_all(call: FrontRequest, params: Mapping[str, Any]) -> _Answer:
    """Perform ListCodeSigningConfigs, oldest first."""
    configs = [config.describe() for config in _configs(call).values()]
    page, marker = _page(configs, params)
    return 200, {"CodeSigningConfigs": page, **marker}


def list_functions(call: FrontRequest, params: Mapping[str, Any]) -> _Answer:
    """Perform ListFunctionsByCodeSigningConfig."""
    arns = list(_functions_with(call, _known(call, params).arn))
    page, marker = _page(arns, params)
    return 200, {"FunctionArns": page, **marker}


def put_of_function(call: FrontRequest, params: Mapping[str, Any]) -> _Answer:
    """Perform PutFunctionCodeSigningConfig, which does not check code that is deployed already."""
    function = known_function(call, params["FunctionName"])
    config = find_config(call, params["CodeSigningConfigArn"])
    require_zip(function.package_type)
    function.code_signing_config_arn = config.arn
    return 200, {"CodeSigningConfigArn": config.arn, "FunctionName": function.function_name}


def get_of_function(call: FrontRequest, params: Mapping[str, Any]) -> _Answer:
    """Perform GetFunctionCodeSigningConfig; without a configuration the response has no ARN."""
    function = known_function(call, params["FunctionName"])
    answer = {"FunctionName": function.function_name}
    if function.code_signing_config_arn:
        answer["CodeSigningConfigArn"] = function.code_signing_config_arn
    return 200, answer


def delete_of_function(call: FrontRequest, params: Mapping[str, Any]) -> _Answer:
    """Perform DeleteFunctionCodeSigningConfig."""
    known_function(call, params["FunctionName"]).code_signing_config_arn = None
    return 204, None


def find_config(
    call: FrontRequest, arn: str, error: type[ServiceError] = CodeSigningConfigNotFoundException
) -> CodeSigningConfig:
    """Return a configuration.

    Raises:
        ServiceError: The account has none with this ARN in this Region. The default is the error
            for a configuration that a function names.
    """
    config = _configs(call).get(arn)
    if config is None:
        msg = f"The code signing configuration cannot be found: {arn}"
        raise error(msg)
    return config


def find_function(call: FrontRequest, name: str) -> Any:
    """Return moto's function by its name or ARN, or None."""
    backend = find_backend("lambda", call.caller.account_id, call.region)
    if backend is None:
        return None
    plain = _function_name(name)
    return next((one for one in backend.list_functions() if one.function_name == plain), None)


def known_function(call: FrontRequest, name: str) -> Any:
    """Return moto's function by its name or ARN.

    Raises:
        ResourceNotFoundException: There is none.
    """
    function = find_function(call, name)
    if function is None:
        msg = f"Function not found: {function_arn(call, name)}"
        raise ResourceNotFoundException(msg)
    return function


def function_arn(call: FrontRequest, name: str) -> str:
    """Return the ARN of a function that a request names."""
    partition, plain = partition_of(call.region), _function_name(name)
    return f"arn:{partition}:lambda:{call.region}:{call.caller.account_id}:function:{plain}"


def _function_name(name: str) -> str:
    """Return a function's plain name, from a name or ARN with or without a qualifier."""
    return name.rsplit(":function:", maxsplit=1)[-1].split(":", maxsplit=1)[0]


def require_zip(package_type: str | None) -> None:
    """Refuse a function made of a container image.

    Raises:
        InvalidParameterValueException: Images do not take code signing (developer guide,
            "Configure code signing").
    """
    if package_type == "Image":
        msg = "Code signing is not supported for functions created with container images."
        raise InvalidParameterValueException(msg)


def _configs(call: FrontRequest) -> dict[str, CodeSigningConfig]:
    key = (call.caller.account_id, call.region)
    return call.world.code_signing.configs.setdefault(key, {})


def _known(call: FrontRequest, params: Mapping[str, Any]) -> CodeSigningConfig:
    return find_config(call, params["CodeSigningConfigArn"], ResourceNotFoundException)


def _tagged(call: FrontRequest, params: Mapping[str, Any]) -> CodeSigningConfig:
    return _known(call, {"CodeSigningConfigArn": params["Resource"]})


def _functions_with(call: FrontRequest, arn: str) -> Iterator[str]:
    backend = find_backend("lambda", call.caller.account_id, call.region)
    for function in backend.list_functions() if backend is not None else ():
        if function.code_signing_config_arn == arn:
            yield function.function_arn


def _publishers(params: Mapping[str, Any]) -> tuple[str, ...] | None:
    given = params.get("AllowedPublishers")
    if not given:
        return None
    publishers = tuple(given["SigningProfileVersionArns"])
    for publisher in publishers:
        arn = parse_arn(publisher)
        if arn is None or arn.service != "signer" or not _VERSION.fullmatch(arn.resource):
            msg = f"{publisher} is not the ARN of a signing profile version."
            raise InvalidParameterValueException(msg)
    return publishers


def _policy(params: Mapping[str, Any]) -> Any:
    return (params.get("CodeSigningPolicies") or {}).get("UntrustedArtifactOnDeployment")


def _page(items: list[Any], params: Mapping[str, Any]) -> tuple[list[Any], dict[str, str]]:
    marker = params.get("Marker") or "0"
    if not (marker.isascii() and marker.isdigit() and int(marker) <= len(items)):
        msg = f"Invalid value for Marker: {marker}"
        raise InvalidParameterValueException(msg)
    start, end = int(marker), int(marker) + params.get("MaxItems", _PAGE)
    return items[start:end], {"NextMarker": str(end)} if end < len(items) else {}
