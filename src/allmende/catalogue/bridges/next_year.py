"""Stored schedules moved to another year; the arithmetic is the engine's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from allmende.catalogue.bridges.schedule import from_schedule, to_schedule
from allmende.engines import next_year as engine
from allmende.engines.holidays import is_public_holiday
from allmende.engines.next_year import Way, same_weekday
from allmende.engines.recurrence import expand
from allmende.formats.records import Override, Schedule

__all__ = ["Moved", "Way", "first_day", "move", "same_weekday"]

LOOKED_AT: Final = 400
"""Dates of one event that are compared with the public holidays."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A schedule on its new days."""

    schedule: dict[str, Any]
    """In stored form."""
    holidays: list[date]
    """Days of it that are public holidays."""
    is_by_date: bool
    """Its rule holds on to a date such as the 14th, not to a weekday."""
    is_endless: bool
    """Its rule has no end, so that it comes again by itself."""
    exceptions: int
    """Dates that fall out or differ, which moved along."""


def first_day(schedule: Mapping[str, Any], timezone: str, *, year: int | None, way: Way, today: date) -> date:
    """Where the first day belongs in ``year``; None: in the first later year in which it is not in the past."""
    value = to_schedule(schedule, timezone)
    return engine.aim(value, year, way) if year else engine.next_aim(value, today, way)


def move(schedule: Mapping[str, Any], timezone: str, first: date, country: str) -> Moved:
    """The stored schedule with its first day on ``first``.  Raises ``ValueError`` for a rule that cannot be followed."""
    value = to_schedule(schedule, timezone)
    rule = engine.moved(value, first)
    begin = datetime.combine(first, time(0), tzinfo=UTC) - timedelta(days=2)
    days = {_day(one.start) for one in expand(rule, after=begin, before=begin + timedelta(days=LOOKED_AT))}
    stored = Schedule(
        start=rule.start,
        end=rule.end,
        timezone=timezone,
        rrule=rule.rrule,
        rdates=list(rule.rdates),
        exdates=list(rule.exdates),
        dates=list(rule.dates),
        overrides=[Override(one.recurrence_id, one.start, one.end, one.name, one.cancelled) for one in rule.overrides],
    )
    return Moved(
        from_schedule(stored),
        sorted(day for day in days if is_public_holiday(country, "", day)),
        is_by_date=engine.bound_to(rule.rrule) == "date",
        is_endless=bool(rule.rrule) and not {"UNTIL", "COUNT"} & _names(rule.rrule),
        exceptions=len(rule.exdates) + len(rule.overrides),
    )


def _day(when: date | datetime) -> date:
    return when.date() if isinstance(when, datetime) else when


def _names(rule: str) -> set[str]:
    return {part.partition("=")[0].strip().upper() for part in rule.split(";")}
