"""What a world asks its neighbours; each question is answered anew by whether moto is active.

A neighbour's file is imported with the first question to it, never before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signer_mock._intercept.moto_stubber import moto_is_active

if TYPE_CHECKING:
    from signer_mock._moto.acm import MotoCertificates
    from signer_mock._service.callers import Caller
    from signer_mock._service.events import Event, JobEvents
    from signer_mock._service.world import CodeSigningCertificate, World


def attach(world: World, events: JobEvents, *, acm_when_used: bool) -> None:
    """Let moto's IAM, STS, ACM and EventBridge take part while a moto mock is active.

    Args:
        world: gets to know callers, principals and certificates.
        events: are put on moto's buses.
        acm_when_used: as ``MotoCertificates``'s ``when_used``.
    """
    moto = _Moto(world, acm_when_used=acm_when_used)
    world.callers.resolvers.append(moto.caller)
    world.principal_sources.append(moto.knows_principal)
    world.certificate_checks.append(moto.check_certificate)
    world.certificate_sources.append(moto.find_certificate)
    world.job_listeners.append(events.job_ended)
    events.buses.append(moto.deliver)


class _Moto:
    def __init__(self, world: World, *, acm_when_used: bool) -> None:
        self._world = world
        self._acm_when_used = acm_when_used

    def caller(self, access_key: str) -> Caller | None:
        if not moto_is_active():
            return None
        from signer_mock._moto.iam import moto_caller

        return moto_caller(access_key)

    def knows_principal(self, principal: str) -> bool | None:
        if not moto_is_active():
            return None
        from signer_mock._moto.iam import moto_knows_principal

        return moto_knows_principal(principal)

    def check_certificate(self, arn: str) -> None:
        if moto_is_active():
            self._certificates().check(arn)

    def find_certificate(self, arn: str) -> CodeSigningCertificate | None:
        return self._certificates().find(arn) if moto_is_active() else None

    def deliver(self, event: Event) -> str | None:
        if not moto_is_active():
            return None
        from signer_mock._moto.events import put_on_moto_bus

        return put_on_moto_bus(event)

    def _certificates(self) -> MotoCertificates:
        from signer_mock._moto.acm import MotoCertificates

        return MotoCertificates(self._world, when_used=self._acm_when_used)
