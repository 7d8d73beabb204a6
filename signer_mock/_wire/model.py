"""botocore's service model of AWS Signer, compiled once a process into what the wire needs.

The model is the law of shape: which operations there are, where each input member travels,
which constraints it has, what an answer looks like.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

from signer_mock._wire.parse import InputParser
from signer_mock._wire.route import Router
from signer_mock._wire.serialize import output_serializer
from signer_mock._wire.validate import InputValidator

# Every Lambda and Notation platform reports this algorithm (GetSigningPlatform).
_VALUES_BEYOND_THE_MODEL = {"HashAlgorithm": ["SHA384"]}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the service, ready to parse, validate and serialise."""

    name: str
    parser: InputParser
    validator: InputValidator
    serialize: Callable[[Mapping[str, Any] | None], bytes]
    errors: frozenset[str]


class Protocol:
    """All operations of the service and the way to them."""

    def __init__(self) -> None:
        self._model = service_model("signer")
        self._compiled: dict[str, Operation] = {}
        self.names: tuple[str, ...] = tuple(self._model.operation_names)
        self.router = Router()
        for name in self.names:
            http = self._model.operation_model(name).http
            self.router.add(http["method"], http["requestUri"], name)

    def operation(self, name: str) -> Operation:
        """The compiled operation; a process compiles only the ones that it calls."""
        operation = self._compiled.get(name)
        if operation is None:
            operation = self._compiled[name] = self._compile(name)
        return operation

    def _compile(self, name: str) -> Operation:
        model = self._model.operation_model(name)
        return Operation(
            name=name,
            parser=InputParser(model.input_shape),
            validator=InputValidator(model.input_shape),
            serialize=output_serializer(model.output_shape),
            errors=frozenset(shape.name for shape in model.error_shapes),
        )


def service_model(name: str) -> ServiceModel:
    """Read a service model from the installed botocore, without a session.

    Enumerations are extended by the values that the live service takes beyond them.
    """
    description = Loader().load_service_model(name, "service-2")
    for shape, values in _VALUES_BEYOND_THE_MODEL.items():
        enum = description["shapes"].get(shape, {}).get("enum", [])
        enum.extend(value for value in values if value not in enum)
    return ServiceModel(description, name)


@cache
def load_protocol() -> Protocol:
    """Return the one ``Protocol`` of the process."""
    return Protocol()
