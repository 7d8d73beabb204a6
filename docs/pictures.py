"""Take the README's pictures from real output: ``python docs/pictures.py``.

``failed-test.svg`` is what pytest prints for a failed test; ``server-page.png`` is the server's
page in Chromium, which has to be on the PATH for it.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
sys.path.insert(0, str(ROOT))

TEST = """\
import boto3


def release(bucket):
    signer = boto3.client("signer")
    signer.put_signing_profile(profileName="web", platformId="AWSLambda-SHA384-ECDSA")
    return signer.start_signing_job(
        source={"s3": {"bucketName": bucket, "key": "app.zip", "version": "1"}},
        destination={"s3": {"bucketName": bucket}},
        profileName="web",
    )


def test_release(signer_mock):
    signer_mock.objects.create_bucket("code", versioning=True)
    release("kode")
"""
COLUMNS = 100
PLAIN = "#d1d7e0"
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "36": "#79c0ff"}
CODE = re.compile(r"\x1b\[([0-9;]*)m")


def report() -> str:
    """The report of a failed test, in a terminal's colours; without the frames of botocore."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "test_release.py").write_text(TEST)
        kept = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
        for name in ("CI", "BUILD_NUMBER"):  # pytest does not shorten its summary there
            kept.pop(name, None)
        command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "--color=yes"]
        command += ["-p", "signer_mock.pytest_plugin", "-p", "no:cacheprovider"]
        done = subprocess.run(  # noqa: S603 - a command of our own
            command,
            cwd=folder,
            env={**kept, "COLUMNS": str(COLUMNS), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
    shown = []
    in_botocore = False
    for line in done.stdout.splitlines():
        plain = CODE.sub("", line)
        if not plain.startswith(" "):
            # pytest writes a near path in relation to the folder that it runs in.
            in_botocore = plain.startswith(("/", "../"))
        if not in_botocore:
            shown.append(line)
    return "\n".join(shown).strip("\n")


Cell = tuple[str, str, bool]


def cells_of(text: str) -> list[list[Cell]]:
    """The characters of a terminal's lines, each with its colour and whether it is bold."""
    lines = []
    colour, bold = PLAIN, False
    for line in text.splitlines():
        cells: list[Cell] = []
        for index, part in enumerate(CODE.split(line)):
            if index % 2 == 0:
                cells += [(char, colour, bold) for char in part]
                continue
            for code in part.split(";"):
                if code in ("", "0", "39"):
                    colour, bold = PLAIN, False
                bold = bold or code == "1"
                colour = COLOURS.get(code, colour)
        while len(cells) > COLUMNS:
            lines.append(cells[:COLUMNS])
            cells = cells[COLUMNS:]
        lines.append(cells)
    return lines


def terminal(text: str) -> str:
    """Text with a terminal's codes as SVG."""
    lines = cells_of(text)
    char, height, margin = 7.23, 17, 14
    wide, high = COLUMNS * char + 2 * margin, len(lines) * height + 2 * margin
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high:g}" width="{wide:g}" '
        f'height="{high:g}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="12" '
        'role="img">\n'
        "<title>The report of a failed test, with the calls to AWS Signer that it made</title>\n"
        f'<rect width="{wide:g}" height="{high:g}" rx="8" fill="#0d1117"/>'
    )
    parts = [head]
    for number, cells in enumerate(lines):
        column = 0
        for (colour, bold), run in groupby(cells, key=lambda cell: cell[1:]):
            piece = "".join(cell[0] for cell in run)
            if piece.strip():
                weight = ' font-weight="bold"' if bold else ""
                parts.append(
                    f'<text x="{margin + column * char:.1f}" y="{margin + 12 + number * height}" '
                    f'fill="{colour}"{weight} textLength="{len(piece) * char:.1f}" '
                    f'xml:space="preserve">{escape(piece)}</text>'
                )
            column += len(piece)
    return "\n".join([*parts, "</svg>", ""])


def page() -> None:
    """Fill a server, and take a picture of its page."""
    from botocore.exceptions import ClientError

    from signer_mock.server import serve_world
    from tests.helpers.browser import Browser
    from tests.helpers.zip_archives import code_zip

    with serve_world(seed="pictures") as server, tempfile.TemporaryDirectory() as profile:
        signer, objects = server.client(), server.world.memory_objects
        server.world.clock.freeze("2030-01-02T03:04:05Z")
        objects.create_bucket("code", versioning=True)
        version = objects.put("code", "app.zip", code_zip())
        for name, platform in (("web", "AWSLambda-SHA384"), ("images", "Notation-OCI-SHA384")):
            signer.put_signing_profile(profileName=name, platformId=f"{platform}-ECDSA")
        server.world.faults.fail("SignPayload", "ThrottlingException", times=3)
        for bucket in ("code", "code", "nowhere"):
            with contextlib.suppress(ClientError):  # the last one is refused
                signer.start_signing_job(
                    source={"s3": {"bucketName": bucket, "key": "app.zip", "version": version}},
                    destination={"s3": {"bucketName": "code", "prefix": "signed/"}},
                    profileName="web",
                )
        with Browser(Path(profile)) as browser:
            browser.open(f"{server.url}/_signer_mock/", width=1000)
            browser.wait_for("document.body?.innerText.includes('AccessDeniedException')")
            time.sleep(0.5)  # until it is painted
            picture = browser.ask("Page.captureScreenshot", format="png")["data"]
            (IMAGES / "server-page.png").write_bytes(base64.b64decode(picture))


def main() -> None:
    """Take both pictures."""
    IMAGES.mkdir(exist_ok=True)
    (IMAGES / "failed-test.svg").write_text(terminal(report()), encoding="utf-8")
    if shutil.which("chromium"):
        page()


if __name__ == "__main__":
    main()
