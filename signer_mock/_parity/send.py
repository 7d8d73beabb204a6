"""The only place that sends calls; it keeps what they have changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore import UNSIGNED, xform_name
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.httpsession import URLLib3Session

from signer_mock._parity.guard import ALLOWED, ForbiddenCallError, Target, require_allowed
from signer_mock.errors import SignerMockError

_UNKNOWN_PATH = "/signer-mock-parity"
_TIMEOUT = 60


class NoAnswerError(SignerMockError):
    """Nothing can be sent: no endpoint answers, or there are no credentials."""


@dataclass
class Answer:
    """What came back.

    Attributes:
        status: Of HTTP; None if nothing readable came.
        error: The exception's name as botocore tells it, or what went wrong.
        headers: With lower-case names.
        body: The JSON body as it is on the wire; of S3 and STS, what botocore read.
        is_empty: The HTTP body has no bytes.
    """

    status: int | None
    error: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    is_empty: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether the call did what it was asked to."""
        return self.status is not None and 200 <= self.status < 300


@dataclass
class Effects:
    """What calls have changed, so that it can be undone or reported.

    Attributes:
        profiles: Names of profiles that were put.
        canceled: Names of profiles that were canceled.
        revoked: Names of profiles and ids of jobs that were revoked.
        permitted: Names of profiles with new permissions.
        tagged: ARNs of profiles with new tags.
        jobs: Ids of StartSigningJob's jobs.
        payloads: Ids of SignPayload's jobs.
        objects: Keys and versions in the bucket.
    """

    profiles: list[str] = field(default_factory=list)
    canceled: list[str] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    permitted: list[str] = field(default_factory=list)
    tagged: list[str] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    payloads: list[str] = field(default_factory=list)
    objects: list[tuple[str, str | None]] = field(default_factory=list)

    def note(self, operation: str, params: Mapping[str, Any], answer: Answer) -> None:
        """Remember what a call has changed. One whose answer was lost may have."""
        if answer.status is not None and not answer.succeeded:
            return
        body = answer.body if isinstance(answer.body, Mapping) else {}
        name, job = str(params.get("profileName")), str(body.get("jobId"))
        changed: Mapping[str, tuple[list[Any], Any]] = {
            "PutSigningProfile": (self.profiles, name),
            "CancelSigningProfile": (self.canceled, name),
            "RevokeSigningProfile": (self.revoked, name),
            "RevokeSignature": (self.revoked, params.get("jobId")),
            "AddProfilePermission": (self.permitted, name),
            "TagResource": (self.tagged, params.get("resourceArn")),
            "StartSigningJob": (self.jobs, job),
            "SignPayload": (self.payloads, job),
            "PutObject": (self.objects, (params.get("Key"), body.get("VersionId"))),
        }
        if operation in changed:
            things, thing = changed[operation]
            if thing not in things:
                things.append(thing)


class Sender:
    """Sends calls to one target, if they are allowed.

    Args:
        target: Where, and what may be touched.

    Attributes:
        effects: What was changed; ``take_back`` replaces it by an empty one.
        started: The ids of all jobs of this run.
        sent: How many calls were sent.
        succeeded: The operations that did once what they were asked to.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.effects = Effects()
        self.started: set[str] = set()
        self.sent = 0
        self.succeeded: set[str] = set()
        self._clients: dict[tuple[str, str, bool], Any] = {}
        self._response: Mapping[str, Any] | None = None
        self._parsed: Mapping[str, Any] = {}
        self._change: Mapping[str, Any] = {}

    def call(
        self,
        operation: str,
        params: Mapping[str, Any],
        *,
        service: str = "signer",
        change: Mapping[str, Any] | None = None,
        caller: str = "first",
    ) -> Answer:
        """Send one call.

        Args:
            operation: As the model names it.
            params: Its input, not checked before it is sent.
            service: ``signer``, ``signer-data``, ``s3`` or ``sts``.
            change: How the request differs from what botocore makes of the input.
            caller: ``first`` or ``second``.

        Raises:
            ForbiddenCallError: It is not allowed; nothing was sent.
            NoAnswerError: The first call of all was not answered, or could not be signed.
        """
        change = change or {}
        require_allowed(self.target, service, operation, params, change=change, jobs=self.started)
        self._change, self._response, self._parsed = change, None, {}
        client = self._client(service, caller, unsigned="unsigned" in change)
        try:
            if "presigned" in change:
                answer = self._send_presigned(client, operation, params)
            else:
                getattr(client, xform_name(operation))(**params)
                answer = self._answer(service)
        except ClientError:
            answer = self._answer(service)
        except (BotoCoreError, ValueError, KeyError, TypeError) as error:
            # Lost on the way, or not to be read by botocore.
            if self.sent <= 1:
                msg = f"{operation} was not answered: {error}"
                raise NoAnswerError(msg) from error
            answer = Answer(None, f"no readable answer ({type(error).__name__})")
        if answer.succeeded:
            self.succeeded.add(operation)
        self.effects.note(operation, params, answer)
        self.started.update(self.effects.jobs, self.effects.payloads)
        return self._own_items(answer)

    def _client(self, service: str, caller: str, *, unsigned: bool) -> Any:
        key = (service, caller, unsigned)
        if key not in self._clients:
            try:
                self._clients[key] = self._make_client(service, caller, unsigned=unsigned)
            except (BotoCoreError, ValueError) as error:
                msg = f"A client of {service} cannot be made: {error}"
                raise NoAnswerError(msg) from error
        return self._clients[key]

    def _make_client(self, service: str, caller: str, *, unsigned: bool) -> Any:
        target = self.target
        profile = target.second_profile if caller == "second" else target.profile
        options: dict[str, Any] = {}
        config: dict[str, Any] = {
            "parameter_validation": False,
            "user_agent_extra": "signer-mock-parity",
            "connect_timeout": 10,
            "read_timeout": _TIMEOUT,
        }
        if target.live:
            # Ignore AWS_ENDPOINT_URL: this must reach the real service.
            config["ignore_configured_endpoint_urls"] = True
            config["retries"] = {"mode": "standard", "total_max_attempts": 5}
        else:
            options["endpoint_url"] = target.endpoint_url
            config["inject_host_prefix"] = False
            config["retries"] = {"total_max_attempts": 1}
            config["s3"] = {"addressing_style": "path"}
            if profile is None:
                options["aws_access_key_id"] = target.account_id
                # What emulators that look at signatures expect.
                options["aws_secret_access_key"] = "test"  # noqa: S105 - no secret
        if unsigned:
            config["signature_version"] = UNSIGNED
        session = boto3.Session(profile_name=profile, region_name=target.region)
        client = session.client(service, config=Config(**config), **options)
        client.meta.events.register("before-call", self._before_call)
        client.meta.events.register("response-received", self._received)
        return client

    def _before_call(self, model: Any, params: dict[str, Any], **_: Any) -> None:
        # Check again, independently of the code that chose the operation.
        service = model.service_model.service_name
        if model.name not in ALLOWED.get(service, ()):
            msg = f"{service} {model.name} is not sent."
            raise ForbiddenCallError(msg)
        if "body" in self._change:
            params["body"] = self._change["body"].encode()
        if "content_type" in self._change:
            params["headers"]["Content-Type"] = self._change["content_type"]
        if "unknown_path" in self._change:
            parts = urlsplit(params["url"])
            params["url"] = parts._replace(path=_UNKNOWN_PATH, query="").geturl()
        self.sent += 1

    def _received(self, response_dict: Any, parsed_response: Any, **_: Any) -> None:
        if response_dict is not None:
            self._response, self._parsed = response_dict, parsed_response

    def _answer(self, service: str) -> Answer:
        assert self._response is not None, "botocore received no response"
        error = self._parsed.get("Error", {}).get("Code")
        headers = {str(k).lower(): str(v) for k, v in self._response["headers"].items()}
        status = self._response["status_code"]
        if service not in ("s3", "sts"):
            return _json_answer(status, error, headers, self._response["body"])
        body = {k: v for k, v in self._parsed.items() if k != "ResponseMetadata"}
        if "Body" in body:
            body["Body"] = body["Body"].read()
        return Answer(status, error, headers, body)

    def _send_presigned(self, client: Any, operation: str, params: Mapping[str, Any]) -> Answer:
        url = client.generate_presigned_url(xform_name(operation), dict(params))
        self.sent += 1
        response = URLLib3Session(timeout=_TIMEOUT).send(AWSRequest("GET", url).prepare())
        headers = {str(k).lower(): str(v) for k, v in response.headers.items()}
        error = headers.get("x-amzn-errortype") if response.status_code >= 300 else None
        return _json_answer(response.status_code, error, headers, response.content)

    def _own_items(self, answer: Answer) -> Answer:
        """Leave other people's profiles and jobs out of what is compared, shown and recorded."""
        if isinstance(answer.body, dict):
            for name in ("profiles", "jobs"):
                items = answer.body.get(name)
                if isinstance(items, list):
                    answer.body[name] = [item for item in items if self._is_ours(item)]
        return answer

    def _is_ours(self, item: Any) -> bool:
        name = item.get("profileName") if isinstance(item, Mapping) else None
        return str(name).startswith(f"{self.target.prefix}_")


def _json_answer(status: int, error: str | None, headers: dict[str, str], data: bytes) -> Answer:
    try:
        body = json.loads(data) if data else None
    except ValueError:
        body = data.decode("utf-8", "replace")[:200]
    return Answer(status, error, headers, body, is_empty=not data)
