"""What becomes of a stack of which a resource failed."""

from __future__ import annotations

from typing import Any

from signer_mock._moto.stack_context import ResourceFailedError


def failed_to(verb: str, failure: ResourceFailedError) -> str:
    """Return CloudFormation's sentence about the resource that failed."""
    return f"The following resource(s) failed to {verb}: [{failure.logical_id}]."


def roll_back_creation(
    backend: Any, stack: Any, failure: ResourceFailedError, *, keep: bool
) -> None:
    """Delete what a stack has made before a resource failed.

    Args:
        backend: Moto's CloudFormation.
        stack: Moto's stack.
        failure: The resource's.
        keep: Leave it instead, as the caller wants it.
    """
    _record(stack, failure, "CREATE_FAILED")
    reason = failed_to("create", failure)
    if keep:
        _end(stack, "CREATE_FAILED", f"{reason} ")
    else:
        stack._add_stack_event("ROLLBACK_IN_PROGRESS", f"{reason} Rollback requested by user.")
        try:
            stack.resource_map.delete()
        except Exception as error:  # noqa: BLE001 - moto raises what it likes
            _end(stack, "ROLLBACK_FAILED", str(error))
        else:
            _end(stack, "ROLLBACK_COMPLETE")
    for name, export in list(backend.exports.items()):
        if export.exporting_stack_id == stack.stack_id:
            del backend.exports[name]
    _forget_missing(stack)


def roll_back_update(stack: Any, failure: ResourceFailedError, *, keep: bool) -> None:
    """Tell of an update that failed; what it had changed has been taken back already."""
    _record(stack, failure, "UPDATE_FAILED")
    reason = failed_to("update", failure)
    if keep:
        _end(stack, "UPDATE_FAILED", f"{reason} ")
        _forget_missing(stack)
        return
    stack._add_stack_event("UPDATE_ROLLBACK_IN_PROGRESS", f"{reason} ")
    _end(stack, "UPDATE_ROLLBACK_COMPLETE")


def fail_deletion(stack: Any, failure: ResourceFailedError) -> None:
    """Tell of a deletion that failed; what could not be deleted stays in the stack."""
    _record(stack, failure, "DELETE_FAILED")
    _end(stack, "DELETE_FAILED", f"{failed_to('delete', failure)} ")
    _forget_missing(stack)


def require_updatable(stack: Any) -> None:
    """Refuse to update a stack whose creation was rolled back, as moto does in UpdateStack.

    Raises:
        ValidationError: Moto's.
    """
    if stack.status == "ROLLBACK_COMPLETE":
        from moto.cloudformation.exceptions import ValidationError

        msg = f"Stack:{stack.stack_id} is in ROLLBACK_COMPLETE state and can not be updated."
        raise ValidationError(message=msg)


def _record(stack: Any, failure: ResourceFailedError, status: str) -> None:
    from moto.cloudformation.models import Event

    resource = stack.resource_map._parsed_resources.get(failure.logical_id)
    event = Event(
        stack_id=stack.stack_id,
        stack_name=stack.name,
        logical_resource_id=failure.logical_id,
        physical_resource_id=getattr(resource, "physical_resource_id", ""),
        resource_type=failure.resource_type,
        resource_status=status,
        resource_status_reason=str(failure),
        resource_properties=None,
    )
    stack.events.append(event)


def _end(stack: Any, status: str, reason: str | None = None) -> None:
    stack.status = status
    stack._add_stack_event(status, reason)


def _forget_missing(stack: Any) -> None:
    """Take what does not exist out of a stack: moto would make it when it is only looked at."""
    from moto.cloudformation.parsing import OutputMap

    resources = stack.resource_map
    resources._resource_json_map = {
        name: one
        for name, one in resources._resource_json_map.items()
        if name in resources._parsed_resources
    }
    stack.output_map = OutputMap(resources, {}, stack.stack_id)
