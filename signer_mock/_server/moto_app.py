"""moto's services on the server's own port: S3, ACM, STS, IAM, EventBridge and all the others.

moto's backends are in this process. Signing jobs use them through clients that botocore's
``before-send`` event answers, so nothing is patched and nothing is sent.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import metadata
from typing import TYPE_CHECKING, Any

from signer_mock._intercept.botocore_session import to_aws_response, to_request
from signer_mock._intercept.moto_state import ACCOUNT_HEADER
from signer_mock._moto.front import answer_in_front
from signer_mock._moto.s3 import MotoObjects
from signer_mock._moto.services import MotoServices
from signer_mock._server.refusals import NotImplementedException
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

_CORS = "access-control-"


def load_moto_app() -> tuple[WSGIApplication, WSGIApplication]:
    """Load the application of moto's server, which finds the service by a request's signature.

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
            f"moto's services cannot be served ({error}). They need more packages: "
            "pip install 'signer-mock[server]', or serve without --with-moto."
        )
        raise MissingExtraError(msg) from error

    def make_app(service: Any) -> Any:
        if service is None:
            msg = "moto has no mock of the service that the request is signed for."
            raise NotImplementedException(msg)
        try:
            return create_backend_app(service)
        except ImportError as error:
            raise _missing_extra(service, error) from error

    return DomainDispatcherApplication(make_app), create_backend_app("s3")


def _missing_extra(service: str, error: ImportError) -> NotImplementedException:
    extras = metadata.metadata("moto").get_all("Provides-Extra") or []
    extra = service if service in extras else "all"
    return NotImplementedException(
        f"moto's {service} needs a package that is not installed ({error}): "
        f"pip install 'moto[{extra}]', and start the server again."
    )


class MotoApp:
    """Answers requests to moto's services, and gives a world moto's S3, ACM, IAM and events.

    Args:
        world: Finds the account behind a key, so that a caller has the same account in every
            service.
    """

    def __init__(self, world: World) -> None:
        self._app, self._s3 = load_moto_app()
        self._mock: Any = None
        self._world = world

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request; safe to call from many threads as far as moto is.

        Raises:
            NotImplementedException: moto does not mock it, or needs a package to do so.
        """
        headers = dict(request.headers)
        scope = request_scope(request)
        if scope is not None and ACCOUNT_HEADER not in headers:
            token = headers.get("x-amz-security-token")
            caller = self._world.identify(
                scope.access_key, token, scope.region or self._world.region
            )
            headers[ACCOUNT_HEADER] = caller.account_id
        # moto takes long to find out what is known here: that a request is for S3.
        is_s3 = scope is not None and scope.service == "s3"
        app = self._s3 if is_s3 and not request.path.startswith(_S3_CONTROL) else self._app
        request = replace(request, headers=headers)
        try:
            response = None
            if scope is not None:
                forward = partial(call_wsgi, app)
                response = answer_in_front(self._world, request, scope, forward)
            if response is None:
                response = call_wsgi(app, request)
        except ImportError as error:
            raise _missing_extra(scope.service if scope else "server", error) from error
        except NotImplementedError as error:
            msg = f"moto does not mock this: {error}"
            raise NotImplementedException(msg) from error
        # moto lets every page read every answer.
        for name in [name for name in response.headers if name.lower().startswith(_CORS)]:
            del response.headers[name]
        return response

    def start(self) -> None:
        """Start moto, and have the world use its S3, ACM, IAM, STS and EventBridge."""
        from moto import mock_aws

        store = MotoObjects(self._clients())
        self._world.object_store = lambda: store
        self._world.others = MotoServices(self._world, acm_when_used=True)
        # Its credentials are for clients of this process; the server has none.
        self._mock = mock_aws(config={"core": {"mock_credentials": False}})
        self._mock.start(reset=False)

    def stop(self) -> None:
        """Stop moto, if it was started here."""
        if self._mock is not None:  # pragma: no branch - a start that failed
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


def _answer_in_process(app: MotoApp, request: Any, **_: Any) -> Any:
    response = app.answer(to_request(request))
    return to_aws_response(request.url, response)
