"""The control surface: what the author of a test asks of the server, under a path of its own.

JSON in, JSON out; never a private key. AWS uses no path that begins like this one.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from signer_mock._server.refusals import MethodNotAllowedException, refusal
from signer_mock._service.arns import is_account_id
from signer_mock._wire.exceptions import (
    ResourceNotFoundException,
    SerializationException,
    ServiceError,
    UnknownOperationException,
    ValidationException,
)
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock.errors import ObjectStoreError

if TYPE_CHECKING:
    from signer_mock._service.world import World
    from signer_mock.objects import InMemoryObjects

PREFIX = "/_signer_mock/"

_JSON = {"Content-Type": "application/json"}


class Control:
    """Answers the paths below ``/_signer_mock/``.

    Args:
        world: what is controlled.
        reset_moto: empties moto's services on this port; None if there are none.
    """

    def __init__(
        self,
        world: World,
        reset_moto: Callable[[], None] | None = None,
    ) -> None:
        self._world = world
        self._reset_moto = reset_moto
        self._routes: Mapping[str, Mapping[str, Callable[..., HttpResponse]]] = {
            "health": {"GET": self._health},
            "reset": {"POST": self._reset},
            "state": {"GET": self._state},
            "calls": {"GET": self._list_calls},
            "trust-roots": {"GET": self._trust_roots},
            "clock": {"GET": self._show_clock, "POST": self._set_clock},
            "objects": {
                "GET": self._get_object,
                "PUT": self._put_object,
            },
        }

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request; a bad one is told so in the form of the service's errors."""
        name, *rest = request.path.removeprefix(PREFIX).rstrip("/").split("/", 1)
        try:
            methods = self._routes.get(name)
            if methods is None or (rest and name not in {"trust-roots", "objects"}):
                known = ", ".join(sorted(self._routes))
                msg = f"There is no {request.path}; below {PREFIX} there are: {known}."
                raise UnknownOperationException(msg)
            function = methods.get("GET" if request.method == "HEAD" else request.method)
            if function is None:
                allowed = ", ".join(methods)
                msg = f"{PREFIX}{name} takes {allowed}, not {request.method}."
                raise MethodNotAllowedException(msg)
            return function(request, rest[0]) if rest else function(request)
        except ServiceError as error:
            return refusal(error)

    def _health(self, _request: HttpRequest) -> HttpResponse:
        return _json(
            {
                "status": "ok",
                "version": version("signer-mock"),
                "account_id": self._world.account_id,
                "region": self._world.region,
                "with_moto": self._reset_moto is not None,
            }
        )

    def _reset(self, _request: HttpRequest) -> HttpResponse:
        with self._world.lock:
            self._world.reset(keep_keys=True)
            if self._reset_moto is not None:
                self._reset_moto()
        return _json({"status": "ok"})

    def _state(self, _request: HttpRequest) -> HttpResponse:
        with self._world.lock:
            accounts: dict[str, dict[str, Any]] = {}
            for (account_id, region), store in self._world.stores().items():
                if store.profile_history or store.jobs:
                    accounts.setdefault(account_id, {})[region] = {
                        "profiles": [profile.summary() for profile in store.profile_history],
                        "jobs": len(store.jobs),
                    }
            return _json({"accounts": accounts, "calls": len(self._world.calls)})

    def _list_calls(self, _request: HttpRequest) -> HttpResponse:
        calls = [
            {
                "operation": call.operation,
                "account_id": call.account_id,
                "region": call.region,
                "principal": call.principal,
                "params": call.params,
                "status": call.status,
                "error": call.error,
                "time": call.time,
            }
            for call in self._world.calls
        ]
        return _json({"calls": calls})

    def _trust_roots(self, _request: HttpRequest, name: str | None = None) -> HttpResponse:
        if name is None:
            made = {a.account_id for a in self._world.accounts() if a.has_authority}
            ids = sorted(made | {self._default_account})
            return _json({"trust_roots": {account: self._root(account) for account in ids}})
        account_id = name.removesuffix(".pem")
        if not is_account_id(account_id):
            msg = f"{account_id!r} is not an account id of twelve digits."
            raise ValidationException(msg)
        pem = self._root(account_id)
        if name.endswith(".pem"):
            return HttpResponse(200, {"Content-Type": "application/x-pem-file"}, pem.encode())
        return _json({"trust_roots": {account_id: pem}})

    @property
    def _default_account(self) -> str:
        return self._world.account_id

    def _root(self, account_id: str) -> str:
        return self._world.account(account_id).authority.trust_root_pem.decode("ascii")

    def _show_clock(self, _request: HttpRequest) -> HttpResponse:
        return _json({"now": self._world.clock.now()})

    def _set_clock(self, request: HttpRequest) -> HttpResponse:
        order = _load(request.body)
        if len(order) != 1:
            msg = (
                'Give one of {"freeze": TIME or null}, {"advance": {"days": 1}}, {"resume": true}.'
            )
            raise ValidationException(msg)
        ((verb, value),) = order.items()
        clock = self._world.clock
        with self._world.lock:
            try:
                if verb == "freeze" and (value is None or isinstance(value, str)):
                    clock.freeze(value)
                elif verb == "advance" and isinstance(value, dict):
                    clock.advance(**value)
                elif verb == "resume" and value is True:
                    clock.resume()
                else:
                    msg = f"The clock cannot be told {verb!r} {value!r}."
                    raise ValidationException(msg)
            except (TypeError, ValueError, OverflowError) as error:
                msg = f"The clock cannot be told {verb!r} {value!r}: {error}."
                raise ValidationException(msg) from error
        return self._show_clock(request)

    def _objects(self) -> InMemoryObjects:
        memory = self._world.memory_objects
        if self._world.object_store() is not memory:
            msg = "Signing jobs of this server use S3: send S3's own requests to this port."
            raise ValidationException(msg)
        return memory

    def _put_object(self, request: HttpRequest, name: str = "") -> HttpResponse:
        bucket, _, key = name.partition("/")
        objects = self._objects()
        try:
            if key:
                kind = request.headers.get("content-type", "application/octet-stream")
                version = objects.put(unquote(bucket), unquote(key), request.body, kind)
                return _json({"bucket": unquote(bucket), "key": unquote(key), "version": version})
            if not bucket:
                msg = f"Put a bucket, {PREFIX}objects/BUCKET, or an object in one, .../BUCKET/KEY."
                raise ValidationException(msg)
            options = dict(parse_qsl(request.query))
            versioning = options.get("versioning", "true") == "true"
            objects.create_bucket(
                unquote(bucket), versioning=versioning, region=options.get("region")
            )
        except ObjectStoreError as error:
            raise ValidationException(str(error)) from error
        return _json({"bucket": unquote(bucket), "versioning": versioning})

    def _get_object(self, request: HttpRequest, name: str = "") -> HttpResponse:
        bucket, _, key = name.partition("/")
        objects = self._objects()
        try:
            if not key:
                return _json({"keys": objects.keys(unquote(bucket))})
            version = dict(parse_qsl(request.query)).get("version")
            data = objects.get(unquote(bucket), unquote(key), version)
        except ObjectStoreError as error:
            raise ResourceNotFoundException(str(error)) from error
        return HttpResponse(200, {"Content-Type": "application/octet-stream"}, data)


def _json(document: Mapping[str, Any]) -> HttpResponse:
    body = json.dumps(document, default=_plain, indent=1).encode()
    return HttpResponse(200, dict(_JSON), body + b"\n")


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return str(value)


def _load(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        msg = "The request body is not valid JSON."
        raise SerializationException(msg) from error
    if not isinstance(document, dict):
        msg = "The request body is not a JSON object."
        raise SerializationException(msg)
    return document
