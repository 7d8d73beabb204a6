"""What a run is given, and what it finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from signer_mock._parity.compare import Difference
from signer_mock._parity.guard import Target
from signer_mock._parity.send import Answer

#: The result of a row that was not looked at, beside the tiers.
NOT_RUN = "not run"


@dataclass(frozen=True)
class Given:
    """What the command line gave beside the target.

    Attributes:
        partition: Of the region.
        principal: The ARN of the caller.
        certificate: An ACM certificate's ARN, for the platforms that need one.
        role: The ARN of a role of the account.
        second: The account of the second principal.
    """

    partition: str
    principal: str
    certificate: str | None = None
    role: str | None = None
    second: str | None = None

    def lacks(self, target: Target, needs: Iterable[str]) -> list[str]:
        """Return the options that a probe needs and that were not given."""
        there = {
            "bucket": target.bucket,
            "certificate": self.certificate,
            "role": self.role,
            "second": self.second,
            "irreversible": target.irreversible,
            "live": target.live,
        }
        options = {"certificate": "--certificate-arn", "role": "--role-arn"}
        options["second"] = "--second-profile"
        return sorted(options.get(need, f"--{need}") for need in needs if not there[need])


@dataclass(frozen=True)
class Outcome:
    """What one check of one probe found for one row."""

    row: str
    tier: str
    probe: str
    operation: str
    differences: tuple[Difference, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Capture:
    """A call as it was sent and answered."""

    probe: str
    operation: str
    params: Mapping[str, Any]
    answer: Answer
