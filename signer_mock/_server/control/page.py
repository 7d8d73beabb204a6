"""The page for people at ``/_signer_mock/``: it shows the server's state and asks for changes.

The page loads nothing from elsewhere, and gets everything that it shows as JSON from this surface.
"""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.metadata import version
from importlib.resources import files

from signer_mock._server.control.surface import Handler, Routes, Surface
from signer_mock._service.operations import OPERATIONS
from signer_mock._views.text import plain
from signer_mock._wire.http import HttpRequest, HttpResponse

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


@cache
def _file(name: str) -> str:
    return files("signer_mock._server.page").joinpath(name).read_text(encoding="utf-8")


def _page(surface: Surface, _request: HttpRequest, _rest: str) -> HttpResponse:
    world = surface.world
    server = f"{version('signer-mock')}, account {world.account_id}, {world.region}"
    operations = "".join(f"<option>{escape(name)}</option>" for name in sorted(OPERATIONS))
    page = _file("page.html").replace("{operations}", operations)
    page = page.replace("{server}", escape(plain(server)))
    return _answer(page, "text/html")


def _asset(name: str, kind: str) -> Handler:
    def answer(_surface: Surface, _request: HttpRequest, _rest: str) -> HttpResponse:
        return _answer(_file(name), kind)

    return answer


def _answer(text: str, kind: str) -> HttpResponse:
    headers = {**_HEADERS, "Content-Type": f"{kind}; charset=utf-8"}
    return HttpResponse(200, headers, text.encode())


ROUTES: Routes = {
    "": {"GET": _page},
    "page.css": {"GET": _asset("page.css", "text/css")},
    "page.js": {"GET": _asset("page.js", "text/javascript")},
}
