"""Dates of networks as calendar entries."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from allmende.formats.ical.writer import CalendarEvent, vevent
from allmende.formats.records import Schedule
from allmende.partners.networks.queries.desk import Meeting


def calendar_entry(meeting: Meeting, *, zone: ZoneInfo, host: str, url: str) -> tuple[str, str]:
    """Time zone and VEVENT text of a meeting or deadline; what has no hour takes the whole day."""
    if meeting.at is None:
        schedule = Schedule(meeting.day, meeting.day)
    else:
        ends = datetime.combine(meeting.day, meeting.until) if meeting.until else None
        schedule = Schedule(datetime.combine(meeting.day, meeting.at), ends, zone.key)
    entry = CalendarEvent(
        uid=f"network-date-{meeting.id}@{host}",
        name=meeting.title,
        schedule=schedule,
        description=meeting.notes,
        location=meeting.place,
        url=url,
        modified=meeting.updated_at,
    )
    return schedule.timezone, vevent(entry).decode()
