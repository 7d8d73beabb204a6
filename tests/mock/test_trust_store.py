"""``account.write_trust_store``: what notation and openssl need to trust an account."""

from __future__ import annotations

import json
import stat
from typing import Any

import pytest

from signer_mock import SignerMockError
from tests.helpers.constants import LAMBDA, NOTATION, OTHER
from tests.helpers.signing import openssl


def put_profile(account, name: str, platform: str = NOTATION, region: str | None = None) -> str:
    client = account.client("signer", region_name=region)
    client.put_signing_profile(profileName=name, platformId=platform)
    return str(client.get_signing_profile(profileName=name)["arn"])


def policy_in(folder) -> dict[str, Any]:
    document = json.loads((folder / "trustpolicy.json").read_text())
    assert document["version"] == "1.0"
    (policy,) = document["trustPolicies"]
    return dict(policy)


def test_the_policy_trusts_the_accounts_notation_profiles_in_every_region(signer_mock, tmp_path):
    account = signer_mock.account()
    arns = [put_profile(account, "image"), put_profile(account, "image", region="eu-west-1")]
    put_profile(account, "zips", LAMBDA)
    put_profile(signer_mock.account(OTHER), "theirs")

    folder = account.write_trust_store(tmp_path / "new" / "notation")

    policy = policy_in(folder)
    assert policy["trustedIdentities"] == sorted(arns)
    assert policy["signatureVerification"] == {"level": "strict"}
    (named,) = policy["trustStores"]
    kind, _, name = named.partition(":")
    root = folder / "truststore" / "x509" / kind / name / "root.crt"
    assert root.read_bytes() == account.trust_root_pem
    assert stat.S_IMODE((folder / "trustpolicy.json").stat().st_mode) == 0o600


def test_openssl_takes_the_root(signer_mock, tmp_path):
    account = signer_mock.account()
    put_profile(account, "image")
    folder = account.write_trust_store(str(tmp_path))

    verified = openssl(
        "verify", "-x509_strict", "-CAfile", folder / "root.pem", folder / "root.pem"
    )

    assert verified.stdout.endswith(": OK\n"), verified.stderr


def test_a_trust_store_can_be_overwritten(signer_mock, tmp_path):
    account = signer_mock.account()
    first = put_profile(account, "one")
    account.write_trust_store(tmp_path)
    second = put_profile(account, "two")
    account.write_trust_store(tmp_path)
    assert policy_in(tmp_path)["trustedIdentities"] == [first, second]

    account.write_trust_store(tmp_path, trusted_identities=(arn for arn in [second]))
    assert policy_in(tmp_path)["trustedIdentities"] == [second]


def test_a_trust_policy_needs_an_identity(signer_mock, tmp_path):
    with pytest.raises(SignerMockError, match="Put a profile first"):
        signer_mock.account().write_trust_store(tmp_path)
    for wrong in ("arn:aws:signer:x", [], [5], b"arn"):
        with pytest.raises(SignerMockError, match="must be a list of ARNs"):
            signer_mock.account().write_trust_store(tmp_path, trusted_identities=wrong)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_the_folder_is_refused(signer_mock, tmp_path):
    put_profile(signer_mock.account(), "image")
    file = tmp_path / "file"
    file.write_text("")

    with pytest.raises(SignerMockError, match="Pass a folder"):
        signer_mock.account().write_trust_store(file)
