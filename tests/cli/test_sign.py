"""``signer-mock sign``: what it signs verifies, wherever the keys come from."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from signer_mock import mock_signer
from signer_mock._cli.main import main
from signer_mock._signing.ca.certificates import make_code_signing_certificate
from signer_mock.server import SignerServer, serve_world
from tests.helpers.constants import FREERTOS, IOT, LAMBDA, NOTATION
from tests.helpers.zip_archives import code_zip

Output = pytest.CaptureFixture[str]

MANIFEST = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json"},
        "layers": [],
    }
).encode()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with something to sign."""
    monkeypatch.chdir(tmp_path)
    Path("app.zip").write_bytes(code_zip())
    Path("manifest.json").write_bytes(MANIFEST)
    Path("firmware.bin").write_bytes(b"firmware")
    Path("package.json").write_text('{"schemaVersion": 1, "config": {}}')
    return tmp_path


@pytest.fixture
def device(folder: Path) -> list[str]:
    """Options that name a device's certificate and its key."""
    now = dt.datetime.now(dt.timezone.utc)
    for name, pem in zip(
        ("dev.pem", "dev.key"), make_code_signing_certificate("dev", "ECDSA", now), strict=True
    ):
        (folder / name).write_bytes(pem)
    return "--certificate dev.pem --key dev.key".split()


def run(line: str, *more: object) -> int:
    return main([*line.split(), *map(str, more)])


def signed(capsys: Output, line: str, *more: object) -> dict[str, Any]:
    capsys.readouterr()
    assert run(line, *more, "--json") == 0
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert said.pop("signed") is True
    return said


def test_a_zip_is_signed_and_verifies(capsys: Output) -> None:
    said = signed(capsys, "sign app.zip --profile release --root-out root.pem")
    assert (said["output"], said["platform"]) == ("app.signed.zip", LAMBDA)
    assert Path("app.zip").read_bytes() == code_zip()
    arn = said["profile_version_arn"]
    assert run("verify app.signed.zip --root root.pem --profile-version", arn) == 0
    assert f"/signing-jobs/{said['job_id']}" in capsys.readouterr().out
    with zipfile.ZipFile("app.signed.zip") as archive:
        assert archive.testzip() is None


@pytest.mark.parametrize("form", ["manifest", "payload", "descriptor", "index"])
def test_an_image_is_signed_by_its_manifest(form: str, capsys: Output) -> None:
    from signer_mock._cli.manifests import descriptor_of

    document: Any = {
        "manifest": json.loads(MANIFEST),
        "payload": {"targetArtifact": descriptor_of(MANIFEST)},
        "descriptor": descriptor_of(MANIFEST),
        "index": {"schemaVersion": 2, "manifests": []},
    }[form]
    if form != "manifest":
        Path("manifest.json").write_text(json.dumps(document))
    said = signed(capsys, "sign manifest.json --profile images --root-out root.pem")
    assert (said["output"], said["platform"]) == ("manifest.signed.jws", NOTATION)
    assert run("verify manifest.signed.jws --root root.pem") == 0
    if form != "payload":
        assert run("verify manifest.signed.jws --root root.pem --source manifest.json") == 0


def test_an_envelope_is_of_one_manifest_only(capsys: Output) -> None:
    signed(capsys, "sign manifest.json --profile images --root-out root.pem")
    Path("other.json").write_bytes(MANIFEST + b"\n")
    assert run("verify manifest.signed.jws --root root.pem --source other.json") == 1
    assert "MismatchError" in capsys.readouterr().out
    assert run("verify manifest.signed.jws --root root.pem --source app.zip") == 2
    assert "--source app.zip" in capsys.readouterr().err


def test_openssl_verifies_the_envelopes_chain(capsys: Output) -> None:
    import base64

    signed(capsys, "sign manifest.json --profile images --root-out root.pem")
    jws = json.loads(Path("manifest.signed.jws").read_text())
    names = []
    for number, der in enumerate(jws["header"]["x5c"]):
        names.append(f"{number}.der")
        Path(names[-1]).write_bytes(base64.b64decode(der))
        command = f"openssl x509 -inform DER -in {number}.der -out {number}.pem"
        subprocess.run(command.split(), check=True)
    Path("others.pem").write_bytes(Path("1.pem").read_bytes() + Path("2.pem").read_bytes())
    command = "openssl verify -x509_strict -CAfile root.pem -untrusted others.pem 0.pem"
    assert (
        "0.pem: OK"
        in subprocess.run(command.split(), check=True, capture_output=True, text=True).stdout
    )


def test_firmware_is_signed_by_the_devices_certificate(device: list[str], capsys: Output) -> None:
    line = f"sign firmware.bin --profile devices --platform {IOT} --root-out trusted.pem"
    said = signed(capsys, line, *device)
    assert said["output"] == "firmware.signed.json"
    assert Path("trusted.pem").read_bytes() == Path("dev.pem").read_bytes()
    assert run("verify firmware.signed.json --root dev.pem --source firmware.bin") == 0
    Path("firmware.bin").write_bytes(b"another")
    assert run("verify firmware.signed.json --root dev.pem --source firmware.bin") == 1


def test_the_default_keys_are_the_same_each_time_and_the_job_is_the_files(capsys: Output) -> None:
    once = signed(capsys, "sign app.zip --profile release --root-out 1.pem")
    again = signed(capsys, "sign app.zip --profile release --root-out 2.pem")
    other = signed(capsys, "sign manifest.json --profile release --root-out 3.pem")
    assert {Path(f"{number}.pem").read_bytes() for number in (1, 2)} == {Path("3.pem").read_bytes()}
    assert once["profile_version_arn"] == again["profile_version_arn"]
    assert once["job_id"] == again["job_id"] != other["job_id"]


def test_another_seed_is_another_root(capsys: Output) -> None:
    signed(capsys, "sign app.zip --profile release --root-out 1.pem")
    signed(capsys, "sign app.zip --profile release --root-out 2.pem --seed other")
    assert run("verify app.signed.zip --root 2.pem") == 0
    assert run("verify app.signed.zip --root 1.pem") == 1


def test_the_library_signs_with_the_same_root_by_the_same_seed(capsys: Output) -> None:
    signed(capsys, "sign app.zip --profile release --root-out root.pem --seed tests")
    with mock_signer(seed="tests") as mock:
        assert mock.account().trust_root_pem == Path("root.pem").read_bytes()
        mock.verify_lambda_zip(Path("app.signed.zip").read_bytes())


def test_a_state_file_keeps_keys_and_profiles(capsys: Output) -> None:
    first = signed(capsys, "sign app.zip --profile release --state s.db --root-out 1.pem")
    second = signed(capsys, "sign app.zip --profile release --state s.db --root-out 2.pem")
    assert Path("1.pem").read_bytes() == Path("2.pem").read_bytes()
    assert first["profile_version_arn"] == second["profile_version_arn"]
    assert first["job_id"] != second["job_id"]
    with serve_world(state=Path("s.db")) as server:
        assert server.trust_root_pem() == Path("1.pem").read_bytes()
        jobs = server.client("signer").list_signing_jobs()["jobs"]
        assert {job["jobId"] for job in jobs} == {first["job_id"], second["job_id"]}


def test_a_state_file_that_a_server_has_is_left_to_it(capsys: Output) -> None:
    with serve_world(state=Path("s.db")):
        assert run("sign app.zip --profile release --state s.db") == 2
    assert "in use by another server" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("with_moto", "region"),
    [(False, "eu-west-1"), (True, "eu-west-1"), (True, "us-east-1")],
    ids=["own buckets", "moto", "moto, where buckets take no region"],
)
def test_a_server_signs(with_moto: bool, region: str, device: list[str], capsys: Output) -> None:
    with serve_world(with_moto=with_moto, account_id="210987654321", region=region) as server:
        at = f"--endpoint-url {server.url}"
        for _ in range(2):  # the second time bucket and profile are there
            said = signed(capsys, f"sign app.zip --profile release --root-out root.pem {at}")
        assert f":{region}:210987654321:" in said["profile_version_arn"]
        assert Path("root.pem").read_bytes() == server.trust_root_pem()
        assert run("verify app.signed.zip --root root.pem") == 0
        signed(capsys, f"sign manifest.json --profile images {at}")
        assert run("verify manifest.signed.jws --root root.pem --source manifest.json") == 0
        line = f"sign firmware.bin --profile devices --platform {FREERTOS} {at}"
        if with_moto:
            signed(capsys, line, *device)
            verify = "verify firmware.signed.json --root dev.pem --source firmware.bin"
            assert run(verify) == 0
        else:
            assert run(line, *device) == 2
            assert "--with-moto" in capsys.readouterr().err


def test_a_certificate_that_acm_refuses_is_a_sentence(device: list[str], capsys: Output) -> None:
    Path("dev.key").write_text("no key")
    with serve_world(with_moto=True) as server:
        line = f"sign firmware.bin --profile dd --platform {FREERTOS} --endpoint-url {server.url}"
        assert run(line, *device) == 2
    said = capsys.readouterr().err
    assert "The server's ACM does not import the certificate: " in said
    assert "ValidationException" in said


def test_the_root_of_a_device_is_asked_for_before_anything_is_signed(
    device: list[str], capsys: Output
) -> None:
    line = f"sign firmware.bin --profile devices --platform {FREERTOS} --state s.db"
    signed(capsys, line, *device)
    Path("firmware.signed.json").unlink()
    assert run(line, "--root-out", "root.pem") == 2
    assert "--root-out: give --certificate too" in capsys.readouterr().err
    assert not Path("firmware.signed.json").exists()
    assert not Path("root.pem").exists()


def test_an_interrupt_while_writing_leaves_no_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    before = sorted(folder.iterdir())
    monkeypatch.setattr("signer_mock._cli.files.os.fdopen", interrupted)
    assert run("sign app.zip --profile release") == 130
    assert sorted(folder.iterdir()) == before


def test_the_account_may_be_named(capsys: Output) -> None:
    said = signed(capsys, "sign app.zip --profile release --account 444455556666")
    assert ":444455556666:" in said["profile_version_arn"]


def test_a_refusal_is_the_services_own_and_an_exit_of_1(
    signer_server: SignerServer, capsys: Output
) -> None:
    client = signer_server.client("signer")
    client.put_signing_profile(profileName="gone", platformId=LAMBDA)
    client.cancel_signing_profile(profileName="gone")
    assert run(f"sign app.zip --profile gone --endpoint-url {signer_server.url}") == 1
    said = capsys.readouterr().out
    assert said.startswith("Not signed. StartSigningJob: ValidationException: ")
    assert not Path("app.signed.zip").exists()


@pytest.mark.parametrize("content", [b"PK", b"PK\x05\x06" + bytes(17), b"PK\x03\x04" + bytes(50)])
def test_a_broken_zip_is_not_signed(content: bytes, capsys: Output) -> None:
    Path("app.zip").write_bytes(content)
    assert run("sign app.zip --profile release") == 1
    assert capsys.readouterr().out.startswith("Not signed. The signing job ")
    assert not Path("app.signed.zip").exists()


@pytest.mark.parametrize("profile", ["x", "a b", "é", "a" * 65])
def test_a_profiles_name_is_refused_by_the_service(profile: str, capsys: Output) -> None:
    assert run("sign app.zip --profile", profile) == 1
    assert "ValidationException" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("sign nothing.zip --profile release", "There is no file nothing.zip."),
        ("sign . --profile release", ". is a directory, and a file is needed."),
        ("sign firmware.bin --profile release", "neither a zip nor an image's manifest"),
        (f"sign firmware.bin --profile pp --platform {IOT}", "--certificate and --key"),
        (f"sign firmware.bin --profile pp --platform {NOTATION}", "not an image's manifest"),
        (f"sign package.json --profile pp --platform {NOTATION}", "not an image's manifest"),
        ("sign app.zip --profile pp --output .", ". is a directory"),
        ("sign app.zip --profile pp --output absent/x", "There is no folder absent."),
        ("sign app.zip --profile pp --root-out absent/x", "There is no folder absent."),
        ("sign app.zip --profile pp --state app.zip", "damaged"),
        ("sign app.zip --profile pp --endpoint-url nowhere", "expected http://host:port"),
        ("sign app.zip --profile pp --endpoint-url http://127.0.0.1:9", "cannot be used"),
    ],
)
def test_what_cannot_be_signed_is_said_in_a_sentence(
    line: str, complaint: str, capsys: Output
) -> None:
    assert run(line) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("signer-mock sign: ")
    assert complaint in said.err
    assert said.err.count("\n") == 1
    assert "Errno" not in said.err


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("", "--profile"),
        ("--profile pp --account 12", "twelve digits"),
        ("--profile pp --platform Lambda", "invalid choice"),
        ("--profile pp --seed 1 --state s.db", "not allowed with"),
        ("--profile pp --certificate dev.pem", "belong together"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    options: str, complaint: str, capsys: Output
) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(f"sign app.zip {options}")
    assert stopped.value.code == 2
    assert complaint in capsys.readouterr().err


def test_another_platform_or_certificate_than_the_profiles_is_refused(
    device: list[str], capsys: Output
) -> None:
    run("sign app.zip --profile release --state s.db")
    assert run(f"sign app.zip --profile release --state s.db --platform {NOTATION}") == 2
    assert f"is of {LAMBDA}" in capsys.readouterr().err
    assert run("sign app.zip --profile release --state s.db", *device) == 2
    assert "cannot be changed" in capsys.readouterr().err


def test_what_answers_elsewhere_is_no_server_of_ours(capsys: Output) -> None:
    import http.server
    import threading

    class Silent(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_port}"
            assert run(f"sign app.zip --profile release --endpoint-url {url}") == 2
        finally:
            server.shutdown()
            thread.join()
    assert "not a server of signer-mock" in capsys.readouterr().err
