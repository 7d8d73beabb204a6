"""``signer-mock demo``, the README's first command."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from signer_mock._cli import demo
from signer_mock._cli.main import main


def test_openssl_confirms_every_claim_of_the_demo(capsys):
    assert demo.main([]) == 0
    shown = capsys.readouterr().out
    assert len(re.findall(r"^  yes  ", shown, re.MULTILINE)) == 4
    assert "CMS Verification successful" in shown
    assert "Verified OK" in shown
    assert "Both signatures verify." in shown


def test_the_demo_signs_a_given_package(tmp_path, code_zip, capsys):
    package = tmp_path / "mine.zip"
    package.write_bytes(code_zip)
    assert demo.main([str(package)]) == 0
    assert f"mine.zip, {len(code_zip):,} bytes" in capsys.readouterr().out


def test_without_the_bundled_wheel_the_demo_zips_an_installed_package(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr("ensurepip.__file__", str(tmp_path / "ensurepip.py"))
    assert demo.main([]) == 0
    assert "botocore.zip" in capsys.readouterr().out


def test_a_missing_file_is_named(tmp_path, capsys):
    assert main(["demo", str(tmp_path / "nope.zip")]) == 2
    assert "There is no file" in capsys.readouterr().err


def test_without_openssl_the_demo_says_so(monkeypatch, capsys):
    monkeypatch.setattr("shutil.which", lambda _name: None)
    assert main(["demo"]) == 2
    assert "openssl" in capsys.readouterr().err


def test_the_demo_needs_no_extra():
    script = (
        "import sys; sys.modules.update(dict.fromkeys(['moto', 'h11', 'flask', 'aiobotocore'])); "
        "from signer_mock._cli.main import main; sys.exit(main(['demo']))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("raw", [b"\x00" * 47 + b"\x01" + b"\xff" * 48, bytes(range(96))])
def test_signatures_are_put_into_der_as_a_library_does(raw):
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    expected = encode_dss_signature(
        int.from_bytes(raw[:48], "big"), int.from_bytes(raw[48:], "big")
    )
    assert demo._der_signature(raw) == expected


def test_a_file_that_is_no_zip_is_named(tmp_path, capsys):
    package = tmp_path / "package.tar"
    package.write_bytes(b"not a zip")
    assert main(["demo", str(package)]) == 2
    assert f"{package} is not a zip" in capsys.readouterr().err


def test_an_endpoint_of_the_users_environment_is_not_used(monkeypatch, capsys):
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert demo.main([]) == 0
    assert "Both signatures verify." in capsys.readouterr().out
