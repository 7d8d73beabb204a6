"""The state as one call sees it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from signer_mock._service.callers import Caller
    from signer_mock._service.paging import Candidates
    from signer_mock._service.stores import RegionStore
    from signer_mock._service.world import World

_T = TypeVar("_T")


@dataclass(slots=True, repr=False, eq=False)
class Context:
    """The world as one call sees it.

    Attributes:
        world: All state.
        caller: The principal that signed the request.
        region: The region called.
        now: The time of the call, by the mock's clock.
    """

    world: World
    caller: Caller
    region: str
    now: dt.datetime

    @property
    def account_id(self) -> str:
        """The caller's account."""
        return self.caller.account_id

    @property
    def store(self) -> RegionStore:
        """What the caller's account holds in the region called."""
        return self.world.store(self.caller.account_id, self.region)

    def paginate(
        self,
        items: Sequence[_T],
        operation: str,
        params: Mapping[str, Any],
        matches: Callable[[_T], bool],
        *,
        newest_first: bool = False,
        candidates: Candidates | None = None,
    ) -> tuple[list[_T], str | None]:
        """Return one page of ``items`` for this caller; see ``Paginator.page``."""
        question = f"{operation} {self.account_id} {self.region}"
        return self.world.paginator.page(
            items,
            question,
            params,
            matches,
            newest_first=newest_first,
            candidates=candidates,
        )
