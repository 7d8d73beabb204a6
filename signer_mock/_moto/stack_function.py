"""AWS::Lambda::Function in stacks: moto's own, whose code is checked like that of other calls.

Imported with moto's Lambda only.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from moto.awslambda.models import LambdaFunction

from signer_mock._moto.lambda_configs import find_config, find_function, function_arn, require_zip
from signer_mock._moto.lambda_deploy import Check
from signer_mock._moto.lambda_packages import package_of
from signer_mock._moto.stack_context import ResourceFailedError, calling
from signer_mock._wire.exceptions import ServiceError

_CONFIG = "CodeSigningConfigArn"
# Where a function keeps what its stack's template says of its code and its configuration.
_CODE = "_signer_mock_code"
_NAMED = "_signer_mock_named_config"


class CheckedFunction(LambdaFunction):
    """moto's function as stacks make it: with a configuration, its package and layers are checked.

    Only these class methods are used; the functions themselves are moto's.
    """

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> Any:
        """Create a function; see ``CreateFunction``."""
        properties = cloudformation_json["Properties"]
        call = calling(account_id, region_name)
        arn = function_arn(call, resource_name)
        existing = find_function(call, resource_name)
        config_arn = properties.get(_CONFIG)
        if existing is not None and (config_arn or existing.code_signing_config_arn):
            # moto would replace the function, and with it its configuration.
            msg = (
                f"Resource of type 'AWS::Lambda::Function' with identifier '{resource_name}' "
                "already exists."
            )
            raise ResourceFailedError.by_handler(msg, "AlreadyExists")
        make = super().create_from_cloudformation_json
        wanted = dict(properties["Code"])
        if not config_arn:
            function = make(resource_name, cloudformation_json, account_id, region_name, **kwargs)
            _remember(function, wanted, None)
            return function
        try:
            require_zip(properties.get("PackageType"))
            config = find_config(call, config_arn)
            check = Check(call, config, "CreateFunction", arn, called=resource_name)
            code = cls._package(call, wanted)
            signature = check.package(code)
            check.layers(properties.get("Layers"))
        except ServiceError as error:
            raise ResourceFailedError.by_service(error.message, error.status) from error
        make(resource_name, cloudformation_json, account_id, region_name, **kwargs)
        # What moto gives back is a copy where a version is published.
        function = find_function(call, resource_name)
        _deploy(function, code, signature, config_arn)
        _remember(function, wanted, config_arn)
        if properties.get("Layers"):
            function.update_configuration({"Layers": properties["Layers"]})
        check.settle()
        return function

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Any:
        """Update a function: first its configuration of code signing, then code and the rest."""
        properties = cloudformation_json["Properties"]
        named, function = properties.get(_CONFIG), original_resource
        if not named and getattr(function, _NAMED, None):
            function.code_signing_config_arn = None
            function.signing_profile_version_arn = function.signing_job_arn = None
        # One that was attached by a call stays, and counts.
        config_arn = named or function.code_signing_config_arn
        wanted = dict(properties["Code"])
        if not config_arn:
            super().update_from_cloudformation_json(
                function, new_resource_name, cloudformation_json, account_id, region_name
            )
            _remember(function, wanted, None)
            return function
        call = calling(account_id, region_name)
        is_new = wanted != getattr(function, _CODE, None)
        try:
            config = find_config(call, config_arn)
            called = function.function_name
            operation = "UpdateFunctionCode" if is_new else "UpdateFunctionConfiguration"
            check = Check(call, config, operation, function.function_arn, called=called)
            if is_new:
                code = cls._package(call, wanted)
                signature = check.package(code)
            check.layers(properties.get("Layers"))
        except ServiceError as error:
            raise ResourceFailedError.by_service(error.message, error.status) from error
        function.code_signing_config_arn = config_arn
        function.update_configuration(properties)
        if is_new:
            _deploy(function, code, signature, config_arn)
        _remember(function, wanted, named)
        check.settle()
        return function

    @classmethod
    def _package(cls, call: Any, code: Mapping[str, Any]) -> bytes:
        if "ZipFile" in code:
            # In a template it is the source text, which CloudFormation packs.
            return bytes(cls._create_zipfile_from_plaintext_code(str(code["ZipFile"])))
        return package_of(call, code)


def _remember(function: Any, code: Mapping[str, Any], config_arn: str | None) -> None:
    setattr(function, _CODE, code)
    setattr(function, _NAMED, config_arn)


def _deploy(function: Any, code: bytes, signature: Any, config_arn: str) -> None:
    """Deploy exactly the bytes that were checked: moto reads no version of an object."""
    function.update_function_code({"ZipFile": base64.b64encode(code).decode()})
    function.code_signing_config_arn = config_arn
    function.signing_profile_version_arn = signature.profile_version_arn
    function.signing_job_arn = signature.job_arn


def state_of(function: Any) -> dict[str, Any]:
    """Copy what an update changes of a function, for ``restore``."""
    return {**vars(function), "code": dict(function.code)}


def restore(function: Any, state: Mapping[str, Any]) -> None:
    """Take back an update of a function."""
    vars(function).clear()
    vars(function).update(state)
