"""The mock over HTTP, for other processes and other languages.

``serve_world`` starts a server in this process; ``make_wsgi_app`` gives the same as a WSGI
application, for a server of your own. ``signer-mock serve`` is the first on the command line.
"""

from __future__ import annotations

from signer_mock._server.limits import Limits
from signer_mock._server.serving import serve_world
from signer_mock._server.signer_server import SignerServer
from signer_mock._server.wsgi import make_wsgi_app

__all__ = ["Limits", "SignerServer", "make_wsgi_app", "serve_world"]
