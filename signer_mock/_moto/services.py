"""moto's IAM, STS, ACM and EventBridge as a world's other services, while a moto mock is active.

Each module that reads one of moto's services is imported when it is first needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from signer_mock._intercept.moto_state import moto_is_active
from signer_mock._service.other_services import OtherServices

if TYPE_CHECKING:
    from signer_mock._moto.acm import MotoCertificates
    from signer_mock._service.callers import Caller
    from signer_mock._service.stores import CodeSigningCertificate
    from signer_mock._service.world import World


class MotoServices(OtherServices):
    """The answers of moto's services; None while no moto mock is active.

    Args:
        world: Holds the certificates that moto is not asked about.
        acm_when_used: As ``MotoCertificates``'s ``when_used``.
    """

    def __init__(self, world: World, *, acm_when_used: bool) -> None:
        self._world = world
        self._acm_when_used = acm_when_used

    def find_caller(self, access_key: str) -> Caller | None:
        if not moto_is_active():
            return None
        from signer_mock._moto.iam import moto_caller

        return moto_caller(access_key)

    def knows_principal(self, principal: str) -> bool | None:
        if not moto_is_active():
            return None
        from signer_mock._moto.iam import moto_knows_principal

        return moto_knows_principal(principal)

    def policies_of(self, principal: str) -> list[Any]:
        if not moto_is_active():
            return []
        from signer_mock._moto.iam import moto_policies

        return moto_policies(principal)

    def check_certificate(self, arn: str) -> None:
        if moto_is_active():
            self._certificates().check(arn)

    def find_certificate(self, arn: str) -> CodeSigningCertificate | None:
        return self._certificates().find(arn) if moto_is_active() else None

    def deliver(self, event: Mapping[str, Any]) -> str | None:
        if not moto_is_active():
            return None
        from signer_mock._moto.events import put_on_moto_bus

        return put_on_moto_bus(event)

    def _certificates(self) -> MotoCertificates:
        from signer_mock._moto.acm import MotoCertificates

        return MotoCertificates(self._world, when_used=self._acm_when_used)
