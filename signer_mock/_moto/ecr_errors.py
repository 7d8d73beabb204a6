"""The exceptions of Amazon ECR that managed signing raises (botocore's model of ECR)."""

from __future__ import annotations

from signer_mock._wire.exceptions import ServiceError


class InvalidParameterException(ServiceError):
    """400: a parameter cannot be used."""


class RepositoryNotFoundException(ServiceError):
    """400: the registry has no such repository."""

    def __init__(self, repository: str, registry_id: str) -> None:
        super().__init__(
            f"The repository with name '{repository}' does not exist in the registry with id "
            f"'{registry_id}'"
        )


class ImageNotFoundException(ServiceError):
    """400: the repository has no such image."""

    def __init__(
        self, digest: str | None, tag: str | None, repository: str, registry_id: str
    ) -> None:
        image = f"{{imageDigest:'{digest or 'null'}', imageTag:'{tag or 'null'}'}}"
        super().__init__(
            f"The image with imageId {image} does not exist within the repository with name "
            f"'{repository}' in the registry with id '{registry_id}'"
        )


class SigningConfigurationNotFoundException(ServiceError):
    """400: the registry has no signing configuration."""

    def __init__(self, registry_id: str) -> None:
        super().__init__(
            f"Signing configuration does not exist for the registry with id '{registry_id}'"
        )


class ImageDigestDoesNotMatchException(ServiceError):
    """400: the digest given is not that of the manifest."""

    def __init__(self, given: str, digest: str) -> None:
        super().__init__(
            f"The specified image digest '{given}' does not match the digest '{digest}' that "
            "Amazon ECR calculated for the image"
        )
