"""When the event of an item takes place, from the modules that say so."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any, Final

from lxml import etree  # type: ignore[import-untyped]

from allmende.formats.dates import parse_date
from allmende.formats.objects import Notes, line_of
from allmende.formats.occasions import Occasion
from allmende.formats.schema_org.dates import When, local, parse_clock, parse_duration, parse_when, span

MAX_ELEMENTS: Final = 6000
_GOOGLE: Final = "http://schemas.google.com/g/2005"
_STARTS: Final = frozenset(
    (
        "startdate",
        "start_date",
        "dtstart",
        "eventstart",
        "event_start",
        "eventstartdate",
        "event_start_date",
        "datestart",
    )
)
_ENDS: Final = frozenset(
    ("enddate", "end_date", "dtend", "eventend", "event_end", "eventenddate", "event_end_date", "dateend")
)
_START_CLOCKS: Final = frozenset(("starttime", "start_time"))
_END_CLOCKS: Final = frozenset(("endtime", "end_time"))
_MARKED: Final = re.compile(
    r"""<(?:time|abbr|span|p|div|data)\b(?=[^<>]*\bclass\s*=\s*["'][^"'<>]*\b(dtstart|dt-start|dtend|dt-end)\b)"""
    r"""[^<>]*\b(?:datetime|title|value)\s*=\s*["']([^"'<>]{8,40})["']""",
    re.IGNORECASE,
)
_MAX_TEXT: Final = 200_000


@dataclass(slots=True)
class Dates:
    """What the modules for events say."""

    occasions: list[Occasion] = field(default_factory=list)
    location: str = ""
    organiser: str = ""
    types: list[str] = field(default_factory=list)
    cancelled: bool = False


@dataclass(slots=True)
class _Found:
    """Texts of the elements, in their order."""

    starts: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    start_clocks: list[str] = field(default_factory=list)
    end_clocks: list[str] = field(default_factory=list)
    duration: str = ""


def read_dates(data: bytes, text: str, timezone: str, note: Notes) -> Dates:
    """All dates of an item: of its elements, else of marks in its text (hCalendar, h-event)."""
    dates, found = Dates(), _Found()
    for count, element in enumerate(_elements(data)):
        if count >= MAX_ELEMENTS:
            break
        _take(element, dates, found)
    if not found.starts:
        for name, value in _MARKED.findall(unescape(text[:_MAX_TEXT]) if "&lt;" in text else text[:_MAX_TEXT]):
            (found.starts if name.lower().endswith("start") else found.ends).append(value)
    dates.occasions = _occasions(found, timezone, note)
    return dates


def _elements(data: bytes) -> list[Any]:
    """Elements of the item with anything in them.  No entity is looked up, no file or address opened."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return []
    if root is None:
        return []
    items = [node for node in root.iter() if _local(node) in ("item", "entry")]
    return list(items[0].iterdescendants()) if items else []


def _local(node: Any) -> str:
    return node.tag.rpartition("}")[2].lower() if isinstance(node.tag, str) else ""


def _take(node: Any, dates: Dates, found: _Found) -> None:
    name = _local(node)
    text = line_of(node.text if isinstance(node.text, str) else "", 500)
    if name == "when" and str(node.tag).startswith(f"{{{_GOOGLE}}}"):
        found.starts.append(line_of(node.get("startTime")))
        found.ends.append(line_of(node.get("endTime")))
    elif name == "where" and str(node.tag).startswith(f"{{{_GOOGLE}}}"):
        dates.location = dates.location or line_of(node.get("valueString"))
    elif not text or ("}" not in str(node.tag) and name not in _STARTS | _ENDS | _START_CLOCKS | _END_CLOCKS):
        return
    elif name in _STARTS:
        found.starts.append(text)
    elif name in _ENDS:
        found.ends.append(text)
    elif name in _START_CLOCKS:
        found.start_clocks.append(text)
    elif name in _END_CLOCKS:
        found.end_clocks.append(text)
    elif name == "duration" and text.startswith("P"):
        found.duration = found.duration or text
    elif name == "location":
        dates.location = dates.location or text
    elif name == "organizer":
        dates.organiser = dates.organiser or text.removeprefix("mailto:")[:255]
    elif name == "type" and "/event" in str(node.tag):
        dates.types.append(text)
    elif name == "status" and "cal" in str(node.tag).lower():
        dates.cancelled = text.lower() in ("cancelled", "canceled")


def _occasions(found: _Found, timezone: str, note: Notes) -> list[Occasion]:
    result = []
    length = parse_duration(found.duration) if found.duration else None
    for number, text in enumerate(found.starts):
        start = _moment(text, timezone)
        if start is None:
            if text:
                note("bad-date", f"“{text[:40]}” is no date; it was left out. Write 2026-05-31T19:30.")
            continue
        end_text = _at(found.ends, number, len(found.starts))
        end = _moment(end_text, timezone)
        if end is None and end_text:
            note("bad-date", f"“{end_text[:40]}” is no date; it was left out. Write 2026-05-31T19:30.")
        start, end = _with_clock(start, found.start_clocks, number), _with_clock(end, found.end_clocks, number)
        if end is None and length is not None:
            end = start + length if isinstance(start, datetime) else start + max(length - timedelta(1), timedelta())
        first, last, trouble = span(start, end)
        if trouble:
            note("end-before-start", "The end lies before the start; it was left out.")
        if last == first and isinstance(first, datetime):
            last = None  # an end at the start is how feeds write that they know none
        result.append(Occasion(first, last))
    return result


def _at(texts: list[str], number: int, starts: int) -> str:
    return texts[number] if len(texts) == starts else texts[0] if texts and starts == 1 else ""


def _with_clock(day: Any, clocks: list[str], number: int) -> Any:
    if day is None or isinstance(day, datetime) or number >= len(clocks):
        return day
    clock = parse_clock(clocks[number])
    return datetime.combine(day, clock) if clock is not None else day


def _moment(text: str, timezone: str) -> When | None:
    """A date in any of the ways in which feeds write them: ISO 8601, RFC 5322, or in words that leave no doubt."""
    found: When | None = parse_when(text, timezone)
    if found is None and text:
        try:
            found = local(parsedate_to_datetime(text), timezone)
        except (ValueError, TypeError, IndexError, OverflowError):
            found = parse_date(text)
    if isinstance(found, datetime) and found.tzinfo is not None:
        found = local(found, timezone)
    return found if found is not None and 1583 <= found.year < 9999 else None
