"""botocore's service model of AWS Signer, compiled once a process.

The model decides which operations exist, where each input member travels, which constraints it
has, and which exceptions an operation raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from botocore.loaders import Loader
from botocore.model import ServiceModel

from signer_mock._wire.exceptions import BadRequestException, ServiceError, ValidationException
from signer_mock._wire.http import HttpRequest
from signer_mock._wire.parse import input_parser
from signer_mock._wire.route import Router
from signer_mock._wire.validate import input_validator

# Every Lambda and Notation platform reports this algorithm (GetSigningPlatform).
_VALUES_BEYOND_THE_MODEL = {"HashAlgorithm": ["SHA384"]}


class Operation(NamedTuple):
    """The functions that parse and validate the input of one operation."""

    parse: Callable[[HttpRequest, Mapping[str, str]], dict[str, Any]]
    validate: Callable[[Mapping[str, Any]], None]


class Protocol:
    """All operations of the service, and the router that finds them."""

    def __init__(self) -> None:
        self._model = service_model("signer")
        self._compiled: dict[str, Operation] = {}
        self.router = Router()
        for name in self._model.operation_names:
            http = self._model.operation_model(name).http
            self.router.add(http["method"], http["requestUri"], name)

    def operation(self, name: str) -> Operation:
        """Return an operation, compiled when it is first called."""
        operation = self._compiled.get(name)
        if operation is None:
            operation = self._compiled[name] = compile_operation(self._model.operation_model(name))
        return operation


def compile_operation(model: Any) -> Operation:
    """Compile the parser and the validator of an operation, by botocore's model of it."""
    # The tag operations have their own exception for invalid input.
    has_bad_request = any(shape.name == "BadRequestException" for shape in model.error_shapes)
    error: type[ServiceError] = BadRequestException if has_bad_request else ValidationException
    return Operation(
        parse=input_parser(model.input_shape),
        validate=input_validator(model.input_shape, error),
    )


def service_model(name: str) -> ServiceModel:
    """Read a service model from the installed botocore, without a session.

    Where the live service takes more than the model allows, the model is extended.
    """
    # load_service_model() would look into the folder of every service first.
    loader = Loader()
    version = loader.determine_latest_version(name, "service-2")
    description = loader.load_data(f"{name}/{version}/service-2")
    shapes = description["shapes"]
    if "PutSigningProfileRequest" in shapes:
        # Of the tags at put, the API reference prints a maximum only: an empty map is no tags.
        shapes["OptionalTagMap"] = {**shapes["TagMap"], "min": 0}
        shapes["PutSigningProfileRequest"]["members"]["tags"]["shape"] = "OptionalTagMap"
    for shape, values in _VALUES_BEYOND_THE_MODEL.items():
        enum = shapes.get(shape, {}).get("enum", [])
        enum.extend(value for value in values if value not in enum)
    return ServiceModel(description, name)


@cache
def load_protocol() -> Protocol:
    """Return the one ``Protocol`` of the process."""
    return Protocol()
