"""Every figure that a run reports, with its target: the rows of the table, in order."""

from __future__ import annotations

from typing import NamedTuple

_TIMES = "\N{MULTIPLICATION SIGN}"


class Target(NamedTuple):
    """What one row measures, and how far it should reach.

    Attributes:
        group: The group that measures it.
        what: The row's text.
        unit: What the number is; ``x`` is a ratio.
        limit: The target.
        at_least: Whether the number should reach the limit; otherwise it should stay below it.
    """

    group: str
    what: str
    unit: str
    limit: float
    at_least: bool = False

    def is_met(self, value: float) -> bool:
        """Tell whether a number, rounded as the table shows it, meets the target."""
        value = float(self.number(value))
        return value >= self.limit if self.at_least else value <= self.limit

    def number(self, value: float) -> str:
        """Write a number as the table shows it, without its unit."""
        return f"{value:.0f}" if abs(value) >= 100 or self.unit == "µs" else f"{value:.2f}"

    def figure(self, value: float) -> str:
        """Write a number with its unit."""
        return f"{self.number(value)}{_TIMES if self.unit == 'x' else ' ' + self.unit}"

    @property
    def reach(self) -> str:
        """The target as text."""
        bound = "at least" if self.at_least else "at most"
        unit = _TIMES if self.unit == "x" else f" {self.unit}"
        return f"{bound} {self.limit:g}{unit}"


TARGETS: dict[str, Target] = {
    "import": Target("startup", "import beyond `import boto3`", "ms", 12),
    "import_of_moto": Target("startup", "the same, as a share of moto's", "x", 0.1),
    "first_use": Target(
        "startup", "import, first start and first call together / moto's", "x", 0.25
    ),
    "enter_leave": Target("startup", "enter and leave", "µs", 60),
    "enter_leave_moto": Target("startup", "moto's enter and leave / ours", "x", 70, at_least=True),
    "first_call": Target("startup", "first call of a process, beyond a canned one", "ms", 6),
    "first_signature": Target(
        "startup",
        "first signature of a process, beyond cryptography's import and four P-384 keys and "
        "signatures",
        "ms",
        5,
    ),
    "pytest": Target("startup", "pytest's start with the plugin, unused", "ms", 3),
    "get": Target("calls", "GetSigningProfile / canned", "x", 1.10),
    "put": Target("calls", "PutSigningProfile / canned", "x", 1.15),
    "list": Target("calls", "ListSigningJobs, a page of 25 / canned", "x", 1.20),
    "sign_payload": Target("calls", "SignPayload beyond canned, in P-384 signatures", "x", 1.25),
    "start_job": Target(
        "calls", "StartSigningJob, small zip, beyond canned, in P-384 signatures", "x", 1.5
    ),
    "threads": Target("calls", "8 threads mixed: throughput / canned", "x", 0.95, at_least=True),
    "zip_50": Target("archives", "50 MB zip / inflating and hashing it", "x", 1.1),
    "zip_250": Target("archives", "250 MB zip / inflating and hashing it", "x", 1.1),
    "memory_50": Target("archives", "50 MB zip: peak memory beyond the zip twice", "MB", 20),
    "memory_250": Target("archives", "250 MB zip: peak memory beyond the zip twice", "MB", 20),
    "moto_s3": Target(
        "archives", "a job over moto's S3 / moto's own GetObject and PutObject", "x", 1.5
    ),
    "page_first": Target("growth", "first page of 100,000 jobs / of 100", "x", 1.2),
    "page_middle": Target("growth", "page in the middle of 100,000 jobs / of 100", "x", 1.2),
    "page_last": Target("growth", "last page of 100,000 jobs / of 100", "x", 1.2),
    "filtered_first": Target("growth", "the same with a filter that 60 jobs pass: first", "x", 1.2),
    "filtered_middle": Target("growth", "with that filter: middle", "x", 1.2),
    "filtered_last": Target("growth", "with that filter: last", "x", 1.2),
    "snapshot": Target("growth", "snapshot and restore at 10,000 jobs", "ms", 20),
    "after_snapshot": Target("growth", "calls after them / before", "x", 1.05),
    "suite": Target(
        "suite", "500 decorated tests / with an empty context manager and canned answers", "x", 1.10
    ),
    "server_get": Target("server", "server, GetSigningProfile / ministack", "x", 1, at_least=True),
    "server_put": Target("server", "server, PutSigningProfile / ministack", "x", 1, at_least=True),
    "server_describe": Target(
        "server", "server, DescribeSigningJob / ministack", "x", 1, at_least=True
    ),
    "server_list": Target(
        "server", "server, ListSigningJobs of 25 / ministack", "x", 1, at_least=True
    ),
    "server_job": Target(
        "server", "server, StartSigningJob, own buckets / ministack", "x", 1, at_least=True
    ),
    "server_job_s3": Target(
        "server", "server, StartSigningJob, `--with-moto` / ministack", "x", 1, at_least=True
    ),
    "server_payload": Target(
        "server", "server, SignPayload / ministack's StartSigningJob", "x", 1, at_least=True
    ),
}
