"""Check deployments to functions with a code signing configuration, then hand them to moto.

Source: AWS Lambda developer guide, "Using code signing to verify code integrity with Lambda".
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from signer_mock._moto.backends import backends, find_backend
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
    InvalidParameterValueException,
)
from signer_mock._service.arns import partition_of
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
    check = _Check(call, config, "CreateFunction", function_arn(call, str(spec["FunctionName"])))
    if find_function(call, check.function_arn) is not None:
        return None  # moto refuses it, and nothing is deployed
    signature = check.package(_code(call, spec.get("Code") or {}))
    check.layers(spec.get("Layers"))
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
    check = _Check(call, config, "UpdateFunctionCode", function.function_arn, is_dry_run=is_dry_run)
    signature = check.package(_code(call, spec))
    before = function.signing_profile_version_arn, function.signing_job_arn
    if not is_dry_run:
        # Before moto sees it, because it may publish a version, which is a copy.
        function.signing_profile_version_arn = signature.profile_version_arn
        function.signing_job_arn = signature.job_arn
    response = call.forward(call.request)
    if response is None or response.status >= 400:
        function.signing_profile_version_arn, function.signing_job_arn = before
    return check.done(response)


def update_function_configuration(call: FrontRequest, labels: _Labels) -> HttpResponse | None:
    """Perform UpdateFunctionConfiguration, and check the layers that it names."""
    spec, function = _json(call.request), find_function(call, labels["FunctionName"])
    if spec is None or function is None or not function.code_signing_config_arn:
        return None
    config = find_config(call, function.code_signing_config_arn)
    check = _Check(call, config, "UpdateFunctionConfiguration", function.function_arn)
    check.layers(spec.get("Layers"))
    return check.done(call.forward(call.request))


def layer_version(call: FrontRequest, _labels: _Labels) -> HttpResponse | None:
    """Perform PublishLayerVersion or GetLayerVersion, and add who signed the layer."""
    response = call.forward(call.request)
    if response is None or response.status >= 400:
        return response
    answer = json.loads(response.body)
    signature = _signature_of(_layer_code(str(answer.get("LayerVersionArn"))) or b"")
    if signature is not None and isinstance(answer.get("Content"), dict):
        answer["Content"]["SigningProfileVersionArn"] = signature.profile_version_arn
        answer["Content"]["SigningJobArn"] = signature.job_arn
        response.body = json.dumps(answer).encode()
        for name in [name for name in response.headers if name.lower() == "content-length"]:
            response.headers[name] = str(len(response.body))
        for name in [name for name in response.headers if name.lower() == "x-amz-crc32"]:
            del response.headers[name]
    return response


class _Check:
    """The checks of one call; records the deployments once the outcome is known."""

    def __init__(
        self,
        call: FrontRequest,
        config: CodeSigningConfig,
        operation: str,
        arn: str,
        *,
        is_dry_run: bool = False,
    ) -> None:
        self.function_arn = arn
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
                function_arn=self.function_arn,
            )
        except IntegrityError as error:
            self._record([error], None, layer_arn, deployed=False)
            self._settle()
            raise InvalidCodeSignatureException(
                in_lambdas_words(error, self.function_arn)
            ) from error
        findings: Sequence[VerificationError] = verified.warnings
        is_refused = bool(findings) and config.policy == "Enforce"
        self._record(findings, verified, layer_arn, deployed=not is_refused)
        if is_refused:
            self._settle()
            raise CodeVerificationFailedException(
                in_lambdas_words(findings[0], self.function_arn)
            ) from findings[0]
        return verified

    def layers(self, arns: object) -> None:
        """Check layer versions; those that moto does not have are for moto to refuse."""
        for arn in arns if isinstance(arns, list) else ():
            code = _layer_code(str(arn))
            if code is not None:
                self.package(code, str(arn))

    def done(self, response: HttpResponse | None) -> HttpResponse | None:
        """Record the deployments, if moto has taken them."""
        if response is not None and response.status < 400:
            self._settle()
        return response

    def _settle(self) -> None:
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
            *(replace(one, deployed=one.deployed and deployed) for one in self._found),
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


def _code(call: FrontRequest, spec: Mapping[str, Any]) -> bytes:
    """Return the package that a request names, as moto will read it.

    Raises:
        InvalidParameterValueException: There is none, or more than one, or it cannot be read.
    """
    given = {name for name in ("ZipFile", "S3Bucket", "ImageUri") if spec.get(name) is not None}
    if "ImageUri" in given:
        require_zip("Image")
    if not given:
        msg = "Please provide a source for function code."
        raise InvalidParameterValueException(msg)
    if given == {"ZipFile"}:
        try:
            # moto decodes less strictly, so never pass on invalid base64.
            return base64.b64decode(str(spec["ZipFile"]), validate=True)
        except binascii.Error as error:
            msg = "Could not decode the ZipFile: it is not base64."
            raise InvalidParameterValueException(msg) from error
    if "ZipFile" in given:
        msg = "Please do not provide other FunctionCode parameters when providing a ZipFile."
        raise InvalidParameterValueException(msg)
    return _object(call, str(spec["S3Bucket"]), str(spec.get("S3Key")), spec.get("S3ObjectVersion"))


def _object(call: FrontRequest, bucket: str, key: str, version: str | None) -> bytes:
    code, problem = "NoSuchBucket", "The specified bucket does not exist"
    for backend in backends("s3"):
        if backend.place == partition_of(call.region) and bucket in backend.state.buckets:
            found = backend.state.get_object(bucket, key, version_id=version)
            # A delete marker is no object.
            if found is not None and hasattr(found, "value"):
                return bytes(found.value)
            code, problem = "NoSuchKey", "The specified key does not exist."
    msg = f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {problem}"
    raise InvalidParameterValueException(msg)


def _layer_code(arn: str) -> bytes | None:
    parts = arn.split(":")
    if len(parts) != 8:
        return None
    backend = find_backend("lambda", parts[4], parts[3])
    if backend is None:
        return None
    for version in backend.list_layer_versions(parts[6]):
        if str(version.version) == parts[7]:
            return bytes(version.code_bytes)
    return None


def _signature_of(code: bytes) -> Any | None:
    from signer_mock._signing.errors import IntegrityError
    from signer_mock._signing.lambda_zip.verify import read_signature

    try:
        return read_signature(code)
    except IntegrityError:
        return None
