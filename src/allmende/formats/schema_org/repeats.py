"""schema.org ``Schedule`` -> RFC 5545 rule."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from dateutil.rrule import rrulestr

from allmende.formats.schema_org.dates import When, local, parse_clock, parse_duration, parse_when, zone
from allmende.formats.schema_org.nodes import Node, as_list, first, line, scalar
from allmende.formats.schema_org.types import local_name

ANCHOR: Final = date(2020, 1, 1)
"""Where a schedule that names no beginning is counted from."""
MOST_DATES: Final = 750
"""Occurrences that are written out where a rule cannot say it; two years of days."""

_NAMES = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
_DAYS = {name[:length].casefold(): name[:2] for name in _NAMES for length in (2, 3, len(name))}
_WORDS = {
    "daily": ("DAILY", 1),
    "weekly": ("WEEKLY", 1),
    "biweekly": ("WEEKLY", 2),
    "fortnightly": ("WEEKLY", 2),
    "monthly": ("MONTHLY", 1),
    "quarterly": ("MONTHLY", 3),
    "yearly": ("YEARLY", 1),
    "annually": ("YEARLY", 1),
}
_FREQUENCY = re.compile(r"P(\d{1,3})([DWMY])")
_NUMBERED_DAY = re.compile(r"([+-]?[1-5])?([A-Z]{2})")


@dataclass(slots=True)
class Repeat:
    """What one ``Schedule`` says.  Without ``rrule`` it is one date.  ``end`` is the end of the first occurrence."""

    start: When
    end: When | None
    timezone: str
    rrule: str = ""
    exdates: list[When] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    """Codes and messages of what was repaired."""
    until: date | None = None
    """The last day, also where ``rrule`` says it in UTC."""


@dataclass(frozen=True, slots=True)
class _Rule:
    frequency: str
    interval: int
    parts: tuple[str, ...]

    def text(self) -> str:
        parts = [f"FREQ={self.frequency}"]
        if self.interval > 1:
            parts.append(f"INTERVAL={self.interval}")
        return ";".join((*parts, *self.parts))


def read_schedule(node: Node, event: Node, timezone: str) -> Repeat | None:
    """The rule of one ``Schedule`` of ``event``; None if it says neither when nor how often."""
    own_zone = line(node.get("scheduleTimezone"))
    notes: list[tuple[str, str]] = []
    if own_zone and zone(own_zone) is None:
        notes.append(("bad-timezone", f"The time zone “{own_zone[:40]}” is unknown; times were read as local."))
        own_zone = ""
    timezone = own_zone or timezone
    rule = _rule(node)
    begins = _moment(node, "startDate", timezone) or _moment(event, "startDate", timezone)
    if begins is None and rule is None:
        return None
    if begins is None:
        begins = ANCHOR
        notes.append(("no-start", "The schedule names no beginning; it was counted from 2020. Add startDate."))
    start = _with_clock(begins, parse_clock(scalar(node.get("startTime"))))
    until = _moment(node, "endDate", timezone)
    if until is None and "repeatCount" not in node and (last := _moment(event, "endDate", timezone)) is not None:
        until = last if _day(last) > _day(start) else None
    if rule is None and until is not None and _day(until) > _day(start) and node.get("startTime"):
        rule = _Rule("DAILY", 1, ())
    end = _end(node, event, start, until if rule is None else None)
    if rule is None:
        return Repeat(start, end, timezone, notes=notes)
    return _repeating(node, rule, start, end, until, timezone, notes)


def _repeating(
    node: Node,
    rule: _Rule,
    start: When,
    end: When | None,
    until: When | None,
    timezone: str,
    notes: list[tuple[str, str]],
) -> Repeat | None:
    text = rule.text()
    length = end - start if end is not None else None
    begins = first_occurrence(text, start)
    if begins is None:
        return None
    last: date | None = None
    count = scalar(node.get("repeatCount"))
    if count.isdigit() and 0 < int(count) <= 10_000 and not (until and _ends_sooner(text, begins, int(count), until)):
        text += f";COUNT={int(count)}"
    elif until is not None:
        if _day(until) < _day(begins):
            notes.append(("end-before-start", "The schedule ends before its first date; its end was left out."))
        else:
            text += f";UNTIL={_until(until, begins, timezone)}"
            last = _day(until)
    exdates = [
        day for item in as_list(node.get("exceptDate")) if (day := _exception(item, begins, timezone)) is not None
    ]
    return Repeat(begins, begins + length if length is not None else None, timezone, text, exdates, notes, last)


def _ends_sooner(text: str, start: When, count: int, until: When) -> bool:
    """Whether ``until`` comes before the last of ``count`` occurrences.  A rule may hold only one of both."""
    last = expand(f"{text};COUNT={min(count, MOST_DATES)}", start)
    return bool(last) and _day(last[-1]) > _day(until)


def _rule(node: Node) -> _Rule | None:
    frequency, interval = _frequency(scalar(node.get("repeatFrequency")))
    days = [day for item in as_list(node.get("byDay")) for day in _days(item)]
    weeks = _numbers(node.get("byMonthWeek"), -5, 5)
    month_days = _numbers(node.get("byMonthDay"), -31, 31)
    months = _numbers(node.get("byMonth"), 1, 12)
    if weeks and days:
        days = [f"{week}{day}" for week in weeks for day in days if len(day) == 2]
    if not frequency:
        frequency = "MONTHLY" if weeks or month_days else "WEEKLY" if days else "YEARLY" if months else ""
    if not frequency:
        return None
    if any(len(day) > 2 for day in days) and frequency in ("DAILY", "WEEKLY"):
        frequency, interval = "MONTHLY", 1
    parts = []
    if months:
        parts.append("BYMONTH=" + ",".join(map(str, months)))
    if month_days and frequency != "WEEKLY":
        parts.append("BYMONTHDAY=" + ",".join(map(str, month_days)))
    if days:
        parts.append("BYDAY=" + ",".join(dict.fromkeys(days)))
    return _Rule(frequency, interval, tuple(parts))


def _frequency(text: str) -> tuple[str, int]:
    text = local_name(text)
    match = _FREQUENCY.fullmatch(text.upper())
    if match:
        names = {"D": "DAILY", "W": "WEEKLY", "M": "MONTHLY", "Y": "YEARLY"}
        return names[match[2]], max(1, int(match[1]))
    return _WORDS.get(text.casefold(), ("", 1))


def _days(item: object) -> list[str]:
    found = []
    for word in re.split(r"[,\s]+", scalar(item)):
        name = local_name(word)
        match = _NUMBERED_DAY.fullmatch(name.upper())
        if name.casefold() in _DAYS:
            found.append(_DAYS[name.casefold()])
        elif match and match[2] in _DAYS.values():
            found.append(f"{int(match[1])}{match[2]}" if match[1] else match[2])
    return found


def _numbers(value: object, low: int, high: int) -> list[int]:
    found = []
    for item in as_list(value):
        for word in re.split(r"[,\s]+", scalar(item)):
            if re.fullmatch(r"[+-]?\d{1,2}", word) and low <= int(word) <= high and int(word) != 0:
                found.append(int(word))
    return list(dict.fromkeys(found))


def _moment(node: Node, key: str, timezone: str) -> When | None:
    text = scalar(first(node.get(key)))
    return parse_when(text, timezone) if text else None


def _day(value: When) -> date:
    return value.date() if isinstance(value, datetime) else value


def _with_clock(day: When, clock: time | None) -> When:
    if clock is not None:
        return datetime.combine(_day(day), clock)
    return day.date() if isinstance(day, datetime) and day.time() == time() else day


def _end(node: Node, event: Node, start: When, until: When | None) -> When | None:
    """End of the first occurrence: by clock, by duration, or by the end of the single date."""
    clock = parse_clock(scalar(node.get("endTime")))
    if isinstance(start, datetime) and clock is not None:
        end = datetime.combine(start.date(), clock)
        return end if end > start else end + timedelta(days=1)
    length = parse_duration(scalar(node.get("duration"))) or parse_duration(scalar(event.get("duration")))
    if length is not None:
        return start + length if isinstance(start, datetime) else start + max(length - timedelta(days=1), timedelta())
    if isinstance(start, datetime):
        return until if isinstance(until, datetime) and until > start else None
    return max(_day(until), start) if until is not None else start


def first_occurrence(text: str, start: When) -> When | None:
    """The first date of a rule.  RFC 5545 counts its start as one, schema.org may name any day before it."""
    found = expand(text, start, most=1)
    return found[0] if found else None


def expand(text: str, start: When, most: int = MOST_DATES, before: When | None = None) -> list[When]:
    """The first ``most`` dates of a rule, of the type of ``start``; [] for a rule that never comes true."""
    timed = isinstance(start, datetime)
    begin = start if isinstance(start, datetime) else datetime.combine(start, time())
    limit = datetime.combine(_day(before), time.max) if before is not None else begin + timedelta(days=366 * 9)
    found: list[When] = []
    try:
        for moment in rrulestr(text, dtstart=begin).xafter(begin, inc=True):
            if len(found) >= most or moment > limit:
                break
            found.append(moment if timed else moment.date())
    except (ValueError, OverflowError):
        return []
    return found


def _until(until: When, start: When, timezone: str) -> str:
    """UNTIL as RFC 5545 wants it: a day for days, UTC for times; a day counts to its end."""
    if not isinstance(start, datetime):
        return f"{_day(until):%Y%m%d}"
    moment = until if isinstance(until, datetime) else datetime.combine(until, time(23, 59, 59))
    aware = moment.replace(tzinfo=zone(timezone) or UTC)
    return f"{aware.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _exception(item: object, start: When, timezone: str) -> When | None:
    day = parse_when(scalar(item), timezone)
    if day is None:
        return None
    if not isinstance(start, datetime):
        return _day(day)
    if isinstance(day, datetime) and day.time() != time():
        return local(day, timezone)
    return datetime.combine(_day(day), start.time())


def joined(repeats: list[Repeat]) -> str:
    """One rule for schedules that differ only in their hour (mornings and afternoons); ``""`` if there is none."""
    head = repeats[0]
    if not isinstance(head.start, datetime) or not head.rrule or "COUNT" in head.rrule:
        return ""
    hours = []
    for other in repeats:
        if (
            not isinstance(other.start, datetime)
            or (other.rrule, other.timezone, other.start.date()) != (head.rrule, head.timezone, head.start.date())
            or other.start.minute != head.start.minute
            or (other.end is None) != (head.end is None)
            or (other.end is not None and head.end is not None and other.end - other.start != head.end - head.start)
            or [_day(day) for day in other.exdates] != [_day(day) for day in head.exdates]
        ):
            return ""
        hours.append(other.start.hour)
    return f"{head.rrule};BYHOUR={','.join(map(str, sorted(set(hours))))};BYMINUTE={head.start.minute};BYSECOND=0"
