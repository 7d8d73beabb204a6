"""The certificates that the server's accounts hold; never their keys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any
from urllib.parse import quote, unquote

from signer_mock._server.control.surface import PREFIX, Routes, Surface, json_answer
from signer_mock._service import inspection
from signer_mock._wire.exceptions import ResourceNotFoundException
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock.records import Certificate


def _show(surface: Surface, _request: HttpRequest, _rest: str) -> HttpResponse:
    world = surface.world
    with world.lock:
        found, now = inspection.certificates(world), world.clock.now()
        revoked = {text[:96] for text in world.revoked_certificates}
    return json_answer({"certificates": [_describe(one, now, revoked) for one in found]})


def _describe(record: Certificate, now: dt.datetime, revoked: Collection[str]) -> dict[str, Any]:
    from cryptography import x509

    from signer_mock._views.summaries import certificate_status

    certificate = x509.load_pem_x509_certificate(record.pem)
    # A name is an ARN, or has a slash: only its last part names the file.
    file = record.name.replace("/", "-").rpartition(":")[2]
    return {
        "account_id": record.account_id,
        "name": record.name,
        "status": certificate_status(certificate, now, revoked),
        "subject": certificate.subject.rfc4514_string(),
        "not_before": certificate.not_valid_before_utc,
        "not_after": certificate.not_valid_after_utc,
        "href": f"{PREFIX}certificates/{record.account_id}/{quote(record.name, safe='')}",
        "file": f"{record.account_id}-{file}.pem",
    }


def _download(surface: Surface, _request: HttpRequest, rest: str) -> HttpResponse:
    account_id, _, name = rest.partition("/")
    wanted = (account_id, unquote(name))
    for one in inspection.certificates(surface.world):
        if (one.account_id, one.name) == wanted:
            headers = {"Content-Type": "application/x-pem-file"}
            return HttpResponse(200, headers, one.pem)
    msg = f"There is no certificate {rest!r}; GET {PREFIX}certificates lists them."
    raise ResourceNotFoundException(msg)


ROUTES: Routes = {"certificates": {"GET": _show}, "certificates/": {"GET": _download}}
