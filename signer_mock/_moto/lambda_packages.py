"""The packages of functions and layers, as requests to Lambda name them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from signer_mock._moto.backends import backends, find_backend
from signer_mock._moto.front_request import FrontRequest
from signer_mock._moto.lambda_configs import require_zip
from signer_mock._moto.lambda_errors import InvalidParameterValueException
from signer_mock._service.arns import partition_of


def as_zip_file(spec: Mapping[str, Any], code: bytes) -> dict[str, Any]:
    """Return a source of code that is the package itself: moto reads no version of an object."""
    others = {name: value for name, value in spec.items() if not name.startswith("S3")}
    return {**others, "ZipFile": base64.b64encode(code).decode()}


def package_of(call: FrontRequest, spec: Mapping[str, Any]) -> bytes:
    """Return the package that a request names.

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
            # moto's own reading is laxer: what is not base64 throughout must not get there.
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


def layer_code(call: FrontRequest, arn: str) -> bytes | None:
    """Return the package of the layer version that moto takes an ARN for, or None.

    moto looks at the layer's name and version only, so any account and Region will do.
    """
    backend = find_backend("lambda", call.caller.account_id, call.region)
    try:
        version = backend.layers_versions_by_arn(arn) if backend else None
    except ValueError:
        return None  # for moto to refuse
    return None if version is None else bytes(version.code_bytes)
