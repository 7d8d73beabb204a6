"""Every block of Python and every command of the documentation runs; none is left out silently."""

from __future__ import annotations

import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from signer_mock._wire.model import service_model
from tests.helpers.doc_blocks import (
    PAGES,
    ROOT,
    RUN,
    Block,
    agrees,
    blocks_of,
    commands_of,
    name_of,
    programs_of,
    run_page,
)
from tests.helpers.moto import skip_without_stacks

#: How many blocks each page has: of Python, of commands; and how many of them do not run.
BLOCKS: dict[str, tuple[int, int, int]] = {
    "README": (2, 4, 1),
    "faq": (7, 0, 0),
    "how-to/async": (4, 1, 0),
    "how-to/cloudformation": (4, 1, 0),
    "how-to/conftest": (13, 0, 0),
    "how-to/cross-account": (5, 0, 0),
    "how-to/deploy-over-http": (0, 7, 1),
    "how-to/ecr-managed-signing": (5, 1, 1),
    "how-to/faults": (5, 0, 0),
    "how-to/held-jobs": (4, 0, 0),
    "how-to/images": (4, 1, 1),
    "how-to/iot-over-the-air": (13, 1, 0),
    "how-to/lambda-code-signing": (6, 0, 0),
    "how-to/migrate": (5, 0, 0),
    "how-to/moto": (3, 1, 0),
    "how-to/notebooks": (3, 0, 0),
    "how-to/other-languages": (0, 4, 0),
    "how-to/parity": (0, 4, 2),
    "how-to/server": (3, 5, 0),
    "how-to/time": (4, 0, 0),
    "how-to/unittest": (4, 0, 0),
    "how-to/verify-images-at-admission": (4, 3, 2),
    "index": (1, 1, 0),
    "reference/operations": (3, 0, 0),
    "reference/server": (0, 2, 0),
    "reference/usage": (2, 0, 0),
    "tutorial": (6, 6, 0),
}
# What an older botocore, or an environment without the extra, lacks.
NEEDED_OPERATION = dict.fromkeys(
    ("how-to/ecr-managed-signing", "how-to/verify-images-at-admission"),
    ("ecr", "PutSigningConfiguration"),
)
NEEDED_MODULE = {"how-to/async": "aiobotocore"}

WITH_BLOCKS = [page for page in PAGES if any(one.language in RUN for one in blocks_of(page))]


@pytest.mark.parametrize("page", WITH_BLOCKS, ids=name_of)
@pytest.mark.timeout(600)  # a page has several processes
def test_every_block_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    name = name_of(page)
    if name in NEEDED_OPERATION:
        service, operation = NEEDED_OPERATION[name]
        if operation not in service_model(service).operation_names:
            pytest.skip(f"this botocore has no {operation}")
    if name == "how-to/cloudformation":
        skip_without_stacks()
    if name in NEEDED_MODULE and not find_spec(NEEDED_MODULE[name]):
        pytest.skip(f"{NEEDED_MODULE[name]} is not installed")
    for program in sorted(programs_of(page)):
        if program not in BUILT_IN and not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    outcome = run_page(page, tmp_path)
    for install in outcome.installs:
        check_install(install)


BUILT_IN = {"export", "cd", "signer-mock", "pytest", "python", "cat", "pip", "test"}


def check_install(command: str) -> None:
    """The distributions and extras of a ``pip install`` exist."""
    project = (ROOT / "pyproject.toml").read_text()
    for word in command.split("install ")[1].replace("'", "").split():
        distribution, _, extras = word.removeprefix("./").partition("[")  # or a clone's folder
        if distribution == "signer-mock":
            for extra in filter(None, extras.rstrip("]").split(",")):
                assert re.search(rf"^{extra} = \[", project, re.MULTILINE), f"no extra {extra}"
        else:
            assert distribution in project, f"{distribution} is none of our dependencies"


def test_the_blocks_are_counted() -> None:
    counted = {
        name_of(page): (
            sum(one.language == "python" for one in blocks_of(page)),
            sum(one.language in ("console", "sh") for one in blocks_of(page)),
            sum(one.not_run is not None for one in blocks_of(page)),
        )
        for page in WITH_BLOCKS
    }
    assert counted == BLOCKS


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_block_is_overlooked(page: Path) -> None:
    fences = re.findall(r"^ *```+ *\{?[\w-]+\}? *(\w*)", page.read_text(), re.MULTILINE)
    opened = re.findall(r"^ *```+(\w+)$", page.read_text(), re.MULTILINE)
    assert len(opened) == len(blocks_of(page))
    assert not {"python", "console", "sh"} & set(fences), "use a plain fence: it is run"
    assert not {"bash", "shell", "py", "python3", "pycon"} & set(opened), "use python, console, sh"
    for block in blocks_of(page):
        if block.not_run is not None:
            assert len(block.not_run.split()) >= 3, "say why the block cannot run"


def test_output_is_compared() -> None:
    assert agrees("1 passed in 0.10s", "1 passed in 2.34s\n")
    assert agrees("a\n...\nz", "a\nb\nc\nz")
    assert agrees("a ... z", "a b c z")
    assert not agrees("1 passed in 0.10s", "2 passed in 0.10s")
    assert not agrees("a ... z", "a b\nc z")
    assert not agrees("", "something")


def test_a_command_that_fails_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    for text in (
        "```sh\nfalse\n```\n",
        "```console\n$ echo 1\n2\n```\n",
        "```python\n1 / 0\n```\n",
    ):
        page.write_text(text)
        folder = tmp_path / text.split("\n")[1].replace(" ", "_").replace("/", "")
        folder.mkdir()
        with pytest.raises(AssertionError):
            run_page(page, folder)
    assert commands_of(Block("sh", "a \\\n b  # c\n", 1, 0, None)) == [("a  b", None)]
