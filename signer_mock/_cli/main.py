"""The command ``signer-mock``; each subcommand is a module of its own, imported when asked for."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

_COMMANDS = {
    "serve": "the mock over HTTP, for the AWS CLI, Terraform and other languages",
    "verify": "check a signed object or an envelope against a trust root",
    "parity": "compare AWS, or an emulator of it, with this mock, row by row",
    "demo": "sign something, and have openssl verify it",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: without the program's name; None takes those of the process.

    Returns:
        The exit status: the subcommand's own, 2 for a line that cannot be understood.
    """
    parser = argparse.ArgumentParser(
        "signer-mock",
        description="AWS Signer (code signing) mocked, with real signatures.",
        epilog="\n".join(f"  {name:8}{text}" for name, text in _COMMANDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    parser.add_argument("command", nargs="?", choices=list(_COMMANDS))
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="see COMMAND --help")
    chosen = parser.parse_args(arguments)
    if chosen.version:
        from importlib.metadata import version

        print(f"signer-mock {version('signer-mock')}")
        return 0
    if chosen.command == "serve":
        from signer_mock._cli.serve import main as serve

        return serve(chosen.arguments)
    if chosen.command == "verify":
        from signer_mock._cli.verify import main as verify

        return verify(chosen.arguments)
    if chosen.command == "parity":
        from signer_mock._cli.parity import main as parity

        return parity(chosen.arguments)
    if chosen.command == "demo":
        from signer_mock._cli.demo import main as demo

        return demo(chosen.arguments)
    parser.print_usage()
    return 2
