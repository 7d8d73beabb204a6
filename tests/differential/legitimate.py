"""Real archives: one tree of files, packed by every tool that is here, in every way it offers.

Each function fills a folder with archives and is named for what it needs. `ProducerMissingError`
says what that is where it is missing.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import zipapp
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.helpers.zip_archives import LegacyName, Unseekable

HERE = Path(__file__).parent / "producers"
Producer = Callable[[Path, Path], None]


class ProducerMissingError(Exception):
    """A tool is not installed, or its libraries cannot be had."""


def make_tree(folder: Path) -> Path:
    """Files of every kind that a package has."""
    (folder / "lib" / "pkg").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "app.py").write_text("def handler(event, context): return 1\n")
    (folder / "lib" / "pkg" / "__init__.py").write_bytes(b"")
    (folder / "lib" / "pkg" / "data.bin").write_bytes(bytes(range(256)) * 9)
    (folder / "big.txt").write_bytes(b"all work and no play\n" * 20_000)
    (folder / "naïve ☃.txt").write_text("snow")
    (folder / "bootstrap").write_text("#!/bin/sh\n")
    (folder / "bootstrap").chmod(0o755)
    (folder / "link").symlink_to("app.py")
    return folder


def need(*programs: str) -> None:
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        msg = f"{', '.join(missing)}: not installed"
        raise ProducerMissingError(msg)


def run(
    command: Sequence[str | Path], folder: Path, stdout: Path | None = None, **environment: str
) -> None:
    """Run a command that must succeed, its standard output through a pipe into `stdout`."""
    done = subprocess.run(
        [str(one) for one in command],
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=900,
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
    )
    if done.returncode != 0:
        msg = f"{command[0]} failed: {(done.stderr or done.stdout).decode(errors='replace')[-500:]}"
        raise RuntimeError(msg)
    if stdout is not None:
        stdout.write_bytes(done.stdout)


def python(tree: Path, out: Path) -> None:
    """zipfile, shutil, zipapp, and this Python's own wheels."""
    files = [path for path in sorted(tree.rglob("*")) if path.is_file()]

    def pack(name: str, buffer: io.BytesIO | None = None, mode: str = "w", **options: int) -> None:
        buffer = io.BytesIO() if buffer is None else buffer
        with zipfile.ZipFile(buffer, mode, **options) as archive:  # type: ignore[call-overload] # options of several types
            archive.comment = name.encode() if "comment" in name else b""
            for path in files:
                archive.write(path, path.relative_to(tree))
            archive.writestr("made/", b"")
        (out / f"{name}.zip").write_bytes(buffer.getvalue())

    pack("zipfile")
    pack("zipfile deflated", compression=zipfile.ZIP_DEFLATED)
    pack("zipfile level 9", compression=zipfile.ZIP_DEFLATED, compresslevel=9)
    pack("zipfile with a comment", compression=zipfile.ZIP_DEFLATED)
    pack("zipfile to a pipe", Unseekable(), compression=zipfile.ZIP_DEFLATED)
    pack("zipfile to a pipe, stored", Unseekable())
    pack("zipfile after a script", io.BytesIO(b"#!/usr/bin/env python3\n"), "a")
    pack("zipfile exclusively", mode="x")
    for name, buffer in (
        ("zipfile zip64", io.BytesIO()),
        ("zipfile zip64 to a pipe", Unseekable()),
    ):
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files:
                with archive.open(path.name, "w", force_zip64=True) as entry:
                    entry.write(path.read_bytes())
        (out / f"{name}.zip").write_bytes(buffer.getvalue())
    grown = io.BytesIO((out / "zipfile.zip").read_bytes())
    with zipfile.ZipFile(grown, "a") as archive:
        archive.writestr("later.txt", "later")
        archive.writestr(LegacyName("café"), "later")
    (out / "zipfile grown.zip").write_bytes(grown.getvalue())
    shutil.make_archive(str(out / "shutil"), "zip", tree)
    shutil.make_archive(str(out / "shutil with a base"), "zip", tree.parent, tree.name)
    (out / "zipapp").mkdir()
    main = out / "zipapp" / "__main__.py"
    main.write_text("print(1)\n")
    zipapp.create_archive(out / "zipapp", out / "zipapp.zip")
    zipapp.create_archive(out / "zipapp", out / "zipapp script.zip", "/usr/bin/env python3")
    zipapp.create_archive(
        out / "zipapp", out / "zipapp compressed.zip", "/usr/bin/python3", compressed=True
    )
    run(
        [sys.executable, "-m", "zipfile", "-c", out / "python -m zipfile.zip", "app.py", "lib"],
        tree,
    )
    for bundled in Path(sys.base_prefix).glob("lib/python*/ensurepip/_bundled/*.whl"):
        shutil.copy(bundled, out / f"wheel {bundled.stem}.zip")


def other_pythons(tree: Path, out: Path) -> None:
    """zipfile as it was and as it will be."""
    found = sorted(Path.home().glob(".pyenv/versions/3.*/bin/python"))
    if not found:
        msg = "pyenv has no other Python"
        raise ProducerMissingError(msg)
    for one in found:
        label = one.parent.parent.name
        run([one, "-m", "zipfile", "-c", out / f"python {label}.zip", "app.py", "lib"], tree)
        code = "import shutil, sys; shutil.make_archive(sys.argv[1], 'zip', '.')"
        run([one, "-c", code, out / f"shutil {label}"], tree)


def info_zip(tree: Path, out: Path) -> None:
    """Info-ZIP's zip, its pipes, and an archive whose offsets `zip -A` has adjusted."""
    need("zip")

    def pack(name: str, *options: str) -> None:
        run(["zip", "-q", "-r", *options, out / f"zip {name}.zip", "."], tree)

    pack("plain")
    pack("stored", "-0")
    pack("best", "-9")
    pack("without extra fields", "-X")
    pack("without directories", "-D")
    pack("with links", "-y")
    pack("zip64", "-fz")
    pack("no zip64", "-fz-")
    pack("UTF-8 names", "-UN=UTF8")
    pack("descriptors", "-fd")
    run("zip -q -r - .".split(), tree, out / "zip to a pipe.zip")
    run("zip -q -0 -r - .".split(), tree, out / "zip to a pipe, stored.zip")
    with (tree / "big.txt").open("rb") as big:
        made = subprocess.run(["zip", "-q", "-", "-"], stdin=big, capture_output=True, check=True)
    (out / "zip from a pipe to a pipe.zip").write_bytes(made.stdout)
    script = f"cat big.txt | zip -q '{out / 'zip from a pipe.zip'}' -"
    run(["sh", "-c", script], tree)
    script = f"ls | zip -q '{out / 'zip of a list.zip'}' -@"
    run(["sh", "-c", script], tree)
    for name, prefix in (("adjusted", b"#!/bin/sh\nexit\n"), ("not adjusted", b"#!/bin/sh\n")):
        (out / f"zip {name}.zip").write_bytes(prefix + (out / "zip plain.zip").read_bytes())
    run(["zip", "-q", "-A", out / "zip adjusted.zip"], tree)
    shutil.copy(out / "zip plain.zip", out / "zip updated.zip")
    run(["zip", "-q", "-d", out / "zip updated.zip", "app.py"], tree)
    run(["zip", "-q", "-u", out / "zip updated.zip", "app.py"], tree)
    shutil.copy(out / "zip plain.zip", out / "zip commented.zip")
    script = f"echo 'a comment' | zip -q -z '{out / 'zip commented.zip'}'"
    run(["sh", "-c", script], tree)
    stub = shutil.which("unzipsfx")
    if stub is not None:
        data = Path(stub).read_bytes() + (out / "zip plain.zip").read_bytes()
        (out / "unzipsfx.zip").write_bytes(data)
        shutil.copy(out / "unzipsfx.zip", out / "unzipsfx adjusted.zip")
        run(["zip", "-q", "-A", out / "unzipsfx adjusted.zip"], tree)


def seven_zip(tree: Path, out: Path) -> None:
    need("7z")

    def pack(name: str, *options: str) -> None:
        run(["7z", "a", "-bd", "-tzip", *options, out / f"{name}.zip", "."], tree)

    pack("7z")
    pack("7z stored", "-mx0")
    pack("7z best", "-mx9")
    pack("7z UTF-8 names", "-mcu=on")
    pack("7z with links", "-snl")
    pack("7z times", "-mtc=on")
    with (tree / "big.txt").open("rb") as big:
        subprocess.run(
            ["7z", "a", "-bd", "-tzip", "-sibig.txt", out / "7z from a pipe.zip"],
            stdin=big,
            check=True,
            stdout=subprocess.DEVNULL,
        )


def bsdtar(tree: Path, out: Path) -> None:
    need("bsdtar")
    for name, options in {
        "": [],
        " stored": ["--options", "zip:compression=store"],
        " zip64": ["--options", "zip:zip64"],
        " no zip64": ["--options", "zip:!zip64"],
        " experimental": ["--options", "zip:experimental"],
    }.items():
        run(["bsdtar", "--format", "zip", *options, "-cf", out / f"bsdtar{name}.zip", "."], tree)
        to_pipe = out / f"bsdtar{name} to a pipe.zip"
        run(["bsdtar", "--format", "zip", *options, "-cf", "-", "."], tree, to_pipe)


def git(tree: Path, out: Path) -> None:
    need("git")
    folder = out / "repository"
    shutil.copytree(tree, folder, symlinks=True)
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    run(["git", "init", "-q"], folder)
    run(["git", "add", "-A"], folder)
    run(["git", *identity, "commit", "-q", "-m", "a"], folder)
    run("git archive --format=zip HEAD".split(), folder, out / "git archive.zip")
    run("git archive --format=zip -0 HEAD".split(), folder, out / "git archive stored.zip")


def perl(tree: Path, out: Path) -> None:
    need("perl")
    zipped = "use IO::Compress::Zip qw(:all); zip ['app.py', 'big.txt'] => $ARGV[0], %s or die"
    for name, options in {
        "": "Name => ''",
        " stored": "Method => ZIP_CM_STORE",
        " streamed": "Stream => 1",
        " zip64": "Zip64 => 1",
        " minimal": "Minimal => 1",
    }.items():
        code = zipped % options
        run(["perl", "-e", code, out / f"IO-Compress{name}.zip"], tree)
    code = (
        "use Archive::Zip; $z = Archive::Zip->new; $z->addTree('.'); $z->writeToFileNamed($ARGV[0])"
    )
    if (
        subprocess.run(
            ["perl", "-MArchive::Zip", "-e", "1"], capture_output=True, check=False
        ).returncode
        == 0
    ):
        run(["perl", "-e", code, out / "Archive-Zip.zip"], tree)


def php(tree: Path, out: Path) -> None:
    need("php")
    code = (
        "$z = new ZipArchive; $z->open($argv[1], ZipArchive::CREATE); $z->addEmptyDir('made');"
        "foreach (['app.py', 'big.txt', 'naïve ☃.txt'] as $f) $z->addFile($f); $z->close();"
    )
    run(["php", "-r", code, out / "libzip.zip"], tree)


def ruby(tree: Path, out: Path) -> None:
    need("ruby")
    code = (
        "require 'zip'; Zip::File.open(ARGV[0], Zip::File::CREATE) { |z| z.mkdir('made');"
        "%w[app.py big.txt].each { |f| z.add(f, f) } };"
        "File.binwrite(ARGV[1], Zip::OutputStream.write_buffer { |z|"
        "%w[app.py big.txt].each { |f| z.put_next_entry(f); z.write(File.binread(f)) } }.string)"
    )
    run(["ruby", "-e", code, out / "rubyzip.zip", out / "rubyzip buffer.zip"], tree)


def jar(tree: Path, out: Path) -> None:
    need("jar")
    run(["jar", "cf", out / "jar.zip", "."], tree)
    run(["jar", "cf0", out / "jar stored.zip", "."], tree)
    run(["jar", "cfM", out / "jar without manifest.zip", "app.py", "lib"], tree)
    shutil.copy(out / "jar.zip", out / "jar updated.zip")
    run(["jar", "uf", out / "jar updated.zip", "app.py"], tree)


def go(tree: Path, out: Path) -> None:
    need("go")
    run(["go", "run", "-buildvcs=false", ".", tree, out], HERE / "go", GOWORK="off")


# --- these get libraries from registries, into a folder of their own


def _copy(name: str, out: Path) -> Path:
    return Path(shutil.copytree(HERE / name, out / f"build-{name}"))


def node(tree: Path, out: Path) -> None:
    need("node", "npm")
    folder = _copy("node", out)
    _get(["npm", "install", "--silent", "--no-audit", "--no-fund"], folder)
    run(["node", "make.js", tree, out], folder)


def rust(tree: Path, out: Path) -> None:
    need("cargo")
    folder = _copy("rust", out)
    _get(["cargo", "fetch", "--quiet"], folder)
    run(["cargo", "run", "--quiet", "--offline", "--", tree, out], folder)


def java(tree: Path, out: Path) -> None:
    need("javac", "java", "mvn")
    folder = _copy("java", out)
    _get(["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"], folder)
    libraries = f"lib{os.sep}*"
    run(["javac", "-cp", libraries, "-d", "classes", "MakeZips.java"], folder)
    run(["java", "-cp", f"classes{os.pathsep}{libraries}", "MakeZips", tree, out], folder)


def python_packagers(tree: Path, out: Path) -> None:
    """shiv and pex, and a wheel of hatchling's."""
    folder = out / "build-python"
    run([sys.executable, "-m", "venv", folder], out)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-q"]
    _get([*pip, "install", "shiv", "pex", "hatchling", "wheel"], out)
    programs = folder / "bin"
    source = Path(shutil.copytree(tree, folder / "source", symlinks=True))
    (source / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "pkg"\nversion = "1"\n'
        '[tool.hatch.build.targets.wheel]\npackages = ["lib/pkg"]\n'
    )
    wheel = [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(source)]
    run(wheel, out)
    (made,) = folder.glob("*.whl")
    shutil.copy(made, out / "wheel of hatchling.zip")
    no_deps = ["--no-deps", str(made)]
    run([programs / "shiv", "-q", "-o", out / "shiv.zip", *no_deps], out)
    run([programs / "shiv", "-q", "--compressed", "-o", out / "shiv deflated.zip", *no_deps], out)
    run([programs / "pex", made, "-o", out / "pex.zip", "--disable-cache"], out)


def _get(command: Sequence[str], folder: Path) -> None:
    try:
        run(command, folder)
    except RuntimeError as error:
        msg = f"its libraries cannot be had: {error}"
        raise ProducerMissingError(msg) from None


QUICK: tuple[Producer, ...] = (python, info_zip, bsdtar, seven_zip, git, perl, jar)
SLOW: tuple[Producer, ...] = (*(other_pythons, go, node, rust, java, php, ruby, python_packagers),)
