"""The command line: its subcommands, and ``signer-mock verify``."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from signer_mock import SignerMock
from signer_mock._cli.main import main
from signer_mock._signing.ca.certificates import make_code_signing_certificate
from tests.helpers.constants import IOT, PAYLOAD, PAYLOAD_FORMAT

Output = pytest.CaptureFixture[str]


@pytest.fixture
def root(signer_mock: SignerMock, tmp_path: Path) -> Path:
    file = tmp_path / "root.pem"
    file.write_bytes(signer_mock.account().trust_root_pem)
    return file


@pytest.fixture
def signed_zip(
    signer_mock: SignerMock,
    start_job: Callable[..., dict[str, Any]],
    lambda_profile: str,
    code_zip: bytes,
    tmp_path: Path,
) -> Path:
    job = start_job(code_zip, lambda_profile)
    file = tmp_path / "signed.zip"
    file.write_bytes(signer_mock.objects.get("dst", job["signedObject"]["s3"]["key"]))
    return file


@pytest.fixture
def envelope(signer_client: Any, notation_profile: str, tmp_path: Path) -> Path:
    signature = signer_client.sign_payload(
        profileName=notation_profile, payload=PAYLOAD, payloadFormat=PAYLOAD_FORMAT
    )["signature"]
    file = tmp_path / "envelope.jws"
    file.write_bytes(signature)
    return file


def version_arn(signer_client: Any, profile: str) -> str:
    return str(signer_client.get_signing_profile(profileName=profile)["profileVersionArn"])


def verify(*arguments: object) -> int:
    return main(["verify", *map(str, arguments)])


def test_a_signed_zip_is_verified(
    root: Path, signed_zip: Path, signer_client: Any, lambda_profile: str, capsys: Output
) -> None:
    arn = version_arn(signer_client, lambda_profile)
    assert verify(signed_zip, "--root", root, "--profile-version", arn) == 0
    said = capsys.readouterr().out
    assert said.startswith("Verified.\n")
    assert f"profile_version_arn: {arn}" in said


def test_json_says_what_the_signature_says(
    root: Path, envelope: Path, signer_client: Any, notation_profile: str, capsys: Output
) -> None:
    assert verify(envelope, "--root", root, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["verified"] is True
    assert said["format"] == "notation"
    assert said["profile_version_arn"] == version_arn(signer_client, notation_profile)
    assert ":/signing-jobs/" in said["job_arn"]
    assert said["signed_at"] < said["expires_at"]
    assert len(said["certificates"]) == 4


def test_an_iot_document_needs_its_image_and_the_devices_certificate(
    signer_mock: SignerMock,
    signer_client: Any,
    start_job: Callable[..., dict[str, Any]],
    tmp_path: Path,
    capsys: Output,
) -> None:
    certificate, key = make_code_signing_certificate("dev", "ECDSA", signer_mock.clock.now())
    arn = signer_mock.account().import_certificate(certificate, key)
    signer_client.put_signing_profile(
        profileName="iot", platformId=IOT, signingMaterial={"certificateArn": arn}
    )
    job = start_job(b"firmware", "iot", key="firmware.bin")
    document, image, pem = (tmp_path / name for name in ("doc.json", "firmware.bin", "dev.pem"))
    document.write_bytes(signer_mock.objects.get("dst", job["signedObject"]["s3"]["key"]))
    image.write_bytes(b"firmware")
    pem.write_bytes(certificate)

    assert verify(document, "--root", pem, "--source", image) == 0
    assert verify(document, "--root", pem) == 2, "there is no image to look at"
    assert verify(document, "--root", pem, "--source", image, "--profile-version", arn) == 2
    image.write_bytes(b"other firmware")
    capsys.readouterr()
    assert verify(document, "--root", pem, "--source", image) == 1
    assert "IntegrityError" in capsys.readouterr().out


def test_a_changed_zip_is_not_verified(root: Path, signed_zip: Path, capsys: Output) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(signed_zip) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.infolist():
            new.writestr(entry, old.read(entry).replace(b"hello", b"goodbye"))
    signed_zip.write_bytes(buffer.getvalue())
    assert verify(signed_zip, "--root", root, "--json") == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["verified"], said["error"]) == (False, "IntegrityError")
    assert said["message"]


def test_an_unsigned_zip_is_not_verified(
    root: Path, code_zip: bytes, tmp_path: Path, capsys: Output
) -> None:
    file = tmp_path / "plain.zip"
    file.write_bytes(code_zip)
    assert verify(file, "--root", root) == 1
    assert capsys.readouterr().out.startswith("Not verified. UntrustedError: ")


def test_another_publisher_is_not_allowed(root: Path, envelope: Path, capsys: Output) -> None:
    other = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/other/AbCdEfGh12"
    assert verify(envelope, "--root", root, "--profile-version", other) == 1
    assert "MismatchError" in capsys.readouterr().out


def test_another_accounts_root_is_not_enough(
    signer_mock: SignerMock, signed_zip: Path, tmp_path: Path, capsys: Output
) -> None:
    file = tmp_path / "other.pem"
    file.write_bytes(signer_mock.account("210987654321").trust_root_pem)
    assert verify(signed_zip, "--root", file) == 1
    assert "UntrustedError" in capsys.readouterr().out


def test_time_can_be_asked_about(root: Path, envelope: Path, capsys: Output) -> None:
    assert verify(envelope, "--root", root, "--at", "2100-01-01T00:00:00Z") == 1
    assert "ExpiredError" in capsys.readouterr().out
    with pytest.raises(SystemExit) as stopped:
        verify(envelope, "--root", root, "--at", "soon")
    assert stopped.value.code == 2


def test_what_is_no_signature_is_not_verified(root: Path, tmp_path: Path, capsys: Output) -> None:
    file = tmp_path / "file"
    for content in (
        *(b"", b"hello", b"[]", b"PK", b'{"protected": 1}', b"[" * 100_000, root.read_bytes()),
        *(b'{"Protected": ""}', b'{"a": ' + b"9" * 5000 + b"}", b'{"a": 1, "a": 2}', b"\xff"),
    ):
        file.write_bytes(content)
        assert verify(file, "--root", root) == 1, content[:20]
        assert capsys.readouterr().out.startswith("Not verified. ")


def test_what_cannot_be_read_is_neither_good_nor_bad(
    root: Path, envelope: Path, tmp_path: Path, capsys: Output
) -> None:
    assert verify(tmp_path / "absent", "--root", root) == 2
    assert verify(envelope, "--root", tmp_path / "absent") == 2
    assert verify(envelope, "--root", envelope) == 2, "a root that is no certificate"
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("signer-mock verify: ") == 3


def test_a_member_in_two_spellings_is_a_forgery(root: Path, envelope: Path, capsys: Output) -> None:
    envelope.write_bytes(b'{"Payload":"e30",' + envelope.read_bytes()[1:])
    assert verify(envelope, "--root", root) == 1
    assert "IntegrityError" in capsys.readouterr().out


def test_the_format_can_be_given(root: Path, envelope: Path) -> None:
    assert verify(envelope, "--root", root, "--format", "notation") == 0
    assert verify(envelope, "--root", root, "--format", "lambda-zip") == 1


def test_an_unknown_subcommand_is_refused(capsys: Output) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["frobnicate"])
    assert stopped.value.code == 2
    assert "invalid choice" in capsys.readouterr().err


def test_a_root_that_is_no_certificate_is_named(
    signed_zip: Path, tmp_path: Path, capsys: Output
) -> None:
    root = tmp_path / "broken.pem"
    for data in (b"not a certificate", b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n"):
        root.write_bytes(data)
        assert verify(signed_zip, "--root", root) == 2
        assert f"--root {root}" in capsys.readouterr().err


def test_a_source_is_refused_where_the_format_takes_none(
    signed_zip: Path, root: Path, capsys: Output
) -> None:
    assert verify(signed_zip, "--root", root, "--source", signed_zip) == 2
    assert "--source" in capsys.readouterr().err


def test_an_image_manifest_is_not_its_signature(root: Path, tmp_path: Path, capsys: Output) -> None:
    file = tmp_path / "manifest.json"
    kind = "application/vnd.oci.image.manifest.v1+json"
    file.write_text(json.dumps({"schemaVersion": 2, "mediaType": kind, "layers": []}))
    assert verify(file, "--root", root) == 1
    said = capsys.readouterr()
    assert "image manifest" in said.out + said.err
    assert "--source" in said.out + said.err
