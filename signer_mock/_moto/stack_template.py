"""Templates of CloudFormation: what concerns code signing, in which order, and SAM's transform."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import boto3

from signer_mock.errors import MissingExtraError

#: The types of resources that moto lacks.
OWN_TYPES = frozenset(
    {
        "AWS::Signer::SigningProfile",
        "AWS::Signer::ProfilePermission",
        "AWS::Lambda::CodeSigningConfig",
    }
)
FUNCTION = "AWS::Lambda::Function"

_CONFIG = "CodeSigningConfigArn"
_SAM = "AWS::Serverless-2016-10-31"
_SAM_FUNCTION = "AWS::Serverless::Function"
_SUBSTITUTED = re.compile(r"\$\{([^!}][^}]*)\}")


def concerns_signing(resources: Mapping[str, Any]) -> bool:
    """Tell whether resources of a template have to do with code signing."""
    return any(
        one.get("Type") in OWN_TYPES
        or (one.get("Type") == FUNCTION and _CONFIG in (one.get("Properties") or {}))
        for one in resources.values()
    )


def references(part: Any) -> Iterator[str]:
    """Yield the names that a part of a template refers to: resources, parameters and the like."""
    if isinstance(part, list):
        for one in part:
            yield from references(one)
    elif isinstance(part, dict):
        for name, value in part.items():
            yield from _referred(name, value)


def _referred(name: str, value: Any) -> Iterator[str]:
    first = value[0] if isinstance(value, list) and value else value
    if name == "Ref":
        yield str(value)
    elif name == "Fn::GetAtt":
        yield str(first).partition(".")[0]
    elif name == "DependsOn":
        yield from value if isinstance(value, list) else [value]
    else:
        if name == "Fn::Sub":
            for found in _SUBSTITUTED.findall(str(first)):
                yield found.partition(".")[0]
        yield from references(value)


def in_order(resources: Mapping[str, Any]) -> list[str]:
    """Return the names of a template's resources, each after those that it refers to."""
    ordered: dict[str, None] = {}
    under_way: set[str] = set()

    def visit(name: str) -> None:
        if name in ordered or name in under_way or name not in resources:
            return
        under_way.add(name)
        for needed in references(resources[name]):
            visit(needed)
        ordered[name] = None

    for name in resources:
        visit(name)
    return list(ordered)


def expand_sam(
    template: Mapping[str, Any], parameters: Mapping[str, Any], region: str
) -> dict[str, Any] | None:
    """Return what CloudFormation makes of a SAM template with functions that are to be signed.

    Args:
        template: The template.
        parameters: The stack's.
        region: The stack's.

    Returns:
        None for a template that is not SAM's, or in which nothing is to be signed: moto's alone.

    Raises:
        MissingExtraError: AWS's own translator of such templates is not installed.
        InvalidTemplateError: It does not accept the template.
    """
    transforms = template.get("Transform") or []
    if _SAM not in ([transforms] if isinstance(transforms, str) else transforms):
        return None
    resources = template.get("Resources") or {}
    in_globals = (template.get("Globals") or {}).get("Function") or {}
    functions = [one for one in resources.values() if one.get("Type") == _SAM_FUNCTION]
    if not concerns_signing(resources) and not any(
        _CONFIG in {**in_globals, **(one.get("Properties") or {})} for one in functions
    ):
        return None
    try:
        from samtranslator.model.exceptions import InvalidDocumentException
        from samtranslator.parser.parser import Parser
        from samtranslator.translator.translator import Translator
    except ImportError as error:
        msg = (
            f"The template needs the transform {_SAM}, which AWS's own package does ({error}): "
            "pip install aws-sam-translator. Without it moto would make none of its functions."
        )
        raise MissingExtraError(msg) from error
    # A copy that is JSON throughout, which the translator changes.
    copy = json.loads(json.dumps(template, default=str))
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=region))
    try:
        expanded: dict[str, Any] = translator.translate(copy, dict(parameters))
    except InvalidDocumentException as error:
        msg = f"Transform {_SAM} failed with: {error.message}"
        raise InvalidTemplateError(msg) from error
    expanded.pop("Transform", None)
    return expanded


class InvalidTemplateError(Exception):
    """A template that CloudFormation refuses."""
