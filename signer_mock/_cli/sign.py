"""``signer-mock sign``: a Lambda zip, an image's manifest or firmware, with a signing profile."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, WaiterError

from signer_mock._cli.files import read_file, replace_file
from signer_mock._cli.manifests import descriptor_of, read_json_object
from signer_mock._cli.places import BUCKET, local, remote
from signer_mock._service.arns import DEFAULT_ACCOUNT_ID, is_account_id
from signer_mock._service.platforms import FREERTOS, FREERTOS_TI, IOT, LAMBDA, NOTATION
from signer_mock.errors import SignerMockError

if TYPE_CHECKING:
    from signer_mock._cli.places import Place

_NOTARY_PAYLOAD = "application/vnd.cncf.notary.payload.v1+json"
_REFUSED = 1


class _RefusedError(Exception):
    """AWS Signer does not sign this; the message is its own."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Sign one file.

    Args:
        arguments: The command line after ``sign``.

    Returns:
        0 if it is signed, 1 if AWS Signer refuses it, 2 if the options do not go together.

    Raises:
        SignerMockError: The file is of no kind that can be signed, or the keys cannot be had.
        OSError: A file cannot be read or written.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if (options.certificate is None) != (options.key is None):
        parser.error("--certificate and --key belong together")
    data = read_file(options.file)
    certificate = None
    if options.certificate is not None:
        certificate = read_file(options.certificate), read_file(options.key)
    if options.endpoint_url:
        place = remote(options.endpoint_url, options.account, options.region)
    else:
        place = local(options.account, options.region, options.state, options.seed, data)
    try:
        with place as found:
            said = _sign(found, options, data, certificate)
    except _RefusedError as error:
        _report({"signed": False, "message": str(error)}, as_json=options.json)
        return _REFUSED
    _report(said, as_json=options.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "signer-mock sign",
        description="Sign a zip for AWS Lambda, an image's manifest for notation, or firmware for "
        "IoT and FreeRTOS. A profile that does not exist is made. Anyone can make these "
        "signatures, so trust their root in tests only. Exit status: 0 signed, 1 AWS Signer "
        "refuses the file, 2 neither.",
    )
    add = parser.add_argument
    add("file", type=Path, help="a zip, an OCI or Docker manifest, a payload, or firmware")
    add("--profile", required=True, metavar="NAME", help="the signing profile's name")
    add(
        "--platform",
        choices=[LAMBDA, NOTATION, IOT, FREERTOS, FREERTOS_TI],
        metavar="ID",
        help="the platform of a profile that is made: %(choices)s "
        "(default: the first for zips, the second for manifests)",
    )
    add("--output", type=Path, metavar="FILE", help="(default: beside the file, with .signed)")
    add(
        "--root-out",
        type=Path,
        metavar="PEM",
        help="write the trust root, which signer-mock verify needs, to this file",
    )
    add("--certificate", type=Path, metavar="PEM", help="IoT, FreeRTOS: the certificate to sign by")
    add("--key", type=Path, metavar="PEM", help="its private key")
    keys = parser.add_mutually_exclusive_group()
    keys.add_argument(
        "--seed",
        default="signer-mock sign",
        metavar="TEXT",
        help="the keys and the root follow from it (default: %(default)s)",
    )
    keys.add_argument(
        "--state",
        type=Path,
        metavar="FILE",
        help="use the keys and profiles in this file, as signer-mock serve --state does",
    )
    keys.add_argument(
        "--endpoint-url", metavar="URL", help="let the signer-mock server at this address sign"
    )
    add(
        "--account",
        type=_account,
        metavar="ID",
        help=f"whose profile it is (default: {DEFAULT_ACCOUNT_ID}, or the server's)",
    )
    add("--region", default=None, help="(default: us-east-1, or the server's)")
    add("--json", action="store_true", help="print JSON")
    return parser


def _account(text: str) -> str:
    if not is_account_id(text):
        msg = f"{text!r} is not an account id of twelve digits"
        raise argparse.ArgumentTypeError(msg)
    return text


def _sign(
    place: Place,
    options: argparse.Namespace,
    data: bytes,
    certificate: tuple[bytes, bytes] | None,
) -> dict[str, Any]:
    try:
        profile = _profile(place, options, data, certificate)
        root = _root(place, options, profile["platformId"], certificate)
        if profile["platformId"] == NOTATION:
            signed, job = _sign_payload(place, options, data)
        else:
            signed, job = _run_job(place, options, data)
    except ClientError as error:
        answer = error.response["Error"]
        msg = f"{error.operation_name}: {answer['Code']}: {answer['Message']}"
        raise _RefusedError(msg) from error
    output = options.output or _beside(options.file, profile["platformId"])
    replace_file(output, signed)
    if root is not None:
        replace_file(options.root_out, root)
    return {
        "signed": True,
        "output": str(output),
        "platform": profile["platformId"],
        "profile_version_arn": profile["profileVersionArn"],
        "job_id": job,
        "root": None if root is None else str(options.root_out),
    }


def _root(
    place: Place,
    options: argparse.Namespace,
    platform: str,
    certificate: tuple[bytes, bytes] | None,
) -> bytes | None:
    """Return what verifiers trust, in PEM, if it was asked for."""
    if options.root_out is None:
        return None
    if platform in {LAMBDA, NOTATION}:
        return place.trust_root_pem()
    if certificate is None:
        msg = "--root-out: give --certificate too, which is what a device trusts."
        raise SignerMockError(msg)
    return certificate[0]


def _profile(
    place: Place,
    options: argparse.Namespace,
    data: bytes,
    certificate: tuple[bytes, bytes] | None,
) -> dict[str, Any]:
    """Find the profile, or make it."""
    name = options.profile
    find = place.client.get_signing_profile
    try:
        found: dict[str, Any] = find(profileName=name)
    except place.client.exceptions.ResourceNotFoundException:
        platform = options.platform or _platform_of(options.file, data)
        material = {}
        if platform not in {LAMBDA, NOTATION}:
            if certificate is None:
                msg = f"A profile of {platform} signs by a certificate: --certificate and --key."
                raise SignerMockError(msg) from None
            material["signingMaterial"] = {"certificateArn": place.import_certificate(*certificate)}
        place.client.put_signing_profile(profileName=name, platformId=platform, **material)
        place.profile_is_made()
        found = find(profileName=name)
    else:
        if options.platform not in {None, found["platformId"]}:
            msg = f"The profile {name} is of {found['platformId']}, not of {options.platform}."
            raise SignerMockError(msg)
        if certificate is not None:
            msg = f"The profile {name} exists, and its certificate cannot be changed."
            raise SignerMockError(msg)
    return found


def _platform_of(file: Path, data: bytes) -> str:
    if data[:2] == b"PK":
        return LAMBDA
    if _payload_of(data) is not None:
        return NOTATION
    msg = (
        f"{file} is neither a zip nor an image's manifest. For firmware, say its platform: "
        f"--platform {IOT}, {FREERTOS} or {FREERTOS_TI}."
    )
    raise SignerMockError(msg)


def _payload_of(data: bytes) -> bytes | None:
    """Return what SignPayload takes: the payload itself, or one with an image's descriptor."""
    document = read_json_object(data)
    if document is not None and "targetArtifact" in document:
        return data
    descriptor = descriptor_of(data)
    return None if descriptor is None else json.dumps({"targetArtifact": descriptor}).encode()


def _sign_payload(place: Place, options: argparse.Namespace, data: bytes) -> tuple[bytes, str]:
    payload = _payload_of(data)
    if payload is None:
        msg = f"{options.file} is not an image's manifest, which the profile's platform signs."
        raise SignerMockError(msg)
    answer = place.client.sign_payload(
        profileName=options.profile, payload=payload, payloadFormat=_NOTARY_PAYLOAD
    )
    return answer["signature"], answer["jobId"]


def _run_job(place: Place, options: argparse.Namespace, data: bytes) -> tuple[bytes, str]:
    key = re.sub(r"[^\w.-]", "_", options.file.name, flags=re.ASCII) or "file"
    client = place.client
    job_id = client.start_signing_job(
        source={"s3": {"bucketName": BUCKET, "key": key, "version": place.store(key, data)}},
        destination={"s3": {"bucketName": BUCKET, "prefix": "signed/"}},
        profileName=options.profile,
    )["jobId"]
    try:
        # A server may hold its jobs for a while.
        client.get_waiter("successful_signing_job").wait(
            jobId=job_id, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
    except WaiterError as error:
        job = client.describe_signing_job(jobId=job_id)
        reason = job.get("statusReason") or "it has not ended within a minute"
        msg = f"The signing job {job_id} is {job['status']}: {reason}"
        raise _RefusedError(msg) from error
    job = client.describe_signing_job(jobId=job_id)
    return place.fetch(job["signedObject"]["s3"]["key"]), job_id


def _beside(file: Path, platform: str) -> Path:
    suffix = {LAMBDA: ".zip", NOTATION: ".jws"}.get(platform, ".json")
    return file.with_name(f"{file.stem}.signed{suffix}")


def _report(said: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(said, indent=1))
    elif not said["signed"]:
        print(f"Not signed. {said['message']}")
    else:
        print("Signed.")
        for name, value in said.items():
            if name != "signed" and value is not None:
                print(f"  {name}: {value}")
