"""Resources of stacks that moto lacks: signing profiles, permissions, code signing configurations.

They are what moto's engine asks of its ``CloudFormationModel``, but none of its subclasses, because
moto would find these without a mock too. Properties, attributes, what ``Ref`` gives and which
changes replace a resource: CloudFormation template reference, and the CDK's generated classes.
"""

from __future__ import annotations

import json
import re
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from signer_mock._moto import lambda_front
from signer_mock._moto.signer_calls import call_signer
from signer_mock._moto.stack_context import ResourceFailedError, calling, current
from signer_mock._service.fault import ConnectionFault
from signer_mock._wire.exceptions import ServiceError

_Properties = Mapping[str, Any]


class _Resource:
    """A resource of a stack.

    Args:
        properties: Those of the template.
        account_id: Whose it is.
        region: Where.
        logical_id: Its name in the template.
    """

    required: ClassVar[frozenset[str]]
    optional: ClassVar[frozenset[str]]
    #: The names that ``Fn::GetAtt`` knows -> those of the attributes here.
    attributes: ClassVar[Mapping[str, str]] = {}

    physical_resource_id: str
    #: Set by moto.
    cf_resource_type: str

    def __init__(
        self, properties: _Properties, account_id: str, region: str, logical_id: str
    ) -> None:
        self.properties = properties
        self.account_id = account_id
        self.region = region
        # moto sets it too, but only after this.
        self.logical_resource_id = logical_id
        self._check()
        self._create()

    def _check(self) -> None:
        problems = [
            f"required key [{name}] not found" for name in self.required - set(self.properties)
        ]
        known = self.required | self.optional
        problems += [
            f"extraneous key [{name}] is not permitted" for name in set(self.properties) - known
        ]
        if problems:
            listed = "\n".join(f"#: {problem}" for problem in sorted(problems))
            msg = (
                f"Properties validation failed for resource {self.logical_resource_id} with "
                f"message:\n{listed}"
            )
            raise ResourceFailedError(msg)

    @abstractmethod
    def _create(self) -> None:
        """Create the resource in the mock."""

    @abstractmethod
    def _change(self, properties: _Properties) -> bool:
        """Change the resource in place; False has it replaced."""

    @abstractmethod
    def _delete(self) -> None:
        """Delete the resource from the mock."""

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,  # noqa: ARG003 - moto's signature
        cloudformation_json: Mapping[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> _Resource:
        """Create the resource."""
        properties = cloudformation_json.get("Properties") or {}
        return cls(properties, account_id, region_name, kwargs["LogicalId"])

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: _Resource,
        new_resource_name: str,  # noqa: ARG003 - moto's signature
        cloudformation_json: Mapping[str, Any],
        account_id: str,
        region_name: str,
    ) -> _Resource:
        """Change the resource, or return another one that takes its place."""
        properties = cloudformation_json.get("Properties") or {}
        if not original_resource._change(properties):
            logical_id = original_resource.logical_resource_id
            return cls(properties, account_id, region_name, logical_id)
        original_resource.properties = properties
        return original_resource

    def delete(self, _account_id: str, _region: str) -> None:
        """Delete the resource; without an active mock it is gone already."""
        if current() is None:
            return
        try:
            self._delete()
        except ResourceFailedError as failure:
            failure.logical_id = self.logical_resource_id
            failure.resource_type = self.cf_resource_type
            raise

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Tell whether ``Fn::GetAtt`` knows an attribute."""
        return attr in cls.attributes

    def get_cfn_attribute(self, name: str) -> str:
        """Return an attribute for ``Fn::GetAtt``."""
        if name not in self.attributes:
            from moto.cloudformation.exceptions import UnformattedGetAttTemplateException

            raise UnformattedGetAttTemplateException
        return str(getattr(self, self.attributes[name]))

    def is_created(self) -> bool:
        """Tell moto that nothing is awaited."""
        return True

    def _signer(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        call = calling(self.account_id, self.region)
        try:
            response = call_signer(call.world, call.caller, call.region, method, path, body)
        except ConnectionFault as fault:
            msg = f"AWS Signer: {fault.kind}."
            raise ResourceFailedError.by_handler(msg, "NetworkFailure") from fault
        answer: dict[str, Any] = json.loads(response.body or b"{}")
        if response.status >= 400:
            message = answer.get("message") or answer.get("Message") or str(response.status)
            raise ResourceFailedError.by_service(message, response.status)
        return answer


class SigningProfile(_Resource):
    """AWS::Signer::SigningProfile; deleting it cancels the profile."""

    required = frozenset({"PlatformId"})
    optional = frozenset({"ProfileName", "SignatureValidityPeriod", "Tags"})
    attributes = {  # noqa: RUF012 - see the base
        "Arn": "arn",
        "ProfileName": "name",
        "ProfileVersion": "version",
        "ProfileVersionArn": "version_arn",
    }

    def _create(self) -> None:
        self.name = self.properties.get("ProfileName") or self._new_name()
        body: dict[str, Any] = {"platformId": self.properties["PlatformId"]}
        validity = self.properties.get("SignatureValidityPeriod")
        if validity:
            body["signatureValidityPeriod"] = {
                "type": validity.get("Type"),
                "value": int(validity.get("Value", 0)),
            }
        tags = _tags(self.properties)
        if tags:
            body["tags"] = tags
        answer = self._signer("PUT", f"/signing-profiles/{quote(self.name, safe='')}", body)
        self.arn, self.version = answer["arn"], answer["profileVersion"]
        self.version_arn = answer["profileVersionArn"]
        self.physical_resource_id = self.arn

    def _new_name(self) -> str:
        ids = calling(self.account_id, self.region).world.ids
        prefix = re.sub(r"[^A-Za-z0-9_]", "", self.logical_resource_id)[:51]
        return f"{prefix}_{ids.hexadecimal(12)}"

    def _change(self, properties: _Properties) -> bool:
        fixed = ("PlatformId", "ProfileName", "SignatureValidityPeriod")
        if any(properties.get(name) != self.properties.get(name) for name in fixed):
            if properties.get("ProfileName") == self.name:
                msg = (
                    "CloudFormation cannot update a stack when a custom-named resource requires "
                    f"replacing. Rename {self.name} and update the stack again."
                )
                raise ResourceFailedError(msg)
            return False
        before, after = _tags(self.properties), _tags(properties)
        path = f"/tags/{quote(self.arn, safe='')}"
        gone = sorted(before.keys() - after.keys())
        if gone:
            self._signer("DELETE", f"{path}?{'&'.join(f'tagKeys={quote(key)}' for key in gone)}")
        if after and after != before:
            self._signer("POST", path, {"tags": after})
        return True

    def _delete(self) -> None:
        self._signer("DELETE", f"/signing-profiles/{quote(self.name, safe='')}")


class ProfilePermission(_Resource):
    """AWS::Signer::ProfilePermission; any change replaces it."""

    required = frozenset({"Action", "Principal", "ProfileName", "StatementId"})
    optional = frozenset({"ProfileVersion"})

    @property
    def _path(self) -> str:
        return f"/signing-profiles/{quote(self.properties['ProfileName'], safe='')}/permissions"

    def _create(self) -> None:
        body = {
            "action": self.properties["Action"],
            "principal": str(self.properties["Principal"]),
            "statementId": self.properties["StatementId"],
        }
        if "ProfileVersion" in self.properties:
            body["profileVersion"] = self.properties["ProfileVersion"]
        policy = self._policy()
        if policy:
            body["revisionId"] = policy["revisionId"]
        self._signer("POST", self._path, body)
        self.physical_resource_id = f"{body['statementId']}|{self.properties['ProfileName']}"

    def _policy(self) -> dict[str, Any] | None:
        try:
            return self._signer("GET", self._path)
        except ResourceFailedError:
            return None  # the first statement makes the policy

    def _change(self, properties: _Properties) -> bool:
        return bool(properties == self.properties)

    def _delete(self) -> None:
        policy = self._policy()
        statement = self.properties["StatementId"]
        if policy and any(one["statementId"] == statement for one in policy["permissions"]):
            revision = quote(policy["revisionId"])
            self._signer(
                "DELETE", f"{self._path}/{quote(statement, safe='')}?revisionId={revision}"
            )


class CodeSigningConfig(_Resource):
    """AWS::Lambda::CodeSigningConfig."""

    required = frozenset({"AllowedPublishers"})
    optional = frozenset({"CodeSigningPolicies", "Description", "Tags"})
    attributes = {  # noqa: RUF012 - see the base
        "CodeSigningConfigArn": "physical_resource_id",
        "CodeSigningConfigId": "config_id",
    }

    def _create(self) -> None:
        wanted = {**_wanted(self.properties), "Tags": _tags(self.properties)}
        config = self._perform("CreateCodeSigningConfig", wanted)
        self.config_id = config["CodeSigningConfigId"]
        self.physical_resource_id = config["CodeSigningConfigArn"]

    def _change(self, properties: _Properties) -> bool:
        named = {"CodeSigningConfigArn": self.physical_resource_id}
        self._perform("UpdateCodeSigningConfig", {**named, **_wanted(properties)})
        resource = {"Resource": self.physical_resource_id}
        before, after = _tags(self.properties), _tags(properties)
        gone = sorted(before.keys() - after.keys())
        if gone:
            self._perform("UntagResource", {**resource, "TagKeys": gone})
        if after and after != before:
            self._perform("TagResource", {**resource, "Tags": after})
        return True

    def _delete(self) -> None:
        named = {"CodeSigningConfigArn": self.physical_resource_id}
        self._perform("DeleteCodeSigningConfig", named)

    def _perform(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        call = calling(self.account_id, self.region)
        try:
            result = lambda_front.perform(call, operation, params)
        except ServiceError as error:
            raise ResourceFailedError.by_service(error.message, error.status) from error
        assert isinstance(result, tuple)
        config: dict[str, Any] = (result[1] or {}).get("CodeSigningConfig", {})
        return config


def _wanted(properties: _Properties) -> dict[str, Any]:
    """Return what a configuration is to be: what a template leaves out is the default."""
    return {
        "AllowedPublishers": properties["AllowedPublishers"],
        "CodeSigningPolicies": properties.get("CodeSigningPolicies")
        or {"UntrustedArtifactOnDeployment": "Warn"},
        "Description": properties.get("Description", ""),
    }


def _tags(properties: _Properties) -> dict[str, str]:
    return {one["Key"]: str(one["Value"]) for one in properties.get("Tags") or ()}
