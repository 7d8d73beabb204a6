"""Make a world that knows the operations, which ``world.py`` cannot import: they import it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signer_mock._service.arns import DEFAULT_ACCOUNT_ID
from signer_mock._service.operations import OPERATIONS
from signer_mock._service.signing_jobs import finish_held
from signer_mock._service.world import World

if TYPE_CHECKING:
    from signer_mock.records import Records, SigningJob


def new_world(
    account_id: str = DEFAULT_ACCOUNT_ID,
    region: str = "us-east-1",
    seed: int | str | None = None,
    *,
    log_limit: int | None = None,
) -> World:
    """Make the state of one mock; the arguments are those of ``World``."""
    return World(
        account_id,
        region,
        seed,
        log_limit=log_limit,
        operations=OPERATIONS,
        finish_job=finish_held,
        list_jobs=_list_jobs,
    )


def _list_jobs(world: World) -> Records[SigningJob]:
    from signer_mock._service import inspection

    return inspection.jobs(world)
