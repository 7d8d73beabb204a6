"""``python -m benchmarks``: every figure that the documentation quotes comes from here."""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import archives, calls, growth, server, startup, suite
from benchmarks.targets import TARGETS

GROUPS = {
    "startup": startup.run,
    "calls": calls.run,
    "archives": archives.run,
    "growth": growth.run,
    "suite": suite.run,
    "server": server.run,
}
_VERSIONS = ("botocore", "boto3", "moto", "cryptography", "pytest")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS))
    parser.add_argument(
        "--quick", action="store_true", help="run everything once; the figures mean nothing"
    )
    options = parser.parse_args()
    print(f"{'':84}{'figure':>12}  {'target':<22}moto")
    rows = earlier_rows(options.json, options.only)
    started = time.monotonic()
    for group in options.only:
        for key, (value, beside) in GROUPS[group](quick=options.quick).items():
            target = TARGETS[key]
            rows[key] = {"value": value, **beside}
            moto = target.figure(float(str(beside["moto"]))) if "moto" in beside else ""
            mark = " " if target.is_met(value) else "!"
            print(
                f"{target.what:84.84}{target.figure(value):>12}{mark} {target.reach:<22}{moto}",
                flush=True,
            )
        if options.json:
            write(options.json, rows)
    print(f"in {time.monotonic() - started:.0f} seconds")


def earlier_rows(file: Path | None, groups: list[str]) -> dict[str, Any]:
    """The rows that a file has of the groups that do not run now."""
    if file is None or not file.exists():
        return {}
    rows: dict[str, Any] = json.loads(file.read_text())["rows"]
    return {
        key: row for key, row in rows.items() if key in TARGETS and TARGETS[key].group not in groups
    }


def write(file: Path, rows: dict[str, Any]) -> None:
    ordered = {key: rows[key] for key in TARGETS if key in rows}
    today = f"{dt.datetime.now(dt.timezone.utc):%Y-%m-%d}"
    document = {"date": today, "machine": machine(), "rows": ordered}
    file.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def machine() -> dict[str, Any]:
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in _VERSIONS},
    }


if __name__ == "__main__":
    sys.exit(main())
