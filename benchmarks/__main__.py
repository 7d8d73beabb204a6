"""``python -m benchmarks``: every figure that the documentation quotes comes from here."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.httpsession import URLLib3Session
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from moto import mock_aws

from benchmarks.measure import compare, in_fresh_process, seconds
from signer_mock import mock_signer
from signer_mock._signing.ca.authority import CertificateAuthority
from signer_mock._signing.lambda_zip.sign import sign_zip

LAMBDA, NOTATION = "AWSLambda-SHA384-ECDSA", "Notation-OCI-SHA384-ECDSA"
PAYLOAD = b'{"targetArtifact":{"digest":"sha256:00","size":1}}'
FORMAT = "application/vnd.cncf.notary.payload.v1+json"
REPEAT = 100


def report(what: str, figure: str, budget: str = "") -> None:
    print(f"{what:<62}{figure:>12}   {budget}", flush=True)


def signer_client() -> Any:
    return boto3.client(
        "signer",
        region_name="us-east-1",
        aws_access_key_id="123456789012",
        aws_secret_access_key="x",
    )


class Raw(io.BytesIO):
    def stream(self, **_options: Any) -> Iterator[bytes]:
        yield self.read()


def canned(client_call: Callable[[], object]) -> Callable[[], None]:
    """The same calls, each answered with one recorded answer at botocore's own seam."""
    seam = URLLib3Session.send
    recorded: list[AWSResponse] = []

    def record(self: Any, request: Any) -> AWSResponse:
        recorded.append(seam(self, request))
        return recorded[-1]

    URLLib3Session.send = record
    client_call()
    URLLib3Session.send = seam
    body, headers = recorded[0].content, dict(recorded[0].headers.items())

    def send(_self: Any, request: Any) -> AWSResponse:
        return AWSResponse(request.url, 200, headers, Raw(body))

    def run() -> None:
        URLLib3Session.send = send
        for _ in range(REPEAT):
            client_call()
        URLLib3Session.send = seam

    return run


def repeated(client_call: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        for _ in range(REPEAT):
            client_call()

    return run


def warm_read() -> float:
    with mock_signer():
        client = signer_client()
        client.put_signing_profile(profileName="release", platformId=LAMBDA)

        def read() -> object:
            return client.get_signing_profile(profileName="release")

        ours, floor, ratio = compare(repeated(read), canned(read), repeat=1, rounds=31)
    report("warm GetSigningProfile / a canned answer", f"{ratio:.2f}x", "budget 1.10x")
    report("    a call of ours", f"{ours / REPEAT * 1e6:.0f} us")
    report("    a canned call", f"{floor / REPEAT * 1e6:.0f} us")
    return ours / REPEAT


def against_moto(ours: float) -> None:
    with mock_aws():
        client = signer_client()
        client.put_signing_profile(profileName="release", platformId=LAMBDA)
        client.get_signing_profile(profileName="release")
        theirs = seconds(lambda: client.get_signing_profile(profileName="release"), 5 * REPEAT)
    report("moto's GetSigningProfile / ours", f"{theirs / ours:.1f}x")


def sign_payload() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    with mock_signer():
        client = signer_client()
        client.put_signing_profile(profileName="release", platformId=NOTATION)

        def sign() -> object:
            return client.sign_payload(profileName="release", payload=PAYLOAD, payloadFormat=FORMAT)

        ours, floor, _ = compare(repeated(sign), canned(sign), repeat=1, rounds=15)
        signature = seconds(lambda: key.sign(PAYLOAD, ec.ECDSA(hashes.SHA384())), 500)
    units = (ours - floor) / REPEAT / signature
    report("SignPayload beyond a canned answer", f"{units:.2f}", "budget 1.2 P-384 signatures")


def sign_large_zip() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(100):
            half = os.urandom(256 * 1024)
            archive.writestr(f"module_{number:03}.bin", half + bytes(256 * 1024))
    data = buffer.getvalue()

    def inflate_and_hash() -> None:
        digest = hashlib.sha384()
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                digest.update(archive.read(entry))

    now = datetime.now(timezone.utc)
    identity = CertificateAuthority("123456789012").identity("us-east-1", now)

    def sign() -> None:
        sign_zip(
            data,
            identity=identity,
            signing_time=now,
            expiry=now + timedelta(days=1),
            profile_version_arn="arn:aws:signer:us-east-1:123456789012:/signing-profiles/a/b",
            job_arn="arn:aws:signer:us-east-1:123456789012:/signing-jobs/c",
        )

    _, _, ratio = compare(sign, inflate_and_hash, repeat=1, rounds=7)
    report("signing a 50 MB zip / inflating and hashing it", f"{ratio:.2f}x", "budget 1.3x")


def enter_and_leave() -> None:
    def cycle() -> None:
        with mock_signer():
            pass

    cycle()
    report("enter and leave", f"{seconds(cycle, 500) * 1e3:.3f} ms", "budget 0.1 ms")


def page_of_jobs() -> None:
    with mock_signer() as mock:
        client = signer_client()
        client.put_signing_profile(profileName="release", platformId=NOTATION)
        client.sign_payload(profileName="release", payload=PAYLOAD, payloadFormat=FORMAT)
        store = mock._current.world.store("123456789012", "us-east-1")
        job = store.jobs[0]

        def fill(count: int) -> None:
            while len(store.jobs) < count:
                twin = replace(job, job_id=mock._current.world.ids.uuid())
                store.jobs.append(twin)
                store.jobs_by_id[twin.job_id] = twin

        def page() -> object:
            return client.list_signing_jobs(maxResults=25)

        fill(100)
        few = seconds(page, REPEAT)
        fill(100_000)
        many = seconds(page, REPEAT)
        size = len(pickle.dumps(store.jobs[50:1050])) / 1000
    report("a page of jobs at 100,000 / at 100", f"{many / few:.2f}x", "budget 1.0x")
    report("a stored job, pickled", f"{size:.0f} bytes", "budget 1,500")


STARTUP = """
import boto3, time
started = time.perf_counter()
from signer_mock import mock_signer
print((time.perf_counter() - started) * 1000)
"""
FIRST_CALL = """
import boto3, time, botocore.httpsession, io
from botocore.awsrequest import AWSResponse
from signer_mock import mock_signer
class Raw(io.BytesIO):
    def stream(self, **_): yield self.read()
with mock_signer():
    client = boto3.client("signer")
    body = b'{"platforms":[]}'
    seam = botocore.httpsession.URLLib3Session.send
    botocore.httpsession.URLLib3Session.send = lambda s, r: AWSResponse(r.url, 200, {}, Raw(body))
    client.list_signing_platforms()
    started = time.perf_counter()
    client.list_signing_platforms()
    canned = time.perf_counter() - started
    botocore.httpsession.URLLib3Session.send = seam
    started = time.perf_counter()
    client.list_signing_platforms()
    print((time.perf_counter() - started - canned) * 1000)
"""


def main() -> None:
    report("import beyond boto3", f"{in_fresh_process(STARTUP):.1f} ms", "budget 15 ms")
    report(
        "first call beyond a canned answer",
        f"{in_fresh_process(FIRST_CALL):.1f} ms",
        "budget 10 ms",
    )
    enter_and_leave()
    against_moto(warm_read())
    sign_payload()
    sign_large_zip()
    page_of_jobs()


if __name__ == "__main__":
    main()
