"""Choose the object store of signing jobs from ``mock_signer``'s argument ``s3``."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from signer_mock._moto.backends import moto_answers
from signer_mock.errors import ActivationError
from signer_mock.objects import InMemoryObjects, ObjectStore


def choose_store(s3: Any, memory: InMemoryObjects) -> Callable[[], ObjectStore]:
    """Return a function that returns the store for one signing job.

    Args:
        s3: ``"auto"`` (moto's S3 while a moto mock is active, else memory), ``"memory"``,
            ``"moto"``, a boto3 S3 client, or an ``ObjectStore``.
        memory: ``mock.objects``.

    Raises:
        ActivationError: ``s3`` is none of these.
    """
    if s3 == "memory":
        return lambda: memory
    if s3 == "auto":
        moto = _moto_store()
        return lambda: moto() if moto_answers("s3") else memory
    if s3 == "moto":
        return _moto_store()
    if any(base.__module__.startswith("aiobotocore.") for base in type(s3).__mro__):
        msg = (
            "mock_signer(s3=...) was given an asynchronous S3 client, and signing jobs cannot "
            "wait for it: pass boto3.client('s3') with the same endpoint_url."
        )
        raise ActivationError(msg)
    if _is_s3_client(s3):
        from signer_mock._moto.s3 import S3Objects

        store = S3Objects(lambda _caller: s3)
        return lambda: store
    if isinstance(s3, ObjectStore):
        return lambda: s3
    is_resource = _is_s3_client(getattr(getattr(s3, "meta", None), "client", None))
    hint = " Of a boto3 resource, pass resource.meta.client." if is_resource else ""
    msg = (
        f"mock_signer(s3={s3!r}): expected 'auto', 'memory', 'moto', a boto3 S3 client, or an "
        "object with the methods of signer_mock.objects.ObjectStore."
        f"{hint}"
    )
    raise ActivationError(msg)


def _is_s3_client(candidate: Any) -> bool:
    meta = getattr(candidate, "meta", None)
    model = getattr(meta, "service_model", None)
    return getattr(model, "service_name", None) == "s3"


def _moto_store() -> Callable[[], ObjectStore]:
    @cache
    def store() -> ObjectStore:
        from signer_mock._moto.s3 import MotoObjects, callers_own_clients

        return MotoObjects(callers_own_clients())

    return store
