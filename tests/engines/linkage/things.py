"""Records for the tests, with little to write."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from allmende.engines.linkage import Decision, Thing, decide, prepare

ON_THE_SQUARE = {"lon": 11.3441, "lat": 47.9979, "street": "Vogelanger 2", "locality": "Starnberg"}
EVENING = datetime(2026, 2, 14, 20, 0)


def place(id: str, name: str, **more: Any) -> Thing:
    return Thing(**({"id": id, "kind": "place", "source": f"source of {id}", "names": (name,)} | more))


def event(id: str, name: str, start: datetime | date = EVENING, **more: Any) -> Thing:
    told = {"id": id, "kind": "event", "source": f"source of {id}", "names": (name,), "dates": ((start, None),)}
    return Thing(**(told | ON_THE_SQUARE | more))


def compared(left: Thing, right: Thing) -> Decision:
    return decide(prepare(left), prepare(right))


def codes(decision: Decision) -> set[str]:
    return {reason.code for reason in decision.reasons}
