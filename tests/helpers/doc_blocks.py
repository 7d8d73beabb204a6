"""The code blocks of a page of the documentation, and how they run.

Blocks run in their order, in a folder of the page's own:

* ``python`` goes into ``test_page.py``, each line on the line that it has on the page. A block of
  any language whose first line is ``# NAME.EXTENSION`` goes into that file instead, and replaces
  it.
* ``console`` runs the lines that begin with ``$``, in one shell for the whole page, and compares
  what they print: ``...`` stands for anything, and times, ports and ids of other runs are alike.
* ``sh`` runs as it stands. ``signer-mock serve`` stays in the background until the page ends.

At the end, pytest runs all that was written. ``<!-- not run: REASON -->`` on the line before a
block leaves it out. ``<!-- each section alone -->`` gives each ``##`` section a folder of its own.
``pip install`` is not run: the names are checked.
"""

from __future__ import annotations

import ast
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PATIENCE = 180  # seconds; a busy machine takes a minute for what takes five seconds alone
SHELL = ("console", "sh")
RUN = ("python", *SHELL)

_FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_NOT_RUN = re.compile(r"<!-- not run: (.+) -->\n$")
_FILE = re.compile(r"# ([\w.-]+\.(?:py|ini|toml|json|cfg|sh))$")
_SECTION = re.compile(r"^## ", re.MULTILINE)

# As strict as our own run: warnings are errors, and nothing goes out.
_PYTEST = """
-q -W error -p signer_mock.pytest_plugin -p pytest_socket -p pytest_asyncio.plugin
-o asyncio_default_fixture_loop_scope=function
--disable-socket --allow-unix-socket --allow-hosts=127.0.0.1,::1
""".split()

# What differs from run to run.
_VARYING = [
    (re.compile(r"\d+\.\d+s\b"), "#s"),
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "#uuid"),
    (re.compile(r"(/signing-profiles/\w+/)[0-9A-Za-z]{10}\b"), r"\1#version"),
    (re.compile(r"0x[0-9a-f]+"), "#address"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:\+00:00|Z)?"), "#time"),
    (re.compile(r"\s+\[100%\]"), " [100%]"),
    (re.compile(r"(={3,}|_{3,}|-{3,})"), "---"),
]


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its code, the page's line of its first line."""

    language: str
    code: str
    line: int
    section: int
    not_run: str | None

    @property
    def file(self) -> str | None:
        """The file that its first line names."""
        match = _FILE.match(self.code.partition("\n")[0])
        return match[1] if match else None


@dataclass
class Outcome:
    """What a page did."""

    tests: int = 0
    commands: int = 0
    not_run: list[str] = field(default_factory=list)
    installs: list[str] = field(default_factory=list)


def name_of(page: Path) -> str:
    """The page's path in the documentation, without its ending."""
    return "README" if page.parent == ROOT else page.relative_to(ROOT / "docs").as_posix()[:-3]


def blocks_of(page: Path) -> list[Block]:
    """All blocks of a page that have a language."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        indent, language, code = match.groups()
        if indent:
            code = "".join(line.removeprefix(indent) for line in code.splitlines(keepends=True))
        before = text[: match.start()]
        marked = _NOT_RUN.search(before)
        found.append(
            Block(
                language,
                code,
                text.count("\n", 0, match.start(3)),
                len(_SECTION.findall(before)) if "<!-- each section alone -->" in text else 0,
                marked[1] if marked else None,
            )
        )
    return found


def projects_of(page: Path) -> Iterator[list[Block]]:
    """The page's blocks that run together."""
    blocks = blocks_of(page)
    for section in sorted({block.section for block in blocks}):
        yield [block for block in blocks if block.section == section]


def programs_of(page: Path) -> set[str]:
    """The programs that the page's commands call."""
    commands = [
        command
        for block in blocks_of(page)
        if block.language in SHELL and block.not_run is None
        for command, _ in commands_of(block)
    ]
    words = {re.sub(r"^(\w+=\S+ +)+", "", command).split()[0] for command in commands}
    return {word for word in words if re.fullmatch(r"[a-z][\w-]*", word)}


def commands_of(block: Block) -> list[tuple[str, str | None]]:
    """The commands of a block, each with what it prints; None is not shown."""
    if block.language == "sh":
        joined = block.code.replace("\\\n", "")
        lines = (re.sub(r"\s+# .*", "", line).strip() for line in joined.splitlines())
        return [(line, None) for line in lines if line and not line.startswith("#")]
    found = []
    for part in re.split(r"^\$ ", block.code, flags=re.MULTILINE)[1:]:
        first, _, rest = part.replace("\\\n", "").partition("\n")
        found.append((first, rest))
    return found


def plain(text: str) -> str:
    """Output without what differs from run to run."""
    for pattern, replacement in _VARYING:
        text = pattern.sub(replacement, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def agrees(shown: str, printed: str) -> bool:
    """Whether the output of a command is what the page shows."""
    pieces = re.split(r"^\.\.\.$", plain(shown), flags=re.MULTILINE)
    parts = [re.escape(plain(piece)) for piece in pieces]
    return (
        re.fullmatch(r"[\s\S]*?".join(parts).replace(r"\.\.\.", ".*"), plain(printed)) is not None
    )


class Session:
    """One folder with one shell's environment, for blocks that run together."""

    def __init__(self, folder: Path, outcome: Outcome) -> None:
        self.folder = folder
        self.outcome = outcome
        self.exported: dict[str, str] = {}
        self.servers: list[subprocess.Popen[bytes]] = []
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = str(one.getsockname()[1])

    def environ(self) -> dict[str, str]:
        """The environment of a user who has nothing set."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "PYTEST_", "COV_")) and "PROXY" not in name.upper()
        }
        path = [str(Path(sys.executable).parent), kept["PATH"]]
        if cli := os.environ.get("SIGNER_MOCK_AWS_CLI"):
            path.insert(0, str(Path(cli).parent))
        return {
            **kept,
            "PATH": os.pathsep.join(path),
            "HOME": str(self.folder),
            "COLUMNS": "100",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_ADDOPTS": "-p no:cacheprovider -p signer_mock.pytest_plugin",
            **self.exported,
        }

    def run(self, block: Block) -> None:
        """Run one block, or put it where it belongs."""
        if block.not_run is not None:
            self.outcome.not_run.append(block.not_run)
        elif block.file is not None:
            (self.folder / block.file).write_text(block.code, encoding="utf-8")
        elif block.language == "python":
            module = self.folder / "test_page.py"
            lines = module.read_text(encoding="utf-8").splitlines() if module.exists() else []
            lines += [""] * (block.line - len(lines)) + block.code.splitlines()
            module.write_text("\n".join(lines) + "\n", encoding="utf-8")
        elif block.language in SHELL:
            for command, output in commands_of(block):
                self.command(command, output)

    def command(self, command: str, output: str | None) -> None:
        """Run one command and look at its output."""
        if re.match(r"(python -m )?pip install ", command):
            self.outcome.installs.append(command)
            return
        self.outcome.commands += 1
        command = command.replace("5055", self.port)
        if command.startswith("signer-mock serve"):
            self.serve(command.removesuffix("&"))
            return
        script = f'{command}\nstatus=$?\nenv -0 > "$HOME/.environ"\nexit $status\n'
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        for pair in (self.folder / ".environ").read_text().split("\0"):
            name, _, value = pair.partition("=")
            if name.startswith("AWS_") or name.endswith("_PROXY"):
                self.exported[name] = value
        printed = done.stdout.replace(self.port, "5055").replace(str(self.folder), "~")
        if output is None:
            assert done.returncode == 0, f"$ {command}\n{printed}"
        else:
            assert agrees(output, printed), f"$ {command}\n{printed}\nthe page shows:\n{output}"

    def serve(self, command: str) -> None:
        """Start a server and wait until it answers."""
        ready = self.folder / f".ready-{len(self.servers)}"
        server = subprocess.Popen(
            ["bash", "-c", f"exec {command} --ready-file {ready}"],
            cwd=self.folder,
            env=self.environ(),
            stdout=subprocess.DEVNULL,
        )
        self.servers.append(server)
        for _ in range(PATIENCE * 20):
            if ready.exists():
                return
            assert server.poll() is None, f"$ {command} ended with {server.returncode}"
            try:
                server.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        msg = f"$ {command} was not ready in time"
        raise AssertionError(msg)

    def test(self) -> None:
        """Have pytest run all that was written; every test has to pass."""
        modules = list(self.folder.glob("*.py"))
        tests = sum(tests_in(module.read_text(encoding="utf-8")) for module in modules)
        if not modules:
            return
        without_exports = {
            name: value for name, value in self.environ().items() if name not in self.exported
        }
        command = [sys.executable, "-m", "pytest", *_PYTEST]
        if "test_page.py" in {module.name for module in modules}:
            command.append("test_page.py")  # which need not have a test in it
        done = subprocess.run(
            command + [one.name for one in modules if one.name.startswith("test_")],
            cwd=self.folder,
            env=without_exports | {"PYTEST_ADDOPTS": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        passed = re.search(r"^(\d+) passed", done.stdout, re.MULTILINE)
        assert int(passed[1]) == tests if passed else tests == 0, done.stdout
        assert done.returncode == (0 if tests else 5), done.stdout
        self.outcome.tests += tests

    def close(self) -> None:
        """Stop the servers."""
        for server in self.servers:
            server.terminate()
            server.wait(10)


def tests_in(code: str) -> int:
    """How many tests pytest finds in a module."""
    holders = list(ast.parse(code).body)
    holders += [
        member for node in holders if isinstance(node, ast.ClassDef) for member in node.body
    ]
    return sum(
        isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test")
        for node in holders
    )


def run_page(page: Path, folder: Path) -> Outcome:
    """Run every block of a page."""
    outcome = Outcome()
    for number, blocks in enumerate(projects_of(page)):
        place = folder / f"project_{number}"
        place.mkdir()
        session = Session(place, outcome)
        try:
            for block in blocks:
                session.run(block)
            session.test()
        finally:
            session.close()
    return outcome
