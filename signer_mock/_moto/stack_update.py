"""Update and delete the resources of a stack in the order of their dependencies.

moto goes by the order of the template: removed resources first, then added ones, then changed ones
as long as any succeeds. A package would be checked against a configuration that the same update
changes, before or after the change. So this does it for stacks that have to do with code signing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any

from signer_mock._moto.stack_context import ResourceFailedError, current
from signer_mock._moto.stack_template import (
    FUNCTION,
    OWN_TYPES,
    concerns_signing,
    in_order,
    references,
)


def update_resources(
    original: Callable[..., Any],
    resource_map: Any,
    template: dict[str, Any],
    parameters: dict[str, Any] | None = None,
) -> None:
    """Update a stack's resources; when one fails, take back what was done.

    Raises:
        ResourceFailedError: A resource cannot be made or changed.
    """
    old = resource_map._resource_json_map
    # A configuration may have been attached to a function by a call.
    has_config = any(
        getattr(one, "code_signing_config_arn", None)
        for one in resource_map._parsed_resources.values()
    )
    if not has_config and not concerns_signing({**old, **template["Resources"]}):
        original(resource_map, template, parameters)
        return
    _Update(resource_map, template, parameters).run()


def delete_resources(original: Callable[..., Any], resource_map: Any) -> None:
    """Delete a stack's resources, each before those that it refers to.

    Raises:
        ResourceFailedError: One cannot be deleted; the others are, as far as they can.
    """
    resources = resource_map._resource_json_map
    if not concerns_signing(resources):
        original(resource_map)
        return
    failure: Exception | None = None
    for name in reversed(in_order(resources)):
        resource = resource_map._parsed_resources.get(name)
        if resource is None or resources[name].get("DeletionPolicy") == "Retain":
            continue
        try:
            resource_map._delete_resource(resource, resources[name])
        except Exception as error:  # noqa: BLE001 - moto raises what it likes
            failure = failure or error
        else:
            del resource_map._parsed_resources[name]
    if failure is not None:
        raise failure


class _Update:
    """One update of the resources of a stack."""

    def __init__(
        self, resource_map: Any, template: dict[str, Any], parameters: dict[str, Any] | None
    ) -> None:
        self._map = resource_map
        self._old = resource_map._resource_json_map
        self._new: Mapping[str, Any] = template["Resources"]
        self._diff = resource_map.build_resource_diff(template, parameters)
        given = parameters or {}
        self._changed_parameters = {
            name for name in given if resource_map.input_parameters.get(name) != given[name]
        }
        self._before = (
            resource_map._template,
            resource_map.input_parameters,
            dict(resource_map._parsed_resources),
        )
        self._template = template
        self._parameters = parameters or resource_map.input_parameters
        # What takes back each step.
        self._undo: list[Callable[[], None]] = []
        self._replaced: dict[str, Any] = {}

    def run(self) -> None:
        self._load(self._template, self._parameters, {**self._old, **self._new})
        try:
            for name in in_order(self._new):
                if name not in self._map._parsed_resources:
                    self._add(name)
                elif self._is_changed(name):
                    self._change(name)
        except ResourceFailedError:
            request = current()
            if request is None or not request.keeps_failed:
                self._take_back()
            raise
        self._clean_up()

    def _clean_up(self) -> None:
        """Delete what is not in the template any more; no failure of it fails the update."""
        for resource in self._replaced.values():
            with suppress(ResourceFailedError):
                self._delete(resource, {})
        for name in reversed(in_order(self._old)):
            resource = self._map._parsed_resources.get(name)
            if name in self._diff["Remove"] and resource is not None:
                if self._old[name].get("DeletionPolicy") != "Retain":
                    with suppress(ResourceFailedError):
                        self._delete(resource, self._old[name])
                del self._map._parsed_resources[name]
        self._map._resource_json_map = self._new

    def _load(
        self, template: dict[str, Any], parameters: dict[str, Any], resources: Mapping[str, Any]
    ) -> None:
        self._map._template = template
        self._map.input_parameters = parameters
        self._map._resource_json_map = resources
        self._map.load_mapping()
        self._map.load_parameters()
        self._map.load_conditions()

    def _is_changed(self, name: str) -> bool:
        if name in self._diff["Modify"]:
            return True
        if self._new[name]["Type"] not in OWN_TYPES | {FUNCTION}:
            return False
        # moto does not see parameters in Fn::Sub, nor what another resource's replacement means.
        return bool({*references(self._new[name])} & {*self._changed_parameters, *self._replaced})

    def _add(self, name: str) -> None:
        resource = self._map[name]
        if resource is not None:
            self._undo.append(lambda: self._delete(resource, self._new[name]))

    def _change(self, name: str) -> None:
        before = self._map._parsed_resources.get(name)
        if self._new[name]["Type"] == FUNCTION and hasattr(before, "code_signing_config_arn"):
            from signer_mock._moto.stack_function import restore, state_of

            state = state_of(before)
            self._undo.append(lambda: restore(before, state))
        after = self._parse_and_update(name, self._new[name])
        if after is None:  # moto cannot update this type, so it is as it was
            return
        self._map._parsed_resources[name] = after
        if self._new[name]["Type"] in OWN_TYPES and after is not before:
            self._replaced[name] = before
            self._undo.append(lambda: self._delete(after, {}))
        elif self._new[name]["Type"] != FUNCTION:
            self._undo.append(lambda: self._change_back(name, after))

    def _change_back(self, name: str, after: Any) -> None:
        self._map._parsed_resources[name] = after
        self._map._parsed_resources[name] = self._parse_and_update(name, self._old[name])

    def _parse_and_update(self, name: str, resource: Mapping[str, Any]) -> Any:
        parsing = import_module("moto.cloudformation.parsing")
        return parsing.parse_and_update_resource(
            name,
            resource,
            self._map,
            account_id=self._map._account_id,
            region_name=self._map._region_name,
        )

    def _delete(self, resource: Any, json: Mapping[str, Any]) -> None:
        self._map._delete_resource(resource, json)

    def _take_back(self) -> None:
        template, parameters, resources = self._before
        self._load(template, parameters, self._old)
        self._map._parsed_resources.update(resources)
        for undo in reversed(self._undo):
            undo()
        for name in self._new:
            if name not in resources:
                self._map._parsed_resources.pop(name, None)
