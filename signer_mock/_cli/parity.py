"""``signer-mock parity``: compare an endpoint, or AWS itself, with the ledger, row by row."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.session import get_session

from signer_mock._cli.files import read_file, sentence_of
from signer_mock._intercept.hosts import is_aws_host
from signer_mock._parity.guard import Target
from signer_mock._parity.ledger import RecordingError, propose
from signer_mock._parity.plan import make_plan, plan_text
from signer_mock._parity.probes import Probe, load_probes
from signer_mock._parity.records import Given, Outcome
from signer_mock._parity.report import (
    exit_status,
    make_report,
    report_markdown,
    report_text,
)
from signer_mock._parity.run import Run
from signer_mock._parity.send import NoAnswerError, Sender
from signer_mock.errors import SignerMockError

_ACCOUNT = "123456789012"
_CANNOT_RUN = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the probes, or show what they would do, or turn a recording into a patch.

    Args:
        arguments: The command line after ``parity``.

    Returns:
        0 if every row that was looked at is the same, 1 if some differ, 2 if it could not run.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["apply"]:
        return _apply(words[1:])
    parser = _parser()
    options = parser.parse_args(words)
    _check(parser, options)
    try:
        return _compare(options)
    except NoAnswerError as error:
        print(f"signer-mock parity: {error}", file=sys.stderr)
        return _CANNOT_RUN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "signer-mock parity",
        description="Compare AWS Signer, or an emulator of it, with what this mock does, row by "
        "row of docs/fidelity.md. Exit status: 0 all the same, 1 differences, 2 it could not run.",
        epilog="signer-mock parity apply FILE [--ledger docs/fidelity.md] prints what a recording "
        "of AWS changes in the ledger, as a patch.",
    )
    add = parser.add_argument
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--endpoint-url", metavar="URL", help="an emulator's address")
    where.add_argument("--live", action="store_true", help="AWS itself; needs --account-id")
    add("--account-id", metavar="ID", help="the account that is called (--live: typed on purpose)")
    add("--profile", help="of your AWS configuration (default with --endpoint-url: made-up keys)")
    add("--region", help="(default: the profile's, or us-east-1 with --endpoint-url)")
    add("--prefix", default="signer_mock_parity", help="begins the name of all that is made")
    add("--bucket", help="a versioned bucket for the jobs of StartSigningJob")
    add("--certificate-arn", metavar="ARN", help="an ACM certificate, for IoT and FreeRTOS")
    add("--role-arn", metavar="ARN", help="a role of the account, as a principal")
    add("--second-profile", metavar="NAME", help="a profile of another account")
    add("--irreversible", action="store_true", help="revoke too, which cannot be undone")
    add("--only", action="append", metavar="PROBE", help="these probes only; may be repeated")
    add("--plan", action="store_true", help="send nothing: show calls, permissions, what remains")
    add("--json", action="store_true", help="print JSON")
    add("--markdown", action="store_true", help="print Markdown")
    add("--record", type=Path, metavar="FILE", help="write the report and all answers, redacted")
    return parser


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if not options.live and not options.endpoint_url:
        parser.error("say where: --endpoint-url URL, or --live --account-id ID for AWS itself")
    if options.live and not options.account_id:
        parser.error("--live needs --account-id, typed, so that no other account is called")
    if options.account_id and not re.fullmatch("[0-9]{12}", options.account_id):
        parser.error(f"--account-id {options.account_id}: an account id has twelve digits")
    if not re.fullmatch("[A-Za-z0-9_]{2,24}", options.prefix):
        parser.error(f"--prefix {options.prefix}: 2 to 24 letters, digits and underscores")
    host = urlsplit(options.endpoint_url or "").hostname or ""
    if options.endpoint_url and not host:
        parser.error(f"--endpoint-url {options.endpoint_url}: expected http://host:port")
    if is_aws_host(host):
        parser.error(f"{host} is AWS itself: use --live --account-id ID")


def _compare(options: argparse.Namespace) -> int:
    region = options.region or ("us-east-1" if options.endpoint_url else _region(options.profile))
    target = Target(
        account_id=options.account_id or _ACCOUNT,
        region=region,
        prefix=options.prefix,
        endpoint_url=options.endpoint_url,
        profile=options.profile,
        second_profile=options.second_profile,
        bucket=options.bucket,
        irreversible=options.irreversible,
    )
    sender = Sender(target)
    given = _given(options, target, sender)
    probes = _chosen(options.only)
    if options.plan:
        plan = make_plan(probes, target, given)
        print(json.dumps(plan, indent=1) if options.json else plan_text(plan))
        return 0
    run = Run(probes, sender, given, progress=_progress)
    run.play()
    report = make_report(run)
    if options.record:
        recording = make_report(run, captures=True)
        options.record.write_text(json.dumps(recording, indent=1) + "\n", encoding="utf-8")
    if options.json:
        print(json.dumps(report, indent=1))
    else:
        print(report_markdown(report) if options.markdown else report_text(report))
    return exit_status(report)


def _region(profile: str | None) -> str:
    session = get_session()
    session.set_config_variable("profile", profile)
    region = session.get_config_variable("region")
    if not region:
        msg = "No region: give --region, or set one in the profile."
        raise NoAnswerError(msg)
    return str(region)


def _given(options: argparse.Namespace, target: Target, sender: Sender) -> Given:
    partition = get_session().get_partition_for_region(target.region)
    principal = f"arn:{partition}:iam::{target.account_id}:root"
    second = None
    if not options.plan:
        if target.live:
            account, principal = _identity(sender, "first")
            if account != target.account_id:
                msg = (
                    f"These credentials are of another account than {target.account_id}. "
                    "Nothing was sent to AWS Signer."
                )
                raise NoAnswerError(msg)
        if options.second_profile:
            second, _ = _identity(sender, "second")
    elif options.second_profile:
        second = "{second}"
    return Given(partition, principal, options.certificate_arn, options.role_arn, second)


def _identity(sender: Sender, caller: str) -> tuple[str, str]:
    answer = sender.call("GetCallerIdentity", {}, service="sts", caller=caller)
    if not answer.succeeded:
        msg = f"GetCallerIdentity of the {caller} principal answered {answer.status} {answer.error}"
        raise NoAnswerError(msg)
    return str(answer.body.get("Account")), str(answer.body.get("Arn"))


def _chosen(names: Sequence[str] | None) -> list[Probe]:
    probes = load_probes()
    if not names:
        return probes
    unknown = sorted(set(names) - {probe.name for probe in probes})
    if unknown:
        msg = f"No probe {', '.join(unknown)}; there are {', '.join(p.name for p in probes)}."
        raise NoAnswerError(msg)
    used = {profile for probe in probes if probe.name in names for profile in probe.uses}
    return [probe for probe in probes if probe.name in names or probe.makes in used]


def _progress(probe: Probe, outcomes: Sequence[Outcome]) -> None:
    tiers = [outcome.tier for outcome in outcomes]
    found = ", ".join(f"{tiers.count(tier)} {tier}" for tier in dict.fromkeys(tiers))
    print(f"{probe.name:24} {found}", file=sys.stderr, flush=True)


def _apply(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("signer-mock parity apply")
    parser.add_argument("recording", type=Path, help="what --record wrote")
    parser.add_argument("--ledger", type=Path, default=Path("docs/fidelity.md"))
    options = parser.parse_args(words)
    try:
        recording = _read_recording(options.recording)
        ledger = read_file(options.ledger).decode("utf-8", errors="replace")
        patch = propose(recording, ledger, options.ledger.as_posix())
    except (OSError, SignerMockError) as error:
        said = sentence_of(error) if isinstance(error, OSError) else error
        print(f"signer-mock parity apply: {said}", file=sys.stderr)
        return _CANNOT_RUN
    if patch:
        print(patch)
    return 0


def _read_recording(path: Path) -> dict[str, Any]:
    try:
        recording = json.loads(read_file(path))
    except ValueError:
        recording = None
    if not isinstance(recording, dict):
        msg = f"{path} is not a recording of signer-mock parity."
        raise RecordingError(msg)
    return recording
