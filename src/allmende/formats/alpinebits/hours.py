"""Opening hours of DestinationData: weekly schedules with a season, and single days."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from allmende.formats.objects import text_of, thing, things
from allmende.formats.records import Hours
from allmende.formats.schema_org.dates import parse_clock

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MAX_LINES: Final = 300


def read_hours(value: Any) -> list[Hours]:
    """Lines of opening hours, each once; days with the same hours together."""
    found: dict[tuple[str, str, date | None, date | None], set[int]] = {}
    for week in things(thing(value).get("weeklySchedules")):
        first, last = _date(week.get("validFrom")), _date(week.get("validTo"))
        if first is not None and last is not None and last < first:
            continue
        for number, name in enumerate(_DAYS):
            for opens, closes in _spans(week.get(name)):
                found.setdefault((opens, closes, first, last), set()).add(number)
    for text, spans in list(thing(thing(value).get("dailySchedules")).items())[:MAX_LINES]:
        day = _date(text)
        if day is not None:
            for opens, closes in _spans(spans) if spans else [("", "")]:
                found.setdefault((opens, closes, day, day), set()).add(day.weekday())
    lines = [Hours(tuple(sorted(days)), *name[:2], name[2], name[3]) for name, days in found.items()]
    return lines[:MAX_LINES]


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(text_of(value)[:10])
    except ValueError:
        return None


def _spans(value: Any) -> list[tuple[str, str]]:
    found = []
    for item in things(value):
        opens, closes = parse_clock(text_of(item.get("opens"))), parse_clock(text_of(item.get("closes")))
        if opens is not None and closes is not None and (opens != closes or opens.hour == 0):
            found.append((f"{opens:%H:%M}", f"{closes:%H:%M}"))
    return found
