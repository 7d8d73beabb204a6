"""Where ``signer-mock sign`` signs: in this process, or on a server that runs."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from signer_mock._mock.mock import SignerMock
from signer_mock._mock.mock_signer import mock_signer
from signer_mock._server.state import StateFile
from signer_mock._service.arns import DEFAULT_ACCOUNT_ID
from signer_mock._service.ids import IdSource
from signer_mock.errors import SignerMockError
from signer_mock.objects import InMemoryObjects

#: Where the file lies while it is signed.
BUCKET = "signer-mock-sign"

_CONTROL = "/_signer_mock"


class Place(Protocol):
    """An AWS Signer of the mock, and buckets for its signing jobs."""

    @property
    def client(self) -> Any:
        """A boto3 client of Signer."""

    def store(self, key: str, data: bytes) -> str:
        """Store an object in ``BUCKET``, and return its version."""

    def fetch(self, key: str) -> bytes:
        """Return an object of ``BUCKET``."""

    def trust_root_pem(self) -> bytes:
        """Return the root of the account's signatures."""

    def import_certificate(self, certificate: bytes, key: bytes) -> str:
        """Import a certificate with its key, both PEM, and return its ARN."""

    def profile_is_made(self) -> None:
        """Take note that the profile was new."""


@contextlib.contextmanager
def local(
    account_id: str | None, region: str | None, state: Path | None, seed: str, data: bytes
) -> Iterator[Place]:
    """Sign in this process.

    Args:
        account_id: Whose profile it is.
        region: Where it is.
        state: A state file, which has the keys; it is saved at the end.
        seed: Has them instead.
        data: What will be signed.

    Raises:
        StateFileError: The state file cannot be used.
    """
    objects = InMemoryObjects()  # not the state's own, which would be saved
    objects.create_bucket(BUCKET, versioning=True)
    mock = mock_signer(
        account_id=account_id or DEFAULT_ACCOUNT_ID,
        region_name=region or "us-east-1",
        s3=objects,
        seed=None if state else seed,
    )
    with contextlib.ExitStack() as stack:
        file = StateFile(state) if state else None
        if file is not None:
            stack.callback(file.close)
        stack.enter_context(mock)
        if file is not None:
            file.load(mock._world)  # noqa: SLF001 - the world has no public name
        yield _Local(mock, objects, None if state else f"{seed}/{hashlib.sha256(data).hexdigest()}")
        if file is not None:
            file.save(mock._world)  # noqa: SLF001 - as above


class _Local:
    def __init__(self, mock: SignerMock, objects: InMemoryObjects, job_seed: str | None) -> None:
        self._mock = mock
        self._objects = objects
        self._job_seed = job_seed
        self.client = _without_endpoint(mock)

    def store(self, key: str, data: bytes) -> str:
        return self._objects.put(BUCKET, key, data)

    def fetch(self, key: str) -> bytes:
        return self._objects.get(BUCKET, key)

    def trust_root_pem(self) -> bytes:
        return self._mock.account().trust_root_pem

    def import_certificate(self, certificate: bytes, key: bytes) -> str:
        return self._mock.account().import_certificate(certificate, key)

    def profile_is_made(self) -> None:
        if self._job_seed is not None:
            # The profile's version is the same for each file, but not the job's id.
            self._mock._world.ids = IdSource(self._job_seed)  # noqa: SLF001 - as above


def _without_endpoint(mock: SignerMock) -> Any:
    from botocore.config import Config

    # AWS_ENDPOINT_URL may lead to another emulator. The service itself refuses bad parameters.
    config = Config(ignore_configured_endpoint_urls=True, parameter_validation=False)
    return mock.client("signer", config=config)


@contextlib.contextmanager
def remote(url: str, account_id: str | None, region: str | None) -> Iterator[Place]:
    """Sign on a server of signer-mock.

    Args:
        url: Its address.
        account_id: Whose profile it is; None is the server's default account.
        region: Where it is; None is the server's default region.

    Raises:
        SignerMockError: No such server answers there.
    """
    try:
        yield _Remote(url.rstrip("/"), account_id, region)
    except BotoCoreError as error:
        msg = f"The server at {url} cannot be used. {error}"
        raise SignerMockError(msg) from error


class _Remote:
    def __init__(self, url: str, account_id: str | None, region: str | None) -> None:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            msg = f"--endpoint-url {url}: expected http://host:port."
            raise SignerMockError(msg)
        self._url = url
        try:
            health = json.loads(self._send("GET", "/health"))
            self._account_id = account_id or health["account_id"]
            self._region = region or health["region"]
            self._with_moto = health["with_moto"]
        except (ValueError, LookupError, TypeError, SignerMockError) as error:
            msg = f"What answers at {url} is not a server of signer-mock."
            raise SignerMockError(msg) from error
        self.client = self._client("signer", parameter_validation=False)

    def _client(self, service: str, **options: Any) -> Any:
        import boto3
        from botocore.config import Config

        return boto3.Session(
            aws_access_key_id=self._account_id,
            aws_secret_access_key="any",  # noqa: S106 - signatures are not checked
            region_name=self._region,
        ).client(service, endpoint_url=self._url, config=Config(**options))

    def _send(self, method: str, path: str, data: bytes | None = None) -> bytes:
        from botocore.awsrequest import AWSRequest
        from botocore.httpsession import URLLib3Session

        # As botocore does with its own requests.
        session = URLLib3Session(verify=os.environ.get("AWS_CA_BUNDLE") or True)
        request = AWSRequest(method, f"{self._url}{_CONTROL}{path}", data=data)
        answer = session.send(request.prepare())
        if answer.status_code != 200:
            msg = f"{method} {_CONTROL}{path} of {self._url} answers {answer.text:.200}"
            raise SignerMockError(msg)
        content: bytes = answer.content
        return content

    def store(self, key: str, data: bytes) -> str:
        if not self._with_moto:
            if self._lacks_bucket():
                self._send("PUT", f"/objects/{BUCKET}")
            path = f"/objects/{BUCKET}/{quote(key)}"
            return str(json.loads(self._send("PUT", path, data))["version"])
        s3 = self._s3()
        bucket: dict[str, Any] = {"Bucket": BUCKET}
        if self._region != "us-east-1":
            bucket["CreateBucketConfiguration"] = {"LocationConstraint": self._region}
        with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
            s3.create_bucket(**bucket)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        return str(s3.put_object(Bucket=BUCKET, Key=key, Body=data)["VersionId"])

    def _lacks_bucket(self) -> bool:
        try:
            self._send("GET", f"/objects/{BUCKET}")
        except SignerMockError:
            return True
        return False

    def fetch(self, key: str) -> bytes:
        if not self._with_moto:
            return self._send("GET", f"/objects/{BUCKET}/{quote(key)}")
        body: bytes = self._s3().get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return body

    def _s3(self) -> Any:
        return self._client("s3", s3={"addressing_style": "path"})

    def trust_root_pem(self) -> bytes:
        return self._send("GET", f"/trust-roots/{self._account_id}.pem")

    def import_certificate(self, certificate: bytes, key: bytes) -> str:
        if not self._with_moto:
            msg = "The server has no ACM to import the certificate: start it with --with-moto."
            raise SignerMockError(msg)
        try:
            arn = self._client("acm").import_certificate(Certificate=certificate, PrivateKey=key)
        except ClientError as error:
            msg = f"The server's ACM does not import the certificate: {error}"
            raise SignerMockError(msg) from error
        return str(arn["CertificateArn"])

    def profile_is_made(self) -> None:
        """Nothing is to be done; the server makes its own ids."""
