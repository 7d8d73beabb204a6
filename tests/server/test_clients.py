"""Other people's clients tell the same story: the AWS CLI, the SDKs for JavaScript and Go.

Each is skipped where it is not installed; CONTRIBUTING.md says how to install them.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from signer_mock.server import SignerServer
from signer_mock.verify import verify_lambda_zip, verify_notation_envelope
from tests.helpers.constants import LAMBDA, NOTATION, PAYLOAD, PAYLOAD_FORMAT
from tests.helpers.server import environment, http

SDK = Path(__file__).parents[1] / "sdk"
Aws = Callable[..., Any]


# The AWS CLI


def test_the_aws_cli_signs_from_s3_to_s3(aws: Aws, cli_server: SignerServer, code: Path) -> None:
    aws("s3api", "create-bucket", "--bucket", "code")
    versioning = ("--versioning-configuration", "Status=Enabled")
    aws("s3api", "put-bucket-versioning", "--bucket", "code", *versioning)
    stored = aws("s3api", "put-object", "--bucket", "code", "--key", "app.zip", "--body", str(code))
    profile = aws(
        "signer", "put-signing-profile", "--profile-name", "code", "--platform-id", LAMBDA
    )
    jobs = [
        aws(
            "signer",
            "start-signing-job",
            "--source",
            f"s3={{bucketName=code,key=app.zip,version={stored['VersionId']}}}",
            "--destination",
            "s3={bucketName=code,prefix=signed/}",
            "--profile-name",
            "code",
        )["jobId"]
        for _ in range(3)
    ]
    aws("signer", "wait", "successful-signing-job", "--job-id", jobs[0])
    job = aws("signer", "describe-signing-job", "--job-id", jobs[0])
    assert job["status"] == "Succeeded"

    aws("s3", "cp", f"s3://code/{job['signedObject']['s3']['key']}", "signed.zip", "--quiet")
    verified = verify_lambda_zip(
        (code.parent / "signed.zip").read_bytes(),
        cli_server.trust_root_pem(),
        [profile["profileVersionArn"]],
    )
    assert verified.job_arn is not None
    assert verified.job_arn.endswith(jobs[0])

    # In pages, which the CLI puts together, and one page by hand.
    listed = aws("signer", "list-signing-jobs", "--page-size", "1")["jobs"]
    assert [each["jobId"] for each in listed] == jobs[::-1]
    first = aws("signer", "list-signing-jobs", "--max-items", "2")
    rest = aws("signer", "list-signing-jobs", "--starting-token", first["NextToken"])
    assert [each["jobId"] for each in first["jobs"] + rest["jobs"]] == jobs[::-1]

    aws("signer", "revoke-signature", "--job-id", jobs[1], "--reason", "lost")
    revoked = aws("signer", "list-signing-jobs", "--is-revoked")["jobs"]
    assert [each["jobId"] for each in revoked] == [jobs[1]]


def test_the_aws_cli_signs_a_payload_and_takes_it_back(
    aws: Aws, cli_server: SignerServer, tmp_path: Path
) -> None:
    profile = aws(
        "signer", "put-signing-profile", "--profile-name", "images", "--platform-id", NOTATION
    )
    (tmp_path / "payload.json").write_bytes(PAYLOAD)
    signed = aws(
        "signer",
        "sign-payload",
        "--profile-name",
        "images",
        "--payload",
        "fileb://payload.json",
        "--payload-format",
        PAYLOAD_FORMAT,
    )
    envelope = base64.b64decode(signed["signature"])
    verified = verify_notation_envelope(envelope, cli_server.trust_root_pem())
    assert verified.profile_version_arn == profile["profileVersionArn"]
    assert json.loads(base64.urlsafe_b64decode(json.loads(envelope)["payload"] + "==")) == (
        json.loads(PAYLOAD)
    )

    added = aws(
        "signer",
        "add-profile-permission",
        "--profile-name",
        "images",
        "--statement-id",
        "partner",
        "--action",
        "signer:SignPayload",
        "--principal",
        "210987654321",
    )
    listed = aws("signer", "list-profile-permissions", "--profile-name", "images")
    assert listed["revisionId"] == added["revisionId"]
    assert [each["principal"] for each in listed["permissions"]] == ["210987654321"]

    question = (
        "signer",
        "get-revocation-status",
        "--signature-timestamp",
        str(verified.signed_at),
        "--platform-id",
        NOTATION,
        "--profile-version-arn",
        profile["profileVersionArn"],
        "--job-arn",
        str(verified.job_arn),
        "--certificate-hashes",
        "0" * 192,
        "1" * 192,
    )
    assert aws(*question)["revokedEntities"] == []
    aws(
        "signer",
        "revoke-signing-profile",
        "--profile-name",
        "images",
        "--profile-version",
        profile["profileVersion"],
        "--reason",
        "key lost",
        "--effective-time",
        "2020-01-01T00:00:00Z",
    )
    assert aws(*question)["revokedEntities"] == [profile["profileVersionArn"]]

    error = aws("signer", "get-signing-profile", "--profile-name", "nobody", refused=True)
    assert "(ResourceNotFoundException)" in error


# The SDKs for JavaScript and Go: each prints what happened to it


def judge(told: dict[str, Any], server: SignerServer, prefix: str) -> None:
    lambda_arn, images_arn = told["profileVersionArns"]
    assert told["tags"] == {"team": "a"}
    assert told["waited"] == "SUCCESS"
    key = f"{prefix}{told['started'][0]}.zip"
    assert told["job"] == {"status": "Succeeded", "key": key, "isDate": True}
    signed = http(f"{server.url}/_signer_mock/objects/signed/{key}").body
    verify_lambda_zip(signed, server.trust_root_pem(), [lambda_arn])
    assert [len(page) for page in told["pages"]] == [2, 2, 1]
    assert [each for page in told["pages"] for each in page] == told["started"][::-1]
    envelope = base64.b64decode(told["envelope"])
    verified = verify_notation_envelope(envelope, server.trust_root_pem(), [images_arn])
    assert verified.job_arn is not None
    assert told["permissions"] == {"sameRevision": True, "principals": ["210987654321"]}
    assert told["revokedBefore"] == []
    assert told["revocation"] == "lost"
    assert told["revokedAfter"] == [images_arn]
    assert told["error"] == {
        "isTyped": True,
        "code": "ProfileNotFound",
        "status": 404,
        "hasMessage": True,
    }


def run_story(
    command: list[str], server: SignerServer, home: Path, **environ: str
) -> dict[str, Any]:
    done = subprocess.run(
        command,
        env={**environment(server, home), **environ},
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_the_sdk_for_javascript_tells_the_story(
    signer_server: SignerServer, code: Path, tmp_path: Path
) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed (no `node` on PATH)")
    if not (SDK / "js" / "node_modules" / "@aws-sdk" / "client-signer").is_dir():
        pytest.skip("the SDK for JavaScript is not installed: run `npm ci` in tests/sdk/js")
    told = run_story([node, str(SDK / "js" / "story.mjs"), str(code)], signer_server, tmp_path)
    judge(told, signer_server, "js-")


@pytest.fixture(scope="session")
def go_story(build_go: Callable[[str], str]) -> str:
    return build_go(".")


@pytest.mark.timeout(600)  # the first build takes as long as the machine needs for Go's AWS SDK
def test_the_sdk_for_go_tells_the_story(
    signer_server: SignerServer, go_story: str, code: Path, tmp_path: Path
) -> None:
    # Go's SDK calls data-127.0.0.1; as its proxy the server gets that call all the same.
    told = run_story([go_story, str(code)], signer_server, tmp_path, HTTP_PROXY=signer_server.url)
    judge(told, signer_server, "go-")
