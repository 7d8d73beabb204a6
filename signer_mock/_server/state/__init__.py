"""A world in a file: what a server keeps from one run to the next."""

from __future__ import annotations

from signer_mock._server.state.file import StateFile
from signer_mock._server.state.saver import Saver

__all__ = ["Saver", "StateFile"]
