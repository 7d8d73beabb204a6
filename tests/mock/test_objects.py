"""``mock.objects``, and object stores of the test author's own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from signer_mock import mock_signer
from signer_mock.errors import ActivationError, ObjectStoreError
from signer_mock.objects import (
    BucketInfo,
    InMemoryObjects,
    NotAccessibleError,
    ObjectStore,
    SourceObject,
    StorageCaller,
)
from signer_mock.verify import verify_iot_object, verify_lambda_zip
from tests.helpers.constants import IOT, LAMBDA, OTHER
from tests.helpers.moto import code_signing_pair, sign
from tests.helpers.refusals import refusal
from tests.helpers.zip_archives import code_zip


@pytest.fixture
def objects(signer_mock: Any) -> InMemoryObjects:
    """``mock.objects``."""
    store: InMemoryObjects = signer_mock.objects
    return store


# mock.objects


def test_what_was_put_comes_back(objects):
    objects.create_bucket("b", versioning=True)
    first, second = objects.put("b", "k", b"one"), objects.put("b", "k", bytearray(b"two"))
    assert objects.get("b", "k") == b"two"
    assert objects.get("b", "k", first) == b"one"
    assert objects.get("b", "k", version_id=second) == b"two"
    assert first != second
    objects.put("b", "a", b"")
    assert objects.keys("b") == ["a", "k"]


def test_without_versioning_the_newest_is_all_there_is(objects):
    objects.create_bucket("b")
    assert objects.put("b", "k", b"one") == objects.put("b", "k", b"two") == "null"
    assert objects.get("b", "k", "null") == b"two"


def test_what_was_put_does_not_change_with_its_source(objects):
    data = bytearray(b"one")
    objects.create_bucket("b")
    objects.put("b", "k", data)
    data[:] = b"two"
    assert objects.get("b", "k") == b"one"


def test_versions_repeat_from_run_to_run():
    versions = []
    for _ in range(2):
        with mock_signer() as mock:
            mock.objects.create_bucket("b", versioning=True)
            versions.append([mock.objects.put("b", "k", data) for data in (b"x", b"x")])
    assert versions[0] == versions[1]
    assert len(set(versions[0])) == 2


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda objects: objects.create_bucket("b"), "already has a bucket 'b'"),
        (lambda objects: objects.put("no", "k", b""), r"no bucket 'no'.*create_bucket\('no'"),
        (lambda objects: objects.get("no", "k"), "no bucket 'no'"),
        (lambda objects: objects.keys("no"), "no bucket 'no'"),
        (lambda objects: objects.get("b", "no"), r"no object 'no' in bucket 'b'.*\['k'\]"),
        (lambda objects: objects.get("b", "k", "no"), "'k in version no'"),
    ],
    ids=["bucket twice", "put", "get", "keys", "no key", "no version"],
)
def test_invalid_arguments_say_what_to_do(objects, act, message):
    objects.create_bucket("b")
    objects.put("b", "k", b"data")
    with pytest.raises(ObjectStoreError, match=message):
        act(objects)


def test_a_job_in_another_region_than_the_bucket_is_refused(signer_mock, objects):
    objects.create_bucket("b", versioning=True, region="eu-west-1")
    version = objects.put("b", "app.zip", code_zip())
    source = {"s3": {"bucketName": "b", "key": "app.zip", "version": version}}
    here, there = signer_mock.client("signer"), signer_mock.client("signer", "eu-west-1")
    for client in (here, there):
        client.put_signing_profile(profileName="release", platformId=LAMBDA)
    error = refusal(sign, signer=here, source=source)
    assert type(error).__name__ == "ValidationException"
    assert sign(there, source)["status"] == "Succeeded"


def test_every_account_uses_the_same_memory(signer_mock, objects):
    objects.create_bucket("b", versioning=True)
    version = objects.put("b", "app.zip", code_zip())
    client = signer_mock.account(OTHER).client("signer")
    client.put_signing_profile(profileName="release", platformId=LAMBDA)
    job = sign(client, {"s3": {"bucketName": "b", "key": "app.zip", "version": version}})
    verify_lambda_zip(
        objects.get("b", job["signedObject"]["s3"]["key"]),
        signer_mock.account(OTHER).trust_root_pem,
    )


def test_objects_can_be_looked_at_after_the_stop():
    with mock_signer() as mock:
        mock.objects.create_bucket("b")
        mock.objects.put("b", "k", b"data")
    assert mock.objects.get("b", "k") == b"data"


# A store of one's own


@dataclass
class Blob:
    """Some bytes that notice how they are read."""

    data: bytes
    reads: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self) -> bytes:
        self.reads.append("whole")
        return self.data

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self.data), 7):
            self.reads.append("chunk")
            yield self.data[start : start + 7]


class Shelf:
    """The smallest object store: one bucket, one object, one caller who may write."""

    def __init__(self, data: bytes) -> None:
        self.blob = Blob(data)
        self.callers: list[StorageCaller] = []
        self.written: dict[str, tuple[bytes, str]] = {}
        self.may_write = True

    def bucket(self, name: str, caller: StorageCaller) -> BucketInfo:
        self.callers.append(caller)
        if name != "shelf":
            raise NotAccessibleError("bucket", name)
        return BucketInfo(versioning=True, region=None)

    def open(self, bucket: str, key: str, version: str, caller: StorageCaller) -> SourceObject:
        if (bucket, key, version) != ("shelf", "app.zip", "v1"):
            raise NotAccessibleError("object", key)
        return self.blob

    def write(
        self, bucket: str, key: str, data: bytes, content_type: str, caller: StorageCaller
    ) -> None:
        if not self.may_write:
            raise NotAccessibleError("bucket", bucket)
        self.written[key] = (data, content_type)


SOURCE = {"s3": {"bucketName": "shelf", "key": "app.zip", "version": "v1"}}


def test_a_custom_store_is_read_and_written():
    shelf = Shelf(code_zip())
    assert isinstance(shelf, ObjectStore)
    with mock_signer(s3=shelf) as mock:
        role = mock.account(OTHER).role("ci")
        role.client("signer").put_signing_profile(profileName="release", platformId=LAMBDA)
        job = sign(role.client("signer"), SOURCE)
        [(key, (data, content_type))] = shelf.written.items()
        assert key == job["signedObject"]["s3"]["key"]
        assert content_type == "application/octet-stream"
        verify_lambda_zip(data, mock.account(OTHER).trust_root_pem)

        credentials = role.session().get_credentials()
        assert set(shelf.callers) == {
            StorageCaller(OTHER, credentials.access_key, credentials.token, "us-east-1")
        }


def test_an_image_is_read_by_chunks_alone():
    image = hashlib.sha256(b"seed").digest()
    certificate, key = code_signing_pair()
    shelf = Shelf(image)
    with mock_signer(s3=shelf) as mock:
        arn = mock.account().import_certificate(certificate, key)
        client = mock.client("signer")
        client.put_signing_profile(
            profileName="device", platformId=IOT, signingMaterial={"certificateArn": arn}
        )
        assert sign(client, SOURCE, "device")["status"] == "Succeeded"
    [(data, _)] = shelf.written.values()
    verify_iot_object(data, certificate, image)
    assert shelf.blob.reads == ["chunk"] * 5


@pytest.mark.parametrize(
    ("member", "value", "what"),
    [
        ("bucketName", "other", "bucket other"),
        ("key", "other.zip", "object other.zip"),
        ("version", "v2", "object app.zip"),
    ],
)
def test_what_a_store_refuses_is_refused_in_the_services_words(member, value, what):
    with mock_signer(s3=Shelf(code_zip())) as mock:
        client = mock.client("signer")
        client.put_signing_profile(profileName="release", platformId=LAMBDA)
        source = {"s3": {**SOURCE["s3"], member: value}}
        error = refusal(sign, signer=client, source=source)
        assert error.response["Error"] == {
            "Code": "AccessDeniedException",
            "Message": f"S3 {what} not accessible. Please check your permissions",
        }


def test_a_store_that_takes_no_object_fails_the_job():
    shelf = Shelf(code_zip())
    shelf.may_write = False
    with mock_signer(s3=shelf) as mock:
        client = mock.client("signer")
        client.put_signing_profile(profileName="release", platformId=LAMBDA)
        job = sign(client, SOURCE)
        assert job["status"] == "Failed"
        assert job["statusReason"] == (
            "S3 bucket shelf not accessible. Please check your permissions"
        )
        assert "signedObject" not in job


@pytest.mark.parametrize("missing", ["bucket", "open", "write"])
def test_a_store_without_one_of_its_methods_is_refused(missing):
    methods = {"bucket", "open", "write"} - {missing}
    store = type("Store", (), dict.fromkeys(methods, lambda *_: None))()
    with pytest.raises(ActivationError, match=r"the methods of signer_mock\.objects\.ObjectStore"):
        mock_signer(s3=store)
