"""The control surface: what a test asks of the server, below ``/_signer_mock/``.

JSON in and out; never a private key. AWS uses no path that begins like this one. A module has the
routes of one subject; ``routes`` puts them together.
"""

from __future__ import annotations

from signer_mock._server.control.routes import Control
from signer_mock._server.control.surface import PREFIX

__all__ = ["PREFIX", "Control"]
