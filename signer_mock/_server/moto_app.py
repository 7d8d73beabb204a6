"""moto's services on the server's own port: S3, ACM, STS, IAM, EventBridge and all the others.

moto's backends live in this process, and signing jobs read and write them here: a client of
theirs is answered in botocore's ``before-send`` event, so nothing is patched and nothing is sent.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from signer_mock._intercept.botocore_session import to_aws_response, to_request
from signer_mock._moto.s3 import S3Objects
from signer_mock._moto.services import MotoServices
from signer_mock._server.wsgi import call_wsgi
from signer_mock._wire.http import HttpRequest, HttpResponse
from signer_mock._wire.sigv4 import request_scope
from signer_mock.errors import MissingExtraError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from signer_mock._service.world import World
    from signer_mock.objects import StorageCaller

# A client is large, and every assumed role is a new caller.
_CLIENTS_KEPT = 32

# S3 Control is signed for S3 too.
_S3_CONTROL = "/v20180820/"

# moto's own way to be told whose a request is, without a look at the key.
_ACCOUNT_HEADER = "x-moto-account-id"


def load_moto_app() -> tuple[WSGIApplication, WSGIApplication]:
    """The application of moto's server, which finds the service by the request's signature.

    Returns:
        That application, and S3's own, which needs no finding.

    Raises:
        MissingExtraError: moto, or what its server needs, is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # moto warns of what it is missing before it raises
            from moto.moto_server.werkzeug_app import (
                DomainDispatcherApplication,
                create_backend_app,
            )
    except ImportError as error:
        msg = (
            f"moto's S3 cannot be served ({error}). It needs more packages: "
            "pip install 'signer-mock[server]', or serve without --with-s3."
        )
        raise MissingExtraError(msg) from error
    return DomainDispatcherApplication(create_backend_app), create_backend_app("s3")


class MotoNeighbours:
    """moto beside a world: answers requests to its services, and is that world's S3 and IAM.

    Args:
        world: tells which account a key belongs to, so that a caller is in the same account
            whatever service is called.
    """

    def __init__(self, world: World) -> None:
        self._app, self._s3 = load_moto_app()
        self._mock: Any = None
        self._world = world

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request; safe to call from many threads as far as moto is."""
        headers = dict(request.headers)
        scope = request_scope(request)
        if scope is not None and _ACCOUNT_HEADER not in headers:
            token = headers.get("x-amz-security-token")
            caller = self._world.identify(
                scope.access_key, token, scope.region or self._world.region
            )
            headers[_ACCOUNT_HEADER] = caller.account_id
        # Jobs call S3 seven times each, and moto looks long for what we know already.
        is_s3 = scope is not None and scope.service == "s3"
        return call_wsgi(
            self._s3 if is_s3 and not request.path.startswith(_S3_CONTROL) else self._app,
            HttpRequest(
                request.method, request.host, request.path, request.query, headers, request.body
            ),
        )

    def start(self) -> None:
        """Start moto, and make its S3, ACM, IAM, STS and EventBridge this world's own."""
        from moto import mock_aws

        store = S3Objects(self._clients())
        self._world.object_store = lambda: store
        self._world.others = MotoServices(self._world, acm_when_used=True)
        # Its credentials are for clients of this process; the server has none.
        self._mock = mock_aws(config={"core": {"mock_credentials": False}})
        self._mock.start(reset=False)

    def stop(self) -> None:
        """Stop moto, if it was started here."""
        if self._mock is not None:
            self._mock.stop()
            self._mock = None

    def reset(self) -> None:
        """Empty every service of moto's."""
        from moto.core.base_backend import BackendDict

        BackendDict.reset()

    def _clients(self) -> Callable[[StorageCaller], Any]:
        import botocore.session
        from botocore.config import Config

        session = botocore.session.Session()
        clients: dict[StorageCaller, Any] = {}
        config = Config(
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 1},
            ignore_configured_endpoint_urls=True,
        )

        def client_for(caller: StorageCaller) -> Any:
            if caller not in clients:
                client = session.create_client(
                    "s3",
                    # Not a host of AWS's, which moto's own interception would answer as well.
                    endpoint_url="http://localhost",
                    region_name=caller.region,
                    aws_access_key_id=caller.access_key,
                    aws_secret_access_key="signer-mock",  # noqa: S106 - moto checks no signature
                    aws_session_token=caller.session_token,
                    config=config,
                )
                client.meta.events.register("before-send.s3", partial(_answer_in_process, self))
                if len(clients) == _CLIENTS_KEPT:
                    clients.pop(next(iter(clients)))
                clients[caller] = client
            return clients[caller]

        return client_for


def _answer_in_process(neighbours: MotoNeighbours, request: Any, **_: Any) -> Any:
    response = neighbours.answer(to_request(request))
    return to_aws_response(request.url, response)
