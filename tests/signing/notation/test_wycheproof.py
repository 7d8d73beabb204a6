"""The signatures of envelopes against Project Wycheproof's vectors for ECDSA in P1363 form."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from signer_mock._signing.notation.envelope import verify_signature

MANIFEST = Path(__file__).parents[2] / "vectors" / "Cargo.toml"
FILES = {
    "ES256": "ecdsa_secp256r1_sha256_p1363_test.json",
    "ES384": "ecdsa_secp384r1_sha384_p1363_test.json",
    "ES512": "ecdsa_secp521r1_sha512_p1363_test.json",
}


@cache
def folder() -> Path:
    """Where Cargo has put the crate that carries the vectors; skips where there is none."""
    if shutil.which("cargo") is None:
        pytest.skip("Cargo is not installed (no `cargo` on PATH)")
    answer = subprocess.run(
        ["cargo", "metadata", "--format-version=1", "--offline",
         f"--manifest-path={MANIFEST}"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    if answer.returncode != 0:
        pytest.skip("Run `cargo fetch --manifest-path tests/vectors/Cargo.toml` to get the vectors")
    (manifest,) = (
        package["manifest_path"]
        for package in json.loads(answer.stdout)["packages"]
        if package["name"] == "wycheproof"
    )
    return Path(manifest).parent / "src" / "data"


def is_good(algorithm: str, key: Any, case: dict[str, str]) -> bool:
    signature, message = bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"])
    try:
        verify_signature(key, algorithm, signature, message)
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("algorithm", FILES)
def test_every_vector_gets_its_verdict(algorithm: str) -> None:
    document = json.loads((folder() / FILES[algorithm]).read_text())
    wrong = []
    results: Counter[str] = Counter()
    for group in document["testGroups"]:
        key = load_der_public_key(bytes.fromhex(group["publicKeyDer"]))
        for case in group["tests"]:
            results[case["result"]] += 1
            if is_good(algorithm, key, case) != (case["result"] == "valid"):
                wrong.append((case["tcId"], case["comment"], case["result"]))
    assert wrong == []
    assert results.keys() == {"valid", "invalid"}
    assert results.total() == document["numberOfTests"] > 200
