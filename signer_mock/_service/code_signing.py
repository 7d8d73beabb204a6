"""Lambda's code signing configurations, and what Lambda decided about each deployment."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from signer_mock._service.log import Log

SignatureStatus = Literal["VALID", "MISMATCH", "EXPIRED", "REVOKED", "CORRUPT"]


class CodeSigningConfig(NamedTuple):
    """A code signing configuration of Lambda."""

    config_id: str
    arn: str
    publishers: tuple[str, ...]
    policy: Literal["Warn", "Enforce"]
    description: str
    last_modified: dt.datetime
    tags: Mapping[str, str]

    def describe(self) -> dict[str, Any]:
        """Return the configuration as Lambda's responses show it."""
        milliseconds = self.last_modified.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        return {
            "CodeSigningConfigId": self.config_id,
            "CodeSigningConfigArn": self.arn,
            "Description": self.description,
            "AllowedPublishers": {"SigningProfileVersionArns": list(self.publishers)},
            "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": self.policy},
            "LastModified": f"{milliseconds}+0000",
        }


class Deployment(NamedTuple):
    """What Lambda decided about one package, of a function or of a layer.

    Attributes:
        operation: The call that deployed it: ``"CreateFunction"``, ``"UpdateFunctionCode"``,
            ``"UpdateFunctionConfiguration"``.
        function_arn: The function.
        layer_arn: The layer version that was checked; None is the function's own package.
        config_arn: The code signing configuration.
        policy: Its ``UntrustedArtifactOnDeployment``.
        deployed: Whether it was let through.
        dry_run: Whether UpdateFunctionCode was only tried.
        signature_status: ``"VALID"``, or what is wrong: ``"MISMATCH"`` (unsigned, or by another
            publisher), ``"EXPIRED"``, ``"REVOKED"``, ``"CORRUPT"``.
        findings: What is wrong, a sentence each; empty for ``"VALID"``.
        profile_version_arn: Who signed; None where it is not signed.
        job_arn: The signing job; None where it is not signed.
        time: When, by the mock's clock.
    """

    operation: str
    function_arn: str
    layer_arn: str | None
    config_arn: str
    policy: str
    deployed: bool
    dry_run: bool
    signature_status: SignatureStatus
    findings: tuple[str, ...]
    profile_version_arn: str | None
    job_arn: str | None
    time: dt.datetime

    def __repr__(self) -> str:
        return f"<Deployment {self}>"

    def _repr_html_(self) -> str:
        from signer_mock._views.tables import records_view

        return records_view((self,))

    @property
    def additional_event_data(self) -> Mapping[str, str]:
        """The ``additionalEventData`` of CloudTrail's record of the call."""
        data = {
            "signatureStatus": self.signature_status,
            "signingJobArn": self.job_arn,
            "signingProfileVersionArn": self.profile_version_arn,
        }
        return {name: value for name, value in data.items() if value is not None}

    def __str__(self) -> str:
        what = f"layer {self.layer_arn} of " if self.layer_arn else ""
        outcome = "deployed" if self.deployed else "refused"
        return f"{self.operation} {what}{self.function_arn}: {outcome}, {self.signature_status}"


@dataclass(slots=True, repr=False, eq=False)
class CodeSigning:
    """What Lambda keeps about code signing, beside moto's own state.

    Attributes:
        configs: By account and region, then by ARN, oldest first.
        deployments: ``mock.deployments``.
    """

    configs: dict[tuple[str, str], dict[str, CodeSigningConfig]] = field(default_factory=dict)
    deployments: Log[Deployment] = field(default_factory=Log)

    def reset(self) -> None:
        """Forget everything."""
        self.configs.clear()
        self.deployments.clear()

    def export(self) -> tuple[Any, Sequence[Deployment]]:
        """Copy the state, for ``restore``."""
        return copy.deepcopy(self.configs), tuple(self.deployments)

    def restore(self, state: tuple[Any, Sequence[Deployment]]) -> None:
        """Replace the state by what ``export`` gave."""
        self.configs = copy.deepcopy(state[0])
        self.deployments.restore(state[1])
