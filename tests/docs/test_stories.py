"""The stories in docs/: their code runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from signer_mock._wire.model import service_model

DOCS = Path(__file__).parents[2] / "docs"
STORIES = {
    "how-to/cross-account": 10,
    "how-to/ecr-managed-signing": 5,
    "how-to/faults": 10,
    "how-to/iot-over-the-air": 19,
    "how-to/lambda-code-signing": 9,
    "how-to/moto": 4,
}
# The operation of ECR that a story needs: an older botocore lacks it.
NEEDED = {"how-to/ecr-managed-signing": "PutSigningConfiguration"}

# As strict as our own run: warnings are errors, and nothing goes out.
OPTIONS = "-W error -p no:cacheprovider -p no:asyncio --disable-socket --allow-unix-socket".split()

_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def code_of(page: str) -> str:
    """All Python on a page as one module, each line on the line that it has on the page."""
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    lines = [""] * text.count("\n")
    for match in _BLOCK.finditer(text):
        start = text.count("\n", 0, match.start(1))
        block = match[1].splitlines()
        lines[start : start + len(block)] = block
    return "\n".join(lines) + "\n"


# Each is a pytest run of its own: up to ten seconds of processor time.
@pytest.mark.timeout(180)
@pytest.mark.parametrize("page", STORIES)
def test_the_code_of_a_story_passes_as_tests(pytester: pytest.Pytester, page: str) -> None:
    if page in NEEDED and NEEDED[page] not in service_model("ecr").operation_names:
        pytest.skip(f"this botocore has no {NEEDED[page]}")
    name = page.rpartition("/")[2].replace("-", "_")
    pytester.makepyfile(**{f"test_{name}": code_of(page)})
    result = pytester.runpytest_subprocess(*OPTIONS)
    result.assert_outcomes(passed=STORIES[page])
