"""Give each row of ``docs/fidelity.md`` an id, where it has none yet.

Run it after adding rows: ``python docs/ledger_ids.py``. An id is the operation's short name, a
dot, and the first significant words of the behaviour as it read then. It stays as it is when the
text changes later, because probes refer to it; so never edit an id, and never give one twice.
"""

from __future__ import annotations

import re
from pathlib import Path

LEDGER = Path(__file__).parent / "fidelity.md"
HEADER = "| Id | Operation | Behaviour | Confidence | Source | Test |"

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


def with_ids(text: str) -> str:
    """The ledger with an id in each row of its table of behaviours."""
    lines = text.splitlines()
    headers = {HEADER, HEADER.replace(" Id |", "", 1)}
    start = next(number for number, line in enumerate(lines) if line in headers)
    end = next(n for n in range(start, len(lines)) if not lines[n].startswith("|"))
    rows = [line.strip("|").split("|") for line in lines[start + 2 : end]]
    rows = [[cell.strip() for cell in row] for row in rows]
    taken = {row[0] for row in rows if len(row) == 6}
    for row in rows:
        if len(row) == 5:
            row.insert(0, "")
        row[0] = row[0] or new_id(row[1], row[2], taken)
        taken.add(row[0])
    table = [HEADER, "|---|---|---|---|---|---|"]
    lines[start:end] = table + [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    LEDGER.write_text(with_ids(LEDGER.read_text()))
