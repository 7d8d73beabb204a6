"""What is changed in moto's CloudFormation: which resources it makes, and what a failure does.

All that is known of moto's insides is here, and named in ``NEEDED``. The changes do something only
while a request is under way that an active mock has seen (``stack_context``).
"""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from signer_mock._moto.stack_context import ResourceFailedError, StackRequest, current
from signer_mock._moto.stack_resources import CodeSigningConfig, ProfilePermission, SigningProfile
from signer_mock._moto.stack_rollback import (
    fail_deletion,
    failed_to,
    require_updatable,
    roll_back_creation,
    roll_back_update,
)
from signer_mock._moto.stack_template import (
    FUNCTION,
    InvalidTemplateError,
    concerns_signing,
    expand_sam,
)
from signer_mock._moto.stack_update import delete_resources, update_resources
from signer_mock.errors import UnsupportedOperationError

_MARK = "_signer_mock_patched"
_OWN: Mapping[str, Any] = {
    "AWS::Signer::SigningProfile": SigningProfile,
    "AWS::Signer::ProfilePermission": ProfilePermission,
    "AWS::Lambda::CodeSigningConfig": CodeSigningConfig,
}
#: What is used of moto: a module of ``moto.cloudformation``, then names in it.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "parsing": (
        "resource_class_from_type",
        "parse_and_create_resource",
        "parse_and_update_resource",
        "ResourceMap.update",
        "ResourceMap.delete",
        "ResourceMap.build_resource_diff",
        "ResourceMap.load_mapping",
        "ResourceMap.load_parameters",
        "ResourceMap.load_conditions",
        "ResourceMap._delete_resource",
    ),
    "models": (
        "CloudFormationBackend.create_stack",
        "CloudFormationBackend.update_stack",
        "CloudFormationBackend.delete_stack",
        "CloudFormationBackend.create_change_set",
        "CloudFormationBackend.execute_change_set",
        "Stack.parse_template",
        "Event",
        "OutputMap",
        "ValidationError",
    ),
}


def install() -> None:
    """Change moto's CloudFormation, once a process.

    Raises:
        UnsupportedOperationError: This moto has another engine, so that nothing would be checked.
    """
    parsing, models = import_module("moto.cloudformation.parsing"), _models()
    if hasattr(parsing.ResourceMap.update, _MARK):
        return
    missing = [
        f"{module}.{name}"
        for module, names in NEEDED.items()
        for name in names
        if not _has(import_module(f"moto.cloudformation.{module}"), name)
    ]
    if missing:
        msg = (
            f"signer_mock does not know this moto's CloudFormation ({', '.join(missing)}), and "
            "without it stacks would deploy code that nobody checked. Use moto 5.1.12 to 5.2."
        )
        raise UnsupportedOperationError(msg)
    backend = models.CloudFormationBackend
    _wrap(parsing, "resource_class_from_type", _resource_class)
    _wrap(parsing, "parse_and_create_resource", _named_failures)
    _wrap(parsing, "parse_and_update_resource", _named_failures)
    _wrap(backend, "create_stack", _create_stack)
    _wrap(backend, "update_stack", _update_stack)
    _wrap(backend, "delete_stack", _delete_stack)
    _wrap(backend, "create_change_set", _create_change_set)
    _wrap(backend, "execute_change_set", _execute_change_set)
    _wrap(parsing.ResourceMap, "delete", delete_resources)
    _wrap(parsing.ResourceMap, "update", update_resources)


def _has(module: Any, name: str) -> bool:
    for part in name.split("."):
        module = getattr(module, part, None)
    return module is not None


def _wrap(owner: Any, name: str, around: Callable[..., Any]) -> None:
    """Put ``around(original, *args)`` in the place of a function, for requests under way."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        if current() is None:
            return original(*args, **kwargs)
        return around(original, *args, **kwargs)

    setattr(call, _MARK, True)
    setattr(owner, name, call)


def _resource_class(original: Callable[[str], Any], resource_type: str) -> Any:
    if resource_type == FUNCTION:
        from signer_mock._moto.stack_function import CheckedFunction

        return CheckedFunction
    return _OWN.get(resource_type) or original(resource_type)


def _named_failures(
    original: Callable[..., Any],
    logical_id: str,
    resource_json: Mapping[str, Any],
    *args: Any,
    **kwargs: Any,
) -> Any:
    try:
        return original(logical_id, resource_json, *args, **kwargs)
    except ResourceFailedError as failure:
        if not failure.logical_id:
            failure.logical_id, failure.resource_type = logical_id, resource_json["Type"]
        raise


def _create_stack(original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    given = _bound(original, args, kwargs)
    backend, request = given.arguments["self"], _request()
    known = set(backend.stacks)
    request.depth += 1
    try:
        _process_template(given, given.arguments["parameters"])
        return original(*given.args, **given.kwargs)
    except ResourceFailedError as failure:
        stack = next(one for key, one in backend.stacks.items() if key not in known)
        roll_back_creation(backend, stack, failure, keep=request.keeps_failed)
        if request.depth > 1:
            msg = (
                f"Embedded stack {stack.stack_id} was not successfully created: "
                f"{failed_to('create', failure)}"
            )
            raise ResourceFailedError(msg) from failure
        if request.parameter("OnFailure") == "DELETE":
            backend.delete_stack(stack.stack_id)
        return stack
    finally:
        request.depth -= 1


def _update_stack(original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    given = _bound(original, args, kwargs)
    keep = _request().keeps_failed
    stack = given.arguments["self"].get_stack(given.arguments["name"])
    _process_template(
        given,
        {
            one["ParameterKey"]: one.get(
                "ParameterValue", stack.parameters.get(one["ParameterKey"])
            )
            for one in given.arguments["parameters"] or ()
        },
    )
    before = stack.template, stack.template_dict
    try:
        return original(*given.args, **given.kwargs)
    except ResourceFailedError as failure:
        if not keep:
            stack.template, stack.template_dict = before
        roll_back_update(stack, failure, keep=keep)
        return stack


def _delete_stack(original: Callable[..., Any], backend: Any, name_or_stack_id: str) -> None:
    stack = backend.stacks.get(name_or_stack_id)  # by its name, moto comes here again with the id
    try:
        original(backend, name_or_stack_id)
    except ResourceFailedError as failure:
        backend.stacks[stack.stack_id] = stack
        fail_deletion(stack, failure)


def _create_change_set(original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    given = _bound(original, args, kwargs)
    for stack in given.arguments["self"].stacks.values():
        if stack.name == given.arguments["stack_name"]:
            require_updatable(stack)
    _process_template(given, given.arguments["parameters"])
    return original(*given.args, **given.kwargs)


def _execute_change_set(original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    given = _bound(original, args, kwargs)
    backend, keep = given.arguments["self"], _request().keeps_failed
    change_set = backend.describe_change_set(given.arguments["change_set_name"])
    stack = change_set.stack
    try:
        original(*given.args, **given.kwargs)
    except ResourceFailedError as failure:
        change_set.execution_status = "EXECUTE_FAILED"
        if change_set.change_set_type == "CREATE":
            roll_back_creation(backend, stack, failure, keep=keep)
        else:
            roll_back_update(stack, failure, keep=keep)
        return
    if concerns_signing(change_set.template_dict.get("Resources") or {}):
        # moto goes on showing the outputs of the template before.
        stack.template_dict, stack.parameters = change_set.template_dict, change_set.parameters
        stack.output_map = _models().OutputMap(
            stack.resource_map, stack.template_dict, stack.stack_id
        )


def _request() -> StackRequest:
    request = current()
    assert request is not None, "only a request that is under way comes here"
    return request


def _bound(original: Callable[..., Any], args: Any, kwargs: Any) -> inspect.BoundArguments:
    return inspect.signature(original).bind(*args, **kwargs)


def _process_template(given: inspect.BoundArguments, parameters: Mapping[str, Any]) -> None:
    """Put what a SAM template stands for in its place."""
    text = given.arguments["template"]
    if not isinstance(text, str) or "AWS::Serverless" not in text:
        return
    models = _models()
    region = given.arguments["self"].region_name
    try:
        expanded = expand_sam(models.Stack.parse_template(text), parameters, region)
    except InvalidTemplateError as error:
        raise models.ValidationError(message=str(error)) from error
    if expanded is not None:
        given.arguments["template"] = json.dumps(expanded)


def _models() -> Any:
    return import_module("moto.cloudformation.models")
