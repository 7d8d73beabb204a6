"""Every probe against our own server: the mock does what the ledger says, seen from outside."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from signer_mock._cli.parity import main
from signer_mock._parity import run as run_module
from signer_mock._parity.cleanup import take_back
from signer_mock._parity.probes import load_probes
from signer_mock._parity.send import Effects, Sender
from signer_mock.server import serve_world
from tests.helpers.parity import SECOND, equip, second_profile

PROBES = load_probes()
ROWS = sorted({row for probe in PROBES for row in probe.rows})
# An unsigned request has only its host to say which service it is for.
NEEDS_AWS = {"all.unsigned-request-403"}
LEDGER = (Path(__file__).parents[2] / "docs" / "fidelity.md").read_text()


class OwnRun:
    """The result of one run with all options, and what each probe had changed when it ended."""

    def __init__(self, folder: Path) -> None:
        self.effects: dict[str, Effects] = {}
        self.report: dict[str, Any] = {}
        self.status = -1
        self._run(folder)

    def _run(self, folder: Path) -> None:
        order = iter(PROBES)

        def noting(sender: Sender, kept: Any) -> list[str]:
            probe = next(one for one in order if "live" not in one.needs)
            self.effects[probe.name] = sender.effects
            copied = Effects(**{k: list(v) for k, v in vars(sender.effects).items()})
            problems = take_back(sender, kept)
            self.effects[probe.name] = copied
            return problems

        with pytest.MonkeyPatch.context() as patch, serve_world(with_s3=True) as server:
            for name, value in second_profile(folder).items():
                patch.setenv(name, value)
            patch.setattr(run_module, "take_back", noting)
            options = [*equip(server.client), "--second-profile", "second"]
            file = folder / "recording.json"
            self.status = main(["--endpoint-url", server.url, *options, "--record", str(file)])
            self.report = json.loads(file.read_text())


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> OwnRun:
    return OwnRun(tmp_path_factory.mktemp("parity"))


def test_our_own_server_is_the_same_in_every_row(own: OwnRun) -> None:
    assert own.status == 0
    assert own.report["problems"] == []
    assert own.report["counts"] == {
        "same": len(ROWS) - len(NEEDS_AWS),
        "wording": 0,
        "shape": 0,
        "status": 0,
        "not run": len(NEEDS_AWS),
    }


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_the_same(own: OwnRun, row: str) -> None:
    found = own.report["rows"][row]
    assert found["differences"] == []
    assert found["result"] == ("not run" if row in NEEDS_AWS else "same"), found["reasons"]


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_a_probe_leaves_behind_what_it_says(own: OwnRun, probe: Any) -> None:
    if "live" in probe.needs:
        pytest.skip("runs against AWS only")
    effects = own.effects[probe.name]
    made = set(effects.profiles)
    changed = {
        "objects": effects.objects,
        "permissions": effects.permitted,
        "tags": effects.tagged,
        "jobs": effects.jobs or effects.payloads,
        "profile": made,
        "revocation": effects.revoked,
    }
    assert set(probe.leaves) == {name for name, things in changed.items() if things}
    assert made == ({f"signer_mock_parity_{probe.makes}"} if probe.makes else set())


def test_most_rows_of_the_ledger_have_a_probe() -> None:
    rows = re.findall(r"^\| ([a-z-]+\.[a-z0-9-]+) \|", LEDGER, re.MULTILINE)
    # The probes call AWS Signer only, so the rows of other services and of policies do not count.
    own = [row for row in rows if not row.startswith(("ecr.", "iam.", "lambda."))]
    assert len(ROWS) > 0.7 * len(own)


def test_what_remains_is_what_is_there(own: OwnRun) -> None:
    kept = [line for line in own.report["remains"] if line.startswith("the profile")]
    assert len(kept) == len({probe.makes for probe in PROBES if probe.makes})
    assert not any("object" in line for line in own.report["remains"])


def test_a_second_run_uses_the_same_profiles_and_takes_no_new_name(tmp_path: Path) -> None:
    with serve_world() as server:
        first = main(["--endpoint-url", server.url, "--record", str(tmp_path / "first")])
        names = {one["profileName"] for one in profiles(server)}
        second = main(["--endpoint-url", server.url, "--record", str(tmp_path / "second")])
        assert (first, second) == (0, 0)
        assert {one["profileName"] for one in profiles(server)} == names
        assert len(names) == 4
        lambda_arn = next(one["arn"] for one in profiles(server) if one["status"] == "Active")
        signer = server.client()
        assert signer.list_tags_for_resource(resourceArn=lambda_arn)["tags"] == {}
        with pytest.raises(signer.exceptions.ResourceNotFoundException, match="No policies"):
            signer.list_profile_permissions(profileName=lambda_arn.rpartition("/")[2])
    rows = json.loads((tmp_path / "second").read_text())["rows"]
    assert rows["put.version-ten-mixed"]["result"] == "not run"
    assert "another --prefix" in rows["put.version-ten-mixed"]["reasons"][0]
    assert rows["cancel.may-repeated-same"]["result"] == "not run"  # a part of it
    assert rows["permissions.whole-policy-one"]["result"] == "same"


def profiles(server: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.client().list_signing_profiles(includeCanceled=True)[
        "profiles"
    ]
    return found


def test_the_second_principal_is_another_account() -> None:
    assert SECOND not in LEDGER
