"""Run the command line as ``python -m signer_mock``."""

from __future__ import annotations

import sys

from signer_mock._cli.main import main

if __name__ == "__main__":  # pragma: no branch - nothing imports it
    sys.exit(main())
