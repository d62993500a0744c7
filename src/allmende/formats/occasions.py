"""The dates of an event that a source lists one by one -> a schedule."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

from allmende.formats.records import Hours, Override, Schedule
from allmende.formats.schema_org.dates import When, parse_when, span, zone
from allmende.formats.text import one_line

MAX_DATES: Final = 5000
"""Dates of one event; a source with more is broken, or made to break us."""
MAX_DAYS: Final = 1100
"""Single days that a period is written out to: three years."""
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
Note = Callable[[str, str], None]


class Occasion(NamedTuple):
    """One date of an event: days, or local times."""

    start: When
    end: When | None = None
    cancelled: bool = False


def occasion(start: Any, end: Any, timezone: str, note: Note, *, cancelled: bool = False) -> Occasion | None:
    """One date from two texts; None if the first one is no date."""
    begins = _when(start, timezone)
    if begins is None:
        if start not in (None, ""):
            note("bad-date", f"“{one_line(str(start)[:40])}” is no date; it was left out. Write 2026-05-31T19:30.")
        return None
    ends = _when(end, timezone)
    if ends is None and end not in (None, ""):
        note("bad-date", f"“{one_line(str(end)[:40])}” is no date; it was left out. Write 2026-05-31T19:30.")
    first, last, trouble = span(begins, ends)
    if trouble:
        note("end-before-start", "The end lies before the start; it was left out.")
    return Occasion(first, last, cancelled)


def _when(value: Any, timezone: str) -> When | None:
    return parse_when(value, timezone) if isinstance(value, str) and 8 <= len(value.strip()) <= 60 else None


def schedule_of(occasions: Iterable[Occasion], timezone: str, note: Note) -> Schedule | None:
    """All dates in order, each once; None for none.  With some in days and some in times, all are taken as days."""
    found = list(occasions)
    if not found:
        return None
    if len(found) > MAX_DATES:
        note("too-many-dates", f"The event names {len(found)} dates; only the first {MAX_DATES} were taken.")
        found = found[:MAX_DATES]
    timed = [item for item in found if isinstance(item.start, datetime)]
    if timed and len(timed) < len(found):
        days = {item.start.date() for item in timed if isinstance(item.start, datetime)}
        if all(isinstance(item.start, datetime) or item.start in days for item in found):
            found = timed
        else:
            note("mixed-dates", "Some dates have a time and some have none; all were taken as whole days.")
            found = [_as_day(item) for item in found]
    seen: dict[When, Occasion] = {}
    for item in found:
        known = seen.get(item.start)
        if known is None or (known.end is None and item.end is not None) or (known.cancelled and not item.cancelled):
            seen[item.start] = item
    ordered = [seen[start] for start in sorted(seen, key=_moment)]
    schedule = Schedule(ordered[0].start, ordered[0].end, timezone)
    schedule.dates = [(item.start, item.end) for item in ordered[1:]]
    cancelled = [item for item in ordered if item.cancelled]
    if cancelled and len(cancelled) < len(ordered):
        schedule.overrides = [Override(item.start, cancelled=True) for item in cancelled]
    return schedule


def _moment(when: When) -> datetime:
    return when if isinstance(when, datetime) else datetime(when.year, when.month, when.day)  # noqa: DTZ001


def _as_day(item: Occasion) -> Occasion:
    start, end = _day(item.start), _day(item.end) if item.end is not None else None
    return Occasion(start, end if end is not None and end >= start else start, item.cancelled)


def _day(when: When) -> date:
    return when.date() if isinstance(when, datetime) else when


def day_by_day(first: date, last: date, begins: time | None, ends: time | None) -> list[Occasion]:
    """A period in which every day is an event of its own, with the same hours."""
    found = []
    for number in range(min((last - first).days, MAX_DAYS) + 1):
        day = first + timedelta(days=number)
        found.append(_on(day, begins, ends))
    return found


def _on(day: date, begins: time | None, ends: time | None) -> Occasion:
    if begins is None:
        return Occasion(day, day)
    start = datetime.combine(day, begins)
    end = datetime.combine(day, ends) if ends is not None else None
    if end is not None and end <= start:
        end += timedelta(days=1)
    return Occasion(start, end)


def weekly(
    first: date, last: date, days: tuple[int, ...], hours: tuple[time, time] | None, timezone: str
) -> Schedule | None:
    """Every week on these days (0 is Monday) from the first day to the last; None if none of them lies between."""
    starts = [first + timedelta(days=ahead) for ahead in range(7)]
    begin = next((day for day in starts if day.weekday() in days and day <= last), None)
    if begin is None:
        return None
    one = _on(begin, *hours) if hours is not None else _on(begin, None, None)
    names = ",".join(WEEKDAYS[day] for day in sorted(set(days)))
    return Schedule(
        one.start, one.end, timezone, f"FREQ=WEEKLY;BYDAY={names};UNTIL={_until(one.start, last, timezone)}"
    )


def _until(start: When, last: date, timezone: str) -> str:
    """RFC 5545 wants UNTIL as a date where the event is one, else in UTC."""
    if not isinstance(start, datetime):
        return f"{last:%Y%m%d}"
    end = datetime.combine(last, time(23, 59, 59), tzinfo=zone(timezone) or UTC)
    return f"{end.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def weekly_from_hours(first: date, last: date, hours: list[Hours], timezone: str) -> Schedule:
    """A period with opening hours as dates: the whole span where it is open every day or nothing is known.

    With one pair of times each date has them; with several, the dates are whole days and the hours say the rest.
    """
    opened = [one for one in hours if one.opens and one.valid_from is None]
    days = tuple(sorted({day for one in opened for day in one.days if day < 7}))
    if not days or len(days) == 7:
        return Schedule(first, last, timezone)
    times = {(one.opens, one.closes) for one in opened}
    pair = next(iter(times)) if len(times) == 1 else None
    clock = (time.fromisoformat(pair[0]), time.fromisoformat(pair[1])) if pair else None
    return weekly(first, last, days, clock, timezone) or Schedule(first, last, timezone)
