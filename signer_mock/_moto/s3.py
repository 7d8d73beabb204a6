"""S3 for signing jobs: moto's with the caller's own credentials, or a given client."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from signer_mock._intercept.hosts import is_aws_host
from signer_mock._moto.backends import find_backend, moto_answers
from signer_mock._moto.iam import moto_secret
from signer_mock._service.arns import partition_of
from signer_mock.errors import ObjectStoreError
from signer_mock.objects import (
    NULL_VERSION,
    BucketInfo,
    NotAccessibleError,
    SourceObject,
    StorageCaller,
)

_CHUNK = 1 << 20

_HAS_VERSIONS = {"Enabled", "Suspended"}

# What S3 calls the location of the oldest buckets.
_OLD_LOCATIONS = {"EU": "eu-west-1"}


@contextmanager
def _refusal_of(kind: str, name: str) -> Iterator[None]:
    """Turn S3's refusals into ``NotAccessibleError``.

    An unreachable S3 is the test author's problem, so raise ``ObjectStoreError`` for it.
    """
    try:
        yield
    except (ClientError, ParamValidationError) as error:
        # boto3 itself refuses names that no bucket can have.
        if _is_trouble(error):
            raise _unreachable(kind, name, error) from error
        hint = (
            f"S3 did not let the signing job use the {kind} {name!r}: {error} Signing jobs see "
            "what is in mock.objects only with mock_signer(s3='memory') or without moto."
        )
        raise NotAccessibleError(kind, name, hint) from error
    except BotoCoreError as error:
        raise _unreachable(kind, name, error) from error


def _is_trouble(error: Exception) -> bool:
    """Tell whether S3 itself failed, rather than refusing the caller."""
    answer = getattr(error, "response", {})
    status: int = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return bool(
        status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    )


def _unreachable(kind: str, name: str, error: Exception) -> ObjectStoreError:
    return ObjectStoreError(
        f"A signing job could not use S3 for the {kind} {name!r}: {error} Start what the S3 "
        "client given as mock_signer(s3=...) talks to, or correct its endpoint_url."
    )


@dataclass(frozen=True, slots=True)
class _S3Object:
    client: Any
    request: dict[str, str]
    size: int

    def read(self) -> bytes:
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        with _refusal_of("object", self.request["Key"]):
            yield from self.client.get_object(**self.request)["Body"].iter_chunks(_CHUNK)


class S3Objects:
    """An ``ObjectStore`` over boto3 S3 clients.

    Args:
        client_for: The client to use for a caller.
    """

    def __init__(self, client_for: Callable[[StorageCaller], Any]) -> None:
        self._client_for = client_for

    def bucket(self, name: str, caller: StorageCaller) -> BucketInfo:
        """See ``ObjectStore.bucket``."""
        client = self._client_for(caller)
        with _refusal_of("bucket", name):
            versioning = client.get_bucket_versioning(Bucket=name).get("Status")
            location = client.get_bucket_location(Bucket=name).get("LocationConstraint")
        if not location:
            # AWS names none for us-east-1; an S3 of others often knows no regions at all.
            host = urlsplit(client.meta.endpoint_url).hostname or ""
            location = "us-east-1" if is_aws_host(host) else None
        region = _OLD_LOCATIONS.get(location, location)
        return BucketInfo(versioning in _HAS_VERSIONS, region)

    def open(self, bucket: str, key: str, version: str, caller: StorageCaller) -> SourceObject:
        """See ``ObjectStore.open``."""
        client = self._client_for(caller)
        request = {"Bucket": bucket, "Key": key, "VersionId": version}
        with _refusal_of("object", key):
            size = _size_of(client, request)
        return _S3Object(client, request, size)

    def write(
        self, bucket: str, key: str, data: bytes, content_type: str, caller: StorageCaller
    ) -> None:
        """See ``ObjectStore.write``."""
        client = self._client_for(caller)
        with _refusal_of("bucket", bucket):
            client.put_object(Bucket=bucket, Key=key, Body=data, ContentType=content_type)


def _size_of(client: Any, request: dict[str, str]) -> int:
    if request["VersionId"] == NULL_VERSION:
        # moto's GetObject knows this version, its HeadObject does not.
        answer = client.get_object(**request)
        answer["Body"].close()
    else:
        answer = client.head_object(**request)
    return int(answer["ContentLength"])


class MotoObjects(S3Objects):
    """moto's S3 in this process; a job costs one GetObject and one PutObject.

    Everything else that a job looks at comes from moto's state, if moto would let every caller
    look. What is not found there is requested over boto3, so that moto itself refuses it.
    """

    def bucket(self, name: str, caller: StorageCaller) -> BucketInfo:
        """See ``ObjectStore.bucket``."""
        found = _find_bucket(name, caller)
        if found is None:
            return super().bucket(name, caller)
        _, bucket = found
        region = _OLD_LOCATIONS.get(bucket.region_name, bucket.region_name)
        return BucketInfo(bucket.versioning_status in _HAS_VERSIONS, region)

    def open(self, bucket: str, key: str, version: str, caller: StorageCaller) -> SourceObject:
        """See ``ObjectStore.open``."""
        found = _find_bucket(bucket, caller)
        # moto enforces a bucket's policy for requests that concern its objects.
        if found is not None and found[1].policy is None:
            backend, _ = found
            content = backend.get_object(bucket, key, version_id=version)
            if content is not None:
                request = {"Bucket": bucket, "Key": key, "VersionId": version}
                return _S3Object(self._client_for(caller), request, content.size)
        return super().open(bucket, key, version, caller)


def _find_bucket(name: str, caller: StorageCaller) -> tuple[Any, Any] | None:
    """Return the caller's backend and a bucket that the caller may use, or None."""
    if not moto_answers("s3") or _rights_are_checked():
        return None
    backend = find_backend("s3", caller.account_id, partition_of(caller.region))
    if backend is None:
        return None
    from moto.s3.exceptions import S3ClientError

    try:
        # Finds buckets of other accounts too, unless moto is told to keep accounts apart.
        return backend, backend.get_bucket(name)
    except S3ClientError:
        return None


def _rights_are_checked() -> bool:
    """Tell whether moto checks the rights of callers, now or after some number of requests."""
    settings = sys.modules.get("moto.settings")
    return getattr(settings, "INITIAL_NO_AUTH_ACTION_COUNT", 0) != math.inf


def callers_own_clients() -> Callable[[StorageCaller], Any]:
    """Return a function that makes an S3 client with a caller's own key, once for each caller.

    Signing jobs then read and write where the caller's own S3 calls would, and with the caller's
    rights if moto checks rights.
    """
    clients: dict[StorageCaller, Any] = {}

    def client_for(caller: StorageCaller) -> Any:
        if caller not in clients:
            clients[caller] = _session().create_client(
                "s3",
                region_name=caller.region,
                aws_access_key_id=caller.access_key,
                aws_secret_access_key=moto_secret(caller.access_key) or "signer-mock",
                aws_session_token=caller.session_token,
                # Reach moto even if the user's other clients use another endpoint.
                config=Config(ignore_configured_endpoint_urls=True),
            )
        return clients[caller]

    return client_for


@cache
def _session() -> Any:
    # Reading S3's model takes longer than a test, so do it once a process. moto is loaded before
    # this is called, so the session has its handler.
    return botocore.session.Session()
