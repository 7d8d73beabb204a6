"""The five signing platforms and their properties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from signer_mock._service.arns import partition_of
from signer_mock._wire.exceptions import ValidationException

LAMBDA = "AWSLambda-SHA384-ECDSA"
NOTATION = "Notation-OCI-SHA384-ECDSA"
IOT = "AWSIoTDeviceManagement-SHA256-ECDSA"
FREERTOS = "AmazonFreeRTOS-Default"
FREERTOS_TI = "AmazonFreeRTOS-TI-CC3220SF"


class Platform(NamedTuple):
    """A signing platform; the first of several allowed values is the default."""

    platform_id: str
    display_name: str
    partner: str
    target: str
    encryption_algorithms: tuple[str, ...]
    hash_algorithms: tuple[str, ...]
    image_formats: tuple[str, ...]
    max_size_mb: int
    revocation_supported: bool

    @property
    def is_managed(self) -> bool:
        """Whether AWS Signer holds the key; other platforms sign with a certificate in ACM."""
        return self.platform_id in {LAMBDA, NOTATION}

    @property
    def max_size_bytes(self) -> int:
        """The largest object that can be signed, in bytes."""
        return self.max_size_mb * 1024 * 1024

    def describe(self) -> dict[str, Any]:
        """Return the platform as GetSigningPlatform and ListSigningPlatforms show it."""
        return {
            "platformId": self.platform_id,
            "displayName": self.display_name,
            "partner": self.partner,
            "target": self.target,
            # Seen on every platform, although the model's only category is AWSIoT.
            "category": "AWS",
            "signingConfiguration": {
                "encryptionAlgorithmOptions": {
                    "allowedValues": list(self.encryption_algorithms),
                    "defaultValue": self.encryption_algorithms[0],
                },
                "hashAlgorithmOptions": {
                    "allowedValues": list(self.hash_algorithms),
                    "defaultValue": self.hash_algorithms[0],
                },
            },
            "signingImageFormat": {
                "supportedFormats": list(self.image_formats),
                "defaultFormat": self.image_formats[0],
            },
            "maxSizeInMB": self.max_size_mb,
            "revocationSupported": self.revocation_supported,
        }


# In the order in which the live service lists them.
PLATFORMS: Mapping[str, Platform] = {
    platform.platform_id: platform
    for platform in (
        Platform(
            platform_id=IOT,
            # The trailing space is real.
            display_name="AWS IoT Device Management SHA256-ECDSA ",
            partner="AWSIoTDeviceManagement",
            target="SHA256-ECDSA",
            encryption_algorithms=("ECDSA",),
            hash_algorithms=("SHA256",),
            image_formats=("JSONDetached",),
            max_size_mb=2048,
            revocation_supported=False,
        ),
        Platform(
            platform_id=LAMBDA,
            display_name="AWS Lambda",
            partner="AWSLambda",
            target="SHA384-ECDSA",
            encryption_algorithms=("ECDSA",),
            hash_algorithms=("SHA384",),
            image_formats=("JSONDetached",),
            max_size_mb=250,
            revocation_supported=True,
        ),
        Platform(
            platform_id=FREERTOS_TI,
            display_name="Amazon FreeRTOS SHA1-RSA CC3220SF-Format",
            partner="AmazonFreeRTOS",
            target="SHA1-RSA-TISHA1",
            encryption_algorithms=("RSA",),
            hash_algorithms=("SHA1",),
            image_formats=("JSONEmbedded",),
            max_size_mb=16,
            revocation_supported=False,
        ),
        Platform(
            platform_id=FREERTOS,
            display_name="Amazon FreeRTOS SHA256-ECDSA",
            partner="AmazonFreeRTOS",
            target="SHA256-ECDSA",
            encryption_algorithms=("ECDSA", "RSA"),
            hash_algorithms=("SHA256",),
            image_formats=("JSONEmbedded",),
            max_size_mb=16,
            revocation_supported=False,
        ),
        Platform(
            platform_id=NOTATION,
            display_name="Notation for container registries",
            partner="NotationOCI",
            target="SHA384-ECDSA",
            encryption_algorithms=("ECDSA",),
            hash_algorithms=("SHA384",),
            image_formats=("JSONEmbedded",),
            max_size_mb=1,
            revocation_supported=True,
        ),
    )
}


_GOVCLOUD_PLATFORMS = {name: PLATFORMS[name] for name in (LAMBDA, NOTATION)}


def platforms_in(region: str) -> Mapping[str, Platform]:
    """Return the platforms that a region has, by id.

    GovCloud regions have two (AWS GovCloud (US) User Guide, "AWS Signer").
    """
    return _GOVCLOUD_PLATFORMS if partition_of(region) == "aws-us-gov" else PLATFORMS


def known_platform(region: str, platform_id: str) -> Platform:
    """Return the platform that a request names.

    Raises:
        ValidationException: The region has no such platform.
    """
    platform = platforms_in(region).get(platform_id)
    if platform is None:
        msg = f"Invalid platformId: {platform_id}"
        raise ValidationException(msg, "InvalidPlatformId")
    return platform
