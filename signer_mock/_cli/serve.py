"""``signer-mock serve``: serve the mock over HTTP until a signal stops it."""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from signer_mock._cli.files import replace_file
from signer_mock._server.browsers import is_loopback
from signer_mock._service.arns import DEFAULT_ACCOUNT_ID, is_account_id
from signer_mock.errors import SignerMockError, StateFileError
from signer_mock.server import SignerServer, serve_world


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM.

    Args:
        arguments: The command line after ``serve``.

    Returns:
        0 after a clean stop, 1 if the state could not be saved, 2 if it could not start.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.autosave and options.state is None:
        parser.error("--autosave needs --state FILE")
    stop = threading.Event()

    def end(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)  # a second one ends it at once

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    try:
        server = _make(options).start()
    except OSError as error:
        return _fail(_listening_error(error, options), status=2)
    except (SignerMockError, ValueError) as error:
        return _fail(error, status=2)
    status = 0
    try:
        with _ready_file(server, options.ready_file):
            _announce(server, options)
            # In steps, because some systems interrupt no longer wait for a signal.
            while not stop.wait(1.0):
                pass
    except OSError as error:
        msg = f"--ready-file {options.ready_file} could not be written: {error.strerror}."
        status = _fail(msg, status=2)
    try:
        server.stop()
    except StateFileError as error:
        status = _fail(error, status=1)
    return status


def _listening_error(error: OSError, options: argparse.Namespace) -> str:
    where = f"{options.host} port {options.port}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"{where} is in use. Stop the program that has it, or leave out --port to get a free "
            "one."
        )
    return f"It cannot listen on {where}: {error.strerror or error}."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "signer-mock serve",
        description="AWS Signer (code signing) over HTTP; give its URL as AWS_ENDPOINT_URL.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    add("--port", type=_port, default=0, help="the port (default: a free one)")
    add(
        "--account",
        type=_account,
        default=DEFAULT_ACCOUNT_ID,
        help="the account of callers whose access key names none (default: %(default)s)",
    )
    add(
        "--region",
        type=_region,
        default="us-east-1",
        help="the region of requests that name none (default: %(default)s)",
    )
    add("--seed", help="makes ids, keys and signatures repeatable, but for RSA keys")
    add(
        "--with-moto",
        "--with-s3",
        action="store_true",
        help="moto's services on the same port: S3, ACM, STS, IAM, EventBridge and the others",
    )
    add(
        "--tls",
        action="store_true",
        help="https, with a certificate of the mock's own root, which is printed",
    )
    add(
        "--tls-name",
        action="append",
        default=[],
        metavar="NAME",
        help="one more host name or address for the certificate; may be repeated",
    )
    add(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="let web pages from here call the server, such as http://localhost:3000; all others "
        "are refused; may be repeated",
    )
    add(
        "--ready-file",
        type=Path,
        metavar="FILE",
        help="written once the server answers, removed when it stops: JSON with url, port, pid "
        "and trust_root_pem",
    )
    add(
        "--state",
        type=Path,
        metavar="FILE",
        help="keep profiles, jobs, objects and keys in this file from one run to the next; saved "
        "every two seconds and at the stop",
    )
    add(
        "--autosave",
        action="store_true",
        help="save each change before its request is answered, not only every few seconds",
    )
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 1 << 16):
        msg = f"{text!r} is not a port number, 0 to 65535"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _account(text: str) -> str:
    if not is_account_id(text):
        msg = f"{text!r} is not an account id of twelve digits"
        raise argparse.ArgumentTypeError(msg)
    return text


def _region(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,5}(-[a-z]+)+-[0-9]+", text):
        msg = f"{text!r} is not the name of a region, such as us-east-1"
        raise argparse.ArgumentTypeError(msg)
    return text


def _make(options: argparse.Namespace) -> SignerServer:
    if not is_loopback(options.host):
        _say(
            f"Warning: listening on {options.host}. Everyone who can reach this address can use "
            "the mock, reset it and fill this machine's memory: there is no authentication."
        )
    return serve_world(
        host=options.host,
        port=options.port,
        account_id=options.account,
        region=options.region,
        seed=options.seed,
        with_moto=options.with_moto,
        tls=options.tls or bool(options.tls_name),
        tls_names=options.tls_name,
        allow_origins=options.allow_origin,
        state=options.state,
        autosave=options.autosave,
    )


def _announce(server: SignerServer, options: argparse.Namespace) -> None:
    print(
        f"signer-mock is ready at {server.url} "
        f"(account {options.account}, region {options.region}); Ctrl-C stops it."
    )
    if server.url.startswith("https:"):
        print(server.trust_root_pem().decode("ascii"), end="")
    sys.stdout.flush()


@contextlib.contextmanager
def _ready_file(server: SignerServer, path: Path | None) -> Any:
    if path is None:
        yield
        return
    document = {
        "url": server.url,
        "port": server.port,
        "pid": os.getpid(),
        "trust_root_pem": server.trust_root_pem().decode("ascii"),
    }
    data = json.dumps(document, indent=1).encode() + b"\n"
    replace_file(path, data)
    try:
        yield
    finally:
        # Another server may have taken the name for itself by now.
        with contextlib.suppress(OSError):
            if path.read_bytes() == data:
                path.unlink()


def _say(text: str) -> None:
    print(f"signer-mock serve: {text}", file=sys.stderr, flush=True)


def _fail(error: Exception | str, status: int) -> int:
    _say(str(error))
    return status
