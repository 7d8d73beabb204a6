"""Run the tests against mutants of the package: ``tox -e mutation -- --sample 300``.

The tests are run once under coverage, to learn which of them reach which line. Each mutant is then
run in a forked process, first with the most specific tests that reach its line, then, if it is
still alive, with all of them. A mutant that no test kills is printed; those in
``equivalent_mutants.txt`` are known to change nothing that anybody can see, and do not count.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import functools
import importlib
import importlib.util
import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = ("_service", "_signing", "_wire")
TESTS = [
    *(f"tests/{name}" for name in ("wire", "service", "signing", "verify", "property")),
    *(f"tests/{name}" for name in ("mock", "moto", "views")),
    "tests/intercept/test_frozen_time.py",
    "tests/usage/test_mistakes.py",
]
DATA = ROOT / ".coverage_mutation"
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.txt")
#: How many tests a mutant meets before it meets all.
FIRST = 60
SECONDS = 600  # more than all tests of any line take


def measure() -> None:
    """Run the tests once, and keep which test reaches which line."""
    command = f"{sys.executable} -m pytest -q -n 2 -p no:randomly --timeout 300"
    command += " --cov signer_mock --cov-context test --cov-report= --no-cov-on-fail"
    environment = {**os.environ, "COVERAGE_FILE": str(DATA)}
    subprocess.run([*command.split(), *TESTS], check=True, cwd=ROOT, env=environment)


class Reach:
    """Which tests reach a line, from the data of ``measure``."""

    def __init__(self) -> None:
        # Not a development dependency: only the environment of this run has it.
        coverage = importlib.import_module("coverage")

        data = coverage.CoverageData(basename=str(DATA))
        data.read()
        self._by_line: dict[Path, dict[int, list[str]]] = {}
        lines_of: defaultdict[str, int] = defaultdict(int)
        for name in data.measured_files():
            path = Path(name).relative_to(ROOT)
            if path.parts[1:2] and path.parts[1] in PACKAGES:
                self._by_line[path] = data.contexts_by_lineno(name)
                for contexts in self._by_line[path].values():
                    for context in contexts:
                        lines_of[context] += 1
        self._lines_of = lines_of

    def tests(self, path: Path, lines: tuple[int, int]) -> tuple[list[str], list[str]]:
        """A few tests to begin with, and all that can notice a change of these lines.

        Those that reach the fewest lines in all come first. What runs when the module is imported
        any test can notice, though none reaches it, or only the one that imported it.
        """
        by_line = self._by_line.get(path, {})
        contexts = {one for line in range(lines[0], lines[1] + 1) for one in by_line.get(line, ())}
        found = self._ordered(contexts)
        if found and "" not in contexts and not runs_at_import(path, lines[0]):
            return spread(found), found
        of_module = self._ordered({one for found in by_line.values() for one in found})
        first = [*spread(found), *spread(of_module or self._ordered(self._lines_of))]
        return list(dict.fromkeys(first))[:FIRST], TESTS

    def _ordered(self, contexts: Iterable[str]) -> list[str]:
        ordered = sorted({*contexts} - {""}, key=lambda one: (self._lines_of[one], one))
        return list(dict.fromkeys(context.rpartition("|")[0] for context in ordered))


@functools.cache
def bodies(path: Path) -> list[range]:
    """The lines of each function's body in a module."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        range(node.body[0].lineno, (node.end_lineno or 0) + 1)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, functions)
    ]


def runs_at_import(path: Path, line: int) -> bool:
    return not any(line in body for body in bodies(path))


def spread(tests: Sequence[str]) -> list[str]:
    """A few tests of each function."""
    taken: defaultdict[str, int] = defaultdict(int)
    chosen: list[str] = []
    for test in tests:
        function = test.partition("[")[0]
        taken[function] += 1
        if taken[function] <= 2 and len(chosen) < FIRST:
            chosen.append(test)
    return chosen


class Finder(MetaPathFinder):
    """Gives one module with another source."""

    def __init__(self, path: Path, source: str) -> None:
        self._path = str(ROOT / path)
        self._name = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        self._source = source

    def find_spec(self, fullname: str, *_: Any) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        source = self._source

        class Loader(SourceFileLoader):
            def get_code(self, fullname: str) -> CodeType:
                return compile(source, self.path, "exec")

        return importlib.util.spec_from_file_location(
            fullname, self._path, loader=Loader(fullname, self._path)
        )


def run_in_child(path: Path, source: str, tests: Sequence[str]) -> int:
    """Start the tests against another source of a module; the process id."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        os.setsid()
        signal.alarm(SECONDS)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(null, stream)
        sys.meta_path.insert(0, Finder(path, source))
        import pytest

        # pytest's rewriting of assertions would load the package itself, past our finder.
        options = "-q -x --assert=plain --timeout 180 -p no:randomly -p no:cacheprovider"
        options += " -p no:xdist"
        status = int(pytest.main([*options.split(), *tests]))
    finally:
        os._exit(status)


def survivors(mutants: Sequence[Any], reach: Reach, jobs: int) -> Iterator[tuple[Any, str]]:
    """Each mutant with what became of it: killed, timed out or survived."""
    waiting = [(mutant, False) for mutant in reversed(mutants)]
    running: dict[int, tuple[Any, bool]] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant, all_tests = waiting.pop()
            first, tests = reach.tests(mutant.path, mutant.lines)
            # Nothing is left to try where the first tests were all.
            is_last = all_tests or len(first) == len(tests)
            chosen = tests if all_tests else first
            child = run_in_child(mutant.path, mutant.source(), chosen)
            running[child] = (mutant, is_last)
        if running:
            child, status = os.wait()
            mutant, is_last = running.pop(child)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)  # what its tests have left running
            if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
                yield mutant, "timed out"
            elif status != 0:
                yield mutant, "killed"
            elif is_last:
                yield mutant, "survived"
            else:
                waiting.append((mutant, True))


def require_green(paths: Sequence[Path], reach: Reach) -> None:
    """Make sure that unchanged modules live, and that broken ones die.

    Raises:
        SystemExit: They do not: no score would mean anything.
    """
    for path in paths[:: len(paths) // 2 or 1]:
        tests = reach.tests(path, (1, 1))[0][:10]
        source = path.read_text()
        for text, lives in ((source, True), (f"{source}\nraise SystemError\n", False)):
            _, status = os.waitpid(run_in_child(path, text, tests), 0)
            if (status == 0) != lives:
                sys.exit(f"{path}: the tests {'fail' if lives else 'pass'} without reason: {tests}")


def warm_up() -> None:
    """Import what all tests need, but neither the package itself nor a plugin of pytest's."""
    sys.dont_write_bytecode = False  # each process of a mutant imports the package anew
    for name in (
        *("pytest", "hypothesis.strategies", "jinja2", "pytest_asyncio", "pytest_randomly"),
        *("boto3", "botocore.session", "botocore.client", "dateutil.tz", "responses"),
        *("cryptography.x509", "cryptography.hazmat.primitives.serialization.pkcs12"),
        *("asn1crypto.cms", "moto.core", "moto.s3.models"),
    ):
        importlib.import_module(name)
    assert not any(name.split(".")[0] == "signer_mock" for name in sys.modules)


def known_equivalents() -> set[str]:
    lines = EQUIVALENT.read_text().splitlines() if EQUIVALENT.exists() else []
    return {line for line in lines if line and not line.startswith("#")}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sample", type=int, help="how many mutants; all without it")
    parser.add_argument("--seed", default="0", help="which sample; the same seed, the same mutants")
    parser.add_argument("--only", default="", help="a part of the paths of the modules to mutate")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--reuse", action="store_true", help="keep the last measurement of tests")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    from tests.tools.mutants import mutants_of

    if not (arguments.reuse and DATA.exists()):
        measure()
    reach = Reach()
    paths = sorted(p for name in PACKAGES for p in Path("signer_mock", name).rglob("*.py"))
    mutants = [one for path in paths if arguments.only in str(path) for one in mutants_of(path)]
    print(f"{len(mutants)} mutants of {len(paths)} modules", flush=True)
    if arguments.sample is not None and arguments.sample < len(mutants):
        mutants = random.Random(arguments.seed).sample(mutants, arguments.sample)
    warm_up()
    require_green(paths, reach)

    equivalents = known_equivalents()
    counts: dict[str, defaultdict[str, int]] = {name: defaultdict(int) for name in PACKAGES}
    started = time.monotonic()
    for number, (mutant, outcome) in enumerate(survivors(mutants, reach, arguments.jobs), 1):
        if number % 20 == 0:
            print(f"{number} of {len(mutants)}", file=sys.stderr, flush=True)
        if outcome != "killed" and mutant.key in equivalents:
            outcome = "equivalent"  # noqa: PLW2901 - a finer word for the same
        counts[mutant.path.parts[1]][outcome] += 1
        if outcome in {"survived", "timed out"}:
            print(f"{outcome}: {mutant.path}:{mutant.lines[0]}\n  {mutant.key}", flush=True)

    print(f"\n{'package':10} mutants killed survived equivalent  score")
    total: defaultdict[str, int] = defaultdict(int)
    for name, count in [*counts.items(), ("all", total)]:
        # One that timed out is most likely an endless loop; it is printed, for people to judge.
        killed = count["killed"] + count["timed out"]
        alive = count["survived"]
        if killed + alive:
            print(
                f"{name:10} {sum(count.values()):7} {killed:6} {alive:8} "
                f"{count['equivalent']:10} {killed / (killed + alive):6.1%}"
            )
        if count is not total:
            for outcome, number in count.items():
                total[outcome] += number
    print(f"{time.monotonic() - started:.0f} seconds")
    return 0 if not total["survived"] else 1


if __name__ == "__main__":
    sys.exit(main())
