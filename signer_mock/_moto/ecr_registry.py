"""A registry of moto's ECR, asked with requests of its own protocol."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from signer_mock._intercept.moto_state import ACCOUNT_HEADER
from signer_mock._moto.ecr_errors import RepositoryNotFoundException
from signer_mock._service.image_signing import ImageKey
from signer_mock.errors import SignerMockError

if TYPE_CHECKING:
    from signer_mock._moto.front_request import FrontRequest
    from signer_mock._service.callers import Caller
    from signer_mock._service.world import World
    from signer_mock._wire.http import HttpRequest, HttpResponse

TARGET = "AmazonEC2ContainerRegistry_V20150921"


@dataclass(frozen=True, slots=True)
class Image:
    """An image of a repository of moto's.

    Attributes:
        manifest: Its text, as it was pushed.
        media_type: Of the manifest.
        tag: The tag by which it was found, if it was.
    """

    manifest: str
    media_type: str
    tag: str | None = None

    @property
    def content(self) -> bytes:
        """The manifest's bytes; moto keeps half characters too, which are no UTF-8."""
        return self.manifest.encode(errors="surrogatepass")

    @property
    def digest(self) -> str:
        """The manifest's digest; moto invents one for images pushed without."""
        return digest_of(self.content)

    @property
    def size(self) -> int:
        """The size of the manifest in bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Registry:
    """The registry that a request is for, in the region called.

    Attributes:
        world: The state of the mock.
        caller: Who sent the request.
        region: The region called.
        account_id: The account whose registry it is.
        request: The request; requests to moto get its headers.
        forward: Sends a request on to moto.
    """

    world: World
    caller: Caller
    region: str
    account_id: str
    request: HttpRequest
    forward: Callable[[HttpRequest], HttpResponse | None]

    @classmethod
    def of(cls, call: FrontRequest, parameters: Mapping[str, Any]) -> Registry:
        """Return the registry that ``registryId`` names, by default the caller's own."""
        account_id = parameters.get("registryId") or call.caller.account_id
        # A copy: the adapter takes its own header away when the request is done.
        request = replace(call.request, headers=dict(call.request.headers))
        return cls(call.world, call.caller, call.region, account_id, request, call.forward)

    def image_key(self, repository: str, digest: str) -> ImageKey:
        """Return the key of an image of this registry."""
        return ImageKey(self.account_id, self.region, repository, digest)

    def send(self, operation: str, parameters: Mapping[str, Any]) -> HttpResponse | None:
        """Have moto perform an operation of ECR in this registry."""
        body = json.dumps(parameters).encode()
        headers = {
            **self.request.headers,
            "x-amz-target": f"{TARGET}.{operation}",
            "content-length": str(len(body)),
            ACCOUNT_HEADER: self.account_id,
        }
        return self.forward(replace(self.request, headers=headers, body=body))

    def images(self, repository: str, image_ids: list[dict[str, str]]) -> list[Image]:
        """Return the images of a repository that any of the ids names.

        Raises:
            RepositoryNotFoundException: There is no such repository.
        """
        if not image_ids:
            return []
        answer = self._ask(
            "BatchGetImage", {"repositoryName": repository, "imageIds": image_ids}, repository
        )
        return [
            Image(
                image["imageManifest"],
                image.get("imageManifestMediaType")
                or json.loads(image["imageManifest"]).get("mediaType", ""),
                image.get("imageId", {}).get("imageTag"),
            )
            for image in answer["images"]
        ]

    def all_images(self, repository: str) -> list[Image]:
        """Return every image of a repository, each once, in the order in which they came.

        Raises:
            RepositoryNotFoundException: There is no such repository.
        """
        answer = self._ask("ListImages", {"repositoryName": repository}, repository)
        digests = dict.fromkeys(found["imageDigest"] for found in answer["imageIds"])
        return self.images(repository, [{"imageDigest": digest} for digest in digests])

    def _ask(self, operation: str, parameters: Mapping[str, Any], repository: str) -> Any:
        response = self.send(operation, parameters)
        if response is None:
            msg = "moto's ECR does not answer any more; keep its mock active."
            raise SignerMockError(msg)
        text = response.body.decode("utf-8", "replace")
        if response.status == HTTPStatus.OK:
            return json.loads(text)
        # Not read as JSON: where moto checks rights, it refuses in XML.
        if "RepositoryNotFoundException" in text:
            raise RepositoryNotFoundException(repository, self.account_id)
        msg = f"moto's ECR refused {operation}: {text}"
        raise SignerMockError(msg)


def digest_of(content: bytes) -> str:
    """Return the OCI digest of bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
