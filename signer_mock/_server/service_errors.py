"""Errors in the form of the service that a request is for: its protocol decides."""

from __future__ import annotations

import json
import uuid
from xml.sax.saxutils import escape

from signer_mock._server.control import PREFIX
from signer_mock._server.refusals import refusal
from signer_mock._wire.exceptions import ServiceError
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock._wire.sigv4 import request_scope

# All other services with paths of their own speak JSON.
_REST_XML = frozenset({"s3", "s3express", "s3-outposts", "cloudfront", "route53"})
# S3 Control is signed for S3, and has the errors of the others.
_S3_CONTROL = "/v20180820/"
_FORM = "application/x-www-form-urlencoded"


def service_refusal(request: HttpRequest, error: ServiceError) -> HttpResponse:
    """Return an error as the service would that the request is signed for.

    Args:
        request: The request; without a signature the error has AWS Signer's form.
        error: What to say.
    """
    if request.path.startswith(PREFIX):
        return refusal(error)
    scope = request_scope(request)
    service = scope.service if scope else "signer"
    target = request.headers.get("x-amz-target")
    kind = request.headers.get("content-type", "")
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return _cbor(error)
    if target is not None:
        return _json(error, kind)
    if kind.startswith(_FORM) or (request.path == "/" and "Action=" in request.query):
        return _xml(error, _EC2 if service == "ec2" else _QUERY)
    if service in _REST_XML:
        is_s3 = service.startswith("s3") and not request.path.startswith(_S3_CONTROL)
        return _xml(error, _S3 if is_s3 else _QUERY)
    return refusal(error)


_QUERY = (
    "<ErrorResponse><Error><Type>{fault}</Type><Code>{code}</Code><Message>{message}</Message>"
    "</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
)
_EC2 = (
    "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
    "<RequestID>{request_id}</RequestID></Response>"
)
_S3 = (
    "<Error><Code>{code}</Code><Message>{message}</Message>"
    "<RequestId>{request_id}</RequestId></Error>"
)


def _xml(error: ServiceError, form: str) -> HttpResponse:
    request_id = str(uuid.uuid4())
    body = '<?xml version="1.0" encoding="UTF-8"?>\n' + form.format(
        fault="Receiver" if error.status >= 500 else "Sender",
        # AccessDenied, NotImplemented: these protocols' names have no suffix.
        code=error.type_name.removesuffix("Exception"),
        message=escape(_printable(error.message)),
        request_id=request_id,
    )
    headers = {"Content-Type": "application/xml", "x-amz-request-id": request_id}
    return HttpResponse(error.status, headers, body.encode())


def _json(error: ServiceError, kind: str) -> HttpResponse:
    body = json.dumps({"__type": error.type_name, "message": error.message}).encode()
    headers = {
        "Content-Type": kind or "application/x-amz-json-1.1",
        "x-amzn-RequestId": str(uuid.uuid4()),
    }
    return HttpResponse(error.status, headers, body)


def _cbor(error: ServiceError) -> HttpResponse:
    members = ("__type", error.type_name, "message", error.message)
    headers = {
        "Content-Type": "application/cbor",
        "smithy-protocol": "rpc-v2-cbor",
        "x-amzn-RequestId": str(uuid.uuid4()),
    }
    # A map of two members (0xa2), whose names and values are texts with a length of two bytes.
    texts = (text.encode()[: (1 << 16) - 1] for text in members)
    body = b"\xa2" + b"".join(b"\x79" + len(t).to_bytes(2, "big") + t for t in texts)
    return HttpResponse(error.status, headers, body)


def _printable(text: str) -> str:
    """Leave out what XML has no form for."""
    return "".join(c for c in text if c in "\n\t" or c.isprintable())
