"""S3 as signing jobs meet it: moto's under the caller's own credentials, or a given client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.exceptions import ClientError, HTTPClientError

from signer_mock.objects import BucketInfo, NotAccessibleError, SourceObject, StorageCaller

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class _S3Object:
    client: Any
    request: dict[str, str]
    size: int

    def read(self) -> bytes:
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        try:
            body = self.client.get_object(**self.request)["Body"]
        except ClientError as error:
            kind = "object"
            raise NotAccessibleError(kind, self.request["Key"]) from error
        yield from body.iter_chunks(_CHUNK)


class S3Objects:
    """An ``ObjectStore`` over boto3 S3 clients.

    Args:
        client_for: the client to use for a caller.
    """

    def __init__(self, client_for: Callable[[StorageCaller], Any]) -> None:
        self._client_for = client_for

    def bucket(self, name: str, caller: StorageCaller) -> BucketInfo:
        """See ``ObjectStore.bucket``."""
        client = self._client_for(caller)
        try:
            versioning = client.get_bucket_versioning(Bucket=name).get("Status")
            location = client.get_bucket_location(Bucket=name).get("LocationConstraint")
        except (ClientError, HTTPClientError) as error:
            kind = "bucket"
            raise NotAccessibleError(kind, name) from error
        # S3 names no location for us-east-1, and "EU" for the oldest buckets of eu-west-1.
        region = {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}.get(location, location)
        return BucketInfo(versioning in {"Enabled", "Suspended"}, region)

    def open(self, bucket: str, key: str, version: str, caller: StorageCaller) -> SourceObject:
        """See ``ObjectStore.open``."""
        client = self._client_for(caller)
        request = {"Bucket": bucket, "Key": key, "VersionId": version}
        try:
            size = client.head_object(**request)["ContentLength"]
        except ClientError as error:
            kind = "object"
            raise NotAccessibleError(kind, key) from error
        return _S3Object(client, request, size)

    def write(
        self, bucket: str, key: str, data: bytes, content_type: str, caller: StorageCaller
    ) -> None:
        """See ``ObjectStore.write``."""
        client = self._client_for(caller)
        try:
            client.put_object(Bucket=bucket, Key=key, Body=data, ContentType=content_type)
        except ClientError as error:
            kind = "bucket"
            raise NotAccessibleError(kind, bucket) from error


def callers_own_clients() -> Callable[[StorageCaller], Any]:
    """Clients that use each caller's own key, made once a caller.

    moto finds the account behind a key, so objects are read and written where the caller's own
    S3 calls would read and write them.
    """
    session = botocore.session.Session()
    clients: dict[StorageCaller, Any] = {}

    def client_for(caller: StorageCaller) -> Any:
        if caller not in clients:
            clients[caller] = session.create_client(
                "s3",
                region_name=caller.region,
                aws_access_key_id=caller.access_key,
                aws_secret_access_key="signer-mock",  # noqa: S106 - moto checks no signature
                aws_session_token=caller.session_token,
            )
        return clients[caller]

    return client_for
