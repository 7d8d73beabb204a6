"""Targets for ``signer-mock parity``: a server with all it needs, one that answers wrongly."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from signer_mock import _handle
from signer_mock._service.new_world import new_world
from signer_mock._signing.ca.certificates import make_code_signing_certificate
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock.server import serve_world

ACCOUNT, SECOND = "123456789012", "210987654321"

Change = Callable[[HttpRequest, HttpResponse], HttpResponse]


def equip(client: Callable[[str], Any]) -> list[str]:
    """Make a bucket, a certificate and a role where they are wanted; the options that name them."""
    s3 = client("s3")
    s3.create_bucket(Bucket="parity-code")
    s3.put_bucket_versioning(Bucket="parity-code", VersioningConfiguration={"Status": "Enabled"})
    now = dt.datetime.now(dt.timezone.utc)
    certificate, key = make_code_signing_certificate("parity", "ECDSA", now)
    acm = client("acm").import_certificate(Certificate=certificate, PrivateKey=key)
    role = client("iam").create_role(RoleName="ci", AssumeRolePolicyDocument="{}")["Role"]
    return [
        *("--bucket", "parity-code"),
        *("--certificate-arn", acm["CertificateArn"]),
        *("--role-arn", role["Arn"]),
        "--irreversible",
    ]


def second_profile(folder: Path) -> dict[str, str]:
    """The environment in which the AWS profile ``second`` is of another account."""
    credentials = folder / "credentials"
    credentials.write_text(f"[second]\naws_access_key_id={SECOND}\naws_secret_access_key=x\n")
    config = folder / "config"
    config.write_text("")
    return {"AWS_SHARED_CREDENTIALS_FILE": str(credentials), "AWS_CONFIG_FILE": str(config)}


@contextlib.contextmanager
def serving(handle: Callable[[HttpRequest], HttpResponse]) -> Iterator[str]:
    """The address at which ``handle`` answers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_handle, "handle", lambda _world, request: handle(request))
        with serve_world() as server:
            yield server.url


@contextlib.contextmanager
def changed_server(change: Change) -> Iterator[str]:
    """The address of the mock, with its answers changed."""
    answer = functools.partial(_handle.handle, new_world())
    with serving(lambda request: change(request, answer(request))) as url:
        yield url


@contextlib.contextmanager
def changed_answers(change: Change) -> Iterator[Any]:
    """A server with S3 and the like, whose answers of Signer are changed."""
    answer = _handle.handle
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_handle, "handle", lambda world, one: change(one, answer(world, one)))
        with serve_world(with_s3=True) as server:
            yield server


def with_body(response: HttpResponse, body: Any, status: int | None = None) -> HttpResponse:
    """The same answer with another body, and another status if one is given."""
    data = json.dumps(body).encode()
    return HttpResponse(status or response.status, dict(response.headers), data)


def is_call(request: HttpRequest, method: str, path: str) -> bool:
    """Whether a request is one with this method, whose path begins so."""
    return request.method == method and request.path.startswith(quote(path))
