"""What a notebook and a terminal show of a mock, and that no name can do harm in it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from botocore.exceptions import ClientError

from signer_mock import SignerMock
from signer_mock._service.calls import Call, CallLog
from signer_mock.errors import SignerMockError
from signer_mock.records import Certificate, Permission, Records, Revocation
from signer_mock.verify import VerifiedSignature
from tests.helpers.constants import LAMBDA
from tests.helpers.zip_archives import code_zip
from tests.test_import_budget import loaded_by

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202eevil\u2066\r\n\"'&</style></div>"

# The elements that a view is made of; each has its class and its label at most.
ELEMENTS = {*"div style h3 h4 p table thead tbody tr th td br span".split()}


class Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def shown(record: Any) -> str:
    """The text of a view, which has been checked to be harmless."""
    html = record._repr_html_()
    reader = Reader(html)
    assert reader.elements <= ELEMENTS
    assert reader.attributes <= {"class", "data-label"}
    assert not reader.open
    assert not re.search(r"https?:|url\(|@import", re.sub(r"(?s)</style>.*", "", html))
    assert all(one.isprintable() for one in reader.text)
    assert "prefers-color-scheme:dark" in html
    return reader.text


def assert_plain(text: str) -> None:
    assert all(line.isprintable() for line in text.split("\n")), text
    assert not re.search(r"0x[0-9a-f]{6,}", text), text


@pytest.fixture
def story(
    signer_mock: SignerMock, signer_client: Any, start_job: Callable[..., dict[str, Any]]
) -> tuple[SignerMock, VerifiedSignature]:
    """A mock in which a zip was signed, a job is held, a call was throttled, a job was revoked."""
    signer_client.put_signing_profile(profileName="release", platformId=LAMBDA)
    job = start_job(code_zip(), "release")
    signed = signer_mock.objects.get("dst", f"signed/{job['jobId']}.zip")
    verified = signer_mock.verify_lambda_zip(signed)
    signer_mock.faults.fail("SignPayload", "TooManyRequestsException", times=9)
    with contextlib.suppress(ClientError):
        signer_client.sign_payload(
            profileName="release", payload=b"{}", payloadFormat="application/json"
        )
    signer_client.revoke_signature(jobId=job["jobId"], reason="leaked")
    signer_mock.jobs.hold()
    start_job(code_zip(), "release", key="second.zip")
    return signer_mock, verified


def test_a_mock_shows_its_profiles_jobs_and_calls(story):
    mock, _ = story
    text = shown(mock)
    assert "SignerMock 123456789012 us-east-1 active" in text
    for part in ("1 signing profile", "2 signing jobs", "InProgress", "Revoked", "Faults to come"):
        assert part in text
    mock.stop()
    try:
        assert "us-east-1 stopped" in shown(mock)
    finally:
        mock.start()
    assert SignerMock()._repr_html_() is None


def test_each_list_is_a_table(story):
    mock, _ = story
    assert "Activerelease" in shown(mock.profiles)
    assert "InProgress" in shown(mock.jobs)
    assert shown(mock.jobs) == shown(mock.jobs[:])
    assert "429 TooManyRequestsException" in shown(mock.calls)
    assert "1 call" in shown(mock.calls.of("RevokeSignature"))
    assert "2 calls" in shown(mock.calls[-2:])
    assert "SucceededSigner Job Status Change" in shown(mock.events)
    assert "leaked" in shown(mock.revocations)
    assert "4 certificates" in shown(mock.certificates)
    assert "1 signing job" in shown(mock.jobs[0])


def test_an_account_shows_its_chain_and_what_became_of_each_certificate(story):
    mock, _ = story
    account = mock.account()
    assert shown(account).count("Valid") == 1 + 4  # the column's head, and the four
    mock.clock.advance(days=30)
    assert shown(account).count("Expired") == 1  # leaves last for days
    mock.clock.freeze("1975-01-01")
    assert shown(account).count("Not yet valid") == 1
    mock.clock.resume()
    account.revoke_certificate(mock.certificates[-1].pem)
    text = shown(account)
    assert (text.count("Revoked"), text.count("Valid")) == (1, 1 + 3)
    assert "no certificates yet" in shown(mock.account("210987654321"))
    assert "210987654321" not in {one.account_id for one in mock.certificates}


def test_a_verified_signature_tells_who_signed_and_when(story):
    _, verified = story
    text = shown(verified)
    assert "Signature Verified" in text
    assert verified.profile_version_arn in text
    assert "Chain of 4 certificates" in text
    assert repr(verified) == (
        f"<VerifiedSignature by {verified.profile_version_arn}, job {verified.job_arn}, "
        f"signed {verified.signed_at:%Y-%m-%d %H:%M:%S} UTC, "
        f"expires {verified.expires_at:%Y-%m-%d %H:%M:%S} UTC, 4 certificates>"
    )


def test_what_a_warning_let_pass_is_not_called_verified(signer_mock):
    passed = signer_mock.verify_lambda_zip(code_zip(), policy="Warn")
    assert "Let pass" in shown(passed)
    assert "Signature Verified" not in shown(passed)
    assert "warning: " in repr(passed)


def test_no_text_shows_an_address_or_a_private_name(story):
    mock, verified = story
    parts = [
        *(mock, mock.account(), mock.account().role("ci"), mock.account().user("ann")),
        *(mock.calls, mock.calls[0], mock.profiles, mock.profiles[0], mock.jobs, mock.jobs[0]),
        *(mock.events, mock.certificates, mock.certificates[0], mock.revocations),
        *(mock.permissions, mock.faults, mock.faults.pending, mock.faults.fired, mock.clock),
        *(mock.objects, mock.deployments, mock.snapshot(), verified),
    ]
    for part in parts:
        assert_plain(repr(part))
        assert "object at" not in repr(part)
    assert repr(mock.calls).splitlines()[0] == ("PutSigningProfile [123456789012 us-east-1] -> 200")
    assert re.fullmatch(
        r"\S+Z Signer Job Status Change \[123456789012 us-east-1\] job \S+: Succeeded",
        repr(mock.events),
    )
    assert repr(mock.account()) == "<Account arn:aws:iam::123456789012:root>"
    assert repr(mock.clock).endswith("UTC, running>")
    assert "'src': 2 objects" in repr(mock.objects)


def hostile_call(mock: SignerMock) -> Call:
    return Call(HOSTILE, "1" * 12, HOSTILE, {HOSTILE: HOSTILE}, 400, HOSTILE, "", mock.clock.now())


def hostile_log(mock: SignerMock) -> CallLog:
    log = CallLog()
    log.record(hostile_call(mock))
    return log


HOSTILE_RECORDS: dict[str, Callable[[SignerMock], Any]] = {
    "call": hostile_call,
    "calls": hostile_log,
    "permission": lambda _: Permission(*[HOSTILE] * 7),
    "permissions": lambda _: Records([Permission(*[HOSTILE] * 7)]),
    "revocation": lambda _: Revocation(HOSTILE, HOSTILE),
    "signature": lambda mock: VerifiedSignature(HOSTILE, HOSTILE, mock.clock.now(), None, ()),
    "warning": lambda _: VerifiedSignature(None, None, None, None, (), (_error(),)),
}


def _error() -> Any:
    from signer_mock.verify import MismatchError

    return MismatchError(HOSTILE)


@pytest.mark.parametrize("make", HOSTILE_RECORDS.values(), ids=HOSTILE_RECORDS.keys())
def test_a_hostile_name_is_text_in_every_view(make, signer_mock):
    record = make(signer_mock)
    text = shown(record)
    assert r"<script>alert(1)</script>\x1b[31m\u202eevil\u2066\r\n" in text.replace("\\\\", "\\")
    assert_plain(repr(record))
    assert "\n" not in repr(record) or isinstance(record, Records)


def test_hostile_names_that_a_client_can_give_are_text_everywhere(
    signer_mock, signer_client, lambda_profile
):
    key = "<script>\x1b[31m\u202e.zip"
    signer_mock.objects.create_bucket("src", versioning=True)
    signer_mock.objects.create_bucket("dst")
    version = signer_mock.objects.put("src", key, code_zip())
    signer_client.tag_resource(resourceArn=signer_mock.profiles[0].arn, tags={"team": "<b>&\u202e"})
    job_id = signer_client.start_signing_job(
        source={"s3": {"bucketName": "src", "key": key, "version": version}},
        destination={"s3": {"bucketName": "dst", "prefix": "<i>\x1b"}},
        profileName=lambda_profile,
    )["jobId"]
    signer_client.revoke_signature(jobId=job_id, reason="<script>\x1b]0;x\x07\n")
    parts = [signer_mock.jobs, signer_mock.calls, signer_mock.profiles, signer_mock.revocations]
    for part in [signer_mock, *parts, signer_mock.events, signer_mock.objects]:
        assert_plain(repr(part))
    assert r"src/<script>\x1b[31m\u202e.zip" in shown(signer_mock.jobs)
    assert "<script>" in shown(signer_mock.revocations)
    shown(signer_mock)
    shown(signer_mock.calls)
    shown(signer_mock.profiles)
    shown(signer_mock.events)


def test_a_failed_test_reports_hostile_names_as_text(pytester):
    pytester.makepyfile(
        """
        import pytest

        def test_it(signer_mock, signer_client):
            signer_mock.objects.create_bucket("b")
            with pytest.raises(Exception):
                signer_client.start_signing_job(
                    source={"s3": {
                        "bucketName": "b", "key": "\\x1b[31m\\u202e<b>", "version": "1"}},
                    destination={"s3": {"bucketName": "b"}}, profileName="missing")
            print(repr(signer_mock.calls))
            assert list(signer_mock.calls) == []
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "--color=no", "-vv")
    output = result.stdout.str()
    assert "1 failed" in output
    assert "\x1b" not in output
    assert "\u202e" not in output


def test_long_lists_are_cut_with_a_count(signer_mock, signer_client):
    for _ in range(60):
        signer_client.list_signing_platforms()
    assert "The newest 50; 10 earlier ones are not shown." in shown(signer_mock.calls)
    assert shown(signer_mock.calls).count("200 OK") == 50
    assert repr(signer_mock.calls).startswith("(10 earlier ones are not shown)\n")
    assert len(repr(signer_mock.calls).splitlines()) == 51
    many = Records(Certificate("1" * 12, f"c{n}", b"") for n in range(1060))
    assert "(1,010 more are not shown)" in repr(many)


def test_long_texts_are_cut_with_a_count(signer_mock):
    passed = VerifiedSignature("x" * 5000, None, None, None, ())
    assert "x… (5,000 characters)" in shown(passed)


def test_an_empty_list_says_so(signer_mock):
    assert shown(signer_mock.calls) == "No calls"
    assert shown(signer_mock.jobs) == "No signing jobs"
    assert repr(signer_mock.calls) == "(no calls)"
    assert repr(signer_mock.profiles) == "[]"
    shown(signer_mock.events)


def test_an_error_of_a_held_job_shows_no_private_name(signer_mock):
    with pytest.raises(SignerMockError) as raised:
        signer_mock.jobs.release(HOSTILE)
    assert_plain(str(raised.value))


def test_views_are_loaded_when_they_are_shown_only():
    script = (
        "import sys\nfrom signer_mock import mock_signer\n"
        "with mock_signer(region_name='us-east-1') as mock:\n"
        "    mock.client('signer').list_signing_platforms()\n"
        "assert not [name for name in sys.modules if name.startswith('signer_mock._views')]"
    )
    assert "signer_mock" in loaded_by(script)
