"""Times of an event object: ISO 8601 moments, and series in the terms of iCalendar.

ActivityStreams and FEP-8a8e know single dates only.  A series keeps its next date in ``startTime`` and ``endTime``, so
that every program shows something right, and the whole of it beside that in iCalendar's terms (``dtstart``, ``dtend``,
``rrule``, ``rdate``, ``exdate``) with ``timezone``; dates that differ stand in ``recurrences``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from allmende.formats.records import Override, Schedule

_RULE = re.compile(r"[A-Z0-9=;,:+-]{6,500}")
MOST_DATES: Final = 1000
Moment = date | datetime


def zone_named(name: Any) -> ZoneInfo | None:
    """The zone of an IANA name, or None."""
    if not isinstance(name, str) or not 0 < len(name) < 60:
        return None
    try:
        return ZoneInfo(name)
    except Exception:  # ZoneInfo raises several kinds for bad names
        return None


def moment(text: Any) -> Moment | None:
    """A moment as ISO 8601 writes it; a date alone stays a date."""
    if not isinstance(text, str) or not 8 <= len(text) <= 40:
        return None
    try:
        found: Moment = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2200 else None


def _local(text: Any, zone: ZoneInfo, like: Moment | None = None) -> Moment | None:
    found = moment(text)
    if isinstance(found, datetime):
        found = (found.astimezone(zone) if found.tzinfo else found).replace(tzinfo=None)
        return found.date() if like is not None and not isinstance(like, datetime) else found
    if found is not None and isinstance(like, datetime):
        return None
    return found


def _inclusive(end: Moment | None, start: Moment) -> Moment | None:
    """iCalendar's end of whole days is the day after the last one."""
    if end is None:
        return None
    if not isinstance(end, datetime):
        end -= timedelta(days=1)
    return end if end >= start else None


def ical_terms(event: Mapping[str, Any], zone: ZoneInfo) -> Schedule | None:
    """The schedule that ``dtstart`` and its companions tell; None without a usable ``dtstart``."""
    start = _local(event.get("dtstart"), zone)
    if start is None:
        return None
    end = _inclusive(_local(event.get("dtend"), zone, start), start)
    schedule = Schedule(start, end)
    rule = event.get("rrule")
    if isinstance(rule, str) and _RULE.fullmatch(rule) and "FREQ=" in rule:
        schedule.rrule = rule
    for text in _list(event.get("rdate")):
        first, _, last = text.partition("/")
        at = _local(first, zone, start)
        if at is None:
            continue
        if last or schedule.dates:
            schedule.dates.append((at, _inclusive(_local(last, zone, start), at)))
        else:
            schedule.rdates.append(at)
    schedule.exdates = [at for text in _list(event.get("exdate")) if (at := _local(text, zone, start)) is not None]
    told = event.get("recurrences")
    for one in told if isinstance(told, list) else []:
        if isinstance(one, dict) and len(schedule.overrides) < MOST_DATES:
            _override(schedule, one, zone)
    return schedule


def _list(value: Any) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value])[:MOST_DATES] if isinstance(one, str)]


def _override(schedule: Schedule, told: Mapping[str, Any], zone: ZoneInfo) -> None:
    at = _local(told.get("recurrenceId"), zone, schedule.start)
    if at is None:
        return
    start = _local(told.get("dtstart"), zone, schedule.start)
    end = _inclusive(_local(told.get("dtend"), zone, schedule.start), start or at)
    name = told.get("name")
    cancelled = told.get("eventStatus") == "EventCancelled"
    schedule.overrides.append(Override(at, start, end, name if isinstance(name, str) else "", cancelled))


def series_terms(schedule: Schedule) -> dict[str, Any]:
    """``dtstart`` and its companions for a schedule; the other way round."""
    value: dict[str, Any] = {"dtstart": schedule.start.isoformat()}
    if schedule.end is not None:
        value["dtend"] = _exclusive(schedule.end)
    if schedule.rrule:
        value["rrule"] = schedule.rrule
    dates = [at.isoformat() for at in schedule.rdates]
    dates += [f"{at.isoformat()}/{_exclusive(end) if end else ''}" for at, end in schedule.dates]
    if dates:
        value["rdate"] = dates
    if schedule.exdates:
        value["exdate"] = [at.isoformat() for at in schedule.exdates]
    if schedule.overrides:
        value["recurrences"] = [_told(one) for one in schedule.overrides]
    return value


def _exclusive(end: Moment) -> str:
    return (end if isinstance(end, datetime) else end + timedelta(days=1)).isoformat()


def _told(one: Override) -> dict[str, Any]:
    value: dict[str, Any] = {"recurrenceId": one.recurrence_id.isoformat()}
    if one.start is not None:
        value["dtstart"] = one.start.isoformat()
    if one.end is not None:
        value["dtend"] = _exclusive(one.end)
    if one.name:
        value["name"] = one.name
    if one.cancelled:
        value["eventStatus"] = "EventCancelled"
    return value
