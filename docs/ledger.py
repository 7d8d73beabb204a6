"""Give each row of ``docs/fidelity.md`` an id, and update the numbers drawn from the rows.

Run it after changing rows: ``python docs/ledger.py``. It counts the rows by operation and
confidence for ``docs/reference/operations.md`` and for every sentence that tells how many there
are.

An id is the operation's short name, a dot, and the first significant words of the behaviour as it
read then. It stays as it is when the text changes later, because probes refer to it; so never edit
an id, and never give one twice.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONFIDENCES = ("documented", "seen live", "assumed")
COUNTED = ("README.md", "docs/fidelity.md", "docs/reference/operations.md")
LEDGER = Path(__file__).parent / "fidelity.md"
#: Every row ends in its test.
ROW = re.compile(r"\|.*\| `tests/[^`|]+` \|")

SHORT_NAMES = {
    "ListSigningPlatforms": "platforms",
    "GetSigningPlatform": "platform",
    "PutSigningProfile": "put",
    "GetSigningProfile": "get",
    "ListSigningProfiles": "profiles",
    "CancelSigningProfile": "cancel",
    "AddProfilePermission": "add",
    "ListProfilePermissions": "permissions",
    "RemoveProfilePermission": "remove",
    "StartSigningJob": "start",
    "SignPayload": "payload",
    "DescribeSigningJob": "describe",
    "ListSigningJobs": "jobs",
    "RevokeSignature": "revoke",
    "RevokeSigningProfile": "revoke-profile",
    "GetRevocationStatus": "status",
    "TagResource": "tag",
    "UntagResource": "untag",
    "ListTagsForResource": "tags",
    "All operations": "all",
    "Identity policies": "iam",
    "Lambda deployments": "lambda",
    "CloudFormation stacks": "stack",
    "Managed signing in ECR": "ecr",
}
FILLERS = frozenset(
    """
    a an and are as at be by for from has have in is it its of on only or so than that the then
    there they this to too which with without
    """.split()
)
WORDS = 3


def new_id(operation: str, behaviour: str, taken: set[str]) -> str:
    """The id of a row that has none: as few words as make it unique, but at least three."""
    every = re.findall(r"[a-z0-9]+", behaviour.lower().replace("'", ""))
    words = [word for word in every if word not in FILLERS] or every
    for count in range(WORDS, len(words) + 1):
        found = f"{SHORT_NAMES[operation]}.{'-'.join(words[:count])}"
        if found not in taken:
            return found
    start = f"{SHORT_NAMES[operation]}.{'-'.join(words)}"
    numbered = (f"{start}-{number}" for number in range(2, len(taken) + 3))
    return start if start not in taken else next(one for one in numbered if one not in taken)


def cells_of(line: str) -> list[str]:
    """The cells of a row of the ledger; none for any other line."""
    return [cell.strip() for cell in line.strip("|").split("|")] if ROW.fullmatch(line) else []


def with_ids(text: str) -> str:
    """The ledger with an id in each row."""
    lines = text.splitlines()
    rows = {number: cells for number, line in enumerate(lines) if (cells := cells_of(line))}
    taken = {row[0] for row in rows.values() if len(row) == 6}
    for number, row in rows.items():
        if len(row) == 5:
            row.insert(0, "")
        row[0] = row[0] or new_id(row[1], row[2], taken)
        taken.add(row[0])
        lines[number] = f"| {' | '.join(row)} |"
    return "\n".join(lines) + "\n"


def rows_of(text: str) -> list[list[str]]:
    """The cells of each row of the ledger."""
    return [cells for line in text.splitlines() if (cells := cells_of(line))]


def with_numbers(text: str, rows: list[list[str]]) -> str:
    """A page with its numbers of behaviours brought up to date."""
    total = Counter(row[3] for row in rows)
    by_operation = Counter((row[1], row[3]) for row in rows)
    sentence = r"\d+( behaviours:?\s+)\d+( are documented, )\d+( seen live, and\s+)\d+( assumed)"
    numbers = [str(total[confidence]) for confidence in CONFIDENCES]
    text = re.sub(
        sentence,
        rf"{len(rows)}\g<1>{numbers[0]}\g<2>{numbers[1]}\g<3>{numbers[2]}\g<4>",
        text,
    )
    lines = text.splitlines()
    for number, line in enumerate(lines):
        # A row of the table by operation: a name, two columns of text, three numbers.
        match = re.fullmatch(
            r"(\|\s*(\[?)(\w[\w ]*?)(?:\]\([^)]*\))?\s*\|.*?)((?:\| \d+ ){3}\|)", line
        )
        if match and (match[3] in SHORT_NAMES or match[3] == "Total"):
            counts = (
                total[confidence] if match[3] == "Total" else by_operation[match[3], confidence]
                for confidence in CONFIDENCES
            )
            lines[number] = match[1] + "".join(f"| {count} " for count in counts) + "|"
    return "\n".join(lines) + "\n"


def main() -> None:
    """Bring the ledger and the pages that count its rows up to date."""
    LEDGER.write_text(with_ids(LEDGER.read_text()))
    rows = rows_of(LEDGER.read_text())
    for name in COUNTED:
        page = ROOT / name
        page.write_text(with_numbers(page.read_text(), rows))


if __name__ == "__main__":
    main()
