"""Check the arguments of the public verifiers, and say what to pass instead.

These functions report the caller's own mistakes. Untrusted input, such as the signed document, is
checked by the verifiers, which raise a ``VerificationError``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from os import PathLike
from typing import TYPE_CHECKING

from signer_mock._signing.ca.loading import ChainError, load_pem_certificates
from signer_mock._signing.errors import UntrustedError
from signer_mock._signing.times import in_utc
from signer_mock.errors import InvalidArgumentError

if TYPE_CHECKING:
    from cryptography import x509


def bytes_of(value: object, parameter: str, what: str) -> bytes:
    """Return ``value`` if it is bytes.

    Raises:
        InvalidArgumentError: It is something else.
    """
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    msg = f"{parameter} must be {what} as bytes, not {type(value).__name__}{_hint(value)}."
    raise InvalidArgumentError(msg)


def _hint(value: object) -> str:
    if isinstance(value, PathLike):
        return ": pass the file's content, path.read_bytes()"
    if hasattr(value, "read"):
        return ": pass its content, file.read()"
    if isinstance(value, Mapping):
        return ": pass the bytes in it, such as response['signature'] or response['Body'].read()"
    if isinstance(value, str) and value.startswith("arn:"):
        return ": for an ARN in the mock, pass account.certificate_pem(arn)"
    if isinstance(value, str) and value.startswith("-----BEGIN"):
        return ": pass text.encode()"
    if isinstance(value, str):
        return ": for a file, pass Path(name).read_bytes()"
    if hasattr(value, "public_bytes"):
        return ": pass certificate.public_bytes(Encoding.PEM)"
    return ""


def trusted_certificates(value: object, parameter: str, document: bytes) -> list[x509.Certificate]:
    """Return the certificates of one PEM text or of several; skip those that nothing can read.

    Args:
        value: The argument.
        parameter: Its name.
        document: The signed document, to notice when both were swapped.

    Raises:
        InvalidArgumentError: ``value`` is not PEM with certificates.
        UntrustedError: None of the certificates can be read.
    """
    found = _loaded(value, parameter, document)
    readable = [one for one in found if not isinstance(one, ChainError)]
    if not readable:
        msg = f"None of the certificates in {parameter} can be read: {found[0]}."
        raise UntrustedError(msg)
    return readable


def signer_certificates(value: object, document: bytes) -> list[x509.Certificate]:
    """Return a signer's certificate and those that follow it, without unreadable ones.

    Raises:
        InvalidArgumentError: ``value`` is not PEM with certificates.
        UntrustedError: The first certificate cannot be read.
    """
    first, *others = _loaded(value, "certificate", document)
    if isinstance(first, ChainError):
        msg = f"The signer's certificate cannot be read: {first}."
        raise UntrustedError(msg)
    return [first, *(one for one in others if not isinstance(one, ChainError))]


def _loaded(value: object, parameter: str, document: bytes) -> list[x509.Certificate | ChainError]:
    whole = isinstance(value, (bytes, bytearray, memoryview))
    if whole or not isinstance(value, Iterable) or isinstance(value, (str, Mapping)):
        texts = [bytes_of(value, parameter, "certificates in PEM")]
    else:
        texts = [bytes_of(one, f"each of {parameter}", "PEM") for one in value]
    try:
        found = [one for text in texts for one in load_pem_certificates(text)]
    except ValueError as error:
        hint = "pass account.trust_root_pem or account.certificate_pem(arn)"
        if document.lstrip().startswith(b"-----BEGIN"):
            hint = "the arguments look swapped: the signed bytes come first"
        msg = f"{parameter} must hold a certificate in PEM form ({error}); {hint}."
        raise InvalidArgumentError(msg) from None
    if not found:
        msg = f"{parameter} is empty; pass at least one certificate in PEM form."
        raise InvalidArgumentError(msg)
    return found


def arns_of(value: object, parameter: str) -> list[str] | None:
    """Return a list of ARNs, or None for None.

    Raises:
        InvalidArgumentError: ``value`` is something else.
    """
    if value is None:
        return None
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping)):
        arns = list(value)
        if all(isinstance(arn, str) for arn in arns):
            return arns
    kind = "one string" if isinstance(value, str) else type(value).__name__
    msg = f"{parameter} must be a list of ARNs, each a string, not {kind}: {value!r:.80}."
    raise InvalidArgumentError(msg)


def moment_of(at: object) -> dt.datetime:
    """Return a time in UTC; now for None.

    Raises:
        InvalidArgumentError: ``at`` is no datetime, or has no time zone.
    """
    if at is None:
        return dt.datetime.now(dt.timezone.utc)
    if not isinstance(at, dt.datetime):
        msg = (
            f"at must be an aware datetime, such as datetime.now(timezone.utc), not {at!r:.80} "
            f"({type(at).__name__})."
        )
        raise InvalidArgumentError(msg)
    try:
        return in_utc(at)
    except ValueError as error:
        raise InvalidArgumentError(str(error)) from None


def require_source_of_revocations(value: object) -> None:
    """Check that ``value`` is None or can be asked for revocations.

    Raises:
        InvalidArgumentError: It cannot.
    """
    if value is not None and not callable(getattr(value, "revoked_entities", None)):
        msg = (
            "revocation must be the mock, or another object with a revoked_entities() method, "
            f"not {type(value).__name__}. A boto3 client is none: pass the mock itself."
        )
        raise InvalidArgumentError(msg)
