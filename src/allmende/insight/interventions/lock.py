"""What was written down before the start, so that nobody can say afterwards that they expected what came.

The words are kept, and their SHA-256 stands on every result.  Anybody can compute it again: it is taken over the JSON text
of the words in UTF-8 with sorted keys and without spaces.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from allmende.insight.models import Intervention, InterventionSite

VERSION: Final = 1


def words_of(
    intervention: Intervention, sites: Iterable[InterventionSite], *, now: datetime, is_late: bool
) -> dict[str, Any]:
    """What is locked, as plain JSON values."""
    return {
        "version": VERSION,
        "locked_at": now.isoformat(),
        "is_late": is_late,
        **_wording(intervention, sites),
    }


def _wording(intervention: Intervention, sites: Iterable[InterventionSite]) -> dict[str, Any]:
    return {
        "title": intervention.title,
        "kind": intervention.kind,
        "what": intervention.what,
        "organisation": intervention.organisation.name,
        "sites": [
            {
                "site": one.site_id,
                "name": one.site.name,
                "part": one.part,
                "starts_on": _day(one.starts_on) if one.part == InterventionSite.Part.TREATED else None,
            }
            for one in sorted(sites, key=lambda one: one.site_id)
        ],
        "starts_on": _day(intervention.starts_on),
        "ends_on": _day(intervention.ends_on),
        "hours": list(intervention.hours),
        "weekdays": list(intervention.weekdays),
        "hypothesis": intervention.hypothesis,
        "direction": intervention.direction,
        "expected_percent": intervention.expected_percent,
        "cost": None if intervention.cost is None else f"{intervention.cost:.2f}",
        "currency": intervention.currency,
        "amends": intervention.amends.slug if intervention.amends else None,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def seal(words: Mapping[str, Any]) -> str:
    """The SHA-256 of what is locked, 64 hexadecimal digits."""
    text = json.dumps(words, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def is_whole(intervention: Intervention, sites: Iterable[InterventionSite]) -> bool:
    """Whether the lock holds: the words are those of the seal, and the intervention still says the same, of the same moment.

    Names of places and organisations may have changed since; they are kept as they were.
    """
    if not intervention.lock or seal(intervention.locked) != intervention.lock:
        return False
    if intervention.locked_at != datetime.fromisoformat(intervention.locked["locked_at"]):
        return False
    now, then = _wording(intervention, sites), dict(intervention.locked)
    for told in (now, then):
        told["organisation"] = ""
        told["sites"] = [{**one, "name": ""} for one in told["sites"]]
    return all(then[key] == value for key, value in now.items())


def is_late(intervention: Intervention) -> bool:
    """Whether it was written down after the start."""
    return bool(intervention.locked.get("is_late"))
