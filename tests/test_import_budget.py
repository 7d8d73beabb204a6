"""What is imported, and when: nothing heavy at the door, each neighbour only when it is met."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "aiobotocore",
    "aiohttp",
    "asn1crypto",
    "cryptography",
    "h11",
    "moto",
    "pytest",
    "requests",
    "responses",
    "werkzeug",
}


def loaded_by(code: str) -> set[str]:
    """The packages that a fresh interpreter has loaded after some code."""
    script = (
        f"import json, sys\n{code}\nprint(json.dumps([n.partition('.')[0] for n in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_door_loads_nothing_but_itself():
    assert not loaded_by("import signer_mock") & (HEAVY | {"botocore", "boto3"})


def test_the_mock_loads_botocore_and_nothing_heavy():
    loaded = loaded_by("from signer_mock import mock_signer\nwith mock_signer(): pass")
    assert "botocore" in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize(
    "call",
    [
        "client.list_signing_platforms()",
        "client.put_signing_profile(profileName='pp', platformId='AWSLambda-SHA384-ECDSA')",
        "client.list_signing_jobs()",
    ],
)
def test_calls_that_sign_nothing_load_nothing_heavy(call):
    loaded = loaded_by(
        "from signer_mock import mock_signer\n"
        "with mock_signer(region_name='us-east-1') as mock:\n"
        "    client = mock.client('signer')\n"
        f"    {call}\n"
    )
    assert not loaded & HEAVY


def test_the_pytest_plugin_loads_nothing_but_pytest():
    assert loaded_by("import signer_mock.pytest_plugin") & (HEAVY | {"botocore"}) == {"pytest"}


def test_responses_is_loaded_with_the_first_answer_to_requests():
    before = (
        "from signer_mock import mock_signer\n"
        "import requests\n"
        "with mock_signer(region_name='us-east-1') as mock:\n"
    )
    get = "    requests.get('https://signer.us-east-1.amazonaws.com/signing-platforms')\n"
    assert "responses" not in loaded_by(f"{before}    pass\n")
    assert "responses" in loaded_by(before + get)


@pytest.mark.parametrize("library", ["requests", "aiobotocore.session", "moto"])
def test_a_library_that_is_loaded_inside_the_mock_is_met_then(library):
    marks = {
        "requests": "requests.sessions.Session.send",
        "aiobotocore.session": "aiobotocore.httpsession.AIOHTTPSession.send",
        "moto": "moto.core.botocore_stubber.BotocoreStubber.__call__",
    }
    pytest.importorskip(library)
    loaded = loaded_by(
        "from signer_mock import mock_signer\n"
        "with mock_signer():\n"
        f"    import {library}, importlib\n"
        + ("    import moto.core.models\n" if library == "moto" else "")
        + f"    assert hasattr({marks[library]}, '__wrapped__')\n"
        f"    module = {marks[library].rsplit('.', 2)[0]}\n"
        "    assert type(module.__spec__.loader).__module__ == 'importlib._bootstrap_external' or "
        "'frozen' in type(module.__spec__.loader).__module__, 'the real loader is back'\n"
        "    assert module.__loader__ is module.__spec__.loader\n"
    )
    assert library.partition(".")[0] in loaded
