"""``signer-mock verify``: a signed object or an envelope against a trust root."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signer_mock._cli.files import read_file
from signer_mock._cli.manifests import descriptor_of
from signer_mock._signing.ca.loading import load_pem_certificates, subject_of
from signer_mock.errors import SignerMockError
from signer_mock.verify import (
    IntegrityError,
    VerificationError,
    verify_iot_object,
    verify_lambda_zip,
    verify_notation_envelope,
)

if TYPE_CHECKING:
    from signer_mock.verify import VerifiedSignature

LAMBDA, NOTATION, IOT = "lambda-zip", "notation", "iot"


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify one file.

    Args:
        arguments: The command line after ``verify``.

    Returns:
        0 if the signature is good, 1 if it must not be trusted.

    Raises:
        OSError: A file cannot be read.
        SignerMockError: The root is no certificate, or the options do not go together.
    """
    options = _parser().parse_args(arguments)
    try:
        data = read_file(options.file)
        root = read_file(options.root)
        _require_certificates(options.root, root)
        source = read_file(options.source) if options.source else None
        kind = options.format or _kind_of(data)
        verified = _verify(kind, data, root, source, options)
    except VerificationError as error:
        _report_failure(error, as_json=options.json)
        return 1
    _report(kind, verified, as_json=options.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "signer-mock verify",
        description="Verify a signed Lambda zip, a notation envelope (SignPayload's signature) or "
        "a signed IoT or FreeRTOS document. Exit status: 0 good, 1 not to be trusted, 2 neither.",
    )
    add = parser.add_argument
    add("file", type=Path, help="the signed file")
    add(
        "--root",
        type=Path,
        required=True,
        metavar="PEM",
        help="the trust root (for IoT: the code-signing certificate that the device holds)",
    )
    add(
        "--profile-version",
        action="append",
        metavar="ARN",
        help="an allowed publisher: a signing profile version's ARN; may be repeated "
        "(default: any that the root vouches for)",
    )
    add(
        "--source",
        type=Path,
        metavar="FILE",
        help="what was signed: for IoT the firmware, for notation the image's manifest (optional)",
    )
    add("--format", choices=[LAMBDA, NOTATION, IOT], help="what it is (default: look inside)")
    add("--at", type=_time, metavar="TIME", help="the time to verify at, ISO 8601 (default: now)")
    add("--json", action="store_true", help="print JSON")
    return parser


def _time(text: str) -> dt.datetime:
    try:
        time = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        msg = f"{text!r} is not a time such as 2026-01-02T03:04:05Z"
        raise argparse.ArgumentTypeError(msg) from None
    return time if time.tzinfo else time.replace(tzinfo=dt.timezone.utc)


def _kind_of(data: bytes) -> str:
    """Guess the format: zips begin with PK, and only envelopes have a protected header."""
    if data[:2] == b"PK":
        return LAMBDA
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        msg = "The file is neither a zip nor a JSON object, so AWS Signer did not sign it."
        raise IntegrityError(msg)
    if "schemaVersion" in document:
        msg = (
            "The file is an image manifest, not a signature. Pass the envelope as the file, and "
            "the manifest as --source."
        )
        raise IntegrityError(msg)
    return NOTATION if "protected" in document else IOT


def _require_certificates(file: Path, pem: bytes) -> None:
    try:
        load_pem_certificates(pem)
    except ValueError as error:
        msg = f"--root {file}: it has to hold a certificate in PEM form ({error})."
        raise SignerMockError(msg) from error


def _verify(
    kind: str, data: bytes, root: bytes, source: bytes | None, options: argparse.Namespace
) -> VerifiedSignature:
    if kind == LAMBDA and source is not None:
        msg = "--source: not for Lambda zips, which have all that was signed inside."
        raise SignerMockError(msg)
    if kind == LAMBDA:
        return verify_lambda_zip(data, root, options.profile_version, at=options.at)
    if kind == NOTATION:
        artifact = None
        if source is not None:
            artifact = descriptor_of(source)
            if artifact is None:
                msg = f"--source {options.source}: it has to be the image manifest that was signed."
                raise SignerMockError(msg)
        return verify_notation_envelope(
            data, root, options.profile_version, artifact=artifact, at=options.at
        )
    if options.profile_version:
        msg = "--profile-version: IoT documents do not name the profile that signed them."
        raise SignerMockError(msg)
    return verify_iot_object(data, root, source, at=options.at)


def _report(kind: str, verified: VerifiedSignature, *, as_json: bool) -> None:
    said: dict[str, Any] = {
        "verified": True,
        "format": kind,
        "profile_version_arn": verified.profile_version_arn,
        "job_arn": verified.job_arn,
        "signed_at": _show(verified.signed_at),
        "expires_at": _show(verified.expires_at),
        "certificates": [subject_of(certificate) for certificate in verified.certificates],
    }
    if as_json:
        print(json.dumps(said, indent=1))
        return
    print("Verified.")
    for name, value in said.items():
        if name != "verified" and value is not None:
            text = "\n    ".join(["", *value]) if isinstance(value, list) else f" {value}"
            print(f"  {name}:{text}")


def _report_failure(error: VerificationError, *, as_json: bool) -> None:
    kind = type(error).__name__
    if as_json:
        print(json.dumps({"verified": False, "error": kind, "message": str(error)}, indent=1))
    else:
        print(f"Not verified. {kind}: {error}")


def _show(time: dt.datetime | None) -> str | None:
    return time.isoformat().replace("+00:00", "Z") if time else None
