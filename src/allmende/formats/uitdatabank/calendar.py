"""Dates and opening hours of the UiTdatabank: single, multiple, periodic, permanent."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from allmende.formats.objects import Notes, Object, text_of, thing, things
from allmende.formats.occasions import Occasion, occasion, schedule_of, weekly_from_hours
from allmende.formats.records import Hours, Schedule
from allmende.formats.schema_org.dates import parse_clock, parse_when

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MAX_LINES: Final = 200


def read_calendar(value: Object, timezone: str, note: Notes) -> tuple[Schedule | None, str]:
    """The schedule of an event and its status; None if it names no date."""
    dates = [one for item in things_of_all(value.get("subEvent")) if (one := _part(item, timezone, note))]
    periodic = text_of(value.get("calendarType")) == "periodic"
    schedule: Schedule | None
    if periodic or not dates:
        own = occasion(value.get("startDate"), value.get("endDate"), timezone, note)
        schedule = (
            _period(own, value, timezone) if periodic and own else schedule_of([own] if own else [], timezone, note)
        )
    else:
        schedule = schedule_of(dates, timezone, note)
    return schedule, _status(value, dates)


def things_of_all(value: Any) -> list[Object]:
    """Objects of a list of any length: an event may have a thousand dates, and all of them count."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else things(value)


def _part(item: Object, timezone: str, note: Notes) -> Occasion | None:
    return occasion(item.get("startDate"), item.get("endDate"), timezone, note, cancelled=_state(item) != "Available")


def _state(item: Object) -> str:
    return text_of(thing(item.get("status")).get("type")) or "Available"


def _status(value: Object, dates: list[Occasion]) -> str:
    state = _state(value)
    if state == "Available" and dates and all(one.cancelled for one in dates):
        state = "Unavailable"
    if state == "Unavailable":
        return "cancelled"
    if state == "TemporarilyUnavailable":
        return "postponed"
    parts = [thing(item.get("bookingAvailability")) for item in things_of_all(value.get("subEvent"))]
    booking = [thing(value.get("bookingAvailability"))] if value.get("bookingAvailability") else parts
    sold = bool(booking) and all(text_of(item.get("type")) == "Unavailable" for item in booking)
    return "sold_out" if sold else "scheduled"


def _period(own: Occasion, value: Object, timezone: str) -> Schedule:
    """A period with opening hours: the days on which it is open, else the whole span."""
    first = _day(own.start)
    last = _day(own.end) if own.end is not None else first
    return weekly_from_hours(first, last, read_hours({"openingHours": value.get("openingHours")}), timezone)


def _day(when: date | datetime) -> date:
    return when.date() if isinstance(when, datetime) else when


def read_hours(value: Object) -> list[Hours]:
    """Weekly hours, and those of adjusted days within their bounds."""
    found = _lines(value.get("openingHours"), None, None)
    for period in things(value.get("openingHoursAdjustedDays")):
        first, last = _date(period.get("startDate")), _date(period.get("endDate"))
        if first is not None and last is not None and first <= last:
            lines = _lines(period.get("openingHours"), first, last)
            found += lines or [Hours(tuple(range(8)), "", "", first, last)]
    return found[:MAX_LINES]


def _date(value: Any) -> date | None:
    found = parse_when(text_of(value)[:10], "UTC")
    return found if isinstance(found, date) and not isinstance(found, datetime) else None


def _lines(value: Any, first: date | None, last: date | None) -> list[Hours]:
    found = []
    for item in things(value):
        names = item.get("dayOfWeek")
        listed = [text_of(name).lower() for name in (names if isinstance(names, list) else [names])]
        days = tuple(number for number, name in enumerate(_DAYS) if name in listed)
        opens, closes = parse_clock(text_of(item.get("opens"))), parse_clock(text_of(item.get("closes")))
        if days and opens is not None and closes is not None and (opens != closes or opens.hour == 0):
            end = "00:00" if (closes.hour, closes.minute) == (23, 59) else f"{closes:%H:%M}"
            found.append(Hours(days, f"{opens:%H:%M}", end, first, last))
    return found
