"""The server's own buckets, for signing jobs of a server without moto's S3."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote

from signer_mock._server.control.surface import PREFIX, Routes, Surface, json_answer
from signer_mock._wire.exceptions import ResourceNotFoundException, ValidationException
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock.errors import ObjectStoreError
from signer_mock.objects import InMemoryObjects


def _objects(surface: Surface) -> InMemoryObjects:
    memory = surface.world.memory_objects
    if surface.world.object_store() is not memory:
        msg = "Signing jobs of this server use S3: send S3's own requests to this port."
        raise ValidationException(msg)
    return memory


def _place(name: str) -> tuple[str, str]:
    bucket, _, key = name.partition("/")
    return unquote(bucket), unquote(key)


def _put(surface: Surface, request: HttpRequest, name: str) -> HttpResponse:
    bucket, key = _place(name)
    objects = _objects(surface)
    options = dict(parse_qsl(request.query))
    try:
        if key:
            kind = request.headers.get("content-type", "application/octet-stream")
            version = objects.put(bucket, key, request.body, kind)
            return json_answer({"bucket": bucket, "key": key, "version": version})
        versioning = options.get("versioning", "true") == "true"
        objects.create_bucket(bucket, versioning=versioning, region=options.get("region"))
    except ObjectStoreError as error:
        raise ValidationException(str(error)) from error
    return json_answer({"bucket": bucket, "versioning": versioning})


def _put_nothing(_surface: Surface, _request: HttpRequest, _rest: str) -> HttpResponse:
    msg = f"Put a bucket, {PREFIX}objects/BUCKET, or an object in one, .../BUCKET/KEY."
    raise ValidationException(msg)


def _get(surface: Surface, request: HttpRequest, name: str) -> HttpResponse:
    bucket, key = _place(name)
    objects = _objects(surface)
    try:
        if not key:
            return json_answer({"keys": objects.keys(bucket)})
        version = dict(parse_qsl(request.query)).get("version")
        data = objects.get(bucket, key, version)
    except ObjectStoreError as error:
        raise ResourceNotFoundException(str(error)) from error
    return HttpResponse(200, {"Content-Type": "application/octet-stream"}, data)


ROUTES: Routes = {
    "objects": {"PUT": _put_nothing},
    "objects/": {"GET": _get, "PUT": _put},
}
