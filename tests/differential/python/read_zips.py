"""Prints what `zipfile` reads in each archive whose path comes on standard input.

Run with the Python that is asked, from 3.6 on. The output is that of go/main.go.
"""

# ruff: noqa: T201 - printing is its job

import hashlib
import sys
import warnings
import zipfile


def body(archive, info):
    try:
        with archive.open(info) as stream:
            return hashlib.sha256(stream.read()).hexdigest()
    except Exception:  # noqa: BLE001 - whatever it is, the body was not read
        return "!"


def read(path):
    try:
        with zipfile.ZipFile(path) as archive:
            return " ".join(
                info.filename.encode("utf-8", "surrogateescape").hex() + ":" + body(archive, info)
                for info in archive.infolist()
            )
    except Exception as error:  # noqa: BLE001 - whatever it is, the archive was not read
        return "ERROR " + " ".join(repr(error).split())


warnings.simplefilter("ignore")
for line in sys.stdin:
    print(read(line.rstrip("\n")))
