"""``signer-mock demo``: the main job on real input, judged by openssl.

A code package goes into a bucket, through a signing job and back; a container image's descriptor
goes through SignPayload. Then openssl, which knows nothing of this mock, verifies both against the
account's exported root. This module cuts openssl's input out of the signed objects with
``zipfile`` and ``hashlib`` only; the mock's own verifiers are not used.
"""

from __future__ import annotations

import argparse
import base64
import ensurepip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import botocore

from signer_mock import SignerMock, mock_signer
from signer_mock._cli.files import read_file
from signer_mock.errors import SignerMockError

SIGNATURE_ENTRY = "META_INF/aws_signer_signature_v1.0.SF"
NOTARY_PAYLOAD = "application/vnd.cncf.notary.payload.v1+json"


class Verdict(NamedTuple):
    """openssl's answer to one claim."""

    claim: str
    holds: bool
    said: str


def main(arguments: list[str] | None = None) -> int:
    """Run the demo.

    Args:
        arguments: The command line: optionally a zip or wheel to sign.

    Returns:
        The exit status: 0 if openssl confirmed every claim, 1 if not.

    Raises:
        SignerMockError: There is no openssl, or the package is not a zip.
        OSError: The package cannot be read.
    """
    parser = argparse.ArgumentParser(
        "signer-mock demo",
        description="Sign a code package and an image, and have openssl judge both.",
    )
    parser.add_argument("package", nargs="?", type=Path, help="a zip or wheel to sign")
    chosen = parser.parse_args(arguments).package
    openssl = shutil.which("openssl")
    if openssl is None:
        msg = "The demo has openssl judge its signatures, and found none on PATH."
        raise SignerMockError(msg)
    with tempfile.TemporaryDirectory() as folder:
        package = chosen or real_package(Path(folder))
        data = read_file(package)
        if not zipfile.is_zipfile(io.BytesIO(data)):
            msg = f"{package} is not a zip, and AWS Lambda's packages are zips."
            raise SignerMockError(msg)
        return _run(package.name, data, openssl, Path(folder))


def real_package(folder: Path) -> Path:
    """Find a real package of some megabytes.

    Args:
        folder: Where to make one if there is none.

    Returns:
        The wheel of pip that comes with Python. If a distribution removed it, a zip of the
        installed botocore's modules.
    """
    for wheel in sorted(Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl")):
        return wheel
    package, root = folder / "botocore.zip", Path(botocore.__file__).parent
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(root.rglob("*.py")):
            archive.write(path, path.relative_to(root.parent).as_posix())
    return package


def _run(name: str, package: bytes, openssl: str, folder: Path) -> int:
    started = time.perf_counter()
    with mock_signer(s3="memory") as mock:
        (folder / "root.pem").write_bytes(mock.account().trust_root_pem)
        job, signed = sign_package(mock, package, name)
        envelope = sign_image()
        calls = len(mock.calls)
    seconds = time.perf_counter() - started

    judge = Judge(openssl, folder)
    verdicts = [*judge.package(signed), *judge.envelope(envelope["signature"])]
    _print_summary(f"{name}, {len(package):,} bytes", job, len(signed) - len(package), envelope)
    _print_verdicts(verdicts)
    good = all(verdict.holds for verdict in verdicts)
    outcome = "Both signatures verify" if good else "openssl does not agree"
    print(f"{outcome}. {calls} calls to AWS Signer in {seconds:.2f} s: no account, no network.")
    return 0 if good else 1


def sign_package(mock: SignerMock, package: bytes, name: str) -> tuple[dict[str, Any], bytes]:
    """Upload, sign, wait, download, in buckets in memory; the calls to Signer are plain boto3.

    Returns:
        DescribeSigningJob's answer and the signed object.
    """
    signer = _client()
    mock.objects.create_bucket("releases", versioning=True)
    key = f"unsigned/{Path(name).stem}.zip"
    version = mock.objects.put("releases", key, package)

    signer.put_signing_profile(profileName="lambda_release", platformId="AWSLambda-SHA384-ECDSA")
    job_id = signer.start_signing_job(
        source={"s3": {"bucketName": "releases", "key": key, "version": version}},
        destination={"s3": {"bucketName": "releases", "prefix": "signed/"}},
        profileName="lambda_release",
    )["jobId"]
    signer.get_waiter("successful_signing_job").wait(jobId=job_id)
    job = signer.describe_signing_job(jobId=job_id)
    where = job["signedObject"]["s3"]
    return job, mock.objects.get(where["bucketName"], where["key"])


def sign_image() -> dict[str, Any]:
    """Sign a container image's descriptor, as the AWS Signer plugin for notation does."""
    signer = _client()
    signer.put_signing_profile(
        profileName="container_release",
        platformId="Notation-OCI-SHA384-ECDSA",
        signatureValidityPeriod={"value": 12, "type": "MONTHS"},
    )
    manifest = b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}'
    descriptor = {
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": "sha256:" + hashlib.sha256(manifest).hexdigest(),
        "size": len(manifest),
    }
    answer: dict[str, Any] = signer.sign_payload(
        profileName="container_release",
        payload=json.dumps({"targetArtifact": descriptor}).encode(),
        payloadFormat=NOTARY_PAYLOAD,
    )
    return answer


def _client() -> Any:
    import boto3
    from botocore.config import Config

    # AWS_ENDPOINT_URL may lead to another emulator.
    return boto3.client("signer", config=Config(ignore_configured_endpoint_urls=True))


class Judge:
    """openssl, and the files that it is given.

    Args:
        openssl: The program.
        folder: Where the files go; it holds ``root.pem`` already.
    """

    def __init__(self, openssl: str, folder: Path) -> None:
        self._openssl = openssl
        self._folder = folder

    def package(self, signed: bytes) -> list[Verdict]:
        """Judge a signed zip, and the same zip with one changed byte."""
        signature, digest, first_body = _cut_zip(self._write("signed.zip", signed))
        tampered = _digest_with_changed_byte(self._folder / "signed.zip", first_body)
        self._write("signature.pem", signature)
        verify = "cms -verify -binary -inform PEM -purpose any -in signature.pem -out /dev/null"
        trust = "-CAfile root.pem -content"
        self._write("content", digest)
        self._write("tampered", tampered)
        return [
            self._ask("the zip's signature is good", f"{verify} {trust} content"),
            self._ask(
                "one changed byte is noticed", f"{verify} {trust} tampered", expect_refusal=True
            ),
        ]

    def envelope(self, envelope: bytes) -> list[Verdict]:
        """Judge a Notation envelope: its signature and its certificate chain."""
        jws = json.loads(envelope)
        chain = [base64.b64decode(item) for item in jws["header"]["x5c"]]
        leaf, *others = (_pem(certificate) for certificate in chain)
        self._write("leaf.pem", leaf)
        self._write("others.pem", b"".join(others))
        key = self._run("x509 -in leaf.pem -pubkey -noout")
        self._write("leaf.pub", key.stdout)
        self._write("signed.txt", f"{jws['protected']}.{jws['payload']}".encode())
        self._write("signature.der", _der_signature(_unpadded(jws["signature"])))
        return [
            self._ask(
                "the envelope's signature is good",
                "dgst -sha384 -verify leaf.pub -signature signature.der signed.txt",
            ),
            self._ask(
                "its chain leads to the root",
                "verify -x509_strict -CAfile root.pem -untrusted others.pem leaf.pem",
            ),
        ]

    def _ask(self, claim: str, command: str, *, expect_refusal: bool = False) -> Verdict:
        result = self._run(command)
        said = (result.stderr or result.stdout).decode(errors="replace").strip().splitlines()
        holds = (result.returncode != 0) == expect_refusal
        return Verdict(claim, holds, said[0] if said else "")

    def _run(self, command: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(  # noqa: S603 - our own words and files
            [self._openssl, *command.split()], cwd=self._folder, capture_output=True, check=False
        )

    def _write(self, name: str, data: bytes) -> Path:
        path = self._folder / name
        path.write_bytes(data)
        return path


def _cut_zip(path: Path) -> tuple[bytes, bytes, str]:
    """Return the signature, the digest that it signs, and the first entry that has a body."""
    digest = hashlib.sha384()
    first_body = ""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.filename != SIGNATURE_ENTRY:
                digest.update(entry.filename.encode() + archive.read(entry))
                first_body = first_body or (entry.filename if entry.file_size else "")
        return archive.read(SIGNATURE_ENTRY), digest.digest(), first_body


def _digest_with_changed_byte(path: Path, changed: str) -> bytes:
    digest = hashlib.sha384()
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.filename != SIGNATURE_ENTRY:
                body = bytearray(archive.read(entry))
                if entry.filename == changed:
                    body[0] ^= 1
                digest.update(entry.filename.encode() + body)
    return digest.digest()


def _pem(der: bytes) -> bytes:
    body = base64.encodebytes(der).replace(b"\n", b"")
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return b"\n".join([b"-----BEGIN CERTIFICATE-----", *lines, b"-----END CERTIFICATE-----", b""])


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _der_signature(raw: bytes) -> bytes:
    """Convert an ECDSA signature from r||s to the DER form that openssl reads."""
    half = len(raw) // 2
    integers = b""
    for number in (raw[:half], raw[half:]):
        body = number.lstrip(b"\0") or b"\0"
        body = b"\0" + body if body[0] & 0x80 else body
        integers += bytes([2, len(body)]) + body
    return bytes([0x30, len(integers)]) + integers


def _paint(text: str, code: int) -> str:
    """Return the text in a colour where standard output is a terminal that shows one."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    if plain or sys.stdout is None or not sys.stdout.isatty():
        return text
    return f"\033[{code}m{text}\033[0m"


def _print_rows(title: str, rows: dict[str, str]) -> None:
    print(_paint(title, 1))
    for label, value in rows.items():
        print(f"  {label:<12}{value}")
    print()


def _print_summary(
    package: str, job: dict[str, Any], growth: int, envelope: dict[str, Any]
) -> None:
    jws = json.loads(envelope["signature"])
    protected = json.loads(_unpadded(jws["protected"]))
    signed = job["signedObject"]["s3"]
    _print_rows(
        "A code package, signed for AWS Lambda",
        {
            "package": package,
            "job": f"{job['jobId']}  {job['status']}: {job['statusReason']}",
            "profile": f"{job['profileName']} version {job['profileVersion']}",
            "signed zip": f"s3://{signed['bucketName']}/{signed['key']}",
            "grew by": f"{growth:,} bytes; every entry kept byte for byte",
            "good until": f"{job['signatureExpiresAt']:%d %B %Y}",
        },
    )
    _print_rows(
        "A container image, signed for Notation",
        {
            "job": protected["com.amazonaws.signer.signingJob"],
            "envelope": f"{len(envelope['signature']):,} bytes, {protected['alg']}",
            "signed at": protected["io.cncf.notary.authenticSigningTime"],
            "good until": protected["io.cncf.notary.expiry"],
        },
    )


def _print_verdicts(verdicts: list[Verdict]) -> None:
    print(_paint("openssl says", 1))
    for verdict in verdicts:
        mark = _paint("yes", 32) if verdict.holds else _paint("NO ", 31)
        print(f"  {mark}  {verdict.claim:<34}{_paint(verdict.said, 2)}")
    print()
