"""Dates, times and durations as schema.org pages write them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

When = date | datetime
_W = TypeVar("_W", date, datetime)
_DAY: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_LOOSE: Final = re.compile(
    r"(?:(\d{4})[-/](\d{1,2})[-/](\d{1,2})|(\d{1,2})[./](\d{1,2})[./](\d{4}))"
    r"(?:[T ,]+(\d{1,2})[:.h](\d{2})?(?::(\d{2})(?:\.\d+)?)?\s*(?:Uhr|uur|h)?\s*(Z|[+-]\d{2}:?\d{2})?)?"
)
_TIME: Final = re.compile(
    r"T?(\d{1,2})(?:[:.h](\d{2}))?(?::\d{2}(?:\.\d+)?)?\s*([AaPp])?\.?[Mm]?\.?(?:Z|[+-]\d{2}:?\d{2})?"
)
_DURATION: Final = re.compile(
    r"P(?=\w)(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,7})(?:\.\d+)?S)?)?"
)
EARLIEST: Final = 1583
"""Years before the Gregorian calendar are mistakes."""


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo | None:
    """The IANA zone of that name, or None."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None


def local(value: datetime, timezone: str) -> datetime:
    """``value`` as naive local time of ``timezone``; a naive value is local already."""
    if value.tzinfo is None:
        return value
    try:
        return value.astimezone(zone(timezone) or zone("UTC")).replace(tzinfo=None)
    except OverflowError:
        return value.replace(tzinfo=None)


def parse_when(text: str, timezone: str) -> When | None:
    """A date, or a naive local time; None if ``text`` is neither.

    ISO 8601 in all its shapes, and days first where a day has points or strokes (``24.12.2026 19:30``).
    """
    text = text.strip()
    try:
        if len(text) == 10:
            return _sane(date.fromisoformat(text))
        if len(text) > 10 and text[4] == "-":
            return _sane(local(datetime.fromisoformat(text), timezone))
    except ValueError:
        pass
    return _loose(text, timezone)


def _sane(value: _W) -> _W | None:
    return value if EARLIEST <= value.year < 9999 else None


def _loose(text: str, timezone: str) -> When | None:
    if len(text) > 40:
        return None
    try:
        if re.fullmatch(r"\d{8}(?:T\d{4,6}Z?)?", text):
            compact = datetime.fromisoformat(text)
            return _sane(local(compact, timezone) if "T" in text else compact.date())
        match = _LOOSE.fullmatch(text)
        if match is None:
            return None
        year, month, day, day2, month2, year2, hour, minute, second, offset = match.groups()
        found = date(int(year or year2), int(month or month2), int(day or day2))
        if hour is None:
            return _sane(found)
        extra = timedelta(days=1) if hour == "24" else timedelta()
        clock = time(int(hour) % 24 if hour == "24" else int(hour), int(minute or 0), int(second or 0))
        moment = datetime.combine(found, clock) + extra
        if offset:
            moment = datetime.fromisoformat(f"{moment.isoformat()}{offset}")
        return _sane(local(moment, timezone))
    except (ValueError, OverflowError):
        return None


def parse_clock(text: str) -> time | None:
    """A time of day (``"19:30:00"``, ``"7 pm"``, ``"2026-05-01T19:30"``); an offset is left out, clocks are local."""
    text = text.strip()
    if (at := text.find("T")) > 7:
        text = text[at + 1 :]
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour == 24 and minute == 0:
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


def parse_duration(text: str) -> timedelta | None:
    """A duration of ISO 8601 in weeks, days, hours, minutes and seconds; None for none or nothing."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    found = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return found if timedelta() < found < timedelta(days=3660) else None


def span(start: When, end: When | None) -> tuple[When, When | None, str]:
    """Start and end that fit together, and a note where they did not.

    Both are days (the end is the last one) or both are times.  From midnight to the last minute is a whole day: that is
    how pages write it that know no all-day events.
    """
    if isinstance(start, datetime):
        if start.time() == time() and _is_day_end(start, end):
            last = end.date() if isinstance(end, datetime) else end
            if isinstance(end, datetime) and end.time() == time() and end > start:
                last = end.date() - timedelta(days=1)
            return start.date(), max(last or start.date(), start.date()), ""
        if end is not None and not isinstance(end, datetime):
            # The last day of something that begins at a time: it ends with that day.
            end = datetime.combine(end + timedelta(days=1), time()) if end > start.date() else None
        if end is not None and end < start:
            return start, None, "end"
        return start, end, ""
    if isinstance(end, datetime):
        end = end.date()
    if end is not None and end < start:
        return start, start, "end"
    return start, end or start, ""


def _is_day_end(start: datetime, end: When | None) -> bool:
    if end is None or not isinstance(end, datetime):
        return True
    return end.time() == time() or (end.hour == 23 and end.minute >= 58)
