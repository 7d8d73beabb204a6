"""Signing jobs on large archives, and over moto's S3."""

from __future__ import annotations

import hashlib
import io
import os
import resource
import statistics
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.canned import LAMBDA, canned_like, client, signature, small_zip
from benchmarks.measure import Times, fresh, in_turn, median_ratio

Rows = dict[str, tuple[float, dict[str, object]]]

_ENTRY = 256 * 1024
_MB = 1_000_000


def run(*, quick: bool) -> Rows:
    rows: Rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in (50, 250):
            path = Path(folder) / "app.zip"
            # Lambda takes at most 262 MB, inflated.
            zeros = _ENTRY if size == 50 else _ENTRY // 32
            path.write_bytes(large_zip(size // 25 if quick else size, zeros))
            times: Times = fresh("archives:job", str(path), 1 if quick else 7 if size == 50 else 3)
            rows[f"zip_{size}"] = (
                median_ratio(times["ours"], times["floor"]),
                {
                    "ms": statistics.median(times["ours"]) * 1e3,
                    "at best": median_ratio(times["floor and a copy"], times["floor"]),
                },
            )
            peak = fresh("archives:peak_memory", str(path)) - 2 * path.stat().st_size
            rows[f"memory_{size}"] = (peak / _MB, {"zip MB": path.stat().st_size / _MB})
    moto: Times = fresh("archives:over_motos_s3", *((1, 1) if quick else (15, 10)))
    rows["moto_s3"] = (
        median_ratio(moto["job"], moto["get and put"]),
        {
            "ms": statistics.median(moto["job"]) * 1e3,
            "at best": median_ratio(
                moto["canned job, signature, get and put"], moto["get and put"]
            ),
        },
    )
    return {name: rows[name] for name in sorted(rows, key=lambda name: name.startswith("moto"))}


def large_zip(megabytes: int, zeros: int) -> bytes:
    """An archive of so many megabytes, each of whose entries ends in so many zeros."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(megabytes * _MB // _ENTRY):
            archive.writestr(f"module_{number:04}.bin", os.urandom(_ENTRY) + bytes(zeros))
    return buffer.getvalue()


def inflate_and_hash(data: bytes) -> Callable[[], object]:
    """The least that reading an archive takes, entry by entry: inflate, CRC-32 and SHA-384."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        places = [(entry.header_offset, entry.compress_size) for entry in archive.infolist()]

    def run() -> None:
        digest, view = hashlib.sha384(), memoryview(data)
        for offset, size in places:
            lengths = int.from_bytes(data[offset + 26 : offset + 28], "little") + int.from_bytes(
                data[offset + 28 : offset + 30], "little"
            )
            start = offset + 30 + lengths
            body = zlib.decompress(view[start : start + size], -15)
            zlib.crc32(body)
            digest.update(body)

    return run


def job(path: str, rounds: int) -> Times:
    from signer_mock import mock_signer

    with mock_signer(s3="memory") as mock:
        data = Path(path).read_bytes()
        _put_profile()
        sign, floor = _job_in_memory(mock, data), inflate_and_hash(data)

        def floor_and_copy() -> None:
            floor()
            b"".join((memoryview(data), b"."))  # the signed archive, which is another object

        times = in_turn({"ours": sign, "floor": floor, "floor and a copy": floor_and_copy}, rounds)
        _check_jobs()
        return times


def peak_memory(path: str) -> int:
    """How many bytes the process grew by, from before it read the archive until it was signed."""
    from signer_mock import mock_signer

    with mock_signer(s3="memory") as mock:
        _put_profile()
        _job_in_memory(mock, small_zip())()
        before = _most_memory()
        _job_in_memory(mock, Path(path).read_bytes())()
        peak = _most_memory() - before
        _check_jobs()
        return peak


def _most_memory() -> int:
    # ru_maxrss begins with what the parent had; Linux tells the process's own peak.
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (one for one in status.read_text().splitlines() if one.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _job_in_memory(mock: Any, data: bytes) -> Callable[[], object]:
    name = f"code-{len(data)}"
    mock.objects.create_bucket(name, versioning=True)
    version = mock.objects.put(name, "app.zip", data)
    return partial(_start, client(), bucket=name, version=version)


def _start(made: Any, bucket: str, version: str) -> object:
    return made.start_signing_job(
        source={"s3": {"bucketName": bucket, "key": "app.zip", "version": version}},
        destination={"s3": {"bucketName": bucket, "prefix": "signed/"}},
        profileName="release",
    )


def _put_profile() -> None:
    client().put_signing_profile(profileName="release", platformId=LAMBDA)


def _check_jobs() -> None:
    """Make sure that what was measured are jobs that succeeded."""
    jobs = client().list_signing_jobs()["jobs"]
    assert jobs
    assert all(job["status"] == "Succeeded" for job in jobs)


def over_motos_s3(rounds: int, repeat: int) -> Times:
    from moto import mock_aws

    from signer_mock import mock_signer

    data = small_zip()
    with mock_aws(), mock_signer():
        s3 = client("s3")
        s3.create_bucket(Bucket="code")
        s3.put_bucket_versioning(Bucket="code", VersioningConfiguration={"Status": "Enabled"})
        version = s3.put_object(Bucket="code", Key="app.zip", Body=data)["VersionId"]

        def get_and_put() -> None:
            found = s3.get_object(Bucket="code", Key="app.zip", VersionId=version)["Body"].read()
            s3.put_object(Bucket="code", Key="copy.zip", Body=found)

        _put_profile()
        made, start = client(), partial(_start, bucket="code", version=version)
        canned, signs = canned_like(made, start), signature()

        def at_best() -> None:
            start(canned)
            signs()
            get_and_put()

        actions = {
            "job": lambda: start(made),
            "canned job, signature, get and put": at_best,
            "get and put": get_and_put,
        }
        times = in_turn(actions, rounds, repeat)
        _check_jobs()
        return times
