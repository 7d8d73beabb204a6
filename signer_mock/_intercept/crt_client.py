"""S3 transfers by the AWS Common Runtime (``preferred_transfer_client="crt"``).

It has an HTTP client and a resolver of its own, in C, so nobody can answer its requests; those to
AWS are refused. awscrt is never imported here.
"""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

from signer_mock._intercept.botocore_session import MARK
from signer_mock._intercept.guard import check_look_up
from signer_mock._intercept.when_loaded import when_loaded


def install() -> None:
    """Patch the runtime's S3 client: now if it is loaded, else as soon as it is."""
    when_loaded("awscrt.s3", _patch)


def _patch(
    module: ModuleType,
) -> None:  # pragma: no cover - awscrt: only in `tox -e crt`
    client_class: Any = getattr(module, "S3Client", None)
    original = getattr(client_class, "make_request", None)
    if original is None or getattr(original, MARK, None) is True:
        return

    @functools.wraps(original)
    def make_request(self: Any, **options: Any) -> Any:
        headers = getattr(options.get("request"), "headers", None)
        host = headers.get("host") if headers is not None else None
        check_look_up((host or "").partition(":")[0])
        return original(self, **options)

    setattr(make_request, MARK, True)
    client_class.make_request = make_request
