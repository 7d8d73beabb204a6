"""moto's EventBridge: job events reach the rules and targets of a test."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from signer_mock._moto.backends import find_backend, moto_answers


def put_on_moto_bus(event: Mapping[str, Any]) -> str | None:
    """Put an event on the default bus of its account and region.

    Args:
        event: As EventBridge delivers it.

    Returns:
        The id under which moto delivers it; None where moto has no rules to send it to.
    """
    if not moto_answers("events"):
        return None
    backend = find_backend("events", event["account"], event["region"])
    if backend is None:
        return None
    [entry] = backend.put_events(
        [
            {
                "Source": event["source"],
                "DetailType": event["detail-type"],
                "Detail": json.dumps(event["detail"]),
                "Resources": event["resources"],
                "Time": dt.datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp(),
            }
        ]
    )
    event_id: str | None = entry.get("EventId")
    return event_id
