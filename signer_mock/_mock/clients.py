"""``client()``: a boto3 client, with the type of ``mypy-boto3-signer`` for Signer's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

if TYPE_CHECKING:
    import boto3

    # Where this package is not installed, type checkers take the client for Any.
    from mypy_boto3_signer.client import SignerClient


class MakesClients:
    """What makes boto3 clients by ``session()``."""

    if TYPE_CHECKING:

        def session(self, region_name: str | None = None) -> boto3.Session:
            """Create a boto3 session."""

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
        """Create a boto3 client with the credentials of ``session()``.

        Args:
            service_name: ``"signer"``, or another such as ``"s3"``.
            region_name: None is the mock's own region.
            **options: As for ``boto3.client``.
        """
        return self.session(region_name).client(service_name, **options)
