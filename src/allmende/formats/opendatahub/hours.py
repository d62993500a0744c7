"""Opening hours of the Open Data Hub (``OperationSchedule``)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime
from typing import Any, Final

from allmende.formats.objects import Object, text_of, things, truth_of, whole_of
from allmende.formats.records import Hours
from allmende.formats.schema_org.dates import parse_clock, parse_when

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thuresday", "Friday", "Saturday", "Sunday")
"""The hub misspells Thursday; newer objects have both."""
_LEAP_YEAR: Final = 2000
_LONG_AGO: Final = 1990
_GENERAL: Final = (None, 0, 1)
"""Time codes that mean the house; the others mean the kitchen."""
_CLOSED: Final = 1
MAX_LINES: Final = 200


def read_hours(value: Any) -> list[Hours]:
    """Lines of opening hours, each once."""
    found: list[Hours] = []
    for season in things(value):
        bounds = _bounds(season)
        if bounds is None:
            continue
        for times in things(season.get("OperationScheduleTime")):
            line = _line(times, *bounds)
            if line is not None and line not in found and len(found) < MAX_LINES:
                found.append(line)
    return found


def _bounds(season: Object) -> tuple[date | None, date | None, bool] | None:
    """First and last day, and whether they count every year; None for a season that is none."""
    start, stop = _date(season.get("Start")), _date(season.get("Stop"))
    if start is not None and stop is not None and stop < start:
        return None
    kind = text_of(season.get("Type"))
    if kind in ("2", "3") and start is not None and stop is not None:
        if kind == "3":
            start, stop = start.replace(day=1), stop.replace(day=1)
            stop = stop.replace(day=monthrange(_LEAP_YEAR, stop.month)[1], year=_LEAP_YEAR)
        return start.replace(year=_LEAP_YEAR), stop.replace(year=_LEAP_YEAR), True
    return (start if start is not None and start.year > _LONG_AGO else None), stop, False


def _date(value: Any) -> date | None:
    found = parse_when(text_of(value)[:19], "UTC") if isinstance(value, str) else None
    return found.date() if isinstance(found, datetime) else found


def _line(times: Object, start: date | None, stop: date | None, every_year: bool) -> Hours | None:
    days = tuple(
        number
        for number, name in enumerate(_DAYS)
        if truth_of(times.get(name)) or (name == "Thuresday" and truth_of(times.get("Thursday")))
    )
    if not days or whole_of(times.get("Timecode"), 0, 99) not in _GENERAL:
        return None
    if whole_of(times.get("State"), 0, 99) == _CLOSED:
        return Hours(days, "", "", start, stop, every_year)
    opens, closes = parse_clock(text_of(times.get("Start"))), parse_clock(text_of(times.get("End")))
    if opens is None or closes is None or (opens == closes and (opens.hour or opens.minute)):
        return None
    return Hours(days, f"{opens:%H:%M}", f"{closes:%H:%M}", start, stop, every_year)
