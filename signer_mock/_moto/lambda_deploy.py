"""Check deployments to functions with a code signing configuration, then hand them to moto.

Source: AWS Lambda developer guide, "Using code signing to verify code integrity with Lambda".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote

from signer_mock._moto.front_request import FrontRequest
from signer_mock._moto.lambda_configs import (
    find_config,
    find_function,
    function_arn,
    require_zip,
)
from signer_mock._moto.lambda_errors import (
    CodeVerificationFailedException,
    InvalidCodeSignatureException,
    ResourceNotFoundException,
)
from signer_mock._moto.lambda_packages import as_zip_file, layer_code, package_of
from signer_mock._service.code_signing import CodeSigningConfig, Deployment, SignatureStatus
from signer_mock._service.revocations import revoked_entities

if TYPE_CHECKING:
    from signer_mock._service.world import World
    from signer_mock._signing.errors import VerificationError
    from signer_mock._signing.verified import VerifiedSignature
    from signer_mock._wire.http import HttpRequest, HttpResponse

_Labels = Mapping[str, str]


def create_function(call: FrontRequest, _labels: _Labels) -> HttpResponse | None:
    """Perform CreateFunction; with a configuration, check package and layers first."""
    spec = _json(call.request)
    if spec is None or not spec.get("CodeSigningConfigArn"):
        return None
    require_zip(spec.get("PackageType"))
    config = find_config(call, spec["CodeSigningConfigArn"])
    check = Check(call, config, "CreateFunction", function_arn(call, str(spec["FunctionName"])))
    if find_function(call, check.function_arn) is not None:
        return None  # moto refuses it, and nothing is deployed
    code = package_of(call, spec.get("Code") or {})
    signature = check.package(code)
    check.layers(spec.get("Layers"))
    spec["Code"] = as_zip_file(spec["Code"], code)
    spec["SigningProfileVersionArn"] = signature.profile_version_arn
    spec["SigningJobArn"] = signature.job_arn
    return check.done(call.forward(_with_json(call.request, spec)))


def update_function_code(call: FrontRequest, labels: _Labels) -> HttpResponse | None:
    """Perform UpdateFunctionCode; a DryRun is checked too, and changes nothing."""
    spec, function = _json(call.request), find_function(call, labels["FunctionName"])
    if spec is None or function is None or not function.code_signing_config_arn:
        return None
    config = find_config(call, function.code_signing_config_arn)
    is_dry_run = spec.get("DryRun") is True
    check = Check(call, config, "UpdateFunctionCode", function.function_arn, is_dry_run=is_dry_run)
    code = package_of(call, spec)
    signature = check.package(code)
    before = function.signing_profile_version_arn, function.signing_job_arn
    if not is_dry_run:
        # Before moto sees it, because it may publish a version, which is a copy.
        function.signing_profile_version_arn = signature.profile_version_arn
        function.signing_job_arn = signature.job_arn
    response = call.forward(_with_json(call.request, as_zip_file(spec, code)))
    if response is None or response.status >= 400:
        function.signing_profile_version_arn, function.signing_job_arn = before
    return check.done(response)


def update_function_configuration(call: FrontRequest, labels: _Labels) -> HttpResponse | None:
    """Perform UpdateFunctionConfiguration, and check the layers that it names."""
    spec, function = _json(call.request), find_function(call, labels["FunctionName"])
    if spec is None or function is None or not function.code_signing_config_arn:
        return None
    config = find_config(call, function.code_signing_config_arn)
    check = Check(call, config, "UpdateFunctionConfiguration", function.function_arn)
    check.layers(spec.get("Layers"))
    return check.done(call.forward(call.request))


def layer_version(call: FrontRequest, _labels: _Labels) -> HttpResponse | None:
    """Perform PublishLayerVersion or GetLayerVersion, and add who signed the layer."""
    response = call.forward(call.request)
    if response is None or response.status >= 400:
        return response
    answer = json.loads(response.body)
    signature = _signature_of(layer_code(call, str(answer.get("LayerVersionArn"))) or b"")
    if signature is not None and isinstance(answer.get("Content"), dict):
        answer["Content"]["SigningProfileVersionArn"] = signature.profile_version_arn
        answer["Content"]["SigningJobArn"] = signature.job_arn
        response.body = json.dumps(answer).encode()
    return response


def layer_version_by_arn(call: FrontRequest, labels: _Labels) -> HttpResponse | None:
    """GetLayerVersionByArn, which moto does not know: as GetLayerVersion."""
    query = parse_qs(call.request.query)
    if query.get("find") != ["LayerVersion"]:
        return None  # ListLayers has the same path
    arn = query.get("Arn", [""])[0].split(":")
    if len(arn) != 8 or arn[3:5] != [call.region, call.caller.account_id]:
        msg = "The resource you requested does not exist."
        raise ResourceNotFoundException(msg)
    path = f"/{labels['ApiVersion']}/layers/{quote(arn[6])}/versions/{quote(arn[7])}"
    return layer_version(replace(call, request=replace(call.request, path=path, query="")), labels)


class Check:
    """The checks of one call; what they found is recorded when the call is decided.

    Args:
        call: The call.
        config: The function's code signing configuration.
        operation: The name of the call.
        arn: The function's ARN.
        is_dry_run: Nothing is deployed.
        called: What the caller called the function, for the sentence of a refusal.
    """

    def __init__(
        self,
        call: FrontRequest,
        config: CodeSigningConfig,
        operation: str,
        arn: str,
        *,
        is_dry_run: bool = False,
        called: str | None = None,
    ) -> None:
        self.function_arn = arn
        self._called = called or arn
        self._call = call
        self._config = config
        self._operation = operation
        self._is_dry_run = is_dry_run
        self._found: list[Deployment] = []

    def package(self, code: bytes, layer_arn: str | None = None) -> VerifiedSignature:
        """Check a package.

        Raises:
            InvalidCodeSignatureException: It was changed after it was signed, or cannot be read.
            CodeVerificationFailedException: The policy does not let it through.
        """
        from cryptography import x509

        from signer_mock._signing.errors import IntegrityError
        from signer_mock._signing.lambda_zip.verify import in_lambdas_words, verify_zip

        world, config = self._call.world, self._config
        try:
            verified = verify_zip(
                code,
                trusted=[*map(x509.load_pem_x509_certificate, world.trust_roots().values())],
                allowed_publishers=config.publishers,
                at=world.clock.now(),
                revocation=_Revocations(world),
                policy="Warn",
                function_arn=self._called,
            )
        except IntegrityError as error:
            self._record([error], None, layer_arn, deployed=False)
            self.settle()
            raise InvalidCodeSignatureException(in_lambdas_words(error, self._called)) from error
        findings: Sequence[VerificationError] = verified.warnings
        is_refused = bool(findings) and config.policy == "Enforce"
        self._record(findings, verified, layer_arn, deployed=not is_refused)
        if is_refused:
            self.settle()
            raise CodeVerificationFailedException(
                in_lambdas_words(findings[0], self._called)
            ) from findings[0]
        return verified

    def layers(self, arns: object) -> None:
        """Check layer versions; those that moto does not have are for moto to refuse."""
        for arn in arns if isinstance(arns, list) else ():
            code = layer_code(self._call, str(arn))
            if code is not None:
                self.package(code, str(arn))

    def done(self, response: HttpResponse | None) -> HttpResponse | None:
        """Record the deployments, if moto has taken them."""
        if response is not None and response.status < 400:
            self.settle()
        return response

    def settle(self) -> None:
        """Record what the checks found."""
        for deployment in self._found:
            self._call.world.code_signing.deployments.record(deployment)

    def _record(
        self,
        findings: Sequence[VerificationError],
        verified: VerifiedSignature | None,
        layer_arn: str | None,
        *,
        deployed: bool,
    ) -> None:
        self._found = [
            *(one._replace(deployed=one.deployed and deployed) for one in self._found),
            Deployment(
                operation=self._operation,
                function_arn=self.function_arn,
                layer_arn=layer_arn,
                config_arn=self._config.arn,
                policy=self._config.policy,
                deployed=deployed,
                dry_run=self._is_dry_run,
                signature_status=_status(findings),
                findings=tuple(map(str, findings)),
                profile_version_arn=verified.profile_version_arn if verified else None,
                job_arn=verified.job_arn if verified else None,
                time=self._call.world.clock.now(),
            ),
        ]


class _Revocations:
    """The revocations of a mock, as the verifiers ask for them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def revoked_entities(self, **question: Any) -> list[str]:
        """Return what is revoked, as GetRevocationStatus would."""
        return revoked_entities(self._world, **question)


def _status(findings: Sequence[VerificationError]) -> SignatureStatus:
    from signer_mock._signing.errors import ExpiredError, IntegrityError, RevokedError

    if not findings:
        return "VALID"
    statuses: dict[type[VerificationError], SignatureStatus] = {
        IntegrityError: "CORRUPT",
        ExpiredError: "EXPIRED",
        RevokedError: "REVOKED",
    }
    return statuses.get(type(findings[0]), "MISMATCH")


def _json(request: HttpRequest) -> dict[str, Any] | None:
    try:
        spec = json.loads(request.body)
    except ValueError:
        return None  # for moto to refuse
    return spec if isinstance(spec, dict) else None


def _with_json(request: HttpRequest, spec: Mapping[str, Any]) -> HttpRequest:
    body = json.dumps(spec).encode()
    headers = {**request.headers, "content-length": str(len(body))}
    return replace(request, headers=headers, body=body)


def _signature_of(code: bytes) -> Any | None:
    from signer_mock._signing.errors import IntegrityError
    from signer_mock._signing.lambda_zip.verify import read_signature

    try:
        return read_signature(code)
    except IntegrityError:
        return None
