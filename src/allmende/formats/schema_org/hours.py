"""Opening hours: ``openingHours``, ``openingHoursSpecification`` and ``specialOpeningHoursSpecification``."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from allmende.formats.opening_hours import parse_opening_hours
from allmende.formats.records import Hours
from allmende.formats.schema_org.dates import parse_clock, parse_when
from allmende.formats.schema_org.nodes import Node, as_list, line, scalar
from allmende.formats.schema_org.types import local_name

_NAMES: Final = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "publicholidays"]
_DAYS: Final = {name[:length]: day for day, name in enumerate(_NAMES) for length in (2, 3, len(name))} | {"ph": 7}
_ALL_WEEK: Final = tuple(range(7))
_EVERY_DAY: Final = tuple(range(8))
_EVERY_YEAR = re.compile(r"--(\d{2})-(\d{2})")
_LEAP_YEAR: Final = 2000
"""The year of dates that count in every year, so that 29 February is one."""


def read_hours(node: Node, language: str) -> tuple[list[Hours], list[str]]:
    """Hours of a place, and the texts that were not understood."""
    found: list[Hours] = []
    unclear: list[str] = []
    for item in as_list(node.get("openingHoursSpecification")):
        if isinstance(item, dict):
            found += _specification(item)
        elif text := line(item):
            _add_text(text, language, found, unclear)
    for item in as_list(node.get("specialOpeningHoursSpecification")):
        if isinstance(item, dict):
            found += _specification(item)
    regular = as_list(node.get("openingHours"))
    if not any(hours.valid_from is None for hours in found):
        for item in regular:
            if text := line(item):
                _add_text(text, language, found, unclear)
    return _together(found), unclear


def _together(lines: list[Hours]) -> list[Hours]:
    """Lines that differ only in their days made one; many sources write one for each day."""
    found: dict[tuple[str, str, date | None, date | None, bool], Hours] = {}
    for hours in lines:
        same = (hours.opens, hours.closes, hours.valid_from, hours.valid_through, hours.every_year)
        if same in found:
            found[same].days = tuple(sorted({*found[same].days, *hours.days}))
        else:
            found[same] = hours
    return list(found.values())


def _add_text(text: str, language: str, found: list[Hours], unclear: list[str]) -> None:
    lines = _understood(text, language)
    if lines is None:
        unclear.append(text)
    else:
        found += [Hours(h.days, h.opens, h.closes, h.valid_from, h.valid_through, h.every_year) for h in lines]


@lru_cache(maxsize=4096)
def _understood(text: str, language: str) -> tuple[Hours, ...] | None:
    lines = parse_opening_hours(text, language)
    return tuple(lines) if lines is not None else None


def _specification(item: Node) -> list[Hours]:
    opens, closes = parse_clock(scalar(item.get("opens"))), parse_clock(scalar(item.get("closes")))
    if (opens is None or closes is None) and ("opens" in item or "closes" in item):
        return []  # half a time, or one that is none, must not turn into a closed day
    begins, ends, every_year = _season(item)
    days = _days(item.get("dayOfWeek"))
    if not days:
        # Without a day it is for every day, in a season for holidays too; a bare one stands for nothing special.
        days = _EVERY_DAY if begins is not None or ends is not None else _ALL_WEEK
    if opens is None or closes is None or (opens == closes and scalar(item.get("closes"))[:5] == "00:00"):
        first, last = "", ""  # from 00:00 to 00:00 is how a closed day is written
    else:
        first, last = f"{opens:%H:%M}", f"{closes:%H:%M}"
        if last == "23:59":
            last = "00:00"
    return [Hours(days, first, last, begins, ends, every_year)]


def _season(item: Node) -> tuple[date | None, date | None, bool]:
    begins, ends = scalar(item.get("validFrom")), scalar(item.get("validThrough"))
    yearly = [_EVERY_YEAR.fullmatch(text) for text in (begins, ends)]
    if yearly[0] and yearly[1]:
        try:
            bounds = [date(_LEAP_YEAR, int(match[1]), int(match[2])) for match in yearly if match]
        except ValueError:
            return None, None, False
        return bounds[0], bounds[1], True
    return _date(begins), _date(ends), False


def _date(text: str) -> date | None:
    found = parse_when(text, "UTC") if text else None
    return found.date() if isinstance(found, datetime) else found


def _days(value: Any) -> tuple[int, ...]:
    found = set()
    for item in as_list(value):
        for word in re.split(r"[,\s]+", scalar(item)):
            day = _DAYS.get(local_name(word).casefold())
            if day is not None:
                found.add(day)
    return tuple(sorted(found))
