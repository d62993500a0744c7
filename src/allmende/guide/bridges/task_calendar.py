"""What waits and runs out as a calendar.

Days are written as all-day VEVENTs that take no time, not as VTODOs: of the calendars that people subscribe with, Google
Calendar, Outlook and Apple Calendar show no VTODO of a subscribed address at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from allmende.core.waiting import Waiting
from allmende.formats.ical.writer import CalendarEvent, write_calendar
from allmende.formats.records import Schedule


def calendar_of(items: Iterable[Waiting], *, name: str, language: str, origin: str) -> bytes:
    """An RFC 5545 calendar of all that has a day.  The same things give the same bytes."""
    host = urlsplit(origin).hostname or "localhost"
    events = [
        CalendarEvent(
            uid=f"{one.key}@{host}",
            name=one.text,
            schedule=Schedule(start=one.due),
            description=one.note,
            url=f"{origin}/{language}{one.path}",
            modified=one.since,
            is_free=True,
        )
        for one in items
        if one.due
    ]
    events.sort(key=lambda event: (event.schedule.start, event.uid))
    prodid = "-//Allmende//Tasks//EN"
    return b"".join(write_calendar(events, name=name, language=language, prodid=prodid, url=f"{origin}/{language}/"))
