"""What the tools at hand make is signed, verified, and read alike by everybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from signer_mock._signing.lambda_zip.sign import sign_zip
from signer_mock.verify import verify_lambda_zip
from tests.differential.legitimate import (
    QUICK,
    SLOW,
    Producer,
    ProducerMissingError,
    make_tree,
)
from tests.differential.readers import Reader, differs_in_unzip, expected_of
from tests.helpers.signing import JOB_ARN, NOW, authority, signing_arguments


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tree(tmp_path_factory.mktemp("legitimate") / "tree")


def archives_of(producer: Producer, tree: Path, out: Path) -> list[Path]:
    try:
        producer(tree, out)
    except ProducerMissingError as missing:
        pytest.skip(str(missing))
    made = sorted(out.glob("*.zip"))
    assert made
    return made


def check(made: list[Path]) -> None:
    for path in made:
        signed = sign_zip(path.read_bytes(), **signing_arguments())
        verified = verify_lambda_zip(signed, authority().trust_root_pem, at=NOW)
        assert verified.job_arn == JOB_ARN
        path.write_bytes(signed)


@pytest.mark.parametrize("producer", QUICK, ids=lambda producer: producer.__name__)
def test_it_is_signed_and_verified(producer: Producer, tree: Path, tmp_path: Path) -> None:
    check(archives_of(producer, tree, tmp_path))


@pytest.mark.soak
@pytest.mark.timeout(900)  # libraries are installed first
@pytest.mark.parametrize("producer", [*QUICK, *SLOW], ids=lambda producer: producer.__name__)
def test_all_readers_agree_on_it(
    producer: Producer, tree: Path, tmp_path: Path, all_readers: list[Reader]
) -> None:
    made = archives_of(producer, tree, tmp_path)
    compare(made, all_readers)
    check(made)
    compare(made, all_readers)


def compare(made: list[Path], all_readers: list[Reader]) -> None:
    expected = [expected_of(path.read_bytes()) for path in made]
    for reader in all_readers:
        for path, right, readings in zip(made, expected, reader.read(made), strict=True):
            for name, differs, reading in zip(
                reader.names, reader.differences, readings, strict=True
            ):
                assert differs(right, reading) is None, (path.name, name)
    for path, right in zip(made, expected, strict=True):
        assert differs_in_unzip(path, right)[0] is None, path.name
