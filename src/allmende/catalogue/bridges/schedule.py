"""Schedules: records to stored JSON, stored JSON to occurrences and calendar entries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from allmende.catalogue.values import ALL_DAY_RANK, ONGOING_RANK
from allmende.engines.recurrence import Occurrence as Expanded
from allmende.engines.recurrence import expand
from allmende.formats.ical.writer import CalendarEvent, join_calendar, vevent
from allmende.formats.records import Override, Schedule

__all__ = [
    "CalendarEvent",
    "Expanded",
    "Schedule",
    "days_of",
    "expand",
    "from_schedule",
    "join_calendar",
    "rule_fault",
    "shifted",
    "to_schedule",
    "vevent",
    "zone_of",
]

Moment = date | datetime
NIGHT_ENDS = time(5)
"""What ends before five in the morning belongs to the evening before."""
MOST_DAYS = 400
DAY = timedelta(days=1)
_UNTIL = re.compile(r"UNTIL=(\d{8})(T\d{6}Z?)?")


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """The time zone of that IANA name; UTC where there is none."""
    try:
        return ZoneInfo(name)
    except Exception:  # ZoneInfo raises several kinds for bad names
        return ZoneInfo("UTC")


def _text(moment: Moment | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _moment(text: str) -> Moment:
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def _maybe(text: str | None) -> Moment | None:
    return _moment(text) if text else None


def from_schedule(schedule: Schedule) -> dict[str, Any]:
    """The stored form; dates have 10 characters, local times more."""
    value: dict[str, Any] = {"start": _text(schedule.start), "end": _text(schedule.end)}
    if schedule.rrule:
        value["rrule"] = schedule.rrule
    if schedule.rdates:
        value["rdates"] = [_text(moment) for moment in schedule.rdates]
    if schedule.exdates:
        value["exdates"] = [_text(moment) for moment in schedule.exdates]
    if schedule.dates:
        value["dates"] = [[_text(start), _text(end)] for start, end in schedule.dates]
    if schedule.overrides:
        value["overrides"] = [
            [_text(o.recurrence_id), _text(o.start), _text(o.end), o.name, o.cancelled] for o in schedule.overrides
        ]
    return value


def to_schedule(value: Mapping[str, Any], timezone: str) -> Schedule:
    """The schedule of a stored value."""
    return Schedule(
        start=_moment(value["start"]),
        end=_maybe(value.get("end")),
        timezone=timezone,
        rrule=value.get("rrule", ""),
        rdates=[_moment(text) for text in value.get("rdates", ())],
        exdates=[_moment(text) for text in value.get("exdates", ())],
        dates=[(_moment(start), _maybe(end)) for start, end in value.get("dates", ())],
        overrides=[
            Override(_moment(at), _maybe(start), _maybe(end), name, cancelled)
            for at, start, end, name, cancelled in value.get("overrides", ())
        ],
    )


def shifted(schedule: Schedule, days: int) -> Schedule:
    """The same schedule, moved as a whole by ``days``."""
    if not days:
        return schedule
    step = timedelta(days=days)

    def until(match: re.Match[str]) -> str:
        moved = datetime.strptime(match[1], "%Y%m%d").replace(tzinfo=UTC) + step
        return f"UNTIL={moved:%Y%m%d}{match[2] or ''}"

    return replace(
        schedule,
        start=schedule.start + step,
        end=schedule.end + step if schedule.end else None,
        rrule=_UNTIL.sub(until, schedule.rrule),
        rdates=[moment + step for moment in schedule.rdates],
        exdates=[moment + step for moment in schedule.exdates],
        dates=[(start + step, end + step if end else None) for start, end in schedule.dates],
        overrides=[
            replace(
                o,
                recurrence_id=o.recurrence_id + step,
                start=o.start + step if o.start else None,
                end=o.end + step if o.end else None,
            )
            for o in schedule.overrides
        ],
    )


def days_of(occurrence: Expanded, first: date, last: date) -> list[tuple[date, int]]:
    """The local days of an occurrence within [first, last], each with its rank in the day."""
    start, end = occurrence.start, occurrence.end
    if isinstance(start, datetime):
        begin, rank = start.date(), start.hour * 60 + start.minute
    else:
        begin, rank = start, ALL_DAY_RANK
    if end is None:
        final = begin
    elif isinstance(end, datetime):
        final = end.date()
        if final != begin and end.time() <= NIGHT_ENDS:
            final -= DAY
    else:
        final = end
    days = [(begin, rank)] if first <= begin <= last else []
    if final > begin:
        final = min(final, begin + MOST_DAYS * DAY, last)
        day = max(begin + DAY, first)
        while day <= final:
            days.append((day, ONGOING_RANK))
            day += DAY
    return days


def rule_fault(value: Mapping[str, Any], timezone: str) -> str:
    """What is wrong with the rule of a stored schedule, in a sentence; ``""`` if it can be followed."""
    schedule = to_schedule(value, timezone)
    begin = schedule.start if isinstance(schedule.start, datetime) else datetime.combine(schedule.start, time())
    after = begin.replace(tzinfo=zone_of(timezone)).astimezone(UTC) - timedelta(days=1)
    try:
        found = expand(schedule, after=after, before=after + timedelta(days=800), limit=5)
    except ValueError as error:
        return str(error)
    return "" if found else "The rule gives no date. Correct the start, the rule or the exceptions."
