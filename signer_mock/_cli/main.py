"""The command ``signer-mock``; each subcommand is a module of its own, imported when asked for."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence

#: A subcommand is the function ``main`` of the module of its name beside this one.
_COMMANDS = {
    "demo": "sign something, and have openssl verify it",
    "parity": "compare AWS, or an emulator of it, with this mock, row by row",
    "serve": "the mock over HTTP, for the AWS CLI, Terraform and other languages",
    "verify": "check a signed object or an envelope against a trust root",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Without the program's name; None takes those of the process.

    Returns:
        The exit status: the subcommand's own, 2 for a line that cannot be understood.
    """
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
    chosen = parser.parse_args(arguments)
    if chosen.version:
        from importlib.metadata import version

        print(f"signer-mock {version('signer-mock')}")
        return 0
    if chosen.command is None:
        parser.print_help()
        return 2
    module = importlib.import_module(f"signer_mock._cli.{chosen.command}")
    status: int = module.main(chosen.arguments)
    return status
