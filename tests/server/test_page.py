"""The page for people at ``/_signer_mock/``: what it shows, what it can do, what it may load."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError
from cryptography import x509

from signer_mock.server import SignerServer
from tests.helpers.browser import BROWSER, Browser
from tests.helpers.constants import LAMBDA
from tests.helpers.server import control, http
from tests.helpers.zip_archives import code_zip

HOSTILE = "<script>document.title='taken'</script>\x1b[31m\u202e.zip"

needs_browser = pytest.mark.skipif(BROWSER is None, reason="needs Chromium on the PATH")


class Story:
    """A server with a profile, whose name a job's source has is hostile."""

    def __init__(self, server: SignerServer) -> None:
        self.url = f"{server.url}/_signer_mock/"
        self.server = server
        self.signer = server.client()
        self.objects = server.world.memory_objects
        self.signer.put_signing_profile(
            profileName="release", platformId=LAMBDA, tags={"team": "<b>core\u202e"}
        )
        self.objects.create_bucket("src", versioning=True)
        self.objects.create_bucket("dst")
        self.version = self.objects.put("src", HOSTILE, code_zip())

    def start_job(self) -> str:
        source = {"bucketName": "src", "key": HOSTILE, "version": self.version}
        job = self.signer.start_signing_job(
            source={"s3": source},
            destination={"s3": {"bucketName": "dst"}},
            profileName="release",
        )
        return str(job["jobId"])

    def status(self, job_id: str) -> str:
        return str(self.signer.describe_signing_job(jobId=job_id)["status"])


@pytest.fixture
def story(signer_server: SignerServer) -> Story:
    return Story(signer_server)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with Browser(tmp_path / "browser") as browser:
        yield browser
        assert browser.problems == []


def test_the_page_loads_only_what_the_server_has_itself(story: Story) -> None:
    answer = http(story.url)
    page = answer.body.decode()
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    loaded = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert loaded == ["data:,", "/_signer_mock/page.css", "/_signer_mock/page.js"]
    assert not re.search(r"<script>|<style|\son\w+=|https?:", page)
    assert "<option>SignPayload</option>" in page
    for name, kind in (("page.css", "text/css"), ("page.js", "text/javascript")):
        asset = http(story.url + name)
        assert asset.headers["content-type"] == f"{kind}; charset=utf-8"
        assert not re.search(rb"https?:|@import|innerHTML|eval\(", asset.body)


def test_the_jobs_as_json(story: Story) -> None:
    done = story.start_job()
    story.server.world.job_controls.hold()
    held = story.start_job()
    answer = control(story.server, "jobs").json
    assert (answer["total"], answer["holding"]) == (2, True)
    assert [(job["job_id"], job["status"], job["held"]) for job in answer["jobs"]] == [
        (done, "Succeeded", False),
        (held, "InProgress", True),
    ]
    [newest] = control(story.server, "jobs?newest=1").json["jobs"]
    assert newest["job_id"] == held
    assert newest["source"]["key"] == HOSTILE
    [call] = control(story.server, "calls?newest=1").json["calls"]
    assert call["operation"] == "StartSigningJob"


@pytest.mark.parametrize("newest", ["0", "-1", "x", "", "1e3", "\u0661"])
def test_newest_is_a_positive_number(story: Story, newest: str) -> None:
    answer = http(f"{story.url}calls?newest={quote(newest)}")
    assert (answer.status, answer.error) == (400, "ValidationException")


def test_certificates_are_listed_and_downloaded(story: Story) -> None:
    assert control(story.server, "certificates").json == {"certificates": []}
    story.start_job()
    listed = control(story.server, "certificates").json["certificates"]
    assert [one["name"].partition("/")[0] for one in listed] == [
        "root",
        "intermediate",
        "regional",
        "leaf",
    ]
    for one in listed:
        answer = http(story.server.url + one["href"])
        assert answer.headers["content-type"] == "application/x-pem-file"
        certificate = x509.load_pem_x509_certificate(answer.body)
        assert certificate.subject.rfc4514_string() == one["subject"]
        assert b"PRIVATE" not in answer.body
    assert http(f"{story.url}certificates/123456789012/root.key").status == 404
    assert http(f"{story.url}certificates/210987654321/root").status == 404
    leaf = http(story.server.url + listed[-1]["href"]).body
    world = story.server.world
    tbs = x509.load_pem_x509_certificate(leaf).tbs_certificate_bytes
    world.revoked_certificates.add(hashlib.sha384(tbs).hexdigest())
    statuses = [one["status"] for one in control(story.server, "certificates").json["certificates"]]
    assert statuses == ["Valid", "Valid", "Valid", "Revoked"]


@needs_browser
@pytest.mark.parametrize(
    ("width", "dark"), [(1400, False), (1400, True), (380, False), (380, True)]
)
def test_the_page_shows_the_state_on_every_screen(
    story: Story, browser: Browser, width: int, dark: bool
) -> None:
    job_id = story.start_job()
    story.signer.revoke_signature(jobId=job_id, reason="leaked")
    browser.open(story.url, width=width, dark=dark)
    browser.wait_for("document.querySelectorAll('#certificates tbody tr').length === 4")
    assert browser.run("document.documentElement.scrollWidth <= innerWidth")
    text = browser.run("document.body.innerText")
    for part in ("connected", "release", job_id, "Succeeded", "Revoked", "200 OK", "root"):
        assert part in text
    # Names are text, and what does not print is an escape.
    assert r"src/<script>document.title='taken'</script>\x1b[31m\u202e.zip" in text
    assert "team=<b>core\\u202e" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert browser.run("document.title") == "signer_mock"
    assert browser.run("document.querySelectorAll('main script, main b').length") == 0
    ground = browser.run("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(13, 17, 23)" if dark else "rgb(255, 255, 255)")


def click(browser: Browser, label: str) -> None:
    buttons = "[...document.querySelectorAll('button')]"
    assert browser.run(
        f"{buttons}.filter((one) => one.textContent === {label!r}).slice(0, 1)"
        ".map((one) => one.click()).length === 1"
    )


@needs_browser
def test_the_page_holds_and_ends_jobs(story: Story, browser: Browser) -> None:
    browser.open(story.url)
    browser.wait_for("document.body?.innerText.includes('connected')")
    click(browser, "Hold new jobs")
    browser.wait_for("document.body.innerText.includes('New jobs are held')")
    first, second = story.start_job(), story.start_job()
    # New jobs and calls come without a reload.
    browser.wait_for(f"document.body.innerText.includes({second!r})")
    click(browser, "Release")  # that of the newest job
    browser.wait_for("document.body.innerText.includes('Succeeded')")
    assert (story.status(first), story.status(second)) == ("InProgress", "Succeeded")
    click(browser, "Fail")
    browser.wait_for("document.body.innerText.includes('Failed on request')")
    assert story.status(first) == "Failed"


@needs_browser
def test_the_page_adds_and_removes_faults_and_moves_the_clock(
    story: Story, browser: Browser
) -> None:
    browser.open(story.url)
    browser.wait_for("document.body?.innerText.includes('connected')")
    browser.run("document.querySelector('[name=operation]').value = 'ListSigningJobs'")
    browser.run("document.querySelector('[name=kind]').value = 'AccessDeniedException'")
    browser.run("document.querySelector('[name=times]').value = ''")
    click(browser, "Add")
    browser.wait_for("document.querySelector('#faults').innerText.includes('until removed')")
    with pytest.raises(ClientError, match="AccessDenied"):
        story.signer.list_signing_jobs()
    browser.wait_for("document.querySelector('#calls').innerText.includes('403 AccessDenied')")
    click(browser, "Remove all")
    browser.wait_for("document.querySelector('#faults').innerText.includes('None yet')")
    story.signer.list_signing_jobs()

    before = story.server.world.clock.now()
    click(browser, "+365 days")
    browser.wait_for(f"document.querySelector('#now').innerText.startsWith('{before.year + 1}')")
    click(browser, "Resume")
    browser.wait_for(f"document.querySelector('#now').innerText.startsWith('{before.year}')")


@needs_browser
def test_the_page_tells_when_the_server_is_gone(story: Story, browser: Browser) -> None:
    browser.open(story.url)
    browser.wait_for("document.body?.innerText.includes('connected')")
    story.server.stop()
    browser.wait_for("document.body.innerText.includes('no answer')")
    browser.run("1")
    assert all("ERR_CONNECTION_REFUSED" in one for one in browser.problems)
    browser.problems.clear()


def test_the_address_of_the_server_leads_to_the_page(signer_server: SignerServer) -> None:
    answer = http(f"{signer_server.url}/")
    assert (answer.status, answer.error) == (404, "UnknownOperationException")
    assert "For the page see /_signer_mock/." in answer.json["message"]
