"""The command ``signer-mock``; each subcommand is a module of its own, imported when asked for."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

#: A subcommand is the function ``main`` of the module of its name beside this one.
_COMMANDS = {
    "demo": "sign something, and have openssl verify it",
    "parity": "compare AWS, or an emulator of it, with this mock, row by row",
    "serve": "the mock over HTTP, for the AWS CLI, Terraform and other languages",
    "sign": "sign a zip, an image manifest or firmware with a profile",
    "verify": "check a signed object or an envelope against a trust root",
}

_CANNOT_RUN = 2
#: As shells count: 128 and the number of the signal, SIGINT and SIGPIPE.
_INTERRUPTED = 130
_NOBODY_READS = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Without the program's name; None takes those of the process.

    Returns:
        The exit status: the subcommand's own; 2 if it cannot run or the line cannot be
        understood, 130 after Ctrl-C, 141 if nobody reads the output to its end.
    """
    command = "signer-mock"
    try:
        try:
            chosen = _parser().parse_args(arguments)
            if chosen.command is not None:
                command = f"signer-mock {chosen.command}"
            return _run(chosen)
        finally:
            if sys.stdout is not None:  # it is None where standard output is closed
                sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return _NOBODY_READS
    except OSError as error:
        from signer_mock._cli.files import sentence_of

        _drop_output()
        return _fail(command, sentence_of(error))
    except Exception as error:
        from signer_mock.errors import SignerMockError

        if not isinstance(error, SignerMockError):
            raise
        return _fail(command, str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "signer-mock",
        description="AWS Signer (code signing) mocked, with real signatures.",
        epilog="commands:\n" + "".join(f"  {name:8}{text}\n" for name, text in _COMMANDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    parser.add_argument(
        "command", nargs="?", choices=list(_COMMANDS), metavar="COMMAND", help="see below"
    )
    parser.add_argument(
        "arguments", nargs=argparse.REMAINDER, metavar="...", help="see COMMAND --help"
    )
    return parser


def _run(chosen: argparse.Namespace) -> int:
    if chosen.version:
        from importlib.metadata import version

        print(f"signer-mock {version('signer-mock')}")
        return 0
    if chosen.command is None:
        _parser().print_help()
        return _CANNOT_RUN
    module = importlib.import_module(f"signer_mock._cli.{chosen.command}")
    status: int = module.main(chosen.arguments)
    return status


def _fail(command: str, sentence: str) -> int:
    print(f"{command}: {sentence}", file=sys.stderr)
    return _CANNOT_RUN


def _drop_output() -> None:
    """Send what cannot be written nowhere; otherwise Python complains about it at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
