"""Dates and times as people write them, in six languages.

ISO 8601 first, then the formats that a mapping names, then what leaves no doubt.  ``03/04/2026`` leaves doubt; there
``day_first`` decides.  Everything here is cached: a delivery repeats its dates.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from allmende.formats.words import MONTHS, fold

_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock
_EXCEL_DAYS = range(10_000, 80_000)
_YEARS = range(1900, 2201)
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d\d)(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})([./-])(\d{1,2})\2(\d{1,2})(?!\d)")
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})(?:\.|er|st|nd|rd|th|:e|e)?\s*(?:de |of )?([^\W\d_]{3,})\.?,?\s*(\d{4})(?!\d)"
)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")
_TIME = re.compile(
    r"(?<![\d.,:/])(?:kl\.?\s*|à\s*|um\s*|at\s*|om\s*)?"
    r"([01]?\d|2[0-4])\s*(?:(?:[:.h]|\s?uhr\s?)\s*([0-5]\d)(?::[0-5]\d(?:\.\d+)?)?)?\s*"
    r"(h\b|heures?\b|uhr\b|uur\b|u\b|a\.?m\b\.?|p\.?m\b\.?)?(?![.:/]?\d)",
    re.IGNORECASE,
)
_FOUR_DIGITS = re.compile(r"\d{4}")
_NOON: Final = {"mittag": time(12), "midi": time(12), "noon": time(12), "minuit": time(0), "midnight": time(0)}


@lru_cache(maxsize=16384)
def parse_date(text: str, formats: tuple[str, ...] = (), day_first: bool = True) -> date | datetime | None:
    """A date, or a date with time (aware where the text names a zone); ``None`` for what is none.

    A time of exactly midnight without a zone counts as no time: exports write it where the time is unknown.
    """
    text = text.strip()
    found = _iso(text)
    if found is None:
        found = _by_format(text, formats) or _excel_serial(text) or _in_words(text, day_first)
    if found is None or found.year not in _YEARS:
        return None
    if isinstance(found, datetime) and found.tzinfo is None and found.time() == time(0):
        return found.date()
    return found


def from_number(value: float) -> date | datetime | None:
    """A day number of a spreadsheet, or seconds or milliseconds since 1970."""
    if value != value or abs(value) > 1e14:
        return None
    if int(value) in _EXCEL_DAYS:
        return parse_date(repr(value))
    if 19000101 <= value <= 22001231:
        return parse_date(str(int(value)))
    if value > 1e8:
        return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, tz=UTC)
    return None


def is_ambiguous(text: str) -> bool:
    """Whether day and month of a numeric date could be either way round."""
    match = _NUMERIC.search(text)
    if not match or match.group(2) == "." or _ISO.match(text):
        return False
    first, second = int(match.group(1)), int(match.group(3))
    return first <= 12 and second <= 12 and first != second


@lru_cache(maxsize=4096)
def parse_times(text: str) -> tuple[time | None, time | None]:
    """Begin and end from ``"19h30"``, ``"kl. 19"``, ``"7:30 pm"`` or ``"10:00–19:00"``; else ``None``."""
    found: list[time] = []
    half = ""
    matches = [] if len(text) > 60 or _FOUR_DIGITS.search(text) else list(_TIME.finditer(text))
    for match in reversed(matches[:2]):
        suffix = (match.group(3) or "").lower().replace(".", "")
        half = suffix if suffix in ("am", "pm") else half
        hour = int(match.group(1))
        if half and hour <= 12:
            hour = hour % 12 + (12 if half == "pm" else 0)
        found.insert(0, time(hour % 24, int(match.group(2) or 0)))
    if not found:
        noon = _NOON.get(fold(text))
        return noon, None
    return found[0], found[1] if len(found) > 1 else None


def _iso(text: str) -> date | datetime | None:
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        if len(text) == 8 and not text.isdigit():
            return None  # 07.11.26 is none, and 2026-W45 is no date that a person means
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _by_format(text: str, formats: tuple[str, ...]) -> date | datetime | None:
    for pattern in formats:
        try:
            found = datetime.strptime(text, pattern)  # noqa: DTZ007 - a wall clock unless %z is there
        except ValueError:
            continue
        return found if any(mark in pattern for mark in ("%H", "%I", "%X", "%c", "%T", "%R")) else found.date()
    return None


def _excel_serial(text: str) -> date | datetime | None:
    if not 5 <= len(text) <= 20 or not text.replace(".", "", 1).isdecimal() or not text.isascii():
        return None
    days = float(text)
    if int(days) not in _EXCEL_DAYS:
        return None
    return _EXCEL_EPOCH + timedelta(seconds=round(days * 86400))


def _in_words(text: str, day_first: bool) -> date | datetime | None:
    """A date anywhere in the text; a time behind it is taken along."""
    if len(text) > 100:
        return None
    for pattern, order in ((_YEAR_FIRST, "ymd"), (_NUMERIC, "num"), (_DAY_MONTH, "dmy"), (_MONTH_DAY, "mdy")):
        match = pattern.search(text)
        day = match and _ordered(match, order, day_first)
        if match and day:
            begin, _ = parse_times(text[match.end() :].strip(" ,;-–|Tt(")) if match.end() < len(text) else (None, None)
            return datetime.combine(day, begin) if begin else day
    return None


def _ordered(match: re.Match[str], order: str, day_first: bool) -> date | None:
    parts = match.groups()
    try:
        if order == "ymd":
            return date(int(parts[0]), int(parts[2]), int(parts[3]))
        if order == "num":
            return _numeric(int(parts[0]), int(parts[2]), int(parts[3]), day_first or parts[1] == ".")
        day, month = (parts[0], parts[1]) if order == "dmy" else (parts[1], parts[0])
        return date(int(parts[2]), MONTHS[fold(month)], int(day))
    except (ValueError, KeyError):
        return None


def _numeric(first: int, second: int, year: int, day_first: bool) -> date:
    if year < 100:
        year += 2000 if year < 70 else 1900
    if second > 12 or (not day_first and first <= 12):
        first, second = second, first
    return date(year, second, first)
