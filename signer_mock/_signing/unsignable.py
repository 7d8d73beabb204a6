"""The one error of the signing half: this object cannot be signed."""

from __future__ import annotations


class UnsignableObjectError(Exception):
    """The source object is not something that the platform can sign.

    `reason` is one sentence for people. AWS Signer answers such objects with a job that ends as
    `Failed`; the reason is what belongs into its `statusReason`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
