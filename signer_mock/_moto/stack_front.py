"""AWS CloudFormation in front of moto's: stacks whose resources are signed, or sign."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from signer_mock._moto.backends import backends
from signer_mock._moto.stack_context import under_way
from signer_mock._moto.stack_engine import install
from signer_mock.errors import UnsupportedOperationError

if TYPE_CHECKING:
    from signer_mock._moto.front_request import FrontRequest
    from signer_mock._wire.http import HttpResponse


def answer(call: FrontRequest) -> HttpResponse | None:
    """Have moto answer a request to CloudFormation, with the resources of this mock.

    Raises:
        UnsupportedOperationError: This moto's engine is not known, and the request may have to do
            with code signing.
    """
    try:
        install()
    except UnsupportedOperationError:
        if _may_concern_signing(call):
            raise
        return None
    with under_way(call):
        return call.forward(call.request)


def _may_concern_signing(call: FrontRequest) -> bool:
    text = unquote_plus(call.request.body.decode("utf-8", "replace")) + call.request.query
    # A template behind a URL is moto's to read.
    told = ("CodeSigningConfig", "AWS::Signer::", "TemplateURL")
    return any(one in text for one in told) or any(
        function.code_signing_config_arn
        for backend in backends("lambda")
        for function in backend.state.list_functions()
    )
