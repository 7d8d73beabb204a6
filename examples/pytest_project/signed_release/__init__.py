"""Sign releases with AWS Signer."""

from .signing import ReleaseSigner, SigningFailedError

__all__ = ["ReleaseSigner", "SigningFailedError"]
