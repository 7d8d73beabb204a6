"""Install the wheel alone and with each extra into empty environments, and use it there.

``python tests/tools/extras.py`` runs all cases, ``... server aio`` some of them. For each case it
prints how long pip took and which packages came. ``tox -e extras`` calls it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]

_SIGN = """
import json
from signer_mock import mock_signer
with mock_signer() as mock:
    signer = mock.client("signer")
    signer.put_signing_profile(profileName="images", platformId="Notation-OCI-SHA384-ECDSA")
    digest = "sha256:" + "0" * 64
    descriptor = {"mediaType": "application/x", "digest": digest, "size": 1}
    answer = signer.sign_payload(
        profileName="images", payload=json.dumps({"targetArtifact": descriptor}).encode(),
        payloadFormat="application/vnd.cncf.notary.payload.v1+json",
    )
    mock.verify_notation_envelope(answer["signature"])
"""
_DEMO = """
import sys
from signer_mock._cli.main import main
assert main(["demo"]) == 0
"""
_S3 = """
import boto3, io, zipfile
from signer_mock import mock_signer
package = io.BytesIO()
with zipfile.ZipFile(package, "w") as archive:
    archive.writestr("app.py", "pass")
with mock_signer(s3="moto") as mock:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="code")
    s3.put_bucket_versioning(Bucket="code", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="code", Key="a.zip", Body=package.getvalue())["VersionId"]
    signer = boto3.client("signer")
    signer.put_signing_profile(profileName="release", platformId="AWSLambda-SHA384-ECDSA")
    job_id = signer.start_signing_job(
        source={"s3": {"bucketName": "code", "key": "a.zip", "version": version}},
        destination={"s3": {"bucketName": "code"}}, profileName="release",
    )["jobId"]
    key = signer.describe_signing_job(jobId=job_id)["signedObject"]["s3"]["key"]
    mock.verify_lambda_zip(s3.get_object(Bucket="code", Key=key)["Body"].read())
"""
_SERVER = """
from signer_mock.server import serve_world
for with_moto in (False, True):
    with serve_world(with_moto=with_moto) as server:
        platforms = server.client("signer").list_signing_platforms()["platforms"]
        assert len(platforms) == 5, platforms
        if with_moto:
            server.client("s3").create_bucket(Bucket="code")
"""
_ASYNC = """
import asyncio
from signer_mock import mock_signer
from {library} import {opener}
@mock_signer
async def main():
    async with {call}("signer", region_name="us-east-1") as signer:
        await signer.put_signing_profile(profileName="pp", platformId="AWSLambda-SHA384-ECDSA")
        assert (await signer.get_signing_profile(profileName="pp"))["status"] == "Active"
asyncio.run(main())
"""
_AIOBOTOCORE = _ASYNC.format(
    library="aiobotocore.session", opener="get_session", call="get_session().create_client"
)
_AIOBOTO3 = _ASYNC.format(library="aioboto3", opener="Session", call="Session().client")
_PYTEST = """
import pathlib, subprocess, sys
pathlib.Path("test_it.py").write_text('''
import pytest
@pytest.mark.signer_mock(region_name="eu-west-1")
def test_it(signer_mock, signer_client):
    signer_client.put_signing_profile(profileName="pp", platformId="AWSLambda-SHA384-ECDSA")
    signer_mock.calls.assert_called("PutSigningProfile", times=1)
''')
done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-W", "error", "test_it.py"],
                      capture_output=True, text=True)
assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout + done.stderr
"""


class Case(NamedTuple):
    """What is installed, and what is run then."""

    extra: str
    script: str
    more: tuple[str, ...] = ()
    #: Packages that must not have come.
    without: frozenset[str] = frozenset()


_OPTIONAL = frozenset({"aiobotocore", "flask", "h11", "moto", "pytest"})
CASES = {
    "core": Case("", _SIGN + _DEMO, without=_OPTIONAL),
    "s3": Case("s3", _S3, without=_OPTIONAL - {"moto"}),
    "server": Case("server", _SERVER, without=frozenset({"aiobotocore", "pytest"})),
    "pytest": Case("pytest", _PYTEST, without=_OPTIONAL - {"pytest"}),
    "aio": Case("aio", _AIOBOTOCORE, without=_OPTIONAL - {"aiobotocore"}),
    "aioboto3": Case("aio", _AIOBOTO3, more=("aioboto3",)),
}


def try_case(name: str, wheel: Path, folder: Path) -> str:
    """Install one case, run its script, and return a line about it.

    Raises:
        RuntimeError: something is wrong; the message has the output.
    """
    case, place = CASES[name], folder / name
    _run([sys.executable, "-m", "venv", place], folder)
    python = place / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    started = time.monotonic()
    what = f"{wheel}[{case.extra}]" if case.extra else wheel
    _run([*pip, "install", "--quiet", what, *case.more], folder)
    seconds = time.monotonic() - started
    _run([*pip, "check"], folder)
    listed = _run([*pip, "list", "--format", "freeze"], folder).splitlines()
    packages = {line.partition("==")[0].lower() for line in listed}
    if packages & case.without:
        msg = f"{name}: nobody asked for {sorted(packages & case.without)}"
        raise RuntimeError(msg)
    script = place / "script.py"
    script.write_text(case.script, encoding="utf-8")
    _run([python, "-W", "error", script], place)
    shown = [line for line in listed if line.partition("==")[0] in {"boto3", *_OPTIONAL}]
    return f"{name:10}{seconds:6.1f} s {len(packages) - 2:4} packages  {' '.join(shown)}"


def _run(command: list[object], folder: Path) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        msg = f"{' '.join(words)}\n{done.stdout}{done.stderr}"
        raise RuntimeError(msg)
    return done.stdout


def main() -> int:
    """Try the cases that the command line names, or all."""
    parser = argparse.ArgumentParser(description="Try the wheel with each extra.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(CASES))
    parser.add_argument("--wheel", type=Path, help="(default: made from this tree)")
    options = parser.parse_args()
    chosen = options.cases or list(CASES)
    if not set(chosen) <= CASES.keys():
        parser.error(f"there are {', '.join(CASES)}")
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(2) as pool:
        folder = Path(name)
        wheel = options.wheel
        if wheel is None:
            make = f"{sys.executable} -m pip wheel --quiet --no-deps --wheel-dir".split()
            _run([*make, folder, ROOT], folder)
            (wheel,) = folder.glob("*.whl")
        wheel = wheel.resolve()
        trials = [(case, pool.submit(try_case, case, wheel, folder)) for case in chosen]
        status = 0
        for case, trial in trials:
            try:
                print(trial.result(), flush=True)
            except RuntimeError as error:  # noqa: PERF203 - the others are tried all the same
                status = 1
                print(f"{case:10}FAILED\n{error}", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
