"""ECR's signing configurations: one for each registry and Region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from signer_mock._moto.ecr_errors import SigningConfigurationNotFoundException
from signer_mock._service.arns import parse_arn, partition_of
from signer_mock._wire.exceptions import ValidationException

if TYPE_CHECKING:
    from signer_mock._moto.ecr_registry import Registry


def put(registry: Registry, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Perform PutSigningConfiguration, which creates or replaces the registry's rules."""
    configuration = parameters["signingConfiguration"]
    for number, rule in enumerate(configuration["rules"], start=1):
        arn = parse_arn(rule["signingProfileArn"])
        assert arn is not None, "the model's pattern has been checked"
        if (arn.partition, arn.region) != (partition_of(registry.region), registry.region):
            # ECR user guide, "Managed signing", considerations.
            msg = (
                f"Invalid parameter at 'signingConfiguration.rules.{number}.signingProfileArn' "
                "failed to satisfy constraint: 'the signing profile must be in the Region of the "
                f"registry, {registry.region}'"
            )
            raise ValidationException(msg)
    with registry.world.lock:
        registry.world.image_signing.configurations[_place(registry)] = configuration
    return {"signingConfiguration": configuration}


def get(registry: Registry, _parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Perform GetSigningConfiguration."""
    configuration = registry.world.image_signing.configurations.get(_place(registry))
    if configuration is None:
        raise SigningConfigurationNotFoundException(registry.account_id)
    return {"registryId": registry.account_id, "signingConfiguration": configuration}


def delete(registry: Registry, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Perform DeleteSigningConfiguration; existing signatures stay."""
    with registry.world.lock:
        deleted = get(registry, parameters)
        del registry.world.image_signing.configurations[_place(registry)]
    return deleted


def matching_profiles(registry: Registry, repository: str) -> list[str]:
    """Return the ARNs of the profiles that sign images of a repository, each once."""
    configuration = registry.world.image_signing.configurations.get(_place(registry))
    rules = configuration["rules"] if configuration else ()
    return list(
        dict.fromkeys(
            rule["signingProfileArn"]
            for rule in rules
            if _matches(rule.get("repositoryFilters"), repository)
        )
    )


def _matches(filters: Sequence[Mapping[str, str]] | None, repository: str) -> bool:
    if filters is None:
        return True
    # The model's pattern lets no other of fnmatch's special characters in.
    return any(fnmatchcase(repository, one["filter"]) for one in filters)


def _place(registry: Registry) -> tuple[str, str]:
    return registry.account_id, registry.region
