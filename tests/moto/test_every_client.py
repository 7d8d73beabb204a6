"""Beside the mock, moto answers every client, whenever and however it was made.

Each case runs in a process of its own, because moto registers its handler when it is imported.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import textwrap

import pytest

from tests.helpers.usage import VARIABLES

MADE = ["before moto's import", "before the mock", "inside the mock"]
KINDS = ["sync", "async"]
KEYS = ["credentials", "none"]

# How each story gets its clients.
_SETTING = '''
import asyncio, contextlib, sys
from signer_mock import mock_signer
from signer_mock.errors import UnmockedCallError

made, kind, keys = sys.argv[1:]
own = dict(aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="own")


async def open_client(service):
    """Return an opened client; its library is not imported before."""
    options = {"region_name": "us-east-1", **(own if keys == "credentials" else {})}
    if kind == "sync":
        import boto3
        return boto3.Session().client(service, **options)
    from aiobotocore.session import get_session
    return await stack.enter_async_context(get_session().create_client(service, **options))


async def awaited(value):
    return await value if kind == "async" else value


async def clients(*services):
    """Return clients, made at the time that is to be tried, with both mocks active."""
    assert "moto" not in sys.modules
    if made == "before moto's import":
        opened = [await open_client(service) for service in services]
    from moto import mock_aws

    if made == "before the mock":
        opened = [await open_client(service) for service in services]
    mock = stack.enter_context(mock_signer(account_id="210987654321", **mock_options))
    stack.enter_context(mock_aws(config=moto_config))
    if made == "inside the mock":
        opened = [await open_client(service) for service in services]
    return mock, opened


mock_options, moto_config = {}, {}
stack = contextlib.AsyncExitStack()


def main(story):
    async def run():
        async with stack:
            await story()

    asyncio.run(run())
    print("told to the end")
'''


def _run(story: str, *arguments: str) -> None:
    """Run a story where there are no credentials, nor any way to find some."""
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    environment |= {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    if arguments[1] == "async":
        pytest.importorskip("aiobotocore.session")
    program = textwrap.dedent(_SETTING) + textwrap.dedent(story) + "\nmain(story)\n"
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", program, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout == "told to the end\n"


_kinds_and_keys = pytest.mark.parametrize(("kind", "keys"), list(itertools.product(KINDS, KEYS)))

_S3 = """
async def story():
    mock, [s3] = await clients("s3")
    await awaited(s3.create_bucket(Bucket="bucket"))
    data = bytes(range(256)) * 20
    for number in range(5):
        await awaited(s3.put_object(Bucket="bucket", Key=f"key-{number}", Body=data))

    body = (await awaited(s3.get_object(Bucket="bucket", Key="key-0")))["Body"]
    if kind == "async":
        async with body as stream:
            pieces = [await stream.read(1000), await stream.read(1000), await stream.read()]
            assert await stream.read() == b""
        again = (await s3.get_object(Bucket="bucket", Key="key-0"))["Body"]
        chunks = [chunk async for chunk in again.iter_chunks(1024)]
    else:
        with body as stream:
            pieces = [stream.read(1000), stream.read(1000), stream.read()]
            assert stream.read() == b""
        again = s3.get_object(Bucket="bucket", Key="key-0")["Body"]
        chunks = list(again.iter_chunks(1024))
    assert [len(piece) for piece in pieces] == [1000, 1000, 3120]
    assert b"".join(pieces) == b"".join(chunks) == data
    assert len(chunks) == 5

    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket="bucket", PaginationConfig={"PageSize": 2}
    )
    pages = [page async for page in pages] if kind == "async" else list(pages)
    assert [len(page["Contents"]) for page in pages] == [2, 2, 1]
    assert [entry["Key"] for page in pages for entry in page["Contents"]] == [
        f"key-{number}" for number in range(5)
    ]
    assert (await awaited(s3.head_object(Bucket="bucket", Key="key-1")))["ContentLength"] == 5120
    await awaited(s3.get_waiter("object_exists").wait(Bucket="bucket", Key="key-1"))

    try:
        await awaited(s3.get_object(Bucket="bucket", Key="unknown"))
    except s3.exceptions.NoSuchKey as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    else:
        raise AssertionError
    # A client that the test makes now sees the same bucket: all are in the mock's account.
    assert [b["Name"] for b in mock.client("s3").list_buckets()["Buckets"]] == ["bucket"]
"""


@_kinds_and_keys
@pytest.mark.parametrize("made", MADE)
def test_s3(made, kind, keys):
    _run(_S3, made, kind, keys)


_OTHERS = """
async def story():
    mock, [sts, iam, dynamodb, signer] = await clients("sts", "iam", "dynamodb", "signer")
    assert (await awaited(sts.get_caller_identity()))["Account"] == "210987654321"

    role = await awaited(iam.create_role(RoleName="role", AssumeRolePolicyDocument="{}"))
    assert role["Role"]["Arn"] == "arn:aws:iam::210987654321:role/role"

    await awaited(
        dynamodb.create_table(
            TableName="table",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    )
    await awaited(dynamodb.get_waiter("table_exists").wait(TableName="table"))
    item = {"id": {"S": "one"}, "data": {"B": b"\\x00\\xff"}}
    await awaited(dynamodb.put_item(TableName="table", Item=item))
    found = await awaited(dynamodb.get_item(TableName="table", Key={"id": {"S": "one"}}))
    assert found["Item"] == item
    try:
        await awaited(dynamodb.get_item(TableName="none", Key={"id": {"S": "one"}}))
    except dynamodb.exceptions.ResourceNotFoundException:
        pass
    else:
        raise AssertionError

    # Signer stays the mock's.
    assert (await awaited(signer.list_signing_profiles()))["profiles"] == []
    assert [call.operation for call in mock.calls] == ["ListSigningProfiles"]
"""


@_kinds_and_keys
def test_services_of_other_protocols(kind, keys):
    _run(_OTHERS, MADE[0], kind, keys)


_EVENT_STREAM = """
async def story():
    mock, [s3] = await clients("s3")
    await awaited(s3.create_bucket(Bucket="bucket"))
    await awaited(s3.put_object(Bucket="bucket", Key="key", Body=b'{"a": 1}'))
    selected = await awaited(
        s3.select_object_content(
            Bucket="bucket",
            Key="key",
            Expression="SELECT * FROM S3Object",
            ExpressionType="SQL",
            InputSerialization={"JSON": {"Type": "DOCUMENT"}},
            OutputSerialization={"JSON": {}},
        )
    )
    events = selected["Payload"]
    events = [event async for event in events] if kind == "async" else list(events)
    assert b'"a"' in b"".join(e["Records"]["Payload"] for e in events if "Records" in e)
    assert "End" in events[-1]
"""


@pytest.mark.parametrize("kind", KINDS)
def test_event_streams(kind):
    pytest.importorskip("py_partiql_parser")
    _run(_EVENT_STREAM, MADE[0], kind, "credentials")


# moto does not mock this one: `made` before moto's import, because a client that moto knows gets
# moto's own "Not yet implemented".
_NOT_MOCKED = """
async def story():
    mock, [snowball, s3] = await clients("snowball", "s3")
    for call in (snowball.list_jobs, s3.list_buckets):
        try:
            await awaited(call())
        except UnmockedCallError as error:
            assert "would reach real AWS: moto is active and did not answer" in str(error), error
        else:
            raise AssertionError(call)
"""


@_kinds_and_keys
def test_what_moto_does_not_mock_or_leaves_out_is_refused(kind, keys):
    leave_s3_out = 'moto_config = {"core": {"passthrough": {"services": ["s3"]}}}'
    _run(leave_s3_out + _NOT_MOCKED, MADE[0], kind, keys)


_REFRESHED = """
def no_look_up():
    raise AssertionError("credentials were looked up")


async def story():
    from botocore.credentials import DeferredRefreshableCredentials
    from botocore.session import Session

    session = Session()
    session._credentials = DeferredRefreshableCredentials(no_look_up, "sso")
    s3 = session.create_client("s3", region_name="us-east-1")
    mock, _ = await clients()
    s3.create_bucket(Bucket="bucket")
"""


def test_credentials_that_must_be_fetched_are_not():
    _run(_REFRESHED, MADE[0], "sync", "none")


_LET_OUT = """
mock_options = {"block_other_aws": False}


async def story():
    mock, [s3] = await clients("s3")
    await awaited(s3.create_bucket(Bucket="bucket"))
    assert (await awaited(s3.list_buckets()))["Buckets"][0]["Name"] == "bucket"
"""


@_kinds_and_keys
def test_moto_answers_where_other_calls_are_let_out(kind, keys):
    _run(_LET_OUT, MADE[0], kind, keys)


_WITHOUT_MOTO = """
async def story():
    client = await open_client("s3")
    with mock_signer():
        try:
            await awaited(client.list_buckets())
        except UnmockedCallError as error:
            assert "nothing else mocks this service" in str(error)
        else:
            raise AssertionError
    assert not [name for name in sys.modules if name.split(".")[0] in ("moto", "responses")]
"""


@pytest.mark.parametrize("kind", KINDS)
def test_without_moto_it_is_not_imported(kind):
    _run(_WITHOUT_MOTO, MADE[0], kind, "credentials")
