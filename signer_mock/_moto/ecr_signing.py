"""ECR signs an image that is pushed: SignPayload as the pusher, once for each matching profile."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from signer_mock._moto.ecr_configuration import matching_profiles
from signer_mock._moto.ecr_errors import (
    ImageDigestDoesNotMatchException,
    RepositoryNotFoundException,
)
from signer_mock._moto.ecr_manifests import (
    EMPTY_CONFIGURATION,
    OCI_MANIFEST,
    compact,
    is_container_image,
    read_manifest,
    signature_manifest,
)
from signer_mock._moto.ecr_registry import Image, digest_of
from signer_mock._moto.signer_calls import call_signer
from signer_mock._service.arns import parse_arn
from signer_mock._service.fault import ConnectionFault
from signer_mock._service.image_signing import SigningStatus
from signer_mock._service.signing_jobs import NOTARY_PAYLOAD

if TYPE_CHECKING:
    from signer_mock._moto.ecr_registry import Registry
    from signer_mock._service.image_signing import ImageKey
    from signer_mock._wire.http import HttpResponse


def put_image(registry: Registry, parameters: Mapping[str, Any]) -> HttpResponse | None:
    """Perform PutImage: moto stores the image, and each matching rule signs it."""
    repository = parameters.get("repositoryName", "")
    profiles = matching_profiles(registry, repository)
    manifest = parameters.get("imageManifest", "")
    if not profiles or not read_manifest(manifest):
        return None  # moto's alone, which refuses a manifest that is not JSON
    media_type = parameters.get("imageManifestMediaType") or str(
        read_manifest(manifest).get("mediaType", "")
    )
    image = Image(manifest, media_type)
    given = parameters.get("imageDigest", image.digest)
    if given != image.digest:
        raise ImageDigestDoesNotMatchException(given, image.digest)
    # moto would invent a digest, and the signature is over the true one.
    response = registry.send("PutImage", {**parameters, "imageDigest": image.digest})
    pushed = response is not None and response.status == HTTPStatus.OK
    if pushed and is_container_image(manifest, media_type):
        for profile_arn in profiles:
            _Signing(registry, repository, image, profile_arn).start()
    return response


@dataclass(frozen=True, slots=True)
class _Signing:
    """The signing of one image with one profile."""

    registry: Registry
    repository: str
    image: Image
    profile_arn: str

    @property
    def _key(self) -> ImageKey:
        return self.registry.image_key(self.repository, self.image.digest)

    def start(self) -> None:
        """Sign now, or later where the test holds signing jobs."""
        if self._is_signed():
            return
        world = self.registry.world
        job_id = self._key.job_id(self.profile_arn)
        with world.lock:
            stays_under_way, failure = world.job_controls.take(
                job_id, self.registry.caller, self.registry.region, world.clock.now()
            )
            if stays_under_way:
                world.image_signing.pending[job_id] = self.finish
                self._set("IN_PROGRESS")
        if not stays_under_way:
            self.finish(failure)

    def finish(self, failure: str | None) -> None:
        """Sign, or fail for a reason; ignore an image that was deleted meanwhile."""
        try:
            # By the true digests: moto keeps an invented one of an earlier push.
            left = {image.digest for image in self.registry.all_images(self.repository)}
        except RepositoryNotFoundException:
            left = set()
        if self._key.digest not in left:
            self.registry.world.image_signing.statuses.pop(self._key, None)
        elif failure is not None:
            self._fail("SigningJobFailed", failure)
        else:
            self._sign()

    def _sign(self) -> None:
        try:
            response = self._sign_payload()
        except ConnectionFault as fault:
            return self._fail("InternalServiceErrorException", f"AWS Signer: {fault.kind}.")
        answer = json.loads(response.body)
        if response.status != HTTPStatus.OK:
            code = response.headers.get("x-amzn-ErrorType", str(response.status))
            return self._fail(code, answer.get("message") or answer.get("Message") or code)
        envelope = base64.b64decode(answer["signature"])
        manifest = signature_manifest(self._subject, envelope, answer["metadata"])
        signature = Image(manifest, OCI_MANIFEST)
        # Untagged, as `notation sign` leaves it. Sent to moto directly, so no rule signs it again.
        parameters = {
            "repositoryName": self.repository,
            "imageManifest": manifest,
            "imageManifestMediaType": OCI_MANIFEST,
            "imageDigest": signature.digest,
        }
        try:
            stored = self.registry.send("PutImage", parameters)
        except Exception as error:  # noqa: BLE001 - no error of moto's may fail the push
            return self._fail("InternalFailure", f"moto did not keep the signature: {error!r}")
        if stored is None or stored.status != HTTPStatus.OK:
            reason = stored.body.decode() if stored else "its mock has stopped"
            return self._fail("InternalFailure", f"moto did not keep the signature: {reason}")
        world = self.registry.world
        with world.lock:
            for content in (envelope, EMPTY_CONFIGURATION):
                world.image_signing.blobs[digest_of(content)] = content
            self._set("COMPLETE", signature_digest=signature.digest)
        return None

    @property
    def _subject(self) -> dict[str, Any]:
        image = self.image
        return {"mediaType": image.media_type, "digest": image.digest, "size": image.size}

    def _sign_payload(self) -> HttpResponse:
        """Call SignPayload as ``notation sign`` does, with the pusher's credentials."""
        profile = parse_arn(self.profile_arn)
        assert profile is not None, "checked when the rule was created"
        body = {
            "profileName": profile.resource.rpartition("/")[2],
            "profileOwner": profile.account_id,
            "payloadFormat": NOTARY_PAYLOAD,
            "payload": base64.b64encode(
                compact({"targetArtifact": self._subject}).encode()
            ).decode(),
        }
        registry = self.registry
        path = "/signing-jobs/with-payload"
        return call_signer(registry.world, registry.caller, registry.region, "POST", path, body)

    def _is_signed(self) -> bool:
        earlier = self.registry.world.image_signing.get(self._key, self.profile_arn)
        if earlier is None or earlier.signature_digest is None:
            return False
        return bool(
            self.registry.images(self.repository, [{"imageDigest": earlier.signature_digest}])
        )

    def _fail(self, code: str, reason: str) -> None:
        self._set("FAILED", failure_code=code, failure_reason=reason)

    def _set(self, status: Any, **details: str) -> None:
        with self.registry.world.lock:
            self.registry.world.image_signing.set(
                self._key, SigningStatus(self.profile_arn, status, **details)
            )
