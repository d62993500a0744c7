"""Holidays in a calendar: every event is a stretch of whole days."""

from __future__ import annotations

from datetime import date, timedelta

from allmende.formats.holidays.periods import LONGEST_NAME, HolidayFile, Period
from allmende.formats.holidays.subdivisions import subdivision_in
from allmende.formats.ical.lines import Component, Line, read_calendar, unescape
from allmende.formats.ical.reader import decode
from allmende.formats.records import UnusableInput


def read_calendar_file(raw: bytes) -> HolidayFile:
    """The stretches of a calendar; raises :class:`UnusableInput` for what holds no event."""
    out = HolidayFile("ical")
    events = read_calendar(decode(raw)[0]).events
    if not events:
        raise UnusableInput("The calendar holds no event. Export it again with the holidays.")
    for number, event in enumerate(events, 1):
        out.read += 1
        where = f"event {number}"
        start = _day(event.first("DTSTART"))
        if start is None:
            out.wrong(where, "It has no day that can be read. Correct DTSTART.", "bad-day")
            continue
        if event.value("RRULE"):
            out.wrong(
                where, "It repeats by a rule; holidays differ from year to year. Deliver each year's days.", "repeats"
            )
            continue
        name = unescape(event.value("SUMMARY")).strip()[:LONGEST_NAME]
        summary = event.first("SUMMARY")
        language = summary.parameters.get("LANGUAGE", "").lower()[:2] if summary else ""
        code = subdivision_in(f"{name} {unescape(event.value('LOCATION'))}")
        out.add(
            Period(start, _last(event, start), {language: name}, "", code[:2], (code,) if code else (), where=where)
        )
    return out


def _day(line: Line | None) -> date | None:
    text = line.value.strip()[:8] if line else ""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8])) if len(text) == 8 else None
    except ValueError:
        return None


def _last(event: Component, start: date) -> date:
    """The end of whole days is the day after; one with a time of day is the day itself, unless it is midnight."""
    line = event.first("DTEND")
    end = _day(line)
    if line is None or end is None:
        return start
    time = line.value.strip()[9:13]
    is_after = (not time or time == "0000") and end > start
    return end - timedelta(days=1) if is_after else end
