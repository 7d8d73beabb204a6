"""The records of a mock's state: what it holds, at the moment when you ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signer_mock._service.world import World
    from signer_mock.records import Certificate, Permission, Records, Revocation, SigningProfile


class ShowsState:
    """What ``SignerMock`` shows of its state, as read-only records."""

    if TYPE_CHECKING:

        @property
        def _world(self) -> World: ...

    @property
    def profiles(self) -> Records[SigningProfile]:
        """The signing profiles of all accounts and regions, in the order of their creation."""
        from signer_mock._service import inspection

        return inspection.profiles(self._world)

    @property
    def permissions(self) -> Records[Permission]:
        """The permissions of all profiles."""
        from signer_mock._service import inspection

        return inspection.permissions(self._world)

    @property
    def revocations(self) -> Records[Revocation]:
        """The revocations of profiles, jobs and certificates."""
        from signer_mock._service import inspection

        return inspection.revocations(self._world)

    @property
    def certificates(self) -> Records[Certificate]:
        """The certificates of all accounts, as far as they have been made."""
        from signer_mock._service import inspection

        return inspection.certificates(self._world)
