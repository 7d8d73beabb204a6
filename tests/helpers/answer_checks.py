"""What holds for every answer that any test gets, checked in one place.

1. An answer has the shape that botocore's service model gives it: no member unknown to the
   model, required ones present, types right, timestamps as numbers.
2. A refusal is one of the service's exceptions, with its own HTTP status and the wire's one form.
3. A refused call changes nothing.

``install`` puts these checks around the function that every mock answers with.
"""

from __future__ import annotations

import base64
import itertools
import json
import pickle
from functools import cache
from typing import Any

from signer_mock import _handle
from signer_mock._service.world import World
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock._wire.model import load_protocol, service_model
from signer_mock.errors import SignerMockError

# Of the protocol, not of the service: no model lists them.
PROTOCOL_ERRORS = {
    "SerializationException": 400,
    "MissingAuthenticationTokenException": 403,
    "UnknownOperationException": 404,
    "UnsupportedMediaTypeException": 415,
}

# Too large a world is not fingerprinted for each call: a few tests make 100,000 jobs.
MAX_FINGERPRINTED_JOBS = 500


def install() -> None:
    """Check every answer from now on; once is enough."""
    if hasattr(_handle.handle, "plain"):
        return
    plain = _handle.handle

    turns = itertools.count()
    running: set[int] = set()

    def handle(world: World, request: HttpRequest) -> HttpResponse:
        world.settle()
        turn = next(turns)
        alone, epoch = not running, world.epoch
        running.add(turn)

        def is_unchanged() -> bool:
            # The lock is given back while a job runs, so what others do at the same time is theirs.
            others = not alone or len(running) > 1 or next(turns) != turn + 1
            others = others or world.epoch != epoch  # the test has put another state in place
            return others or before == fingerprint(world)

        try:
            with world.lock:
                before = fingerprint(world)
            try:
                response = plain(world, request)
            except SignerMockError:
                assert is_unchanged(), "a call that raised changed the world"
                raise
            if response.status >= 400:
                assert is_unchanged(), f"refused, but changed: {response.body!r}"
        finally:
            running.discard(turn)
        if not response.is_injected:
            check_response(request, response)
        return response

    handle.plain = plain  # type: ignore[attr-defined]  # for tests that need it without checks
    _handle.handle = handle


def fingerprint(world: World) -> bytes | None:
    """All that a call could change, as bytes that differ when it does."""
    stores = world._regions
    if sum(len(store.jobs) for store in stores.values()) > MAX_FINGERPRINTED_JOBS:
        return None
    filled = {
        key: store
        for key, store in sorted(stores.items())
        if any(getattr(store, name) for name in store.__slots__)
    }
    objects = {
        (bucket, key): list(versions)
        for bucket, holder in world.memory_objects._buckets.items()
        for key, versions in holder.objects.items()
    }
    certificates = {name: account.certificates for name, account in world._accounts.items()}
    certificates = {name: held for name, held in certificates.items() if held}
    return pickle.dumps((filled, objects, certificates))


@cache
def _model() -> Any:
    return service_model("signer")


def check_response(request: HttpRequest, response: HttpResponse) -> None:
    """Checks 1 and 2."""
    assert response.headers["x-amzn-RequestId"]
    assert response.headers["Content-Length"] == str(len(response.body))
    if response.status >= 400:
        return check_error(response)
    name, _ = load_protocol_router().match(request.method, request.path)
    shape = _model().operation_model(name).output_shape
    if shape is None or not shape.members:
        assert response.body == b"", f"{name} answers nothing"
        return None
    return check_shape(json.loads(response.body), shape, name)


def load_protocol_router() -> Any:
    return load_protocol().router


def check_error(response: HttpResponse) -> None:
    name = response.headers["x-amzn-ErrorType"]
    body = json.loads(response.body)
    assert set(body) in ({"message", "code"}, {"Message", "code"}), body
    assert all(isinstance(text, str) and text for text in body.values()), body
    if name in PROTOCOL_ERRORS:
        assert response.status == PROTOCOL_ERRORS[name]
    else:
        assert response.status == _model().shape_for(name).metadata["error"]["httpStatusCode"]


def check_shape(value: Any, shape: Any, path: str) -> None:
    expected: Any = {
        "structure": dict,
        "map": dict,
        "list": list,
        "string": str,
        "blob": str,
        "boolean": bool,
        "integer": int,
        "timestamp": (int, float),
    }[shape.type_name]
    assert isinstance(value, expected), f"{path}: {value!r} is no {shape.type_name}"
    assert isinstance(value, bool) == (shape.type_name == "boolean"), path
    if shape.type_name == "structure":
        unknown = set(value) - set(shape.members)
        assert not unknown, f"{path}: members unknown to the model: {unknown}"
        # The live service leaves certificateArn out of signingMaterial on managed platforms.
        required = set() if shape.name == "SigningMaterial" else set(shape.required_members)
        assert required <= set(value), f"{path}: lacks {required - set(value)}"
        for name, item in value.items():
            check_shape(item, shape.members[name], f"{path}.{name}")
    elif shape.type_name == "list":
        for item in value:
            check_shape(item, shape.member, f"{path}[]")
    elif shape.type_name == "map":
        for key, item in value.items():
            check_shape(key, shape.key, f"{path} key")
            check_shape(item, shape.value, f"{path}.{key}")
    elif shape.type_name == "blob":
        base64.b64decode(value, validate=True)
