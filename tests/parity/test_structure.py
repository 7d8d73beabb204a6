"""What is said of signatures that another implementation might write."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from asn1crypto import cms, pem

from signer_mock import SignerMock
from signer_mock._parity.structure import structure_of
from tests.helpers.constants import LAMBDA
from tests.helpers.moto import code_signing_pair
from tests.helpers.signing import SIGNATURE_ENTRY, entries_of, signature_of
from tests.helpers.zip_archives import code_zip


@pytest.mark.parametrize("kind", ["notation", "lambda_zip", "iot"])
@pytest.mark.parametrize("data", [b"nothing of the kind", "%%%", b"{}", b""])
def test_what_cannot_be_read_has_a_reason(kind: str, data: bytes | str) -> None:
    assert list(structure_of(kind, data)) == ["unreadable"]


def test_an_envelope_of_another_key_and_chain_is_described_and_does_not_verify() -> None:
    chain = [pem.unarmor(code_signing_pair(kind)[0])[2] for kind in ("RSA", "EC")]
    envelope = {
        "payload": "e30",
        "protected": "e30",
        "header": {"x5c": [base64.b64encode(one).decode() for one in chain]},
        "signature": base64.urlsafe_b64encode(bytes(range(96))).decode(),
    }
    found = structure_of("notation", json.dumps(envelope).encode())
    assert found["chain"] == {
        "length": 2,
        "linked": False,
        "keys": ["RSAPublicKey", "secp256r1"],
        "signature_algorithms": ["1.2.840.10045.4.3.2", "1.2.840.113549.1.1.11"],
        "code_signing": False,
    }
    assert (found["signature_length"], found["verifies"]) == (96, False)


def without(oid: str) -> Callable[[cms.SignedData], None]:
    """Leave a signed attribute out."""

    def change(content: cms.SignedData) -> None:
        signer = content["signer_infos"][0]
        kept = [one for one in signer["signed_attrs"] if one["type"].dotted != oid]
        signer["signed_attrs"] = cms.CMSAttributes(kept)

    return change


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        (lambda _: None, {}),
        (without("1.3.187.137.1.2"), {"job": None, "verifies": False}),
        (without("1.3.187.137.1.4"), {"profile_version": None, "verifies": False}),
        (without("1.3.187.137.1.3"), {"has_expiry": False, "verifies": False}),
    ],
)
def test_a_zip_whose_signature_lacks_an_attribute(
    change: Callable[[cms.SignedData], None], differs: dict[str, Any], signer_mock: SignerMock
) -> None:
    signed = sign(signer_mock)
    before = structure_of("lambda_zip", signed)
    assert before["verifies"]
    after = structure_of("lambda_zip", with_signature(signed, change))
    assert {name: after[name] for name in after if after[name] != before[name]} == (
        {**differs, "attributes": after["attributes"]} if differs else {}
    )


def sign(mock: SignerMock) -> bytes:
    signer = mock.client("signer")
    signer.put_signing_profile(profileName="release", platformId=LAMBDA)
    mock.objects.create_bucket("code", versioning=True)
    version = mock.objects.put("code", "app.zip", code_zip())
    job_id = signer.start_signing_job(
        source={"s3": {"bucketName": "code", "key": "app.zip", "version": version}},
        destination={"s3": {"bucketName": "code"}},
        profileName="release",
    )["jobId"]
    signed = signer.describe_signing_job(jobId=job_id)["signedObject"]["s3"]
    return bytes(mock.objects.get("code", signed["key"]))


def with_signature(signed: bytes, change: Callable[[cms.SignedData], None]) -> bytes:
    """A signed zip whose signature is changed."""
    label, _, ber = pem.unarmor(signature_of(signed))
    info = cms.ContentInfo.load(ber)
    change(info["content"])
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, body in entries_of(signed):
            archive.writestr(name, body)
        archive.writestr(SIGNATURE_ENTRY, pem.armor(label, info.dump(force=True)))
    return target.getvalue()
