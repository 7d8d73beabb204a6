"""``client()``: a boto3 client, with the type of ``mypy-boto3-signer`` for Signer's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, overload
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import boto3

    # Where this package is not installed, type checkers take the client for Any.
    from mypy_boto3_signer.client import SignerClient

    from signer_mock._service.world import World

# The sessions of the clients of each mock, by their principals' ARNs.
_sessions: WeakKeyDictionary[World, dict[str, boto3.Session]] = WeakKeyDictionary()
_lock = threading.Lock()


@contextmanager
def shared_session(
    world: World, arn: str, create: Callable[[], boto3.Session]
) -> Iterator[boto3.Session]:
    """Lend the session of a principal's clients to one thread, which boto3 asks for."""
    with _lock:
        sessions = _sessions.setdefault(world, {})
        if arn not in sessions:
            sessions[arn] = create()
        yield sessions[arn]


@cache
def _loader() -> Any:
    from botocore.loaders import Loader

    return Loader()


def botocore_session() -> Any:
    """Create a session that reads no service model again.

    Reading them is most of what a first client costs.
    """
    import botocore.session

    session = botocore.session.Session()
    if session.get_config_variable("data_path") is None:
        loader = _loader()
        # boto3 adds its own directory for each session.
        loader.search_paths[:] = dict.fromkeys(loader.search_paths)
        session.register_component("data_loader", loader)
    return session


class MakesClients:
    """What makes boto3 clients."""

    if TYPE_CHECKING:

        def _create_client(self, service_name: str, region_name: str | None, **options: Any) -> Any:
            """Create a boto3 client."""

    @overload
    def client(
        self,
        service_name: Literal["signer"] = "signer",
        region_name: str | None = None,
        **options: Any,
    ) -> SignerClient: ...
    @overload
    def client(self, service_name: str, region_name: str | None = None, **options: Any) -> Any: ...
    def client(
        self, service_name: str = "signer", region_name: str | None = None, **options: Any
    ) -> Any:
        """Create a boto3 client.

        The clients of one principal share a session, and so the classes in ``client.exceptions``.

        Args:
            service_name: ``"signer"``, or another such as ``"s3"``.
            region_name: None is the mock's own region.
            **options: As for ``boto3.client``.
        """
        return self._create_client(service_name, region_name, **options)
