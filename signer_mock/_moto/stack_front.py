"""AWS CloudFormation in front of moto's: stacks whose resources are signed, or sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signer_mock._moto.stack_context import under_way
from signer_mock._moto.stack_engine import install

if TYPE_CHECKING:
    from signer_mock._moto.front_request import FrontRequest
    from signer_mock._wire.http import HttpResponse


def answer(call: FrontRequest) -> HttpResponse | None:
    """Have moto answer a request to CloudFormation, with the resources of this mock."""
    install()
    with under_way(call):
        return call.forward(call.request)
